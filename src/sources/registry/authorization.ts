/**
 * What a registry wants to see before it answers: nothing, a name and a password, or a token of its
 * token server, which is kept until it expires. Tokens stay in memory.
 */
import * as v from 'valibot';
import { parseChallenges, type Challenge } from './challenge.ts';
import type { Credentials, Keys } from './credentials.ts';
import { failure, quoted, type Failure } from './failure.ts';
import type { Reference } from './reference.ts';
import type { Answer, Transport, Unanswered } from './transport.ts';

export interface Authorization {
  readonly kind: 'authorization';
  /** The value of the header. */
  readonly header: string;
}

export interface Authorizer {
  /** What was accepted before and still holds; `undefined`: ask without. */
  readonly known: (reference: Reference) => Authorization | undefined;
  /** What answers the challenge of an answer with status 401. */
  readonly answer: (
    reference: Reference,
    asked: { readonly url: URL; readonly challenge: string },
    signal: AbortSignal,
  ) => Promise<Authorization | Failure>;
  /** Whether the user has a login to this registry. */
  readonly hasLogin: (reference: Reference) => Promise<boolean>;
}

/** As the specification has it where nothing else is said. Seconds. */
const USUAL_SECONDS = 60;
/** A token that expires on its way is of no use. */
const SLACK_MS = 5000;
const ANSWER_BYTES = 1024 * 1024;
/** The name under which a token server is asked; registries list it among their clients. */
const CLIENT = 'dfopt';

const tokenShape = v.object({
  token: v.nullish(v.string(), ''),
  access_token: v.nullish(v.string(), ''),
  expires_in: v.nullish(v.number(), USUAL_SECONDS),
});

interface Kept {
  readonly authorization: Authorization;
  /** Milliseconds of the clock that is handed in. */
  readonly until: number;
}

/** @param now milliseconds that only go forward */
export function authorizerOf(transport: Transport, keys: Keys, now: () => number): Authorizer {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<Authorization | Failure>>();
  const keep = (name: string, header: string, forMs: number): Authorization => {
    const authorization: Authorization = { kind: 'authorization', header };
    kept.set(name, { authorization, until: now() + forMs });
    return authorization;
  };
  const renew: Authorizer['answer'] = async (reference, { url, challenge }, signal) => {
    const login = await keys.of(reference.registry);
    const challenges = parseChallenges(challenge);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (login?.kind === 'bearer') {
      return keep(nameOf(reference), `Bearer ${login.token}`, Number.POSITIVE_INFINITY);
    }
    if (bearer) {
      const token = await tokenFor(reference, bearer, { url, login, transport, signal });
      if (token.kind === 'failure') return token;
      return keep(nameOf(reference), `Bearer ${token.text}`, token.seconds * 1000 - SLACK_MS);
    }
    if (!challenges.some(({ scheme }) => scheme === 'basic')) {
      return failure(
        `${reference.host} asks for a login in a way that dfopt does not know`,
        'pull the image yourself',
      );
    }
    if (login?.kind !== 'password') return needsLogin(reference);
    return keep(nameOf(reference), basic(login), Number.POSITIVE_INFINITY);
  };
  return {
    known: (reference) => {
      const found = kept.get(nameOf(reference));
      return found && found.until > now() ? found.authorization : undefined;
    },
    answer: (reference, asked, signal) => {
      // Several images of one repository, at once: one token does.
      const name = nameOf(reference);
      let answer = underWay.get(name);
      if (!answer) {
        answer = renew(reference, asked, signal).finally(() => underWay.delete(name));
        underWay.set(name, answer);
      }
      return answer;
    },
    hasLogin: async ({ registry }) => (await keys.of(registry)) !== undefined,
  };
}

function nameOf({ host, repository }: Reference): string {
  return `${host}/${repository}`;
}

export function needsLogin({ registry, repository }: Reference): Failure {
  return failure(
    `${registry} has no ${repository}, or shows it only after a login`,
    `check the name, or log in with docker login ${registry}`,
  );
}

function refusesLogin({ registry }: Reference): Failure {
  return failure(
    `${registry} refuses the login in Docker's configuration`,
    `log in again with docker login ${registry}`,
  );
}

interface Surroundings {
  /** What was asked when the challenge came. */
  readonly url: URL;
  readonly login: Credentials | undefined;
  readonly transport: Transport;
  readonly signal: AbortSignal;
}

interface Token {
  readonly kind: 'token';
  readonly text: string;
  readonly seconds: number;
}

async function tokenFor(
  reference: Reference,
  { parameters }: Challenge,
  { url, login, transport, signal }: Surroundings,
): Promise<Token | Failure> {
  const realm = realmOf(parameters.get('realm') ?? '', url);
  if (!realm) {
    return failure(
      `${reference.host} names no token server that may be asked`,
      'tell whoever runs the registry',
    );
  }
  const query = { service: parameters.get('service') ?? '', scope: scopeOf(reference, parameters) };
  const answer =
    login?.kind === 'refresh'
      ? await postForToken(realm, query, login.token, transport, signal)
      : await getToken(realm, query, login, transport, signal);
  if (answer.kind === 'failure') return answer;
  return tokenIn(answer, reference, realm, login !== undefined);
}

/** A registry without TLS, which the user has allowed, may have such a token server; others not. */
function realmOf(text: string, asked: URL): URL | undefined {
  try {
    const realm = new URL(text);
    const isPlain = realm.protocol === 'http:' && asked.protocol === 'http:';
    return realm.protocol === 'https:' || isPlain ? realm : undefined;
  } catch {
    return undefined;
  }
}

/** Reading one repository. What a registry asks for instead is taken where it is no more than that. */
function scopeOf({ repository }: Reference, parameters: Challenge['parameters']): string {
  const asked = parameters.get('scope') ?? '';
  const isReading = /^repository:[^\s:]+:pull$/.test(asked) || /^[a-z]{1,20}$/.test(asked);
  return isReading ? asked : `repository:${repository}:pull`;
}

interface Query {
  readonly service: string;
  readonly scope: string;
}

function getToken(
  realm: URL,
  { service, scope }: Query,
  login: Credentials | undefined,
  transport: Transport,
  signal: AbortSignal,
): Promise<Answer | Unanswered> {
  const url = new URL(realm);
  if (service !== '') url.searchParams.set('service', service);
  url.searchParams.set('scope', scope);
  const isNamed = login?.kind === 'password';
  if (isNamed) url.searchParams.set('account', login.username);
  const headers = { accept: 'application/json', ...(isNamed && { authorization: basic(login) }) };
  return transport.send({ method: 'GET', url, headers, limit: ANSWER_BYTES, signal });
}

function postForToken(
  url: URL,
  { service, scope }: Query,
  token: string,
  transport: Transport,
  signal: AbortSignal,
): Promise<Answer | Unanswered> {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: CLIENT,
    service,
    scope,
    refresh_token: token,
  });
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
  };
  const question = { url, headers, body: body.toString(), limit: ANSWER_BYTES, signal };
  return transport.send({ method: 'POST', ...question });
}

function tokenIn(
  { status, body }: Answer,
  reference: Reference,
  { host }: URL,
  hasLogin: boolean,
): Token | Failure {
  if (status === 401 || status === 403) {
    return hasLogin ? refusesLogin(reference) : needsLogin(reference);
  }
  if (status === 429) {
    return failure(`${host}, the token server, asks for fewer requests`, 'try again later', true);
  }
  if (status !== 200) {
    return failure(`${host}, the token server, answers with status ${status}`, 'try again later');
  }
  const parsed = v.safeParse(tokenShape, jsonOf(body));
  const text = parsed.success ? parsed.output.token || parsed.output.access_token : '';
  // It becomes a header; anything else would be an attack, or no token.
  if (!parsed.success || !/^[\w.~+/=:-]+$/.test(text)) {
    return failure(`${quoted(host)}, the token server, answers without a token`, 'try again later');
  }
  return { kind: 'token', text, seconds: parsed.output.expires_in };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function basic({ username, password }: Extract<Credentials, { kind: 'password' }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
