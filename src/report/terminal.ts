/** The reasons, findings and totals of a run, for a person at a terminal. */
import type { Colors } from 'picocolors/types.js';
import type { Diagnostic } from '../dockerfile/model.ts';
import { isAllowed, LEVELS, type Level, type Outcome, type Remark } from '../pass.ts';
import { escapeLine } from './escape.ts';
import { billLines, changeText, headline, rebuildText } from './size.ts';
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
  /** Also what was offered and refused. */
  readonly verbose: boolean;
  /** Errors only. */
  readonly quiet: boolean;
  /** Columns. */
  readonly width: number;
}

const MARKS: Readonly<Record<Outcome, string>> = {
  applied: '✓',
  offered: '○',
  missed: '✗',
  advice: '!',
};

/** One file: its findings, then its reasons; empty where there is nothing to say. */
export function fileLines(report: FileReport, view: View): string[] {
  const { file, result, failure } = report;
  const name = escapeLine(file);
  const findings = (result?.diagnostics ?? [])
    .filter((each) => each.severity === 'error' || !view.quiet)
    .map((each) => `${name}:${diagnosticLine(each, view.colors)}`);
  const shown = view.quiet ? [] : shownRemarks(result?.remarks ?? [], view);
  return [
    ...(failure === undefined ? [] : [`${name}: ${view.colors.red(escapeLine(failure))}`]),
    ...findings,
    ...(shown.length === 0 ? [] : [view.colors.bold(name)]),
    ...remarkLines(shown, view),
    ...(view.quiet ? [] : sizeLines(report, view)),
  ];
}

/** Of a bill, unless all is asked for. */
const SHOWN_LINES = 5;

/** What the image weighs before and after, and what it is made of then. */
function sizeLines(report: FileReport, { colors, verbose, width }: View): string[] {
  const estimate = report.result?.estimate;
  if (!estimate || !hasChanged(report)) return [];
  const most = verbose ? Infinity : SHOWN_LINES;
  const before = verbose
    ? [`  ${colors.dim('before')}`, ...billLines(estimate.before, { colors, width })]
    : [];
  return [
    `  ${colors.bold(headline(estimate))}`,
    ...before,
    ...(verbose ? [`  ${colors.dim('after')}`] : []),
    ...billLines(estimate.after, { colors, most, width }),
    ...[rebuildText(estimate)].flatMap((text) => (text === '' ? [] : [`  ${text}`])),
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
  const shown = remarks.filter(
    (remark) => remark.outcome === 'applied' || (view.verbose && isOfInterest(remark)),
  );
  return shown.toSorted((a, b) => a.origin.line - b.origin.line);
}

/** What the user switched off is no news. */
export function isOfInterest(remark: Remark): boolean {
  return remark.because !== 'off' && remark.because !== 'ignored';
}

function remarkLines(remarks: readonly Remark[], view: View): string[] {
  const digits = Math.max(0, ...remarks.map((remark) => `${remark.origin.line}`.length));
  const passes = Math.max(0, ...remarks.map((remark) => remark.pass.length));
  return remarks.map((remark) => {
    const line = `${remark.origin.line}`.padStart(digits);
    const pass = escapeLine(remark.pass.padEnd(passes));
    const head = `  ${mark(remark, view.colors)} ${view.colors.dim(line)}  ${view.colors.cyan(pass)}`;
    const change = remark.saved ? changeText(remark.saved) : '';
    const saved = change === '' ? '' : ` ${view.colors.bold(`[${change}]`)}`;
    return `${head}  ${escapeLine(remark.message)}${saved}${notes(remark, view)}`;
  });
}

function mark(remark: Remark, colors: Colors): string {
  const text = MARKS[remark.outcome];
  if (remark.outcome === 'applied') return colors.green(text);
  return remark.outcome === 'missed' ? colors.dim(text) : colors.yellow(text);
}

/** What an edit assumes, why it was not made, and by which id `--deny` knows it. */
function notes(remark: Remark, view: View): string {
  const parts = [
    ...remark.assumptions.map((assumption) => `assumes: ${assumption}`),
    ...(remark.files.length === 0 ? [] : [`changes ${remark.files.join(', ')} too`]),
    ...whyOffered(remark),
    ...(view.verbose && remark.outcome !== 'missed' ? [remark.id] : []),
  ];
  return parts.length === 0 ? '' : view.colors.dim(` (${escapeLine(parts.join('; '))})`);
}

/** What it would take; empty for all but what was offered. */
export function whyOffered(remark: Remark): string[] {
  if (remark.because === 'level') return [`needs --level ${remark.level}`];
  if (remark.because === 'denied') return ['denied'];
  if (remark.because === 'context') return ['needs the build context: --context'];
  return remark.because === 'requires' ? [`needs the edit ${remark.requires.join(', ')}`] : [];
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
  return [view.colors.bold(first), ...(view.verbose ? [] : moreLines(remarks, view.level))];
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

/** What `--verbose` or a higher level would show. */
function moreLines(remarks: readonly Remark[], limit: Level): string[] {
  const offered = remarks.filter((remark) => remark.because === 'level');
  const levels = LEVELS.filter((level) => offered.some((remark) => remark.level === level));
  const missed = remarks.filter((remark) => remark.outcome === 'missed').length;
  const advice = remarks.filter((remark) => remark.outcome === 'advice').length;
  return [
    ...levels
      .filter((level) => !isAllowed(level, limit))
      .map((level) => {
        const count = offered.filter((remark) => isAllowed(remark.level, level)).length;
        return `${count} more ${count === 1 ? 'edit' : 'edits'} at --level ${level}`;
      }),
    ...(missed === 0 ? [] : [`${many(missed, 'chance')} refused; --verbose says why`]),
    ...(advice === 0
      ? []
      : [`${many(advice, 'remark')} on what a person should change; --verbose shows them`]),
  ];
}

function files(count: number): string {
  return many(count, 'file');
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
