/** Does the server take what GitHub sends, store it before it says so, and turn away the rest? */
import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLog } from '../../src/bot/log.ts';
import { newMetrics } from '../../src/bot/metrics.ts';
import type { Queue } from '../../src/bot/queue/queue.ts';
import { openSqliteQueue } from '../../src/bot/queue/sqlite.ts';
import { startServer, type RunningServer } from '../../src/bot/server.ts';

const SECRET = 'It is a Secret to Everybody: naïve';
const TOKEN = 'a-token-of-the-operator-0123456789';

const PAYLOAD = {
  action: 'opened',
  installation: { id: 3 },
  repository: { id: 5, full_name: 'acme/app' },
  pull_request: { number: 7, title: 'ü' },
};

let queue: Queue;
let server: RunningServer;
let lines: string[];

beforeEach(async () => {
  queue = await openSqliteQueue(':memory:');
  lines = [];
  server = await start(queue);
});

afterEach(async () => {
  await server.close();
  await queue.close();
});

function start(of: Queue): Promise<RunningServer> {
  const log = makeLog({ level: 'debug', secrets: [], write: (line) => lines.push(line) });
  return startServer({
    queue: of,
    log,
    metrics: newMetrics(of),
    webhookSecret: SECRET,
    adminToken: TOKEN,
    host: '127.0.0.1',
    port: 0,
  });
}

interface Sent {
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

function sign(body: string | Buffer): string {
  return `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
}

function send({ body = JSON.stringify(PAYLOAD), headers = {} }: Sent = {}): Promise<Response> {
  const all = {
    'content-type': 'application/json',
    'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    'x-github-event': 'pull_request',
    'x-hub-signature-256': sign(body),
    ...headers,
  };
  const given = Object.entries(all).filter(
    (each): each is [string, string] => each[1] !== undefined,
  );
  return fetch(`${url()}/webhook`, { method: 'POST', body, headers: given });
}

function url(): string {
  return `http://127.0.0.1:${server.port}`;
}

async function waiting(): Promise<number> {
  return (await queue.counts()).waiting;
}

describe('webhooks', () => {
  it('are stored before they are acknowledged', async () => {
    const answer = await send();
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ result: 'stored' });
    const job = await queue.take(1000);
    expect(job!.delivery).toMatchObject({
      id: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      event: 'pull_request',
      action: 'opened',
      installation: 3,
      repository: 'acme/app',
      payload: PAYLOAD,
    });
    expect(job!.key).toBe('acme/app#7');
  });

  it('are acknowledged and not stored again when they come again', async () => {
    await send();
    const again = await send();
    expect(again.status).toBe(202);
    expect(await again.json()).toEqual({ result: 'duplicate' });
    expect(await waiting()).toBe(1);
  });

  it('of no interest are acknowledged and forgotten', async () => {
    const labeled = JSON.stringify({ ...PAYLOAD, action: 'labeled' });
    for (const sent of [
      { body: labeled },
      { headers: { 'x-github-event': 'ping' } },
      { headers: { 'x-github-event': 'constructor' } },
    ]) {
      const answer = await send(sent);
      expect(answer.status).toBe(202);
      expect(await answer.json()).toEqual({ result: 'ignored' });
    }
    expect(await waiting()).toBe(0);
  });

  const body = JSON.stringify(PAYLOAD);
  it.each<[string, Sent, number]>([
    ['no signature', { headers: { 'x-hub-signature-256': undefined } }, 401],
    ['another secret', { headers: { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` } }, 401],
    [
      'the signature of another body',
      { headers: { 'x-hub-signature-256': sign(`${body} `) } },
      401,
    ],
    [
      'only the old kind of signature',
      { headers: { 'x-hub-signature-256': undefined, 'x-hub-signature': 'sha1=0' } },
      401,
    ],
    [
      'a signature that is no hex',
      { headers: { 'x-hub-signature-256': 'sha256=ü'.normalize('NFD').replace(/[^ -~]/g, '?') } },
      401,
    ],
    ['signed text that is no JSON', { body: 'payload=%7B%7D' }, 400],
    ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
    ['no id', { headers: { 'x-github-delivery': undefined } }, 400],
    ['an id with a path', { headers: { 'x-github-delivery': '../../etc' } }, 400],
    ['no event', { headers: { 'x-github-event': undefined } }, 400],
  ])('with %s are refused', async (_, sent, status) => {
    const answer = await send(sent);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toHaveProperty('error');
    expect(await waiting()).toBe(0);
  });

  it('are signed over their bytes, not over what JSON makes of them', async () => {
    const odd = Buffer.from(`${JSON.stringify(PAYLOAD)}\n  `);
    expect((await send({ body: odd })).status).toBe(202);
    // Not UTF-8: decoded before it is signed, it would be another text.
    const latin = Buffer.from(JSON.stringify({ ...PAYLOAD, x: 'ü' }), 'latin1');
    const answer = await send({ body: latin, headers: { 'x-github-delivery': 'other' } });
    expect(answer.status).toBe(202);
  });

  it('that are too large are refused before they are read', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': 26 * 1024 * 1024 };
      const ids = { 'x-github-delivery': 'large', 'x-github-event': 'push' };
      const request = httpRequest(`${url()}/webhook`, {
        method: 'POST',
        headers: { ...headers, ...ids },
      });
      request.on('response', (response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      request.on('error', reject);
      request.flushHeaders();
    });
    expect(status).toBe(413);
  });

  it('that are too large and do not say so are refused as well', async () => {
    const megabyte = new Uint8Array(1024 * 1024);
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1;
        controller.enqueue(megabyte);
        if (sent >= 60) controller.close();
      },
    });
    const headers = {
      'content-type': 'application/json',
      'x-github-delivery': 'large',
      'x-github-event': 'push',
    };
    const options = { method: 'POST', body: endless, headers, duplex: 'half' } as RequestInit;
    // Who goes on writing may find the connection closed before it reads the answer.
    const status = await fetch(`${url()}/webhook`, options).then(
      (answer) => answer.status,
      () => 413,
    );
    expect(status).toBe(413);
    expect(await waiting()).toBe(0);
  });

  it('that cannot be stored are not acknowledged', async () => {
    await server.close();
    server = await start({ ...queue, add: () => Promise.reject(new Error('disk full')) });
    const answer = await send();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  it('leave no payload and no signature in the log', async () => {
    await send();
    await send({ headers: { 'x-hub-signature-256': 'sha256=abcdef' } });
    const log = lines.join('');
    expect(log).toContain('webhook stored');
    expect(log).toContain('the signature is missing or wrong');
    expect(log).not.toMatch(/abcdef|"title"|It is a Secret/);
  });
});

describe('parked jobs', () => {
  const token = { authorization: `Bearer ${TOKEN}` };

  beforeEach(async () => {
    await send();
    await queue.park((await queue.take(1000))!, 'the tree is cut off');
  });

  it('are shown with their reason to whoever has the token', async () => {
    const answer = await fetch(`${url()}/parked`, { headers: token });
    expect(answer.status).toBe(200);
    const { parked } = (await answer.json()) as { parked: unknown[] };
    expect(parked).toHaveLength(1);
    expect(parked[0]).toMatchObject({ repository: 'acme/app', reason: 'the tree is cut off' });
    expect(parked[0]).not.toHaveProperty('payload');
  });

  it('are put back', async () => {
    const [{ id } = { id: '' }] = await queue.parked(1);
    const options = { method: 'POST', headers: token };
    expect((await fetch(`${url()}/parked/${id}`, options)).status).toBe(200);
    expect((await fetch(`${url()}/parked/${id}`, options)).status).toBe(404);
    expect(await queue.counts()).toMatchObject({ waiting: 1, parked: 0 });
  });

  it.each([{}, { authorization: 'Bearer wrong' }, { authorization: `Basic ${TOKEN}` }])(
    'are shown to nobody else: %j',
    async (headers) => {
      expect((await fetch(`${url()}/parked`, { headers })).status).toBe(401);
      const put = await fetch(`${url()}/parked/x`, { method: 'POST', headers });
      expect(put.status).toBe(401);
    },
  );
});

describe('how it is', () => {
  it('is alive and ready', async () => {
    expect((await fetch(`${url()}/healthz/live`)).status).toBe(200);
    const ready = await fetch(`${url()}/healthz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({
      ready: true,
      jobs: { waiting: 0, running: 0, parked: 0, seen: 0 },
    });
  });

  it('is not ready when it stops or the queue does not answer, and alive all the same', async () => {
    await queue.close();
    expect((await fetch(`${url()}/healthz/ready`)).status).toBe(503);
    queue = await openSqliteQueue(':memory:');
    await server.close();
    server = await start(queue);
    server.drain();
    expect((await fetch(`${url()}/healthz/ready`)).status).toBe(503);
    expect((await fetch(`${url()}/healthz/live`)).status).toBe(200);
  });

  it('is told to Prometheus, without names that anybody can make up', async () => {
    await send();
    await send();
    await send({ headers: { 'x-github-event': 'made_up', 'x-github-delivery': 'other' } });
    const text = await (await fetch(`${url()}/metrics`)).text();
    expect(text).toContain('dfopt_bot_deliveries_total{event="pull_request",result="stored"} 1');
    expect(text).toContain('dfopt_bot_deliveries_total{event="pull_request",result="duplicate"} 1');
    expect(text).toContain('dfopt_bot_deliveries_total{event="other",result="ignored"} 1');
    expect(text).toContain('dfopt_bot_queue_jobs{state="waiting"} 1');
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).not.toMatch(/made_up|acme/);
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/webhook', 405],
    ['POST', '/metrics', 405],
    ['POST', '/healthz', 405],
    ['GET', '/parked/x', 401],
    ['GET', '/%2e%2e/etc/passwd', 404],
  ])('answers %s %s with %i', async (method, path, status) => {
    expect((await fetch(`${url()}${path}`, { method })).status).toBe(status);
  });
});
