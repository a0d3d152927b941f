/**
 * What the bot asks of its queue. Jobs stand in lines, one line a key: the head of a line is worked on
 * by one worker at a time, those behind it wait until it is finished or parked. Installations take
 * turns, whatever the length of their lines.
 */
import type { Delivery } from '../delivery.ts';

/** A delivery in the hands of a worker. */
export interface Job {
  readonly delivery: Delivery;
  readonly key: string;
  /** How often it ended with an error. */
  readonly failures: number;
  /** How often the lease of its worker ran out: it was killed, or hung. */
  readonly losses: number;
  /** Says who has it; every step on a job is refused once another worker has it. */
  readonly lease: string;
}

export interface ParkedJob {
  readonly id: string;
  readonly event: string;
  readonly action?: string;
  readonly repository?: string;
  readonly installation?: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly parkedAt: number;
  readonly reason: string;
}

export interface Counts {
  /** Not parked and not in the hands of a worker. */
  readonly waiting: number;
  readonly running: number;
  readonly parked: number;
  /** Ids of finished deliveries that are still known. */
  readonly seen?: number;
}

export interface Again {
  /** Milliseconds until the job may be taken again; its line waits as long. */
  readonly afterMs: number;
  readonly reason: string;
  readonly isFailure: boolean;
  /** Whether all jobs of its installation wait as long. */
  readonly isForInstallation: boolean;
}

/** Every step is durable when it resolves, and rejects where the store does not answer. */
export interface Queue {
  /** @returns `false` where the delivery is known already: waiting, running, parked or finished */
  readonly add: (delivery: Delivery) => Promise<boolean>;
  /** The next job that may be worked on; `undefined` where there is none now. */
  readonly take: (leaseMs: number) => Promise<Job | undefined>;
  /** The steps of whoever has a job; `false` where another has it or it is gone. */
  readonly renew: (job: Job, leaseMs: number) => Promise<boolean>;
  readonly finish: (job: Job) => Promise<boolean>;
  readonly retry: (job: Job, again: Again) => Promise<boolean>;
  readonly park: (job: Job, reason: string) => Promise<boolean>;
  /** The latest first. */
  readonly parked: (limit: number) => Promise<readonly ParkedJob[]>;
  /** Puts a parked job at the end of its line, as if it had just come. */
  readonly unpark: (id: string) => Promise<boolean>;
  readonly counts: () => Promise<Counts>;
  /** Deletes what is kept no longer. */
  readonly sweep: () => Promise<void>;
  /** Resolves when there may be something to take, at the latest after `ms`. */
  readonly changed: (ms: number) => Promise<void>;
  /** Wakes everyone who waits in `changed`. */
  readonly wake: () => void;
  readonly close: () => Promise<void>;
}

/** How long things are kept, in milliseconds. */
export interface Retention {
  /** Ids of finished deliveries, so that they are not worked on twice. */
  readonly seenMs: number;
  /** Parked jobs that nobody put back. */
  readonly parkedMs: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** GitHub sends a delivery again on demand for three days, GitHub Enterprise Server for seven. */
export const RETENTION: Retention = { seenMs: 8 * DAY_MS, parkedMs: 30 * DAY_MS };

/** What a parked job shows of its delivery. */
export function parkedJobOf(delivery: Delivery, parkedAt: number, reason: string): ParkedJob {
  const { payload: _, ...rest } = delivery;
  return { ...rest, parkedAt, reason };
}
