/** Does the server of a review hand out and write what it should, to whom it should, and nothing else? */
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { reviewService, type Review } from '../../src/cli/review-files.ts';
import { targetsOf } from '../../src/cli/targets.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize } from '../../src/pipeline.ts';
import type { Assets } from '../../src/web/assets.ts';
import {
  contextOf,
  optionsOf,
  TOKEN_HEADER,
  type Choices,
  type OpenedFile,
  type Session,
  type WriteRequest,
  type Written,
} from '../../src/web/messages.ts';
import { POLICY } from '../../src/web/policy.ts';
import { serve } from '../../src/web/server.ts';
import { dfopt, DIRTY, folderWith } from './support.ts';

const TODAY = '2026-11-21';

const CHOICES: Choices = {
  level: 'standard',
  builder: 'buildkit',
  skip: [],
  deny: [],
  passOptions: {},
};

const ASSETS: Assets = new Map([
  ['/', { type: 'text/html; charset=utf-8', bytes: Buffer.from('<p>the page</p>') }],
]);

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly token?: string | undefined;
}

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  readonly json: () => unknown;
}

interface Served {
  readonly origin: string;
  readonly token: string;
  readonly ask: (path: string, asked?: Asked) => Promise<Answered>;
  readonly open: (id: number) => Promise<OpenedFile>;
  /** As the page does it. */
  readonly write: (file: OpenedFile, changes?: Partial<WriteRequest>) => Promise<Answered>;
}

async function served(folder: string, files: readonly string[] = []): Promise<Served> {
  const review: Review = {
    targets: targetsOf(files, folder),
    cwd: folder,
    folder: undefined,
    facts: loadFacts(),
    factChanges: {},
    choices: CHOICES,
    today: TODAY,
    warningsOf: () => [],
  };
  const running = await serve(reviewService(review), ASSETS, 0);
  onTestFinished(() => running.close());
  const url = new URL(running.url);
  const token = new URLSearchParams(url.hash.slice(1)).get('token')!;
  const { origin } = url;
  const ask = (path: string, asked: Asked = {}): Promise<Answered> =>
    answerOf(Number(url.port), path, {
      ...asked,
      headers: {
        ...('token' in asked
          ? asked.token !== undefined && { [TOKEN_HEADER]: asked.token }
          : { [TOKEN_HEADER]: token }),
        ...(asked.method === 'POST' && { origin, 'content-type': 'application/json' }),
        ...asked.headers,
      },
    });
  const open = async (id: number): Promise<OpenedFile> => {
    const answer = await ask(`/api/files/${id}`);
    expect(answer.status, answer.text).toBe(200);
    return answer.json() as OpenedFile;
  };
  return {
    origin,
    token,
    ask,
    open,
    write: (file, changes = {}) =>
      ask(`/api/files/${file.id}`, {
        method: 'POST',
        body: JSON.stringify({ ...requestFor(file), ...changes }),
      }),
  };
}

/** Without `fetch`, which sets some headers itself. */
function answerOf(port: number, path: string, { method, headers, body }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method: method ?? 'GET',
      headers: { ...headers },
    };
    const request = httpRequest(options, (response) => {
      const chunks: Uint8Array[] = [];
      response.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: () => JSON.parse(text) as unknown,
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

function requestFor(file: OpenedFile, choices = CHOICES): WriteRequest {
  const context = file.context && contextOf(file.context);
  const { output, files } = optimize(file.text, loadFacts(), optionsOf(choices, context, TODAY));
  return { version: file.version, choices, output, files };
}

it('hands out the page with a strict policy, and no more of the disk', async () => {
  const { ask } = await served(folderWith({ Dockerfile: DIRTY }));
  const page = await ask('/', { token: undefined });
  expect(page.status).toBe(200);
  expect(page.text).toBe('<p>the page</p>');
  expect(page.headers['content-security-policy']).toBe(POLICY);
  expect(POLICY).toContain("default-src 'none'");
  expect(POLICY).not.toContain('unsafe');
  expect(page.headers['x-content-type-options']).toBe('nosniff');
  expect(page.headers['referrer-policy']).toBe('no-referrer');
  expect(page.headers['x-frame-options']).toBe('DENY');
  for (const path of ['/Dockerfile', '/../Dockerfile', '/%2e%2e/Dockerfile', '//etc/passwd']) {
    expect((await ask(path)).status, path).toBe(404);
  }
  expect((await ask('/', { method: 'POST' })).status).toBe(405);
});

it('tells nothing without the token', async () => {
  const { ask } = await served(folderWith({ Dockerfile: DIRTY }));
  const withToken = await ask('/api/session');
  expect(withToken.status).toBe(200);
  expect((withToken.json() as Session).files).toEqual([{ id: 0, name: 'Dockerfile' }]);
  for (const token of [undefined, '', 'wrong', 'x'.repeat(32)]) {
    for (const path of ['/api/session', '/api/files/0', '/api/nothing']) {
      const answer = await ask(path, { token });
      expect(answer.status, `${path} ${token}`).toBe(403);
      expect(answer.text).not.toContain('Dockerfile');
    }
  }
});

it('turns away other names and other origins, token or not', async () => {
  const folder = folderWith({ Dockerfile: DIRTY });
  const { ask, open, write, origin } = await served(folder);
  const foreign: Readonly<Record<string, string>>[] = [
    { host: 'evil.example' },
    { host: 'evil.example:80' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: origin.replace('http:', 'https:') },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of foreign) {
    expect((await ask('/api/session', { headers })).status, JSON.stringify(headers)).toBe(403);
  }
  const file = await open(0);
  const body = JSON.stringify(requestFor(file));
  for (const headers of foreign) {
    const answer = await ask('/api/files/0', { method: 'POST', body, headers });
    expect(answer.status, JSON.stringify(headers)).toBe(403);
  }
  // A form of another page sends neither JSON nor, in old browsers, an origin.
  const form = { 'content-type': 'text/plain' };
  expect((await ask('/api/files/0', { method: 'POST', body, headers: form })).status).toBe(400);
  expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toBe(DIRTY);
  expect((await write(file)).status).toBe(200);
  expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).not.toBe(DIRTY);
});

it('says no to a request that does not say where it comes from', async () => {
  const { origin, token, open } = await served(folderWith({ Dockerfile: DIRTY }));
  const body = JSON.stringify(requestFor(await open(0)));
  const headers = { 'content-type': 'application/json', [TOKEN_HEADER]: token };
  const port = Number(new URL(origin).port);
  const post = { method: 'POST', body };
  const without = await answerOf(port, '/api/files/0', { ...post, headers });
  expect(without.status).toBe(403);
  expect(without.text).toContain('does not say where it comes from');
  const answer = await answerOf(port, '/api/files/0', { ...post, headers: { ...headers, origin } });
  expect(answer.status).toBe(200);
});

it('writes what the page shows, and keeps mode, line ends and byte order mark', async () => {
  const text = `\ufeff${DIRTY.replaceAll('\n', '\r\n')}`;
  const folder = folderWith({ Dockerfile: text });
  const path = join(folder, 'Dockerfile');
  chmodSync(path, 0o640);
  const { open, write } = await served(folder);
  const file = await open(0);
  expect(file.text).toBe(text);
  const answer = await write(file);
  expect((answer.json() as Written).names).toEqual(['Dockerfile']);
  const written = readFileSync(path, 'utf8');
  expect(written).toBe(requestFor(file).output);
  expect(written.startsWith('\ufeffFROM')).toBe(true);
  expect(written.replaceAll('\r\n', '')).not.toContain('\n');
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

it('leaves out the edits that were denied', async () => {
  const folder = folderWith({ Dockerfile: DIRTY });
  const { open, write } = await served(folder);
  const file = await open(0);
  const { remarks } = optimize(file.text, loadFacts(), { level: 'standard' });
  const deny = remarks.filter(({ outcome }) => outcome === 'applied').map(({ id }) => id);
  expect(deny.length).toBeGreaterThan(1);
  const [, ...others] = deny;
  const request = requestFor(file, { ...CHOICES, deny: others });
  expect((await write(file, request)).status).toBe(200);
  const written = readFileSync(join(folder, 'Dockerfile'), 'utf8');
  expect(written).toBe(request.output);
  expect(written).not.toBe(requestFor(file).output);
});

const SPLIT = {
  Dockerfile:
    'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\nRUN npm run build\nCMD ["npm", "start"]\n',
  'package.json': '{ "dependencies": { "express": "4.18.2" }, "scripts": { "build": "tsc" } }',
  'package-lock.json': '{ "lockfileVersion": 3 }',
  'src/server.ts': 'export {};\n',
  '.dockerignore': '# ours\r\n*.log\r\n',
};

it('writes .dockerignore with the Dockerfile', async () => {
  const folder = folderWith({ 'app/x': '', ...SPLIT });
  mkdirSync(join(folder, 'node_modules'));
  writeFileSync(join(folder, 'node_modules', 'left.js'), '');
  const { open, write } = await served(folder, ['Dockerfile']);
  const file = await open(0);
  expect(file.context?.ignore?.path).toBe('.dockerignore');
  const request = requestFor(file);
  expect(request.files.map(({ path }) => path)).toEqual(['.dockerignore']);
  const answer = await write(file);
  expect((answer.json() as Written).names).toEqual(['.dockerignore', 'Dockerfile']);
  const ignore = readFileSync(join(folder, '.dockerignore'), 'utf8');
  expect(ignore).toMatch(/^# ours\r\n\*\.log\r\n/);
  expect(ignore).toContain('node_modules\r\n');
  expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toBe(request.output);
});

it('writes neither where one of them changed meanwhile', async () => {
  const folder = folderWith(SPLIT);
  const { open, write } = await served(folder, ['Dockerfile']);
  const file = await open(0);
  writeFileSync(join(folder, '.dockerignore'), 'dist\n');
  const answer = await write(file);
  expect(answer.status).toBe(409);
  expect(answer.text).toMatch(/\.dockerignore has changed since it was read/);
  expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toBe(SPLIT.Dockerfile);
  expect(readFileSync(join(folder, '.dockerignore'), 'utf8')).toBe('dist\n');
});

it('refuses a file that changed meanwhile, also where another page read it again', async () => {
  const folder = folderWith({ Dockerfile: DIRTY });
  const path = join(folder, 'Dockerfile');
  const { open, write } = await served(folder);
  const file = await open(0);
  const mine = `${DIRTY}LABEL a=b\n`;
  writeFileSync(path, mine);
  const changed = await write(file);
  expect(changed.status).toBe(409);
  expect(changed.text).toMatch(/has changed since it was read/);
  const other = await open(0);
  const stale = await write(file);
  expect(stale.status).toBe(409);
  expect(stale.text).toMatch(/read again since this page read it/);
  expect(readFileSync(path, 'utf8')).toBe(mine);
  expect((await write(other)).status).toBe(200);
  expect(readFileSync(path, 'utf8')).toContain('LABEL a=b\n');
});

it('writes nothing but what dfopt makes of the file', async () => {
  const folder = folderWith({ Dockerfile: DIRTY, secret: 'x' });
  const { ask, open, write } = await served(folder, ['Dockerfile']);
  const post = (path: string, body: string): Promise<Answered> =>
    ask(path, { method: 'POST', body });
  // Not opened yet.
  expect((await post('/api/files/0', '{}')).status).toBe(404);
  const file = await open(0);
  const request = requestFor(file);
  const evil = [{ path: '../secret', before: 'x', after: 'y' }];
  expect((await write(file, { output: 'FROM evil\n' })).status).toBe(409);
  expect((await write(file, { files: evil })).status).toBe(409);
  expect((await write(file, { choices: { ...CHOICES, level: 'bold' as 'safe' } })).status).toBe(
    400,
  );
  for (const path of ['/api/files/1', '/api/files/-1', '/api/files/0/../1', '/api/files/secret']) {
    expect((await post(path, JSON.stringify(request))).status, path).toBe(404);
  }
  for (const body of ['', 'null', '[]', '{', '{"version":1}']) {
    expect((await post('/api/files/0', body)).status, body).toBe(400);
  }
  expect((await post('/api/files/0', `"${'x'.repeat(17 * 1024 * 1024)}"`)).status).toBe(400);
  expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toBe(DIRTY);
  expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('x');
});

it('says why a file cannot be opened, in words', async () => {
  const folder = folderWith({ Dockerfile: new Uint8Array([70, 0, 1]) });
  const { ask } = await served(folder, ['Dockerfile', 'missing']);
  expect((await ask('/api/files/0')).json()).toEqual({
    error: 'Dockerfile is a binary file; left alone',
  });
  const missing = await ask('/api/files/1');
  expect(missing.status).toBe(409);
  expect(missing.json()).toEqual({ error: 'missing cannot be read: there is no such file' });
});

it.each([
  [['review', '--port', '80'], /--port needs --web/],
  [['review', '--web', '-'], /reviews files, not "-"/],
  [['review', '--web', '--port', '0'], /--port is a number from 1 to 65535/],
  [['review', '--web', '--port', 'x'], /--port is a number from 1 to 65535/],
  [['review', '--web', '--context', 'none'], /--context: "none" is no folder/],
])('refuses %j', async (args, message) => {
  const { status, stderr } = await dfopt(args, { cwd: folderWith({ Dockerfile: DIRTY }) });
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});
