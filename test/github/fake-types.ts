/** What a test can do with the fake GitHub; `fake.ts` says how to begin. */
import type { FileChange } from './objects.ts';
import type { TroubleOptions } from './trouble.ts';
import type { Webhooks } from './webhooks.ts';
import type {
  App,
  Comment,
  Installation,
  Limits,
  Permissions,
  Pull,
  Repository,
  RequestRecord,
  ReviewComment,
  Role,
  SentDelivery,
  World,
} from './world.ts';

export type {
  App,
  Comment,
  Installation,
  Permissions,
  Pull,
  Repository,
  RequestRecord,
  ReviewComment,
  SentDelivery,
} from './world.ts';

export type { FileChange } from './objects.ts';

export interface FakeOptions {
  /** Missing: none that a test would reach. Cutting off trees and patches is always as on GitHub. */
  readonly limits?: Partial<Limits>;
  readonly trouble?: TroubleOptions;
  /** Milliseconds; what limits and tokens go by. */
  readonly now?: () => number;
  /** Are the fake's own answers held against GitHub's description, too? It is slow. */
  readonly isAnswerChecked?: boolean;
  /** How many of the last requests are kept; all by default. */
  readonly keepRequests?: number;
}

export interface FakeGitHub {
  readonly url: string;
  /** Everything in it, for what has no method here. */
  readonly world: World;
  readonly requests: readonly RequestRecord[];
  readonly violations: readonly string[];
  readonly deliveries: readonly SentDelivery[];
  readonly repository: (
    fullName: string,
    files?: Readonly<Record<string, FileChange>>,
    options?: { readonly isPrivate?: boolean; readonly defaultBranch?: string },
  ) => Promise<Repository>;
  readonly fork: (repository: Repository, owner: string) => Promise<Repository>;
  /** Its pull requests elsewhere stay, without a head repository. */
  readonly removeRepository: (repository: Repository) => void;
  readonly role: (repository: Repository, login: string, role: Role | undefined) => void;
  readonly app: (
    slug: string,
    options?: {
      readonly permissions?: Permissions;
      readonly webhook?: { readonly url: string; readonly secret: string };
    },
  ) => App;
  /** @param repositories missing: all of the account, also later ones */
  readonly install: (
    app: App,
    account: string,
    repositories?: readonly Repository[],
    permissions?: Permissions,
  ) => Installation;
  readonly uninstall: (installation: Installation) => void;
  readonly tokenOf: (login: string) => string;
  readonly installationToken: (installation: Installation, permissions?: Permissions) => string;
  readonly actionToken: (repository: Repository, permissions: Permissions, pull?: Pull) => string;
  /** On top of a branch, or of `from` (branch or commit) where there is none yet; returns the commit. */
  readonly commit: (
    repository: Repository,
    branch: string,
    changes: Readonly<Record<string, FileChange>>,
    options?: {
      readonly from?: string;
      readonly message?: string;
      readonly by?: string;
      /** Moves the branch to a commit on `from`, whatever it was before. */
      readonly isForced?: boolean;
    },
  ) => Promise<string>;
  readonly deleteBranch: (repository: Repository, branch: string, by?: string) => Promise<void>;
  readonly pull: (
    repository: Repository,
    pull: {
      readonly head: string;
      readonly from?: Repository;
      readonly base?: string;
      readonly by?: string;
      readonly title?: string;
      readonly body?: string;
      readonly isDraft?: boolean;
    },
  ) => Pull;
  readonly setState: (pull: Pull, state: 'open' | 'closed', by: string) => void;
  readonly merge: (pull: Pull, by: string) => Promise<string>;
  readonly comment: (pull: Pull, by: string, body: string) => Comment;
  readonly reply: (comment: ReviewComment, by: string, body: string) => ReviewComment;
  readonly resolve: (comment: ReviewComment, by: string) => void;
  readonly hide: (comment: Comment, reason: string) => void;
  readonly removeComment: (comment: ReviewComment, by: string) => void;
  readonly removeIssueComment: (pull: Pull, comment: Comment, by: string) => void;
  /** @see acceptSuggestions in suggestions.ts */
  readonly accept: (
    pull: Pull,
    options?: { readonly only?: readonly number[]; readonly by?: string },
  ) => Promise<string>;
  /** @param at a commit or branch */
  readonly read: (repository: Repository, at: string, path: string) => string | undefined;
  readonly send: Webhooks['send'];
  readonly redeliver: Webhooks['redeliver'];
  readonly settled: () => Promise<void>;
  readonly trouble: (options: TroubleOptions) => void;
  readonly refusals: () => readonly RequestRecord[];
  /** Forgets the requests so far: their records, not what they did. */
  readonly forget: () => void;
  readonly forgive: () => readonly string[];
  readonly close: () => Promise<void>;
}
