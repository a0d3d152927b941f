/** Is a rewritten Dockerfile still the same program? Builds both, compares, measures, cleans up. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Build, ImageSize, Pair, ProgramCheck, Verification } from '../report/verify.ts';
import { differencesOf } from './configuration.ts';
import { EngineError, type Engine } from './engine.ts';
import { onlyIn, type Files } from './files.ts';
import type { Ended } from './process.ts';
import { compareAnswers, compareRuns, type Request, type Runner } from './program.ts';

/** A Dockerfile as the builder will see it. */
export interface Source {
  readonly text: string;
  /** Rules that lie beside it and hold for it alone: `<name>.dockerignore`. */
  readonly ignore?: string;
}

export interface Order {
  /** As the user calls them. */
  readonly file: string;
  readonly against?: string;
  readonly sources: Pair<Source>;
  /** Absolute. */
  readonly context: string;
  readonly buildArgs: readonly string[];
  readonly network: string | undefined;
  readonly isCached: boolean;
  /** The text of each for people, and its words. */
  readonly runs: readonly { readonly text: string; readonly argv: readonly string[] }[];
  readonly requests: readonly Request[];
  readonly timeoutMs: number;
}

/** Thrown where the signal stopped a run; nothing that it made is left. */
export class Interrupted extends Error {}

/** One line of progress, or a warning; may hold anything that a Dockerfile holds. */
export type Say = (line: string) => void;

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
  const tags = { before: `${name}:before`, after: `${name}:after` };
  let containers = 0;
  const nextName = (): string => `${name}-${++containers}`;
  const runner: Runner = { engine, label, nextName, timeoutMs: order.timeoutMs, signal };
  try {
    return await verifyIn({ order, engine, signal, say, folder, tags, runner });
  } catch (error) {
    // What was stopped fails in its own way.
    throw signal.aborted ? new Interrupted('interrupted') : error;
  } finally {
    if (signal.aborted) say('stopped; removing what was made');
    rmSync(folder, { recursive: true, force: true });
    for (const left of await engine.clean(label, Object.values(tags))) say(`left behind: ${left}`);
  }
}

interface Run {
  readonly order: Order;
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly say: Say;
  readonly folder: string;
  readonly tags: Pair<string>;
  readonly runner: Runner;
}

async function verifyIn(run: Run): Promise<Verification> {
  const { order, engine, tags, say } = run;
  const { file, against } = order;
  const named = { file, ...(against !== undefined && { against }) };
  const cached = order.isCached;
  const before = await build('before', run);
  if (!before.succeeded) {
    const conclusion = 'it does not build as it is, before any rewrite';
    return { ...named, verdict: 'error', conclusion, builds: { cached, before } };
  }
  const after = await build('after', run);
  if (!after.succeeded) {
    const conclusion = 'it builds before, but not after';
    return { ...named, verdict: 'different', conclusion, builds: { cached, before, after } };
  }
  say('comparing configuration');
  const images = { before: await engine.image(tags.before), after: await engine.image(tags.after) };
  const configuration = differencesOf(images.before.configuration, images.after.configuration);
  const program = await programOf(run, images.before.configuration);
  const size = await sizeOf(run, { before: images.before.bytes, after: images.after.bytes });
  const isDifferent =
    configuration.length > 0 || program.some(({ sameness }) => sameness === 'different');
  const isUnknown = program.some(({ sameness }) => sameness === 'unknown');
  return {
    ...named,
    verdict: isDifferent ? 'different' : isUnknown ? 'error' : 'same',
    conclusion: isDifferent
      ? 'the images are not the same program'
      : isUnknown
        ? 'some of it could not be compared, as it does not run before either'
        : `in all that was compared${program.length === 0 ? '; the image has no command to run' : ''}`,
    builds: { cached, before, after },
    configuration,
    program,
    size,
  };
}

async function build(which: 'before' | 'after', run: Run): Promise<Build> {
  const { order, engine, signal, say, folder, tags } = run;
  signal.throwIfAborted();
  const { text, ignore } = order.sources[which];
  // Under its usual name, which the builder's errors show.
  const dockerfile = join(folder, which, 'Dockerfile');
  mkdirSync(dirname(dockerfile), { recursive: true });
  writeFileSync(dockerfile, text);
  if (ignore !== undefined) writeFileSync(`${dockerfile}.dockerignore`, ignore);
  say(`building ${which}`);
  const { context, buildArgs, network, isCached } = order;
  const started = performance.now();
  const ended = await engine.build(
    { dockerfile, context, tag: tags[which], buildArgs, network, isCached },
    signal,
    (step) => say(`  ${step}`),
  );
  signal.throwIfAborted();
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const succeeded = ended.status === 0;
  return { seconds, succeeded, errors: succeeded ? [] : lastLines(ended) };
}

/** How many of a failed builder's last lines are shown. */
const SHOWN_LINES = 40;

/** From where the builder sums up what failed, where it does. */
function lastLines({ stderr }: Ended): string[] {
  const lines = stderr.tail
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  const summary = lines.indexOf('------');
  return lines.slice(Math.max(summary, lines.length - SHOWN_LINES, 0));
}

async function programOf(
  { order, tags, runner, say }: Run,
  configuration: Readonly<Record<string, unknown>>,
): Promise<ProgramCheck[]> {
  const checks: ProgramCheck[] = [];
  for (const { text, argv } of order.runs) {
    say(`running ${text} in both`);
    checks.push(await compareRuns(`run ${text}`, tags, argv, runner));
  }
  if (order.requests.length > 0) {
    say('asking both servers');
    checks.push(...(await compareAnswers(tags, order.requests, runner)));
  }
  const hasCommand = [configuration['Cmd'], configuration['Entrypoint']].some(
    (each) => Array.isArray(each) && each.length > 0,
  );
  if (checks.length === 0 && hasCommand) {
    say("running the image's own command in both");
    checks.push(await compareRuns("the image's own command", tags, undefined, runner));
  }
  return checks;
}

async function sizeOf(run: Run, bytes: Pair<number>): Promise<Pair<ImageSize>> {
  run.say('measuring both');
  const files = { before: await filesOf('before', run), after: await filesOf('after', run) };
  const one = async (which: 'before' | 'after'): Promise<ImageSize> => ({
    bytes: bytes[which],
    layers: (await run.engine.layers(run.tags[which])).filter((layer) => layer.bytes > 0),
    onlyHere: onlyIn(files[which], files[which === 'before' ? 'after' : 'before']),
  });
  return { before: await one('before'), after: await one('after') };
}

async function filesOf(
  which: 'before' | 'after',
  { engine, runner, tags, signal }: Run,
): Promise<Files> {
  signal.throwIfAborted();
  const name = runner.nextName();
  const refused = await engine.create({
    name,
    label: runner.label,
    image: tags[which],
    // It is never started; without any command some images could not become a container.
    argv: ['true'],
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
