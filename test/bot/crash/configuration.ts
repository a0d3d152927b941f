/** What the harness tells a process of the bot. */
import type { Store } from '../../../src/bot/app.ts';
import type { LogLevel } from '../../../src/bot/log-levels.ts';
import { RULES, type Rules } from '../../../src/bot/rules.ts';

/** The variable that holds it, as JSON. */
export const CONFIGURATION = 'DFOPT_TEST_BOT';

/** What a delivery makes the bot do: leave one comment, or what the bot does for users. */
export type Handler = 'comment' | 'real';

export interface BotConfiguration {
  readonly store: Store;
  /** Missing: no server. */
  readonly port?: number;
  readonly workers: number;
  readonly handler: Handler;
  /** URL of the fake GitHub. */
  readonly api: string;
  readonly app: {
    readonly appId: string;
    readonly privateKey: string;
    readonly secret: string;
  };
  readonly logLevel: LogLevel;
  readonly rules: Rules;
}

/** A request of the bot is given up after so many milliseconds. */
export const REQUEST_MS = 1_000;

/** As in earnest, and twenty times faster. */
export const FAST_RULES: Rules = {
  ...RULES,
  leaseMs: 4_000,
  requestMs: 1_500,
  longestMs: 60_000,
  firstPauseMs: 100,
  longestPauseMs: 1_000,
  idleMs: 100,
};
