/** Pull requests on the fake: what they list, where their comments stay, and what is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, clientOf, type Client } from './client.ts';
import { type FakeGitHub, type Pull, type Repository, startGitHub } from './fake.ts';

const REPO = '/repos/acme/shop';

const lines = (count: number, edit: Readonly<Record<number, string>> = {}): string =>
  Array.from({ length: count }, (_, index) => `${edit[index + 1] ?? `line ${index + 1}`}\n`).join(
    '',
  );

let github: FakeGitHub;
let repository: Repository;
let client: Client;
let count = 0;

beforeAll(async () => {
  github = await startGitHub({
    isAnswerChecked: true,
    limits: { patchLines: 100, patchBytes: 5000, pullFiles: 40 },
  });
  repository = await github.repository('acme/shop', {
    Dockerfile: lines(40),
    'old.txt': lines(20),
    'gone.txt': 'gone\n',
    'tool.sh': 'a\n',
  });
  client = clientOf(github, github.installationToken(github.install(github.app('dfopt'), 'acme')));
});

afterAll(() => github.close());

/** A pull request on a branch of its own. */
const opened = async (changes: Parameters<FakeGitHub['commit']>[2]): Promise<Pull> => {
  const head = `topic-${++count}`;
  await github.commit(repository, head, changes);
  return github.pull(repository, { head, by: 'ann' });
};

const comment = async (pull: Pull, anchor: object): Promise<number> => {
  const answer = await client(`POST ${REPO}/pulls/${pull.number}/comments`, {
    commit_id: pull.headSha,
    path: 'Dockerfile',
    body: 'a',
    side: 'RIGHT',
    ...anchor,
  });
  expect(answer.status, answer.text).toBe(201);
  return Number(at(answer.json, 'id'));
};

const placeOf = async (id: number): Promise<unknown> => {
  const { json } = await client(`GET ${REPO}/pulls/comments/${id}`);
  return [at(json, 'start_line'), at(json, 'line'), at(json, 'original_line')];
};

describe('files', () => {
  it('come with status and patch as git diff gives them', async () => {
    const pull = await opened({
      Dockerfile: lines(40, { 3: 'three' }),
      'old.txt': null,
      'new.txt': lines(20),
      'gone.txt': null,
      'made.txt': 'made',
      'tool.sh': { content: 'a\n', mode: '100755' },
      'b.bin': new Uint8Array([0, 1, 2]),
    });
    const { json } = await client(`GET ${REPO}/pulls/${pull.number}/files`);
    const seen = json.map((file) => [
      file['filename'],
      file['status'],
      file['additions'],
      file['deletions'],
      file['patch'],
    ]);
    expect(seen).toEqual([
      [
        'Dockerfile',
        'modified',
        1,
        1,
        '@@ -1,6 +1,6 @@\n line 1\n line 2\n-line 3\n+three\n line 4\n line 5\n line 6',
      ],
      ['b.bin', 'added', 0, 0, undefined],
      ['gone.txt', 'removed', 0, 1, '@@ -1 +0,0 @@\n-gone'],
      ['made.txt', 'added', 1, 0, '@@ -0,0 +1 @@\n+made\n\\ No newline at end of file'],
      ['new.txt', 'renamed', 0, 0, undefined],
      ['tool.sh', 'modified', 0, 0, undefined],
    ]);
    expect(at(json, '4.previous_filename')).toBe('old.txt');
    const whole = await client(`GET ${REPO}/pulls/${pull.number}`);
    expect(at(whole.json, 'changed_files')).toBe(6);
  });

  it('come without a patch where it is too large, and take no comment there', async () => {
    const pull = await opened({ long: lines(101), wide: `${'x'.repeat(5000)}\n`, short: 'a\n' });
    const { json } = await client(`GET ${REPO}/pulls/${pull.number}/files`);
    expect(json.map((file) => [file['filename'], file['patch'] !== undefined])).toEqual([
      ['long', false],
      ['short', true],
      ['wide', false],
    ]);
    const review = { event: 'COMMENT', comments: [{ path: 'long', body: 'a', line: 1 }] };
    expect((await client(`POST ${REPO}/pulls/${pull.number}/reviews`, review)).status).toBe(422);
  });

  it('come in pages, and not all of very many', async () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`many/${i}`, `${i}\n`]));
    const pull = await opened(many);
    const path = `GET ${REPO}/pulls/${pull.number}/files`;
    const first = await client(path);
    expect(first.json).toHaveLength(30);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1];
    const second = await client(`GET ${next?.slice(github.url.length) ?? ''}`);
    expect(second.json).toHaveLength(10);
    expect(second.headers.get('link')).not.toContain('rel="next"');
    expect((await client(`${path}?per_page=100`)).json).toHaveLength(40);
    expect((await client(`${path}?per_page=20&page=9`)).json).toHaveLength(0);
  });

  it('are those since the merge base, also of a fork', async () => {
    const fork = await github.fork(repository, 'eve');
    await github.commit(fork, 'evil', { 'evil.txt': 'a\n' }, { by: 'eve' });
    await github.commit(repository, 'main', { 'meanwhile.txt': 'a\n' });
    const pull = github.pull(repository, { head: 'evil', from: fork, by: 'eve' });
    const { json } = await client(`GET ${REPO}/pulls/${pull.number}/files`);
    expect(json.map((file) => file['filename'])).toEqual(['evil.txt']);
    const whole = await client(`GET ${REPO}/pulls/${pull.number}`);
    expect(at(whole.json, 'head.repo.full_name')).toBe('eve/shop');
    expect(at(whole.json, 'head.repo.fork')).toBe(true);
  });
});

it('a fork may be gone before its pull request is', async () => {
  const fork = await github.fork(repository, 'mallory');
  await github.commit(fork, 'late', { 'late.txt': 'a\n' }, { by: 'mallory' });
  const pull = github.pull(repository, { head: 'late', from: fork, by: 'mallory' });
  github.removeRepository(fork);
  expect((await client('GET /repos/mallory/shop')).status).toBe(404);
  const { json } = await client(`GET ${REPO}/pulls/${pull.number}`);
  expect([at(json, 'head.repo'), at(json, 'head.sha')]).toEqual([null, pull.headSha]);
  expect((await client(`GET ${REPO}/pulls/${pull.number}/files`)).json).toHaveLength(1);
});

describe('after a push a comment', () => {
  it('moves with its lines', async () => {
    const pull = await opened({ Dockerfile: lines(40, { 20: 'twenty' }) });
    const one = await comment(pull, { line: 20 });
    const several = await comment(pull, { start_line: 18, line: 21 });
    await github.commit(repository, pull.headRef, {
      Dockerfile: `new\nnew\n${lines(40, { 20: 'twenty' })}`,
    });
    expect(await placeOf(one)).toEqual([null, 22, 20]);
    expect(await placeOf(several)).toEqual([20, 23, 21]);
  });

  it('is outdated where a line of it changed or left the diff', async () => {
    const pull = await opened({ Dockerfile: lines(40, { 5: 'five', 20: 'twenty' }) });
    const changed = await comment(pull, { start_line: 19, line: 21 });
    const left = await comment(pull, { line: 5 });
    const stays = await comment(pull, { line: 17 });
    await github.commit(repository, pull.headRef, { Dockerfile: lines(40, { 20: 'zwanzig' }) });
    expect(await placeOf(changed)).toEqual([null, null, 21]);
    expect(await placeOf(left)).toEqual([null, null, 5]);
    expect(await placeOf(stays)).toEqual([null, 17, 17]);
  });

  it('is outdated where a line was put between', async () => {
    const pull = await opened({ Dockerfile: lines(40, { 20: 'twenty' }) });
    const id = await comment(pull, { start_line: 19, line: 21 });
    await github.commit(repository, pull.headRef, {
      Dockerfile: lines(40, { 20: 'twenty\nand a half' }),
    });
    expect(await placeOf(id)).toEqual([null, null, 21]);
  });

  it('may still be written for the commit before, but not for one of elsewhere', async () => {
    const pull = await opened({ Dockerfile: lines(40, { 20: 'twenty' }) });
    const before = pull.headSha;
    await github.commit(repository, pull.headRef, { Dockerfile: lines(40, { 20: 'zwanzig' }) });
    const id = await comment(pull, { commit_id: before, line: 20 });
    expect(await placeOf(id)).toEqual([null, null, 20]);
    const answer = await client(`POST ${REPO}/pulls/${pull.number}/reviews`, {
      commit_id: repository.refs.get('refs/heads/main'),
      event: 'COMMENT',
      body: 'a',
    });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('not part of the pull request');
  });
});

describe('a review', () => {
  it.each([
    ['is empty', { event: 'COMMENT' }],
    ['asks for changes and says nothing', { event: 'REQUEST_CHANGES' }],
    [
      'has over a hundred comments',
      {
        event: 'COMMENT',
        comments: Array.from({ length: 101 }, () => ({ path: 'Dockerfile', body: 'a', line: 3 })),
      },
    ],
  ])('is refused where it %s', async (_, body) => {
    const pull = await opened({ Dockerfile: lines(40, { 3: 'three' }) });
    expect((await client(`POST ${REPO}/pulls/${pull.number}/reviews`, body)).status).toBe(422);
    expect(pull.reviews.size).toBe(0);
  });

  it('by the author neither approves nor asks for changes', async () => {
    const pull = await opened({ Dockerfile: lines(40, { 3: 'three' }) });
    const ann = clientOf(github, github.tokenOf('ann'));
    const path = `POST ${REPO}/pulls/${pull.number}/reviews`;
    expect((await ann(path, { event: 'APPROVE' })).status).toBe(422);
    expect((await ann(path, { event: 'REQUEST_CHANGES', body: 'a' })).status).toBe(422);
    expect((await ann(path, { event: 'COMMENT', body: 'a' })).status).toBe(200);
  });

  it('is pending without an event, once, unseen by others, until it is sent', async () => {
    const pull = await opened({ Dockerfile: lines(40, { 3: 'three' }) });
    const path = `${REPO}/pulls/${pull.number}`;
    const wish = { comments: [{ path: 'Dockerfile', body: 'a', line: 3 }] };
    const made = await client(`POST ${path}/reviews`, wish);
    expect(at(made.json, 'state')).toBe('PENDING');
    expect((await client(`POST ${path}/reviews`, wish)).status).toBe(422);
    const ann = clientOf(github, github.tokenOf('ann'));
    expect((await ann(`GET ${path}/comments`)).json).toHaveLength(0);
    const send = `POST ${path}/reviews/${String(at(made.json, 'id'))}/events`;
    expect((await client(send, { event: 'COMMENT' })).status).toBe(200);
    expect((await client(send, { event: 'COMMENT' })).status).toBe(422);
    expect((await ann(`GET ${path}/comments`)).json).toHaveLength(1);
  });

  it('has comments that are answered, changed and deleted', async () => {
    const pull = await opened({ Dockerfile: lines(40, { 3: 'three' }) });
    const first = await comment(pull, { line: 3 });
    const path = `${REPO}/pulls/${pull.number}/comments/${first}/replies`;
    const answer = await client(`POST ${path}`, { body: 'b' });
    expect(at(answer.json, 'in_reply_to_id')).toBe(first);
    expect((await client(`POST ${path}`, { body: '' })).status).toBe(422);
    const own = `${REPO}/pulls/comments/${first}`;
    expect(at((await client(`PATCH ${own}`, { body: 'c' })).json, 'body')).toBe('c');
    expect((await client(`PATCH ${own}`, { body: '' })).status).toBe(422);
    expect((await client(`DELETE ${own}`)).status).toBe(204);
    expect((await client(`DELETE ${own}`)).status).toBe(404);
    expect((await client(`POST ${path}`, { body: 'b' })).status).toBe(404);
  });
});

describe('a pull request', () => {
  const create = (more: object) =>
    client(`POST ${REPO}/pulls`, { title: 'a', head: 'asked', base: 'main', ...more });

  it('is made once, found by its head, closed and opened again', async () => {
    await github.commit(repository, 'asked', { a: 'asked\n' });
    const made = await create({ body: 'b' });
    expect(made.status, made.text).toBe(201);
    const twice = await create({});
    expect(twice.status).toBe(422);
    expect(twice.text).toContain('already exists for acme:asked');
    const number = Number(at(made.json, 'number'));
    const found = await client(`GET ${REPO}/pulls?head=acme:asked&state=all`);
    expect(found.json.map((own) => own['number'])).toEqual([number]);
    const patch = (body: object) => client(`PATCH ${REPO}/pulls/${number}`, body);
    expect(at((await patch({ state: 'closed' })).json, 'state')).toBe('closed');
    expect((await client(`GET ${REPO}/pulls?head=acme:asked`)).json).toHaveLength(0);
    expect(at((await patch({ state: 'open' })).json, 'state')).toBe('open');
    expect(at((await patch({ title: 'new', body: 'newer' })).json, 'title')).toBe('new');
    await github.deleteBranch(repository, 'asked');
    const pull = repository.pulls.get(number)!;
    expect(pull.issue.state, 'its branch is gone').toBe('closed');
    expect((await patch({ state: 'open' })).status).toBe(422);
  });

  it.each([
    ['a head that is not there', { head: 'nothing' }],
    ['a head of a fork that is not there', { head: 'nemo:asked' }],
    ['a base that is not there', { base: 'nothing' }],
    ['nothing new', { head: 'main' }],
    ['no title', { title: '', head: 'fresh' }],
    ['a body that is too long', { head: 'fresh', body: 'x'.repeat(65_537) }],
  ])('is not made with %s', async (_, wrong) => {
    await github.commit(repository, 'fresh', { a: `fresh ${++count}\n` });
    const before = repository.pulls.size;
    expect((await create(wrong)).status).toBe(422);
    expect(repository.pulls.size).toBe(before);
  });

  it('whose branch was made anew is not opened again', async () => {
    const pull = await opened({ a: 'one\n' });
    github.setState(pull, 'closed', 'ann');
    await github.commit(repository, pull.headRef, { a: 'two\n' }, { isForced: true });
    const answer = await client(`PATCH ${REPO}/pulls/${pull.number}`, { state: 'open' });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('force-pushed');
  });

  it('is closed when nothing of it is left, and merged when its base holds it', async () => {
    const emptied = await opened({ a: 'emptied\n' });
    await client(`PATCH ${REPO}/git/refs/heads/${emptied.headRef}`, {
      sha: repository.refs.get('refs/heads/main'),
      force: true,
    });
    expect([emptied.issue.state, emptied.mergedAt]).toEqual(['closed', undefined]);
    const pull = await opened({ merged: 'a\n' });
    expect(
      (await client(`PUT ${REPO}/pulls/${pull.number}/merge`, { sha: emptied.headSha })).status,
    ).toBe(409);
    expect((await client(`PUT ${REPO}/pulls/${pull.number}/merge`)).status).toBe(200);
    expect(pull.mergedAt).toBeDefined();
    expect(github.read(repository, 'main', 'merged')).toBe('a\n');
    expect((await client(`PUT ${REPO}/pulls/${pull.number}/merge`)).status).toBe(405);
    const again = await client(`PATCH ${REPO}/pulls/${pull.number}`, { state: 'open' });
    expect(again.status, 'merged is merged').toBe(422);
  });

  it('of others is not changed by who may only read', async () => {
    const pull = await opened({ a: 'others\n' });
    const path = `PATCH ${REPO}/pulls/${pull.number}`;
    expect((await clientOf(github, github.tokenOf('eve'))(path, { title: 'b' })).status).toBe(404);
    expect((await clientOf(github, github.tokenOf('ann'))(path, { title: 'b' })).status).toBe(200);
  });

  it('that is not there is not found', async () => {
    expect((await client(`GET ${REPO}/pulls/9999`)).status).toBe(404);
    expect((await client(`GET ${REPO}/issues/9999/comments`)).status).toBe(404);
  });
});

it('reactions and labels are put once', async () => {
  const pull = await opened({ a: 'reacted\n' });
  const said = github.comment(pull, 'ann', '/dfopt rebase');
  const path = `POST ${REPO}/issues/comments/${said.id}/reactions`;
  expect((await client(path, { content: 'eyes' })).status).toBe(201);
  expect((await client(path, { content: 'eyes' })).status).toBe(200);
  expect(said.reactions).toHaveLength(1);
  const labels = `${REPO}/issues/${pull.number}/labels`;
  expect((await client(`POST ${labels}`, { labels: ['dfopt', 'dfopt'] })).json).toHaveLength(1);
  expect((await client(`DELETE ${labels}/dfopt`)).status).toBe(200);
  expect((await client(`DELETE ${labels}/dfopt`)).status).toBe(404);
});
