/** The client against a GitHub with its rules: what is asked, what failures mean, what is never sent twice. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GitHubFailure, type GitHub } from '../../src/bot/github.ts';
import { appOf, gitHubOf } from '../../src/bot/octokit.ts';
import { startGitHub, type FakeGitHub, type Pull, type Repository } from '../github/fake.ts';

const SHOP = { owner: 'acme', name: 'shop' };
const SARIF = JSON.stringify({
  version: '2.1.0',
  runs: [{ tool: { driver: { name: 'dfopt' } }, results: [] }],
});
const IMPATIENT = { isPaced: false, retryUnit: 1 };

let fake: FakeGitHub;
let repository: Repository;
let pull: Pull;
let app: ReturnType<FakeGitHub['app']>;
let installation: ReturnType<FakeGitHub['install']>;

const client = (signal?: AbortSignal): GitHub =>
  appOf(String(app.id), app.privateKey, { baseUrl: fake.url, ...IMPATIENT }).installation(
    installation.id,
    signal,
  );

/** What was thrown, which must be a failure. */
const failureIn = async (work: Promise<unknown>): Promise<GitHubFailure> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(GitHubFailure);
  return error as GitHubFailure;
};

beforeEach(async () => {
  fake = await startGitHub();
  repository = await fake.repository('acme/shop', {
    Dockerfile: 'FROM node\nRUN a\nRUN b\n',
    'bin/run': { content: '#!/bin/sh\n', mode: '100755' },
    'deep/er/file': 'x\n',
  });
  await fake.commit(repository, 'topic', { Dockerfile: 'FROM node:22\nRUN a\nRUN b\n' });
  pull = fake.pull(repository, { head: 'topic', by: 'ann', title: 'Newer', body: 'Why.' });
  app = fake.app('dfopt');
  installation = fake.install(app, 'acme');
});

afterEach(() => fake.close());

describe('who speaks', () => {
  it('is the bot of the App', async () => {
    expect(await client().self()).toBe('dfopt[bot]');
  });

  it('is the bot of workflows for their token, and a person for hers', async () => {
    const options = { baseUrl: fake.url, ...IMPATIENT };
    const token = fake.actionToken(repository, { contents: 'read' });
    expect(await gitHubOf(token, options).self()).toBe('github-actions[bot]');
    expect(await gitHubOf(fake.tokenOf('ann'), options).self()).toBe('ann');
  });

  it('lists what the App is installed on', async () => {
    const other = appOf(String(app.id), app.privateKey, { baseUrl: fake.url, ...IMPATIENT });
    expect(await other.slug()).toBe('dfopt');
    expect(await other.installations()).toEqual([installation.id]);
    expect(await client().repositories()).toEqual([
      { ...SHOP, defaultBranch: 'main', isArchived: false, isFork: false },
    ]);
  });
});

describe('reading', () => {
  it('tells a pull request, its files and its commits', async () => {
    const github = client();
    expect(await github.pull(SHOP, pull.number)).toEqual({
      number: pull.number,
      state: 'open',
      isMerged: false,
      isDraft: false,
      title: 'Newer',
      body: 'Why.',
      author: 'ann',
      head: { ref: 'topic', sha: pull.headSha, repository: 'acme/shop' },
      base: { ref: 'main', sha: repository.refs.get('refs/heads/main') },
      labels: [],
    });
    const [file] = await github.pullFiles(SHOP, pull.number);
    expect(file).toMatchObject({ path: 'Dockerfile', status: 'modified' });
    expect(file?.patch).toContain('+FROM node:22');
    expect(await github.pullCommits(SHOP, pull.number)).toMatchObject([{ sha: pull.headSha }]);
    expect(
      (await github.pulls(SHOP, { state: 'all', head: 'topic' })).map((each) => each.number),
    ).toEqual([pull.number]);
    expect(await github.pulls(SHOP, { state: 'open', head: 'other' })).toEqual([]);
  });

  it('turns the pages', async () => {
    for (let count = 0; count < 230; count++) fake.comment(pull, 'ann', `comment ${count}`);
    const found = await client().comments(SHOP, pull.number);
    expect(found.map(({ body }) => body).slice(0, 230)).toHaveLength(230);
    expect(found.at(-1)).toMatchObject({ body: 'comment 229', author: 'ann' });
  });

  it('tells trees, texts and branches', async () => {
    const github = client();
    const tree = await github.tree(SHOP, pull.headSha, { isRecursive: true });
    expect(tree.isTruncated).toBe(false);
    expect(tree.entries.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'file Dockerfile',
      'folder bin',
      'executable bin/run',
      'folder deep',
      'folder deep/er',
      'file deep/er/file',
    ]);
    const { sha, bytes } = tree.entries[0]!;
    const blob = await github.blob(SHOP, sha);
    expect(new TextDecoder().decode(blob)).toBe('FROM node:22\nRUN a\nRUN b\n');
    expect(bytes).toBe(blob.length);
    expect(await github.branch(SHOP, 'topic')).toBe(pull.headSha);
    expect(await github.branch(SHOP, 'nowhere')).toBeUndefined();
  });

  it('knows who may write', async () => {
    fake.role(repository, 'ann', 'maintain');
    fake.role(repository, 'tim', 'triage');
    const github = client();
    expect(await github.permissionOf(SHOP, 'acme')).toBe('admin');
    expect(await github.permissionOf(SHOP, 'ann')).toBe('write');
    expect(await github.permissionOf(SHOP, 'tim')).toBe('read');
    expect(await github.permissionOf(SHOP, 'nobody-at-all')).not.toMatch(/write|admin/);
  });
});

describe('writing', () => {
  it('posts a review, finds its threads, edits and resolves', async () => {
    const github = client();
    await github.createReview(SHOP, pull.number, {
      commit: pull.headSha,
      body: 'Two.',
      comments: [
        { path: 'Dockerfile', body: 'one line', line: 1, startLine: 1 },
        { path: 'Dockerfile', body: 'two lines', line: 3, startLine: 2 },
      ],
    });
    expect(await github.reviews(SHOP, pull.number)).toMatchObject([
      { body: 'Two.', author: 'dfopt[bot]' },
    ]);
    const [one, two] = await github.reviewComments(SHOP, pull.number);
    expect(one).toMatchObject({ body: 'one line', line: 1, author: 'dfopt[bot]' });
    expect(one).not.toHaveProperty('startLine');
    expect(two).toMatchObject({ line: 3, startLine: 2, originalCommit: pull.headSha });
    await github.updateReviewComment(SHOP, one!.id, 'another text');
    const threads = await github.reviewThreads(SHOP, pull.number);
    expect(threads.map(({ comment }) => comment)).toEqual([one!.id, two!.id]);
    await github.resolveThread(threads[0]!.id);
    const after = await github.reviewThreads(SHOP, pull.number);
    expect(after.map(({ isResolved }) => isResolved)).toEqual([true, false]);
    expect(await github.reviewComments(SHOP, pull.number)).toMatchObject([
      { body: 'another text' },
      { body: 'two lines' },
    ]);
  });

  it('refuses a review of which one comment lies outside, whole', async () => {
    const failure = await failureIn(
      client().createReview(SHOP, pull.number, {
        commit: pull.headSha,
        comments: [
          { path: 'Dockerfile', body: 'in', line: 1 },
          { path: 'bin/run', body: 'out', line: 1 },
        ],
      }),
    );
    expect(failure).toMatchObject({ kind: 'refused', status: 422 });
    expect(pull.threads.size).toBe(0);
  });

  it('sends annotations fifty at a time, and concludes with the last', async () => {
    const github = client();
    const run = await github.createCheckRun(SHOP, {
      name: 'dfopt',
      sha: pull.headSha,
      externalId: 'x',
    });
    expect(run).toMatchObject({ status: 'in_progress', annotations: 0, externalId: 'x' });
    const annotations = Array.from({ length: 120 }, (_, at) => ({
      path: 'Dockerfile',
      startLine: at + 1,
      endLine: at + 1,
      level: 'notice' as const,
      title: 't',
      message: `m${at}`,
    }));
    await github.concludeCheckRun(SHOP, run, 'neutral', { title: 'T', summary: 'S', annotations });
    const [done] = await github.checkRuns(SHOP, pull.headSha, 'dfopt');
    expect(done).toMatchObject({ status: 'completed', conclusion: 'neutral', annotations: 120 });
    // What is there already is not sent again.
    await github.concludeCheckRun(SHOP, done!, 'neutral', {
      title: 'T',
      summary: 'S',
      annotations,
    });
    expect((await github.checkRuns(SHOP, pull.headSha, 'dfopt'))[0]?.annotations).toBe(120);
  });

  it('makes a commit that keeps what it does not name', async () => {
    const github = client();
    const tip = (await github.branch(SHOP, 'main'))!;
    const commit = await github.createCommit(SHOP, {
      parent: tip,
      message: 'Smaller',
      files: [
        { path: 'Dockerfile', text: 'FROM node:22-slim\n', isExecutable: false },
        { path: 'bin/run', text: '#!/bin/sh\nexit\n', isExecutable: true },
      ],
    });
    await github.createBranch(SHOP, 'dfopt/x', commit);
    const { entries } = await github.tree(SHOP, commit, { isRecursive: true });
    expect(entries.find(({ path }) => path === 'bin/run')?.kind).toBe('executable');
    expect(entries.some(({ path }) => path === 'deep/er/file')).toBe(true);
    const other = await github.createPull(SHOP, {
      title: 'S',
      body: 'B',
      head: 'dfopt/x',
      base: 'main',
    });
    expect(await github.pullCommits(SHOP, other.number)).toMatchObject([
      { sha: commit, parents: [tip], author: 'dfopt[bot]' },
    ]);
    await github.updatePull(SHOP, other.number, { title: 'S2', state: 'closed' });
    expect(await github.pull(SHOP, other.number)).toMatchObject({ title: 'S2', state: 'closed' });
    expect(await github.closedBy(SHOP, other.number)).toBe('dfopt[bot]');
    await github.moveBranch(SHOP, 'dfopt/x', tip);
    expect(await github.branch(SHOP, 'dfopt/x')).toBe(tip);
    await github.deleteBranch(SHOP, 'dfopt/x');
    await github.deleteBranch(SHOP, 'dfopt/x');
    expect(await github.branch(SHOP, 'dfopt/x')).toBeUndefined();
  });

  it('uploads SARIF, and reacts once', async () => {
    const github = client();
    await github.uploadSarif(SHOP, { commit: pull.headSha, ref: 'refs/heads/topic', sarif: SARIF });
    expect(repository.sarifs.size).toBe(1);
    await github.createComment(SHOP, pull.number, 'hello');
    const [comment] = await github.comments(SHOP, pull.number);
    await github.react(SHOP, comment!.id, '+1');
    await github.react(SHOP, comment!.id, '+1');
    await github.updateComment(SHOP, comment!.id, 'bye');
    expect(await github.comments(SHOP, pull.number)).toMatchObject([{ body: 'bye' }]);
  });
});

describe('what goes wrong', () => {
  it('reads again after 5xx', async () => {
    fake.trouble({ failBefore: 0.4, seed: 7 });
    const github = client();
    for (let count = 0; count < 10; count++) {
      const read = github.pull(SHOP, pull.number).catch((error: unknown) => error);
      expect([pull.headSha, undefined]).toContain(
        await read.then((found) => (found as { head?: { sha: string } }).head?.sha),
      );
    }
    const tries = fake.requests.filter(({ route }) => route?.includes('pulls/{pull_number}'));
    expect(tries.length).toBeGreaterThan(10);
  });

  it('never sends twice what may be done already', async () => {
    const github = client();
    await github.self();
    await github.pull(SHOP, pull.number);
    fake.trouble({ failAfter: 1, statuses: [502] });
    const deeds = [
      github.createComment(SHOP, pull.number, 'once'),
      github.createReview(SHOP, pull.number, {
        commit: pull.headSha,
        comments: [{ path: 'Dockerfile', body: 'once', line: 1 }],
      }),
      github.createCheckRun(SHOP, { name: 'dfopt', sha: pull.headSha, externalId: 'x' }),
    ];
    for (const deed of deeds) expect((await failureIn(deed)).kind).toBe('broken');
    fake.trouble({});
    expect(await github.comments(SHOP, pull.number)).toHaveLength(1);
    expect(await github.reviewComments(SHOP, pull.number)).toHaveLength(1);
    expect(await github.checkRuns(SHOP, pull.headSha, 'dfopt')).toHaveLength(1);
  });

  it('says how a cut connection looks', async () => {
    const github = client();
    await github.self();
    await github.pull(SHOP, pull.number);
    fake.trouble({ failBefore: 1, statuses: [0] });
    expect(await failureIn(github.createComment(SHOP, pull.number, 'x'))).toMatchObject({
      kind: 'broken',
      status: 0,
    });
  });

  it('tells missing from forbidden, and no secret', async () => {
    const github = client();
    expect(await failureIn(github.pull(SHOP, 999))).toMatchObject({ kind: 'missing', status: 404 });
    const token = fake.actionToken(repository, { contents: 'read', pull_requests: 'read' });
    const reader = gitHubOf(token, { baseUrl: fake.url, ...IMPATIENT });
    const failure = await failureIn(reader.createComment(SHOP, pull.number, 'x'));
    expect(failure).toMatchObject({ kind: 'forbidden', status: 403 });
    expect(failure.message).toContain('Resource not accessible by integration');
    expect(JSON.stringify([failure.message, failure.stack, failure])).not.toContain(token);
  });

  it('stops where it is told to', async () => {
    const stop = new AbortController();
    const github = client(stop.signal);
    await github.self();
    fake.trouble({ delay: 2000 });
    const asked = github.pull(SHOP, pull.number);
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await expect(asked).rejects.toThrow('enough');
    await expect(github.pull(SHOP, pull.number)).rejects.toThrow('enough');
  });

  it('ends a request that takes too long', async () => {
    fake.trouble({ delay: 20_000, seed: 3 });
    const options = { baseUrl: fake.url, ...IMPATIENT, timeout: 100 };
    const github = gitHubOf(fake.tokenOf('ann'), options);
    const began = Date.now();
    expect(await failureIn(github.createComment(SHOP, pull.number, 'x'))).toMatchObject({
      kind: 'broken',
    });
    expect(Date.now() - began).toBeLessThan(2000);
    fake.trouble({});
  });
});

describe('limits', () => {
  it('are told with the time to wait', async () => {
    const strict = await startGitHub({
      limits: { contentPerMinute: 2, contentPerHour: 500, retryAfter: 17 },
    });
    try {
      const own = await strict.repository('acme/shop', { Dockerfile: 'FROM node\n' });
      await strict.commit(own, 'topic', { Dockerfile: 'FROM node:22\n' });
      const { number } = strict.pull(own, { head: 'topic', by: 'ann' });
      const github = gitHubOf(strict.tokenOf('acme'), { baseUrl: strict.url, ...IMPATIENT });
      for (const body of ['one', 'two']) await github.createComment(SHOP, number, body);
      const failure = await failureIn(github.createComment(SHOP, number, 'three'));
      expect(failure).toMatchObject({ kind: 'limited', retryAfter: 17_000 });
    } finally {
      await strict.close();
    }
  });

  it('that are short are sat out by who is patient', async () => {
    const strict = await startGitHub({
      limits: { contentPerMinute: 1, contentPerHour: 500, retryAfter: 1 },
    });
    try {
      const own = await strict.repository('acme/shop', { Dockerfile: 'FROM node\n' });
      await strict.commit(own, 'topic', { Dockerfile: 'FROM node:22\n' });
      const { number } = strict.pull(own, { head: 'topic', by: 'ann' });
      const patient = { baseUrl: strict.url, patience: 5000, retryUnit: 1 };
      const github = gitHubOf(strict.tokenOf('acme'), patient);
      await github.createComment(SHOP, number, 'one');
      // The limit of the test stays; so do the tries.
      const failure = await failureIn(github.createComment(SHOP, number, 'two'));
      expect(failure.kind).toBe('limited');
      const tries = strict.requests.filter(
        ({ method, status }) => method === 'POST' && status === 403,
      );
      expect(tries.length).toBe(3);
    } finally {
      await strict.close();
    }
  });
});
