/** Replacements of lines: what they cover, what they put there, and when there can be none. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applied, replacementOf, type Replacement } from '../../src/bot/spans.ts';
import { hunksOf, type Hunk } from '../../src/bot/patch.ts';
import { lineEdits, linesOf } from '../../src/report/formats/line-edits.ts';

function all(text: string): readonly Hunk[] {
  return [{ start: 1, end: linesOf(text).length }];
}

function between(before: string, after: string, hunks = all(before)) {
  return replacementOf(before, lineEdits(before, after), hunks);
}

describe('a replacement', () => {
  it.each([
    ['of a line', 'a\nb\nc\n', 'a\nx\nc\n', { start: 2, end: 2, lines: ['x'] }],
    ['of a line by two', 'a\nb\nc\n', 'a\nx\ny\nc\n', { start: 2, end: 2, lines: ['x', 'y'] }],
    ['of lines that go', 'a\nb\nc\nd\n', 'a\nd\n', { start: 2, end: 3, lines: [] }],
    ['of the first line that goes', 'a\nb\n', 'b\n', { start: 1, end: 1, lines: [] }],
    ['of the last line that goes', 'a\nb\n', 'a\n', { start: 2, end: 2, lines: [] }],
    ['of a line that comes', 'a\nb\n', 'a\nx\nb\n', { start: 2, end: 2, lines: ['x', 'b'] }],
    ['of a line at the top', 'a\nb\n', 'x\na\nb\n', { start: 1, end: 1, lines: ['x', 'a'] }],
    ['of a line at the end', 'a\nb\n', 'a\nb\nx\n', { start: 2, end: 2, lines: ['b', 'x'] }],
    ['of a last line without an end', 'a\nb', 'a\nx', { start: 2, end: 2, lines: ['x'] }],
    [
      'of two lines and what is between',
      'a\nb\nc\n',
      'x\nb\ny\n',
      { start: 1, end: 3, lines: ['x', 'b', 'y'] },
    ],
    ['of tabs', 'a\n\tb \n', 'a\n\t\tb \n', { start: 2, end: 2, lines: ['\t\tb '] }],
    [
      'by a blank line, with a neighbour',
      'a\nb\nc\n',
      'a\n\nc\n',
      { start: 2, end: 3, lines: ['', 'c'] },
    ],
    ['by a blank line at the end', 'a\nb\n', 'a\n\n', { start: 1, end: 2, lines: ['a', ''] }],
  ])('%s', (_, before, after, expected) => {
    const found = between(before, after);
    expect(found).toEqual(expected);
    expect(applied(before, [found as Replacement])).toBe(after);
  });

  it('takes the neighbour that the pull request shows', () => {
    expect(between('a\nb\nc\n', 'a\nx\nb\nc\n', [{ start: 1, end: 1 }])).toEqual({
      start: 1,
      end: 1,
      lines: ['a', 'x'],
    });
  });

  it.each([
    ['lines that no hunk shows', 'a\nb\nc\n', 'a\nx\nc\n', [{ start: 1, end: 1 }], 'does not show'],
    [
      'lines of two hunks',
      'a\nb\nc\n',
      'x\nb\ny\n',
      [
        { start: 1, end: 1 },
        { start: 3, end: 3 },
      ],
      'does not show',
    ],
    ['a line end that comes at the end', 'a\nb', 'a\nb\n', undefined, 'ends with a line end'],
    ['a line end that goes at the end', 'a\nb\n', 'a\nb', undefined, 'ends with a line end'],
    ['a last line that goes without an end', 'a\nb\nc', 'a\nb\n', undefined, 'line end'],
    ['CR LF', 'a\r\nb\r\n', 'a\r\nx\r\n', undefined, 'CR LF'],
    ['a byte order mark', '\ufeffa\nb\n', '\ufeffx\nb\n', undefined, 'cannot be seen'],
    ['what turns the writing direction', 'a\nb\n', 'a\n\u202ex\n', undefined, 'cannot be seen'],
    ['half a character', 'a\nb\n', 'a\n\ud83d\n', undefined, 'cannot be seen'],
    ['very long text', 'a\nb\n', `a\n${'x'.repeat(20_000)}\n`, undefined, 'too long'],
    ['blank lines with no neighbour', 'a\n', '\n', undefined, 'blank lines'],
  ])('is not made for %s', (_, before, after, hunks, why) => {
    expect(between(before, after, hunks)).toEqual({ why: expect.stringContaining(why) });
  });

  it('makes the text that was wanted, of any two texts', () => {
    const text = fc
      .array(fc.constantFrom('a\n', 'b\n', '\n', '\t\n', '```\n', 'é\n', 'a b \n'), {
        minLength: 1,
        maxLength: 8,
      })
      .map((parts) => parts.join(''));
    let made = 0;
    fc.assert(
      fc.property(text, text, fc.boolean(), (before, after, isOpen) => {
        const [from, to] = isOpen ? [before.slice(0, -1), after.slice(0, -1)] : [before, after];
        if (from === to || from === '') return;
        const found = between(from, to);
        if ('why' in found) return;
        made++;
        expect(found.start).toBeGreaterThan(0);
        expect(found.end).toBeLessThanOrEqual(linesOf(from).length);
        expect(applied(from, [found])).toBe(to);
      }),
      { numRuns: 1000 },
    );
    expect(made).toBeGreaterThan(600);
  });
});

describe('hunks of a patch', () => {
  const text = 'a\nb\nc\nd\n';

  it.each([
    ['all of a new file', '@@ -0,0 +1,4 @@\n+a\n+b\n+c\n+d', [{ start: 1, end: 4 }]],
    ['context and additions', '@@ -1,3 +1,3 @@ FROM x\n a\n-x\n+b\n c', [{ start: 1, end: 3 }]],
    [
      'two',
      '@@ -1 +1 @@\n-x\n+a\n@@ -4 +4 @@\n d',
      [
        { start: 1, end: 1 },
        { start: 4, end: 4 },
      ],
    ],
    ['one that only deletes', '@@ -2,1 +1,0 @@\n-x', []],
    ['one that was cut', '@@ -1,4 +1,4 @@\n a\n b', [{ start: 1, end: 2 }]],
    [
      'one without a line end at the end',
      '@@ -1,4 +1,4 @@\n-x\n+a\n b\n c\n d\n\\ No newline at end of file',
      [{ start: 1, end: 4 }],
    ],
    ['none of another text', '@@ -1,2 +1,2 @@\n a\n+x', []],
    ['none that goes on behind the end', '@@ -4,1 +4,2 @@\n d\n+e', []],
    ['none where there is no patch', undefined, []],
    ['none of nonsense', '+a\n@@ x @@\n+b', []],
  ])('%s', (_, patch, expected) => {
    expect(hunksOf(patch, text)).toEqual(expected);
  });
});
