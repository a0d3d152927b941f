/** Does `dfopt bot`, as it is installed, serve, work, stop, and keep its secrets? */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteQueue } from '../../src/bot/queue/sqlite.ts';
import { dfopt, folderWith } from '../cli/support.ts';
import { type App, type FakeGitHub, type Pull, startGitHub } from '../github/fake.ts';
import { newDelivery } from './deliveries.ts';
import { freePort, hasRedis, startRedis } from './redis.ts';

const ROOT = join(import.meta.dirname, '../..');
const SECRET = 'the-secret-of-the-webhook-under-test';
const ADMIN = 'the-token-of-the-operator-under-test';

let built: string;

beforeAll(() => {
  // Inside the project, because that is where the bundle will lie.
  built = mkdtempSync(join(ROOT, 'node_modules', '.dfopt-test-'));
  const script = pathToFileURL(join(ROOT, 'scripts/build.mjs')).href;
  const code = `const { buildCli } = await import(${JSON.stringify(script)}); await buildCli(process.argv[1]);`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', code, built]);
}, 60_000);
afterAll(() => rmSync(built, { recursive: true, force: true }));

let github: FakeGitHub;
let app: App;
let port: number;
let folder: string;
let children: ChildProcess[];
let log: string;

beforeEach(async () => {
  github = await startGitHub();
  port = await freePort();
  app = github.app('dfopt', {
    webhook: { url: `http://127.0.0.1:${port}/webhook`, secret: SECRET },
  });
  folder = folderWith({ 'key.pem': app.privateKey, secret: `${SECRET}\n` });
  children = [];
  log = '';
});

afterEach(async () => {
  for (const child of children) await ended(child, 'SIGKILL');
  await github.close();
});

function start(args: readonly string[], more: Readonly<Record<string, string>> = {}): ChildProcess {
  const child = spawn(process.execPath, [join(built, 'main.js'), 'bot', ...args], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      GITHUB_API_URL: github.url,
      DFOPT_BOT_APP_ID: String(app.id),
      DFOPT_BOT_PRIVATE_KEY_FILE: join(folder, 'key.pem'),
      DFOPT_BOT_WEBHOOK_SECRET_FILE: join(folder, 'secret'),
      DFOPT_BOT_ADMIN_TOKEN: ADMIN,
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  children.push(child);
  return child;
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    else child.once('exit', resolve);
    child.kill(signal);
  });
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const begin = Date.now(); !(await isSo()); await sleep(50)) {
    if (Date.now() - begin > 60_000) throw new Error(`never:\n${log}`);
  }
}

const url = (): string => `http://127.0.0.1:${port}`;

const isReady = (): Promise<boolean> =>
  fetch(`${url()}/healthz`).then(
    ({ status }) => status === 200,
    () => false,
  );

async function newPull(): Promise<Pull> {
  const repository = await github.repository('acme/shop', {
    Dockerfile: 'FROM node:22\nCOPY . .\nCMD ["node", "server.js"]\n',
    'server.js': '1;\n',
  });
  github.install(app, 'acme');
  await github.commit(repository, 'topic', {
    Dockerfile:
      'FROM node:22\nRUN apt-get update && apt-get install -y tini\nCOPY . .\nCMD ["node", "server.js"]\n',
  });
  return github.pull(repository, { head: 'topic', by: 'ann' });
}

const hasReview = (pull: Pull): boolean =>
  pull.reviewComments.size > 0 && (pull.repository.checksOf.get(pull.headSha) ?? []).length > 0;

describe('dfopt bot', () => {
  it('reviews a pull request, and says nothing of its secrets', async () => {
    const child = start(['--port', String(port), '--log-level', 'debug']);
    await until(isReady);
    const pull = await newPull();
    await until(() => hasReview(pull));
    await until(() => log.includes('"outcome":"finished"'));
    const metrics = await (await fetch(`${url()}/metrics`)).text();
    expect(metrics).toMatch(/dfopt_bot_jobs_total\{event="pull_request",outcome="finished"\} 1/);
    const parked = await fetch(`${url()}/parked`, {
      headers: { authorization: `Bearer ${ADMIN}` },
    });
    expect(await parked.json()).toEqual({ parked: [] });
    expect(await ended(child, 'SIGTERM')).toBe(0);
    expect(log).toContain('"msg":"stopped"');
    for (const secret of [
      SECRET,
      ADMIN,
      ...app.privateKey.split('\n').filter((each) => each.length > 20),
    ]) {
      expect(log).not.toContain(secret);
    }
    expect([...github.world.tokens.keys()].filter((token) => log.includes(token))).toEqual([]);
    expect(log).not.toMatch(/ghs_|eyJ[A-Za-z0-9]|PRIVATE KEY/);
    expect(statSync(join(folder, 'dfopt-bot.sqlite')).isFile()).toBe(true);
  });

  it.skipIf(!hasRedis)('serves in one process without a key, works in another', async () => {
    const redis = await startRedis();
    try {
      const noKey = { DFOPT_BOT_PRIVATE_KEY_FILE: '', DFOPT_BOT_APP_ID: '' };
      const server = start(['--port', String(port), '--workers', '0', '--redis', redis.url], noKey);
      await until(isReady);
      const pull = await newPull();
      await github.settled();
      expect(pull.reviewComments.size).toBe(0);
      const worker = start(['--no-server'], { DFOPT_BOT_REDIS_URL: redis.url });
      await until(() => hasReview(pull));
      expect(await ended(server, 'SIGTERM')).toBe(0);
      expect(await ended(worker, 'SIGINT')).toBe(0);
    } finally {
      await redis.stop();
    }
  });

  it('opens pull requests for default branches, by its schedule', async () => {
    const pull = await newPull();
    start(['--port', String(port), '--propose', 'all']);
    await until(() => [...pull.repository.pulls.values()].length > 1);
    const own = [...pull.repository.pulls.values()].find(({ headRef }) =>
      headRef.startsWith('dfopt/'),
    );
    expect(own?.issue.author.login).toBe('dfopt[bot]');
  });

  it('ends with a message where its port is taken', async () => {
    start(['--port', String(port)]);
    await until(isReady);
    const second = start(['--port', String(port)]);
    const status = await new Promise((resolve) => second.once('exit', resolve));
    expect(status).toBe(2);
    expect(log).toMatch(/dfopt: .*EADDRINUSE/);
    expect(log).not.toContain('    at ');
  });
});

describe('what is missing or wrong', () => {
  it.each([
    [['bot'], {}, 'a server of webhooks needs DFOPT_BOT_WEBHOOK_SECRET'],
    [['bot', '--no-server'], {}, 'a worker needs DFOPT_BOT_APP_ID (or DFOPT_BOT_APP_ID_FILE) and'],
    [['bot', '--no-server', '--workers', '0'], {}, 'there is nothing to do'],
    [['bot', '--workers', 'many'], {}, '--workers is a number from 0 to 64, not "many"'],
    [['bot', '--port', '70000'], {}, '--port is a number from 0 to 65535'],
    [['bot', '--redis', 'localhost:6379'], {}, 'it looks like redis://localhost:6379'],
    [['bot', '--level', 'brave'], {}, '--level cannot be "brave"'],
    [['bot', '--parked', '--redis', 'redis://127.0.0.1:1'], {}, 'the queue does not answer'],
    [['bot', '--parked', '--queue', 'no/such/file'], {}, 'the queue cannot be opened'],
  ])('is said: %j', async (args, env, message) => {
    const { status, stderr } = await dfopt(args, { cwd: folder, env });
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  it('never repeats a password', async () => {
    const args = ['bot', '--parked', '--redis', 'redis://me:hunter22@127.0.0.1:1'];
    const { stderr } = await dfopt(args, { cwd: folder });
    expect(stderr).toContain('the queue does not answer');
    expect(stderr).not.toContain('hunter22');
  });

  it('is a file of another program', async () => {
    writeFileSync(join(folder, 'other'), 'no database\n');
    const { status, stderr } = await dfopt(['bot', '--parked', '--queue', join(folder, 'other')], {
      cwd: folder,
    });
    expect(stderr).toMatch(/the queue cannot be opened: file is not a database/);
    expect(status).toBe(2);
  });
});

it('lists parked jobs and puts them back', async () => {
  const file = join(folder, 'queue.sqlite');
  const queue = await openSqliteQueue(file);
  const deliveries = [newDelivery({ pull: 1 }), newDelivery({ pull: 2 }), newDelivery({ pull: 3 })];
  for (const delivery of deliveries) {
    await queue.add(delivery);
    await queue.park((await queue.take(1000))!, `what \u001b[31m${delivery.id}`);
  }
  const [first] = deliveries;
  const options = { cwd: folder };
  const listed = await dfopt(['bot', '--parked', '--queue', file], options);
  expect(listed.status).toBe(0);
  expect(listed.stdout.split('\n')).toHaveLength(4);
  expect(listed.stdout).toContain(`${first!.id}  `);
  expect(listed.stdout).toContain(
    `acme/app-1  pull_request synchronize  what \\u001b[31m${first!.id}`,
  );
  const back = await dfopt(['bot', '--put-back', first!.id, '--queue', file], options);
  expect(back.stderr).toBe('1 job put back\n');
  const again = await dfopt(['bot', '--put-back', first!.id, '--queue', file], options);
  expect(again.status).toBe(2);
  const all = await dfopt(['bot', '--put-back', 'all', '--queue', file], options);
  expect(all.stderr).toBe('2 jobs put back\n');
  expect(await queue.counts()).toMatchObject({ waiting: 3, parked: 0 });
  const none = await dfopt(['bot', '--parked', '--queue', file], options);
  expect(none).toEqual({ status: 0, stdout: '', stderr: 'no job is parked\n' });
  await queue.close();
});
