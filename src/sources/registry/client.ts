/**
 * Questions to registries by the OCI distribution API: with what a registry wants to see before it
 * answers, and with words for what it refuses.
 */
import * as v from 'valibot';
import { needsLogin, type Authorization, type Authorizer } from './authorization.ts';
import { failure, quoted, type Failure } from './failure.ts';
import { follow, type Followed, type Patience } from './patience.ts';
import { HUB, isLoopback, type Reference } from './reference.ts';
import type { Answer, Question, Transport } from './transport.ts';

export interface Refusal extends Failure {
  /** Missing where nobody answered. */
  readonly status?: number;
}

interface Wanted {
  readonly method: 'GET' | 'HEAD';
  /** Behind `/v2/<repository>/`. */
  readonly path: string;
  readonly accept: string;
  /** Bytes. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

export interface Client {
  /** @returns an answer of status 200, or why there is none */
  readonly ask: (reference: Reference, wanted: Wanted) => Promise<Answer | Refusal>;
}

export interface ClientOptions {
  readonly transport: Transport;
  readonly authorizer: Authorizer;
  /** Hosts that may be asked without TLS, beside this machine itself. */
  readonly insecure: readonly string[];
  /** What the registry sees as its user's program. */
  readonly agent: string;
  readonly patience?: Patience;
}

export function clientOf({
  transport,
  authorizer,
  insecure,
  agent,
  patience,
}: ClientOptions): Client {
  /** Hosts from which nothing is to be expected any more. */
  const lost = new Map<string, Refusal>();
  const plain = new Set<string>();
  const mayBePlain = (host: string): boolean => isLoopback(host) || insecure.includes(host);

  /** With TLS first where both are allowed, as Docker does. */
  const send = async (host: string, question: Omit<Question, 'url'>, path: string) => {
    const at = (scheme: string): Promise<Followed> => {
      const url = new URL(`${scheme}://${host}${path}`);
      return follow({ ...question, url }, transport, mayBePlain, patience);
    };
    if (plain.has(host)) return at('http');
    const first = await at('https');
    const { answer } = first;
    if (answer.kind === 'answer' || !answer.mayBePlain || !mayBePlain(host)) return first;
    const second = await at('http');
    if (second.answer.kind === 'answer') plain.add(host);
    return second;
  };

  const askOnce = async (reference: Reference, wanted: Wanted): Promise<Answer | Refusal> => {
    const { method, path, accept, limit, signal } = wanted;
    const { host, repository } = reference;
    const sendWith = (authorization: Authorization | undefined): Promise<Followed> => {
      const headers = {
        accept,
        'user-agent': agent,
        ...(authorization && { authorization: authorization.header }),
      };
      return send(host, { method, headers, limit, signal }, `/v2/${repository}/${path}`);
    };
    const { answer, url } = await sendWith(authorizer.known(reference));
    if (answer.kind === 'failure') return answer;
    // Another host, to which one was sent on, has no right to ask who the user is.
    if (answer.status !== 401 || !isSameHost(url, host)) return judge(answer, reference);
    const challenge = answer.header('www-authenticate');
    const authorization = await authorizer.answer(reference, { url, challenge }, signal);
    if (authorization.kind === 'failure') return authorization;
    const second = await sendWith(authorization);
    return second.answer.kind === 'failure' ? second.answer : judge(second.answer, reference);
  };

  const judge = async (answer: Answer, reference: Reference): Promise<Answer | Refusal> => {
    const { status } = answer;
    if (status === 200) return answer;
    const hasLogin = ABOUT_LOGIN.has(status) && (await authorizer.hasLogin(reference));
    return { ...refusalOf(answer, reference, hasLogin), status };
  };

  return {
    ask: async (reference, wanted) => {
      const known = lost.get(reference.host);
      if (known) return known;
      const answer = await askOnce(reference, wanted);
      if (answer.kind === 'failure' && answer.isOfHost) lost.set(reference.host, answer);
      return answer;
    },
  };
}

/** Where it matters who asks; else nobody need open a key store. */
const ABOUT_LOGIN = new Set([401, 403, 429]);

/** A port that goes without saying is not in a URL. */
function isSameHost(url: URL, host: string): boolean {
  return url.host === new URL(`${url.protocol}//${host}`).host;
}

const errors = v.object({
  errors: v.array(
    v.object({ code: v.nullish(v.string(), ''), message: v.nullish(v.string(), '') }),
  ),
});

function refusalOf(answer: Answer, reference: Reference, hasLogin: boolean): Failure {
  const { registry, repository, tag, digest } = reference;
  const { status } = answer;
  const { code, message } = errorIn(answer);
  const said = message === '' ? '' : `: ${quoted(message)}`;
  if (status === 429 || /^toomanyrequests$/i.test(code)) return tooMany(registry, hasLogin);
  if (status === 401 || status === 403) {
    if (!hasLogin) return needsLogin(reference);
    return failure(
      `${registry} does not show ${repository} to this login${said}`,
      'check the name, and what the login may read',
    );
  }
  if (status === 404) {
    const what = digest === undefined ? `:${tag}` : `@${digest}`;
    return failure(`${registry} has no ${repository}${what}`, 'check the name and the tag');
  }
  if (status >= 500) {
    return failure(`${registry} has a problem of its own (status ${status})`, 'try again later');
  }
  return failure(`${registry} answers with status ${status}${said}`, 'is this a registry?');
}

function tooMany(registry: string, hasLogin: boolean): Failure {
  const isAnonymousHub = registry === HUB && !hasLogin;
  return failure(
    `${registry} asks for fewer requests: its limit is reached for now`,
    isAnonymousHub ? 'docker login raises the limit; or try again later' : 'try again later',
    true,
  );
}

function errorIn({ body }: Answer): { readonly code: string; readonly message: string } {
  try {
    const [first] = v.parse(errors, JSON.parse(body.toString('utf8'))).errors;
    return first ?? { code: '', message: '' };
  } catch {
    return { code: '', message: '' };
  }
}
