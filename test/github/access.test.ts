/** Who may do what on the fake: 401, 403 and 404. */
import { createSign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, clientOf } from './client.ts';
import { type App, type FakeGitHub, type Pull, type Repository, startGitHub } from './fake.ts';

let github: FakeGitHub;
let app: App;
let open: Repository;
let hidden: Repository;
let pull: Pull;
let now = Date.now();

const jwt = (own: App, claims: object = {}): string => {
  const seconds = Math.floor(Date.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const all = { iss: own.id, iat: seconds - 30, exp: seconds + 300, ...claims };
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(all)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(own.privateKey, 'base64url')}`;
};

beforeAll(async () => {
  github = await startGitHub({ isAnswerChecked: true, now: () => now });
  open = await github.repository('acme/open', { Dockerfile: 'a\n' });
  hidden = await github.repository('acme/hidden', { Dockerfile: 'a\n' }, { isPrivate: true });
  app = github.app('dfopt');
  await github.commit(open, 'topic', { Dockerfile: 'b\n' });
  pull = github.pull(open, { head: 'topic', by: 'ann' });
  github.role(open, 'wim', 'write');
});

afterAll(() => github.close());

describe('an App', () => {
  it('is who signed, and gets tokens of its installations', async () => {
    const installation = github.install(app, 'acme', [open]);
    const asApp = clientOf(github, jwt(app));
    expect(at((await asApp('GET /app')).json, 'slug')).toBe('dfopt');
    const list = await asApp('GET /app/installations');
    expect(at(list.json, '0.id')).toBe(installation.id);
    const found = await asApp('GET /repos/acme/open/installation');
    expect(at(found.json, 'id')).toBe(installation.id);
    const made = await asApp(`POST /app/installations/${installation.id}/access_tokens`);
    expect(made.status).toBe(201);
    const mine = clientOf(github, String(at(made.json, 'token')));
    const repositories = await mine('GET /installation/repositories');
    expect(at(repositories.json, 'total_count')).toBe(1);
    expect(at(repositories.json, 'repositories.0.full_name')).toBe('acme/open');
  });

  it.each([
    ['another key', () => `${jwt(app).slice(0, -8)}AAAAAAAA`],
    ['an App that is not there', () => jwt(app, { iss: 1 })],
    ['a time that is over', () => jwt(app, { exp: 1000 })],
    ['a time to come', () => jwt(app, { iat: Math.floor(Date.now() / 1000) + 60 })],
    ['too long a time', () => jwt(app, { exp: Math.floor(Date.now() / 1000) + 3600 })],
    ['no token at all', () => 'a.b.c'],
  ])('is refused with %s', async (_, token) => {
    expect((await clientOf(github, token())('GET /app')).status).toBe(401);
  });

  it('gets no token for more than it was granted', async () => {
    const installation = github.install(app, 'other', [], { contents: 'read' });
    const asApp = clientOf(github, jwt(app));
    const path = `POST /app/installations/${installation.id}/access_tokens`;
    expect((await asApp(path, { permissions: { contents: 'write' } })).status).toBe(422);
    expect((await asApp(path, { permissions: { checks: 'read' } })).status).toBe(422);
    expect((await asApp(path, { repositories: ['open'] })).status).toBe(422);
    expect((await asApp(path, { permissions: { contents: 'read' } })).status).toBe(201);
  });

  it('gets no token where it is suspended, deleted or not its own', async () => {
    const installation = github.install(app, 'gone', []);
    const path = `POST /app/installations/${installation.id}/access_tokens`;
    const stranger = github.app('stranger');
    expect((await clientOf(github, jwt(stranger))(path)).status).toBe(404);
    const token = github.installationToken(installation);
    installation.isSuspended = true;
    expect((await clientOf(github, jwt(app))(path)).status).toBe(403);
    expect((await clientOf(github, token)('GET /installation/repositories')).status).toBe(403);
    github.uninstall(installation);
    expect((await clientOf(github, jwt(app))(path)).status).toBe(404);
    expect((await clientOf(github, token)('GET /installation/repositories')).status).toBe(401);
  });
});

describe('a token', () => {
  it('is over after an hour', async () => {
    const token = github.installationToken(github.install(app, 'acme'));
    const client = clientOf(github, token);
    expect((await client('GET /repos/acme/open')).status).toBe(200);
    now += 3_600_001;
    expect((await client('GET /repos/acme/open')).status).toBe(401);
    now = Date.now();
  });

  it('that nobody knows is refused, none at all reads what is public', async () => {
    expect((await clientOf(github, 'ghp_x')('GET /repos/acme/open')).status).toBe(401);
    const nobody = clientOf(github);
    expect((await nobody('GET /repos/acme/open')).status).toBe(200);
    expect((await nobody('GET /repos/acme/hidden')).status).toBe(404);
    expect((await nobody('POST /repos/acme/open/issues/1/comments', { body: 'a' })).status).toBe(
      401,
    );
  });

  it('of an installation does what it was granted, where it is installed', async () => {
    const installation = github.install(app, 'acme', [open]);
    const path = `POST /repos/acme/open/issues/${pull.number}/comments`;
    const reads = clientOf(
      github,
      github.installationToken(installation, { issues: 'read', pull_requests: 'read' }),
    );
    expect((await reads(path, { body: 'a' })).status).toBe(403);
    const writes = clientOf(
      github,
      github.installationToken(installation, { pull_requests: 'write' }),
    );
    expect((await writes(path, { body: 'a' })).status).toBe(201);
    expect((await writes('GET /repos/acme/hidden')).status).toBe(404);
    expect((await writes('POST /repos/acme/open/check-runs', {})).status).toBe(403);
    expect((await writes('GET /user')).status).toBe(403);
    const elsewhere = github.install(app, 'else');
    const foreign = clientOf(github, github.installationToken(elsewhere));
    expect((await foreign('GET /repos/acme/open')).status).toBe(200);
    expect((await foreign(path, { body: 'a' })).status).toBe(403);
  });

  it('of a workflow run for a fork only reads', async () => {
    const fork = await github.fork(open, 'eve');
    await github.commit(fork, 'evil', { Dockerfile: 'c\n' }, { by: 'eve' });
    const outside = github.pull(open, { head: 'evil', from: fork, by: 'eve' });
    const granted = { pull_requests: 'write', checks: 'write', contents: 'read' } as const;
    const path = `POST /repos/acme/open/issues/${outside.number}/comments`;
    const forFork = clientOf(github, github.actionToken(open, granted, outside));
    expect((await forFork(path, { body: 'a' })).status).toBe(403);
    expect((await forFork(`GET /repos/acme/open/pulls/${outside.number}/files`)).status).toBe(200);
    const forOwn = clientOf(github, github.actionToken(open, granted, pull));
    const made = await forOwn(path, { body: 'a' });
    expect(made.status).toBe(201);
    expect(at(made.json, 'user.login')).toBe('github-actions[bot]');
  });

  it('of a person does what the person may', async () => {
    const path = 'POST /repos/acme/open/git/refs';
    const body = { ref: 'refs/heads/new', sha: pull.headSha };
    expect((await clientOf(github, github.tokenOf('eve'))(path, body)).status).toBe(404);
    const writer = clientOf(github, github.tokenOf('wim'));
    expect((await writer(path, body)).status).toBe(201);
    const check = { name: 'dfopt', head_sha: pull.headSha };
    const refused = await writer('POST /repos/acme/open/check-runs', check);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('authenticate via a GitHub App');
    expect((await writer('GET /installation/repositories')).status).toBe(403);
  });
});

describe('a permission', () => {
  it.each([
    ['acme', 'admin', 'admin'],
    ['wim', 'write', 'write'],
    ['eve', 'read', 'read'],
  ])('of %s is told', async (login, permission, role) => {
    const client = clientOf(github, github.tokenOf('wim'));
    const { json } = await client(`GET /repos/acme/open/collaborators/${login}/permission`);
    expect(at(json, 'permission')).toBe(permission);
    expect(at(json, 'role_name')).toBe(role);
  });

  it('of maintain and triage counts as write and read', async () => {
    github.role(hidden, 'mia', 'maintain');
    github.role(hidden, 'tim', 'triage');
    const client = clientOf(github, github.tokenOf('mia'));
    const of = async (login: string): Promise<unknown> =>
      at(
        (await client(`GET /repos/acme/hidden/collaborators/${login}/permission`)).json,
        'permission',
      );
    expect([await of('mia'), await of('tim'), await of('eve')]).toEqual(['write', 'read', 'none']);
  });

  it('is told to writers only, and of people only who are there', async () => {
    const path = 'GET /repos/acme/open/collaborators/wim/permission';
    expect((await clientOf(github, github.tokenOf('eve'))(path)).status).toBe(403);
    const client = clientOf(github, github.tokenOf('wim'));
    expect((await client('GET /repos/acme/open/collaborators/nemo/permission')).status).toBe(404);
  });
});

describe('nobody writes', () => {
  it('to an archived repository', async () => {
    const old = await github.repository('acme/old', { a: 'a' });
    old.isArchived = true;
    const client = clientOf(github, github.tokenOf('acme'));
    const refused = await client('POST /repos/acme/old/issues', { title: 'a' });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('archived');
    expect((await client('GET /repos/acme/old')).status).toBe(200);
  });

  it('to a locked conversation', async () => {
    await github.commit(open, 'locked', { Dockerfile: 'locked\n' });
    const locked = github.pull(open, { head: 'locked', by: 'ann' });
    locked.issue.isLocked = true;
    const client = clientOf(github, github.installationToken(github.install(app, 'acme', [open])));
    const comment = await client(`POST /repos/acme/open/issues/${locked.number}/comments`, {
      body: 'a',
    });
    const review = await client(`POST /repos/acme/open/pulls/${locked.number}/reviews`, {
      body: 'a',
      event: 'COMMENT',
    });
    expect([comment.status, review.status]).toEqual([403, 403]);
  });

  it('over the comments of others, but who may write to the repository', async () => {
    const comment = github.comment(pull, 'ann', 'mine');
    const path = `PATCH /repos/acme/open/issues/comments/${comment.id}`;
    const bot = clientOf(github, github.installationToken(github.install(app, 'acme', [open])));
    expect((await bot(path, { body: 'b' })).status).toBe(403);
    expect((await clientOf(github, github.tokenOf('eve'))(path, { body: 'b' })).status).toBe(403);
    expect((await clientOf(github, github.tokenOf('ann'))(path, { body: 'b' })).status).toBe(200);
    expect((await clientOf(github, github.tokenOf('wim'))(path, { body: 'c' })).status).toBe(200);
  });
});
