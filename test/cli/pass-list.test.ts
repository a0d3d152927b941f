/** Is what is said of passes the same as rows? A built program has nothing but those. */
import { expect, it } from 'vitest';
import { passes } from '../../passes/index.ts';
import { passList } from '../../src/cli/pass-list.ts';

it('has all passes with all that is said of them, and nothing that rows cannot hold', () => {
  expect(passList.map(({ id }) => id)).toEqual(passes.map(({ id }) => id));
  expect(JSON.parse(JSON.stringify(passList))).toEqual(passList);
  for (const [index, words] of passList.entries()) {
    const { run, ...rest } = passes[index]!;
    expect(run).toBeTypeOf('function');
    expect(words).toEqual(rest);
  }
});
