/** What goes wrong between a client and GitHub: delays, 5xx, cut connections; by a seed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from './http.ts';

export interface TroubleOptions {
  readonly seed?: number;
  /** Share of requests (0 to 1) that fail before anything was done. */
  readonly failBefore?: number;
  /** Share of requests that fail although what they asked for was done: the client cannot know. */
  readonly failAfter?: number;
  /** Which answers; 0 cuts the connection. */
  readonly statuses?: readonly number[];
  /** Which requests, by `POST /repos/{owner}/{repo}/…`; missing: all. */
  readonly only?: RegExp;
  /** How many failures at most; missing: no end. */
  readonly times?: number;
  /** Longest delay in milliseconds, half of it before and half after the effect. */
  readonly delay?: number;
}

export interface Trouble {
  /** @param route as in `only`; empty where the fake has no such path */
  readonly before: (route: string) => Promise<void>;
  readonly after: (route: string) => Promise<void>;
  /** From now on; nothing: all goes well. */
  readonly set: (options: TroubleOptions) => void;
}

const STATUSES = [500, 502, 503];

/** Mulberry32: small, and the same everywhere. */
export const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const troubleOf = (first: TroubleOptions): Trouble => {
  let options = first;
  let random = randomOf(first.seed ?? 1);
  let failures = 0;
  const happen = async (share: number, route: string): Promise<void> => {
    const { delay = 0, statuses = STATUSES, only, times = Infinity } = options;
    if (only && !only.test(route)) return;
    if (delay > 0) await sleep((random() * delay) / 2);
    if (share <= 0 || random() >= share || failures >= times) return;
    failures++;
    const status = statuses[Math.floor(random() * statuses.length)] ?? 500;
    throw new Refusal(status, status === 502 ? 'Server Error' : 'Unicorn!');
  };
  return {
    before: (route) => happen(options.failBefore ?? 0, route),
    after: (route) => happen(options.failAfter ?? 0, route),
    set: (next) => {
      options = next;
      random = randomOf(next.seed ?? 1);
      failures = 0;
    },
  };
};
