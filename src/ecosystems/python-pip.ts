/** What pip puts in place, and whether that can be put into a folder of its own to be copied as a whole. */
import type { Call } from '../analysis/calls.ts';
import { entryAt, isWithin, type BuildContext } from '../analysis/context.ts';
import { packageCommand, type PackageCommand } from '../analysis/packages.ts';
import { folderOf } from '../analysis/go-paths.ts';
import { base, compiledHere, inProject, nothing, siteWork } from './python-makes.ts';
import { requirement } from './python-dependencies.ts';
import { homeOf, inImage, siteOf, type NoSite, type Site } from './python-site.ts';
import {
  isRoot,
  ownName,
  type Product,
  type Redirecting,
  type Work,
  type WorkAnswer,
  type WorkScope,
} from './work.ts';
import { hasOption, readWords, valuesOf, type Words } from './words.ts';

/** Variables that send what pip installs elsewhere. */
const ELSEWHERE = [
  'PIP_TARGET',
  'PIP_PREFIX',
  'PIP_ROOT',
  'PIP_USER',
  'PIP_CONFIG_FILE',
  'PYTHONUSERBASE',
];

export function pipWork(call: Call, scope: WorkScope): WorkAnswer {
  const command = packageCommand(call.command, scope.facts)!;
  const words = wordsOfPip(command);
  switch (command.actionWord?.literal) {
    case 'install':
      return installWork(call, command, words, scope);
    case 'uninstall':
      return siteWork(pipSite(call, words, scope), scope);
    case 'wheel':
    case 'download': {
      const [folder = '.'] = valuesOf(words, '-w', '--wheel-dir', '-d', '--dest');
      const product: Product = {
        path: inImage(folder, call.folder),
        of: 'dependencies',
        isNamed: true,
      };
      return product.path === ''
        ? nothing(scope)
        : { ...base(scope), makes: [product], isKept: true };
    }
    case undefined:
    default:
      return nothing(scope);
  }
}

export function wordsOfPip({ args, actionWord, manager }: PackageCommand): Words {
  return readWords(
    args.filter((word) => word !== actionWord),
    manager.valueOptions,
    true,
  );
}

/** Where it goes by the words of the call, the variables around it and who runs it. */
export function pipSite(call: Call, words: Words, scope: WorkScope): Site | NoSite {
  const odd = ELSEWHERE.find((name) => scope.variable(name) !== '');
  if (odd !== undefined) return { why: `${odd} may say where pip installs` };
  if (words.options.has('--root')) return { why: 'pip installs below another root' };
  const [target] = valuesOf(words, '-t', '--target');
  if (target !== undefined) {
    return { kind: 'environment', folder: inImage(target, call.folder) };
  }
  const site = siteOf(call, scope);
  if ('why' in site || site.kind === 'environment') return site;
  if (!isRoot(scope) || words.options.has('--user')) {
    const home = homeOf(scope);
    if (home === undefined) return { why: 'nobody knows whose home folder pip installs to' };
    return { kind: 'home', folder: `${home}/.local` };
  }
  return site;
}

function installWork(
  call: Call,
  command: PackageCommand,
  words: Words,
  scope: WorkScope,
): WorkAnswer {
  const [prefix] = valuesOf(words, '--prefix');
  if (prefix !== undefined) {
    const path = inImage(prefix, call.folder);
    const makes: Product[] = [{ path, of: 'dependencies', isShared: true }];
    return { ...base(scope), makes, isOpen: true };
  }
  const site = pipSite(call, words, scope);
  if ('why' in site) return site;
  const locals = localFolders(words, call, scope);
  const own = locals.map((folder) => compiledHere(folder, scope));
  const isKept = own.every((each) => each.isKept === true);
  const hasMore = locals.length === 0 || asksForMore(words);
  const libraries = own.flatMap((each) => each.libraries ?? []);
  const assumptions = own.flatMap((each) => each.assumptions ?? []);
  const more: Partial<Work> = {
    ...(isKept && { isKept }),
    ...((hasMore || own.some(({ isOpen }) => isOpen === true)) && { isOpen: true }),
    ...(libraries.length > 0 && { libraries }),
    ...(assumptions.length > 0 && { assumptions }),
  };
  const listed = editableLines(words, call, scope);
  const isChanged = (each: string): boolean =>
    !isPure(inImage(withoutExtras(each), call.folder), scope);
  const editable = [...valuesOf(words, '-e', '--editable'), ...listed.filter(isChanged)];
  if (editable.some((each) => /^(git|hg|svn)\+/.test(each))) {
    return { why: 'pip keeps a clone of what it installs in a folder of its own' };
  }
  if (editable.length > 0) {
    const found = siteWork(site, scope, more);
    const [folder, ...others] = editable.map((each) => inImage(withoutExtras(each), call.folder));
    const inside = inProject({ ...call, folder: folder! }, scope, more);
    if ('why' in found || 'why' in inside) return 'why' in found ? found : inside;
    const other = others.find((each) => !isWithin(each, inside.within!));
    if (other !== undefined) return { why: `pip also leaves what it installs in /${other}` };
    return { ...inside, makes: found.makes };
  }
  if (site.kind === 'system' && isForBuild(words, scope)) return nothing(scope);
  const redirects = listed.length > 0 ? undefined : redirection(command, words, site, call, scope);
  if (!redirects) return siteWork(site, scope, more);
  const makes: Product[] = [{ path: 'install', of: 'dependencies', isShared: true }];
  return { ...base(scope), makes, ...more, redirects };
}

/** Whether an install leaves nothing beside the sources of a project: nothing is compiled, and no `setup.py develop` runs. */
function isPure(folder: string, scope: WorkScope): boolean {
  const { files } = scope;
  const isModern =
    !hasSetuptools(scope) ||
    (files !== undefined && entryAt(files, `${folder}/pyproject.toml`) !== undefined);
  const own = compiledHere(folder, scope);
  return isModern && own.isKept === true && own.isOpen !== true;
}

function asksForMore(words: Words): boolean {
  return (
    valuesOf(words, '-r', '--requirement').length > 0 ||
    words.operands.some((each) => !isLocal(each))
  );
}

/** Folders of projects that it installs from their sources. */
export function localFolders(
  words: Words,
  { folder }: Call,
  { files }: WorkScope,
): readonly string[] {
  const named = [...words.operands.filter(isLocal), ...valuesOf(words, '-e', '--editable')];
  return named
    .map((each) => inImage(withoutExtras(each), folder))
    .filter((path) => files === undefined || path === '' || entryAt(files, path)?.kind !== 'file');
}

function isLocal(operand: string): boolean {
  return /^(\.{0,2}\/|\.{1,2}(\[|$))/.test(operand) && !/\.(whl|zip|gz)$/.test(operand);
}

function withoutExtras(path: string): string {
  return path.replace(/\[[^\]]*\]$/, '');
}

/** Packages that install others, and are no part of a program. */
const TOOLS =
  /^(pip|wheel|setuptools|virtualenv|poetry|poetry-core|pipenv|uv|pip-tools|build|pdm|hatch|setuptools-rust|setuptools-scm)$/;

/** Whether it only brings tools of the build, which nothing calls when the program runs. */
function isForBuild(words: Words, scope: WorkScope): boolean {
  const names = operandNames(words);
  if (!names || names.length === 0 || !names.every((name) => TOOLS.test(name))) return false;
  // Where the interpreter comes without it, packages may rely on the one that is installed here.
  if (names.includes('setuptools') && !hasSetuptools(scope)) return false;
  return !scope.started.some(({ program }) => names.includes(program));
}

function operandNames(words: Words): readonly string[] | undefined {
  if (valuesOf(words, '-r', '--requirement', '-e', '--editable').length > 0) return undefined;
  const names = words.operands.map((each) => requirement(each)?.name);
  return names.every((name) => name !== undefined) ? names : undefined;
}

/** Images of Python before 3.12 come with setuptools. */
function hasSetuptools({ image }: WorkScope): boolean {
  const [, minor] = /^3\.(\d+)/.exec(image?.runtimes.get('python') ?? '') ?? [];
  return minor !== undefined && Number(minor) < 12;
}

/** Options that say where something goes, or that what is there matters. */
const PLACED = [
  '--prefix',
  '--root',
  '-t',
  '--target',
  '--user',
  '-e',
  '--editable',
  '--src',
  '--no-build-isolation',
  '--ignore-installed',
  '-I',
];

/** Where the install can go to a folder of its own: into an official image, where nothing uses it before it is shipped. */
function redirection(
  { actionWord }: PackageCommand,
  words: Words,
  site: Site,
  { folder }: Call,
  scope: WorkScope,
): Redirecting | undefined {
  if (site.kind !== 'system' || !site.isOfficial || !scope.isShell || !actionWord) return undefined;
  if (hasOption(words, ...PLACED)) return undefined;
  if (scope.files === undefined || entryAt(scope.files, 'install')) return undefined;
  if (asksForNothing(words, folder, scope.files)) return undefined;
  if (scope.earlier.some((each) => !isHarmless(each, scope))) return undefined;
  if (!scope.later.every((each) => isSafeBehind(each, scope))) return undefined;
  return { after: actionWord.end, text: ' --prefix=/install', to: 'usr/local' };
}

/** Whether its lists name no package: pip makes no folder then. */
function asksForNothing(words: Words, folder: string, { texts }: BuildContext): boolean {
  const lists = valuesOf(words, '-r', '--requirement');
  const lines = lists.map((path) => texts.get(inImage(path, folder))?.split(/\r?\n/));
  return (
    words.operands.length === 0 &&
    lists.length > 0 &&
    lines.every(
      (each) =>
        each?.every((line) => /^\s*(#|$|-(?!-?(r|e)\b|-requirement|-editable))/.test(line)) ===
        true,
    )
  );
}

/** What lists of packages name to be installed where it lies: folders, or addresses. */
function editableLines(words: Words, { folder }: Call, { files }: WorkScope): readonly string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  const follow = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const line of files?.texts.get(path)?.split(/\r?\n/) ?? []) {
      const list = /^\s*(?:-r|--requirement)[= ]*([^\s#]+)/.exec(line)?.[1];
      const editable = /^\s*(?:-e|--editable)[= ]*([^\s#]+)/.exec(line)?.[1];
      if (list !== undefined) follow(inImage(list, folderOf(path)));
      if (editable !== undefined) found.push(editable.replace(/^file:(\/\/)?/, ''));
    }
  };
  for (const each of valuesOf(words, '-r', '--requirement')) follow(inImage(each, folder));
  return found;
}

/** An install in front of it would be taken for a part of it that is there already. */
function isHarmless(call: Call, scope: WorkScope): boolean {
  const command = packageCommand(call.command, scope.facts);
  if (command?.manager.id !== 'pip') {
    return !/^(poetry|pipenv|uv|easy_install|pdm|conda)$/.test(ownName(call)) && !isInstaller(call);
  }
  if (command.actionWord?.literal !== 'install') return true;
  const names = operandNames(wordsOfPip(command));
  return (
    names !== undefined &&
    names.every((name) => name === 'pip' || (name === 'setuptools' && hasSetuptools(scope)))
  );
}

function isInstaller({ args }: Call): boolean {
  return args.some((arg) => /(^|\/)(setup|get-pip)\.py$/.test(arg ?? ''));
}

/** Whether a call behind an install surely uses nothing of what was installed. */
function isSafeBehind(call: Call, { image }: WorkScope): boolean {
  const name = ownName(call);
  if (/^(python|pypy|pip|sh|bash|make)[\d.]*$/.test(name)) return false;
  if (call.program.includes('/') && !/^\/(usr\/)?s?bin\//.test(call.program)) return false;
  if (call.args.some((arg) => arg === undefined || /usr\/local\/(lib|bin)/.test(arg))) return false;
  return /^(cd|set|export|unset|umask|:|true)$/.test(name) || image?.hasCommand(name) === 'yes';
}
