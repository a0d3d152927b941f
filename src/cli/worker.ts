/** A thread of `dfopt rewrite`: rewrites the files that it is asked for, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { resultCache } from '../sources/result-cache.ts';
import { fileRewriter, type Answer, type Common, type Task } from './rewrite-file.ts';

export interface Question {
  readonly task: Task;
  readonly edits: ReadonlyMap<string, string>;
}

export interface Reply {
  readonly answer: Answer;
  /** What is to be kept: one thread writes for all. */
  readonly learned: readonly (readonly [key: string, text: string])[];
}

const common = workerData as Common;
const learned: (readonly [string, string])[] = [];
const kept = common.cache && resultCache(common.cache.folder);
const { rewrite } = fileRewriter(common, {
  ...(kept && {
    cache: { has: kept.has, read: kept.read, write: (key, text) => void learned.push([key, text]) },
  }),
});
let turn: Promise<void> = Promise.resolve();

async function answer(before: Promise<void>, { task, edits }: Question): Promise<void> {
  await before;
  const reply: Reply = { answer: await rewrite(task, edits), learned: learned.splice(0) };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- workers have none
  parentPort!.postMessage(reply);
}

parentPort!.on('message', (question: Question) => {
  turn = answer(turn, question);
});
