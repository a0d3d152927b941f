/** A thread of `dfopt rewrite`: rewrites the files that it is asked for, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { resultCache } from '../sources/result-cache.ts';
import type { Purpose } from './pool.ts';
import { fileRewriter, loadAhead, type Answer, type Common, type Task } from './rewrite-file.ts';

export interface Question {
  readonly task: Task;
  readonly edits: ReadonlyMap<string, string>;
  /** The cache has its answer, most likely. */
  readonly isLikely: boolean;
}

export interface Reply {
  readonly answer: Answer;
  /** What is to be kept: one thread writes for all. */
  readonly learned: readonly (readonly [key: string, text: string])[];
}

/** @returns how a question is answered */
function begun(common: Common): (question: Question) => Promise<Reply> {
  const learned: (readonly [string, string])[] = [];
  const kept = common.cache && resultCache(common.cache.folder);
  const { rewrite } = fileRewriter(common, {
    ...(kept && {
      cache: {
        has: kept.has,
        read: kept.read,
        write: (key, text) => void learned.push([key, text]),
      },
    }),
  });
  return async ({ task, edits, isLikely }) => ({
    answer: await rewrite(task, edits, isLikely),
    learned: learned.splice(0),
  });
}

let reply: ((question: Question) => Promise<Reply>) | undefined;
let turn: Promise<void> = Promise.resolve();

parentPort!.on('message', (told: Common | Question) => {
  if (!('task' in told)) {
    reply = begun(told);
    return;
  }
  turn = answer(turn, told);
});

async function answer(before: Promise<void>, question: Question): Promise<void> {
  await before;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- workers have none
  parentPort!.postMessage(await reply!(question));
}

if ((workerData as Purpose).isToCompute) loadAhead();
