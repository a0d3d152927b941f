/** Reviews, under the rules by which GitHub answers 422: one comment that is wrong refuses them all. */
import { newComment, tellOfReviewComment } from './comments.ts';
import type { FileDiff } from './diffs.ts';
import { bodyText, invalid, Refusal } from './http.ts';
import { hunksOf, hunkText, hunkWith, type Side } from './hunks.ts';
import { commitsBetween } from './objects.ts';
import { listedFiles } from './pulls.ts';
import {
  type App,
  type Pull,
  type Review,
  type ReviewComment,
  type ReviewState,
  type Thread,
  timeOf,
  type User,
  type World,
} from './world.ts';

export interface CommentWish {
  readonly path: string;
  readonly body: string;
  readonly line?: number;
  readonly side?: Side;
  readonly start_line?: number | null;
  readonly start_side?: Side | null;
  readonly position?: number;
  readonly in_reply_to?: number;
  readonly commit_id?: string;
}

interface Anchor {
  readonly side: Side;
  readonly startSide?: Side;
  readonly line: number;
  readonly startLine?: number;
  readonly diffHunk: string;
}

const THREAD = 'Pull request review thread';

/** What is wrong with where a comment wants to stand; the anchor where nothing is. */
const anchorOf = (
  files: readonly FileDiff[],
  wish: CommentWish,
): Anchor | { readonly problems: readonly string[] } => {
  if (wish.position !== undefined && wish.line === undefined) {
    return { problems: ['position is deprecated, and the fake does not count it: give line'] };
  }
  const file = files.find(({ path }) => path === wish.path);
  if (!file) return { problems: [`${THREAD} path is invalid`, 'Path could not be resolved'] };
  const { line, start_line: first } = wish;
  const side = wish.side ?? 'RIGHT';
  const startSide = wish.start_side ?? side;
  if (line === undefined) return { problems: [`${THREAD} line is missing`] };
  const hunks = hunksOf(file.patch ?? '');
  const at = hunkWith(hunks, line, side);
  const hunk = hunks[at];
  if (!hunk) {
    return {
      problems: [`${THREAD} line must be part of the diff`, `${THREAD} diff hunk can't be blank`],
    };
  }
  const diffHunk = hunkText(hunk, line, side);
  if (first === undefined || first === null) {
    if (wish.start_side) return { problems: [`${THREAD} start line can't be blank`] };
    return { side, line, diffHunk };
  }
  const start = hunkWith(hunks, first, startSide);
  const problems = [
    ...(start < 0 ? [`${THREAD} start line must be part of the diff`] : []),
    ...(start >= 0 && start !== at
      ? [`${THREAD} start line must be part of the same hunk as the line.`]
      : []),
    ...(startSide === side && first >= line
      ? [`${THREAD} start line must precede the end line.`]
      : []),
  ];
  if (problems.length > 0) return { problems };
  return { side, startSide, line, startLine: first, diffHunk };
};

export interface ReviewWish {
  readonly commit_id?: string;
  readonly body?: string;
  readonly event?: string;
  readonly comments?: readonly CommentWish[];
}

const STATES: Readonly<Record<string, ReviewState>> = {
  COMMENT: 'COMMENTED',
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
};

/** @throws Refusal 422 where a commit is none of the pull request's */
const commitOf = (world: World, pull: Pull, wanted: string | undefined): string => {
  if (wanted === undefined || wanted === pull.headSha) return pull.headSha;
  const known = commitsBetween(world.objects, pull.baseSha, pull.headSha);
  if (!known.some(({ sha }) => sha === wanted)) {
    throw invalid('The commit_id is not part of the pull request');
  }
  return wanted;
};

const checkOpenTo = (pull: Pull): void => {
  if (pull.issue.isLocked) throw new Refusal(403, 'Unable to review because issue is locked.');
};

const addThread = (
  world: World,
  pull: Pull,
  review: Review,
  anchor: Anchor,
  path: string,
  body: string,
  app: App | undefined,
): ReviewComment => {
  const thread: Thread = { id: world.nextId(), pull, comments: [] };
  const comment: ReviewComment = {
    ...newComment(world, review.author, body, app),
    review,
    thread,
    path,
    side: anchor.side,
    ...(anchor.startLine === undefined
      ? {}
      : { startSide: anchor.startSide ?? anchor.side, originalStartLine: anchor.startLine }),
    originalLine: anchor.line,
    originalCommit: review.commit,
    diffHunk: anchor.diffHunk,
    places: new Map(),
  };
  thread.comments.push(comment);
  pull.threads.set(thread.id, thread);
  keep(pull, comment);
  return comment;
};

const keep = (pull: Pull, comment: ReviewComment): void => {
  pull.reviewComments.set(comment.id, comment);
  pull.repository.pullOfComment.set(comment.id, pull);
};

const newReview = (
  world: World,
  author: User,
  commit: string,
  body: string,
  state: ReviewState,
): Review => ({
  id: world.nextId(),
  author,
  commit,
  body,
  state,
  submittedAt: timeOf(world),
});

const tellOfReview = (world: World, pull: Pull, review: Review): void => {
  for (const comment of pull.reviewComments.values()) {
    if (comment.review === review) tellOfReviewComment(world, comment, 'created', review.author);
  }
};

/** @throws Refusal 422 by the rules on lines, hunks, commits and bodies */
export const createReview = async (
  world: World,
  pull: Pull,
  author: User,
  wish: ReviewWish,
  app?: App,
): Promise<Review> => {
  checkOpenTo(pull);
  const comments = wish.comments ?? [];
  const state = wish.event === undefined ? 'PENDING' : STATES[wish.event];
  if (state === undefined) throw invalid('event is not included in the list');
  if (pull.issue.author === author && (state === 'APPROVED' || state === 'CHANGES_REQUESTED')) {
    throw invalid(
      `Can not ${state === 'APPROVED' ? 'approve' : 'request changes on'} your own pull request`,
    );
  }
  if (wish.body) bodyText(wish.body, 'body', 'PullRequestReview');
  if (!wish.body && state === 'CHANGES_REQUESTED') throw invalid("Body can't be blank");
  if (!wish.body && comments.length === 0 && state === 'COMMENTED') {
    throw invalid("Body can't be blank");
  }
  const isPendingKnown = [...pull.reviews.values()].some(
    (review) => review.author === author && review.state === 'PENDING',
  );
  if (isPendingKnown) throw invalid('User can only have one pending review per pull request');
  if (comments.length > world.limits.reviewComments) {
    throw invalid(`Too many comments: at most ${world.limits.reviewComments} a review`);
  }
  const commit = commitOf(world, pull, wish.commit_id);
  const files = await listedFiles(world, pull, commit);
  const anchors = comments.map((comment) => {
    bodyText(comment.body, 'body', 'PullRequestReviewComment');
    return anchorOf(files, comment);
  });
  const problems = anchors.flatMap((anchor) => ('problems' in anchor ? anchor.problems : []));
  if (problems.length > 0) throw invalid([...new Set(problems)].join(' and '));

  const review = newReview(world, author, commit, wish.body ?? '', state);
  pull.reviews.set(review.id, review);
  for (const [index, anchor] of anchors.entries()) {
    if ('problems' in anchor) continue;
    const { path, body } = comments[index]!;
    addThread(world, pull, review, anchor, path, body, app);
  }
  if (state !== 'PENDING') tellOfReview(world, pull, review);
  return review;
};

/** @throws Refusal 422, 404 where the comment it answers is gone */
export const replyTo = (
  world: World,
  pull: Pull,
  author: User,
  first: number,
  body: unknown,
  app?: App,
): ReviewComment => {
  checkOpenTo(pull);
  const text = bodyText(body, 'body', 'PullRequestReviewComment');
  const answered = pull.reviewComments.get(first);
  if (!answered) throw new Refusal(404, 'Not Found');
  const top = answered.thread.comments[0]!;
  const review = newReview(world, author, pull.headSha, '', 'COMMENTED');
  pull.reviews.set(review.id, review);
  const { app: _app, minimized: _minimized, ...place } = top;
  const comment: ReviewComment = {
    ...place,
    ...newComment(world, author, text, app),
    review,
    inReplyTo: top.inReplyTo ?? top.id,
    places: new Map(),
  };
  top.thread.comments.push(comment);
  keep(pull, comment);
  tellOfReviewComment(world, comment, 'created', author);
  return comment;
};

/** One comment that is a review of its own. */
export const createReviewComment = async (
  world: World,
  pull: Pull,
  author: User,
  wish: CommentWish,
  app?: App,
): Promise<ReviewComment> => {
  if (wish.in_reply_to !== undefined) {
    return replyTo(world, pull, author, wish.in_reply_to, wish.body, app);
  }
  checkOpenTo(pull);
  const body = bodyText(wish.body, 'body', 'PullRequestReviewComment');
  const commit = commitOf(world, pull, wish.commit_id);
  const anchor = anchorOf(await listedFiles(world, pull, commit), wish);
  if ('problems' in anchor) throw invalid(anchor.problems.join(' and '));
  const review = newReview(world, author, commit, '', 'COMMENTED');
  pull.reviews.set(review.id, review);
  const comment = addThread(world, pull, review, anchor, wish.path, body, app);
  tellOfReviewComment(world, comment, 'created', author);
  return comment;
};

/** @throws Refusal 422 where it was sent off already */
export const submitReview = (
  world: World,
  pull: Pull,
  review: Review,
  event: string,
  body: string | undefined,
): void => {
  const state = STATES[event];
  if (review.state !== 'PENDING' || state === undefined) {
    throw invalid('Review has already been submitted');
  }
  review.state = state;
  if (body !== undefined) review.body = body;
  tellOfReview(world, pull, review);
};
