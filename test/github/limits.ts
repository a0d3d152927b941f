/** How often one token may ask, and how much it may create, as GitHub limits both. */
import { Refusal } from './http.ts';
import type { Limits, Token, User } from './world.ts';

export const NO_ACTOR: User = { id: 0, login: 'nobody', type: 'User' };

const HOUR = 3_600_000;
const MINUTE = 60_000;

interface Used {
  requests: number;
  resetAt: number;
  /** When content was created, within the last hour. */
  readonly created: number[];
}

export interface Limiter {
  /** @throws Refusal 403 or 429 over a limit; the headers of the answer otherwise */
  readonly count: (
    token: Token | undefined,
    isContent: boolean,
  ) => Readonly<Record<string, string>>;
  readonly report: (token: Token | undefined) => unknown;
}

/** @param isCounted false: headers are sent, nothing is refused */
export const limiterOf = (limits: Limits, now: () => number): Limiter => {
  const used = new Map<string, Used>();
  const usedBy = (token: Token | undefined): Used => {
    // All tokens of one installation draw on one account.
    const key = token?.installation
      ? `installation ${token.installation.id}`
      : (token?.actor.login ?? '');
    const known = used.get(key);
    if (known && known.resetAt > now()) return known;
    const fresh: Used = { requests: 0, resetAt: now() + HOUR, created: known?.created ?? [] };
    used.set(key, fresh);
    return fresh;
  };
  const headersOf = (own: Used): Readonly<Record<string, string>> => ({
    'x-ratelimit-limit': String(limits.primary),
    'x-ratelimit-remaining': String(Math.max(0, limits.primary - own.requests)),
    'x-ratelimit-used': String(own.requests),
    'x-ratelimit-reset': String(Math.ceil(own.resetAt / 1000)),
    'x-ratelimit-resource': 'core',
  });
  const countContent = (own: Used): void => {
    while (own.created.length > 0 && own.created[0]! <= now() - HOUR) own.created.shift();
    const lastMinute = own.created.filter((at) => at > now() - MINUTE).length;
    if (lastMinute < limits.contentPerMinute && own.created.length < limits.contentPerHour) {
      own.created.push(now());
      return;
    }
    throw new Refusal(
      limits.secondaryStatus,
      'You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.',
      undefined,
      { ...headersOf(own), 'retry-after': String(limits.retryAfter) },
    );
  };
  return {
    count: (token, isContent) => {
      const own = usedBy(token);
      own.requests++;
      if (own.requests > limits.primary) {
        const who = token ? `for ${token.actor.login}` : 'for 127.0.0.1';
        throw new Refusal(403, `API rate limit exceeded ${who}.`, undefined, headersOf(own));
      }
      if (isContent && Number.isFinite(limits.contentPerHour)) countContent(own);
      return headersOf(own);
    },
    report: (token) => {
      const own = usedBy(token);
      const core = {
        limit: limits.primary,
        used: own.requests,
        remaining: Math.max(0, limits.primary - own.requests),
        reset: Math.ceil(own.resetAt / 1000),
      };
      return { resources: { core }, rate: core };
    },
  };
};
