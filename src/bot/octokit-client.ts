/**
 * The HTTP client: which host, how patient, how fast.
 *
 * What creates something is never sent twice by itself: an answer of 502 may come after the deed. Who
 * asked looks again what is there.
 */
import { Octokit } from '@octokit/core';
import { paginateRest } from '@octokit/plugin-paginate-rest';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { failureOf } from './octokit-failure.ts';

const Client = Octokit.plugin(paginateRest, retry, throttling);
export type Client = InstanceType<typeof Client>;

/** What goes with every request, besides what is asked. */
export interface How {
  readonly request: { readonly signal?: AbortSignal; readonly retries?: number };
}

/** Runs requests and turns what they throw into a `GitHubFailure`. */
export type Ask = <T>(work: (how: How) => Promise<T>) => Promise<T>;

export interface ClientOptions {
  /** Of the API: `https://api.github.com`, `https://github.example.org/api/v3`. */
  readonly baseUrl?: string;
  readonly userAgent?: string;
  /** A wait for a limit of at most so many milliseconds is sat out; default 0: it is a failure. */
  readonly patience?: number;
  /** What one HTTP request may take, in milliseconds; default 30,000. */
  readonly timeout?: number;
  /** Unit of the growing waits between repeated reads, in milliseconds; default 1,000. */
  readonly retryUnit?: number;
  /**
   * At most one write a second, and one that tells people every three, as GitHub asks for; default true.
   * A test against a server of its own needs no such manners.
   */
  readonly isPaced?: boolean;
}

/** No request takes longer than this, whatever the server does: leases of jobs count on it. */
export const REQUEST_TIMEOUT_MS = 30_000;

export function askOf(signal: AbortSignal | undefined): Ask {
  return async (work) => {
    signal?.throwIfAborted();
    try {
      return await work({ request: signal ? { signal } : {} });
    } catch (error) {
      signal?.throwIfAborted();
      throw failureOf(error, Date.now()) ?? error;
    }
  };
}

export function clientOf(who: object, id: string, options: ClientOptions): Client {
  const {
    baseUrl = 'https://api.github.com',
    userAgent = 'dfopt',
    patience = 0,
    timeout = REQUEST_TIMEOUT_MS,
    retryUnit = 1000,
    isPaced = true,
  } = options;
  const maySitOut = (seconds: number, _request: object, _client: object, count: number): boolean =>
    seconds * 1000 <= patience && count < 2;
  return new Client({
    ...who,
    baseUrl,
    userAgent,
    // Warnings of the client tell addresses; what matters is in the failure.
    log: { debug: noop, info: noop, warn: noop, error: noop },
    request: {
      fetch: (url: string, init: RequestInit) =>
        fetch(url, { ...init, signal: inTime(init, timeout) }),
    },
    retry: {
      doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451],
      retryAfterBaseValue: retryUnit,
    },
    throttle: isPaced
      ? { id, onRateLimit: maySitOut, onSecondaryRateLimit: maySitOut }
      : { enabled: false },
  });
}

/** Each try by itself; a repeated one begins anew. */
function inTime(init: RequestInit, timeout: number): AbortSignal {
  const late = AbortSignal.timeout(timeout);
  return init.signal ? AbortSignal.any([init.signal, late]) : late;
}

function noop(): void {
  // Nothing is told.
}
