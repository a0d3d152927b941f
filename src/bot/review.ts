/**
 * What the bot says of a pull request: files, results and what was said before in, a plan out. After it
 * is done, the next plan is empty; what people dismissed is not made again.
 */
import { checkOf } from './check-run.ts';
import { earlierOf, type Earlier } from './earlier.ts';
import { lookAt } from './look.ts';
import { MOST_BYTES } from './markdown.ts';
import { markerLine, markerOf, pathName, textName, type Sign } from './marker.ts';
import type { Reviewed } from './reviewed.ts';
import type { Conversation, Operation, Review, ReviewInput } from './review-types.ts';
import { goneText, isStandingFor, suggestionText, type SuggestionText } from './suggestion-text.ts';
import type { Suggestion } from './suggestions.ts';
import { summaryOf } from './summary.ts';
import { countOf } from '../report/units.ts';

export type * from './review-types.ts';

/** GitHub takes about so many comments in one review. */
const MOST_COMMENTS = 100;

/** Edits for which it is tried whether they can be suggested: half a minute's work in all. */
const MOST_EDITS = 400;

/** Of one file: more suggestions in a row are a rewrite, and that is in the summary. */
const MOST_EDITS_OF_ONE = 40;

/** For the marker, in front of a text. */
const MARKER_BYTES = 500;

export function reviewOf(input: ReviewInput): Review {
  const { conversation, settings, files } = input;
  const { comments: mode, sign, mostComments = MOST_COMMENTS } = settings;
  const hasSuggestions = mode === 'suggestions';
  const earlier = earlierOf(conversation, sign);
  let room = hasSuggestions ? Math.min(mostComments, MOST_COMMENTS) : 0;
  const mostEdits = Math.min(MOST_EDITS_OF_ONE, Math.ceil(MOST_EDITS / files.length));
  const reviewed = files.map((file): Reviewed => {
    const found = lookAt(file, input, earlier, { room, mostEdits });
    room -= found.suggestions.length;
    return found;
  });
  const summary = summaryOf(reviewed, hasSuggestions, MOST_BYTES - MARKER_BYTES);
  const { kept, brought } = lineOperations(input, reviewed, earlier);
  // The summary first: a review without one then tells that somebody deleted it.
  const all = [...kept, ...summaryOperations(summary, conversation, sign), ...brought];
  const operations = mode === 'none' ? [] : all;
  return { operations, check: checkOf(reviewed, summary, settings), jobSummary: summary };
}

/** A suggestion as it shall stand there. */
interface Wanted extends SuggestionText {
  readonly file: Reviewed;
  readonly suggestion: Suggestion;
}

/** What stands there is kept, brought up to date or taken back; the rest is one new review. */
function lineOperations(
  { head, settings: { sign } }: ReviewInput,
  reviewed: readonly Reviewed[],
  earlier: readonly Earlier[],
): Record<'kept' | 'brought', readonly Operation[]> {
  const missing = new Set<Wanted>(
    reviewed.flatMap((file) =>
      file.suggestions.map((suggestion) => ({
        file,
        suggestion,
        ...suggestionText(suggestion, file.path, file.text, sign),
      })),
    ),
  );
  const kept = earlier
    .filter(({ isDismissed }) => !isDismissed)
    .toSorted((one, other) => one.comment.id - other.comment.id)
    .flatMap((each): Operation[] => {
      if (each.marker.isGone) return resolving(each);
      const wanted = [...missing].find(({ file, suggestion }) =>
        isStandingFor(each, suggestion, file.path, file.text),
      );
      if (!wanted) return takingBack(each, sign);
      missing.delete(wanted);
      if (wanted.marker.body === each.marker.body) return [];
      return [{ kind: 'update line comment', id: each.comment.id, body: wanted.body }];
    });
  return { kept, brought: missing.size === 0 ? [] : [newReview(head, [...missing], sign)] };
}

function takingBack(each: Earlier, sign: Sign | undefined): Operation[] {
  const { id, line } = each.comment;
  // Nobody can take what is outdated, and people shall see what they talked about.
  if (each.isAnswered && line === null) return [];
  const body = goneText(each.marker, sign);
  return [{ kind: 'update line comment', id, body }, ...resolving(each)];
}

/** A conversation of people stays open. */
function resolving({ comment: { thread }, isAnswered }: Earlier): Operation[] {
  if (!thread || thread.isResolved || isAnswered) return [];
  return [{ kind: 'resolve thread', thread: thread.id }];
}

function newReview(head: string, wanted: readonly Wanted[], sign: Sign | undefined): Operation {
  const brought = wanted.map(({ file, marker }) => [pathName(file.path), ...marker.ids]);
  const marker = markerLine({ kind: 'review', comments: brought }, sign);
  return {
    kind: 'post review',
    commit: head,
    body: `${marker}dfopt has ${countOf(wanted.length, 'suggestion')}.\n`,
    comments: wanted.map(({ file, suggestion: { start, end }, body }) => ({
      path: file.path,
      body,
      line: end,
      // GitHub refuses a first line that is the last one.
      ...(start < end && { startLine: start }),
    })),
  };
}

const NOTHING_LEFT = `## dfopt: nothing left to change

What it said here is done, was dismissed, or is no longer so.
`;

function summaryOperations(
  summary: string,
  { comments, reviews }: Conversation,
  sign: Sign | undefined,
): Operation[] {
  const [own] = comments
    .flatMap(({ id, isOwn, body }) => {
      const marker = isOwn ? markerOf('summary', body, sign) : undefined;
      return marker ? [{ id, marker }] : [];
    })
    .toSorted((one, other) => one.id - other.id);
  const isDeleted =
    !own && reviews.some((each) => each.isOwn && markerOf('review', each.body, sign));
  if (isDeleted || (summary === '' && !own)) return [];
  const text = summary === '' ? NOTHING_LEFT : summary;
  const name = textName(text);
  if (own?.marker.body === name) return [];
  const body = markerLine({ kind: 'summary', body: name }, sign) + text;
  return own ? [{ kind: 'update comment', id: own.id, body }] : [{ kind: 'create comment', body }];
}
