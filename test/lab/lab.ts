/**
 * `npm run lab [-- <case> …]`: builds every application of the corpus before and after dfopt, holds
 * both against what the case expects and against each other, and writes corpus/measured.json.
 *
 * A case whose application, rewrite and base images are those of an earlier run is not built again,
 * so that an interrupted run goes on where it was; `--fresh` builds all. Builds take steps from the
 * builder's cache, unless `--no-cache` asks how long they take.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { baseImage } from '../../src/analysis/stages.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import type {
  ImageSize,
  ProgramCheck,
  RebuildCost,
  Seen,
  Verification,
} from '../../src/report/verification.ts';
import { dockerEngine } from '../../src/verify/docker.ts';
import type { Order, Run } from '../../src/verify/order.ts';
import { meantChanges } from '../../src/verify/meant.ts';
import { Interrupted, verify } from '../../src/verify/verify.ts';
import { caseNames, CORPUS, editedFile, readCase, type Case } from './case.ts';
import { labEngine, labFolder, LabError } from './engine.ts';
import {
  isGood,
  measuredText,
  summaryOf,
  tableOf,
  type Measured,
  type MeasuredCase,
  type MeasuredLayer,
  type Sides,
} from './measured.ts';
import { rewritten } from './rewritten.ts';

const USAGE =
  'npm run lab [-- [<ecosystem>/<case> …] [--fresh] [--no-cache] [--jobs N] [--bases stand-in|public]]';

/** Two cores: one builds while the other waits for a registry. */
const DEFAULT_JOBS = '2';

/** For a program to end or to answer; a machine that builds something else meanwhile is slow. */
const TIMEOUT_MS = 60_000;

/** Changes when what is measured or how it is judged does, so that no older result is taken. */
const REVISION = 2;

type Bases = Measured['bases'];

interface Lab {
  readonly bases: Bases;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names and ids of the engine's images. */
  readonly images: ReadonlyMap<string, string>;
  readonly isFresh: boolean;
  readonly isCached: boolean;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** @returns the exit status: 1 where a case breaks, 2 where nothing could be measured */
export async function main(args: readonly string[]): Promise<number> {
  const stopper = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopper.abort());
  try {
    return await run(args, stopper.signal);
  } catch (error) {
    if (error instanceof LabError || error instanceof Interrupted) {
      console.error(`lab: ${error.message}`);
      return 2;
    }
    throw error;
  }
}

async function run(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = readArguments(args);
  const bases = values.bases as Bases;
  const all = caseNames();
  const unknown = positionals.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new LabError(`no case is called ${unknown.join(', ')}`);
  const names = positionals.length > 0 ? positionals : all;
  const env = { ...process.env, ...(await engineOf(bases)) };
  const engine = dockerEngine(env);
  const why = await engine.whyUnusable();
  if (why !== undefined) throw new LabError(why);
  const version = await engine.version();
  const lab: Lab = {
    bases,
    env,
    images: imagesOf(env),
    isFresh: values.fresh || values['no-cache'],
    isCached: !values['no-cache'],
    signal,
    say: (line) => console.error(line),
  };
  const results = new Map<string, MeasuredCase>();
  const waiting = [...names];
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      results.set(name, await measured(name, lab));
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
  // A machine that is busy with something else can make a program late: alone it gets another try.
  for (const [name, result] of results) {
    if (isGood(result)) continue;
    lab.say(`${name}: once more, alone`);
    results.set(name, await measured(name, lab));
  }
  const known = readMeasured();
  const isSame = known?.bases === bases && known.engine === version;
  const cases = Object.fromEntries(
    all.flatMap((name) => {
      const result = results.get(name) ?? (isSame ? known.cases[name] : undefined);
      return result ? [[name, result] as const] : [];
    }),
  );
  const date = new Date().toISOString().slice(0, 10);
  const whole: Measured = { bases, engine: version, date, cases };
  writeFileSync(join(CORPUS, 'measured.json'), measuredText(whole));
  const own: Measured = { ...whole, cases: Object.fromEntries([...results].toSorted(byName)) };
  for (const line of tableOf(own)) console.log(line);
  for (const [name, { problems }] of results) {
    for (const problem of problems) console.log(`${name}: ${problem}`);
  }
  for (const line of summaryOf(own)) console.log(line);
  const bad = [...results.values()].filter((result) => !isGood(result)).length;
  console.log(`lab: ${results.size - bad} passed, ${bad} failed`);
  return bad > 0 ? 1 : 0;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function readArguments(args: readonly string[]): {
  values: {
    fresh: boolean;
    'no-cache': boolean;

    jobs: string;
    bases: string;
  };
  positionals: string[];
} {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        fresh: { type: 'boolean', default: false },
        'no-cache': { type: 'boolean', default: false },
        jobs: { type: 'string', default: DEFAULT_JOBS },
        bases: { type: 'string', default: 'stand-in' },
      },
    });
    if (!/^[1-9]\d?$/.test(values.jobs)) throw new Error(`--jobs is a number, not ${values.jobs}`);
    if (values.bases !== 'stand-in' && values.bases !== 'public') {
      throw new Error(`--bases is stand-in or public, not ${values.bases}`);
    }
    return { values, positionals };
  } catch (error) {
    throw new LabError(`${(error as Error).message}\n${USAGE}`);
  }
}

/** What is added to the environment so that `docker` talks to the right engine. */
async function engineOf(bases: Bases): Promise<Readonly<Record<string, string>>> {
  if (bases === 'public') return {};
  const engine = await labEngine();
  if (!engine) throw new LabError('the lab has no engine yet: run "npm run lab:setup"');
  return engine.env;
}

/** By `name:tag`. */
function imagesOf(env: Lab['env']): ReadonlyMap<string, string> {
  const format = '{{.Repository}}:{{.Tag}} {{.ID}}';
  const text = execFileSync('docker', ['images', '--no-trunc', '--format', format], {
    env,
    encoding: 'utf8',
  });
  return new Map(text.split('\n').map((line) => line.split(' ') as [string, string]));
}

function readMeasured(): Measured | undefined {
  const path = join(CORPUS, 'measured.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Measured) : undefined;
}

/** From an earlier run where nothing changed since, else by building. */
async function measured(name: string, lab: Lab): Promise<MeasuredCase> {
  lab.signal.throwIfAborted();
  const one = readCase(name);
  const { sources, result: rewrite } = rewritten(one);
  const kept = keptPath(name, lab.bases);
  const key = keyOf(one, sources, lab);
  if (!lab.isFresh && existsSync(kept)) {
    const earlier = JSON.parse(readFileSync(kept, 'utf8')) as Kept;
    const result = resultOf(one, earlier.verification, await aboveBase(sources, lab));
    if (earlier.key === key && isGood(result)) {
      lab.say(`${name}: unchanged since an earlier run`);
      return result;
    }
  }
  lab.say(`${name}: begins`);
  const verification = await verify(
    orderOf(one, sources, meantChanges(rewrite.remarks), lab.isCached),
    dockerEngine(lab.env),
    lab.signal,
    () => {},
  );
  const result = resultOf(one, verification, await aboveBase(sources, lab));
  mkdirSync(join(kept, '..'), { recursive: true });
  writeFileSync(kept, JSON.stringify({ key, verification } satisfies Kept, undefined, 2));
  lab.say(`${name}: ${isGood(result) ? 'good' : 'NOT GOOD'}`);
  return result;
}

/** What is kept of a run, so that the next one need not build it again. */
interface Kept {
  readonly key: string;
  readonly verification: Verification;
}

/** How many layers of each image are its base's. */
async function aboveBase({ before, after }: Order['sources'], lab: Lab): Promise<Sides<number>> {
  const engine = dockerEngine(lab.env);
  const layersBelow = async (text: string): Promise<number> => {
    const file = parse(text);
    const base = baseImage(file, file.stages.at(-1)!);
    if (!base) return 0;
    const history = await engine.history(`${base.name}:${base.tag}`);
    return history.filter(({ bytes }) => bytes > 0).length;
  };
  return { before: await layersBelow(before.text), after: await layersBelow(after.text) };
}

function keptPath(name: string, bases: Bases): string {
  return join(labFolder(), 'results', bases, `${name.replace('/', '-')}.json`);
}

/** Another application, rewrite or base image is another measurement. */
function keyOf({ folder }: Case, sources: Order['sources'], lab: Lab): string {
  const text = sources.before.text + sources.after.text;
  const bases = [...lab.images].filter(([name]) => text.includes(name.replace(/:latest$/, '')));
  const hash = createHash('sha256');
  hash.update(JSON.stringify([REVISION, sources, bases.toSorted(byName)]));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    hash.update(`\0${relative(folder, path)}\0`);
    if (entry.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

function orderOf(
  one: Case,
  sources: Order['sources'],
  expectedChanges: Order['expectedChanges'],
  isCached: boolean,
): Order {
  const edit = editedFile(one);
  return {
    file: `corpus/${one.name}/Dockerfile`,
    sources,
    context: one.folder,
    buildArgs: [],
    network: 'host',
    isCached,
    runs: one.runs.map(({ command }): Run =>
      command === undefined ? { kind: 'own command' } : { kind: 'arguments', argv: command },
    ),
    requests: one.requests.map(({ port, path }) => ({ port, path })),
    timeoutMs: TIMEOUT_MS,
    ...(edit && { rebuild: { edit } }),
    expectedChanges,
    hasCompressed: false,
  };
}

function resultOf(one: Case, verification: Verification, below: Sides<number>): MeasuredCase {
  const { builds, configuration = [], program = [], mainProcess = [], files, size } = verification;
  const wanted = (['before', 'after'] as const).flatMap((side) =>
    unmet(one, program, side).map((problem) => `${side}: ${problem}`),
  );
  const differences = configuration.filter(({ kind }) => kind === 'counts');
  const rebuild = verification.rebuild;
  const failedRebuilds = (['before', 'after'] as const).filter(
    (side) => rebuild?.[side]?.succeeded !== true,
  );
  const problems = [
    ...(['before', 'after'] as const).flatMap((side) => builds?.[side]?.errors.slice(-5) ?? []),
    ...differences.map(
      ({ field, key, before, after }) =>
        `${field} ${key ?? ''}: ${before ?? 'not set'} → ${after ?? 'not set'}`,
    ),
    ...program
      .filter(({ sameness }) => sameness === 'different' || sameness === 'unknown')
      .map(({ what, before, after, details }) =>
        [`${what}: ${before} → ${after}`, ...details].join('; '),
      ),
    ...mainProcess
      .filter(({ sameness }) => sameness === 'different')
      .map(({ what, before, after }) => `${what}: ${before} → ${after}`),
    ...(files?.attributes ?? [])
      .filter(({ kind }) => kind === 'counts')
      .map(({ folder, attribute, paths }) => `${attribute} of ${paths} paths in ${folder}`),
    ...wanted,
    ...(size && one.edit
      ? failedRebuilds.map((side) => `${side}: does not build again after an edit`)
      : []),
  ];
  return {
    verdict: verification.verdict,
    isBuilt: {
      before: builds?.before.succeeded === true,
      after: builds?.after?.succeeded === true,
    },
    hasSameConfiguration: size !== undefined && differences.length === 0,
    hasSameProgram: size !== undefined && verification.verdict === 'same' && wanted.length === 0,
    ...(size && {
      bytes: { before: size.before.bytes, after: size.after.bytes },
      layers: {
        before: ownLayers(size.before, below.before),
        after: ownLayers(size.after, below.after),
      },
    }),
    ...(builds?.after &&
      !builds.cached && {
        seconds: { before: builds.before.seconds, after: builds.after.seconds },
      }),
    ...(rebuild?.before &&
      rebuild.after && {
        rebuild: { before: costOf(rebuild.before), after: costOf(rebuild.after) },
      }),
    problems,
  };
}

/** From the base upwards, without the base's own. */
function ownLayers({ layers }: ImageSize, below: number): MeasuredLayer[] {
  return layers.slice(below).map(({ bytes, createdBy }) => ({
    by: createdBy
      .replace(/ # buildkit$/, '')
      .replace(/^RUN \/bin\/sh -c /, 'RUN ')
      .slice(0, SHOWN_INSTRUCTION),
    bytes,
  }));
}

function costOf({ seconds, layers, bytes }: RebuildCost): {
  seconds: number;
  layers: number;
  bytes: number;
} {
  return { seconds, layers: layers.length, bytes };
}

/** What the case expects of an image and did not see. */
function unmet(one: Case, checks: readonly ProgramCheck[], side: 'before' | 'after'): string[] {
  if (checks.length === 0) return [];
  const runs = one.runs.flatMap(({ status, stdout = '' }, index) => {
    const seen = checks[index]?.seen[side];
    const holds = seen?.kind === 'ended' && seen.status === status && has(seen.stdout.text, stdout);
    return holds ? [] : [`${checks[index]?.what ?? 'run'} gave ${shown(seen)}`];
  });
  const answers = one.requests.flatMap(({ status, body }, index) => {
    const check = checks[one.runs.length + index];
    const seen = check?.seen[side];
    const holds = seen?.kind === 'answer' && seen.status === status && has(seen.body.text, body);
    return holds ? [] : [`${check?.what ?? 'request'} gave ${shown(seen)}`];
  });
  return [...runs, ...answers];
}

function has(text: string, part: string): boolean {
  return text.includes(part);
}

const SHOWN_CHARACTERS = 200;

const SHOWN_INSTRUCTION = 60;

function shown(seen: Seen | undefined): string {
  return JSON.stringify(seen ?? 'nothing').slice(0, SHOWN_CHARACTERS);
}
