/** What the bot counts and times, as Prometheus reads it. No name of a repository or person is in it. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Queue } from './queue/queue.ts';
import { EVENTS } from './wanted.ts';

/** What became of a webhook. */
export type Receipt = 'stored' | 'duplicate' | 'ignored' | 'refused' | 'unstored';

/** What became of a job in the hands of a worker. */
export type Outcome =
  | 'finished'
  | 'failed'
  | 'delayed'
  | 'parked'
  | 'handed_back'
  /** Another worker has it, or may get it: the lease ran out. */
  | 'lost';

export interface Metrics {
  readonly received: (event: string, receipt: Receipt) => void;
  readonly worked: (event: string, outcome: Outcome, seconds: number) => void;
  readonly contentType: string;
  readonly text: () => Promise<string>;
}

export function newMetrics(queue: Queue): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const deliveries = new Counter({
    name: 'dfopt_bot_deliveries_total',
    help: 'Webhooks by event and what became of them',
    labelNames: ['event', 'result'],
    registers,
  });
  const jobs = new Counter({
    name: 'dfopt_bot_jobs_total',
    help: 'Jobs that a worker had, by event and what became of them',
    labelNames: ['event', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'dfopt_bot_job_seconds',
    help: 'How long a worker had a job',
    labelNames: ['event'],
    buckets: [0.1, 0.3, 1, 3, 10, 30, 100, 300],
    registers,
  });
  const lengths = new Gauge({
    name: 'dfopt_bot_queue_jobs',
    help: 'Jobs in the queue, of all processes that share it',
    labelNames: ['state'],
    registers: [],
    async collect() {
      // A store that is away is said by its absence here and by /healthz; the rest is told all the same.
      this.reset();
      const counts = await queue.counts().catch(() => undefined);
      if (!counts) return;
      this.set({ state: 'waiting' }, counts.waiting);
      this.set({ state: 'running' }, counts.running);
      this.set({ state: 'parked' }, counts.parked);
    },
  });
  register.registerMetric(lengths);
  return {
    received: (event, result) => deliveries.inc({ event: known(event), result }),
    worked: (event, outcome, taken) => {
      jobs.inc({ event: known(event), outcome });
      seconds.observe({ event: known(event) }, taken);
    },
    contentType: register.contentType,
    text: () => register.metrics(),
  };
}

const KNOWN = new Set([...EVENTS, 'schedule']);

/** Whoever sends webhooks could otherwise make up any number of series. */
function known(event: string): string {
  return KNOWN.has(event) ? event : 'other';
}
