/** Threads that answer questions; what one of them dies of is the failure of one question. */
import { Worker } from 'node:worker_threads';

export interface Pool<Question, Reply> {
  /** Rejects with WorkerDied where the thread that had the question is no more. */
  readonly ask: (question: Question) => Promise<Reply>;
  /** A question that no thread has begun with: whoever takes it must answer it. */
  readonly take: () => Taken<Question, Reply> | undefined;
  readonly end: () => Promise<void>;
}

/** Its message says how. */
export class WorkerDied extends Error {}

export interface PoolOptions {
  /** A module for `answerQuestions`. */
  readonly script: URL;
  /** What its threads are given at their start; plain data. */
  readonly data: unknown;
  readonly threads: number;
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
const ASKED_AT_ONCE = 4;

/** Threads are started as they are needed, and each answers its questions in their order. */
export function poolOf<Question, Reply>(options: PoolOptions): Pool<Question, Reply> {
  const { script, data, threads: most } = options;
  const waiting: Waiting<Question, Reply>[] = [];
  const threads = new Set<Thread<Question, Reply>>();
  const nursery = Math.max(NURSERY.usual, Math.min(NURSERY.most, NURSERY.ofAllThreads / most));
  let hasEnded = false;

  const give = (): void => {
    while (waiting.length > 0) {
      const free = [...threads].filter(({ asked }) => asked.length < ASKED_AT_ONCE);
      const idle = free.find(({ asked }) => asked.length === 0);
      const thread = idle ?? (threads.size < most ? start() : free[0]);
      if (!thread) return;
      const next = waiting.shift()!;
      thread.asked.push(next);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- workers have none
      thread.worker.postMessage(next.question);
    }
  };
  const start = (): Thread<Question, Reply> => {
    const worker = new Worker(script, {
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: nursery },
    });
    const thread: Thread<Question, Reply> = { worker, asked: [] };
    threads.add(thread);
    let cause = '';
    worker.on('message', (reply: Reply) => {
      thread.asked.shift()?.resolve(reply);
      give();
    });
    worker.on('error', (error: unknown) => {
      cause = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', (code) => {
      threads.delete(thread);
      if (hasEnded) return;
      const [culprit, ...others] = thread.asked;
      culprit?.reject(new WorkerDied(cause || `a thread ended with status ${code}`));
      waiting.unshift(...others);
      give();
    });
    return thread;
  };
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        waiting.push({ question, resolve, reject });
        give();
      }),
    take: () => waiting.shift(),
    end: async () => {
      hasEnded = true;
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}
