/** What pull requests of the bot's own are made of, and what comes out: data again. */
import type { Result } from '../pipeline.ts';

/** A Dockerfile of the default branch, and what dfopt makes of it. */
export interface ProposedFile {
  /** From the top of the repository. */
  readonly path: string;
  /** Priced. With what commands in the open pull request ask for, where there is one. */
  readonly result: Result;
  /** From the top of the repository, ending in `/`, or empty: where the build context lies. Default the folder of the Dockerfile. */
  readonly contextFolder?: string;
}

/** A pull request whose branch begins with `dfopt/` in this very repository. */
export interface OwnPull {
  readonly number: number;
  /** The bot opened it. Others are never touched. */
  readonly isOwn: boolean;
  /** Without `refs/heads/`. */
  readonly branch: string;
  readonly state: 'open' | 'closed' | 'merged';
  /** Of closed ones: somebody else than the bot closed it. */
  readonly isClosedByPerson: boolean;
  readonly title: string;
  readonly body: string;
  /** All commits on top of the base are the bot's; else nothing is written over. */
  readonly isUntouched: boolean;
  /** Somebody with write access asks for it to be made anew: `/dfopt rebase` in the event at hand. */
  readonly isRebaseWanted: boolean;
}

export interface ProposalSettings {
  /** One pull request for each Dockerfile, or one for all. */
  readonly grouping: 'each' | 'all';
  /** Open pull requests of the bot in the repository at a time; default 5. */
  readonly mostOpen?: number;
  /** What an edit must save at least, in bytes; default 0: any edit is worth it. */
  readonly leastSaved?: number;
  readonly version: string;
  readonly sign?: (text: string) => string;
}

export interface ProposalInput {
  readonly files: readonly ProposedFile[];
  readonly pulls: readonly OwnPull[];
  /** The branch that pull requests go to. */
  readonly base: string;
  readonly settings: ProposalSettings;
}

/** A file of the new commit, whole. */
export interface FileChange {
  readonly path: string;
  readonly text: string;
  /** As it must be at the base for the change to be made; `undefined` where there must be no such file. */
  readonly before: string | undefined;
}

interface NewCommit {
  readonly branch: string;
  /** One commit on top of the base's tip; the mode of a file that is there stays. */
  readonly changes: readonly FileChange[];
  readonly message: string;
  readonly title: string;
  readonly body: string;
}

export type ProposalOperation =
  /** The branch may be there from before (merged, or a crash in between): it is moved. */
  | ({ readonly kind: 'open pull' } & NewCommit)
  /** The branch is moved to a new commit on top of the base, then the text is updated. */
  | ({ readonly kind: 'rebase pull'; readonly number: number } & NewCommit)
  /** A comment, the state, then the branch is deleted. */
  | {
      readonly kind: 'close pull';
      readonly number: number;
      readonly branch: string;
      readonly comment: string;
    };

export interface Proposals {
  readonly operations: readonly ProposalOperation[];
  /** Why something that could be improved is not proposed, for the log. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}
