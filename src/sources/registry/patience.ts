/** One question, asked again where that is polite and worth it, and through redirects. */
import { setTimeout as delay } from 'node:timers/promises';
import { failure } from './failure.ts';
import type { Answer, Question, Transport, Unanswered } from './transport.ts';

export interface Patience {
  /** Milliseconds that a server may make one wait before the same question; default 10 s. */
  readonly waitMs?: number;
  /** Milliseconds before the second try of what failed; default half a second. */
  readonly pauseMs?: number;
}

export interface Followed {
  readonly answer: Answer | Unanswered;
  /** Who answered, after redirects. */
  readonly url: URL;
}

/** Longer, and whoever waits would rather go on without. */
const WAIT_MS = 10_000;
const PAUSE_MS = 500;
const MOST_TRIES = 3;
const MOST_REDIRECTS = 5;

const BUSY = 429;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** A server, or one on the way, that may be well again in a moment. */
const PASSING = new Set([500, 502, 503, 504]);

/**
 * Asks, and follows redirects, by which registries send one to where blobs are stored. What
 * authorizes stays with the host for which it is.
 * @param mayBePlain whether this host may be asked without TLS
 */
export async function follow(
  question: Question,
  transport: Transport,
  mayBePlain: (host: string) => boolean,
  patience: Patience = {},
): Promise<Followed> {
  let { url, headers } = question;
  for (let redirects = 0; ; redirects++) {
    // oxlint-disable-next-line no-await-in-loop -- one follows from the other
    const answer = await askPatiently({ ...question, url, headers }, transport, patience);
    if (answer.kind === 'failure' || !REDIRECTS.has(answer.status)) return { answer, url };
    const next = targetOf(answer.header('location'), url);
    const isAllowed =
      next?.protocol === 'https:' ||
      (url.protocol === 'http:' && next !== undefined && mayBePlain(next.host));
    if (!next || !isAllowed) {
      const why = `${url.host} sends one on to where dfopt does not go`;
      return { answer: failure(why, 'tell whoever runs the registry'), url };
    }
    if (redirects === MOST_REDIRECTS) {
      const why = `${question.url.host} sends one on more than ${MOST_REDIRECTS} times`;
      return { answer: failure(why, 'tell whoever runs the registry'), url };
    }
    if (next.origin !== url.origin) {
      const { authorization: _, ...rest } = headers;
      headers = rest;
    }
    url = next;
  }
}

function targetOf(location: string, from: URL): URL | undefined {
  try {
    const url = new URL(location, from);
    const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
    // A name and a password in it would be somebody's.
    return location !== '' && isWeb && url.username === '' ? url : undefined;
  } catch {
    return undefined;
  }
}

async function askPatiently(
  question: Question,
  transport: Transport,
  { waitMs = WAIT_MS, pauseMs = PAUSE_MS }: Patience,
): Promise<Answer | Unanswered> {
  for (let tries = 1; ; tries++) {
    // oxlint-disable-next-line no-await-in-loop -- the next only where this one failed
    const answer = await transport.send(question);
    const wait = tries < MOST_TRIES ? pauseBefore(answer, waitMs, pauseMs * tries) : undefined;
    if (wait === undefined) return answer;
    try {
      // oxlint-disable-next-line no-await-in-loop -- waiting is what is wanted
      await delay(wait, undefined, { signal: question.signal });
    } catch {
      // No time is left for another.
      return answer;
    }
  }
}

/** @returns milliseconds; `undefined` where another try is of no use, or would come too late */
function pauseBefore(
  answer: Answer | Unanswered,
  waitMs: number,
  pauseMs: number,
): number | undefined {
  if (answer.kind === 'failure') return answer.isPassing ? pauseMs : undefined;
  if (answer.status !== BUSY && !PASSING.has(answer.status)) return undefined;
  const asked = retryAfter(answer.header('retry-after'));
  if (asked === undefined) return answer.status === BUSY ? undefined : pauseMs;
  return asked <= waitMs ? asked : undefined;
}

/** Seconds or a date; in milliseconds from now. */
function retryAfter(header: string): number | undefined {
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  // Date.parse takes a lot for a date; HTTP knows one form.
  const date = header.endsWith(' GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
