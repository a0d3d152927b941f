/** Lines and hunks: where a review comment may stand, and where it stands after a push. */

export type Side = 'LEFT' | 'RIGHT';

export interface Hunk {
  readonly oldStart: number;
  readonly newStart: number;
  /** The lines with their sign, header and "no newline" remarks left out. */
  readonly lines: readonly string[];
  /** The header and all lines as they are. */
  readonly text: readonly string[];
}

export const hunksOf = (patch: string): readonly Hunk[] => {
  const hunks: { oldStart: number; newStart: number; lines: string[]; text: string[] }[] = [];
  for (const line of patch.split('\n')) {
    const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (header) {
      const [, oldStart, newStart] = header;
      hunks.push({
        oldStart: Number(oldStart),
        newStart: Number(newStart),
        lines: [],
        text: [line],
      });
      continue;
    }
    const last = hunks.at(-1);
    last?.text.push(line);
    if (!line.startsWith('\\')) last?.lines.push(line);
  }
  return hunks;
};

/** Which line of one side each line of a hunk is; the lines of the other side are left out. */
const numbered = (hunk: Hunk, side: Side): readonly number[] => {
  const other = side === 'RIGHT' ? '-' : '+';
  let next = side === 'RIGHT' ? hunk.newStart : hunk.oldStart;
  return hunk.lines.filter((line) => !line.startsWith(other)).map(() => next++);
};

/** The number of the hunk that shows a line, -1 where none does. */
export const hunkWith = (hunks: readonly Hunk[], line: number, side: Side): number =>
  hunks.findIndex((hunk) => numbered(hunk, side).includes(line));

/** The hunk down to a line, as `diff_hunk` gives it; whole where the line is not there. */
export const hunkText = (hunk: Hunk, line: number, side: Side): string => {
  const other = side === 'RIGHT' ? '-' : '+';
  let next = side === 'RIGHT' ? hunk.newStart : hunk.oldStart;
  const end = hunk.text.findIndex(
    (text, index) => index > 0 && !/^[\\]/.test(text) && !text.startsWith(other) && next++ === line,
  );
  return hunk.text.slice(0, end < 0 ? undefined : end + 1).join('\n');
};

/**
 * Where a line of the old side is on the new one; `undefined` where the change deleted it.
 * Several lines are looked up one by one: a comment lives on while all of its lines do.
 */
export const lineAfter = (hunks: readonly Hunk[], line: number): number | undefined => {
  let shift = 0;
  for (const hunk of hunks) {
    if (line < hunk.oldStart) break;
    let before = hunk.oldStart;
    let after = hunk.newStart;
    for (const text of hunk.lines) {
      if (text.startsWith('+')) after++;
      else if (text.startsWith('-')) {
        if (before === line) return undefined;
        before++;
      } else {
        if (before === line) return after;
        before++;
        after++;
      }
    }
    shift = after - before;
  }
  return line + shift;
};
