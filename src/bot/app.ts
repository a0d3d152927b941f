/** `dfopt bot` as a whole: the queue, the server before it, the workers behind it, until it is told to stop. */
import type { Handle } from './delivery.ts';
import type { Log } from './log.ts';
import { newMetrics } from './metrics.ts';
import { RETENTION, type Queue, type Retention } from './queue/queue.ts';
import type { Rules } from './rules.ts';
import { startSchedule, type Schedule } from './schedule.ts';
import { startServer, type RunningServer } from './server.ts';
import { startWorkers } from './worker.ts';

/** Where the queue is kept. */
export type Store = { readonly file: string } | { readonly redisUrl: string };

export interface AppOptions {
  readonly store: Store;
  readonly retention?: Retention;
  /** None: this process only works. */
  readonly server?: {
    readonly host: string;
    readonly port: number;
    readonly webhookSecret?: string;
    readonly adminToken?: string;
  };
  /** How many jobs are worked on at the same time; 0: this process only serves. */
  readonly workers: number;
  readonly handle: Handle;
  readonly schedule?: Schedule;
  readonly log: Log;
  readonly rules?: Rules;
  /** How long jobs under way may take once it stops, in milliseconds. */
  readonly graceMs: number;
}

/** How often old ids are deleted, in milliseconds. */
const SWEEP_MS = 10 * 60_000;

export async function openQueue(
  store: Store,
  retention: Retention,
  warn: (message: string) => void,
): Promise<Queue> {
  if ('file' in store) {
    const { openSqliteQueue } = await import('./queue/sqlite.ts');
    return openSqliteQueue(store.file, retention);
  }
  const { openRedisQueue } = await import('./queue/redis.ts');
  return openRedisQueue({ url: store.redisUrl, warn, retention });
}

/**
 * Runs until the signal aborts, and then until the jobs under way are finished or handed back.
 * @throws where the store or the port cannot be had
 */
export async function runApp(options: AppOptions, stop: AbortSignal): Promise<void> {
  const { log, retention = RETENTION, workers: count, handle, rules, graceMs } = options;
  const queue = await openQueue(options.store, retention, (message) => log.warn(message));
  const metrics = newMetrics(queue);
  let server: RunningServer | undefined;
  try {
    if (options.server) server = await startServer({ ...options.server, queue, log, metrics });
  } catch (error) {
    await queue.close();
    throw error;
  }
  const workers = startWorkers({ queue, handle, count, log, metrics, ...(rules && { rules }) });
  const sweep = (): void => {
    queue.sweep().catch((error: unknown) => log.warn({ error }, 'old ids could not be deleted'));
  };
  const timer = setInterval(sweep, SWEEP_MS * (0.9 + Math.random() / 5));
  const warn = (error: unknown): void => log.warn({ error }, 'repositories could not be looked up');
  const endSchedule = options.schedule && startSchedule(options.schedule, queue, warn);
  log.info({ port: server?.port, workers: count }, 'started');
  await aborted(stop);
  log.info('stopping');
  clearInterval(timer);
  endSchedule?.();
  // GitHub sends a webhook once: it is taken as long as there is somebody to take it.
  server?.drain();
  await workers.stop(graceMs);
  await server?.close();
  await queue.close();
  log.info('stopped');
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
