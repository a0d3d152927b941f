/** Are all questions answered, whatever the threads that have them die of? */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { poolOf, WorkerDied, type Pool } from '../../src/cli/pool.ts';

/** Threads that double numbers, and die of some words. */
const SCRIPT = `
import { parentPort, threadId, workerData } from 'node:worker_threads';
parentPort.on('message', (question) => {
  if (question === 'exit') process.exit(7);
  if (question === 'throw') throw new Error('it was too much');
  if (question === 'who') return parentPort.postMessage(threadId);
  parentPort.postMessage(question * workerData.times);
});`;

function pool<Question, Reply>(threads: number): Pool<Question, Reply> {
  const folder = mkdtempSync(join(tmpdir(), 'dfopt-test-'));
  const script = join(folder, 'script.mjs');
  writeFileSync(script, SCRIPT);
  const made = poolOf<Question, Reply>({
    script: pathToFileURL(script),
    data: { times: 2 },
    threads,
  });
  onTestFinished(async () => {
    await made.end();
    rmSync(folder, { recursive: true });
  });
  return made;
}

it('gives each question its own answer', async () => {
  const { ask } = pool<number, number>(2);
  const all = Array.from({ length: 100 }, (_, index) => index);
  expect(await Promise.all(all.map(ask))).toEqual(all.map((each) => each * 2));
});

it('has no more threads than it may have, and uses them all', async () => {
  const { ask } = pool<string, number>(2);
  const ids = await Promise.all(Array.from({ length: 20 }, () => ask('who')));
  expect(new Set(ids).size).toBe(2);
});

it.each([
  ['exit', 'a thread ended with status 7'],
  ['throw', 'it was too much'],
])('fails the question that a thread died of, and no other: %s', async (word, why) => {
  const { ask } = pool<string | number, number>(2);
  const questions = [1, 2, word, 3, word, 4, 5, 6];
  const ends = await Promise.allSettled(questions.map(ask));
  expect(ends.map((end) => (end.status === 'fulfilled' ? end.value : String(end.reason)))).toEqual([
    2,
    4,
    `Error: ${why}`,
    6,
    `Error: ${why}`,
    8,
    10,
    12,
  ]);
  const failed = ends.find((end) => end.status === 'rejected');
  expect(failed?.reason).toBeInstanceOf(WorkerDied);
});
