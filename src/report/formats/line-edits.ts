/** The difference of two texts as edits of whole lines, as formats write them that know no diff. */
import { diffArrays } from 'diff';

export interface LineEdit {
  /** 1-based: the first line that goes, or the one before which something new comes. */
  readonly start: number;
  /** Lines that go; 0 where something is only put in. */
  readonly count: number;
  /** What comes instead, with its line ends. */
  readonly text: string;
}

/** Lines with their ends; a line ends at a line feed, as for Docker and Git. */
export function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** In order, never touching one another. Applied from the last to the first they make the new text. */
export function lineEdits(before: string, after: string): readonly LineEdit[] {
  const edits: LineEdit[] = [];
  let line = 1;
  let open: { start: number; count: number; text: string } | undefined;
  for (const { added, removed, value, count } of diffArrays(
    [...linesOf(before)],
    [...linesOf(after)],
  )) {
    if (!added && !removed) {
      open = undefined;
      line += count;
      continue;
    }
    if (!open) edits.push((open = { start: line, count: 0, text: '' }));
    if (added) open.text += value.join('');
    else {
      open.count += count;
      line += count;
    }
  }
  return edits;
}

/**
 * All as one edit that replaces lines by lines: neither side is empty, as long as the text has a line
 * that can stay. For formats in which several edits would be several offers.
 *
 * @returns `undefined` where nothing changes, or where there is no line to hold on to
 */
export function oneLineEdit(before: string, after: string): LineEdit | undefined {
  const edits = lineEdits(before, after);
  const [first, last] = [edits[0], edits.at(-1)];
  if (!first || !last) return undefined;
  const lines = linesOf(before);
  let from = first.start;
  let to = last.start + last.count;
  const isPut = edits.every(({ count }) => count === 0) && from === to;
  const isCut = edits.every(({ text }) => text === '') && edits.length === 1;
  if (isPut || isCut) {
    if (to <= lines.length) to++;
    else if (from > 1) from--;
    else return undefined;
  }
  let text = '';
  let at = from;
  for (const edit of edits) {
    text += lines.slice(at - 1, edit.start - 1).join('') + edit.text;
    at = edit.start + edit.count;
  }
  text += lines.slice(at - 1, to - 1).join('');
  return { start: from, count: to - from, text };
}

/** A byte order mark is no part of the text for who counts columns. */
export function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '');
}
