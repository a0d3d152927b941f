/** Is the line there on a terminal alone, and gone before anything else is written? */
import { expect, it } from 'vitest';
import { progressLine } from '../../src/cli/progress-line.ts';

function terminal(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

it('says nothing for half a second, and then ten times a second at most', () => {
  const output = terminal(true);
  let now = 0;
  const progress = progressLine(output, 300, () => now);
  for (let done = 1; done <= 100; done++) {
    now += 20;
    progress.say(done);
  }
  expect(output.written[0]).toBe('\r\u001b[K25 of 300 files');
  expect(output.written).toHaveLength(16);
  progress.clear();
  progress.clear();
  expect(output.written.slice(16)).toEqual(['\r\u001b[K']);
});

it.each([
  ['no terminal', terminal(false), 300],
  ['one file', terminal(true), 1],
  ['a terminal that is too narrow', terminal(true, 10), 300],
])('is not there with %s', (_, output, total) => {
  let now = 0;
  const progress = progressLine(output, total, () => (now += 1000));
  progress.say(1);
  progress.clear();
  expect(output.written).toEqual([]);
});
