/**
 * What the bot said earlier, and what people made of it. Nothing else is remembered anywhere: comments
 * with markers, and reviews, which nobody can delete and which say what they brought.
 */
import { markerOf, pathName, type Sign, type SuggestionMarker } from './marker.ts';
import type { Conversation, LineComment } from './review-types.ts';

/** A suggestion of the bot that still stands there. */
export interface Earlier {
  readonly comment: LineComment;
  readonly marker: SuggestionMarker;
  /** A person answered: it is changed no more than needed. */
  readonly isAnswered: boolean;
  /** A person resolved or hid it, or answered to what is no longer said. */
  readonly isDismissed: boolean;
}

export function earlierOf(
  { lineComments }: Conversation,
  sign: Sign | undefined,
): readonly Earlier[] {
  const answered = new Set(
    lineComments.flatMap(({ isOwn, inReplyTo }) => (isOwn ? [] : (inReplyTo ?? []))),
  );
  return lineComments.flatMap((comment) => {
    if (!comment.isOwn || comment.inReplyTo !== undefined) return [];
    const marker = markerOf('suggestion', comment.body, sign);
    // GitHub says where it stands; a marker that says otherwise was not written there.
    if (!marker || marker.path !== pathName(comment.path)) return [];
    const isClosed = comment.thread?.isResolved === true || comment.isMinimized === true;
    const isAnswered = answered.has(comment.id);
    // What the bot took back and closed itself is no one's verdict, unless people talked about it.
    return { comment, marker, isAnswered, isDismissed: marker.isGone ? isAnswered : isClosed };
  });
}

/** Ids of edits of a file that people dismissed: resolved, hidden, or deleted together with the comment. */
export function dismissedOf(
  path: string,
  earlier: readonly Earlier[],
  { reviews }: Conversation,
  sign: Sign | undefined,
): ReadonlySet<string> {
  const name = pathName(path);
  const own = earlier.filter(({ marker }) => marker.path === name);
  const found = own.filter(({ isDismissed }) => isDismissed).flatMap(({ marker }) => marker.ids);
  const standing = countsOf(own.map(({ marker }) => marker.ids));
  const brought = reviews
    .flatMap(({ isOwn, body }) => (isOwn ? (markerOf('review', body, sign)?.comments ?? []) : []))
    .flatMap(([place, ...ids]) => (place === name ? [ids] : []));
  // As often as it was brought, so often it stands there, taken back or not.
  const deleted = [...countsOf(brought)]
    .filter(([key, count]) => count > (standing.get(key) ?? 0))
    .flatMap(([key]) => key.split(' '));
  return new Set([...found, ...deleted]);
}

function countsOf(lists: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const ids of lists) {
    const key = ids.toSorted().join(' ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
