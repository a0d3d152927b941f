/** Is a rewritten Dockerfile still the same program? Builds both, compares, measures, cleans up. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Build,
  Difference,
  FileComparison,
  ImageSize,
  Pair,
  ProgramCheck,
  Verification,
} from '../report/verification.ts';
import { baseDockerfile } from './base.ts';
import { builderOf, emptyContext, type Builder, type Built } from './build.ts';
import { covers, differencesOf, excuse, type Configuration } from './configuration.ts';
import { EngineError, type Engine, type Image } from './engine.ts';
import { attributeDifferences, compareFiles, onlyIn, type Files } from './files.ts';
import { layersOf } from './layers.ts';
import type { Order, Run, Say } from './order.ts';
import { compareRuns, nameOfRun, type Runner } from './program.ts';
import { measureRebuild } from './rebuild.ts';
import { compareServers, type ServeChecks } from './serve.ts';
import { verdictOf } from './verdict.ts';

/** Thrown where the signal stopped a run; nothing that it made is left. */
export class Interrupted extends Error {}

/**
 * @throws Interrupted
 * @throws EngineError where the engine fails at what it always can
 */
export async function verify(
  order: Order,
  engine: Engine,
  signal: AbortSignal,
  say: Say,
): Promise<Verification> {
  const label = randomBytes(6).toString('hex');
  const name = `dfopt-verify-${label}`;
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  const builder = builderOf(name, folder, order, engine, signal, say);
  let containers = 0;
  const nextName = (): string => `${name}-${++containers}`;
  const runner: Runner = { engine, label, nextName, timeoutMs: order.timeoutMs, signal };
  try {
    const found = await findingsOf({ order, engine, signal, say, folder, builder, runner });
    const { file, against } = order;
    return { file, ...(against !== undefined && { against }), ...verdictOf(found), ...found };
  } catch (error) {
    // What was stopped fails in its own way.
    throw signal.aborted ? new Interrupted('interrupted') : error;
  } finally {
    if (signal.aborted) say({ kind: 'phase', text: 'stopped; removing what was made' });
    rmSync(folder, { recursive: true, force: true });
    for (const left of await engine.clean(label, builder.tags())) {
      say({ kind: 'warning', text: `left behind: ${left}` });
    }
  }
}

interface Context {
  readonly order: Order;
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly say: Say;
  readonly folder: string;
  readonly builder: Builder;
  readonly runner: Runner;
}

type Findings = Omit<Verification, 'file' | 'against' | 'verdict' | 'conclusion'>;

async function findingsOf(context: Context): Promise<Findings> {
  const { order, engine, say } = context;
  const named = { name: engine.name, version: await engine.version() };
  const cached = order.isCached;
  const before = await build('before', context);
  if (!before.succeeded) return { engine: named, builds: { cached, before: published(before) } };
  const after = await build('after', context);
  const builds = { cached, before: published(before), after: published(after) };
  if (!after.succeeded) return { engine: named, builds };
  say({ kind: 'phase', text: 'comparing configuration' });
  const tags = { before: before.tag, after: after.tag };
  const images = { before: await engine.image(tags.before), after: await engine.image(tags.after) };
  const bases = basesOf(context);
  const configuration = await compareConfiguration(context, images, bases);
  const program = await compareAllRuns(context, tags, images.before.configuration);
  const served = await compareServing(context, tags, images.before.configuration, configuration);
  say({ kind: 'phase', text: 'comparing files and sizes' });
  const files = {
    before: await filesOf(tags.before, context),
    after: await filesOf(tags.after, context),
  };
  const comparison = await compareAllFiles(context, files, bases);
  const size = {
    before: await sizeOf(tags.before, images.before, onlyIn(files.before, files.after), context),
    after: await sizeOf(tags.after, images.after, onlyIn(files.after, files.before), context),
  };
  return {
    engine: named,
    builds,
    configuration,
    program: [...program, ...(served?.program ?? [])],
    ...(served && { mainProcess: served.mainProcess }),
    files: comparison,
    size,
    ...(order.rebuild && { rebuild: await measureRebuild(context) }),
  };
}

function build(which: 'before' | 'after', { order, builder, say }: Context): Promise<Built> {
  say({ kind: 'phase', text: `building ${which}` });
  const { context, isCached } = order;
  return builder.build({ source: order.sources[which], context, isCached });
}

/** Without what is gone when it is read. */
function published({ seconds, succeeded, steps, errors }: Built): Build {
  return { seconds, succeeded, steps, errors };
}

/** The images of the FROM lines, built when they are first asked for; `undefined` tags are scratch. */
type Bases = () => Promise<Pair<string | undefined> | undefined>;

/** `undefined` where one of them cannot be had alone, or both are the same and explain nothing. */
function basesOf({ order, folder, builder, say }: Context): Bases {
  const texts = {
    before: baseDockerfile(order.sources.before.text),
    after: baseDockerfile(order.sources.after.text),
  };
  const tags = async (): Promise<Pair<string | undefined> | undefined> => {
    if (texts.before === texts.after) return undefined;
    say({ kind: 'phase', text: 'looking at what the base images bring' });
    const one = async (text: string | undefined): Promise<Built | undefined> =>
      text === undefined
        ? undefined
        : builder.build({ source: { text }, context: emptyContext(folder), isCached: true });
    const before = await one(texts.before);
    const after = await one(texts.after);
    if (before?.succeeded === false || after?.succeeded === false) return undefined;
    return { before: before?.tag, after: after?.tag };
  };
  let known: ReturnType<typeof tags> | undefined;
  return () => (known ??= tags());
}

async function compareConfiguration(
  { order, engine, say }: Context,
  images: Pair<Image>,
  bases: Bases,
): Promise<Difference[]> {
  const { before, after } = images;
  const differences = differencesOf(before.configuration, after.configuration);
  for (const expected of order.expectedChanges) {
    if (differences.some((difference) => covers(expected, difference))) continue;
    const name = [expected.field, expected.key].filter(Boolean).join(' ');
    say({ kind: 'warning', text: `${name} was expected to change, and did not` });
  }
  if (differences.length === 0) return [];
  const tags = await bases();
  const one = async (tag: string | undefined): Promise<Configuration> =>
    tag === undefined ? {} : (await engine.image(tag)).configuration;
  return excuse(
    differences,
    order.expectedChanges,
    tags && { before: await one(tags.before), after: await one(tags.after) },
  );
}

function hasCommand(configuration: Configuration): boolean {
  return [configuration['Cmd'], configuration['Entrypoint']].some(
    (each) => Array.isArray(each) && each.length > 0,
  );
}

function hasHealthcheck({ Healthcheck }: Configuration): boolean {
  const { Test } = (Healthcheck ?? {}) as { readonly Test?: readonly string[] };
  return Test !== undefined && Test.length > 0 && Test[0] !== 'NONE';
}

async function compareAllRuns(
  { order, runner, say }: Context,
  tags: Pair<string>,
  configuration: Configuration,
): Promise<ProgramCheck[]> {
  const isNothingAsked = order.runs.length === 0 && order.requests.length === 0;
  const own: Run[] = isNothingAsked && hasCommand(configuration) ? [{ kind: 'own command' }] : [];
  const checks: ProgramCheck[] = [];
  for (const run of [...order.runs, ...own]) {
    say({ kind: 'phase', text: `running in both: ${nameOfRun(run)}` });
    checks.push(await compareRuns(run, tags, runner));
  }
  return checks;
}

/** Nothing where there is no server to ask. */
async function compareServing(
  { order, runner, say }: Context,
  tags: Pair<string>,
  configuration: Configuration,
  differences: readonly Difference[],
): Promise<ServeChecks | undefined> {
  const hasHealth = hasHealthcheck(configuration) && hasCommand(configuration);
  if (order.requests.length === 0 && !hasHealth) return undefined;
  say({ kind: 'phase', text: 'asking both servers' });
  const knownVariables = new Set(
    differences.flatMap(({ field, key }) => (field === 'Env' && key !== undefined ? [key] : [])),
  );
  const { requests } = order;
  const hasOtherStart = differences.some(
    ({ field, kind }) => field === 'Entrypoint' && kind !== 'counts',
  );
  return compareServers({ requests, hasHealth, knownVariables, hasOtherStart }, tags, runner);
}

async function compareAllFiles(
  context: Context,
  { before, after }: Pair<Files>,
  bases: Bases,
): Promise<FileComparison> {
  const differences = attributeDifferences(before, after);
  const tags = differences.length === 0 ? undefined : await bases();
  const one = (tag: string | undefined): Promise<Files> =>
    tag === undefined ? Promise.resolve(new Map()) : filesOf(tag, context);
  return compareFiles(
    before,
    after,
    differences,
    tags && { before: await one(tags.before), after: await one(tags.after) },
  );
}

async function filesOf(tag: string, { engine, runner, signal }: Context): Promise<Files> {
  signal.throwIfAborted();
  const name = runner.nextName();
  const refused = await engine.create({
    name,
    label: runner.label,
    image: tag,
    // It is never started; without any command some images could not become a container.
    program: ['true'],
    network: 'none',
    publish: [],
  });
  if (refused !== undefined) throw new EngineError(refused);
  try {
    return await engine.files(name, signal);
  } finally {
    await engine.remove(name);
  }
}

async function sizeOf(
  tag: string,
  { bytes, diffIds }: Image,
  onlyHere: ImageSize['onlyHere'],
  { order, engine, signal, say }: Context,
): Promise<ImageSize> {
  const history = await engine.history(tag);
  const rows = history.filter((row) => row.bytes > 0);
  if (!order.hasCompressed) return { bytes, layers: rows, onlyHere };
  say({ kind: 'phase', text: 'compressing layers' });
  const sizes = await engine.compressedLayers(tag, signal);
  const layers = layersOf(history, diffIds)
    ?.map((layer, index) => ({
      bytes: layer.bytes,
      createdBy: layer.createdBy,
      ...(sizes[index] !== undefined && { compressed: sizes[index] }),
    }))
    .filter((layer) => layer.bytes > 0);
  const compressed = sizes.reduce((sum, size) => sum + size, 0);
  return { bytes, compressed, layers: layers ?? rows, onlyHere };
}
