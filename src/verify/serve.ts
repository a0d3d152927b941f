/** Do two images serve the same: by their answers, their main process and their health check? */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pair, ProcessCheck, ProgramCheck } from '../report/verification.ts';
import type { Health } from './engine.ts';
import { compareSights, lookAt, type Sight } from './main-process.ts';
import type { Request } from './order.ts';
import type { Runner } from './program.ts';
import {
  ask,
  describeAnswer,
  differencesOfAnswers,
  isTaken,
  seenAnswer,
  type Answer,
} from './request.ts';
import { judge, type Differences } from './steady.ts';
import { firstDifference, short } from './text.ts';

export interface ServeOrder {
  /** May be none: the health check alone. */
  readonly requests: readonly Request[];
  /** Has the image before a health check? */
  readonly hasHealth: boolean;
  /** Variables that the configurations are already known to differ in. */
  readonly knownVariables: ReadonlySet<string>;
  /** The ENTRYPOINTs differ, which was meant or is the bases' own. */
  readonly hasOtherStart: boolean;
}

export interface ServeChecks {
  readonly program: readonly ProgramCheck[];
  readonly mainProcess: readonly ProcessCheck[];
}

/** What one container showed. */
interface Served {
  readonly answers: readonly Answer[];
  readonly sight: Sight;
  readonly health: Health | undefined;
}

/** Starts the image's own command in a container of each image and asks both the same. */
export async function compareServers(
  order: ServeOrder,
  images: Pair<string>,
  runner: Runner,
): Promise<ServeChecks> {
  const before = await serve(order, images.before, runner);
  const after = await serve(order, images.after, runner);
  let served: Promise<Served> | undefined;
  const again = (): Promise<Served> => (served ??= serve(order, images.before, runner));
  const program: ProgramCheck[] = [];
  for (const [index, { port, path }] of order.requests.entries()) {
    const answers = { before: before.answers[index]!, after: after.answers[index]! };
    program.push({
      what: `request ${port}${path}`,
      ...(await judgeAnswers(answers, async () => (await again()).answers[index]!)),
    });
  }
  const sights = { before: before.sight, after: after.sight };
  const mainProcess = await compareSights(
    sights,
    order.knownVariables,
    order.hasOtherStart,
    async () => (await again()).sight,
  );
  if (order.hasHealth) {
    const healths = { before: before.health, after: after.health };
    mainProcess.push(await compareHealth(healths, async () => (await again()).health));
  }
  return { program, mainProcess };
}

async function judgeAnswers(
  { before, after }: Pair<Answer>,
  again: () => Promise<Answer>,
): Promise<Omit<ProgramCheck, 'what'>> {
  const seen = {
    before: describeAnswer(before),
    after: describeAnswer(after),
    seen: { before: seenAnswer(before), after: seenAnswer(after) },
  };
  if (before.kind === 'none') {
    const details = [
      `before: ${before.why}`,
      ...(after.kind === 'none' ? [`after: ${after.why}`] : []),
    ];
    return { ...seen, sameness: 'unknown', details };
  }
  const found = differencesOfAnswers(before, after);
  return {
    ...seen,
    ...(await judge(found, async () => differencesOfAnswers(before, await again()))),
  };
}

async function serve(
  { requests, hasHealth }: ServeOrder,
  image: string,
  runner: Runner,
): Promise<Served> {
  const { engine, label, nextName, signal } = runner;
  signal.throwIfAborted();
  const ports = [...new Set(requests.map(({ port }) => port))];
  const isOwn = ports.length > 0 && (await engine.canPublish());
  const refuse = (why: string): Served => ({
    answers: requests.map(() => ({ kind: 'none', why })),
    sight: {},
    health: undefined,
  });
  for (const port of isOwn ? [] : ports) {
    // Else somebody else's answer would be taken for the program's.
    if (await isTaken(port)) return refuse(`port ${port} is in use here already`);
  }
  const name = nextName();
  const network = isOwn ? 'own' : ports.length > 0 ? 'host' : 'none';
  const publish = isOwn ? ports : [];
  const refused = await engine.create({ name, label, image, network, publish, hasHealth });
  if (refused !== undefined) return refuse(refused);
  try {
    const failure = await engine.start(name);
    if (failure !== undefined) return refuse(failure);
    const answers: Answer[] = [];
    for (const request of requests) answers.push(await answerOf(name, request, isOwn, runner));
    const health = hasHealth ? await healthOf(name, requests.length > 0, runner) : undefined;
    // Before it answers or is healthy it may still be its own start script.
    const state = await engine.state(name);
    const user = state.isRunning ? await engine.userOf(name, state.pid) : undefined;
    return { answers, health, sight: state.isRunning ? lookAt(state, user) : {} };
  } finally {
    await engine.remove(name);
  }
}

function none(why: string): Answer {
  return { kind: 'none', why };
}

/** How often a server that does not answer yet is asked again. */
const RETRY_MS = 200;

/** How many of the last lines of a server that ended are shown. */
const SHOWN_LINES = 5;

async function answerOf(
  name: string,
  { port, path }: Request,
  isOwn: boolean,
  { engine, timeoutMs, signal }: Runner,
): Promise<Answer> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const { isRunning, status } = await engine.state(name);
    if (!isRunning) {
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

/**
 * Waits until it is healthy, or is not although it was asked when the server had answered.
 * @param isUp else it may still be starting, and only the time limit says that it never will be
 */
async function healthOf(
  name: string,
  isUp: boolean,
  { engine, timeoutMs, signal }: Runner,
): Promise<Health | undefined> {
  const began = Date.now();
  for (;;) {
    signal.throwIfAborted();
    const health = await engine.health(name);
    const isLate = Date.now() - began > timeoutMs;
    const isFinal = isUp && health?.status === 'unhealthy' && (health.probe?.started ?? 0) > began;
    if (health?.status === 'healthy' || isFinal || isLate) return health;
    if (!(await engine.state(name)).isRunning) return health;
    await sleep(RETRY_MS);
  }
}

async function compareHealth(
  { before, after }: Pair<Health | undefined>,
  again: () => Promise<Health | undefined>,
): Promise<ProcessCheck> {
  const check = {
    what: 'health',
    before: describeHealth(before),
    after: describeHealth(after),
  } as const;
  if (!before) return { ...check, sameness: 'not seen', details: [] };
  const found = differencesOfHealth(before, after);
  return {
    ...check,
    ...(await judge(found, async () => differencesOfHealth(before, await again()))),
  };
}

function describeHealth(health: Health | undefined): string {
  if (!health) return 'not seen';
  return `${health.status}${health.probe ? `, exit status ${health.probe.status}` : ''}`;
}

function differencesOfHealth(before: Health, after: Health | undefined): Differences {
  const found = new Map<string, string>();
  if (before.status !== after?.status) {
    const output = after?.probe?.output.trim().split('\n').at(-1);
    found.set(
      'status',
      `health: ${before.status} → ${after?.status ?? 'not seen'}${output ? `: ${short(output)}` : ''}`,
    );
  }
  const [old, now] = [before.probe, after?.probe];
  if (old && now && old.output !== now.output) {
    found.set('output', firstDifference('health check output', old.output, now.output));
  }
  return found;
}
