/** The diff and the reasons as one text, without colours: what a terminal shows, for a file. */
import picocolors from 'picocolors';
import { escapeLines } from '../escape.ts';
import { diffsOf } from '../file-report.ts';
import { fileLines, summaryLines, type View } from '../terminal.ts';
import type { RunReport } from './format.ts';

const WIDTH = 100;

export function text({ reports, level, verbose, quiet }: RunReport): string {
  const view: View = {
    colors: picocolors.createColors(false),
    level,
    verbose,
    quiet,
    width: WIDTH,
  };
  const files = reports.map((report) => {
    const lines = fileLines(report, view).map((line) => `${line}\n`);
    return [...diffsOf(report).map(escapeLines), ...lines].join('');
  });
  return [...files, ...summaryLines(reports, view).map((line) => `${line}\n`)].join('');
}
