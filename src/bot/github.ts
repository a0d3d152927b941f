/**
 * What the bot asks of GitHub: the port. `octokit.ts` implements it over HTTP; whoever writes against
 * it needs no network. One value speaks with one token (of an installation or of a workflow run).
 */

export interface RepositoryName {
  readonly owner: string;
  readonly name: string;
}

export interface Repository extends RepositoryName {
  readonly defaultBranch: string;
  /** Nothing can be written there. */
  readonly isArchived: boolean;
  /** Made from another one: proposals there are nobody's wish. */
  readonly isFork: boolean;
}

export interface PullRequest {
  readonly number: number;
  readonly state: 'open' | 'closed';
  readonly isMerged: boolean;
  readonly isDraft: boolean;
  readonly title: string;
  readonly body: string;
  /** Login of who opened it; `ghost` where the account is gone. */
  readonly author: string;
  readonly head: {
    readonly ref: string;
    readonly sha: string;
    /** `owner/name`; missing where the fork was deleted. */
    readonly repository?: string;
  };
  readonly base: { readonly ref: string; readonly sha: string };
  readonly labels: readonly string[];
}

/** One file of a pull request, as the comparison with its merge base shows it. */
export interface PullFile {
  readonly path: string;
  /** Only with `renamed` and `copied`. */
  readonly previousPath?: string;
  readonly status:
    'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed' | 'unchanged';
  /** The hunks without a file header; missing where the file is binary or the patch too large. */
  readonly patch?: string;
}

/** A comment on lines of the diff of a pull request. */
export interface ReviewComment {
  readonly id: number;
  readonly path: string;
  readonly body: string;
  readonly author: string;
  /** Last line on the right side as the head is now; missing where it is outdated. */
  readonly line?: number;
  /** First line, where there are several. */
  readonly startLine?: number;
  /** The head for which it was written. */
  readonly originalCommit: string;
  readonly originalLine?: number;
  readonly originalStartLine?: number;
  /** Id of the first comment of its thread, for those that answer. */
  readonly inReplyTo?: number;
}

/** The thread of a review comment, which people resolve. */
export interface ReviewThread {
  /** Opaque; `resolveThread` takes it. */
  readonly id: string;
  /** Id of its first review comment. */
  readonly comment: number;
  readonly isResolved: boolean;
  readonly isOutdated: boolean;
  /** Somebody hid its first comment. */
  readonly isMinimized: boolean;
}

export interface NewReviewComment {
  readonly path: string;
  readonly body: string;
  /** The last line, on the right side. */
  readonly line: number;
  /** Only where there are several lines; smaller than `line`. */
  readonly startLine?: number;
}

/** Always of the event `COMMENT`: the bot neither approves nor blocks. */
export interface NewReview {
  /** The head that was looked at. */
  readonly commit: string;
  readonly body?: string;
  readonly comments: readonly NewReviewComment[];
}

/** A comment below a pull request, or the text of a review. */
export interface Comment {
  readonly id: number;
  readonly body: string;
  readonly author: string;
}

export interface Annotation {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly title: string;
  readonly message: string;
}

export type CheckConclusion = 'success' | 'neutral' | 'failure' | 'skipped';

export interface CheckOutput {
  readonly title: string;
  /** Markdown, at most 65,535 characters. */
  readonly summary: string;
  /** Any number: the client sends 50 a request. */
  readonly annotations: readonly Annotation[];
}

export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion?: string;
  /** Slug of the App that made it. */
  readonly app?: string;
  /** What whoever made it put there. */
  readonly externalId?: string;
  /** Annotations that it has so far. */
  readonly annotations: number;
}

export interface TreeEntry {
  /** From the tree that was asked for. */
  readonly path: string;
  readonly kind: 'file' | 'executable' | 'link' | 'folder' | 'submodule';
  readonly sha: string;
  /** Of files and links, in bytes. */
  readonly bytes?: number;
}

export interface Tree {
  readonly sha: string;
  readonly entries: readonly TreeEntry[];
  /** GitHub cut it off (100,000 entries or 7 MB). */
  readonly isTruncated: boolean;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** Login, where the author has an account. */
  readonly author?: string;
}

/** A file of a new commit; its mode is kept where there is one at that path. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
  readonly isExecutable: boolean;
}

/** `maintain` counts as `write`, `triage` as `read`. */
export type Permission = 'admin' | 'write' | 'read' | 'none';

/** Every operation throws a `GitHubFailure`. Lists are whole: the client turns the pages. */
export interface GitHub {
  /** The login under which this token writes: `dfopt[bot]`, `github-actions[bot]`. */
  readonly self: () => Promise<string>;

  readonly repository: (of: RepositoryName) => Promise<Repository>;
  /** Those that the installation of this token has. */
  readonly repositories: () => Promise<readonly Repository[]>;
  readonly permissionOf: (of: RepositoryName, login: string) => Promise<Permission>;

  readonly pull: (of: RepositoryName, number: number) => Promise<PullRequest>;
  readonly pullFiles: (of: RepositoryName, number: number) => Promise<readonly PullFile[]>;
  /** @param filter `head` and `base` are branches of this repository. Newest first. */
  readonly pulls: (
    of: RepositoryName,
    filter: { readonly state: 'open' | 'all'; readonly head?: string; readonly base?: string },
  ) => Promise<readonly PullRequest[]>;
  readonly createPull: (
    of: RepositoryName,
    pull: {
      readonly title: string;
      readonly body: string;
      readonly head: string;
      readonly base: string;
    },
  ) => Promise<PullRequest>;
  readonly updatePull: (
    of: RepositoryName,
    number: number,
    change: {
      readonly title?: string;
      readonly body?: string;
      readonly state?: 'open' | 'closed';
    },
  ) => Promise<void>;

  /** Login of who closed it; `undefined` where it is open, or nobody knows. */
  readonly closedBy: (of: RepositoryName, number: number) => Promise<string | undefined>;
  /** At most 250: the oldest. */
  readonly pullCommits: (of: RepositoryName, number: number) => Promise<readonly Commit[]>;

  readonly reviews: (of: RepositoryName, number: number) => Promise<readonly Comment[]>;
  readonly reviewComments: (
    of: RepositoryName,
    number: number,
  ) => Promise<readonly ReviewComment[]>;
  readonly reviewThreads: (of: RepositoryName, number: number) => Promise<readonly ReviewThread[]>;
  /** All comments or none: one that lies outside of a hunk refuses the whole review (422). */
  readonly createReview: (of: RepositoryName, number: number, review: NewReview) => Promise<void>;
  readonly updateReviewComment: (of: RepositoryName, id: number, body: string) => Promise<void>;
  readonly resolveThread: (id: string) => Promise<void>;

  /** Of an issue or a pull request. */
  readonly comments: (of: RepositoryName, number: number) => Promise<readonly Comment[]>;
  readonly createComment: (of: RepositoryName, number: number, body: string) => Promise<void>;
  readonly updateComment: (of: RepositoryName, id: number, body: string) => Promise<void>;
  /** Twice is once. */
  readonly react: (
    of: RepositoryName,
    comment: number,
    reaction: '+1' | '-1' | 'confused' | 'eyes',
  ) => Promise<void>;

  /** Of one name, newest first. */
  readonly checkRuns: (
    of: RepositoryName,
    sha: string,
    name: string,
  ) => Promise<readonly CheckRun[]>;
  /** Begun, not concluded. Only tokens of Apps may, a workflow's among them. */
  readonly createCheckRun: (
    of: RepositoryName,
    run: { readonly name: string; readonly sha: string; readonly externalId: string },
  ) => Promise<CheckRun>;
  /** Annotations are appended in their order; the conclusion comes with the last of them. */
  readonly concludeCheckRun: (
    of: RepositoryName,
    /** Of its annotations, as many as it has are there already, and are not sent again. */
    run: Pick<CheckRun, 'id' | 'annotations'>,
    conclusion: CheckConclusion,
    output: CheckOutput,
  ) => Promise<void>;

  /** With all folders below; `sha` of a commit or a tree. Objects of forks' heads can be read too. */
  readonly tree: (
    of: RepositoryName,
    sha: string,
    options: { readonly isRecursive: boolean },
  ) => Promise<Tree>;
  /** The bytes of a file of at most 100 MB. */
  readonly blob: (of: RepositoryName, sha: string) => Promise<Uint8Array>;
  /** The commit that a branch stands on; `undefined` where there is no such branch. */
  readonly branch: (of: RepositoryName, name: string) => Promise<string | undefined>;
  /** On top of one parent; no branch is moved. Returns its id. */
  readonly createCommit: (
    of: RepositoryName,
    commit: {
      readonly parent: string;
      readonly message: string;
      readonly files: readonly NewFile[];
    },
  ) => Promise<string>;
  readonly createBranch: (of: RepositoryName, name: string, sha: string) => Promise<void>;
  /** By force: proposals are made anew, not merged. */
  readonly moveBranch: (of: RepositoryName, name: string, sha: string) => Promise<void>;
  /** One that is gone is no failure. */
  readonly deleteBranch: (of: RepositoryName, name: string) => Promise<void>;

  /** @param sarif as text; the client packs it */
  readonly uploadSarif: (
    of: RepositoryName,
    upload: { readonly commit: string; readonly ref: string; readonly sarif: string },
  ) => Promise<void>;
}

/** Why GitHub did not do something. */
export type FailureKind =
  /** 404, 410: not there, or not to be seen. */
  | 'missing'
  /** 401, 403 that is no limit: this token may not. */
  | 'forbidden'
  /** 422, 400, 409: it is there, and not as the request thinks. */
  | 'refused'
  /** 403 or 429 for too many requests. */
  | 'limited'
  /** 5xx, no answer, or none in time: it may have been done. */
  | 'broken';

export class GitHubFailure extends Error {
  readonly kind: FailureKind;
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  /** With `limited`: how long to wait at least, in milliseconds. */
  readonly retryAfter?: number;

  constructor(
    kind: FailureKind,
    status: number,
    message: string,
    options: { readonly retryAfter?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'GitHubFailure';
    this.kind = kind;
    this.status = status;
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }
}
