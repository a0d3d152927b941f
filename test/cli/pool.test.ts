/** Are all questions answered, whatever the threads that have them die of? */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import {
  earlyThread,
  poolOf,
  WorkerDied,
  type EarlyThread,
  type Pool,
} from '../../src/cli/pool.ts';

/** Threads that double numbers, and die of some words. */
const SCRIPT = `
import { parentPort, threadId } from 'node:worker_threads';
parentPort.once('message', ({ times }) => parentPort.on('message', (question) => {
  if (question === 'exit') process.exit(7);
  if (question === 'throw') throw new Error('it was too much');
  if (question === 'who') return parentPort.postMessage(threadId);
  parentPort.postMessage(question * times);
}));`;

function pool<Question, Reply>(threads: number, early?: EarlyThread): Pool<Question, Reply> {
  const made = poolOf<Question, Reply>({
    script: written(SCRIPT),
    data: { times: 2 },
    threads,
    purpose: { isToCompute: true },
    ...(early && { early }),
  });
  onTestFinished(made.end);
  return made;
}

function written(text: string): URL {
  const folder = mkdtempSync(join(tmpdir(), 'dfopt-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = join(folder, 'script.mjs');
  writeFileSync(script, text);
  return pathToFileURL(script);
}

it('gives each question its own answer', async () => {
  const { ask } = pool<number, number>(2);
  const all = Array.from({ length: 100 }, (_, index) => index);
  expect(await Promise.all(all.map((each) => ask(each)))).toEqual(all.map((each) => each * 2));
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
  const ends = await Promise.allSettled(questions.map((each) => ask(each)));
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

it('asks a thread that was started before', async () => {
  const early = earlyThread(written(SCRIPT), 1, { isToCompute: true });
  const id = early.take()?.threadId;
  const { ask } = pool<string | number, number>(1, early);
  expect(await ask('who')).toBe(id);
  expect(await ask(4)).toBe(8);
});

it('starts another one where that has died', async () => {
  const early = earlyThread(written(`throw new Error('it cannot be loaded')`), 1, {
    isToCompute: true,
  });
  while (early.take()) await setTimeout(5);
  const { ask } = pool<number, number>(1, early);
  expect(await ask(4)).toBe(8);
});

it('ends threads that have nothing to do any more, and starts another one if it is asked', async () => {
  const { ask, expectNoMore } = pool<string | number, number>(1);
  const asked = [ask('who'), ask(4)];
  expectNoMore();
  const [first, eight] = await Promise.all(asked);
  expect(eight).toBe(8);
  expect(await ask('who')).not.toBe(first);
});

it('ends those that have nothing to do at that time', async () => {
  const { ask, expectNoMore } = pool<string, number>(1);
  const first = await ask('who');
  expect(await ask('who')).toBe(first);
  expectNoMore();
  expect(await ask('who')).not.toBe(first);
});

it('leaves something to the one that asks when little is left', () => {
  const { ask, take } = pool<number, number>(1);
  for (const question of [1, 2, 3, 4]) void ask(question);
  expect([take()?.question, take()?.question, take()]).toEqual([3, 4, undefined]);
});
