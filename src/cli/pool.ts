/** Threads that answer questions; what one of them dies of is the failure of one question. */
import { Worker } from 'node:worker_threads';
import { beginWithRoom } from './engine-flags.ts';
import { threadQueue } from './thread-queue.ts';

export interface Pool<Question, Reply> {
  /**
   * Rejects with WorkerDied where the thread that had the question is no more.
   *
   * @param kind of questions that one thread had best be asked
   */
  readonly ask: (question: Question, kind?: string) => Promise<Reply>;
  /** A question that no thread has begun with: whoever takes it must answer it. */
  readonly take: () => Taken<Question, Reply> | undefined;
  /**
   * No more questions are expected: a thread that has answered all of its own is ended then and there, as
   * its memory is not given back in no time. For what is asked all the same, another one is started.
   */
  readonly expectNoMore: () => void;
  readonly end: () => Promise<void>;
}

/** Its message says how. */
export class WorkerDied extends Error {}

/** What a thread is for, told when it starts. */
export interface Purpose {
  /** Nothing that it will be asked is known yet. */
  readonly isToCompute: boolean;
}

export interface PoolOptions {
  /** A module that is told the data first, and then questions. */
  readonly script: URL;
  /** What its threads are told first; plain data. */
  readonly data: unknown;
  readonly threads: number;
  readonly purpose: Purpose;
  /** The first of them. */
  readonly early?: EarlyThread;
}

/** A thread that loads its program while nobody knows yet what it will be asked. */
export interface EarlyThread {
  /** `undefined` where it is no more. */
  readonly take: () => Worker | undefined;
  /** Where it turns out that nobody needs it. */
  readonly end: () => Promise<void>;
}

export interface Taken<Question, Reply> {
  readonly question: Question;
  readonly resolve: (reply: Reply) => void;
}

interface Waiting<Question, Reply> extends Taken<Question, Reply> {
  readonly reject: (error: Error) => void;
}

interface Thread<Question, Reply> {
  readonly worker: Worker;
  /** The first of them is being answered. */
  readonly asked: Waiting<Question, Reply>[];
}

/**
 * Where new objects of a thread lie, in MB. What a file needs is garbage when it is done, and the fewer are
 * half done at a collection, the less there is to carry along. It costs memory: of two threads 270 MB.
 */
const NURSERY = { usual: 48, most: 192, ofAllThreads: 1536 };

/** So many that a thread seldom waits for the one that asks, while that one answers a question itself. */
const ASKED_AT_ONCE = 8;

/** @param threads that there will be at most */
export function earlyThread(script: URL, threads: number, purpose: Purpose): EarlyThread {
  const worker = startThread(script, threads, purpose);
  let isThere = true;
  const forget = (): void => {
    isThere = false;
  };
  worker.once('exit', forget);
  // What it died of will come up again in the one that is started instead.
  worker.once('error', forget);
  // Nobody waits for it.
  worker.unref();
  return {
    take: () => {
      worker.ref();
      return isThere ? worker : undefined;
    },
    end: async () => {
      await worker.terminate();
    },
  };
}

function startThread(script: URL, threads: number, purpose: Purpose): Worker {
  const nursery = Math.max(NURSERY.usual, Math.min(NURSERY.most, NURSERY.ofAllThreads / threads));
  beginWithRoom();
  return new Worker(script, {
    workerData: purpose,
    resourceLimits: { maxYoungGenerationSizeMb: nursery },
  });
}

/** Threads are started as they are needed, and each answers its questions in their order. */
export function poolOf<Question, Reply>(options: PoolOptions): Pool<Question, Reply> {
  const { script, data, threads: most, purpose } = options;
  const waiting = threadQueue<Waiting<Question, Reply>>();
  // The one that asks takes questions, too.
  const here = {};
  const threads = new Set<Thread<Question, Reply>>();
  let { early } = options;
  let isLast = false;
  let hasEnded = false;
  const ends: Promise<unknown>[] = [];

  const give = (): void => {
    while (waiting.length() > 0) {
      // What is left in the end is shared with the one that asks: it cannot take back what it gave.
      const left =
        waiting.length() + [...threads].reduce((sum, { asked }) => sum + asked.length, 0);
      const share = Math.min(ASKED_AT_ONCE, Math.ceil(left / (most + 1)));
      const free = [...threads].filter(({ asked }) => asked.length < share);
      const idle = free.find(({ asked }) => asked.length === 0);
      const thread = idle ?? (threads.size < most ? start() : free[0]);
      if (!thread) return;
      const next = waiting.next(thread)!;
      thread.asked.push(next);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- workers have none
      thread.worker.postMessage(next.question);
    }
  };
  const endIfDone = (thread: Thread<Question, Reply>): void => {
    if (!isLast || thread.asked.length > 0) return;
    threads.delete(thread);
    ends.push(thread.worker.terminate());
  };
  const start = (): Thread<Question, Reply> => {
    const worker = early?.take() ?? startThread(script, most, purpose);
    early = undefined;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- workers have none
    worker.postMessage(data);
    const thread: Thread<Question, Reply> = { worker, asked: [] };
    threads.add(thread);
    let cause = '';
    worker.on('message', (reply: Reply) => {
      thread.asked.shift()?.resolve(reply);
      give();
      endIfDone(thread);
    });
    worker.on('error', (error: unknown) => {
      cause = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', (code) => {
      threads.delete(thread);
      if (hasEnded) return;
      const [culprit, ...others] = thread.asked;
      culprit?.reject(new WorkerDied(cause || `a thread ended with status ${code}`));
      waiting.forget(thread);
      waiting.putBack(others);
      give();
    });
    return thread;
  };
  return {
    ask: (question, kind) =>
      new Promise((resolve, reject) => {
        waiting.add({ question, resolve, reject }, kind);
        give();
      }),
    take: () => waiting.next(here),
    expectNoMore: () => {
      isLast = true;
      for (const thread of threads) endIfDone(thread);
    },
    end: async () => {
      hasEnded = true;
      await Promise.all([...ends, ...[...threads].map(({ worker }) => worker.terminate())]);
    },
  };
}
