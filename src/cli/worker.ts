/** A thread of `dfopt rewrite`: rewrites the files that it is asked for, one after the other. */
import { parentPort } from 'node:worker_threads';
import { resultCache } from '../sources/result-cache.ts';
import { fileRewriter, loadAhead, type Answer, type Common, type Task } from './rewrite-file.ts';

export interface Question {
  readonly task: Task;
  readonly edits: ReadonlyMap<string, string>;
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
  return async ({ task, edits }) => ({
    answer: await rewrite(task, edits),
    learned: learned.splice(0),
  });
}

parentPort!.once('message', (common: Common) => {
  const reply = begun(common);
  let turn: Promise<void> = Promise.resolve();
  const answer = async (before: Promise<void>, question: Question): Promise<void> => {
    await before;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- workers have none
    parentPort!.postMessage(await reply(question));
  };
  parentPort!.on('message', (question: Question) => {
    turn = answer(turn, question);
  });
});

// Files that nobody has computed yet are all that a thread is asked for.
loadAhead();
