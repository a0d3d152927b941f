/** What `dfopt rewrite` prints: each file as it is done, and what stands at the end. */
import { displayedDiff } from '../report/diff.ts';
import { escapeLine, escapeLines } from '../report/escape.ts';
import { changedFiles, diffsOf, type FileReport } from '../report/file-report.ts';
import { formatOf } from '../report/formats/formats.ts';
import type { RunReport } from '../report/formats/format.ts';
import { groupedText } from '../report/grouped.ts';
import { fileLines, summaryLines, type View } from '../report/terminal.ts';
import type { OptimizeOptions, Result } from '../pipeline.ts';
import { colorsFor } from './colors.ts';
import type { Io, Output } from './io.ts';
import type { Request } from './request.ts';
import { isGrouped } from './show.ts';
import { widthFor } from './width.ts';

export interface Showing {
  readonly request: Request;
  readonly io: Io;
  readonly view: View;
  /** Names that --list has printed: an ignore file may belong to several Dockerfiles. */
  readonly listed: Set<string>;
}

export function show(report: FileReport, { request, io, view, listed }: Showing): void {
  const { result } = report;
  const { stdout } = request.outputs;
  if (result && request.stdinName !== undefined && request.write) {
    writeText(result.output, io.stdout, request);
  } else if (request.list) {
    for (const name of changedFiles(report)) {
      if (listed.has(name)) continue;
      listed.add(name);
      io.stdout.write(`${isDisplayed(io.stdout, request) ? escapeLine(name) : name}\n`);
    }
  } else if (isGrouped(request)) {
    const isForEyes = isDisplayed(io.stdout, request);
    // By no variable of the environment do colours get into what git apply reads.
    const colors = colorsFor(io.stdout, io, isForEyes ? request.color : false);
    const width = widthFor(io.stdout, io);
    io.stdout.write(groupedText(report, { ...view, colors, width, isDisplayed: isForEyes }));
  } else if (stdout === 'diff' || (stdout === 'text' && !request.write)) {
    for (const diff of diffsOf(report)) writeDiff(diff, io, request);
  }
  if (isSaid(request)) return;
  const isShort = stdout !== 'text' && !request.list;
  const reasons = request.list && !view.verbose ? { ...report, ...withoutRemarks(result) } : report;
  // Who pipes the edits elsewhere still wants to read the reasons.
  const areReasonsHere =
    !isGrouped(request) || (io.stderr.isTTY === true && !isDisplayed(io.stdout, request));
  const lines = fileLines(reasons, isShort ? { ...view, quiet: true } : view, areReasonsHere);
  // At once: the system takes as long for a line as for all.
  if (lines.length > 0) io.stderr.write(`${lines.join('\n')}\n`);
}

/** Something is made of all reports together, besides the totals. */
export function isShownLater(request: Request): boolean {
  return isSaid(request) || request.outputs.files.length > 0;
}

/** What is on standard output says it all. */
function isSaid({ outputs: { stdout } }: Request): boolean {
  return stdout !== undefined && stdout !== 'text' && formatOf(stdout).hasErrors;
}

/** With --list the names are the answer. */
function withoutRemarks(result: Result | undefined): Pick<FileReport, 'result'> {
  return result ? { result: { ...result, remarks: [] } } : {};
}

/** In a pipe every byte must arrive; on a terminal none may do anything to it. */
function isDisplayed(stdout: Output, { color }: Request): boolean {
  return stdout.isTTY === true || color === true;
}

function writeText(text: string, stdout: Output, request: Request): void {
  stdout.write(isDisplayed(stdout, request) ? escapeLines(text) : text);
}

function writeDiff(diff: string, io: Io, request: Request): void {
  const displayed = isDisplayed(io.stdout, request);
  const colors = colorsFor(io.stdout, io, request.color);
  io.stdout.write(displayed ? displayedDiff(diff, colors) : diff);
}

export async function finish(
  run: RunReport,
  { deny }: Pick<OptimizeOptions, 'deny'>,
  { request, io, view }: Showing,
): Promise<void> {
  const { reports } = run;
  const { stdout } = request.outputs;
  if (isSaid(request)) {
    const render = await formatOf(stdout!).load();
    io.stdout.write(render(run));
    return;
  }
  if (view.quiet || stdout === 'diff') return;
  const known = new Set(reports.flatMap(({ result }) => result?.remarks ?? []).map(({ id }) => id));
  for (const id of deny ?? []) {
    if (!known.has(id)) io.stderr.write(`--deny: no edit has the id "${escapeLine(id)}"\n`);
  }
  if (request.list && !view.verbose) return;
  const lines = summaryLines(reports, view);
  if (lines.length > 0) io.stderr.write(`${lines.join('\n')}\n`);
}
