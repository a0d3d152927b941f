/** Edits of lines as suggestions have them: a range of lines that are there, and what comes in their place. */
import { linesOf, type LineEdit } from '../report/formats/line-edits.ts';
import { hunkAround, type Hunk } from './patch.ts';

/** What a suggestion replaces, whole lines of the head. */
export interface Replacement extends Hunk {
  /** Without line ends; none: the lines go. */
  readonly lines: readonly string[];
}

/** Lines that edits change or stand between: for one that only puts something in, its neighbours. */
export function extentOf(edits: readonly LineEdit[]): Hunk | undefined {
  const [first, last] = [edits[0], edits.at(-1)];
  if (!first || !last) return undefined;
  return {
    start: first.count === 0 ? first.start - 1 : first.start,
    end: last.count === 0 ? last.start : last.start + last.count - 1,
  };
}

export function overlap(one: Hunk, other: Hunk): boolean {
  return one.start <= other.end && other.start <= one.end;
}

/** So near that a diff takes both for one edit. */
export function touch(one: Hunk, other: Hunk): boolean {
  return one.start <= other.end + 1 && other.start <= one.end + 1;
}

/** Why a suggestion cannot be made, as the end of a sentence. */
export type Misfit = { readonly why: string };

/**
 * Edits of a text as one replacement of lines that all lie in one hunk.
 *
 * @param edits in order, at least one
 */
export function replacementOf(
  before: string,
  edits: readonly LineEdit[],
  hunks: readonly Hunk[],
): Replacement | Misfit {
  const lines = linesOf(before);
  const own = ownRange(edits, lines.length, hunks);
  if (!own) return OUTSIDE;
  const text = textOf(lines, edits, own);
  const plain = asSuggestion(lines, own, text);
  if ('why' in plain || !isBlank(plain)) return plain;
  // Nobody knows what is made of a suggestion of blank lines alone: a line with something on it helps.
  for (const wide of [
    { ...own, end: own.end + 1 },
    { ...own, start: own.start - 1 },
  ]) {
    if (!hunkAround(hunks, wide) || wide.end > lines.length) continue;
    const more = asSuggestion(lines, wide, textOf(lines, edits, wide));
    if (!('why' in more) && !isBlank(more)) return more;
  }
  return { why: 'a suggestion of blank lines alone may be read as one of none' };
}

const OUTSIDE: Misfit = { why: 'the pull request does not show these lines' };

function isBlank({ lines }: Replacement): boolean {
  return lines.length > 0 && lines.every((line) => line.trim() === '');
}

/** The lines that go; where nothing goes, a neighbour that is repeated. */
function ownRange(
  edits: readonly LineEdit[],
  count: number,
  hunks: readonly Hunk[],
): Hunk | undefined {
  const start = edits[0]!.start;
  const last = edits.at(-1)!;
  const end = last.start + last.count - 1;
  // With something put in at both ends, the lines between are there to be replaced.
  if (end >= start) return hunkAround(hunks, { start, end }) && { start, end };
  const neighbours = [start, start - 1].filter((line) => line >= 1 && line <= count);
  const line = neighbours.find((each) => hunkAround(hunks, { start: each, end: each }));
  return line === undefined ? undefined : { start: line, end: line };
}

/** The lines of the range as they will be; the edits lie in it, or at its ends. */
function textOf(lines: readonly string[], edits: readonly LineEdit[], range: Hunk): string {
  let text = '';
  let at = range.start;
  for (const { start, count, text: put } of edits) {
    text += lines.slice(at - 1, start - 1).join('') + put;
    at = start + count;
  }
  return text + lines.slice(at - 1, range.end).join('');
}

/** Three bytes for each unit of it are still less than a comment takes, and leave room for the reasons. */
const MOST_TEXT = 15_000;

/** What a terminal or a browser hides, and line ends that are not the usual ones. Tabs may stay. */
const HIDDEN =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]|\p{Surrogate}/u;

function asSuggestion(lines: readonly string[], range: Hunk, text: string): Replacement | Misfit {
  if (text.length > MOST_TEXT) return { why: 'it would be too long for a comment' };
  const old = lines.slice(range.start - 1, range.end).join('');
  const hasEnd = old.endsWith('\n');
  // The end of the last line is not part of what is replaced.
  if (text === '' && !hasEnd) return { why: 'the last line has no line end to go with it' };
  if (text !== '' && text.endsWith('\n') !== hasEnd) {
    return { why: 'a suggestion cannot change whether a file ends with a line end' };
  }
  if (text.includes('\r')) {
    return { why: 'GitHub may change line ends of suggestions, and this file has CR LF' };
  }
  if (HIDDEN.test(text)) return { why: 'there are characters that cannot be seen' };
  const rows = text === '' ? [] : (hasEnd ? text.slice(0, -1) : text).split('\n');
  return { ...range, lines: rows };
}

/** With their ends. */
export function linesAt(text: string, { start, end }: Hunk): string {
  return linesOf(text)
    .slice(start - 1, end)
    .join('');
}

/** What becomes of a text where somebody takes all these suggestions at once. */
export function applied(before: string, replacements: readonly Replacement[]): string {
  const lines = [...linesOf(before)];
  for (const { start, end, lines: rows } of replacements.toSorted(
    (one, other) => other.start - one.start,
  )) {
    const isLast = !lines[end - 1]!.endsWith('\n');
    const put = rows.map((row, at) => (isLast && at === rows.length - 1 ? row : `${row}\n`));
    lines.splice(start - 1, end - start + 1, ...put);
  }
  return lines.join('');
}
