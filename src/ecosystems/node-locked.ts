/** Which packages an install by a lockfile puts in place, and in which folders. */
import { RunMemory } from '../dockerfile/run-memory.ts';
import { parseJson, parseYaml } from './parse-text.ts';
import { isTable, tableIn, textIn, type Table } from './findings.ts';
import { npmEntries, type InstalledPackage, type LockQuestion } from './locked.ts';
import { isForPlatform, isForPlatformByName } from './node-platform.ts';
import { isBerryLock } from './yarn-lock.ts';
import { berryPackages, classicPackages } from './yarn-locked.ts';

/** @returns `undefined` where the lockfile cannot be read */
export type ReadLock = (question: LockQuestion) => readonly InstalledPackage[] | undefined;

/** By the names of lockfiles, those first that win where several are there. */
export const LOCK_READERS: Readonly<Record<string, Readonly<Record<string, ReadLock>>>> = {
  npm: { 'npm-shrinkwrap.json': npmPackages, 'package-lock.json': npmPackages },
  yarn: { 'yarn.lock': yarnPackages },
  pnpm: { 'pnpm-lock.yaml': pnpmPackages },
  bun: { 'bun.lock': bunPackages },
};

function parsed(text: string, parse: (text: string) => unknown): Table | undefined {
  try {
    const value = parse(text);
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

type OfLock = Map<string, readonly InstalledPackage[]>;

const read = new RunMemory<Table, OfLock>();

function npmPackages(question: LockQuestion): readonly InstalledPackage[] | undefined {
  const lock = parsed(question.text, parseJson);
  if (!lock) return undefined;
  let known = read.get(lock);
  if (!known) read.set(lock, (known = new Map<string, readonly InstalledPackage[]>()));
  const { omitsDevelopment, libc, withOthers } = question;
  const key = `${omitsDevelopment} ${libc} ${withOthers}`;
  let packages = known.get(key);
  if (!packages) known.set(key, (packages = readNpm(lock, question)));
  return packages;
}

const MODULES = 'node_modules/';

// A loop, as it reads hundreds of packages.
function readNpm(lock: Table, question: LockQuestion): InstalledPackage[] {
  const entries = npmEntries(lock);
  if (entries.length === 0) return firstNpmPackages(lock, question);
  const found: InstalledPackage[] = [];
  for (const { path, at, entry } of entries) {
    if (at < 0 || entry['link'] === true) continue;
    // What is `devOptional` stays as long as optional packages do.
    if (question.omitsDevelopment && entry['dev'] === true) continue;
    // Most say nothing of platforms.
    const isNamed =
      entry['os'] !== undefined || entry['cpu'] !== undefined || entry['libc'] !== undefined;
    if (isNamed && !isForPlatform(entry, question.libc)) continue;
    const { name: own, version: given, resolved, inBundle } = entry;
    const name = typeof own === 'string' ? own : path.slice(at + MODULES.length);
    const version = typeof given === 'string' ? given : undefined;
    const first = path.indexOf(MODULES);
    const folder = path.slice(0, first > 0 && path[first - 1] === '/' ? first - 1 : first);
    const isKnown = inBundle === true || (typeof resolved === 'string' && resolved.includes(':'));
    found.push(
      isKnown ? { name, version, folder } : { name, version, folder, isUnaddressed: true },
    );
  }
  return found;
}

/** The format of npm 5 and 6: packages inside packages, nothing about platforms. */
function firstNpmPackages(
  lock: Table,
  { omitsDevelopment, withOthers }: LockQuestion,
): InstalledPackage[] {
  const visit = (packages: Table): InstalledPackage[] =>
    Object.entries(packages).flatMap(([name, entry]) => {
      if (!isTable(entry) || (omitsDevelopment && entry['dev'] === true)) return [];
      if (!withOthers && !isForPlatformByName(name)) return [];
      const version = textIn(entry, 'version');
      const alias = /^npm:((?:@[^/]+\/)?[^@]+)@(.+)$/.exec(version ?? '');
      const own = alias ? { name: alias[1]!, version: alias[2]! } : { name, version };
      const isKnown = entry['bundled'] === true || /:/.test(textIn(entry, 'resolved') ?? '');
      return [
        { ...own, folder: '', ...(!isKnown && { isUnaddressed: true as const }) },
        ...visit(tableIn(entry, 'dependencies')),
      ];
    });
  return visit(tableIn(lock, 'dependencies'));
}

/**
 * npm 7 and newer look up all that a lockfile of npm 5 and 6 names, whatever of it is installed: the
 * older format does not say what they have to know.
 *
 * @returns `undefined` for other formats
 */
export function lookedUpFirst(question: LockQuestion): readonly InstalledPackage[] | undefined {
  // Later formats say so near their beginning: they are not read once more.
  if (/"packages"\s*:/.test(question.text)) return undefined;
  const lock = parsed(question.text, parseJson);
  if (!lock || !isTable(lock['dependencies'])) return undefined;
  return firstNpmPackages(lock, { ...question, omitsDevelopment: false, withOthers: true });
}

function yarnPackages(question: LockQuestion): readonly InstalledPackage[] | undefined {
  return isBerryLock(question.text) ? berryPackages(question) : classicPackages(question);
}

const PLAIN_FIELDS = ['dependencies', 'optionalDependencies'] as const;

function fieldsOf(omitsDevelopment: boolean): readonly string[] {
  return omitsDevelopment ? PLAIN_FIELDS : [...PLAIN_FIELDS, 'devDependencies'];
}

/** pnpm has each release once, whoever asks for it: further names of its files take nothing. */
function pnpmPackages(question: LockQuestion): readonly InstalledPackage[] | undefined {
  const lock = parsed(question.text, parseYaml);
  if (!lock) return undefined;
  const packages = tableIn(lock, 'packages');
  const kept = keptByPnpm(lock, question.omitsDevelopment);
  const found = new Map<string, InstalledPackage>();
  for (const [key, entry] of Object.entries(packages)) {
    if (!isTable(entry) || !isForPlatform(entry, question.libc) || !kept(key, entry)) continue;
    const bare = withoutPeers(key.replace(/^\//, ''));
    const match = /^((?:@[^/]+\/)?[^@/]+)[@/](\d.*)$/.exec(bare);
    const name = textIn(entry, 'name') ?? match?.[1];
    const version = textIn(entry, 'version') ?? match?.[2];
    if (name !== undefined) found.set(`${name}@${version}`, { name, version, folder: '' });
  }
  return [...found.values()];
}

/** `a@1.0.0(b@2.0.0)`, and `a/1.0.0_b@2.0.0` of older formats. */
function withoutPeers(key: string): string {
  return key.replace(/\(.*$/, '').replace(/(?<=[/@]\d[^_/]*)_.*$/, '');
}

type IsKept = (key: string, entry: Table) => boolean;

/** Which packages an install puts in place; older formats say themselves what is for development. */
function keptByPnpm(lock: Table, omitsDevelopment: boolean): IsKept {
  const snapshots = tableIn(lock, 'snapshots');
  if (!isTable(lock['snapshots'])) return (_, entry) => !omitsDevelopment || entry['dev'] !== true;
  const fields = fieldsOf(omitsDevelopment);
  const seen = new Set<string>();
  const add = (name: string, version: string | undefined): void => {
    if (version === undefined || /^(link|file|workspace):/.test(version)) return;
    // An alias names the package that it stands for.
    const alias = /^(@[^/]+\/)?[^@(]+@/.test(version);
    seen.add(alias ? version : `${name}@${version}`);
  };
  for (const importer of Object.values(tableIn(lock, 'importers'))) {
    if (!isTable(importer)) continue;
    for (const field of fields) {
      for (const name of Object.keys(tableIn(importer, field))) {
        add(name, textIn(importer, field, name, 'version'));
      }
    }
  }
  for (const key of seen) {
    for (const field of PLAIN_FIELDS) {
      const needed = tableIn(tableIn(snapshots, key), field);
      for (const name of Object.keys(needed)) add(name, textIn(needed, name));
    }
  }
  const bare = new Set([...seen].map(withoutPeers));
  return (key) => bare.has(key);
}

/** bun.lock: by where they lie, `a/b` for what lies in a's own folder. */
function bunPackages({
  text,
  omitsDevelopment,
  libc,
}: LockQuestion): readonly InstalledPackage[] | undefined {
  const lock = parsed(text.replace(/,(?=\s*[}\]])/g, ''), parseJson);
  if (!lock) return undefined;
  const packages = tableIn(lock, 'packages');
  const fields = fieldsOf(omitsDevelopment);
  const seen = new Set<string>();
  const add = (name: string, from: string): void => {
    for (let at = from; ; at = at.replace(/(^|\/)(@[^/]+\/)?[^/]+$/, '')) {
      const path = at === '' ? name : `${at}/${name}`;
      if (Object.hasOwn(packages, path)) return void seen.add(path);
      if (at === '') return;
    }
  };
  for (const workspace of Object.values(tableIn(lock, 'workspaces'))) {
    if (!isTable(workspace)) continue;
    for (const field of fields) {
      for (const name of Object.keys(tableIn(workspace, field))) add(name, '');
    }
  }
  const found: InstalledPackage[] = [];
  for (const path of seen) {
    const [resolved, , about] = packages[path] as readonly unknown[];
    const match = /^((?:@[^/]+\/)?[^@]+)@(.*)$/.exec(String(resolved));
    const entry = isTable(about) ? about : {};
    if (!match || match[2]!.startsWith('workspace:') || !isForPlatform(entry, libc)) continue;
    found.push({ name: match[1]!, version: match[2], folder: '' });
    for (const field of [...PLAIN_FIELDS, 'peerDependencies']) {
      for (const name of Object.keys(tableIn(entry, field))) add(name, path);
    }
  }
  return found;
}

/** The names of packages that stay without those for development; `undefined` for several projects in one. */
export function keptByYarn(lock: string, manifest: string): ReadonlySet<string> | undefined {
  const top = parsed(manifest, parseJson);
  if (!top || top['workspaces'] !== undefined) return undefined;
  const manifests = [{ folder: '', manifest: top }];
  // Any platform: what is for another one is no need of development.
  const question = { text: lock, manifests, omitsDevelopment: true, libc: 'glibc' } as const;
  const kept = yarnPackages({ ...question, withOthers: true });
  return kept && new Set(kept.map(({ name }) => name));
}
