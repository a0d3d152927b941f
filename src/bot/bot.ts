/** What whoever runs the bot says of it, the same for all repositories. */
import type { Facts } from '../facts/types.ts';
import type { Level, Pass } from '../pass.ts';
import type { CommentMode, FailOn } from './review-types.ts';
import type { ProposalSettings } from './propose-types.ts';

export interface BotSettings {
  readonly comments: CommentMode;
  /** Conclude a check run on the head; only tokens of Apps may. */
  readonly hasCheck: boolean;
  readonly failOn: FailOn;
  /** Patterns as in .gitignore from the top: only these Dockerfiles; none: all. */
  readonly paths: readonly string[];
  /** Wins over configuration files; missing: what they say. */
  readonly level?: Level;
  /** Also pull requests that their authors call drafts. */
  readonly hasDrafts: boolean;
  /** Make pull requests of its own; missing: it makes none. */
  readonly propose?: Pick<ProposalSettings, 'grouping' | 'mostOpen' | 'leastSaved'>;
  /** Of dfopt. */
  readonly version: string;
  readonly sign?: (text: string) => string;
}

export interface Bot {
  readonly settings: BotSettings;
  readonly facts: Facts;
  readonly passes: readonly Pass[];
  /** `2026-11-21` */
  readonly today: () => string;
  /** For the log; text of others may be in it. */
  readonly tell: (message: string) => void;
}

/** Of the check run, and what branch protection calls it. */
export const CHECK_NAME = 'dfopt';

export const DEFAULT_SETTINGS: Omit<BotSettings, 'version'> = {
  comments: 'suggestions',
  hasCheck: true,
  failOn: 'nothing',
  paths: [],
  hasDrafts: false,
};
