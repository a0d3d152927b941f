/** The edits pass by pass and what is said of them as one text, without colours: what a terminal shows. */
import picocolors from 'picocolors';
import { OUTCOMES } from '../../pass.ts';
import { escapeLines } from '../escape.ts';
import { diffsOf } from '../file-report.ts';
import { groupedText } from '../grouped.ts';
import { fileLines, summaryLines, type View } from '../terminal.ts';
import type { RunReport } from './format.ts';

const WIDTH = 80;

export function text({ reports, level, shows, verbose, quiet }: RunReport): string {
  const view: View = {
    colors: picocolors.createColors(false),
    level,
    shows: shows ?? new Set(verbose ? OUTCOMES : ['applied']),
    verbose,
    quiet,
    width: WIDTH,
  };
  const files = reports.map((report) => {
    const edits = quiet
      ? diffsOf(report).map(escapeLines).join('')
      : groupedText(report, { ...view, isDisplayed: true });
    return (
      edits +
      fileLines(report, view, false)
        .map((line) => `${line}\n`)
        .join('')
    );
  });
  return [...files, ...summaryLines(reports, view).map((line) => `${line}\n`)].join('');
}
