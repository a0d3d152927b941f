/**
 * What npm, yarn, pnpm and bun keep for themselves: archives of packages, and what a registry says of
 * them. Figures are fitted to real installs (corpus/measured-npm.json).
 */
import { about, NOTHING, plus, times, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { NpmSizes } from '../facts/npm-types.ts';
import { under } from './findings.ts';
import { installedBy, projectIn, type InstalledProject } from './node-installed.ts';
import { cacheFolder, homeOf } from './node-places.ts';
import { inFolder } from './node-projects.ts';
import { isGlobal } from './node-work.ts';
import { documentsOf, weighed, type Release, type Weighed } from './npm-sizes.ts';
import type { Weight } from './weight.ts';
import { ownName, wordsOf, type WorkScope } from './work.ts';

/** npm asks anew at a prune, where the lockfile is one of npm 5 and 6, and keeps the answers. */
export function askedByPrune(call: Call, scope: WorkScope): readonly Weight[] {
  if (ownName(call) !== 'npm' || !/^prune\b/.test(wordsOf(call))) return [];
  const project = projectIn(call.folder, { program: 'npm', added: [], omits: true }, scope);
  const path = cacheFolder('npm', scope);
  const documents = project?.lock === undefined ? undefined : fetched([], project, scope).documents;
  if (!documents || documents.bytes === 0 || path === undefined) return [];
  const what = "npm's download cache";
  return [{ path, kind: 'leavings', what, amount: documents, again: NOTES }];
}

interface Fetched {
  readonly files: Amount;
  /** What archives take of that. */
  readonly packedShare: number;
  readonly count: number;
  /** What the registry says of packages, where the tool has to ask. */
  readonly documents: Amount;
}

/** What lies in several folders was fetched once. */
function fetched(
  packages: readonly Release[],
  project: InstalledProject,
  scope: WorkScope,
): Fetched {
  const { npmSizes } = scope.facts;
  return {
    ...archivesOf(packages, npmSizes),
    documents:
      project.asked.length === 0
        ? NOTHING
        : documentsOf(project.asked, project.lock === undefined, npmSizes),
  };
}

type Archives = Omit<Fetched, 'documents'>;

const known = new RunMemory<readonly Release[], [NpmSizes, Archives]>();

function archivesOf(packages: readonly Release[], sizes: NpmSizes): Archives {
  const last = known.get(packages);
  if (last?.[0] === sizes) return last[1];
  const all = withoutTwins(packages);
  const read = weighed(all, sizes);
  const files = read.all;
  const packed = packedBytes(read);
  const packedShare = files.bytes === 0 ? 0 : packed / files.bytes;
  const archives = { files, packedShare, count: all.length };
  known.set(packages, [sizes, archives]);
  return archives;
}

/** Each release once; the same list where it has no release twice. */
function withoutTwins(packages: readonly Release[]): readonly Release[] {
  const first = new Map<string, string>();
  // Few are there in several versions: only those are told apart by both.
  const more = new Set<string>();
  const all: Release[] = [];
  for (const each of packages) {
    const { name, version = '' } = each;
    const other = first.get(name);
    if (other === undefined) first.set(name, version);
    else {
      const both = `${name}@${version}`;
      if (other === version || more.has(both)) continue;
      more.add(both);
    }
    all.push(each);
  }
  return all.length === packages.length ? packages : all;
}

/**
 * The archive of a package: the larger it is, the better is the next byte packed. Of 1,399 packages whose
 * archives and files were counted on 2026-11-22; programs for one platform are packed less well.
 */
const PACKED = [
  { to: 3_000, share: 0.57 },
  { to: 10_000, share: 0.37 },
  { to: 30_000, share: 0.27 },
  { to: 100_000, share: 0.225 },
  { to: 1_000_000, share: 0.21 },
  { to: 5_000_000, share: 0.185 },
  { to: Infinity, share: 0.16 },
] as const;
const PACKED_BINARY = 0.38;

/** With what the bytes below each step take: hundreds are asked about for each lockfile. */
const STEPS: readonly Step[] = stepsOf();

interface Step {
  readonly from: number;
  readonly to: number;
  readonly share: number;
  readonly before: number;
}

function stepsOf(): readonly Step[] {
  const steps: Step[] = [];
  let [from, before] = [0, 0];
  for (const { to, share } of PACKED) {
    steps.push({ from, to, share, before });
    before += share * (to - from);
    from = to;
  }
  return steps;
}

function packedBytes({ amounts, names }: Weighed): number {
  let packed = 0;
  for (let place = 0; place < amounts.length; place++) {
    const { bytes } = amounts[place]!;
    if (names[place]!.isBinary) packed += bytes * PACKED_BINARY;
    else {
      let at = 0;
      while (bytes > STEPS[at]!.to) at++;
      const { from, share, before } = STEPS[at]!;
      packed += before + share * (bytes - from);
    }
  }
  return packed;
}

/**
 * What a cache keeps of packages: a share of their bytes on disk and bytes for each of them, with the
 * range of both together. Fitted to the installs of corpus/measured-npm.json.
 */
const CACHES = {
  // Archives are reckoned one by one; two lines of its index for each.
  npm: { share: 0, each: 1100, range: 0.2 },
  // Packages once more, unpacked, with their archives.
  yarn: { share: 1.25, each: 3000, range: 0.2 },
  // The files themselves are those of node_modules, under a second name; these are its lists of them.
  pnpm: { share: 0.008, each: 7000, range: 0.5 },
  bun: { share: 1, each: 0, range: 0.3 },
} as const;

/** The cache of a tool, and its logs. */
export function keptBy(
  project: InstalledProject,
  packages: readonly Release[],
  call: Call,
  scope: WorkScope,
): readonly Weight[] {
  const { program } = project;
  const place = cachePlaceOf(program, call, scope);
  const all = fetched(packages, project, scope);
  if (place === undefined || all.files.bytes === 0) return [];
  const has = fetchedEarlier(program, call, scope);
  const isNew = ({ name, version }: Release): boolean => !has.releases.has(`${name}@${version}`);
  const rest =
    has.releases.size === 0
      ? undefined
      : fetched(
          packages.filter(isNew),
          { ...project, asked: project.asked.filter(({ name }) => !has.asked.has(name)) },
          scope,
        );
  return [
    {
      path: place,
      kind: 'leavings',
      what:
        scope.facts.caches.rows.find((row) => row.id === program)?.what ??
        `the cache of ${program}`,
      amount: cacheAmount(program, all),
      ...(rest && { again: plus(cacheAmount(program, rest), NOTES) }),
    },
    ...(program === 'pnpm' ? pnpmDocuments(all.documents, scope) : []),
  ];
}

function cacheAmount(
  program: InstalledProject['program'],
  { files, count, documents, packedShare }: Fetched,
): Amount {
  const { share, each, range } = CACHES[program];
  const packed = program === 'npm' ? times(plain(files), packedShare) : times(plain(files), share);
  const archives = plus(packed, about(count * each, 0.3));
  const widened = {
    bytes: archives.bytes,
    low: archives.low * (1 - range),
    high: archives.high * (1 + range),
    basis: 'model',
  } as const;
  return program === 'npm' ? plus(widened, documents) : widened;
}

/** Logs, and lines of an index that is written once more. */
const NOTES: Amount = { bytes: 50_000, low: 2_000, high: 1_000_000, basis: 'model' };

/** What installs before a call have put into the same cache, as far as nobody emptied it. */
function fetchedEarlier(
  program: InstalledProject['program'],
  call: Call,
  scope: WorkScope,
): { readonly releases: ReadonlySet<string>; readonly asked: ReadonlySet<string> } {
  const releases = new Set<string>();
  const asked = new Set<string>();
  for (const each of scope.earlier) {
    if (each === call || ownName(each) !== program || isGlobal(each)) continue;
    const project = installedBy(each, scope);
    if (project?.program !== program) continue;
    for (const { name, version } of project.fetched ?? project.packages) {
      releases.add(`${name}@${version}`);
    }
    for (const { name } of project.asked) asked.add(name);
  }
  return { releases, asked };
}

/**
 * pnpm asks at its installs whether there is a newer one, and keeps all that the registry says of it:
 * counted with pnpm 9 and 10 on 2026-11-21; pnpm 11 keeps a sixth of that.
 */
const PNPM_ITSELF: Amount = { bytes: 3_270_000, low: 400_000, high: 4_500_000, basis: 'model' };

function pnpmDocuments(documents: Amount, scope: WorkScope): readonly Weight[] {
  const isFirst = !scope.earlier.some((each) => ownName(each) === 'pnpm');
  const isAsking = isFirst && (scope.variable('CI') ?? '') === '';
  const amount = plus(documents, isAsking ? PNPM_ITSELF : NOTHING);
  if (amount.bytes === 0) return [];
  const given = scope.variable('XDG_CACHE_HOME');
  const folder = given ? pathInside(given) : inFolder(homeOf(scope), '.cache');
  return [
    {
      path: inFolder(folder, 'pnpm'),
      kind: 'leavings',
      what: 'what pnpm keeps of the registry',
      amount,
    },
  ];
}

const CACHE_OPTIONS = {
  npm: '--cache',
  yarn: '--cache-folder',
  pnpm: '--store-dir',
  bun: '--cache-dir',
} as const;

function cachePlaceOf(
  program: InstalledProject['program'],
  call: Call,
  scope: WorkScope,
): string | undefined {
  const option = CACHE_OPTIONS[program];
  const at = call.args.findIndex((arg) => arg === option || arg?.startsWith(`${option}=`));
  if (at >= 0) {
    const arg = call.args[at]!;
    const value = arg === option ? call.args[at + 1] : arg.slice(option.length + 1);
    return value === undefined ? undefined : under(call.folder, value);
  }
  // Its own places are in no row: a mount is not made for it.
  if (program === 'bun') return inFolder(homeOf(scope), '.bun/install/cache');
  return cacheFolder(program, scope);
}

/** An amount without what else is known of it. */
export function plain({ bytes, low, high, basis }: Amount): Amount {
  return { bytes, low, high, basis };
}
