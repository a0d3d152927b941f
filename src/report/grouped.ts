/**
 * The edits of a file as people read them: pass by pass, the reasons and bytes above each hunk. In a pipe,
 * `git apply` makes of it what it makes of the diff: what is no diff begins with what no diff begins with,
 * and each piece of diff goes on where the one before it left the file.
 */
import type { Colors } from 'picocolors/types.js';
import type { Outcome, Remark } from '../pass.ts';
import { columnsOf, cut, hanging } from './columns.ts';
import { patchLines, patchText } from './diff.ts';
import { escapeLine } from './escape.ts';
import type { FileReport } from './file-report.ts';
import { passGroups, type PassGroup } from './pass-groups.ts';
import { isOfInterest, mark, whyOffered } from './remarks.ts';
import { changeText } from './size.ts';
import { countOf } from './units.ts';

export interface GroupedView {
  readonly colors: Colors;
  /** Columns. */
  readonly width: number;
  /** What else than the edits that are made. */
  readonly shows: ReadonlySet<Outcome>;
  /** Also the ids of edits. */
  readonly verbose: boolean;
  /** For eyes: nothing in it that a terminal would act on, and no names of files above each hunk. */
  readonly isDisplayed: boolean;
}

/** Ends with a line end; empty where there is nothing to show. */
export function groupedText(report: FileReport, view: GroupedView): string {
  const groups = view.shows.has('applied') ? passGroups(report) : [];
  const parts = [
    ...groups.map((group) => groupText(group, report, view)),
    ...sections(report.result?.remarks ?? [], view),
  ];
  if (parts.length === 0) return '';
  return [`${fileHeading(report.file, view)}\n`, parts.join('\n'), '\n'].join('');
}

export function fileHeading(
  name: string,
  { colors, width }: Pick<GroupedView, 'colors' | 'width'>,
): string {
  const text = `━━ ${cut(escapeLine(name), width - 6)} `;
  return colors.bold(text + '━'.repeat(Math.max(2, width - columnsOf(text))));
}

function groupText(group: PassGroup, { diffName }: FileReport, view: GroupedView): string {
  const { chunks, edits } = group;
  const isOnly = edits === 1;
  const pieces = chunks.map((chunk) => {
    const reasons = chunk.remarks.flatMap((each) => reasonLines(each, view, { hasBytes: !isOnly }));
    const isOther = chunk.patch.newFileName !== `b/${diffName.replace(/^\/+/, '')}`;
    const diff = view.isDisplayed
      ? lines(patchLines(chunk.patch, isOther, view.colors))
      : patchText(chunk.patch);
    return lines(reasons) + diff;
  });
  return lines(groupHeading(group, view)) + pieces.join('');
}

/** `▸ use-slim-base  standard  −648 MB`; in two lines where one is too narrow. */
export function groupHeading(
  { pass, edits, level, saved }: Omit<PassGroup, 'chunks'>,
  { colors, width }: Pick<GroupedView, 'colors' | 'width'>,
  note = '',
): string[] {
  const change = saved ? changeText(saved) : '';
  const count = edits === 1 ? '' : countOf(edits, 'edit');
  const plain = [count, level, change, note].filter((part) => part !== '');
  const figures = [count, level, change && colors.bold(change), note && colors.dim(note)]
    .filter((part) => part !== '')
    .join('  ');
  const name = escapeLine(pass);
  const isOneLine = columnsOf(['▸ ', name, ...plain].join('  ')) - 2 <= width;
  const head = `▸ ${colors.cyan(name)}`;
  return isOneLine ? [`${head}  ${figures}`] : [head, `  ${figures}`];
}

interface ReasonParts {
  /** What the edit saves stands behind its reason. */
  readonly hasBytes?: boolean;
  /** Its pass and level stand in front of it. */
  readonly hasPass?: boolean;
}

/** The reason for an edit, or against it, and what must be known of it. */
export function reasonLines(
  remark: Remark,
  { colors, width, verbose }: Pick<GroupedView, 'colors' | 'width' | 'verbose'>,
  { hasBytes = false, hasPass = false }: ReasonParts = {},
): string[] {
  const change = hasBytes && remark.saved ? changeText(remark.saved) : '';
  const level = remark.outcome === 'offered' ? ` (${remark.level})` : '';
  const where = `line ${remark.origin.line}: ${hasPass ? `${remark.pass}${level}: ` : ''}`;
  const message = escapeLine(remark.message) + (change === '' ? '' : ` [${change}]`);
  const reason = hanging(`  ${mark(remark, colors)} `, 4, where + message, width);
  const notes = notesOf(remark, verbose).flatMap((note) =>
    hanging('    ', 6, escapeLine(note), width - 2).map((line) => colors.dim(line)),
  );
  return [...reason, ...notes];
}

/** What an edit assumes, what else it changes, why it was not made, and by which id `--deny` knows it. */
export function notesOf(remark: Remark, hasId: boolean): string[] {
  return [
    ...remark.assumptions.map((assumption) => `assumes: ${assumption}`),
    ...(remark.files.length === 0 ? [] : [`changes ${remark.files.join(', ')} too`]),
    ...whyOffered(remark),
    ...(hasId && remark.outcome !== 'missed' ? [remark.id] : []),
  ];
}

const TITLES = {
  offered: (count: number) => `${countOf(count, 'edit')} offered, not made`,
  missed: (count: number) => `${countOf(count, 'chance')} missed`,
  advice: (count: number) => `${countOf(count, 'remark')} on what a person should change`,
} as const;

/** What was offered, missed or advised, where that is asked for. */
export function sections(
  remarks: readonly Remark[],
  view: Pick<GroupedView, 'colors' | 'width' | 'verbose' | 'shows'>,
): string[] {
  return (['offered', 'missed', 'advice'] as const).flatMap((outcome) => {
    const own = remarks
      .filter((each) => each.outcome === outcome && isOfInterest(each))
      .toSorted((one, other) => one.origin.line - other.origin.line);
    if (!view.shows.has(outcome) || own.length === 0) return [];
    const title = hanging('▸ ', 2, TITLES[outcome](own.length), view.width);
    return [
      lines([
        ...title.map(view.colors.bold),
        ...own.flatMap((each) => reasonLines(each, view, { hasPass: true })),
      ]),
    ];
  });
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
