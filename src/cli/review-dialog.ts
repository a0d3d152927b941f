/** The questions of `dfopt review`, the answers, and what becomes of them. */
import { passes } from '../../passes/index.ts';
import { DEFAULT_LEVEL, type Remark } from '../pass.ts';
import { appliedOf, changesBetween, previewOf, type Decisions } from '../report/edit-state.ts';
import { hanging } from '../report/columns.ts';
import { escapeLine } from '../report/escape.ts';
import { hasErrors, type FileReport } from '../report/file-report.ts';
import { fileHeading, sections, type GroupedView } from '../report/grouped.ts';
import {
  decidedLines,
  explainLines,
  fallLines,
  helpLines,
  keyOf,
  PROMPT,
  questionLines,
  reviewHeading,
  type Key,
} from '../report/review-text.ts';
import { summaryTable } from '../report/summary-table.ts';
import { fileLines } from '../report/terminal.ts';
import { countOf } from '../report/units.ts';
import { bugReport, isDebugging } from './bug-report.ts';
import type { Answers } from './answers.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import {
  decided,
  hasTaken,
  openFile,
  writeAll,
  type Opened,
  type Reviewed,
  type ReviewInputs,
} from './review-session.ts';
import { diffNames, nameOfFile, type Target } from './targets.ts';

type View = Omit<GroupedView, 'isDisplayed'>;

export interface Dialog {
  readonly answers: Answers;
  readonly view: View;
  readonly io: Io;
}

/** What holds for all edits of a pass, also for those that come up when others are skipped. */
type Rules = ReadonlyMap<string, Rule>;

interface Rule {
  readonly does: 'take' | 'skip';
  /** In the files that follow, too. */
  readonly isForAll: boolean;
}

/** Where the review stands. Nothing is changed in it: going back takes the one before. */
interface Place {
  /** As far as they were opened; the last one is in question. */
  readonly opened: readonly Opened[];
  readonly rules: Rules;
}

/** Asks about all files, then whether to write; writes nothing before that. */
export async function askAll(inputs: ReviewInputs, dialog: Dialog): Promise<ExitCode> {
  if (inputs.targets.length === 0) say(dialog, ['no Dockerfile found']);
  const history: Place[] = [];
  let place = advance({ opened: [], rules: new Map() }, inputs, dialog);
  for (;;) {
    const file = inQuestion(place);
    const answer = file ? await ask(file, inputs, dialog) : 'q';
    if (answer === 'b') {
      place = back(place, history, dialog);
    } else if (answer === 'q') {
      const status = await finish(place, inputs, dialog, history.length > 0);
      if (status !== undefined) return status;
      place = back(place, history, dialog);
    } else {
      history.push(place);
      place = advance(answered(place, file!, answer, dialog), inputs, dialog);
    }
  }
}

function say({ io }: Dialog, lines: readonly string[]): void {
  for (const line of lines) io.stdout.write(`${line}\n`);
}

/** The file whose edits are not all decided. */
function inQuestion({
  opened,
}: Place): (Reviewed & { readonly state: { next: Remark } }) | undefined {
  const last = opened.at(-1);
  if (last?.kind !== 'file' || !last.file.state.next) return undefined;
  return last.file as Reviewed & { readonly state: { next: Remark } };
}

function back(place: Place, history: Place[], dialog: Dialog): Place {
  const before = history.pop();
  if (!before) {
    say(dialog, ['there is nothing to undo']);
    return place;
  }
  if (before.opened.length < place.opened.length || !inQuestion(place)) {
    say(dialog, ['', fileHeading(inQuestion(before)!.target.name, dialog.view)]);
  }
  return before;
}

/** To the next edit that somebody must be asked about, opening files on the way. */
function advance(place: Place, inputs: ReviewInputs, dialog: Dialog): Place {
  let at = place;
  for (;;) {
    at = ruled(at, dialog);
    if (inQuestion(at)) return at;
    const target = inputs.targets[at.opened.length];
    if (!target) return at;
    const last = at.opened.at(-1);
    if (
      last?.kind === 'file' &&
      last.file.state.edits.length + last.file.decisions.skipped.size > 0
    ) {
      say(dialog, ['', ...decidedLines(last.file, dialog.view)]);
    }
    const opened = opening(target, at, inputs, dialog);
    introduce(opened, at.opened.length + 1, inputs, dialog);
    const rules = new Map([...at.rules].filter(([, { isForAll }]) => isForAll));
    at = { rules, opened: [...at.opened, opened] };
  }
}

/** A bug that one file brings to light does not stop the others. */
function opening(target: Target, { opened }: Place, inputs: ReviewInputs, { io }: Dialog): Opened {
  const before = opened.flatMap((each) => (each.kind === 'file' ? [each.file] : []));
  try {
    return openFile(target, before, inputs);
  } catch (error) {
    return { kind: 'refused', target, why: bugReport(error, isDebugging(io)) };
  }
}

/** What there is to say before the first question. */
function introduce(
  opened: Opened,
  number: number,
  { targets }: ReviewInputs,
  dialog: Dialog,
): void {
  const { view } = dialog;
  const report = reportOf(opened);
  const findings = fileLines(report, { ...view, level: DEFAULT_LEVEL, quiet: false }, false);
  if (opened.kind === 'refused') {
    say(dialog, findings);
    return;
  }
  const { target, state } = opened.file;
  const asked = sections(report.result?.remarks ?? [], view);
  if (state.edits.length > 0) {
    const standing = { name: target.name, file: number, files: targets.length };
    say(dialog, reviewHeading(standing, state.edits.length, view));
  } else if (asked.length > 0) say(dialog, ['', fileHeading(target.name, view)]);
  say(dialog, [...findings, ...asked.flatMap((text) => text.trimEnd().split('\n'))]);
}

function reportOf(opened: Opened): FileReport {
  const plain = { others: [], written: false };
  if (opened.kind === 'refused') {
    const { name } = opened.target;
    return { ...plain, file: name, diffName: name, failure: opened.why };
  }
  const { target, rewrite, diagnostics } = opened.file;
  const result = { ...rewrite({}), estimate: undefined, diagnostics };
  return { ...plain, file: target.name, diffName: target.name, result };
}

/** With what an answer to an earlier file says of passes. */
function ruled(place: Place, dialog: Dialog): Place {
  let at = place;
  for (let file = inQuestion(at); file; file = inQuestion(at)) {
    const { pass } = file.state.next;
    const rule = at.rules.get(pass);
    if (!rule) break;
    const ids = ofPass(file, pass);
    const verb = rule.does === 'take' ? 'taken' : 'skipped';
    const text = `${verb}, as you said of all: ${pass} (${countOf(ids.length, 'edit')})`;
    say(dialog, hanging('', 2, text, dialog.view.width));
    at = withDecision(at, file, rule.does, ids, dialog);
  }
  return at;
}

function ofPass({ state }: Reviewed, pass: string): string[] {
  return state.left.filter((each) => each.pass === pass).map(({ id }) => id);
}

function answered(
  place: Place,
  file: ReturnType<typeof inQuestion> & {},
  key: Decision,
  dialog: Dialog,
): Place {
  const { id, pass } = file.state.next;
  const does = key.toLowerCase() === 'y' || key.toLowerCase() === 'a' ? 'take' : 'skip';
  const ids = key === 'y' || key === 'n' ? [id] : ofPass(file, pass);
  const rule: Rule = { does, isForAll: key === 'A' || key === 'D' };
  const isRule = key !== 'y' && key !== 'n';
  const rules: Rules = isRule ? new Map([...place.rules, [pass, rule]]) : place.rules;
  return withDecision({ ...place, rules }, file, does, ids, dialog);
}

function withDecision(
  place: Place,
  file: Reviewed,
  does: 'take' | 'skip',
  ids: readonly string[],
  dialog: Dialog,
): Place {
  const { taken, skipped } = file.decisions;
  const decisions: Decisions =
    does === 'take'
      ? { skipped, taken: new Set([...taken, ...ids]) }
      : { taken, skipped: new Set([...skipped, ...ids]) };
  const next = decided(file, decisions);
  if (does === 'skip') {
    say(dialog, fallLines(changesBetween(file.state, next.state, new Set(ids)), dialog.view));
  }
  return { ...place, opened: [...place.opened.slice(0, -1), { kind: 'file', file: next }] };
}

type Decision = Exclude<Key, 'e' | 'b' | 'q' | '?'>;

/** Until an answer decides something. */
async function ask(
  { target, found, rewrite, decisions, state }: ReturnType<typeof inQuestion> & {},
  { cwd }: ReviewInputs,
  dialog: Dialog,
): Promise<Decision | 'b' | 'q'> {
  const { view } = dialog;
  const diffName = diffNames(cwd);
  const nameOf = (path: string): string =>
    diffName({ path: found.at(path), name: nameOfFile(found.at(path), cwd) });
  const preview = previewOf(rewrite, decisions, state, diffName(target), nameOf);
  const { remark } = preview;
  say(dialog, questionLines(preview, state, decisions, view));
  for (;;) {
    const answer = await answerTo(PROMPT, dialog);
    const key = answer === undefined ? 'q' : keyOf(answer);
    if (key === 'e') {
      const pass = passes.find(({ id }) => id === remark.pass);
      say(dialog, explainLines(remark, pass, state.edits, view));
    } else if (key === '?') say(dialog, helpLines(view));
    else if (key !== undefined) return key;
    else if (answer === '') say(dialog, questionLines(preview, state, decisions, view));
    else say(dialog, [`no answer is "${escapeLine(answer!)}"; ? shows those that there are`]);
  }
}

async function answerTo(
  question: string,
  { answers, view, io }: Dialog,
): Promise<string | undefined> {
  io.stdout.write(`${view.colors.bold(question)} `);
  const answer = await answers.next();
  // In a log, and where keys are not echoed, the answer shows as if it had been typed.
  if (!answers.areEchoed || answer === undefined) io.stdout.write(`${escapeLine(answer ?? '')}\n`);
  return answer;
}

/** @returns `undefined` where the last answer is to be undone */
async function finish(
  { opened }: Place,
  inputs: ReviewInputs,
  dialog: Dialog,
  hasHistory: boolean,
): Promise<ExitCode | undefined> {
  const files = opened.flatMap((each) => (each.kind === 'file' ? [each.file] : []));
  const taken = files.filter(hasTaken);
  const areWrong = opened.map(reportOf).some(hasErrors);
  const status = areWrong ? EXIT.error : EXIT.ok;
  if (taken.length === 0) {
    const edits = files.some(
      ({ state, decisions }) => state.left.length + decisions.skipped.size > 0,
    );
    say(dialog, ['', edits ? 'nothing was taken, nothing is written' : 'there is nothing to take']);
    return status;
  }
  const remarks = taken.flatMap(({ state }) => appliedOf(state.now));
  say(dialog, [
    '',
    ...summaryTable(remarks, dialog.view),
    ...taken.flatMap((each) => decidedLines(each, dialog.view)),
  ]);
  const names = new Set(
    taken.flatMap(({ target, found, state: { now } }) => [
      ...(now.output === now.input ? [] : [target.path]),
      ...now.files.map(({ path }) => found.at(path)),
    ]),
  );
  const question = `Write ${countOf(names.size, 'file')}? [y,n${hasHistory ? ',b' : ''}]`;
  for (;;) {
    const answer = await answerTo(question, dialog);
    const key = answer === undefined ? undefined : keyOf(answer);
    if (answer === undefined) {
      say(dialog, ['there are no more answers; nothing was written']);
      return EXIT.error;
    }
    if (key === 'b' && hasHistory) return undefined;
    if (key === 'n' || key === 'q') {
      say(dialog, ['nothing was written']);
      return status;
    }
    if (key === 'y') return written(taken, inputs, dialog) ? status : EXIT.error;
    say(dialog, [`y writes, n does not${hasHistory ? ', b goes back' : ''}`]);
  }
}

/** @returns whether all was written */
function written(files: readonly Reviewed[], inputs: ReviewInputs, dialog: Dialog): boolean {
  const { written: names, refused } = writeAll(files, inputs);
  const { width } = dialog.view;
  if (names.length > 0)
    say(dialog, hanging('', 2, `written: ${escapeLine(names.join(', '))}`, width));
  for (const why of refused) dialog.io.stderr.write(`${escapeLine(why)}\n`);
  return refused.length === 0;
}
