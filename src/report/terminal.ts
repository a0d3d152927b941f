/** The reasons, findings and totals of a run, for a person at a terminal. */
import type { Colors } from 'picocolors/types.js';
import type { Diagnostic } from '../dockerfile/model.ts';
import { isAllowed, LEVELS, type Level, type Outcome, type Remark } from '../pass.ts';
import { billLines } from './bill-lines.ts';
import { columnsOf, hanging, padEnd } from './columns.ts';
import { escapeLine } from './escape.ts';
import { notesOf, reasonLines } from './grouped.ts';
import { isOfInterest, mark } from './remarks.ts';
import { changeText, headline, rebuildText } from './size.ts';
import { summaryTable } from './summary-table.ts';
import {
  changedFiles,
  hasChanged,
  hasErrors,
  isLeftAlone,
  type FileReport,
} from './file-report.ts';

export interface View {
  readonly colors: Colors;
  /** The most daring edits that this run was allowed to make. */
  readonly level: Level;
  /** All there is: the ids of edits, whole bills. */
  readonly verbose: boolean;
  /** Which remarks. */
  readonly shows: ReadonlySet<Outcome>;
  /** Errors only. */
  readonly quiet: boolean;
  /** Columns. */
  readonly width: number;
}

/**
 * One file: its findings, then its reasons; empty where there is nothing to say.
 *
 * @param hasReasons they are not somewhere else
 */
export function fileLines(report: FileReport, view: View, hasReasons = true): string[] {
  const { file, result, failure } = report;
  const name = escapeLine(file);
  const findings = (result?.diagnostics ?? [])
    .filter((each) => each.severity === 'error' || !view.quiet)
    .map((each) => `${name}:${diagnosticLine(each, view.colors)}`);
  const shown = view.quiet || !hasReasons ? [] : shownRemarks(result?.remarks ?? [], view);
  return [
    ...(failure === undefined ? [] : [`${name}: ${view.colors.red(escapeLine(failure))}`]),
    ...findings,
    ...(shown.length === 0 ? [] : [view.colors.bold(name)]),
    ...remarkLines(shown, view),
    ...(view.quiet ? [] : sizeLines(report, view, hasReasons ? '' : `${name}  `)),
  ];
}

/** Of a bill, unless all is asked for. */
const SHOWN_LINES = 5;

/** What the image weighs before and after, and what it is made of then. */
function sizeLines(report: FileReport, { colors, verbose, width }: View, name: string): string[] {
  const estimate = report.result?.estimate;
  if (!estimate || !hasChanged(report)) return [];
  const most = verbose ? Infinity : SHOWN_LINES;
  const before = verbose
    ? [`  ${colors.dim('before')}`, ...billLines(estimate.before, { colors, width })]
    : [];
  return [
    ...hanging('  ', 4, name + headline(estimate), width).map((line) => colors.bold(line)),
    ...before,
    ...(verbose ? [`  ${colors.dim('after')}`] : []),
    ...billLines(estimate.after, { colors, most, width }),
    ...[rebuildText(estimate)].flatMap((text) =>
      text === '' ? [] : hanging('  ', 4, text, width),
    ),
  ];
}

function diagnosticLine(
  { severity, line, column, message, advice }: Diagnostic,
  colors: Colors,
): string {
  const paint = severity === 'error' ? colors.red : colors.yellow;
  return `${line}:${column}: ${paint(escapeLine(message))} (${escapeLine(advice)})`;
}

function shownRemarks(remarks: readonly Remark[], view: View): Remark[] {
  const shown = remarks.filter((remark) => view.shows.has(remark.outcome) && isOfInterest(remark));
  return shown.toSorted((a, b) => a.origin.line - b.origin.line);
}

/** Less is no column for a sentence. */
const LEAST_COLUMN = 36;

function remarkLines(remarks: readonly Remark[], view: View): string[] {
  const digits = Math.max(0, ...remarks.map((remark) => `${remark.origin.line}`.length));
  const passes = Math.max(0, ...remarks.map((remark) => columnsOf(remark.pass)));
  // Mark, line and pass, and what is between them.
  const indent = 2 + 2 + digits + 2 + passes + 2;
  if (view.width - indent < LEAST_COLUMN) {
    return remarks.flatMap((each) => reasonLines(each, view, { hasBytes: true, hasPass: true }));
  }
  return remarks.flatMap((remark) => {
    const line = view.colors.dim(`${remark.origin.line}`.padStart(digits));
    const pass = view.colors.cyan(padEnd(escapeLine(remark.pass), passes));
    const head = `  ${mark(remark, view.colors)} ${line}  ${pass}  `;
    const change = remark.saved ? changeText(remark.saved) : '';
    const notes = notesOf(remark, view.verbose).join('; ');
    const text = [remark.message, change && `[${change}]`, notes && `(${notes})`];
    const sentence = escapeLine(text.filter((part) => part !== '').join(' '));
    return hanging(head, indent, sentence, view.width);
  });
}

/** The totals of all files; the last thing that a run says. */
export function summaryLines(reports: readonly FileReport[], view: View): string[] {
  if (view.quiet) return [];
  const remarks = reports.flatMap((report) => report.result?.remarks ?? []);
  const edits = remarks.filter((remark) => remark.outcome === 'applied').length;
  const written = countFiles(reports.filter((report) => report.written));
  const unwritten = countFiles(reports.filter((report) => !report.written));
  const counts = [
    written > 0 ? `${files(written)} rewritten` : '',
    unwritten > 0 ? `${files(unwritten)} would change` : '',
    counted(reports, isUnchanged, 'unchanged'),
    counted(reports, (report) => isLeftAlone(report) && !hasErrors(report), 'left alone'),
    counted(reports, hasErrors, 'with errors'),
  ].filter((part) => part !== '');
  const total = edits > 0 ? ` (${many(edits, 'edit')})` : '';
  const first = reports.length === 0 ? 'no Dockerfile found' : counts.join(', ') + total;
  const more = moreLines(remarks, view).flatMap((line) => hanging('', 2, line, view.width));
  const applied = remarks.filter((remark) => remark.outcome === 'applied');
  return [
    ...summaryTable(applied, view),
    ...hanging('', 2, first, view.width).map((line) => view.colors.bold(line)),
    ...more,
  ];
}

/** An ignore file that several Dockerfiles share is one file. */
function countFiles(reports: readonly FileReport[]): number {
  return new Set(reports.flatMap(changedFiles)).size;
}

function isUnchanged(report: FileReport): boolean {
  return !hasChanged(report) && !isLeftAlone(report) && !hasErrors(report);
}

function counted(
  reports: readonly FileReport[],
  belongs: (report: FileReport) => boolean,
  what: string,
): string {
  const count = reports.filter(belongs).length;
  return count === 0 ? '' : `${files(count)} ${what}`;
}

/** What `--show` or a higher level would show. */
function moreLines(remarks: readonly Remark[], { level: limit, shows }: View): string[] {
  const offered = remarks.filter((remark) => remark.because === 'level');
  const levels = LEVELS.filter((level) => offered.some((remark) => remark.level === level));
  const missed = remarks.filter((remark) => remark.outcome === 'missed').length;
  const advice = remarks.filter((remark) => remark.outcome === 'advice').length;
  return [
    ...levels
      .filter((level) => !isAllowed(level, limit) && !shows.has('offered'))
      .map((level) => {
        const count = offered.filter((remark) => isAllowed(remark.level, level)).length;
        return `${count} more ${count === 1 ? 'edit' : 'edits'} at --level ${level}`;
      }),
    ...(missed === 0 || shows.has('missed')
      ? []
      : [`${many(missed, 'chance')} missed; --show missed says why`]),
    ...(advice === 0 || shows.has('advice')
      ? []
      : [`${many(advice, 'remark')} on what a person should change; --show advice says what`]),
  ];
}

function files(count: number): string {
  return many(count, 'file');
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
