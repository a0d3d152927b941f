import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineEdits, linesOf, oneLineEdit } from '../../../src/report/formats/line-edits.ts';

const line = fc
  .tuple(fc.constantFrom('', 'a', 'b', 'c', 'd \\'), fc.constantFrom('\n', '\n', '\r\n'))
  .map((parts) => parts.join(''));
const text = fc
  .tuple(fc.array(line, { maxLength: 10 }), fc.constantFrom('', 'CMD x'))
  .map(([lines, last]) => lines.join('') + last);

function applied(
  before: string,
  edits: readonly { start: number; count: number; text: string }[],
): string {
  const lines = [...linesOf(before)];
  for (const { start, count, text: put } of edits.toReversed()) {
    lines.splice(start - 1, count, put);
  }
  return lines.join('');
}

describe('edits of lines', () => {
  it('make the new text, from the last to the first, and do not touch one another', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const edits = lineEdits(before, after);
        expect(applied(before, edits)).toBe(after);
        for (const [index, edit] of edits.entries()) {
          const next = edits[index + 1];
          if (next) expect(next.start).toBeGreaterThan(edit.start + edit.count);
        }
      }),
    );
  });

  it('as one make the same, and hold on to a line of each side', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const edit = oneLineEdit(before, after);
        if (!edit) {
          expect(before === after || linesOf(before).length === 0 || after === '').toBe(true);
          return;
        }
        expect(applied(before, [edit])).toBe(after);
        expect(edit.count).toBeGreaterThan(0);
        if (after !== '') expect(edit.text).not.toBe('');
      }),
    );
  });
});
