/** Installs that were measured (corpus/measured-npm.json), and what the estimate says of each. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callsIn } from '../../src/analysis/calls.ts';
import { makeContext, type BuildContext } from '../../src/analysis/context.ts';
import { scriptOf } from '../../src/dockerfile/shell.ts';
import { nodeWeigh } from '../../src/ecosystems/node-weight.ts';
import type { Weight } from '../../src/ecosystems/weight.ts';
import type { WorkScope } from '../../src/ecosystems/work.ts';
import type { Facts } from '../../src/facts/types.ts';
import { PROJECT } from './engine.ts';
import { NPM_CASES, type NpmCase } from './npm-cases.ts';
import { LOCKS, manifestOf } from './npm-install.ts';

export const MEASURED = join(PROJECT, 'corpus', 'measured-npm.json');
export const FIXTURES = join(PROJECT, 'test', 'estimate', 'npm');

/** One install as it came out; all in bytes. */
export interface MeasuredModules {
  readonly id: string;
  readonly isProduction: boolean;
  readonly modules: number;
  /** What one install leaves, or both installs of the case, of which the second adds hardly anything. */
  readonly cache: number;
  readonly packages: number;
  /** The day. */
  readonly date: string;
}

export function readMeasured(): MeasuredModules[] {
  if (!existsSync(MEASURED)) return [];
  const { installs } = JSON.parse(readFileSync(MEASURED, 'utf8')) as {
    installs: MeasuredModules[];
  };
  return installs;
}

const COMMANDS = {
  npm: { all: 'npm ci --ignore-scripts', production: 'npm ci --ignore-scripts --omit=dev' },
  yarn: {
    all: 'yarn install --frozen-lockfile --ignore-scripts',
    production: 'yarn install --frozen-lockfile --ignore-scripts --production',
  },
  pnpm: {
    all: 'pnpm install --frozen-lockfile --ignore-scripts',
    production: 'pnpm install --frozen-lockfile --ignore-scripts --prod',
  },
} as const;

export function lockOf({ id, tool }: NpmCase): string | undefined {
  const path = join(FIXTURES, id, LOCKS[tool]);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** A build in which these files lie in `/app`. */
export function scopeOf(
  files: Readonly<Record<string, string>>,
  facts: Facts,
  given: Partial<WorkScope> = {},
): WorkScope {
  const context: BuildContext = makeContext({
    entries: Object.entries(files).map(([path, text]) => ({
      path: `app/${path}`,
      kind: 'file' as const,
      bytes: Buffer.byteLength(text),
      isExecutable: false,
    })),
    texts: new Map(Object.entries(files).map(([path, text]) => [`app/${path}`, text])),
  });
  return {
    files: context,
    atEnd: context,
    image: undefined,
    facts,
    variable: () => '',
    user: '',
    environment: '',
    isShell: true,
    alongside: [],
    earlier: [],
    later: [],
    started: [],
    ...given,
  };
}

/** What the estimate says of the last command of a script that runs in `/app`. */
export function weightsOf(
  command: string,
  files: Readonly<Record<string, string>>,
  facts: Facts,
  given: Partial<WorkScope> = {},
): readonly Weight[] | undefined {
  const script = scriptOf(command);
  if (script.kind !== 'script') throw new Error(`not understood: ${command}`);
  const scope = scopeOf(files, facts, given);
  const { calls } = callsIn(script, 'app', { files: scope.files, facts, runs: () => undefined });
  return nodeWeigh(calls.at(-1)!, { ...scope, earlier: calls.slice(0, -1) });
}

export interface Compared {
  readonly measured: MeasuredModules;
  readonly isHeldOut: boolean;
  readonly isAged: boolean;
  readonly modules: Weight;
  readonly cache: Weight;
  /** By which share of what was measured the estimate is too high. */
  readonly deviation: number;
  readonly cacheDeviation: number;
}

export function compare(measured: MeasuredModules, facts: Facts): Compared {
  const own = NPM_CASES.find(({ id }) => id === measured.id)!;
  const lock = lockOf(own);
  if (lock === undefined) throw new Error(`no lockfile of ${own.id}`);
  const files = { 'package.json': manifestOf(own), [LOCKS[own.tool]]: withAddresses(lock) };
  const command = COMMANDS[own.tool][measured.isProduction ? 'production' : 'all'];
  const weights = weightsOf(command, files, facts) ?? [];
  const [modules, cache] = ['dependencies', 'leavings'].map((kind) =>
    weights.find((each) => each.kind === kind),
  );
  if (!modules?.amount || !cache?.amount) throw new Error(`no estimate of ${own.id}`);
  return {
    measured,
    isHeldOut: own.isHeldOut,
    isAged: own.isAged === true,
    modules,
    cache,
    deviation: modules.amount.bytes / measured.modules - 1,
    cacheDeviation: cache.amount.bytes / measured.cache - 1,
  };
}

/** The install had them. */
function withAddresses(lock: string): string {
  return lock.replaceAll('"version":', '"resolved":"https://registry.example/x.tgz","version":');
}

/** Of a sorted list the place at which so large a share lies below. */
export { quantile } from './apt-measured.ts';
