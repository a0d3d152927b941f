/**
 * The HTTP side of the bot: takes webhooks, acknowledges those that are stored, and says how it is.
 * Nothing is worked on here, so that an answer takes no longer than storing does.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deliveryOf } from './delivery.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Queue } from './queue/queue.ts';
import { isWanted } from './wanted.ts';

export interface ServerOptions {
  readonly queue: Queue;
  readonly log: Log;
  readonly metrics: Metrics;
  /** What GitHub signs webhooks with; none: webhooks are not taken. */
  readonly webhookSecret?: string;
  /** What whoever asks for parked jobs must have; none: nobody may. */
  readonly adminToken?: string;
  readonly host: string;
  /** 0 for one that is free. */
  readonly port: number;
}

export interface RunningServer {
  readonly port: number;
  /** Says from now on that it is not ready, so that nobody sends it more. */
  readonly drain: () => void;
  /** Takes no more connections; resolves when the requests under way are answered. */
  readonly close: () => Promise<void>;
}

/** GitHub sends no webhook of more than 25 MB. */
const MAX_BODY = 25 * 1024 * 1024;

/** What all bodies under way may take together: nobody is known before the last byte of his is read. */
const MAX_BODIES = 8 * MAX_BODY;

/** Milliseconds: GitHub waits 10 seconds for an answer. */
const REQUEST_MS = 10_000;

/** Of parked jobs, so many are shown. */
const SHOWN = 200;

const JSON_TYPE = 'application/json; charset=utf-8';

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Surroundings extends ServerOptions {
  readonly isDraining: () => boolean;
  /** Bytes of all bodies under way. */
  readonly bodies: { bytes: number };
}

/** @throws the system's error where the port cannot be had */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  let isDraining = false;
  const around: Surroundings = { ...options, isDraining: () => isDraining, bodies: { bytes: 0 } };
  const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
    answer(request, around).then(
      (reply) => send(request, response, reply),
      (error: unknown) => {
        if (!(error instanceof Interrupted)) options.log.error({ error }, 'a request failed');
        send(request, response, { status: 500, body: { error: 'a bug in dfopt; its log tells' } });
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    drain: () => {
      isDraining = true;
    },
    close: () =>
      new Promise((resolve) => {
        isDraining = true;
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function answer(request: IncomingMessage, around: Surroundings): Promise<Reply> {
  const { method = 'GET' } = request;
  const path = request.url?.split('?', 1)[0] ?? '/';
  const isRead = method === 'GET' || method === 'HEAD';
  if (path === '/webhook')
    return method === 'POST' ? webhook(request, around) : wrongMethod('POST');
  if (path === '/parked' || path.startsWith('/parked/')) return parked(request, path, around);
  if (path === '/healthz/live')
    return isRead ? { status: 200, body: { live: true } } : wrongMethod('GET');
  if (path === '/healthz' || path === '/healthz/ready') {
    return isRead ? readiness(around) : wrongMethod('GET');
  }
  if (path === '/metrics') {
    if (!isRead) return wrongMethod('GET');
    const { contentType, text } = around.metrics;
    return { status: 200, type: contentType, body: await text() };
  }
  return refusal(404, 'there is nothing of this name');
}

async function readiness({ queue, isDraining }: Surroundings): Promise<Reply> {
  if (isDraining()) return { status: 503, body: { ready: false, why: 'it stops' } };
  try {
    return { status: 200, body: { ready: true, jobs: await queue.counts() } };
  } catch {
    return { status: 503, body: { ready: false, why: 'the queue does not answer' } };
  }
}

async function webhook(request: IncomingMessage, around: Surroundings): Promise<Reply> {
  const { log, metrics, queue, webhookSecret } = around;
  const event = header(request, 'x-github-event') ?? '';
  const refuse = (status: number, error: string): Reply => {
    metrics.received(event, 'refused');
    log.warn({ status, why: error, from: request.socket.remoteAddress }, 'webhook refused');
    // What is left of the body is not waited for.
    return { ...refusal(status, error), headers: { Connection: 'close' } };
  };
  if (webhookSecret === undefined) return refuse(404, 'no webhooks are taken here');
  const type = header(request, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    return refuse(415, 'the content type must be application/json: set it in the App');
  }
  const id = header(request, 'x-github-delivery') ?? '';
  if (!/^[\w-]{1,100}$/.test(id) || !/^[a-z_]{1,60}$/.test(event)) {
    return refuse(400, 'it has no X-GitHub-Delivery and X-GitHub-Event as GitHub sends them');
  }
  const body = await bodyOf(request, around.bodies);
  if (body === 'too large') return refuse(413, `the body is larger than ${MAX_BODY} bytes`);
  if (body === 'too many') return refuse(503, 'too many large bodies at the same time');
  if (!isSigned(body, header(request, 'x-hub-signature-256'), webhookSecret)) {
    return refuse(401, 'the signature is missing or wrong');
  }
  let payload: unknown;
  try {
    payload = JSON.parse(body.toString('utf8'));
  } catch {
    return refuse(400, 'the body is no JSON');
  }
  const delivery = deliveryOf(id, event, payload, Date.now());
  const { action, repository, installation } = delivery;
  const about = { delivery: id, event, action, repository, installation };
  if (!isWanted(delivery)) {
    metrics.received(event, 'ignored');
    log.debug(about, 'webhook ignored');
    return { status: 202, body: { result: 'ignored' } };
  }
  let isNew: boolean;
  try {
    isNew = await queue.add(delivery);
  } catch (error) {
    metrics.received(event, 'unstored');
    log.error({ ...about, error }, 'webhook not stored');
    return { ...refusal(503, 'it could not be stored'), headers: { 'Retry-After': '5' } };
  }
  const result = isNew ? 'stored' : 'duplicate';
  metrics.received(event, result);
  log.info(about, `webhook ${result}`);
  return { status: 202, body: { result } };
}

/** `GET /parked` shows, `POST /parked/ID` puts one back; both for whoever has the token. */
async function parked(
  request: IncomingMessage,
  path: string,
  { queue, log, adminToken }: Surroundings,
): Promise<Reply> {
  if (adminToken === undefined) return refusal(404, 'there is nothing of this name');
  const given = /^Bearer (\S+)$/.exec(header(request, 'authorization') ?? '')?.[1] ?? '';
  if (!isSame(given, adminToken)) {
    return {
      ...refusal(401, 'the token is missing or wrong'),
      headers: { 'WWW-Authenticate': 'Bearer' },
    };
  }
  if (path === '/parked') {
    if (request.method !== 'GET') return wrongMethod('GET');
    return { status: 200, body: { parked: await queue.parked(SHOWN) } };
  }
  if (request.method !== 'POST') return wrongMethod('POST');
  const id = path.slice('/parked/'.length);
  if (!(await queue.unpark(id))) return refusal(404, 'no such job is parked');
  log.info({ delivery: id }, 'put back');
  return { status: 200, body: { id, result: 'waiting' } };
}

/** @param signature `sha256=` and the HMAC of the very bytes that came */
export function isSigned(body: Uint8Array, signature: string | undefined, secret: string): boolean {
  const expected = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  return isSame(signature ?? '', expected);
}

/** By digests, which are of one length, so that the time that it takes tells nothing. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Whoever sent the request went away in the middle of it. */
class Interrupted extends Error {}

/** Where it is not taken, the rest is not read. */
async function bodyOf(
  request: IncomingMessage,
  bodies: Surroundings['bodies'],
): Promise<Buffer | 'too large' | 'too many'> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) return 'too large';
  const chunks: Uint8Array[] = [];
  let size = 0;
  const incoming: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false });
  try {
    for await (const chunk of incoming) {
      size += chunk.length;
      bodies.bytes += chunk.length;
      if (size > MAX_BODY) return 'too large';
      if (bodies.bytes > MAX_BODIES) return 'too many';
      chunks.push(chunk);
    }
  } catch (error) {
    throw new Interrupted('the request was broken off', { cause: error });
  } finally {
    bodies.bytes -= size;
  }
  return Buffer.concat(chunks);
}

/** A header that is there twice is none. */
function header(request: IncomingMessage, name: string): string | undefined {
  const values = request.headersDistinct[name];
  return values?.length === 1 ? values[0] : undefined;
}

function refusal(status: number, error: string): Reply {
  return { status, body: { error } };
}

function wrongMethod(right: string): Reply {
  return { ...refusal(405, `only ${right} is answered here`), headers: { Allow: right } };
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { status, body, type = JSON_TYPE, headers = {} } = reply;
  const bytes = Buffer.from(typeof body === 'string' ? body : `${JSON.stringify(body)}\n`);
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
