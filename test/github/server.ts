/** The fake's HTTP server: who asks, may they, how often, and what goes wrong on the way. */
import { createVerify } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Answer,
  type Call,
  type Json,
  type Match,
  notFound,
  Query,
  Refusal,
  router,
} from './http.ts';
import { ROUTES } from './routes.ts';
import { type Limiter, NO_ACTOR } from './limits.ts';
import type { Checker } from './openapi.ts';
import type { Trouble } from './trouble.ts';
import {
  type App,
  type Repository,
  type RequestRecord,
  type Role,
  roleOf,
  type Token,
  type World,
} from './world.ts';

/** GitHub takes 100 MB blobs in base64; a request over this is not read on. */
const REQUEST_LIMIT = 150_000_000;

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > REQUEST_LIMIT) throw new Refusal(413, 'Payload Too Large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const credential = (request: IncomingMessage): string | undefined =>
  /^(?:bearer|token) (.+)$/i.exec(request.headers.authorization ?? '')?.[1];

/** The App that signed a JWT, as GitHub checks it: RS256, at most ten minutes, not from the future. */
const appOfJwt = (world: World, jwt: string): App => {
  const [head = '', claims = '', signature = ''] = jwt.split('.');
  const fail = (message: string): Refusal => new Refusal(401, message);
  let parsed: { readonly iss?: unknown; readonly iat?: number; readonly exp?: number };
  try {
    parsed = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as typeof parsed;
  } catch {
    throw fail('A JSON web token could not be decoded');
  }
  const issuer = String(parsed.iss);
  const app = [...world.apps.values()].find(
    (own) => String(own.id) === issuer || own.clientId === issuer,
  );
  if (!app) throw fail("'Issuer' claim ('iss') must be an Integer or a Client ID");
  const verify = createVerify('RSA-SHA256').update(`${head}.${claims}`);
  if (!verify.verify(app.publicKey, signature, 'base64url')) {
    throw fail('A JSON web token could not be decoded');
  }
  const now = Math.floor(Date.now() / 1000);
  const { iat = 0, exp = 0 } = parsed;
  if (exp < now) throw fail("'Expiration time' claim ('exp') is in the past");
  if (iat > now) throw fail("'Issued at' claim ('iat') must be in the past");
  if (exp - iat > 720) throw fail("'Expiration time' claim ('exp') is too far in the future");
  return app;
};

const tokenOf = (world: World, value: string): Token => {
  const token = world.tokens.get(value);
  const isOver =
    token === undefined ||
    (token.expiresAt !== undefined && token.expiresAt < world.now()) ||
    token.installation?.isDeleted === true;
  if (isOver) throw new Refusal(401, 'Bad credentials');
  if (token.installation?.isSuspended) {
    throw new Refusal(403, 'This installation has been suspended');
  }
  return token;
};

const RANK: Readonly<Record<Role, number>> = {
  read: 0,
  triage: 1,
  write: 2,
  maintain: 3,
  admin: 4,
};

const holds = (token: Token, repository: Repository): boolean =>
  token.repositories
    ? token.repositories.has(repository)
    : token.installation?.account === repository.owner;

/** @throws Refusal 404 what cannot be seen, 403 what may not be done */
const checkAccess = (match: Match, repository: Repository, token: Token | undefined): void => {
  const { need } = match.route;
  if (token?.permissions) {
    const isHeld = holds(token, repository);
    if (!isHeld && repository.isPrivate) throw notFound();
    if (need) {
      const isGranted = need.permissions.some((name) => {
        const access = name === 'metadata' ? 'read' : token.permissions?.[name];
        return need.access === 'read' ? access !== undefined : access === 'write';
      });
      const isPublicRead = need.access === 'read' && !repository.isPrivate;
      if (!(isHeld ? isGranted || isPublicRead : isPublicRead)) {
        throw new Refusal(403, 'Resource not accessible by integration');
      }
    }
  } else {
    const role = token
      ? roleOf(repository, token.actor)
      : repository.isPrivate
        ? undefined
        : 'read';
    if (role === undefined) throw notFound();
    // Who may not write sees 404 on paths of writers only, and 403 on those that all may read.
    if (need?.role && RANK[role] < RANK[need.role]) {
      throw need.access === 'read'
        ? new Refusal(403, 'Must have push access to view collaborator permission.')
        : notFound();
    }
  }
  if (repository.isArchived && match.route.method !== 'GET') {
    throw new Refusal(403, 'Repository was archived so is read-only.');
  }
};

export interface ServerParts {
  readonly world: World;
  readonly limiter: Limiter;
  readonly trouble: Trouble;
  readonly checker: Checker;
  readonly isAnswerChecked: boolean;
  readonly record: (record: RequestRecord, violations: readonly string[]) => void;
}

interface Seen {
  route?: string;
  actor?: string;
  violations: readonly string[];
}

/** Without what JSON leaves out. */
const asSent = (body: unknown): unknown =>
  body === undefined || Buffer.isBuffer(body) ? body : JSON.parse(JSON.stringify(body));

const callOf = async (
  parts: ServerParts,
  find: (method: string, path: string) => Match | undefined,
  request: IncomingMessage,
  seen: Seen,
): Promise<Answer> => {
  const { world, limiter, trouble } = parts;
  const url = new URL(request.url ?? '/', world.url);
  const text = await bodyOf(request);
  const method = request.method ?? 'GET';
  // An enterprise's address has a prefix.
  const path = url.pathname.replace(/^\/api\/(v3|graphql$)/, (_, rest: string) =>
    rest === 'v3' ? '' : '/graphql',
  );
  const match = find(method, path);
  if (match) seen.route = `${match.route.method} ${match.route.path}`;
  await trouble.before(seen.route ?? '');

  const given = credential(request);
  const isJwt = given !== undefined && given.split('.').length === 3;
  const app = isJwt ? appOfJwt(world, given) : undefined;
  const token = given !== undefined && !isJwt ? tokenOf(world, given) : undefined;
  const actor = token?.actor ?? app?.bot;
  if (actor) seen.actor = actor.login;
  const headers = limiter.count(token, match?.route.isContent === true && method !== 'GET');
  if (path === '/rate_limit' && method === 'GET') {
    seen.route = 'GET /rate_limit';
    return { status: 200, body: limiter.report(token), headers };
  }
  if (!match) {
    seen.violations = [`${method} ${path}: the fake has no such path`];
    throw new Refusal(404, 'Not Found', undefined, headers);
  }
  try {
    if (match.route.by === 'app' && !app) {
      throw new Refusal(401, 'A JSON web token could not be decoded');
    }
    if (!match.route.by && app) {
      throw new Refusal(403, 'Resource not accessible by integration');
    }
    if (!token && !app && !match.route.by && match.route.need?.access !== 'read') {
      throw new Refusal(401, 'Requires authentication');
    }
    const { owner, repo } = match.params;
    let repository: Repository | undefined;
    if (owner !== undefined && repo !== undefined) {
      repository = world.repositories.get(`${owner}/${repo}`.toLowerCase());
      if (!repository) throw notFound();
      if (!app) checkAccess(match, repository, token);
    }
    let body: unknown;
    try {
      body = text === '' ? undefined : JSON.parse(text);
    } catch {
      throw new Refusal(400, 'Problems parsing JSON');
    }
    const problems = parts.checker.ofRequest(match.route, url.searchParams, body);
    if (problems.length > 0) {
      seen.violations = problems.map((problem) => `${seen.route ?? path}: ${problem}`);
      throw new Refusal(422, `Invalid request.\n\n${problems.join('\n')}`);
    }
    const query = new Query(url.searchParams);
    const call: Call = {
      world,
      ...(token ? { token } : {}),
      ...(app ? { app } : {}),
      actor: actor ?? NO_ACTOR,
      repository: repository as Repository,
      params: match.params,
      query,
      body: (body ?? {}) as Json,
      headers: request.headers,
      path: request.url ?? '/',
    };
    const answer = await match.route.handle(call);
    seen.violations = query
      .overlooked()
      .map((name) => `${seen.route ?? path}: the fake does not heed ?${name}`);
    if (parts.isAnswerChecked) {
      const odd = parts.checker.ofAnswer(match.route, answer.status, asSent(answer.body));
      seen.violations = [
        ...seen.violations,
        ...odd.map((problem) => `answer of ${seen.route ?? path}: ${problem}`),
      ];
    }
    await trouble.after(seen.route ?? '');
    return { ...answer, headers: { ...headers, ...answer.headers } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.status, error.message, error.errors, { ...headers, ...error.headers });
  }
};

const refusalAnswer = (error: unknown): Answer => {
  if (!(error instanceof Refusal)) {
    // The fake's own bug must not look like GitHub's trouble.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { status: 599, body: { message: `The fake is broken: ${text}` } };
  }
  const { status, message, errors, headers } = error;
  const documentation = 'https://docs.github.com/rest';
  return {
    status,
    body: {
      message,
      ...(errors ? { errors } : {}),
      documentation_url: documentation,
      status: String(status),
    },
    headers,
  };
};

const send = (response: ServerResponse, answer: Answer): void => {
  const { body } = answer;
  const isRaw = Buffer.isBuffer(body);
  const data = isRaw || body === undefined ? body : Buffer.from(JSON.stringify(body));
  response.writeHead(answer.status, {
    'x-github-request-id': 'FAKE',
    'x-github-media-type': 'github.v3; format=json',
    ...(data
      ? {
          'content-type': isRaw ? 'application/octet-stream' : 'application/json; charset=utf-8',
          'content-length': data.length,
        }
      : {}),
    ...answer.headers,
  });
  response.end(data);
};

/** @returns the server, listening on a free port of 127.0.0.1 */
export const listen = async (parts: ServerParts): Promise<Server> => {
  const find = router(ROUTES);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const seen: Seen = { violations: [] };
    let result: Answer;
    try {
      result = await callOf(parts, find, request, seen);
    } catch (error) {
      result = refusalAnswer(error);
      if (result.status === 599) seen.violations = [(result.body as { message: string }).message];
    }
    const isCut = result.status === 0;
    const { message } = (result.body ?? {}) as { readonly message?: unknown };
    parts.record(
      {
        method: request.method ?? 'GET',
        path: request.url ?? '/',
        ...(seen.route === undefined ? {} : { route: seen.route }),
        status: result.status,
        ...(seen.actor === undefined ? {} : { actor: seen.actor }),
        ...(result.status >= 400 && typeof message === 'string' ? { message } : {}),
      },
      seen.violations,
    );
    if (isCut) response.destroy();
    else send(response, result);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  parts.world.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return server;
};
