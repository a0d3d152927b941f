/** Which packages an install of a Node project puts in place: by its lockfile, else by what its manifest asks for. */
import type { Call } from '../analysis/calls.ts';
import type { BuildContext } from '../analysis/context.ts';
import { packageCommand } from '../analysis/packages.ts';
import { matchesAny } from '../analysis/patterns.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { Facts } from '../facts/types.ts';
import { readQuietly, inFolder } from './node-projects.ts';
import { hasEntry, leavesFiles, startFindings, tableIn, under, type Table } from './findings.ts';
import { folderOption, installCall, type Program } from './node-calls.ts';
import { plainTextAt } from './lock.ts';
import type { InstalledPackage, LockQuestion } from './locked.ts';
import { LOCK_READERS, lookedUpFirst } from './node-locked.ts';
import type { NodeLibc } from './node-platform.ts';
import { omitsDevelopment } from './node-thinning.ts';
import { projectAt } from './node-work.ts';
import { closureOf, newestIn, type Release } from './npm-sizes.ts';
import type { WorkScope } from './work.ts';

export interface InstalledProject {
  readonly program: 'npm' | 'yarn' | 'pnpm' | 'bun';
  /** The folder of the project, of the image. */
  readonly root: string;
  readonly packages: readonly InstalledPackage[];
  /** What the tool downloads for it, where that is more. */
  readonly fetched?: readonly Release[];
  /** The name of the lockfile that tells; `undefined`: packages are those that rows bring together. */
  readonly lock: string | undefined;
  /** What npm asks the registry about: where the lockfile does not say where packages lie, and more. */
  readonly asked: readonly Release[];
  /** Yarn keeps packages as archives, outside node_modules. */
  readonly isPlugged: boolean;
}

/** Words behind `npm install` that are packages of the registry: `express@4`, `@a/b`. */
const PACKAGE = /^((?:@[\w.-]+\/)?[\w-][\w.-]*)(?:@([\w.^~*<>= |-]+))?$/;

const MANAGERS: Readonly<Record<string, Program>> = {
  npm: 'npm',
  yarn: 'yarn',
  yarnpkg: 'yarn',
  pnpm: 'pnpm',
  bun: 'bun',
};

/**
 * @param omits whether packages for development are left out; by default as the call says
 * @returns `undefined` for a call that installs no project, or where nothing is known of that
 */
export function installedBy(
  call: Call,
  scope: WorkScope,
  omits: boolean = omitsDevelopment(call, scope) === true,
): InstalledProject | undefined {
  const install = installCall(call.command, scope.facts);
  const added = install ? [] : addedBy(call, scope);
  if (added === undefined || install?.program === 'bower') return undefined;
  const program = install?.program ?? programOf(call, scope);
  const option = install ? (folderOption(install) ?? '.') : '.';
  if (program === undefined || leavesFiles(call.folder, option)) return undefined;
  return projectIn(under(call.folder, option), { program, added, omits }, scope);
}

function programOf(call: Call, { facts }: WorkScope): Program | undefined {
  return MANAGERS[packageCommand(call.command, facts)?.manager.id ?? ''];
}

/** The names of packages that a call adds to a project. */
function addedBy(call: Call, { facts }: WorkScope): readonly Release[] | undefined {
  const command = packageCommand(call.command, facts);
  if (command?.action !== 'install' || MANAGERS[command.manager.id] === undefined) return undefined;
  return namedPackages(command.operands.map(({ literal }) => literal));
}

/** What words name, as far as it is of the registry. */
export function namedPackages(words: readonly (string | undefined)[]): readonly Release[] {
  return words.flatMap((word) => {
    const [, name, spec] = PACKAGE.exec(word ?? '') ?? [];
    return name === undefined ? [] : { name, version: newestIn(spec ?? '') };
  });
}

interface Asked {
  readonly program: Program;
  readonly added: readonly Release[];
  readonly omits: boolean;
}

interface Known {
  readonly facts: Facts;
  readonly projects: Map<string, InstalledProject | undefined>;
}

const known = new RunMemory<BuildContext, Known>();

/** What lies in a project's node_modules after an install of its packages. */
export function projectIn(
  folder: string,
  asked: Asked,
  scope: WorkScope,
): InstalledProject | undefined {
  const { files, facts, image } = scope;
  const { program, omits } = asked;
  if (!files || program === 'bower') return undefined;
  const libc: NodeLibc = image?.libc?.kind === 'musl' ? 'musl' : 'glibc';
  if (asked.added.length > 0) return newProject(folder, program, asked, libc, scope);
  let own = known.get(files);
  if (own?.facts !== facts) known.set(files, (own = { facts, projects: new Map() }));
  // All that it depends on but the files and the facts: of the image, no more than this.
  const key = `${program} ${omits} ${libc} ${program === 'npm' && isOldNpm(scope)} ${folder}`;
  if (!own.projects.has(key))
    own.projects.set(key, newProject(folder, program, asked, libc, scope));
  return own.projects.get(key);
}

function newProject(
  folder: string,
  program: InstalledProject['program'],
  { added, omits }: Asked,
  libc: NodeLibc,
  scope: WorkScope,
): InstalledProject | undefined {
  const { facts, variable } = scope;
  const files = scope.files!;
  const project = projectAt(folder, program, scope);
  const root = project?.root ?? folder;
  if (!project && added.length === 0) return undefined;
  const found = startFindings({ files, folder: root, facts, variable });
  const manifests = [root, ...(project?.members ?? [])].flatMap((each) => {
    const manifest = readQuietly(found, inFolder(each, 'package.json'));
    const inside = each === root ? '' : each.slice(root === '' ? 0 : root.length + 1);
    return manifest ? [{ folder: inside, manifest }] : [];
  });
  const isOfBerry = project?.tool.id === 'yarn-berry';
  const about = { program, root, isPlugged: isOfBerry && !isLinked(root, scope) } as const;
  // Where its own is missing, each of them reads that of npm or Yarn, or starts from nothing.
  const readers = Object.entries({ ...LOCK_READERS[program], ...OTHERS[program] });
  for (const [name, read] of readers) {
    const path = inFolder(root, name);
    const text = hasEntry(files, path) ? plainTextAt(found.project, path) : undefined;
    if (text === undefined) continue;
    const question = { text, manifests, omitsDevelopment: omits, libc };
    const locked = read(question);
    if (!locked) continue;
    const more = closureOf(added, facts.npmSizes).filter(
      (each) => !locked.some((other) => other.name === each.name),
    );
    // The same list where nothing is added: what it weighs is remembered.
    const packages =
      more.length === 0 ? locked : [...locked, ...more.map((each) => ({ ...each, folder: '' }))];
    const others = program === 'yarn' ? read({ ...question, withOthers: true }) : undefined;
    return {
      ...about,
      packages,
      ...(others && { fetched: others }),
      lock: name,
      asked: program === 'npm' ? askedByNpm(packages, name, question, scope) : [],
    };
  }
  const asked = [...manifests.flatMap(({ manifest }) => askedBy(manifest, omits)), ...added];
  const packages = closureOf(asked, facts.npmSizes).map((each) => ({ ...each, folder: '' }));
  return { ...about, packages, lock: undefined, asked: packages };
}

/** npm also reads the lockfile of Yarn. */
function askedByNpm(
  packages: readonly InstalledPackage[],
  name: string,
  question: LockQuestion,
  scope: WorkScope,
): readonly Release[] {
  if (name === 'yarn.lock') return /^ {2}resolved /m.test(question.text) ? [] : packages;
  const first = isOldNpm(scope) ? undefined : lookedUpFirst(question);
  return first ?? unaddressedOf(packages);
}

const unaddressed = new RunMemory<readonly InstalledPackage[], readonly InstalledPackage[]>();

function unaddressedOf(packages: readonly InstalledPackage[]): readonly InstalledPackage[] {
  let found = unaddressed.get(packages);
  if (!found) {
    const own: InstalledPackage[] = [];
    for (const each of packages) if (each.isUnaddressed) own.push(each);
    found = own.length === packages.length ? packages : own;
    unaddressed.set(packages, found);
  }
  return found;
}

function isOldNpm({ image, facts }: WorkScope): boolean {
  if (!image) return false;
  const row = facts.toolAges.find(({ flag }) => flag === 'npm.packages');
  return row !== undefined && matchesAny(row.oldImages, `${image.name}:${image.tag}`);
}

const OTHERS: Readonly<Record<string, (typeof LOCK_READERS)[string]>> = {
  npm: LOCK_READERS['yarn']!,
};

function isLinked(root: string, { files }: WorkScope): boolean {
  const settings = files?.texts.get(inFolder(root, '.yarnrc.yml')) ?? '';
  return /^nodeLinker:\s*["']?(node-modules|pnpm)/m.test(settings);
}

function askedBy(manifest: Table, omits: boolean): Release[] {
  const fields = ['dependencies', 'optionalDependencies', ...(omits ? [] : ['devDependencies'])];
  return fields.flatMap((field) =>
    Object.entries(tableIn(manifest, field)).flatMap(([name, spec]) => {
      const text = typeof spec === 'string' ? spec : '';
      if (/^(file|link|workspace|portal):/.test(text)) return [];
      const [, alias, aliased] = /^npm:((?:@[^/]+\/)?[^@]+)(?:@(.*))?$/.exec(text) ?? [];
      return {
        name: alias ?? name,
        version: newestIn(alias === undefined ? text : (aliased ?? '')),
      };
    }),
  );
}
