/** Webhooks of the fake: signed, in order, once, to whom they concern. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verify } from '@octokit/webhooks-methods';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { at, clientOf } from './client.ts';
import {
  type FakeGitHub,
  type Installation,
  type Pull,
  type Repository,
  startGitHub,
} from './fake.ts';

const SECRET = 'very secret';

interface Got {
  readonly event: string;
  readonly action: unknown;
  readonly signature: string;
  readonly id: string;
  readonly body: string;
}

let server: Server;
let github: FakeGitHub;
let repository: Repository;
let installation: Installation;
let pull: Pull;
let got: Got[] = [];
let status = 202;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const { headers } = request;
      got.push({
        event: String(headers['x-github-event']),
        action: (JSON.parse(body) as { action?: unknown }).action,
        signature: String(headers['x-hub-signature-256']),
        id: String(headers['x-github-delivery']),
        body,
      });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  github = await startGitHub({ isAnswerChecked: true });
  repository = await github.repository('acme/shop', { Dockerfile: 'a\nb\n' });
  const app = github.app('dfopt', { webhook: { url, secret: SECRET } });
  installation = github.install(app, 'acme');
  await github.settled();
});

beforeEach(() => {
  got = [];
  status = 202;
});

afterAll(async () => {
  await github.close();
  server.close();
});

const events = (): readonly string[] =>
  got.map(({ event, action }) => `${event} ${String(action)}`);

it('a pull request is told from its opening to its end', async () => {
  await github.commit(repository, 'topic', { Dockerfile: 'A\nb\n' }, { by: 'ann' });
  pull = github.pull(repository, { head: 'topic', by: 'ann' });
  await github.commit(repository, 'topic', { Dockerfile: 'AA\nb\n' }, { by: 'ann' });
  github.setState(pull, 'closed', 'ann');
  github.setState(pull, 'open', 'ann');
  await github.settled();
  expect(events()).toEqual([
    'push undefined',
    'pull_request opened',
    'push undefined',
    'pull_request synchronize',
    'pull_request closed',
    'pull_request reopened',
  ]);
  const opened: unknown = JSON.parse(got[1]!.body);
  expect(at(opened, 'installation.id')).toBe(installation.id);
  expect(at(opened, 'repository.full_name')).toBe('acme/shop');
  expect(at(opened, 'pull_request.head.ref')).toBe('topic');
  expect(at(opened, 'sender.login')).toBe('ann');
  // As it was then, not as it is now.
  expect(at(opened, 'pull_request.head.sha')).toBe(at(JSON.parse(got[3]!.body), 'before'));
});

it('every one is signed, and has an id of its own', async () => {
  github.comment(pull, 'ann', '/dfopt rebase ünd mehr');
  github.comment(pull, 'ann', 'again');
  await github.settled();
  expect(events()).toEqual(['issue_comment created', 'issue_comment created']);
  for (const { body, signature } of got) expect(await verify(SECRET, body, signature)).toBe(true);
  expect(new Set(got.map(({ id }) => id)).size).toBe(2);
});

it('what the bot does is told, too', async () => {
  const client = clientOf(github, github.installationToken(installation));
  await client(`POST /repos/acme/shop/pulls/${pull.number}/reviews`, {
    event: 'COMMENT',
    comments: [{ path: 'Dockerfile', body: 'a', line: 1 }],
  });
  await github.settled();
  expect(events()).toEqual(['pull_request_review_comment created']);
  expect(at(JSON.parse(got[0]!.body), 'sender.login')).toBe('dfopt[bot]');
});

it('one is sent once, however it is answered, and again when asked for', async () => {
  status = 500;
  github.comment(pull, 'ann', 'a');
  await github.settled();
  expect(got).toHaveLength(1);
  const sent = github.deliveries.at(-1)!;
  expect(sent.status).toBe(500);
  status = 202;
  expect(await github.redeliver(sent)).toBe(202);
  expect(got[1]).toEqual(got[0]);
});

it('one of our own may be forged, or go where nobody listens', async () => {
  const { webhook } = installation.app;
  await github.send(webhook!, 'ping', { zen: 'a' }, { id: 'given', signature: 'sha256=00' });
  expect(got[0]).toMatchObject({ event: 'ping', id: 'given', signature: 'sha256=00' });
  const nowhere = { url: 'http://127.0.0.1:1/', secret: 'a' };
  expect((await github.send(nowhere, 'ping', {})).status).toBe(0);
});

it('where it is not installed nothing is told', async () => {
  const other = await github.repository('other/shop', { Dockerfile: 'a\n' });
  await github.commit(other, 'topic', { Dockerfile: 'b\n' });
  github.pull(other, { head: 'topic' });
  await github.settled();
  expect(got).toEqual([]);
  github.uninstall(installation);
  github.comment(pull, 'ann', 'a');
  await github.settled();
  expect(events()).toEqual(['installation deleted']);
});
