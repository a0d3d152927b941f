/** Does each thread get more of what it has begun with, and does none wait while something is left? */
import { expect, it } from 'vitest';
import { threadQueue, type ThreadQueue } from '../../src/cli/thread-queue.ts';

const one = { name: 'one' };
const other = { name: 'other' };

/** Their kind is their first letter. */
function queueOf(...items: readonly string[]): ThreadQueue<string> {
  const queue = threadQueue<string>();
  for (const item of items) queue.add(item, item[0]);
  return queue;
}

function taken({ next }: ThreadQueue<string>, ...threads: readonly object[]): unknown[] {
  return threads.map((thread) => next(thread));
}

it('gives a thread the oldest of the kinds that it has', () => {
  const queue = queueOf('a1', 'b1', 'a2', 'b2', 'a3');
  expect(taken(queue, one, one, other, one, other)).toEqual(['a1', 'a2', 'b1', 'a3', 'b2']);
});

it('gives it one of a kind that nobody has before one of another thread', () => {
  const queue = queueOf('a1', 'a2', 'b1', 'c1');
  expect(taken(queue, one, other, other, other)).toEqual(['a1', 'b1', 'c1', 'a2']);
});

it('lets it take over a kind of another thread, but not the one of which most wait', () => {
  const queue = queueOf('a1', 'b1', 'c1');
  expect(taken(queue, one, one, one)).toEqual(['a1', 'b1', 'c1']);
  for (const item of ['a2', 'c2', 'b2', 'a3', 'b3', 'a4']) queue.add(item, item[0]);
  expect(taken(queue, other, other)).toEqual(['b2', 'b3']);
  expect(taken(queue, one, other)).toEqual(['a2', 'c2']);
  expect(taken(queue, other, one, one)).toEqual(['a3', 'a4', undefined]);
});

it('gives in their order what has no kind', () => {
  const queue = threadQueue<number>();
  for (const item of [1, 2, 3, 4]) queue.add(item);
  expect([one, one, other, one].map(queue.next)).toEqual([1, 2, 3, 4]);
});

it('gives first what another thread had when it ended, and its kinds to anybody', () => {
  const queue = queueOf('a1', 'a2', 'b1', 'b2');
  expect(taken(queue, one, other)).toEqual(['a1', 'b1']);
  queue.forget(one);
  queue.putBack(['a1']);
  expect(queue.length()).toBe(3);
  expect(taken(queue, { name: 'third' }, { name: 'third' }, other)).toEqual(['a1', 'a2', 'b2']);
});

it('gives nothing where nothing waits', () => {
  expect(threadQueue<string>().next(one)).toBeUndefined();
});
