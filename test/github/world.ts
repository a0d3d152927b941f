/** What the fake GitHub holds: people, Apps, repositories, pull requests and what was said on them. */
import type { Differ } from './diffs.ts';
import type { Side } from './hunks.ts';
import type { Objects } from './objects.ts';

export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read';

export interface User {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Bot' | 'Organization';
}

export type Access = 'read' | 'write';

/** By GitHub's names: `contents`, `pull_requests`, `issues`, `checks`, `security_events`, … */
export type Permissions = Readonly<Record<string, Access>>;

export interface App {
  readonly id: number;
  readonly slug: string;
  readonly clientId: string;
  /** PEM, PKCS #8; empty for GitHub's own App behind workflows. */
  readonly privateKey: string;
  readonly publicKey: string;
  readonly permissions: Permissions;
  /** `slug[bot]`. */
  readonly bot: User;
  webhook?: { readonly url: string; readonly secret: string };
}

export interface Installation {
  readonly id: number;
  readonly app: App;
  readonly account: User;
  readonly permissions: Permissions;
  /** Missing: all of the account. */
  readonly repositories?: Set<Repository>;
  isSuspended: boolean;
  isDeleted: boolean;
}

/** A token of a person (no permissions: what the person may), an installation or a workflow run. */
export interface Token {
  readonly value: string;
  readonly actor: User;
  readonly app?: App;
  readonly installation?: Installation;
  readonly permissions?: Permissions;
  readonly repositories?: ReadonlySet<Repository>;
  /** Milliseconds; missing: never. */
  readonly expiresAt?: number;
}

export interface Repository {
  readonly id: number;
  readonly owner: User;
  readonly name: string;
  readonly fullName: string;
  readonly isPrivate: boolean;
  readonly parent?: Repository;
  /** The bare Git repository. */
  readonly folder: string;
  readonly objects: Objects;
  defaultBranch: string;
  isArchived: boolean;
  /** Gone, but pull requests still know of it. */
  isDeleted: boolean;
  /** `refs/heads/main` → commit; write with `setRef`. */
  readonly refs: Map<string, string>;
  readonly roles: Map<string, Role>;
  /** Issues and pull requests by number. */
  readonly issues: Map<number, Issue>;
  readonly pulls: Map<number, Pull>;
  readonly checks: Map<number, CheckRun>;
  readonly checksOf: Map<string, CheckRun[]>;
  /** Where a comment's id belongs. */
  readonly issueOfComment: Map<number, Issue>;
  readonly pullOfComment: Map<number, Pull>;
  /** Pull requests whose head is a branch of this repository, by its name. */
  readonly pullsFrom: Map<string, Set<Pull>>;
  readonly sarifs: Map<string, SarifUpload>;
  /** Branches that nobody may move by force or delete. */
  readonly protectedBranches: Set<string>;
  nextNumber: number;
}

export interface Comment {
  readonly id: number;
  readonly author: User;
  readonly app?: App;
  body: string;
  readonly createdAt: string;
  updatedAt: string;
  readonly reactions: { readonly id: number; readonly user: User; readonly content: string }[];
  /** Why it was hidden, where somebody did. */
  minimized?: string;
}

export interface Issue {
  readonly number: number;
  readonly isPull: boolean;
  readonly author: User;
  title: string;
  body: string;
  state: 'open' | 'closed';
  readonly labels: Set<string>;
  readonly comments: Map<number, Comment>;
  isLocked: boolean;
  readonly createdAt: string;
  updatedAt: string;
  closedAt?: string;
  closedBy?: User;
}

export interface ReviewComment extends Comment {
  readonly review: Review;
  readonly thread: Thread;
  readonly path: string;
  readonly side: Side;
  readonly startSide?: Side;
  readonly originalLine: number;
  readonly originalStartLine?: number;
  readonly originalCommit: string;
  readonly diffHunk: string;
  readonly inReplyTo?: number;
  /** Answers of `placeNow`, by head. */
  readonly places: Map<string, Place | undefined>;
}

export interface Place {
  readonly line: number;
  readonly startLine?: number;
}

export interface Thread {
  readonly id: number;
  readonly pull: Pull;
  readonly comments: ReviewComment[];
  resolvedBy?: User;
}

export type ReviewState = 'PENDING' | 'COMMENTED' | 'APPROVED' | 'CHANGES_REQUESTED' | 'DISMISSED';

export interface Review {
  readonly id: number;
  readonly author: User;
  readonly commit: string;
  body: string;
  state: ReviewState;
  readonly submittedAt: string;
}

export interface Pull {
  readonly id: number;
  readonly repository: Repository;
  readonly issue: Issue;
  readonly number: number;
  readonly headRepository: Repository;
  /** A branch's name, without `refs/heads/`. */
  readonly headRef: string;
  /** Stays where it was once the pull request is closed or its branch deleted. */
  headSha: string;
  baseRef: string;
  baseSha: string;
  isDraft: boolean;
  mergedAt?: string;
  mergeCommit?: string;
  isHeadDeleted: boolean;
  readonly reviews: Map<number, Review>;
  readonly threads: Map<number, Thread>;
  readonly reviewComments: Map<number, ReviewComment>;
}

export interface Annotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly annotation_level: 'notice' | 'warning' | 'failure';
  readonly message: string;
  readonly title?: string;
  readonly [key: string]: unknown;
}

export interface CheckRun {
  readonly id: number;
  readonly app: App;
  readonly headSha: string;
  name: string;
  status: string;
  conclusion?: string;
  externalId?: string;
  startedAt: string;
  completedAt?: string;
  detailsUrl?: string;
  title?: string;
  summary?: string;
  text?: string;
  readonly annotations: Annotation[];
}

export interface SarifUpload {
  readonly id: string;
  readonly commit: string;
  readonly ref: string;
  readonly sarif: unknown;
}

/** One request that was answered (or whose connection was cut: status 0). */
export interface RequestRecord {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** `POST /repos/{owner}/{repo}/…`; missing where there is no such path. */
  readonly route?: string;
  readonly status: number;
  readonly actor?: string;
  /** The answer's message where it refused. */
  readonly message?: string;
}

/** One webhook that was sent. */
export interface SentDelivery {
  readonly id: string;
  readonly event: string;
  readonly action?: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Of the last try; 0 where nobody answered, missing while it is under way. */
  status?: number;
}

export interface Limits {
  /** Requests an hour of one token. */
  readonly primary: number;
  /** Content that one token may create. */
  readonly contentPerMinute: number;
  readonly contentPerHour: number;
  /** What the content limits are answered with: GitHub uses both. */
  readonly secondaryStatus: 403 | 429;
  /** What `retry-after` says, in seconds. */
  readonly retryAfter: number;
  /** Bytes of JSON of a tree, and entries, from which on it is cut off. */
  readonly treeBytes: number;
  readonly treeEntries: number;
  /** Lines and bytes of one file's patch from which on it is left out. */
  readonly patchLines: number;
  readonly patchBytes: number;
  /** Files of one pull request that are listed. */
  readonly pullFiles: number;
  readonly reviewComments: number;
}

export interface World {
  /** `http://127.0.0.1:port`, no slash at the end. */
  url: string;
  readonly folder: string;
  readonly objects: Objects;
  readonly differ: Differ;
  readonly limits: Limits;
  readonly now: () => number;
  /** One for everything, as ids on GitHub are unique within a kind only. */
  readonly nextId: () => number;
  readonly users: Map<string, User>;
  readonly apps: Map<number, App>;
  readonly installations: Map<number, Installation>;
  /** By `owner/name` in lower case. */
  readonly repositories: Map<string, Repository>;
  readonly tokens: Map<string, Token>;
  /** Called with each thing that happens; the webhooks are made from it. */
  readonly emit: (happening: Happening) => void;
}

export interface Happening {
  readonly event: string;
  readonly action?: string;
  readonly repository?: Repository;
  readonly installation?: Installation;
  readonly sender: User;
  readonly payload: () => Promise<Readonly<Record<string, unknown>>>;
}

export const timeOf = (world: World): string =>
  new Date(world.now()).toISOString().replace(/\.\d+Z$/, 'Z');

export const sameLogin = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** What a person may do in a repository; `undefined`: not even see it. */
export const roleOf = (repository: Repository, user: User): Role | undefined => {
  if (sameLogin(repository.owner.login, user.login)) return 'admin';
  const role = repository.roles.get(user.login.toLowerCase());
  return role ?? (repository.isPrivate ? undefined : 'read');
};
