/** What a review of a pull request is made of, and what comes out: data, so that who delivers it decides nothing. */
import type { Diagnostic } from '../dockerfile/model.ts';
import type { Facts } from '../facts/types.ts';
import type { OptimizeOptions } from '../pipeline.ts';
import type { Annotation, NewReviewComment } from './github.ts';

/** A Dockerfile of the pull request. Files that it removes are left out. */
export interface PullFile {
  /** At the head, from the top of the repository, with `/` between folders. */
  readonly path: string;
  /** As GitHub gives it with the pull request's files; `undefined` where it leaves it out. */
  readonly patch: string | undefined;
  /** The whole file at the head, decoded strictly; `undefined` with a `failure`. */
  readonly text: string | undefined;
  /** Why the file could not be read (too large, no UTF-8, a path outside): a phrase. */
  readonly failure?: string;
  /**
   * What `optimize` is told of this file: its build context, level, builder, passes. What people asked
   * for by comments is part of it already (`withCommands` of commands.ts).
   */
  readonly options: OptimizeOptions;
  /**
   * From the top of the repository, ending in `/`, or empty: where the build context lies, to which the
   * names of other files (`.dockerignore`) are relative. Default the folder of the Dockerfile.
   */
  readonly contextFolder?: string;
  /** With the rows about images that its configuration adds; default those of the input. */
  readonly facts?: Facts;
  /** What people must know of its build context; they stand behind those of dfopt's result. */
  readonly diagnostics?: readonly Diagnostic[];
}

/** A comment on lines of the pull request, of anybody: GET …/pulls/{n}/comments. */
export interface LineComment {
  readonly id: number;
  /** Its author is the bot itself: the account or App that posts what is planned here. */
  readonly isOwn: boolean;
  readonly body: string;
  readonly path: string;
  /** Of the head, today; `null` where GitHub calls it outdated. */
  readonly line: number | null;
  /** `null` where it is about one line. */
  readonly startLine: number | null;
  /** The comment that it answers. */
  readonly inReplyTo?: number;
  /** Somebody hid it. */
  readonly isMinimized?: boolean;
  /** Of GraphQL's `reviewThreads`; missing where the token may not ask: then nothing is resolved. */
  readonly thread?: { readonly id: string; readonly isResolved: boolean };
}

/** A comment below the pull request: GET …/issues/{n}/comments. */
export interface PullComment {
  readonly id: number;
  readonly isOwn: boolean;
  readonly body: string;
}

/** A review of the pull request: GET …/pulls/{n}/reviews. */
export interface PullReview {
  readonly id: number;
  readonly isOwn: boolean;
  readonly body: string;
}

/** What is there already. Only what is own is believed to be the bot's, whatever it says. */
export interface Conversation {
  readonly lineComments: readonly LineComment[];
  readonly comments: readonly PullComment[];
  readonly reviews: readonly PullReview[];
}

/** Where remarks go. `none`: only the check run and the job summary are wanted. */
export type CommentMode = 'suggestions' | 'summary' | 'none';

/** What makes the check fail: nothing, a Dockerfile that no builder takes, or also any edit to make. */
export type FailOn = 'nothing' | 'error' | 'edit';

export interface ReviewSettings {
  readonly comments: CommentMode;
  readonly failOn: FailOn;
  /** New and living comments on lines together; default and most 100, as GitHub takes in one review. */
  readonly mostComments?: number;
  /** Of dfopt. */
  readonly version: string;
  /**
   * A message authentication code, 16 or more letters and digits, the same in every run; missing where
   * the bot has no secret. With it only comments that carry the right code are taken for own ones.
   */
  readonly sign?: (text: string) => string;
}

export interface ReviewInput {
  /** The commit at the head of the pull request: 40 hexadecimal digits. */
  readonly head: string;
  readonly files: readonly PullFile[];
  readonly conversation: Conversation;
  readonly facts: Facts;
  readonly settings: ReviewSettings;
}

/** One thing to do. All bear to be done again: who is interrupted makes a new plan. */
export type Operation =
  /** POST …/issues/{n}/comments */
  | { readonly kind: 'create comment'; readonly body: string }
  /** PATCH …/issues/comments/{id} */
  | { readonly kind: 'update comment'; readonly id: number; readonly body: string }
  /** POST …/pulls/{n}/reviews with `event: 'COMMENT'`; not done where the head is another one by then. */
  | {
      readonly kind: 'post review';
      readonly commit: string;
      readonly body: string;
      readonly comments: readonly NewReviewComment[];
    }
  /** PATCH …/pulls/comments/{id} */
  | { readonly kind: 'update line comment'; readonly id: number; readonly body: string }
  /** GraphQL `resolveReviewThread`; where that is forbidden, nothing is lost by leaving it out. */
  | { readonly kind: 'resolve thread'; readonly thread: string };

export interface CheckRun {
  readonly conclusion: 'success' | 'neutral' | 'failure';
  readonly title: string;
  /** Markdown of at most 65,535 bytes. */
  readonly summary: string;
  /** Any number: who sends them sends 50 a request. */
  readonly annotations: readonly Annotation[];
}

export interface Review {
  /** In the order in which they are to be done; empty where there is nothing to say. */
  readonly operations: readonly Operation[];
  /** For Apps, and for the exit status of an Action (`failure`). */
  readonly check: CheckRun;
  /** Markdown with the table of all files, for `GITHUB_STEP_SUMMARY`. */
  readonly jobSummary: string;
}
