/** Do two images do the same when they run: by exit status and output, or by their answers? */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgramCheck, Sameness } from '../report/verify.ts';
import type { Engine } from './engine.ts';
import { ask, describeAnswer, differencesOfAnswers, isTaken, type Answer } from './request.ts';
import type { Written } from './process.ts';

/** A request to a server: the port that it listens to, and a path with its query. */
export interface Request {
  readonly port: number;
  readonly path: string;
}

/** Where and how containers are made; names are unique to one run of dfopt. */
export interface Runner {
  readonly engine: Engine;
  readonly label: string;
  readonly nextName: () => string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface Images {
  readonly before: string;
  readonly after: string;
}

/** What became of one container. */
type Outcome =
  | { readonly kind: 'not started'; readonly why: string }
  | { readonly kind: 'running' }
  | {
      readonly kind: 'ended';
      readonly status: number;
      readonly stdout: Written;
      readonly stderr: Written;
    };

/** @param argv missing: the image's own command */
export async function compareRuns(
  what: string,
  images: Images,
  argv: readonly string[] | undefined,
  runner: Runner,
): Promise<ProgramCheck> {
  const run = (image: string): Promise<Outcome> => runOnce(image, argv, runner);
  const before = await run(images.before);
  const after = await run(images.after);
  const seconds = runner.timeoutMs / 1000;
  const check = (sameness: Sameness, details: readonly string[]): ProgramCheck => ({
    what,
    sameness,
    before: describe(before, seconds),
    after: describe(after, seconds),
    details,
  });
  if (before.kind === 'not started') return check('unknown', notStarted(before, after));
  if (before.kind === 'running' && after.kind === 'running') {
    return check('same', ['its output was not compared; --request PORT/PATH compares a server']);
  }
  if (before.kind !== 'ended' || after.kind !== 'ended' || before.status !== after.status) {
    return check('different', [...notStarted(before, after), ...lastWords(after)]);
  }
  const details = outputDifferences(before, after);
  if (details.length === 0) return check('same', []);
  const again = await run(images.before);
  const isSteady = again.kind === 'ended' && outputDifferences(before, again).length === 0;
  if (isSteady) return check('different', details);
  return check('varies', [
    'the output differs from run to run of the same image; only the exit status was compared',
  ]);
}

async function runOnce(
  image: string,
  argv: readonly string[] | undefined,
  { engine, label, nextName, timeoutMs, signal }: Runner,
): Promise<Outcome> {
  signal.throwIfAborted();
  const name = nextName();
  const order = { name, label, image, network: 'none', publish: [], ...(argv && { argv }) };
  const refused = await engine.create(order);
  if (refused !== undefined) return { kind: 'not started', why: refused };
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void engine.kill(name);
  }, timeoutMs);
  try {
    const { stdout, stderr } = await engine.attach(name, signal);
    signal.throwIfAborted();
    const { error, status } = await engine.state(name);
    if (error !== '') return { kind: 'not started', why: error };
    return isLate ? { kind: 'running' } : { kind: 'ended', status, stdout, stderr };
  } finally {
    clearTimeout(timer);
    await engine.remove(name);
  }
}

function describe(outcome: Outcome, seconds: number): string {
  if (outcome.kind === 'not started') return 'does not start';
  if (outcome.kind === 'running') return `still running after ${seconds} s`;
  const bytes = outcome.stdout.bytes + outcome.stderr.bytes;
  return `exit status ${outcome.status}, ${bytes} ${bytes === 1 ? 'byte' : 'bytes'} of output`;
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

type WithOutput = Extract<Outcome, { readonly kind: 'ended' }>;

function outputDifferences(before: WithOutput, after: WithOutput): string[] {
  return (['stdout', 'stderr'] as const)
    .filter((stream) => before[stream].hash !== after[stream].hash)
    .map((stream) => firstDifference(stream, before[stream].text, after[stream].text));
}

/** `stdout, line 3: "a" → "b"` */
export function firstDifference(where: string, before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const at = old.findIndex((line, index) => line !== now[index]);
  const index = at < 0 ? old.length : at;
  if (old[index] === undefined && now[index] === undefined) return `${where} differs far behind`;
  const quoted = (line: string | undefined): string =>
    line === undefined ? 'nothing' : `"${short(line)}"`;
  return `${where}, line ${index + 1}: ${quoted(old[index])} → ${quoted(now[index])}`;
}

const SHOWN_CHARACTERS = 160;

function short(line: string): string {
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}

/** Starts the image's own command in a container of each image and asks both the same. */
export async function compareAnswers(
  images: Images,
  requests: readonly Request[],
  runner: Runner,
): Promise<ProgramCheck[]> {
  const before = await answersOf(images.before, requests, runner);
  const after = await answersOf(images.after, requests, runner);
  let again: readonly Answer[] | undefined;
  const checks: ProgramCheck[] = [];
  for (const [index, { port, path }] of requests.entries()) {
    const [old, now] = [before[index]!, after[index]!];
    let details = differencesOfAnswers(old, now);
    let sameness: Sameness = details.length === 0 ? 'same' : 'different';
    if (old.kind === 'none') {
      sameness = 'unknown';
      details = [`before: ${old.why}`, ...(now.kind === 'none' ? [`after: ${now.why}`] : [])];
    } else if (now.kind === 'answer' && sameness === 'different' && old.status === now.status) {
      again ??= await answersOf(images.before, requests, runner);
      if (differencesOfAnswers(old, again[index]!).length > 0) {
        sameness = 'varies';
        details = ['the answer differs from run to run of the same image; only the status counts'];
      }
    }
    checks.push({
      what: `request ${port}${path}`,
      sameness,
      before: describeAnswer(old),
      after: describeAnswer(now),
      details,
    });
  }
  return checks;
}

async function answersOf(
  image: string,
  requests: readonly Request[],
  runner: Runner,
): Promise<Answer[]> {
  const { engine, label, nextName, signal } = runner;
  signal.throwIfAborted();
  const ports = [...new Set(requests.map(({ port }) => port))];
  const isOwn = await engine.canPublish();
  for (const port of isOwn ? [] : ports) {
    // Else somebody else's answer would be taken for the program's.
    if (await isTaken(port)) return requests.map(() => none(`port ${port} is in use here already`));
  }
  const name = nextName();
  const network = isOwn ? 'bridge' : 'host';
  const order = { name, label, image, network, publish: isOwn ? ports : [] };
  const refused = await engine.create(order);
  if (refused !== undefined) return requests.map(() => none(refused));
  try {
    await engine.start(name);
    const answers: Answer[] = [];
    for (const { port, path } of requests) {
      answers.push(await answerOf(name, { port, path }, isOwn, runner));
    }
    return answers;
  } finally {
    await engine.remove(name);
  }
}

function none(why: string): Answer {
  return { kind: 'none', why };
}

/** How often a server that does not answer yet is asked again. */
const RETRY_MS = 200;

async function answerOf(
  name: string,
  { port, path }: Request,
  isOwn: boolean,
  { engine, timeoutMs, signal }: Runner,
): Promise<Answer> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const { isRunning, status, error } = await engine.state(name);
    if (!isRunning) {
      if (error !== '') return none(error);
      const lines = (await engine.lastLines(name)).slice(-SHOWN_LINES).map(short);
      return none([`it ended with exit status ${status}`, ...lines].join(': '));
    }
    const reached = isOwn ? await engine.hostPort(name, port) : port;
    const left = deadline - Date.now();
    if (left <= 0) return none(`no answer within ${timeoutMs / 1000} s`);
    const answer = reached === undefined ? undefined : await ask(reached, port, path, left, signal);
    if (answer) return answer;
    await sleep(RETRY_MS);
  }
}
