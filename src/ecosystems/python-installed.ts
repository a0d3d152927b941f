/** Which packages an install of Python puts in place, with the bytes that lockfiles tell of wheels. */
import type { Call } from '../analysis/calls.ts';
import { entriesOf, entryAt, isWithin, textOf } from '../analysis/context.ts';
import { folderOf } from '../analysis/go-paths.ts';
import { packageCommand } from '../analysis/packages.ts';
import { parse as parseToml } from 'smol-toml';
import { isTable, tableIn, textIn, textsOf, type Table } from './findings.ts';
import { withNeeds, type PipPackage } from './pip-sizes.ts';
import { normalName, pythonLock, requirement, requirementsList } from './python-dependencies.ts';
import { localFolders, wordsOfPip } from './python-pip.ts';
import { pythonProject } from './python-project.ts';
import { inImage } from './python-site.ts';
import { ownName, type WorkScope } from './work.ts';
import { hasOption, valuesOf, type Words } from './words.ts';

export interface Installed {
  readonly packages: readonly PipPackage[];
  /** Folders of projects that are installed from their sources. */
  readonly locals: readonly string[];
  /** Something of it could not be read. */
  readonly isOpen: boolean;
}

export const NONE: Installed = { packages: [], locals: [], isOpen: false };

/** What pip installs by its words; what it was told before counts as there. */
export function pipInstalled(call: Call, scope: WorkScope): Installed {
  const command = packageCommand(call.command, scope.facts)!;
  const words = wordsOfPip(command);
  if (command.actionWord?.literal !== 'install') return NONE;
  return byWords(words, call, scope);
}

/** Folders whose projects pip builds, to install them or to keep the wheels. */
export function localsOf(call: Call, scope: WorkScope): readonly string[] {
  return byWords(wordsOfPip(packageCommand(call.command, scope.facts)!), call, scope).locals;
}

/** Words of pip, or of `uv pip install`. */
export function byWords(words: Words, call: Call, scope: WorkScope): Installed {
  const { facts } = scope;
  const files = valuesOf(words, '-r', '--requirement', '--requirements');
  const lists = files.map((path) => readList(inImage(path, call.folder), call.folder, scope));
  const plain = words.operands.flatMap((each) => asked(each) ?? []);
  const named = lists.flatMap((each) => each?.folders ?? []);
  const locals = [...new Set([...localFolders(words, call, scope), ...named])];
  const own = locals.map((folder) => requiresOf(folder, scope));
  const wheels = words.operands
    .filter((each) => each.endsWith('.whl'))
    .map((each) => wheelNamed(inImage(each, call.folder), scope));
  const roots = [...lists.map((each) => each?.packages), ...own].flatMap((each) => each ?? []);
  const asking = [...roots, ...plain, ...wheels].filter((each) => !isThere(each, words, scope));
  const all = words.options.has('--no-deps') ? asking : withNeeds(asking, facts);
  const beside = valuesOf(words, '-f', '--find-links').map((path) => inImage(path, call.folder));
  return {
    packages: all.map((each) => inFolders(each, beside, scope)),
    locals,
    isOpen: words.unknown !== undefined || [...lists, ...own].includes(undefined),
  };
}

/** What official images bring with pip stays as it is where nobody asks for another. */
function isThere({ name, version }: PipPackage, words: Words, { image }: WorkScope): boolean {
  const isAsked = version !== undefined || hasOption(words, '-U', '--upgrade', '-I', '-t');
  const minor = Number(/^3\.(\d+)/.exec(image?.runtimes.get('python') ?? '')?.[1]);
  const brings = minor < 12 ? /^(pip|setuptools|wheel)$/ : /^pip$/;
  return !isAsked && image?.family === 'python' && brings.test(name);
}

/** With the bytes of the wheel where one lies in a folder that pip is told to look at. */
function inFolders(
  wanted: PipPackage,
  folders: readonly string[],
  { files }: WorkScope,
): PipPackage {
  if (folders.length === 0 || !files) return wanted;
  const found = entriesOf(files).find(
    ({ path, kind }) =>
      kind === 'file' &&
      path.endsWith('.whl') &&
      folders.some((folder) => isWithin(path, folder)) &&
      normalName(nameOf(path)) === wanted.name,
  );
  return found ? { ...wanted, ...wheelOf(found.path, found.bytes) } : wanted;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).split('-')[0]!;
}

function wheelOf(path: string, bytes: number): Partial<PipPackage> {
  const version = path.slice(path.lastIndexOf('/') + 1).split('-')[1];
  return { version, wheel: bytes, isPure: path.endsWith('-none-any.whl') };
}

function asked(text: string): PipPackage | undefined {
  if (/^[./]|\.(whl|zip|gz)$/.test(text)) return undefined;
  return requirement(text);
}

function wheelNamed(path: string, { files }: WorkScope): PipPackage {
  const found = files && entryAt(files, path);
  const name = normalName(nameOf(path));
  return { name, ...(found ? wheelOf(path, found.bytes) : {}) };
}

const INCLUDE = /^(?:-r|--requirements?)(?:[= ]\s*|(?=[^-\s]))(\S+)/gm;

/** A line that names a folder of the project. */
const FOLDER = /^(?:(?:-e|--editable)[= ]\s*)?(?:file:)?(\.{0,2}\/[^\s;[]*|\.{1,2}(?=[\s;[]|$))/gm;

interface List {
  readonly packages: readonly PipPackage[];
  readonly folders: readonly string[];
}

/**
 * A requirements file with those that it names; `undefined` where it cannot be read.
 *
 * @param folder in which pip runs: local paths count from there
 */
function readList(
  path: string,
  folder: string,
  scope: WorkScope,
  seen: readonly string[] = [],
): List | undefined {
  if (seen.includes(path)) return { packages: [], folders: [] };
  const found = scope.files && textOf(scope.files, path);
  if (found?.kind !== 'text') return undefined;
  if (path.endsWith('.toml')) {
    const packages = requiresOf(folderOf(path), scope);
    return packages && { packages, folders: [] };
  }
  const inner = [...found.text.matchAll(INCLUDE)].map((match) =>
    readList(inImage(match[1]!, folderOf(path)), folder, scope, [...seen, path]),
  );
  if (inner.includes(undefined)) return undefined;
  const folders = [...found.text.matchAll(FOLDER)]
    .map((match) => match[1]!)
    .filter((each) => !/\.(whl|zip|gz)$/.test(each));
  return {
    packages: [
      ...(requirementsList(found.text)?.packages ?? []),
      ...inner.flatMap((each) => each!.packages),
    ],
    folders: [
      ...folders.map((each) => inImage(each, folder)),
      ...inner.flatMap((each) => each!.folders),
    ],
  };
}

function requiresOf(folder: string, { files }: WorkScope): readonly PipPackage[] | undefined {
  const lines = files && pythonProject(files, folder)?.requires;
  return lines?.flatMap((line) => requirement(line) ?? []);
}

/** What Poetry, Pipenv or uv take from a lockfile beside the project, or from its manifest. */
export function toolInstalled(call: Call, scope: WorkScope): Installed {
  const name = ownName(call);
  const { folder } = call;
  const words = call.args.filter((each) => each !== undefined);
  const isWithout = words.some((word) =>
    /^--(no-dev|without(=.*)?|only(=.*)?|no-default-groups|only-main)$/.test(word),
  );
  const isLeft = words.some((word) =>
    /^--(no-root|no-install-(project|workspace|local))$/.test(word),
  );
  const read = (path: string): string | undefined => {
    const found = scope.files && textOf(scope.files, inImage(path, folder));
    return found?.kind === 'text' ? found.text : undefined;
  };
  const project = isLeft || name === 'pipenv' ? [] : [folder];
  const lock = read(`${name === 'pipenv' ? 'Pipfile' : name}.lock`);
  if (lock !== undefined && name === 'uv') {
    const packages = uvInstalled(lock, words);
    return { packages: packages ?? [], locals: project, isOpen: packages === undefined };
  }
  if (lock !== undefined) {
    const isDev = name === 'pipenv' ? words.includes('--dev') || words.includes('-d') : !isWithout;
    const list = name === 'poetry' ? pythonLock.poetry(lock) : pythonLock.pipenv(lock);
    const packages = list?.packages.filter((each) => isDev || each.isDevelopment !== true);
    return { packages: packages ?? [], locals: project, isOpen: packages === undefined };
  }
  const own = requiresOf(folder, scope);
  return {
    packages: withNeeds(own ?? [], scope.facts),
    locals: project,
    isOpen: own === undefined,
  };
}

/** A package of uv.lock, with what it needs. */
interface Locked extends PipPackage {
  readonly needs: readonly PipPackage[];
  readonly extraNeeds: Table;
}

/** The part of uv.lock that `uv sync` installs on Linux, by its graph from the project on. */
export function uvInstalled(
  text: string,
  words: readonly string[],
): readonly PipPackage[] | undefined {
  let entries: readonly Table[];
  try {
    const list = tableIn({ lock: parseToml(text) }, 'lock')['package'];
    entries = Array.isArray(list) ? list.filter(isTable) : [];
  } catch {
    return undefined;
  }
  const all = new Map(entries.map((entry) => [textIn(entry, 'name') ?? '', locked(entry)]));
  const roots = entries.filter((entry) => {
    const source = tableIn(entry, 'source');
    return source['virtual'] !== undefined || source['editable'] !== undefined;
  });
  const isAll = words.includes('--all-extras');
  const values = (option: string): readonly string[] =>
    words.filter((_, index) => words[index - 1] === option);
  const groups = new Set([
    ...(words.some((word) => /^--(no-dev|no-default-groups)$/.test(word)) ? [] : ['dev']),
    ...values('--group'),
  ]);
  const queue = roots.flatMap((root) => [
    ...listed(root['dependencies']),
    ...Object.entries(tableIn(root, 'optional-dependencies')).flatMap(([extra, list]) =>
      isAll || values('--extra').includes(extra) ? listed(list) : [],
    ),
    ...Object.entries(tableIn(root, 'dev-dependencies')).flatMap(([group, list]) =>
      groups.has(group) || words.includes('--all-groups') ? listed(list) : [],
    ),
  ]);
  const own = new Set(roots.map((root) => textIn(root, 'name')));
  const found = new Map<string, PipPackage>();
  const seen = new Set<string>();
  for (let each = queue.shift(); each; each = queue.shift()) {
    const key = `${each.name}[${each.extras?.join(',') ?? ''}]`;
    const entry = all.get(each.name);
    if (seen.has(key) || !entry) continue;
    seen.add(key);
    if (!own.has(each.name)) found.set(each.name, entry);
    queue.push(...entry.needs);
    for (const extra of each.extras ?? []) queue.push(...listed(entry.extraNeeds[extra]));
  }
  return [...found.values()];
}

function locked(entry: Table): Locked {
  const wheels = Array.isArray(entry['wheels']) ? entry['wheels'].filter(isTable) : [];
  const ranked = wheels
    .map((wheel) => ({ wheel, rank: rankOf(textIn(wheel, 'url') ?? textIn(wheel, 'path') ?? '') }))
    .filter(({ rank }) => rank !== undefined)
    .toSorted((one, other) => one.rank! - other.rank!);
  const best = ranked[0];
  const size = best?.wheel['size'];
  return {
    name: normalName(textIn(entry, 'name') ?? ''),
    version: textIn(entry, 'version'),
    ...(typeof size === 'number' && { wheel: size, isPure: best!.rank === 0 }),
    needs: listed(entry['dependencies']),
    extraNeeds: tableIn(entry, 'optional-dependencies'),
  };
}

/** Which wheel a CPython of today takes on amd64 with glibc; the sizes of neighbours differ little. */
function rankOf(address: string): number | undefined {
  const [python = '', abi = '', platform = ''] = address
    .replace(/\.whl.*$/, '')
    .split('-')
    .slice(-3);
  if (platform === 'any') return 0;
  if (!/linux.*x86_64/.test(platform) || platform.startsWith('musl') || /\dt$/.test(abi)) {
    return undefined;
  }
  if (abi === 'abi3' || python.startsWith('py')) return 1;
  const minor = Number(/^cp3(\d+)/.exec(python)?.[1]);
  return Number.isNaN(minor) ? undefined : 2 + Math.abs(minor - 12);
}

const ELSEWHERE =
  /^(?!.* or ).*((sys_platform|platform_system|os_name) == '(win32|Windows|darwin|Darwin|nt)'|python_(full_)?version < '3\.([0-9]|10)(\.\d+)?'|PyPy)/;

function listed(value: unknown): readonly PipPackage[] {
  const list = Array.isArray(value) ? value.filter(isTable) : [];
  return list
    .filter((each) => !ELSEWHERE.test(textIn(each, 'marker') ?? ''))
    .map((each) => ({ name: textIn(each, 'name') ?? '', extras: textsOf(each['extra']) }));
}
