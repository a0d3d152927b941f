/** The fake's Git over REST: what it refuses, and that real Git finds the same in its repositories. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, clientOf, type Client } from './client.ts';
import { type FakeGitHub, type Repository, startGitHub } from './fake.ts';

const NOTHING = '1'.repeat(40);
const REPO = '/repos/acme/shop';

let github: FakeGitHub;
let repository: Repository;
let client: Client;
let main: string;

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', repository.folder, ...args], { encoding: 'utf8' });

beforeAll(async () => {
  github = await startGitHub({ isAnswerChecked: true, limits: { treeEntries: 12 } });
  repository = await github.repository('acme/shop', {
    Dockerfile: 'FROM node\n',
    'run.sh': { content: '#!/bin/sh\n', mode: '100755' },
    'src/a.ts': 'a\n',
    'src/a/b.ts': 'b\n',
    'src-old/c.ts': 'c\n',
    bytes: new Uint8Array([0, 255, 254, 10]),
  });
  main = repository.refs.get('refs/heads/main')!;
  client = clientOf(github, github.installationToken(github.install(github.app('dfopt'), 'acme')));
});

afterAll(() => github.close());

describe('real Git', () => {
  it('finds nothing wrong', async () => {
    await github.world.objects.flushed();
    expect(git('fsck', '--strict', '--full')).toBe('');
    expect(git('ls-tree', '-r', '--name-only', 'main').trim().split('\n')).toEqual([
      ...repository.objects.files(repository.objects.commit(main)!.tree).keys(),
    ]);
    expect(git('cat-file', '-p', 'main:run.sh')).toBe('#!/bin/sh\n');
    expect(git('ls-tree', 'main', 'run.sh')).toMatch(/^100755 /);
  });
});

describe('a tree', () => {
  it('is listed flat and whole', async () => {
    const flat = await client(`GET ${REPO}/git/trees/${main}`);
    expect(at(flat.json, 'tree.length')).toBe(5);
    const whole = await client(`GET ${REPO}/git/trees/main?recursive=1`);
    const paths = (at(whole.json, 'tree') as readonly { path: string }[]).map(({ path }) => path);
    expect(paths).toEqual(git('ls-tree', '-r', '-t', '--name-only', 'main').trim().split('\n'));
    expect(at(whole.json, 'truncated')).toBe(false);
  });

  it('is cut off where it is too large', async () => {
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, 'x']));
    const sha = await github.commit(repository, 'large', files);
    const { json } = await client(`GET ${REPO}/git/trees/${sha}?recursive=1`);
    expect(at(json, 'truncated')).toBe(true);
    expect(at(json, 'tree.length')).toBe(12);
  });

  it.each([
    ['a path out of it', [{ path: '../x', mode: '100644', content: 'a' }]],
    ['a path into .git', [{ path: '.git/config', mode: '100644', content: 'a' }]],
    ['a blob that is not there', [{ path: 'x', mode: '100644', sha: NOTHING }]],
    ['neither text nor blob', [{ path: 'x', mode: '100644' }]],
    ['a deletion of nothing', [{ path: 'nothing', mode: '100644', sha: null }]],
  ])('is refused with %s', async (_, tree) => {
    expect((await client(`POST ${REPO}/git/trees`, { base_tree: main, tree })).status).toBe(422);
  });

  it('is refused on a base that is not there', async () => {
    const body = { base_tree: NOTHING, tree: [{ path: 'x', mode: '100644', content: 'a' }] };
    expect((await client(`POST ${REPO}/git/trees`, body)).status).toBe(404);
  });

  it('that is not there is not found', async () => {
    expect((await client(`GET ${REPO}/git/trees/${NOTHING}`)).status).toBe(404);
  });
});

it('a blob comes back byte by byte', async () => {
  const sha = git('rev-parse', 'main:bytes').trim();
  const { json } = await client(`GET ${REPO}/git/blobs/${sha}`);
  expect([...Buffer.from(String(at(json, 'content')), 'base64')]).toEqual([0, 255, 254, 10]);
  expect((await client(`GET ${REPO}/git/blobs/${NOTHING}`)).status).toBe(404);
  const made = await client(`POST ${REPO}/git/blobs`, { content: 'AP8=', encoding: 'base64' });
  expect([...repository.objects.blob(String(at(made.json, 'sha')))!]).toEqual([0, 255]);
});

describe('a commit', () => {
  it('is made of a tree with its parents, and a branch of it', async () => {
    const tree = await client(`POST ${REPO}/git/trees`, {
      base_tree: main,
      tree: [
        { path: 'Dockerfile', mode: '100644', type: 'blob', content: 'FROM node:22\n' },
        { path: 'src/a.ts', mode: '100644', type: 'blob', sha: null },
      ],
    });
    expect(tree.status, tree.text).toBe(201);
    const commit = await client(`POST ${REPO}/git/commits`, {
      message: 'Better',
      tree: at(tree.json, 'sha'),
      parents: [main],
    });
    expect(commit.status, commit.text).toBe(201);
    const sha = String(at(commit.json, 'sha'));
    const ref = { ref: 'refs/heads/dfopt/Dockerfile', sha };
    expect((await client(`POST ${REPO}/git/refs`, ref)).status).toBe(201);
    const branch = await client(`GET ${REPO}/branches/dfopt/Dockerfile`);
    expect(at(branch.json, 'commit.sha')).toBe(sha);
    const encoded = await client(`GET ${REPO}/branches/dfopt%2FDockerfile`);
    expect(at(encoded.json, 'commit.sha')).toBe(sha);
    const found = await client(`GET ${REPO}/git/ref/heads/dfopt/Dockerfile`);
    expect(at(found.json, 'object.sha')).toBe(sha);
    expect(github.read(repository, 'dfopt/Dockerfile', 'Dockerfile')).toBe('FROM node:22\n');
    expect(github.read(repository, 'dfopt/Dockerfile', 'src/a.ts')).toBeUndefined();
    await github.world.objects.flushed();
    expect(git('log', '--format=%s|%an', 'dfopt/Dockerfile').split('\n')[0]).toBe(
      'Better|dfopt[bot]',
    );
    expect((await client(`GET ${REPO}/git/commits/${sha}`)).status).toBe(200);
  });

  it.each([
    ['a tree', { tree: NOTHING }],
    ['a parent', { parents: [NOTHING] }],
  ])('is refused with %s that is not there', async (_, wrong) => {
    const { tree } = repository.objects.commit(main)!;
    const right = { message: 'a', tree, parents: [main] };
    expect((await client(`POST ${REPO}/git/commits`, right)).status).toBe(201);
    const body = { ...right, ...wrong };
    expect((await client(`POST ${REPO}/git/commits`, body)).status).toBe(422);
  });

  it('that is not there is 404 by its id and 422 by a name', async () => {
    expect((await client(`GET ${REPO}/git/commits/${NOTHING}`)).status).toBe(404);
    expect((await client(`GET ${REPO}/commits/nothing`)).status).toBe(422);
  });
});

describe('a ref', () => {
  it.each([
    ['is there', 'refs/heads/main'],
    ['is no whole name', 'main'],
    ['has two dots', 'refs/heads/a..b'],
    ['ends in .lock', 'refs/heads/a.lock'],
    ['has a blank', 'refs/heads/a b'],
    ['is a folder of others', 'refs/heads/main/x'],
  ])('is not made where it %s', async (_, ref) => {
    expect((await client(`POST ${REPO}/git/refs`, { ref, sha: main })).status).toBe(422);
  });

  it('is not made of nothing', async () => {
    const body = { ref: 'refs/heads/new', sha: NOTHING };
    expect((await client(`POST ${REPO}/git/refs`, body)).status).toBe(422);
  });

  it('moves forward, and back only by force', async () => {
    const next = await github.commit(repository, 'moving', { a: '1' });
    const patch = (sha: string, force?: boolean) =>
      client(`PATCH ${REPO}/git/refs/heads/moving`, { sha, ...(force ? { force } : {}) });
    const back = await patch(main);
    expect(back.status).toBe(422);
    expect(back.text).toContain('Update is not a fast forward');
    expect((await patch(main, true)).status).toBe(200);
    expect((await patch(next)).status).toBe(200);
    expect((await patch(NOTHING, true)).status).toBe(422);
  });

  it('that is not there is neither moved, deleted nor found', async () => {
    const path = `${REPO}/git/refs/heads/nothing`;
    expect((await client(`PATCH ${path}`, { sha: main })).status).toBe(422);
    expect((await client(`DELETE ${path}`)).status).toBe(422);
    expect((await client(`GET ${REPO}/git/ref/heads/nothing`)).status).toBe(404);
    expect((await client(`GET ${REPO}/branches/nothing`)).status).toBe(404);
  });

  it('is deleted, but not the default branch nor a protected one', async () => {
    await github.commit(repository, 'over', { a: '2' });
    await github.commit(repository, 'kept', { a: '3' });
    repository.protectedBranches.add('kept');
    expect((await client(`DELETE ${REPO}/git/refs/heads/over`)).status).toBe(204);
    expect((await client(`DELETE ${REPO}/git/refs/heads/main`)).status).toBe(422);
    expect((await client(`DELETE ${REPO}/git/refs/heads/kept`)).status).toBe(422);
  });
});

describe('contents', () => {
  it('of a file, a folder and nothing', async () => {
    const file = await client(`GET ${REPO}/contents/Dockerfile?ref=main`);
    expect(Buffer.from(String(at(file.json, 'content')), 'base64').toString()).toBe('FROM node\n');
    const folder = await client(`GET ${REPO}/contents/src`);
    expect(folder.json.map(({ name }) => name)).toEqual(['a.ts', 'a']);
    expect((await client(`GET ${REPO}/contents/nothing`)).status).toBe(404);
    expect((await client(`GET ${REPO}/contents/Dockerfile?ref=nothing`)).status).toBe(404);
  });

  it('over 1 MB come without their text', async () => {
    await github.commit(repository, 'big', { big: 'x'.repeat(1_000_001) });
    const { json } = await client(`GET ${REPO}/contents/big?ref=big`);
    expect(at(json, 'encoding')).toBe('none');
    expect(at(json, 'size')).toBe(1_000_001);
  });

  it('are changed with the id of what is there', async () => {
    const put = (more: object) =>
      client(`PUT ${REPO}/contents/note?`, {
        message: 'a',
        content: Buffer.from('note\n').toString('base64'),
        branch: 'notes',
        ...more,
      });
    expect((await put({})).status, 'no such branch').toBe(404);
    await github.commit(repository, 'notes', { a: 'n' });
    const made = await put({});
    expect(made.status).toBe(201);
    expect((await put({})).status, 'no id').toBe(422);
    expect((await put({ sha: NOTHING })).status, 'another id').toBe(409);
    expect((await put({ sha: at(made.json, 'content.sha') })).status).toBe(200);
  });
});

it('two branches are compared', async () => {
  await github.commit(repository, 'compared', { Dockerfile: 'FROM node:20\n' });
  const { json } = await client(`GET ${REPO}/compare/main...compared`);
  expect([at(json, 'status'), at(json, 'ahead_by')]).toEqual(['ahead', 1]);
  expect(at(json, 'files.0.filename')).toBe('Dockerfile');
  expect((await client(`GET ${REPO}/compare/main...nothing`)).status).toBe(404);
});
