/** What all tools of Python have in common when they make something. */
import type { Call } from '../analysis/calls.ts';
import { entriesIn } from '../analysis/context.ts';
import { folderOf } from '../analysis/go-paths.ts';
import { packagesOf } from './c-libraries.ts';
import { pythonProject } from './python-project.ts';
import { productsOf, type NoSite, type Site } from './python-site.ts';
import { ownedBy, type Product, type Work, type WorkAnswer, type WorkScope } from './work.ts';

/** The same for all that Python makes. */
export function base(scope: WorkScope): Pick<Work, 'ecosystem' | 'links' | 'runBy'> {
  return {
    ecosystem: 'python',
    links: 'by headers',
    ...(isOfSystem(scope) && { runBy: ['python3'] }),
  };
}

/** Whether the interpreter is a package of the distribution. */
function isOfSystem({ image }: WorkScope): boolean {
  return image !== undefined && !image.runtimes.has('python');
}

/** What the packages of a distribution that bring pip bring besides, and a program may rely on. */
function besides(scope: WorkScope): readonly string[] {
  if (!isOfSystem(scope) || scope.image?.packageManager !== 'apt') return [];
  const texts = [...(scope.files?.texts ?? [])].filter(([path]) => path.endsWith('.py'));
  const isAlone =
    scope.files !== undefined &&
    texts.every(
      ([, text]) => !/https|\bssl\b|urllib|http\.client|socket|requests|aiohttp/.test(text),
    ) &&
    ![...scope.files.texts.keys()].some((path) => /requirements|Pipfile|\.lock$/.test(path));
  return ['python3', ...(hasPip(scope) && !isAlone ? ['ca-certificates'] : [])];
}

function hasPip({ earlier }: WorkScope): boolean {
  return earlier.some(({ args }) =>
    args.some((each) => /^python3?-(pip|virtualenv)$/.test(each ?? '')),
  );
}

/** With what all that Python makes needs of the system. */
export function made(
  scope: WorkScope,
  makes: readonly Product[],
  { libraries = [], ...more }: Partial<Work>,
): Work {
  const all = [...besides(scope), ...libraries];
  const work = { ...base(scope), makes, ...more, ...(all.length > 0 && { libraries: all }) };
  return ownedBy(work, scope);
}

export function nothing(scope: WorkScope): Work {
  return { ...base(scope), makes: [], isKept: true };
}

/** All that lies in the folder of the project may be what it writes. */
export function inProject(
  call: Call,
  scope: WorkScope,
  more: Partial<Work> = { isKept: true },
): WorkAnswer {
  const folder = projectFolder(call, scope);
  if (folder === '') return { why: 'the project lies in the root folder' };
  return made(scope, [], { within: folder, ...more });
}

/** The outermost folder above that files lie in. */
export function projectFolder({ folder }: Call, { files }: Pick<WorkScope, 'files'>): string {
  let found = folder;
  if (!files) return found;
  for (let at = folder; at !== ''; at = folderOf(at)) {
    if (entriesIn(files, at).some(({ kind }) => kind !== 'folder')) found = at;
  }
  return found;
}

export function data(paths: readonly string[], scope: WorkScope): Work {
  const makes = paths.map((path): Product => ({ path, of: 'dependencies' }));
  return { ...base(scope), makes, isKept: true };
}

/** What is put into a site. */
export function siteWork(
  site: Site | NoSite,
  scope: WorkScope,
  more: Partial<Work> = { isKept: true },
): WorkAnswer {
  if ('why' in site) return site;
  const isBesides = site.kind === 'system' && !site.isOfficial;
  // pip takes what comes with it for installed.
  const libraries = [
    ...(more.libraries ?? []),
    ...(isBesides && hasPip(scope) ? ['python3-setuptools'] : []),
  ];
  return made(scope, productsOf(site), libraries.length > 0 ? { ...more, libraries } : more);
}

/** What the project of a folder compiles, and links. */
export function compiledHere(folder: string, scope: WorkScope): Partial<Work> {
  const { files, image, facts } = scope;
  const project = files && pythonProject(files, folder);
  if (!project || project.compiles === undefined) return { isOpen: true, isKept: true };
  if (!project.compiles) return { isKept: true };
  const libraries = linked(project.libraries, { image, facts });
  if (libraries) return { libraries };
  return {
    isOpen: true,
    assumptions: [`what /${folder} compiles links no library of ${image?.name ?? 'the base'}`],
  };
}

function linked(
  names: readonly string[] | undefined,
  { image, facts }: Pick<WorkScope, 'image' | 'facts'>,
): readonly string[] | undefined {
  // Where the base has no headers, those that the stage installs say what is linked.
  if (image?.packageManager === 'apt' && image.hasPackage('zlib1g-dev') === 'no') return [];
  if (!names || !image) return undefined;
  const found = names.map((name) =>
    name === 'gomp' ? ['libgomp1'] : packagesOf(name, image, facts),
  );
  return found.some((each) => each === undefined) ? undefined : found.flatMap((each) => each ?? []);
}
