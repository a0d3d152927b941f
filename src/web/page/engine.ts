/** The worker as the page sees it: one job at a time, of those that wait only the newest. */
import { WORKER_POLICY } from '../policy.ts';
import type { ContextJson, FactChanges } from '../messages.ts';
import type { Order, Outcome, Report, RewriteJob } from './protocol.ts';
import { workerUrl } from 'virtual:worker';

type Ready = Extract<Report, { kind: 'ready' }>;

export interface Engine {
  readonly ready: Promise<Ready>;
  /** Begins, where nothing was asked for yet. */
  readonly start: () => void;
  /** What is known of the build context, for all rewrites from now on. */
  readonly setContext: (context: ContextJson | undefined) => void;
  readonly rewrite: (job: RewriteJob) => void;
}

export interface Listener {
  readonly onOutcome: (outcome: Outcome) => void;
  /** @param why a sentence without a full stop */
  readonly onFailure: (why: string) => void;
}

/** Longer than any rewrite of a Dockerfile that somebody wrote. */
const PATIENCE_MS = 30_000;

/** @param first a worker that was started before the facts were known; else one is when it is needed */
export function startEngine(
  facts: FactChanges,
  listener: Listener,
  first: Worker | undefined,
): Engine {
  let worker: Worker | undefined;
  let context: ContextJson | undefined;
  let running: number | undefined;
  let waiting: RewriteJob | undefined;
  let isReady = false;
  let count = 0;
  let timer: number | undefined;
  let settle: { resolve: (ready: Ready) => void; reject: (error: Error) => void };
  const ready = new Promise<Ready>((resolve, reject) => (settle = { resolve, reject }));

  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- workers have none
  const order = (message: Order): void => worker?.postMessage(message);
  const next = (): void => {
    if (!isReady || running !== undefined || !waiting) return;
    const job = waiting;
    waiting = undefined;
    running = ++count;
    timer = window.setTimeout(giveUp, PATIENCE_MS);
    order({ kind: 'rewrite', number: running, job });
  };
  const done = (): void => {
    window.clearTimeout(timer);
    running = undefined;
  };
  const giveUp = (): void => {
    worker?.terminate();
    done();
    isReady = false;
    begin(startWorker());
    listener.onFailure(
      `the rewrite took longer than ${PATIENCE_MS / 1000} seconds and was stopped`,
    );
  };
  const hear = (message: Report): void => {
    if (message.kind === 'ready') {
      isReady = true;
      settle.resolve(message);
    } else if (message.kind === 'failed' && message.number === undefined) {
      settle.reject(new Error(message.why));
      listener.onFailure(failureText(message));
    } else {
      done();
      if (message.kind === 'failed') listener.onFailure(failureText(message));
      // What waits will replace it at once.
      else if (!waiting) listener.onOutcome(message.outcome);
    }
    next();
  };
  const begin = (started: Worker): void => {
    worker = started;
    started.addEventListener('message', (event: MessageEvent<Report>) => hear(event.data));
    const tell = (): void => {
      const error = new Error('the part of the page that rewrites could not be loaded');
      settle.reject(error);
      listener.onFailure(error.message);
    };
    started.addEventListener('error', tell);
    if (brokenWorkers.has(started)) tell();
    order({ kind: 'load', facts });
    if (context) order({ kind: 'context', context });
  };

  const start = (): void => {
    if (!worker) begin(startWorker());
  };

  if (first) begin(first);
  return {
    ready,
    start,
    setContext: (given) => {
      context = given;
      // One that begins later is told then.
      order({ kind: 'context', context: given });
    },
    rewrite: (job) => {
      waiting = job;
      start();
      next();
    },
  };
}

function failureText({ why, isOutside }: Extract<Report, { kind: 'failed' }>): string {
  return isOutside ? why : `a bug in dfopt: ${why}`;
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string;
  };
}

let workerAddress: string | undefined;

/** Those that failed before anybody listened. */
const brokenWorkers = new WeakSet<Worker>();

/**
 * It loads the core and the facts at once, and waits for orders. Browsers with Trusted Types run no script whose URL this one policy did not make.
 */
export function startWorker(): Worker {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  workerAddress ??= trustedTypes
    ? trustedTypes
        .createPolicy(WORKER_POLICY, { createScriptURL: () => workerUrl })
        .createScriptURL(workerUrl)
    : workerUrl;
  // A script, not a module: it loads its pieces while it runs.
  const worker = new Worker(workerAddress);
  worker.addEventListener('error', () => brokenWorkers.add(worker), { once: true });
  return worker;
}
