/** Do two texts stand beside each other whole, in order, and with the right words marked? */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { linesOf, rowsOf, type Row, type Side } from '../../src/web/page/rows.ts';

function textOf(side: Side | undefined): string | undefined {
  return side?.pieces.map(({ text }) => text).join('');
}

function sketch({ left, right }: Row): string {
  const marked = (side: Side | undefined): string =>
    side?.pieces.map(({ text, isChanged }) => (isChanged ? `[${text}]` : text)).join('') ?? '-';
  return `${marked(left)} | ${marked(right)}`;
}

it('marks the words that differ in lines that are alike', () => {
  const before = 'FROM node:22\nWORKDIR /app\nRUN npm install\n';
  const after =
    'FROM node:22-slim\nWORKDIR /app\nRUN --mount=type=cache,target=/root/.npm npm install\n';
  expect(rowsOf(before, after).map(sketch)).toEqual([
    'FROM node:22 | FROM node:22[-slim]',
    'WORKDIR /app | WORKDIR /app',
    'RUN npm install | RUN [--mount=type=cache,target=/root/.npm ]npm install',
  ]);
});

it('puts a line beside the one that it became, not beside the one that came in front', () => {
  const before = 'A\nRUN apt-get install -y curl\nZ\n';
  const after = 'A\nRUN --mount=type=cache,target=/x \\\n    apt-get install -y curl \\\nZ\n';
  const rows = rowsOf(before, after);
  expect(rows.map(({ kind }) => kind)).toEqual(['same', 'added', 'changed', 'same']);
});

it('leaves lines alone that have nothing in common', () => {
  const rows = rowsOf('EXPOSE 80\n', 'HEALTHCHECK NONE\n');
  expect(rows.map(({ kind }) => kind)).toEqual(['removed', 'added']);
});

it('takes line ends for what they are', () => {
  expect(linesOf('a\r\nb\n\nc')).toEqual(['a', 'b', '', 'c']);
  expect(linesOf('')).toEqual([]);
});

it('loses and invents nothing, numbers every line, and stays in order', () => {
  const line = fc.constantFrom('', 'a', 'a b', 'a b c', 'RUN x && y', 'RUN x', 'é ü', '  ');
  const text = fc.array(line, { maxLength: 12 }).map((each) => each.map((x) => `${x}\n`).join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const rows = rowsOf(before, after);
      for (const [side, whole] of [
        ['left', before],
        ['right', after],
      ] as const) {
        const shown = rows.flatMap((row) => row[side] ?? []);
        expect(shown.map(textOf)).toEqual(linesOf(whole));
        expect(shown.map(({ number }) => number)).toEqual(shown.map((_, index) => index + 1));
      }
      for (const { kind, left, right } of rows) {
        if (kind === 'same') expect(textOf(left)).toBe(textOf(right));
        if (kind === 'changed') expect(textOf(left)).not.toBe(textOf(right));
      }
    }),
  );
});
