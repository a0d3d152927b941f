/** What a run did, as a table: pass by pass how many edits, how daring, and what they save. */
import type { Colors } from 'picocolors/types.js';
import type { Remark } from '../pass.ts';
import { columnsOf, padStart } from './columns.ts';
import { escapeLine } from './escape.ts';
import { totalsOf } from './pass-groups.ts';
import { changeText } from './size.ts';

const HEAD = ['pass', 'edits', 'saved', 'level'] as const;

type Row = readonly [pass: string, edits: string, saved: string, level: string];

/** Of edits that were made, those that save most first; empty where there are less than two. */
export function summaryTable(
  remarks: readonly Remark[],
  { colors, width }: { readonly colors: Colors; readonly width: number },
): string[] {
  if (remarks.length < 2) return [];
  const rows = [...new Set(remarks.map(({ pass }) => pass))]
    .map((pass) => ({ pass, ...totalsOf(remarks.filter((each) => each.pass === pass)) }))
    .toSorted((one, other) => (other.saved?.bytes ?? 0) - (one.saved?.bytes ?? 0));
  const all = [...rows, { pass: 'together', ...totalsOf(remarks) }].map(
    ({ pass, edits, saved, level }): Row => [
      escapeLine(pass),
      `${edits}`,
      saved ? changeText(saved) : '',
      level,
    ],
  );
  const cells = [HEAD, ...(rows.length > 1 ? all : all.slice(0, 1))];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => columnsOf(row[column]!))));
  const whole = widths.reduce((sum, each) => sum + each + 2, 0);
  return cells.flatMap(([pass, edits, saved, level], index) => {
    const figures = `${padStart(edits, widths[1]!)}  ${padStart(saved, widths[2]!)}  ${level}`;
    const shade = index === 0 ? colors.dim : index > rows.length ? colors.bold : String;
    const name = index === 0 || index > rows.length ? pass : colors.cyan(pass);
    if (whole <= width) {
      const blanks = ' '.repeat(widths[0]! - columnsOf(pass));
      return [shade(`  ${name}${blanks}  ${figures}`.trimEnd())];
    }
    // Where columns would not fit, the figures stand below.
    return [shade(`  ${name}`), shade(`    ${figures}`.trimEnd())];
  });
}
