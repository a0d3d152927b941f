/** Threads over GraphQL on the fake: read, resolved, hidden; and who may not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, clientOf, type Client } from './client.ts';
import { type FakeGitHub, type Pull, type Repository, startGitHub } from './fake.ts';

let github: FakeGitHub;
let repository: Repository;
let pull: Pull;
let bot: Client;

const ask = async (client: Client, query: string, variables: object = {}) => {
  const { status, json } = await client('POST /graphql', { query, variables });
  expect(status).toBe(200);
  return json;
};

const THREADS = `
  # The threads of a pull request.
  query($owner: String!, $name: String = "shop", $number: Int!, $after: String) {
    repository(owner: $owner, name: $name) {
      pullRequest(number: $number) { reviewThreads(first: 2, after: $after) { ...page } }
    }
  }
  fragment page on PullRequestReviewThreadConnection {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id isResolved isOutdated where: path
      resolvedBy { login }
      comments(first: 1) { nodes { databaseId author { ... on Bot { login } } isMinimized } }
    }
  }`;
const PAGE = 'data.repository.pullRequest.reviewThreads';
const RESOLVE = `mutation($id: ID!) {
  resolveReviewThread(input: { threadId: $id }) { thread { isResolved resolvedBy { login } } }
}`;
const HIDE = `mutation($id: ID!) {
  minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { minimizedComment { isMinimized } }
}`;

const threads = (client: Client, after: string | null = null) =>
  ask(client, THREADS, { owner: 'acme', name: 'shop', number: pull.number, after });

beforeAll(async () => {
  github = await startGitHub();
  repository = await github.repository(
    'acme/shop',
    { Dockerfile: 'a\nb\nc\n' },
    { isPrivate: true },
  );
  await github.commit(repository, 'topic', { Dockerfile: 'A\nb\nC\n' });
  pull = github.pull(repository, { head: 'topic', by: 'ann' });
  bot = clientOf(github, github.installationToken(github.install(github.app('dfopt'), 'acme')));
  const comments = [1, 2, 3].map((line) => ({ path: 'Dockerfile', body: 'a', line }));
  await bot(`POST /repos/acme/shop/pulls/${pull.number}/reviews`, { event: 'COMMENT', comments });
});

afterAll(() => github.close());

const thread = (index: number): string => `PRRT_${[...pull.threads.keys()][index]}`;

it('threads come in pages', async () => {
  const first = at(await threads(bot), PAGE);
  expect(at(first, 'totalCount')).toBe(3);
  expect(at(first, 'pageInfo.hasNextPage')).toBe(true);
  expect(at(first, 'nodes.1.id')).toBe(thread(1));
  expect(at(first, 'nodes.1.where')).toBe('Dockerfile');
  // REST says `dfopt[bot]`.
  expect(at(first, 'nodes.0.comments.nodes.0.author.login')).toBe('dfopt');
  const second = at(await threads(bot, String(at(first, 'pageInfo.endCursor'))), PAGE);
  expect(at(second, 'nodes.length')).toBe(1);
  expect(at(second, 'pageInfo.hasNextPage')).toBe(false);
});

it('a thread is resolved', async () => {
  const done = await ask(bot, RESOLVE, { id: thread(0) });
  expect(at(done, 'data.resolveReviewThread.thread.isResolved')).toBe(true);
  const { nodes } = at(await threads(bot), PAGE) as { readonly nodes: unknown };
  expect(at(nodes, '0.resolvedBy.login')).toBe('dfopt');
  await ask(bot, RESOLVE.replace('resolveReview', 'unresolveReview'), { id: thread(0) });
  expect(at(at(await threads(bot), PAGE), 'nodes.0.isResolved')).toBe(false);
});

it('a thread is outdated after a push', async () => {
  await github.commit(repository, 'topic', { Dockerfile: 'A\nb\nc\n' });
  const last = at(await threads(bot, '2'), PAGE);
  expect(at(last, 'nodes.0.isOutdated')).toBe(true);
});

it('a comment is hidden, for a reason that GitHub knows', async () => {
  const [comment] = [...pull.reviewComments.values()];
  const id = `PRRC_${comment!.id}`;
  expect(
    at(await ask(bot, HIDE, { id }), 'data.minimizeComment.minimizedComment.isMinimized'),
  ).toBe(true);
  expect(comment!.minimized).toBe('OUTDATED');
  const odd = await ask(bot, HIDE.replace('OUTDATED', 'BORING'), { id });
  expect(at(odd, 'errors.length')).toBe(1);
});

describe('it is refused', () => {
  it('to resolve without contents: write, and with what is not a thread', async () => {
    const [installation] = github.world.installations.values();
    const weak = clientOf(
      github,
      github.installationToken(installation!, { pull_requests: 'write', contents: 'read' }),
    );
    expect(at(await ask(weak, RESOLVE, { id: thread(1) }), 'errors.0.type')).toBe('FORBIDDEN');
    expect(at(await ask(bot, RESOLVE, { id: 'PRRT_1' }), 'errors.0.type')).toBe('NOT_FOUND');
    const reader = github.actionToken(repository, { pull_requests: 'read' });
    expect(
      at(await ask(clientOf(github, reader), RESOLVE, { id: thread(1) }), 'errors.0.type'),
    ).toBe('FORBIDDEN');
    expect(pull.threads.get(Number(thread(1).slice(5)))?.resolvedBy).toBeUndefined();
  });

  it('to see what is private', async () => {
    const eve = clientOf(github, github.tokenOf('eve'));
    expect(at(await threads(eve), 'errors.0.type')).toBe('NOT_FOUND');
  });

  it('to list without a bound, or beyond it, or fields that are none', async () => {
    const start = 'query { repository(owner: "acme", name: "shop") { pullRequest(number: 1)';
    for (const rest of [
      '{ reviewThreads { totalCount } } } }',
      '{ reviewThreads(first: 101) { totalCount } } } }',
      '{ colour } } }',
      '{ reviewThreads(first: 1) } } }',
    ]) {
      expect(at(await ask(bot, `${start} ${rest}`), 'errors.length'), rest).toBe(1);
    }
    expect(at(await ask(bot, 'query {'), 'errors.length')).toBe(1);
    expect((await bot('POST /graphql', {})).status).toBe(400);
    expect(
      (await clientOf(github)('POST /graphql', { query: '{ viewer { login } }' })).status,
    ).toBe(401);
  });
});

it('who asks is told', async () => {
  expect(at(await ask(bot, '{ viewer { login } }'), 'data.viewer.login')).toBe('dfopt[bot]');
});
