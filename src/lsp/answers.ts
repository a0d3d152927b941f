/** What an editor is told of one version of a Dockerfile: findings, reasons and edits. */
import type {
  CodeAction,
  Diagnostic,
  Hover,
  Position,
  Range,
  TextDocumentEdit,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver';
import type { Result } from '../pipeline.ts';
import { escapeLine } from '../report/escape.ts';
import { findingsOf, type Finding } from '../report/formats/findings.ts';
import type { RunReport } from '../report/formats/format.ts';
import { lineEdits, linesOf } from '../report/formats/line-edits.ts';
import { headline } from '../report/size.ts';

/** A text as it was at one version: it never changes. */
export interface Snapshot {
  readonly uri: string;
  readonly version: number;
  getText(): string;
  positionAt(offset: number): Position;
}

/** One version of a Dockerfile, and what dfopt finds in it. */
export interface Look {
  readonly document: Snapshot;
  readonly result: Result;
  /** Also of what was offered and refused. */
  readonly findings: readonly Seen[];
}

/** A finding, and where the editor shows it. */
export interface Seen extends Finding {
  readonly range: Range;
}

/** A file beside the Dockerfile that changes with it. */
export interface Beside {
  readonly document: Omit<Snapshot, 'version'>;
  /** `null` where the editor has not opened it; `undefined` where there is no such file yet. */
  readonly version: number | null | undefined;
  readonly after: string;
}

/** What the editor can do with edits. */
export interface Abilities {
  /** Edits name the version for which they were made. */
  readonly hasVersions: boolean;
  /** An edit may make a file. */
  readonly canCreate: boolean;
}

const SOURCE = 'dfopt';

/** The kind of the action that makes all edits. */
export const FIX_ALL = 'source.fixAll.dfopt';
const QUICK_FIX = 'quickfix';

const ERROR = 1;
const WARNING = 2;
const INFORMATION = 3;

export function lookAt(
  document: Snapshot,
  result: Result,
  run: Omit<RunReport, 'reports' | 'verbose' | 'quiet'>,
): Look {
  const { uri } = document;
  const report = { file: uri, diffName: uri, result, others: [], written: false };
  const findings = findingsOf({ ...run, reports: [report], verbose: true, quiet: false });
  const starts = lineStarts(document.getText());
  return {
    document,
    result,
    findings: findings.map((finding) => ({
      ...finding,
      range: rangeOf(finding, document, starts),
    })),
  };
}

/** Offsets at which lines begin, as Docker counts lines; behind them the end of the text. */
function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (const line of linesOf(text)) starts.push(starts.at(-1)! + line.length);
  return starts;
}

/** Editors also end lines at a lone carriage return: only offsets mean the same to both. */
function rangeOf({ place }: Finding, document: Snapshot, starts: readonly number[]): Range {
  const text = document.getText();
  const { line, column, endLine } = place ?? { line: 1, column: 1, endLine: 1 };
  const mark = line === 1 && text.startsWith('\ufeff') ? 1 : 0;
  const start = Math.min((starts[line - 1] ?? text.length) + column - 1 + mark, text.length);
  const lines = text.slice(start, starts[endLine] ?? text.length).replace(/[\r\n]+$/, '');
  return { start: document.positionAt(start), end: document.positionAt(start + lines.length) };
}

/** Errors and warnings of the file, advice as a warning, each edit that dfopt would make as information. */
export function diagnosticsOf({ findings }: Look): Diagnostic[] {
  return findings.filter(isMarked).map(diagnosticOf);
}

/** What was only offered or refused is shown to who asks for it. */
function isMarked({ remark }: Seen): boolean {
  return remark === undefined || remark.outcome === 'applied' || remark.outcome === 'advice';
}

function diagnosticOf({ rule, pass, severity, range, message, remark }: Seen): Diagnostic {
  const href = pass?.references[0];
  const isInformation = remark?.outcome === 'applied' || severity === 'note';
  return {
    range,
    severity: severity === 'error' ? ERROR : isInformation ? INFORMATION : WARNING,
    code: rule,
    ...(href !== undefined && { codeDescription: { href } }),
    source: SOURCE,
    message: escapeLine(message),
  };
}

/** The reasons on a line, as plain text: nothing of a file becomes markup. */
export function hoverOf({ findings, result }: Look, { line }: Position): Hover | undefined {
  const here = findings.filter(({ remark, range }) => remark && isOn(line, range));
  if (here.length === 0) return undefined;
  const reasons = here.map(({ rule, pass, message }) =>
    [`${rule}: ${message}`, ...(pass ? [pass.why] : [])].map(escapeLine).join('\n'),
  );
  const { estimate } = result;
  const whole = estimate ? [`The whole image: ${headline(estimate)}`] : [];
  return { contents: { kind: 'plaintext', value: [...reasons, ...whole].join('\n\n') } };
}

function isOn(line: number, { start, end }: Range): boolean {
  return start.line <= line && line <= end.line;
}

export interface Question {
  readonly range: Range;
  /** Kinds of actions; missing: all. */
  readonly only: readonly string[] | undefined;
}

/**
 * @param fixOf what becomes of the file where one edit is made alone, by the id of its remark
 * @param editOf what the editor does for a result; `undefined` where it cannot be done now
 */
export function actionsOf(
  look: Look,
  { range, only }: Question,
  fixOf: (id: string) => Result | undefined,
  editOf: (result: Result) => WorkspaceEdit | undefined,
  abilities: Abilities,
): CodeAction[] {
  const isWanted = (kind: string): boolean =>
    only === undefined || only.some((each) => kind === each || kind.startsWith(`${each}.`));
  const here = look.findings.filter(
    (each) =>
      isMarked(each) &&
      each.range.start.line <= range.end.line &&
      range.start.line <= each.range.end.line,
  );
  const actions = [
    ...(isWanted(QUICK_FIX) ? here.flatMap((each) => quickFix(each, fixOf, editOf)) : []),
    ...(isWanted(QUICK_FIX) ? ignoreActions(look, here) : []),
    ...(isWanted(FIX_ALL) ? fixAll(look, editOf) : []),
  ];
  return actions.flatMap((action) => {
    const edit = asAbleTo(action.edit, abilities);
    return edit ? [{ ...action, edit }] : [];
  });
}

/** An action that has its edit. */
type Action = CodeAction & { readonly edit: WorkspaceEdit };

function quickFix(
  seen: Seen,
  fixOf: (id: string) => Result | undefined,
  editOf: (result: Result) => WorkspaceEdit | undefined,
): Action[] {
  const { remark } = seen;
  const fix = remark?.outcome === 'applied' ? fixOf(remark.id) : undefined;
  const edit = fix && editOf(fix);
  if (!remark || !edit) return [];
  const title = `${remark.pass}: ${escapeLine(remark.message)}`;
  return [{ title, kind: QUICK_FIX, diagnostics: [diagnosticOf(seen)], isPreferred: true, edit }];
}

/** A pass is switched off once for an instruction, however much it says of it. */
function ignoreActions({ document }: Look, here: readonly Seen[]): Action[] {
  const byPlace = new Map<string, readonly Seen[]>();
  for (const each of here) {
    if (!each.remark) continue;
    const key = `${each.range.start.line} ${each.rule}`;
    byPlace.set(key, [...(byPlace.get(key) ?? []), each]);
  }
  return [...byPlace.values()].map((group) => {
    const { rule } = group[0]!;
    return {
      title: `Ignore ${rule} here`,
      kind: QUICK_FIX,
      diagnostics: group.map(diagnosticOf),
      edit: { documentChanges: [changeOf(document, [ignoreEdit(document, group[0]!)])] },
    };
  });
}

/** The comment goes right above the instruction, where an author of it looks. */
function ignoreEdit(document: Snapshot, { rule, place }: Seen): TextEdit {
  const text = document.getText();
  const line = linesOf(text)[place!.line - 1] ?? '';
  const mark = line.startsWith('\ufeff') ? 1 : 0;
  const start = document.positionAt((lineStarts(text)[place!.line - 1] ?? 0) + mark);
  const indent = /^[ \t]*/.exec(line.slice(mark))![0];
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  return {
    range: { start, end: start },
    newText: `${indent}# dfopt-ignore ${rule}: reason${end}`,
  };
}

function fixAll(
  { result, findings }: Look,
  editOf: (result: Result) => WorkspaceEdit | undefined,
): Action[] {
  const applied = findings.filter(({ remark }) => remark?.outcome === 'applied');
  const edit = applied.length === 0 ? undefined : editOf(result);
  if (!edit) return [];
  const title = `Make all edits of dfopt (${applied.length})`;
  return [{ title, kind: FIX_ALL, diagnostics: applied.map(diagnosticOf), edit }];
}

/**
 * The change of the Dockerfile and of the files beside it, each for the version that was looked at, so
 * that an editor refuses it where somebody types on.
 *
 * @returns `undefined` where nothing changes
 */
export function workspaceEdit(
  { document }: Look,
  { output }: Result,
  others: readonly Beside[],
): WorkspaceEdit | undefined {
  // First what the Dockerfile counts on: alone it does no harm.
  const changes = [
    ...others.flatMap((other) => {
      const { uri } = other.document;
      const edits = textEdits(other.document, other.after);
      const own = { textDocument: { uri, version: other.version ?? null }, edits };
      return other.version === undefined ? [{ kind: 'create' as const, uri }, own] : [own];
    }),
    ...(output === document.getText() ? [] : [changeOf(document, textEdits(document, output))]),
  ];
  return changes.length === 0 ? undefined : { documentChanges: changes };
}

/** For editors that know no versions: they ask anew after each change. */
function asAbleTo(
  edit: WorkspaceEdit,
  { hasVersions, canCreate }: Abilities,
): WorkspaceEdit | undefined {
  const { documentChanges = [] } = edit;
  const texts = documentChanges.filter((each): each is TextDocumentEdit => 'textDocument' in each);
  const isPlain = texts.length === documentChanges.length;
  if (hasVersions) return isPlain || canCreate ? edit : undefined;
  if (!isPlain) return undefined;
  const changes: Record<string, TextEdit[]> = {};
  for (const { textDocument, edits } of texts) changes[textDocument.uri] = edits as TextEdit[];
  return { changes };
}

function changeOf({ uri, version }: Snapshot, edits: TextEdit[]): TextDocumentEdit {
  return { textDocument: { uri, version }, edits };
}

function textEdits(document: Omit<Snapshot, 'version'>, after: string): TextEdit[] {
  const before = document.getText();
  const starts = lineStarts(before);
  return lineEdits(before, after).map(({ start, count, text }) => ({
    range: {
      start: document.positionAt(starts[start - 1]!),
      end: document.positionAt(starts[start - 1 + count]!),
    },
    newText: text,
  }));
}
