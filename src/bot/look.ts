/** One Dockerfile of a pull request: what dfopt makes of it, and which of that is suggested on its lines. */
import type { Remark } from '../pass.ts';
import { optimize, type Result } from '../pipeline.ts';
import { dismissedOf, type Earlier } from './earlier.ts';
import { hunksOf, type Hunk } from './patch.ts';
import { folderOf, reportOf, type Reviewed } from './reviewed.ts';
import type { PullFile, ReviewInput } from './review-types.ts';
import { isStandingFor } from './suggestion-text.ts';
import { appliedOf, place, type Placed, type Run, type Suggestion } from './suggestions.ts';

/** How much is suggested of one file. */
export interface Share {
  /** Suggestions. */
  readonly room: number;
  /** Edits for which it is tried. */
  readonly mostEdits: number;
}

/** Of a larger file nobody reads suggestions, and each try costs as much as the file is long. */
const MOST_LETTERS = 200_000;

export function lookAt(
  file: PullFile,
  { facts, conversation, settings }: ReviewInput,
  earlier: readonly Earlier[],
  { room, mostEdits }: Share,
): Reviewed {
  const { path, text, patch, failure, options, contextFolder = folderOf(path) } = file;
  const about = { path, options, contextFolder };
  if (text === undefined) {
    const report = reportOf(path, contextFolder, undefined, failure ?? 'it could not be read');
    return { ...about, text: '', report, suggestions: [], reasons: new Map(), dismissed: [] };
  }
  const ask = (deny: Iterable<string>, isPriced: boolean): Result =>
    optimize(text, file.facts ?? facts, {
      ...options,
      deny: new Set([...(options.deny ?? []), ...deny]),
      isPriced,
    });
  const run = remembered((deny) => ask(deny, false));
  const hunks = room > 0 && text.length < MOST_LETTERS ? hunksOf(patch, text) : [];
  const dismissed = new Set(dismissedOf(path, earlier, conversation, settings.sign));
  const answered = earlier.filter(
    ({ comment, isAnswered, isDismissed, marker }) =>
      comment.path === path && isAnswered && !isDismissed && !marker.isGone,
  );
  for (;;) {
    const whole = run(dismissed);
    const placed = placeSome(whole, hunks, run, dismissed, { room, mostEdits });
    // People talk about it: a suggestion that would come to stand elsewhere would be there twice.
    const moved = answered
      .filter((each) => !placed.suggestions.some((one) => isStandingFor(each, one, path, text)))
      .flatMap(({ marker }) => marker.ids)
      .filter((id) => !dismissed.has(id) && appliedOf(whole).some((each) => each.id === id));
    if (hunks.length > 0 && moved.length > 0) {
      for (const id of moved) dismissed.add(id);
      continue;
    }
    const found = ask(dismissed, true);
    const notes = file.diagnostics ?? [];
    const priced = { ...found, diagnostics: [...found.diagnostics, ...notes] };
    const own = isAll(placed, priced) ? priced : ask(placed.reasons.keys(), true);
    const denied = priced.remarks.filter(({ because }) => because === 'denied');
    return {
      ...about,
      text,
      report: reportOf(path, contextFolder, priced, failure),
      suggestions: placed.suggestions.map((each) => withSizes(each, own.remarks)),
      reasons: placed.reasons,
      dismissed: denied.flatMap(({ id }) => (dismissed.has(id) ? [id] : [])),
    };
  }
}

/** Suggested is nothing, or everything. */
function isAll({ suggestions, result }: Placed, whole: Result): boolean {
  return suggestions.length === 0 || result.output === whole.output;
}

function placeSome(
  whole: Result,
  hunks: readonly Hunk[],
  run: Run,
  dismissed: ReadonlySet<string>,
  { room, mostEdits }: Share,
): Placed {
  const deny = new Map([...dismissed].map((id) => [id, 'somebody dismissed it']));
  const placed = place(whole, hunks, run, deny, mostEdits);
  if (placed.suggestions.length <= room) return placed;
  for (const { id } of placed.suggestions.slice(room).flatMap(({ remarks }) => remarks)) {
    deny.set(id, 'there are too many suggestions already');
  }
  return place(whole, hunks, run, deny, mostEdits);
}

/** Sizes are estimated once, when it is known which edits are made together. */
function withSizes(suggestion: Suggestion, priced: readonly Remark[]): Suggestion {
  const byId = new Map(priced.map((remark) => [remark.id, remark]));
  const remarks = suggestion.remarks.map((remark) => byId.get(remark.id) ?? remark);
  return { ...suggestion, remarks };
}

/** A run is asked for the same more than once. */
function remembered(run: Run): Run {
  const known = new Map<string, Result>();
  return (deny) => {
    const name = [...deny].toSorted().join(' ');
    const found = known.get(name) ?? run(deny);
    known.set(name, found);
    return found;
  };
}
