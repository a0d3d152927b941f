/** A thread of `dfopt rewrite`: rewrites the files that it is asked for, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { fileRewriter, type Common, type Task } from './rewrite-file.ts';

export interface Question {
  readonly task: Task;
  readonly edits: ReadonlyMap<string, string>;
}

const { rewrite } = fileRewriter(workerData as Common);
let turn: Promise<void> = Promise.resolve();
parentPort!.on('message', ({ task, edits }: Question) => {
  turn = turn.then(async () => {
    parentPort!.postMessage(await rewrite(task, edits));
  });
});
