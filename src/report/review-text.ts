/** What `dfopt review` says on a terminal: an edit as a question, what it means, what is decided so far. */
import type { Colors } from 'picocolors/types.js';
import type { Level, Pass, Remark } from '../pass.ts';
import type { Result } from '../pipeline.ts';
import { columnsOf, hanging, padEnd } from './columns.ts';
import { patchLines } from './diff.ts';
import {
  appliedOf,
  dependantsOf,
  type Decisions,
  type EditState,
  type Preview,
} from './edit-state.ts';
import { escapeLine } from './escape.ts';
import { fileHeading, groupHeading, reasonLines } from './grouped.ts';
import { headline } from './size.ts';
import { countOf } from './units.ts';

export interface ReviewView {
  readonly colors: Colors;
  /** Columns. */
  readonly width: number;
}

/** What a key does, in the order in which help and prompt name them. */
export const KEYS = [
  { key: 'y', word: 'take', what: 'take this edit' },
  { key: 'n', word: 'skip', what: 'skip it' },
  { key: 'a', word: 'all', what: 'take it and all others of this pass in this file' },
  { key: 'd', word: 'drop', what: 'skip it and all others of this pass in this file' },
  { key: 'A', word: 'ALL', what: 'as a, and in all files that follow' },
  { key: 'D', word: 'DROP', what: 'as d, and in all files that follow' },
  {
    key: 'e',
    word: 'explain',
    what: 'explain: what the pass does, why, and what hangs on this edit',
  },
  { key: 'b', word: 'back', what: 'back: undo the last answer' },
  { key: 'q', word: 'quit', what: 'quit: take nothing more; what was taken may be written' },
  { key: '?', word: 'help', what: 'this help' },
] as const;

export type Key = (typeof KEYS)[number]['key'];

/** What an answer means; `u` is another name for `b`. */
export function keyOf(answer: string): Key | undefined {
  const given = answer === 'u' || answer === 'undo' ? 'b' : answer === 'yes' ? 'y' : answer;
  return KEYS.find(
    ({ key, word }) => key === given || word === given || (given === 'no' && key === 'n'),
  )?.key;
}

export const PROMPT = `Take this edit? [${KEYS.map(({ key }) => key).join(',')}]`;

export function helpLines({ width, colors }: ReviewView): string[] {
  const column = Math.max(...KEYS.map(({ word }) => columnsOf(word))) + 2;
  return KEYS.flatMap(({ key, word, what }) => {
    const head = `  ${colors.bold(key)}  ${colors.dim(padEnd(word, column))}`;
    return hanging(head, 5 + column, what, width);
  });
}

/** Where the review stands. */
export interface Standing {
  readonly name: string;
  /** From 1, and how many files there are. */
  readonly file: number;
  readonly files: number;
}

/** Above the first edit of a file. */
export function reviewHeading(
  { name, file, files }: Standing,
  edits: number,
  view: ReviewView,
): string[] {
  const place = files > 1 ? `file ${file} of ${files}, ` : '';
  return ['', fileHeading(name, view), `${place}${countOf(edits, 'edit')}`];
}

/** An edit, and what the image weighs with it and without. */
export function questionLines(
  { remark, patch, others, after }: Preview,
  { edits, left, now }: EditState,
  { skipped }: Decisions,
  view: ReviewView,
): string[] {
  const { colors } = view;
  const { pass, level, saved } = remark;
  const all = edits.length + skipped.size;
  const own = patch.hunks.length === 0 ? [] : patchLines(patch, false, colors);
  const hunks = [...own, ...others.flatMap((other) => patchLines(other, true, colors))];
  const number = `${all - left.length + 1} of ${all}`;
  const heading = groupHeading({ pass, level, edits: 1, saved }, view, number);
  return [
    '',
    ...heading,
    ...reasonLines(remark, { ...view, verbose: false }),
    ...(hunks.length === 0 ? ['  (it shows only behind later edits)'] : hunks),
    ...sizeLine('so far ', now, view),
    ...sizeLine('with it', after, view),
  ];
}

function sizeLine(title: string, { estimate }: Result, { colors, width }: ReviewView): string[] {
  if (!estimate) return [];
  return hanging(`  ${colors.dim(title)}  `, 4 + title.length, headline(estimate), width);
}

/** What the pass is for, what the level means, and what falls where the edit is not taken. */
export function explainLines(
  remark: Remark,
  pass: Pass | undefined,
  edits: readonly Remark[],
  view: ReviewView,
): string[] {
  const said = (title: string, text: string): string[] =>
    hanging(`  ${view.colors.bold(title)}  `, 4, escapeLine(text), view.width, title.length + 4);
  const named = (each: Remark): string => `${each.pass}, line ${each.origin.line}: ${each.message}`;
  const needed = edits.filter(({ id }) => remark.requires.includes(id));
  return [
    ...(pass ? [...said('pass', pass.summary), ...said('why', pass.why)] : []),
    ...said(remark.level, LEVEL_MEANS[remark.level]),
    ...remark.assumptions.flatMap((each) => said('assumes', each)),
    ...needed.flatMap((each) => said('needs', named(each))),
    ...dependantsOf(remark.id, edits).flatMap((each) => said('falls with it', named(each))),
    ...(pass?.references ?? []).flatMap((each) => said('see', each)),
    ...said('more', `dfopt explain ${remark.pass} says when it refuses`),
    ...said('id', `${remark.id} (for --deny)`),
  ];
}

const LEVEL_MEANS: Readonly<Record<Level, string>> = {
  safe: 'the same configuration and the same files, save caches and package documentation; the Dockerfile alone shows it',
  standard:
    'leaves out what the file and the build context show to be useless, or does work in another order',
  aggressive: 'rests on an assumption',
};

/** What hung on an edit that is not taken, and what comes in its place. */
export function fallLines(
  { fallen, risen }: { readonly fallen: readonly Remark[]; readonly risen: readonly Remark[] },
  { colors, width }: ReviewView,
): string[] {
  const line = (title: string, { pass, origin, message }: Remark): string[] =>
    hanging('  ', 4, `${title}: ${pass}, line ${origin.line}: ${escapeLine(message)}`, width).map(
      (each) => colors.yellow(each),
    );
  return [
    ...fallen.flatMap((each) => line('falls with it', each)),
    ...risen.flatMap((each) => line('can be made instead', each)),
  ];
}

interface DecidedFile {
  readonly target: { readonly name: string };
  readonly state: EditState;
  readonly decisions: Decisions;
}

/** What is decided of a file: how many of its edits are taken, and what the image weighs with them. */
export function decidedLines(
  { target: { name }, state: { edits, now }, decisions: { skipped } }: DecidedFile,
  { colors, width }: ReviewView,
): string[] {
  const taken = appliedOf(now).length;
  const size = now.estimate ? `, ${headline(now.estimate)}` : '';
  const counts = `${taken} of ${countOf(edits.length + skipped.size, 'edit')} taken`;
  const lines = hanging('', 2, `${escapeLine(name)}: ${counts}${size}`, width);
  return lines.map((line) => (taken > 0 ? colors.green(line) : line));
}
