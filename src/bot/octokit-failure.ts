/** What an error of the HTTP client means to the bot; no header and no token gets into it. */
import { GitHubFailure, type FailureKind } from './github.ts';

/** Where GitHub says that it was too much, and not for how long. */
const UNSAID_MS = 60_000;

interface Answered {
  readonly status: number;
  readonly message: string;
  readonly response?: {
    readonly headers: Readonly<Record<string, string | number | undefined>>;
  };
  readonly request?: { readonly method?: string; readonly url?: string };
}

interface QueryErrors {
  readonly errors: readonly { readonly type?: string; readonly message?: string }[];
  readonly headers?: Readonly<Record<string, string | number | undefined>>;
}

/** @returns the failure; `undefined` for what is a bug and no answer */
export function failureOf(error: unknown, now: number): GitHubFailure | undefined {
  if (error instanceof GitHubFailure) return error;
  if (typeof error !== 'object' || error === null) return undefined;
  if ('errors' in error && Array.isArray(error.errors)) {
    return ofQuery(error as QueryErrors, now);
  }
  if ('status' in error && typeof error.status === 'number')
    return ofAnswer(error as Answered, now);
  return undefined;
}

function ofAnswer(error: Answered, now: number): GitHubFailure {
  const { status, response } = error;
  const place = placeOf(error.request);
  const message = `${place}${response ? `${status} ` : ''}${plain(error.message)}`;
  // The client says 500 where there was no answer at all.
  if (!response) return new GitHubFailure('broken', 0, message);
  const retryAfter = limitOf(status, error.message, response.headers, now);
  if (retryAfter !== undefined)
    return new GitHubFailure('limited', status, message, { retryAfter });
  return new GitHubFailure(kindOf(status), status, message);
}

function kindOf(status: number): FailureKind {
  if (status >= 500) return 'broken';
  if (status === 404 || status === 410) return 'missing';
  return status === 401 || status === 403 ? 'forbidden' : 'refused';
}

/** How long to wait, in milliseconds; `undefined` where it is no limit. */
function limitOf(
  status: number,
  message: string,
  headers: Readonly<Record<string, string | number | undefined>>,
  now: number,
): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const seconds = Number(headers['retry-after']);
  if (headers['retry-after'] !== undefined && seconds >= 0) return seconds * 1000;
  if (String(headers['x-ratelimit-remaining']) === '0') {
    const reset = Number(headers['x-ratelimit-reset']) * 1000;
    // One second more: the clocks need not agree.
    return Number.isFinite(reset) ? Math.max(0, reset - now) + 1000 : UNSAID_MS;
  }
  return status === 429 || /\bsecondary rate\b/i.test(message) ? UNSAID_MS : undefined;
}

function ofQuery({ errors, headers = {} }: QueryErrors, now: number): GitHubFailure {
  const [first] = errors;
  const message = `POST /graphql: ${plain(first?.message ?? 'an error without a message')}`;
  const types = errors.map(({ type }) => type);
  if (types.includes('RATE_LIMITED')) {
    const retryAfter = limitOf(429, '', headers, now) ?? UNSAID_MS;
    return new GitHubFailure('limited', 200, message, { retryAfter });
  }
  if (types.includes('NOT_FOUND')) return new GitHubFailure('missing', 200, message);
  if (types.includes('FORBIDDEN')) return new GitHubFailure('forbidden', 200, message);
  const isBroken = /something went wrong|timed? ?out/i.test(message);
  return new GitHubFailure(isBroken ? 'broken' : 'refused', 200, message);
}

/** Without the host and what is asked for behind the path. */
function placeOf(request: Answered['request']): string {
  if (!request?.url) return '';
  const path = request.url.replace(/^https?:\/\/[^/]+/, '').replace(/\?.*$/s, '');
  return `${request.method ?? 'GET'} ${path}: `;
}

function plain(message: string): string {
  const [line = ''] = message.split('\n');
  return line.replace(/ - https:\/\/docs\.github\.com\S*$/, '').slice(0, 300);
}
