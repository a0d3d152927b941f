/** Two texts side by side: which lines stand beside each other, and which words of them differ. */
import { diffArrays, diffWordsWithSpace } from 'diff';

export interface Piece {
  readonly text: string;
  readonly isChanged: boolean;
}

export interface Side {
  /** From 1. */
  readonly number: number;
  readonly pieces: readonly Piece[];
}

/** `undefined` on one side: the other one has a line more. */
export interface Row {
  readonly kind: 'same' | 'changed' | 'removed' | 'added';
  readonly left: Side | undefined;
  readonly right: Side | undefined;
}

/** Without its line ends; a text that ends with one has no empty line behind it. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

export function rowsOf(before: string, after: string): Row[] {
  const [left, right] = [linesOf(before), linesOf(after)];
  const rows: Row[] = [];
  let removed: string[] = [];
  const at = { left: 1, right: 1 };
  const flush = (added: readonly string[]): void => {
    rows.push(...replaced(removed, added, at));
    at.left += removed.length;
    at.right += added.length;
    removed = [];
  };
  for (const part of diffArrays(left, right)) {
    if (part.removed) removed = part.value;
    else if (part.added) flush(part.value);
    else {
      flush([]);
      for (const text of part.value) {
        const pieces = [{ text, isChanged: false }];
        const [one, other] = [at.left++, at.right++];
        rows.push({
          kind: 'same',
          left: { number: one, pieces },
          right: { number: other, pieces },
        });
      }
    }
  }
  flush([]);
  return rows;
}

/** Lines that took the place of others: those that are alike stand beside each other. */
function replaced(
  removed: readonly string[],
  added: readonly string[],
  at: { readonly left: number; readonly right: number },
): Row[] {
  const rows: Row[] = [];
  let one = 0;
  let other = 0;
  const lonely = (untilLeft: number, untilRight: number): void => {
    for (; one < untilLeft; one++) {
      rows.push({ kind: 'removed', left: whole(at.left + one, removed[one]!), right: undefined });
    }
    for (; other < untilRight; other++) {
      rows.push({ kind: 'added', left: undefined, right: whole(at.right + other, added[other]!) });
    }
  };
  for (const [left, right] of pairs(removed, added)) {
    lonely(left, right);
    const [before, after] = marked(removed[left]!, added[right]!);
    rows.push({
      kind: 'changed',
      left: { number: at.left + left, pieces: before },
      right: { number: at.right + right, pieces: after },
    });
    one = left + 1;
    other = right + 1;
  }
  lonely(removed.length, added.length);
  return rows;
}

function whole(number: number, text: string): Side {
  return { number, pieces: [{ text, isChanged: true }] };
}

/** More cells than this take longer than anybody waits; then lines stand beside each other in order. */
const MOST_CELLS = 10_000;

/** Lines that share less have nothing to do with each other. */
const ALIKE = 0.35;

/** In order on both sides, so that together as much as possible is alike. */
function pairs(left: readonly string[], right: readonly string[]): [number, number][] {
  if (left.length * right.length > MOST_CELLS) {
    return left.slice(0, right.length).map((_, index) => [index, index]);
  }
  const like = left.map((one) => right.map((other) => likeness(one, other)));
  // What can be had from line i on the left and line j on the right to the ends.
  const best = Array.from({ length: left.length + 1 }, () =>
    Array.from({ length: right.length + 1 }, () => 0),
  );
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const both = like[i]![j]! < ALIKE ? 0 : like[i]![j]! + best[i + 1]![j + 1]!;
      best[i]![j] = Math.max(best[i + 1]![j]!, best[i]![j + 1]!, both);
    }
  }
  const found: [number, number][] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    const both = like[i]![j]! < ALIKE ? -1 : like[i]![j]! + best[i + 1]![j + 1]!;
    if (both === best[i]![j]) found.push([i++, j++]);
    else if (best[i + 1]![j]! >= best[i]![j + 1]!) i++;
    else j++;
  }
  return found;
}

/** From 0 to 1: the letters of the words that both lines have. */
function likeness(one: string, other: string): number {
  const [left, right] = [wordsOf(one), wordsOf(other)];
  const unused = new Map<string, number>();
  for (const word of right) unused.set(word, (unused.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of left) {
    const count = unused.get(word) ?? 0;
    if (count === 0) continue;
    unused.set(word, count - 1);
    shared += word.length;
  }
  const length = (words: readonly string[]): number =>
    words.reduce((sum, word) => sum + word.length, 0);
  const all = Math.max(length(left), length(right));
  if (all === 0) return one === other ? 1 : 0;
  // A line that another was made of is like it, however much longer that one is.
  const least = Math.max(1, Math.min(length(left), length(right)));
  return (shared / all + shared / least) / 2;
}

function wordsOf(line: string): string[] {
  return line.match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

/** Longer lines were written by programs. */
const MOST_LETTERS = 4000;

function marked(before: string, after: string): [Piece[], Piece[]] {
  if (before.length + after.length > MOST_LETTERS) {
    return [[{ text: before, isChanged: true }], [{ text: after, isChanged: true }]];
  }
  const words = (line: string): string[] => line.match(/\s+|\S+/g) ?? [];
  const [left, right] = [words(before), words(after)];
  // What is alike at both ends first: else the first "npm" in front of "npm install" takes its place.
  const start = alikeAtStart(left, right);
  const end = alikeAtStart(left.slice(start).toReversed(), right.slice(start).toReversed());
  const head = { text: left.slice(0, start).join(''), isChanged: false };
  const tail = { text: left.slice(left.length - end).join(''), isChanged: false };
  const inside = (all: readonly string[]): string => all.slice(start, all.length - end).join('');
  const parts = diffWordsWithSpace(inside(left), inside(right));
  const of = (isMine: (part: (typeof parts)[number]) => boolean): Piece[] =>
    [
      head,
      ...parts
        .filter(isMine)
        .map(({ value, added, removed }) => ({ text: value, isChanged: added || removed })),
      tail,
    ].filter(({ text }) => text !== '');
  return [of(({ added }) => !added), of(({ removed }) => !removed)];
}

function alikeAtStart(one: readonly string[], other: readonly string[]): number {
  const index = one.findIndex((word, at) => word !== other[at]);
  return index < 0 ? one.length : index;
}
