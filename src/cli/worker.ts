/** A thread of `dfopt rewrite`: rewrites the files that it is asked for, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { fileRewriter, type Common, type Task } from './rewrite-file.ts';

export interface Question {
  readonly task: Task;
  readonly edits: ReadonlyMap<string, string>;
}

const { rewrite } = fileRewriter(workerData as Common);
let turn: Promise<void> = Promise.resolve();

async function answer(before: Promise<void>, { task, edits }: Question): Promise<void> {
  await before;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- workers have none
  parentPort!.postMessage(await rewrite(task, edits));
}

parentPort!.on('message', (question: Question) => {
  turn = answer(turn, question);
});
