/** Words of a command line, there and back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinWords, splitWords } from '../../src/verify/argv.ts';

describe('splitWords', () => {
  it.each([
    ['node --version', ['node', '--version']],
    ["sh -c 'echo  $HOME; id'", ['sh', '-c', 'echo  $HOME; id']],
    [String.raw`a "b \"c\" \d" e\ f`, ['a', String.raw`b "c" \d`, 'e f']],
    [`x'y'"z"`, ['xyz']],
    [`a '' ""`, ['a', '', '']],
    ['  ', []],
    ['a\n\tb', ['a', 'b']],
    ['$(id) `id` && *', ['$(id)', '`id`', '&&', '*']],
  ])('%j', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  it.each(["a 'b", 'a "b', 'a\\', "'", '"\\"'])('refuses %j', (text) => {
    expect(splitWords(text)).toBeUndefined();
  });
});

describe('joinWords', () => {
  it.each([
    [['node', '-p', 'a=1'], 'node -p a=1'],
    [['sh', '-c', 'echo x; id'], "sh -c 'echo x; id'"],
    [["it's", ''], `'it'"'"'s' ''`],
  ])('%j', (words, text) => {
    expect(joinWords(words)).toBe(text);
  });

  it('is undone by splitWords', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        expect(splitWords(joinWords(words))).toEqual(words);
      }),
    );
  });
});
