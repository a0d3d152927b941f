/** Registries that are broken, slow, overloaded or evil: a failure in words, soon, and nothing else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  described,
  documentOf,
  fakeRegistry,
  lookUp,
  lookUpAll,
  lookedUp,
  madeImage,
  madeIndex,
  OCI,
  shelfOf,
  type Asking,
  type Document,
} from '../../support/registry.ts';

const image = madeImage({ config: { User: 'good' } });
const shelf = shelfOf({ '1': image.manifest }, [image]);

/** How often the same is tried that fails in passing. */
const TRIES = 3;

function json(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** What becomes of one image where every request is answered in this way. */
async function against(
  handler: NonNullable<Parameters<typeof fakeRegistry>[1]>,
  options?: Asking,
): Promise<{ found: Awaited<ReturnType<typeof lookUp>>; asked: readonly string[] }> {
  const { host, asked } = await fakeRegistry(shelf, handler);
  const found = await lookUp(`${host}/app:1`, options);
  return { found, asked: asked.map((each) => each.replaceAll(host, 'HOST')) };
}

describe('a registry that is short of patience', () => {
  const hurried = (seconds: string, times: number) => {
    let left = times;
    return fakeRegistry(shelf, (_request, response, next) => {
      if (left-- > 0) json(response, 429, {}, { 'retry-after': seconds });
      else next();
    });
  };

  it('is waited for where that is short', async () => {
    const { host, asked } = await hurried('0', 2);
    expect(await lookedUp(`${host}/app:1`)).toMatchObject({ configuration: { user: 'good' } });
    expect(asked.filter((each) => each.startsWith('HEAD'))).toHaveLength(TRIES);
    const soon = await hurried(new Date(Date.now() - 1000).toUTCString(), 1);
    expect(await lookedUp(`${soon.host}/app:1`)).toMatchObject({ digest: image.manifest.digest });
  });

  it.each([['3600'], [''], ['x'], ['-1'], ['99999999999999999999']])(
    'is not waited for where it says %j, and not asked again',
    async (seconds) => {
      const { host, asked } = await hurried(seconds, 1000);
      const names = Array.from({ length: 10 }, (_, number) => `${host}/app${number}:1`);
      const { looked } = await lookUpAll(names);
      expect(looked.get(names[9]!)).toMatchObject({
        why: `${host} asks for fewer requests: its limit is reached for now`,
        advice: 'try again later',
      });
      // Four at once.
      expect(asked.length).toBeLessThanOrEqual(4);
    },
  );

  it('may say so with another status', async () => {
    const { found } = await against((_request, response) =>
      json(response, 400, { errors: [{ code: 'TOOMANYREQUESTS', message: 'pull rate limit' }] }),
    );
    expect(found).toMatchObject({ why: expect.stringContaining('asks for fewer requests') });
  });
});

describe('a registry that is not well', () => {
  it('is tried again, and then left', async () => {
    let left = 1;
    const passing = await against((_request, response, next) => {
      if (left-- > 0) response.writeHead(503).end();
      else next();
    });
    expect(passing.found).toMatchObject({ kind: 'image' });
    const { found, asked } = await against((_request, response) => response.writeHead(502).end());
    expect(found).toMatchObject({
      why: expect.stringMatching(/has a problem of its own \(status 502\)$/),
      advice: 'try again later',
    });
    expect(asked).toHaveLength(TRIES);
  });

  it('breaks connections off', async () => {
    const { found, asked } = await against((request) => request.socket.destroy());
    expect(found).toMatchObject({ why: expect.stringContaining('breaks the connection off') });
    expect(asked.length).toBeLessThanOrEqual(TRIES);
    const cut = await against((request, response, next) => {
      if (request.method === 'HEAD') return next();
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"schema', () => request.socket.destroy());
    });
    expect(cut.found).toMatchObject({ why: expect.stringContaining('breaks the connection off') });
  });

  it('is not there', async () => {
    const found = await lookUp('127.0.0.1:1/app');
    expect(found).toMatchObject({
      why: '127.0.0.1:1 cannot be asked: nobody listens there',
      advice: 'check the network, or the name of the registry',
    });
  });

  it.each([
    ['never answers', () => {}],
    [
      'answers a byte at a time',
      (_request: unknown, response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 5);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('%s', async (_what, handler) => {
    const began = performance.now();
    const { host } = await fakeRegistry(shelf, (request, response) => {
      if (request.method === 'HEAD') response.writeHead(405).end();
      else handler(request, response);
    });
    const { looked } = await lookUpAll([`${host}/a:1`, `${host}/b:1`], { timeoutMs: 150 });
    for (const each of looked.values()) {
      expect(each).toMatchObject({ why: `${host} did not answer in time` });
    }
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

describe('many registries that do not answer', () => {
  it('are not waited for one after the other', async () => {
    const silent = await Promise.all(
      Array.from({ length: 12 }, () => fakeRegistry(shelf, () => {})),
    );
    const began = performance.now();
    const { looked } = await lookUpAll(
      silent.map(({ host }) => `${host}/app:1`),
      { timeoutMs: 100, totalMs: 150 },
    );
    expect(performance.now() - began).toBeLessThan(1500);
    const reasons = [...looked.values()].map((each) => each.kind === 'failure' && each.why);
    expect(reasons[0]).toContain('did not answer in time');
    expect(reasons[11]).toBe('the images before it took all the time there is');
    expect(silent[11]!.asked).toEqual([]);
  });
});

describe('a registry that answers with something else', () => {
  it.each<[string, (response: ServerResponse) => void, string]>([
    [
      'a web page',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in</h1>'),
      'the registry answers with a web page',
    ],
    [
      'another document',
      (response) => response.writeHead(200).end('{"schemaVersion":2}'),
      'answers with something else than what it names by its digest',
    ],
    [
      'schema 1',
      (response) =>
        response
          .writeHead(200, {
            'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws',
          })
          .end('{"schemaVersion":1}'),
      'is in Docker\'s old format "schema 1"',
    ],
    [
      'more and more',
      (response) => {
        response.writeHead(200);
        const chunk = Buffer.alloc(65_536, 0x20);
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on('drain', more);
        more();
      },
      'answers with more than 4194304 bytes',
    ],
    [
      'more than it may',
      (response) => response.writeHead(200, { 'content-length': 1e12 }).write('{'),
      'did not answer in time',
    ],
    [
      'a status of its own',
      (response) =>
        json(response, 418, { errors: [{ code: 'X', message: 'a\u001b[31m\n\tteapot' }] }),
      'answers with status 418: "a\u001b[31m teapot"',
    ],
    [
      'a status and a long story',
      (response) => json(response, 403, { errors: [{ message: 'no '.repeat(5000) }] }),
      'or shows it only after a login',
    ],
    ['nothing', (response) => response.writeHead(204).end(), 'answers with status 204'],
    ['nobody there', (response) => json(response, 404, {}), 'has no app:1'],
  ])('%s', async (_what, answer, why) => {
    const { found } = await against(
      (request, response, next) => {
        if (request.method === 'HEAD') next();
        else answer(response);
      },
      { timeoutMs: 1000 },
    );
    expect(found).toMatchObject({ kind: 'failure', why: expect.stringContaining(why) });
    expect(found.kind === 'failure' && found.why.length).toBeLessThan(400);
  });

  it('a configuration that is not the one it names', async () => {
    const evil = madeImage({ config: { User: 'evil' } });
    const { found } = await against((request, response, next) => {
      if (request.url!.includes('/blobs/')) response.writeHead(200).end(evil.config.bytes);
      else next();
    });
    expect(found).toMatchObject({ why: expect.stringContaining('something else than') });
  });

  it('an index that leads to another image', async () => {
    const evil = madeImage({ config: { User: 'evil' } });
    const index = madeIndex([
      { ...described(image.manifest), platform: { os: 'linux', architecture: 'amd64' } },
    ]);
    const { host } = await fakeRegistry(shelfOf({ '1': index }), (request, response, next) => {
      if (request.url!.endsWith(image.manifest.digest)) response.end(evil.manifest.bytes);
      else next();
    });
    expect(await lookUp(`${host}/app:1`)).toMatchObject({
      why: expect.stringContaining('something else than'),
    });
  });

  it('a digest that is a path, a document that is said to be huge', async () => {
    const path = await against((request, response) => {
      response.writeHead(200, { 'docker-content-digest': '../../../../etc/passwd' });
      response.end(request.method === 'HEAD' ? undefined : image.manifest.bytes);
    });
    expect(path.asked.every((each) => !each.includes('passwd'))).toBe(true);
    const huge: Document = documentOf(`${OCI}.manifest.v1+json`, {
      schemaVersion: 2,
      config: { ...described(image.config), size: 2 ** 40 },
      layers: [],
    });
    const { host } = await fakeRegistry(shelfOf({ '1': huge }));
    expect(await lookUp(`${host}/app:1`)).toMatchObject({
      why: expect.stringContaining('has a document of 1099511627776 bytes'),
    });
  });
});

describe('a registry that sends one on', () => {
  it('to its storage is followed', async () => {
    const storage = await fakeRegistry(shelf);
    const { host } = await fakeRegistry(shelf, (request, response, next) => {
      const location = `http://${storage.host}${request.url}`;
      if (request.url!.includes('/blobs/')) response.writeHead(307, { location }).end();
      else next();
    });
    expect(await lookedUp(`${host}/app:1`)).toMatchObject({ configuration: { user: 'good' } });
    expect(storage.asked).toEqual([`GET /v2/app/blobs/${image.config.digest}`]);
  });

  it.each([
    ['in a circle', (request: IncomingMessage) => `${request.url}?`, 'more than 5 times'],
    ['to itself', (request: IncomingMessage) => request.url!, 'more than 5 times'],
    ['nowhere', () => '', 'to where dfopt does not go'],
    ['to a file', () => 'file:///etc/passwd', 'to where dfopt does not go'],
    ['to a strange port', () => 'http://exa mple:99999/', 'to where dfopt does not go'],
    ['with a password', () => 'https://a:b@localhost/', 'to where dfopt does not go'],
    ['to a host without TLS', () => 'http://169.254.169.254/latest', 'to where dfopt does not go'],
  ])('%s', async (_what, location, why) => {
    const { found, asked } = await against((request, response) =>
      response.writeHead(302, { location: location(request) }).end(),
    );
    expect(found).toMatchObject({ why: expect.stringContaining(why) });
    expect(asked.length).toBeLessThanOrEqual(6);
  });
});
