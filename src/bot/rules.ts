/** How long and how often the bot tries. All times in milliseconds. */

export interface Rules {
  /**
   * For how long a worker has a job without a sign of life. Far longer than a request may be under
   * way: when another worker gets the job of one that was killed, the last request of that one is done
   * or never will be, and what it made is found.
   */
  readonly leaseMs: number;
  /**
   * The longest that a request can still have an effect after it was sent. GitHub ends its own work on
   * one after 10 seconds; the client waits for 30.
   */
  readonly requestMs: number;
  /** A job that takes longer hangs. */
  readonly longestMs: number;
  /** After so many failures a job is parked. */
  readonly failures: number;
  /** After so many workers that were lost over it a job is parked: it may be what kills them. */
  readonly losses: number;
  /** The pause after the first failure; it doubles with each. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** A delivery that GitHub makes wait for so long is parked. */
  readonly oldestMs: number;
  /** How long a worker without work sleeps, where nobody wakes it. */
  readonly idleMs: number;
}

export const RULES: Rules = {
  leaseMs: 90_000,
  requestMs: 30_000,
  longestMs: 15 * 60_000,
  failures: 8,
  losses: 5,
  firstPauseMs: 5_000,
  longestPauseMs: 15 * 60_000,
  oldestMs: 24 * 60 * 60_000,
  idleMs: 1_000,
};

/**
 * The pause before the next try, in milliseconds: doubled with each failure, and between half and the
 * whole of that, so that jobs which failed together do not come back together.
 * @param failures how many there were, at least 1
 * @param random from 0 to 1
 */
export function pauseAfter(failures: number, random: number, rules: Rules = RULES): number {
  const longest = Math.min(rules.longestPauseMs, rules.firstPauseMs * 2 ** (failures - 1));
  return Math.round(longest * (0.5 + random / 2));
}
