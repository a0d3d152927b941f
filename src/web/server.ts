/**
 * The HTTP side of `dfopt review --web`: for this machine alone, and there for the one page that was
 * opened by the URL with the token. It hands out the page, and passes requests on.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Assets } from './assets.ts';
import { TOKEN_HEADER, type Refusal } from './messages.ts';
import { POLICY } from './policy.ts';

/** An answer to a request of the page. */
export interface Answer {
  readonly status: 200 | 400 | 404 | 409 | 500;
  readonly body: unknown;
}

/** What the page may ask for. */
export interface Service {
  readonly session: () => Answer;
  readonly open: (id: number) => Answer;
  /** @param request any JSON that somebody sent */
  readonly write: (id: number, request: unknown) => Answer;
}

export interface Running {
  /** With the token behind `#`, so that it reaches no server and no log. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

const HOST = '127.0.0.1';

/** Twice the largest Dockerfile as JSON may write it, and its ignore file. */
const MAX_BODY = 16 * 1024 * 1024;

/**
 * @param port 0 for one that is free
 * @throws the system's error where the port cannot be had
 */
export async function serve(service: Service, assets: Assets, port: number): Promise<Running> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    answer(request, { service, assets, token, port: portOf(server) }).then(
      (reply) => send(response, reply, request.method === 'HEAD'),
      (error: unknown) => send(response, bug(error), false),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  return {
    url: `http://${HOST}:${portOf(server)}/#token=${token}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

interface Surroundings {
  readonly service: Service;
  readonly assets: Assets;
  readonly token: string;
  readonly port: number;
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly bytes: Uint8Array;
}

async function answer(request: IncomingMessage, around: Surroundings): Promise<Reply> {
  const refused = whyForeign(request, around.port);
  if (refused !== undefined) return refusal(403, refused);
  const { method = 'GET' } = request;
  const path = request.url?.split(/[?#]/, 1)[0] ?? '/';
  if (!path.startsWith('/api/')) {
    if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'this can only be read');
    const asset = around.assets.get(path);
    return asset ? { status: 200, ...asset } : refusal(404, 'there is no such page');
  }
  if (!isToken(request.headers[TOKEN_HEADER], around.token)) {
    return refusal(403, 'the token is missing or wrong: open the address that dfopt printed');
  }
  return json(await serviceAnswer(request, method, path, around.service));
}

async function serviceAnswer(
  request: IncomingMessage,
  method: string,
  path: string,
  service: Service,
): Promise<Answer> {
  if (method === 'GET' && path === '/api/session') return service.session();
  const id = /^\/api\/files\/(\d{1,6})$/.exec(path)?.[1];
  if (id === undefined) return { status: 404, body: { error: 'there is nothing of this name' } };
  if (method === 'GET') return service.open(Number(id));
  if (method !== 'POST') return { status: 400, body: { error: 'files are read or written' } };
  // A form of another page cannot send this type.
  if (request.headers['content-type'] !== 'application/json') {
    return { status: 400, body: { error: 'the request is no JSON' } };
  }
  const body = await bodyOf(request);
  if (body === undefined) return { status: 400, body: { error: 'the request is too large' } };
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { status: 400, body: { error: 'the request is no JSON' } };
  }
  return service.write(Number(id), value);
}

/**
 * Another page in the same browser can send requests here: by name (a host of its own that leads to
 * 127.0.0.1), or as a foreign origin. Both are turned away before anything else.
 */
function whyForeign({ headers, method }: IncomingMessage, port: number): string | undefined {
  const hosts = [`${HOST}:${port}`, `localhost:${port}`];
  const { host, origin } = headers;
  if (host === undefined || !hosts.includes(host)) return 'this server has another name';
  if (origin !== undefined && origin !== `http://${host}`)
    return 'the request comes from elsewhere';
  if (method === 'POST' && origin === undefined)
    return 'the request does not say where it comes from';
  const site = headers['sec-fetch-site'];
  // A link on another page may lead here: then the page opens, without a token.
  const isOpened = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isOpened) {
    return 'the request comes from elsewhere';
  }
  return undefined;
}

/** Compared by digests, so that the time that it takes tells nothing. */
function isToken(given: string | readonly string[] | undefined, token: string): boolean {
  if (typeof given !== 'string') return false;
  const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** @returns `undefined` where it is too large. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function json({ status, body }: Answer): Reply {
  const bytes = Buffer.from(JSON.stringify(body));
  return { status, type: 'application/json; charset=utf-8', bytes };
}

/** Also where the page went away in the middle of its request: then nobody hears it. */
function bug(error: unknown): Reply {
  return refusal(500, `a bug in dfopt: ${error instanceof Error ? error.message : String(error)}`);
}

function refusal(status: number, error: string): Reply {
  const body: Refusal = { error };
  return { ...json({ status: 200, body }), status };
}

function send(response: ServerResponse, { status, type, bytes }: Reply, isHead: boolean): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': bytes.length,
    'Content-Security-Policy': POLICY,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Cache-Control': 'no-store',
  });
  response.end(isHead ? undefined : bytes);
}
