/**
 * Workers: they take jobs from the queue, hand them to the handler, and tell the queue what became of
 * them. A job is finished only when its handler says so; whatever else happens, it comes again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Parked, RetryLater, type Handle } from './delivery.ts';
import type { Log } from './log.ts';
import type { Metrics, Outcome } from './metrics.ts';
import type { Job, Queue } from './queue/queue.ts';
import { pauseAfter, RULES, type Rules } from './rules.ts';

export interface WorkersOptions {
  readonly queue: Queue;
  readonly handle: Handle;
  /** How many jobs this process works on at the same time. */
  readonly count: number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly rules?: Rules;
}

export interface Workers {
  /**
   * Takes no more jobs, waits for those under way, then has them end and hands them back. Resolves
   * when no worker does anything any more, or hangs.
   * @param graceMs how long the jobs under way may take
   */
  readonly stop: (graceMs: number) => Promise<void>;
}

/** Why a job under way has to end. */
type Stop = 'the bot stops' | 'the lease was lost' | 'it takes too long';

interface Surroundings extends WorkersOptions {
  readonly rules: Rules;
  readonly isStopping: () => boolean;
  /** Jobs under way, each with how to end it. */
  readonly running: Set<(why: Stop) => void>;
}

/** A log that says the same every second is no use. */
const COMPLAINT_MS = 30_000;

export function startWorkers(options: WorkersOptions): Workers {
  let isStopping = false;
  const around: Surroundings = {
    ...options,
    rules: options.rules ?? RULES,
    isStopping: () => isStopping,
    running: new Set(),
  };
  const loops = Promise.all(Array.from({ length: options.count }, () => loop(around)));
  return {
    stop: async (graceMs) => {
      isStopping = true;
      options.queue.wake();
      if (await isDoneWithin(loops, graceMs)) return;
      for (const end of around.running) end('the bot stops');
      await isDoneWithin(loops, around.rules.requestMs);
    },
  };
}

async function isDoneWithin(task: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const isDone = await Promise.race([
    task.then(() => true),
    sleep(ms, false, { signal: timer.signal }),
  ]);
  timer.abort();
  return isDone;
}

async function loop(around: Surroundings): Promise<void> {
  const { queue, log, rules } = around;
  let complained = -Infinity;
  while (!around.isStopping()) {
    const begin = performance.now();
    let job: Job | undefined;
    try {
      job = await queue.take(rules.leaseMs);
    } catch (error) {
      if (begin - complained > COMPLAINT_MS) {
        log.error({ error }, 'the queue does not answer');
        complained = begin;
      }
      await queue.changed(rules.idleMs);
      continue;
    }
    if (job) await work(job, begin, around);
    else await queue.changed(rules.idleMs);
  }
}

/** @param begin when the lease began, by this process's own clock */
async function work(job: Job, begin: number, around: Surroundings): Promise<void> {
  const { log, metrics } = around;
  const { id, event, action, repository, installation } = job.delivery;
  const jobLog = log.child({ delivery: id, event, action, repository, installation });
  const hold = keepHold(job, begin, around);
  let outcome: Outcome = 'lost';
  try {
    outcome = await outcomeOf(job, hold, { ...around, log: jobLog });
  } catch (error) {
    jobLog.error({ error }, 'the queue could not be told; the job comes again');
  } finally {
    hold.release();
  }
  const seconds = (performance.now() - begin) / 1000;
  metrics.worked(event, outcome, seconds);
  jobLog.info({ outcome, seconds: Number(seconds.toFixed(3)) }, 'worked');
}

async function outcomeOf(job: Job, hold: Hold, around: Surroundings): Promise<Outcome> {
  const { queue, log, rules } = around;
  const tell = (step: () => Promise<boolean>): Promise<boolean> => told(step, hold, rules);
  const park = async (reason: string): Promise<Outcome> => {
    log.error({ reason }, 'parked');
    return (await tell(() => queue.park(job, reason))) ? 'parked' : 'lost';
  };
  if (job.losses >= rules.losses) {
    return park(`its worker was killed or hung ${job.losses} times`);
  }
  let error: unknown;
  try {
    await Promise.race([around.handle(job.delivery, hold.signal), hold.isOverdue]);
    return (await tell(() => queue.finish(job))) ? 'finished' : 'lost';
  } catch (thrown) {
    error = thrown;
  }
  // Somebody may still be at it: the lease keeps the others away as long as it lasts.
  if (error instanceof Overdue || hold.stopped() === 'the lease was lost') return 'lost';
  if (hold.stopped() === 'the bot stops') {
    // A request may still be under way: whoever goes on must see what it did.
    const again = { afterMs: rules.requestMs, isFailure: false, isForInstallation: false };
    const isBack = await tell(() => queue.retry(job, { ...again, reason: 'the bot stopped' }));
    return isBack ? 'handed_back' : 'lost';
  }
  if (error instanceof Parked) return park(error.message);
  const said = error instanceof Error ? error.message : String(error);
  const reason = hold.stopped() ?? said;
  if (error instanceof RetryLater) {
    const { afterMs } = error;
    if (Date.now() - job.delivery.receivedAt > rules.oldestMs) {
      return park(`put off for too long: ${reason}`);
    }
    log.warn({ reason, afterMs }, 'put off');
    const again = { afterMs, reason, isFailure: false, isForInstallation: true };
    return (await tell(() => queue.retry(job, again))) ? 'delayed' : 'lost';
  }
  const failures = job.failures + 1;
  if (failures >= rules.failures) return park(`failed ${failures} times; the last time: ${reason}`);
  const afterMs = pauseAfter(failures, Math.random(), rules);
  log.warn({ error, failures, afterMs }, 'failed');
  const again = { afterMs, reason, isFailure: true, isForInstallation: false };
  return (await tell(() => queue.retry(job, again))) ? 'failed' : 'lost';
}

/** A store that is away for a moment is told again, as long as the job is this worker's. */
async function told(step: () => Promise<boolean>, hold: Hold, rules: Rules): Promise<boolean> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (performance.now() + rules.idleMs > hold.end()) throw error;
      await sleep(rules.idleMs / 4);
    }
  }
}

class Overdue extends Error {}

/** A worker's hold on its job. */
interface Hold {
  readonly signal: AbortSignal;
  /** Rejects where the handler neither ends nor heeds the signal. */
  readonly isOverdue: Promise<never>;
  readonly stopped: () => Stop | undefined;
  /** When the lease ends, by this process's own clock. */
  readonly end: () => number;
  readonly release: () => void;
}

function keepHold(job: Job, begin: number, around: Surroundings): Hold {
  const { queue, rules, running } = around;
  const controller = new AbortController();
  let end = begin + rules.leaseMs;
  let stopped: Stop | undefined;
  let overdue: NodeJS.Timeout | undefined;
  let giveUp: (error: Error) => void = () => undefined;
  const isOverdue = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  isOverdue.catch(() => undefined);
  const stop = (why: Stop): void => {
    if (stopped !== undefined) return;
    stopped = why;
    controller.abort(new Error(why));
    overdue = setTimeout(() => giveUp(new Overdue(why)), rules.requestMs);
  };
  let isRenewing = false;
  const renew = async (): Promise<void> => {
    const asked = performance.now();
    if (asked > begin + rules.longestMs) stop('it takes too long');
    // Time enough for the request under way to end before another worker begins.
    if (asked > end - rules.requestMs) stop('the lease was lost');
    // Once it should have ended, a handler that does not must lose the job.
    if (stopped !== undefined || isRenewing) return;
    isRenewing = true;
    try {
      if (await queue.renew(job, rules.leaseMs)) end = asked + rules.leaseMs;
      else stop('the lease was lost');
    } catch {
      // The next one may get through; if none does, the lease is lost.
    } finally {
      isRenewing = false;
    }
  };
  const timer = setInterval(() => void renew(), rules.leaseMs / 5);
  running.add(stop);
  return {
    signal: controller.signal,
    isOverdue,
    stopped: () => stopped,
    end: () => end,
    release: () => {
      clearInterval(timer);
      clearTimeout(overdue);
      running.delete(stop);
    },
  };
}
