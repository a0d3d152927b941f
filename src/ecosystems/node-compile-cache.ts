/**
 * What Node.js keeps of programs that it compiled: npm, package managers and build tools ask it to, and
 * nobody deletes it from the folder for temporary files. Each program adds its own part once.
 */
import type { Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { installCall } from './node-calls.ts';
import { namedPackages, projectIn } from './node-installed.ts';
import { inFolder } from './node-projects.ts';
import { programsOf } from './node-build-weight.ts';
import { isGlobal, projectAt } from './node-work.ts';
import { isFrom } from './npm-sizes.ts';
import type { Weight } from './weight.ts';
import { ownName, wordsOf, type WorkScope } from './work.ts';

/** One program, and from which release on it keeps so much. */
interface Kept {
  readonly program: string;
  /** Its package, where the name is another. */
  readonly package?: string;
  readonly since?: string;
  readonly before?: string;
  /** Bytes, and how far they may be off, as a factor: plugins are compiled as well. */
  readonly bytes: number;
  readonly factor: number;
  /** Of this package as well, where the project has it. */
  readonly plugin?: { readonly names: readonly string[]; readonly bytes: number };
}

/**
 * Counted after one run of each in node:22 on 2026-11-21: TypeScript 5.9, ESLint 9.39, Prettier 3.10,
 * Vite 6.4, webpack 5.112, pnpm 10 and 11, Corepack 0.36. The releases are the first of those looked into
 * that ask for it.
 */
const KEPT: readonly Kept[] = [
  { program: 'tsc', package: 'typescript', since: '5.7.0', bytes: 1_330_000, factor: 1.2 },
  {
    program: 'eslint',
    since: '9.15.0',
    bytes: 725_000,
    factor: 3,
    // They compile all of TypeScript.
    plugin: {
      names: ['typescript-eslint', '@typescript-eslint/parser'],
      bytes: 4_075_000,
    },
  },
  { program: 'prettier', since: '3.4.2', bytes: 620_000, factor: 2 },
  { program: 'vite', since: '6.0.0', bytes: 1_065_000, factor: 2.5 },
  { program: 'webpack', since: '5.110.0', bytes: 2_500_000, factor: 2.5 },
  { program: 'pnpm', since: '11.0.0', bytes: 2_780_000, factor: 1.4 },
  { program: 'pnpm', since: '10.0.0', before: '11.0.0', bytes: 904_000, factor: 1.2 },
  { program: 'corepack', bytes: 110_000, factor: 1.2 },
];

const PROGRAMS: ReadonlySet<string> = new Set(KEPT.map(({ program }) => program));

/** The first Node.js in which programs can ask for it, where npm does. */
const FIRST_NODE = '22.12.0';

/**
 * npm loads more for some commands than for others: bytes that are there behind them, counted with npm
 * 10.9.9 in node:22 on 2026-11-21. `npm run` alone, what changes settings and the cache, and all else.
 */
const OF_NPM: readonly { readonly words: RegExp; readonly bytes: number }[] = [
  { words: /^(-v|--version|-h|--help)?$/, bytes: 245_000 },
  { words: /^(run|run-script|rum|urn|test|t|tst|start|stop|restart|pkg)\b/, bytes: 284_000 },
  { words: /^(config|c|set|get|cache)\b/, bytes: 1_049_000 },
  { words: /^/, bytes: 1_346_000 },
];

/**
 * Yarn 1 brings its own cache of the kind, for any Node.js: counted with 1.22.22 in node:22 on 2026-11-21.
 */
const OF_YARN = { bytes: 2_333_000, low: 0, high: 2_700_000, basis: 'model' } as const;

/** @returns what the call is the first of its stage to leave */
export function compileCacheWeights(call: Call, scope: WorkScope): readonly Weight[] {
  const name = ownName(call);
  const used = usedBy(call, scope).filter((each) => PROGRAMS.has(each));
  const isYarn = /^yarn(pkg)?$/.test(name);
  // Most calls start nothing of the kind, whatever their surroundings are.
  if (used.length === 0 && !isYarn && !/^np[mx]$/.test(name)) return [];
  const temporary = pathInside(scope.variable('TMPDIR') || '/tmp');
  const own = scope.variable('NODE_COMPILE_CACHE');
  const place = own ? pathInside(own) : inFolder(temporary, 'node-compile-cache');
  const yarn = isYarn && !isAmong(scope.earlier, /^yarn(pkg)?$/);
  const weights: Weight[] = yarn
    ? [weightOf(inFolder(temporary, 'v8-compile-cache-0'), 'Yarn', OF_YARN)]
    : [];
  const isOff = (scope.variable('NODE_DISABLE_COMPILE_CACHE') ?? '') !== '';
  const version = scope.image?.runtimes.get('node');
  const isThere = scope.image?.runtimes.has('node') === true;
  if (isOff || !isThere || !isFrom(version, FIRST_NODE)) return weights;
  if (name === 'npm' || name === 'npx') weights.push(...npmWeights(call, scope, place));
  // Files there have no names, only sums: a folder for each program keeps their parts apart.
  const at = (program: string): string => inFolder(place, program);
  for (const program of new Set(used)) {
    if (scope.earlier.some((each) => usedBy(each, scope).includes(program))) continue;
    const amount = amountOf(program, call, scope);
    if (amount) weights.push(weightOf(at(program), program, amount));
  }
  return weights;
}

function weightOf(path: string, program: string, amount: Amount): Weight {
  return { path, kind: 'leavings', what: `what Node.js keeps of ${program} compiled`, amount };
}

function isAmong(calls: readonly Call[], names: RegExp): boolean {
  return calls.some((each) => names.test(ownName(each)));
}

function npmBytes(call: Call): number {
  if (ownName(call) === 'npx') return OF_NPM.at(-1)!.bytes;
  return OF_NPM.find(({ words }) => words.test(wordsOf(call)))!.bytes;
}

function npmWeights(call: Call, { earlier }: WorkScope, place: string): readonly Weight[] {
  const before = earlier.filter((each) => /^np[mx]$/.test(ownName(each))).map(npmBytes);
  const bytes = npmBytes(call) - Math.max(0, ...before);
  if (bytes <= 0) return [];
  const amount: Amount = { bytes, low: bytes * 0.9, high: bytes * 1.5, basis: 'model' };
  // The rest comes to what is there.
  return [weightOf(inFolder(place, before.length === 0 ? 'npm' : `npm-${bytes}`), 'npm', amount)];
}

/** Programs that run, those of an install's own scripts and of other members of a workspace included. */
function usedBy(call: Call, scope: WorkScope): readonly string[] {
  const { files } = scope;
  if (!files) return [ownName(call)];
  const calls = [call, ...inMembers(call, scope)];
  return calls.flatMap((each) => programsOf(each, scope, files, () => true));
}

const MEMBERS = /^(-r|--recursive|-ws|--workspaces|--filter(=.*)?|-F|-w|--workspace(=.*)?)$/;

/** `pnpm -r build`, `npm run build --workspaces`: the same in the folder of each member that may be meant. */
function inMembers(call: Call, scope: WorkScope): readonly Call[] {
  const name = ownName(call);
  if (!/^(npm|pnpm)$/.test(name) || !call.args.some((arg) => MEMBERS.test(arg ?? ''))) return [];
  const project = projectAt(call.folder, name === 'pnpm' ? 'pnpm' : 'npm', scope);
  // The value of an option is no word of the script.
  const args = call.args.filter(
    (arg, index, all) =>
      !MEMBERS.test(arg ?? '') && !/^(--filter|-F|-w|--workspace)$/.test(all[index - 1] ?? ''),
  );
  return (project?.members ?? []).map((folder) => ({ ...call, args, folder }));
}

function amountOf(program: string, call: Call, scope: WorkScope): Amount | undefined {
  const rows = KEPT.filter((each) => each.program === program);
  const name = rows[0]!.package ?? program;
  const { version, has } = releaseOf(name, call, scope);
  const row = rows.find(
    ({ since = '0', before }) =>
      isFrom(version, since) &&
      (before === undefined || (version !== undefined && !isFrom(version, before))),
  );
  if (!row) return undefined;
  const more = row.plugin && row.plugin.names.some(has) ? row.plugin.bytes : 0;
  const bytes = row.bytes + more;
  return { bytes, low: bytes / row.factor, high: bytes * row.factor, basis: 'model' };
}

/** The release of a tool: as the project has it, or as it was installed before. */
function releaseOf(
  name: string,
  call: Call,
  scope: WorkScope,
): { readonly version: string | undefined; readonly has: (name: string) => boolean } {
  const global = scope.earlier
    .filter((each) => isGlobal(each) || ownName(each) === 'corepack')
    .flatMap((each) => namedPackages(each.args))
    .findLast((each) => each.name === name);
  if (global) return { version: global.version, has: () => false };
  const program = scope.earlier
    .flatMap((each) => installCall(each.command, scope.facts)?.program ?? [])
    .findLast((each) => each !== 'bower');
  const root = scope.files && projectAt(call.folder, program ?? 'npm', scope)?.root;
  const asked = { program: program ?? 'npm', added: [], omits: false } as const;
  const packages = root === undefined ? [] : (projectIn(root, asked, scope)?.packages ?? []);
  const found = packages.find((each) => each.name === name && each.folder === '');
  return {
    version: (found ?? packages.find((each) => each.name === name))?.version,
    has: (other) => packages.some((each) => each.name === other),
  };
}
