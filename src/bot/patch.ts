/**
 * Where comments may stand: the lines of the head that the hunks of a patch show. GitHub refuses a whole
 * review (422) for one comment whose lines do not lie in one hunk.
 */
import { linesOf } from '../report/formats/line-edits.ts';

/** Lines of the head, 1-based, both included. */
export interface Hunk {
  readonly start: number;
  readonly end: number;
}

/**
 * @param patch as GitHub gives it: hunks without a file header
 * @param text of the head
 * @returns none where the patch is missing, or is not one of this text: then nothing may be said on lines
 */
export function hunksOf(patch: string | undefined, text: string): readonly Hunk[] {
  if (patch === undefined) return [];
  const lines = linesOf(text);
  const hunks: Hunk[] = [];
  let start = 0;
  let next = 0;
  const close = (): void => {
    if (next > start) hunks.push({ start, end: next - 1 });
  };
  for (const row of patch.split('\n')) {
    const header = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(row);
    if (header) {
      close();
      start = next = Number(header[1]);
      continue;
    }
    if (!row.startsWith('+') && !row.startsWith(' ')) continue;
    // Counted by the rows, not by the header: a patch may have been cut.
    if (bare(lines[next - 1]) !== bare(row.slice(1))) return [];
    next++;
  }
  close();
  return hunks;
}

/** Without its end: a patch has the line feeds, and whoever passes it on may touch the others. */
function bare(line: string | undefined): string | undefined {
  return line?.replace(/\r?\n?$/, '');
}

/** The hunk in which all these lines lie. */
export function hunkAround(hunks: readonly Hunk[], { start, end }: Hunk): Hunk | undefined {
  return hunks.find((hunk) => hunk.start <= start && end <= hunk.end);
}
