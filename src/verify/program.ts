/** Do two images do the same when they run: by exit status and output? */
import { countOf } from '../report/units.ts';
import type { Pair, ProgramCheck, Seen } from '../report/verification.ts';
import { joinWords } from './argv.ts';
import type { ContainerOrder, Engine } from './engine.ts';
import type { Run } from './order.ts';
import type { Written } from './process.ts';
import { judge, type Differences } from './steady.ts';
import { excerptOf, firstDifference, short } from './text.ts';

/** Where and how containers are made; names are unique to one run of dfopt. */
export interface Runner {
  readonly engine: Engine;
  readonly label: string;
  readonly nextName: () => string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What became of one container. */
type Outcome =
  | { readonly kind: 'not started'; readonly why: string }
  | {
      readonly kind: 'running' | 'ended';
      readonly status: number;
      readonly stdout: Written;
      readonly stderr: Written;
    };

/** What a run is called. */
export function nameOfRun(run: Run): string {
  if (run.kind === 'own command') return "the image's own command";
  return `${run.kind === 'arguments' ? 'arguments' : 'run'} ${joinWords(run.argv)}`;
}

/** @param images tags */
export async function compareRuns(
  order: Run,
  images: Pair<string>,
  runner: Runner,
): Promise<ProgramCheck> {
  const run = (image: string): Promise<Outcome> => runOnce(image, order, runner);
  const before = await run(images.before);
  const after = await run(images.after);
  const seconds = runner.timeoutMs / 1000;
  const check = (judged: Pick<ProgramCheck, 'sameness' | 'details'>): ProgramCheck => ({
    what: nameOfRun(order),
    before: describe(before, seconds),
    after: describe(after, seconds),
    ...judged,
    seen: { before: seenOutcome(before), after: seenOutcome(after) },
  });
  if (before.kind === 'not started') {
    return check({ sameness: 'unknown', details: notStarted(before, after) });
  }
  if (before.kind === 'running' && after.kind === 'running') {
    const details = ['its output was not compared; --request PORT/PATH compares a server'];
    return check({ sameness: 'same', details });
  }
  if (before.kind !== 'ended' || after.kind !== 'ended' || before.status !== after.status) {
    const details = [...notStarted(before, after), ...lastWords(after)];
    return check({ sameness: 'different', details });
  }
  return check(
    await judge(outputDifferences(before, after), async () => {
      const again = await run(images.before);
      return again.kind === 'ended' ? outputDifferences(before, again) : new Map();
    }),
  );
}

async function runOnce(
  image: string,
  run: Run,
  { engine, label, nextName, timeoutMs, signal }: Runner,
): Promise<Outcome> {
  signal.throwIfAborted();
  const name = nextName();
  const order: ContainerOrder = {
    name,
    label,
    image,
    network: 'none',
    publish: [],
    ...(run.kind === 'program' && { program: run.argv }),
    ...(run.kind === 'arguments' && { args: run.argv }),
  };
  const refused = await engine.create(order);
  if (refused !== undefined) return { kind: 'not started', why: refused };
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void engine.kill(name);
  }, timeoutMs);
  try {
    const ended = await engine.attach(name, signal);
    if (typeof ended === 'string') return { kind: 'not started', why: ended };
    const { stdout, stderr } = ended;
    const { status } = await engine.state(name);
    return { kind: isLate ? 'running' : 'ended', status, stdout, stderr };
  } finally {
    clearTimeout(timer);
    await engine.remove(name);
  }
}

function describe(outcome: Outcome, seconds: number): string {
  if (outcome.kind === 'not started') return 'does not start';
  if (outcome.kind === 'running') return `still running after ${seconds} s`;
  const bytes = outcome.stdout.bytes + outcome.stderr.bytes;
  return `exit status ${outcome.status}, ${countOf(bytes, 'byte')} of output`;
}

function seenOutcome(outcome: Outcome): Seen {
  if (outcome.kind === 'not started') return { kind: 'nothing', why: outcome.why };
  const output = { stdout: excerptOf(outcome.stdout), stderr: excerptOf(outcome.stderr) };
  if (outcome.kind === 'running') return { kind: 'running', ...output };
  return { kind: 'ended', status: outcome.status, ...output };
}

function notStarted(before: Outcome, after: Outcome): string[] {
  return [
    ...(before.kind === 'not started' ? [`before: ${before.why}`] : []),
    ...(after.kind === 'not started' ? [`after: ${after.why}`] : []),
  ];
}

/** How many lines of a failing program are shown. */
const SHOWN_LINES = 5;

function lastWords(outcome: Outcome): string[] {
  if (outcome.kind !== 'ended') return [];
  const lines = `${outcome.stdout.tail}\n${outcome.stderr.tail}`.split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .slice(-SHOWN_LINES)
    .map((line) => `after: ${short(line)}`);
}

type WithOutput = Exclude<Outcome, { readonly kind: 'not started' }>;

function outputDifferences(before: WithOutput, after: WithOutput): Differences {
  return new Map(
    (['stdout', 'stderr'] as const)
      .filter((stream) => before[stream].hash !== after[stream].hash)
      .map((stream) => [stream, firstDifference(stream, before[stream].text, after[stream].text)]),
  );
}
