/** Requests that GitHub does not describe are told, and make the test fail that sent them. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clientOf, type Client } from './client.ts';
import { type FakeGitHub, startGitHub } from './fake.ts';
import whole from './openapi.json' with { type: 'json' };
import { ROUTES } from './routes.ts';

let github: FakeGitHub;
let client: Client;

beforeEach(async () => {
  github = await startGitHub();
  const repository = await github.repository('acme/shop', { Dockerfile: 'a\n' });
  await github.commit(repository, 'topic', { Dockerfile: 'b\n' });
  github.pull(repository, { head: 'topic', by: 'ann' });
  client = clientOf(github, github.installationToken(github.install(github.app('dfopt'), 'acme')));
});

afterEach(() => github.close());

it('the description has every path, and nothing else', () => {
  const described = Object.entries<object>(whole.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = ROUTES.map(({ method, path }) => `${method} ${path}`);
  expect(described.sort()).toEqual(served.filter((own) => own !== 'POST /graphql').sort());
});

it.each([
  ['a field of another type', 'POST /repos/acme/shop/issues/1/comments', { body: 1 }],
  ['a field that is missing', 'POST /repos/acme/shop/issues/1/comments', {}],
  ['a field that is unknown', 'POST /repos/acme/shop/issues/1/comments', { body: 'a', text: 'a' }],
  [
    'a field inside that is unknown',
    'POST /repos/acme/shop/pulls/1/reviews',
    {
      event: 'COMMENT',
      comments: [{ path: 'Dockerfile', body: 'a', lines: 1 }],
    },
  ],
  ['another word', 'POST /repos/acme/shop/pulls/1/reviews', { event: 'comment', body: 'a' }],
  ['a query that is unknown', 'GET /repos/acme/shop/pulls/1/files?perPage=100', undefined],
  ['a query of another type', 'GET /repos/acme/shop/pulls/1/files?per_page=all', undefined],
  ['no body where one is needed', 'POST /repos/acme/shop/issues/1/comments', undefined],
])('%s is malformed', async (_, request, body) => {
  const answer = await client(request, body);
  expect(answer.status).toBe(422);
  const told = github.forgive();
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^(GET|POST) \/repos\/\{owner\}/);
});

it('a path that the fake does not serve is told', async () => {
  expect((await client('GET /repos/acme/shop/nothing')).status).toBe(404);
  expect(github.forgive()).toEqual(['GET /repos/acme/shop/nothing: the fake has no such path']);
});

it('a query that the fake does not heed is told', async () => {
  const path = '/repos/acme/shop/pulls/1/comments?since=2026-01-01T00:00:00Z';
  expect((await client(`GET ${path}`)).status).toBe(200);
  expect(github.forgive()).toEqual([
    'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments: the fake does not heed ?since',
  ]);
});

it('what was told makes closing fail', async () => {
  const other = await startGitHub();
  await clientOf(other)('GET /nothing');
  await expect(other.close()).rejects.toThrow('GET /nothing');
});

it('no JSON is no request', async () => {
  const token = [...github.world.tokens.keys()].at(-1)!;
  const response = await fetch(`${github.url}/repos/acme/shop/issues/1/comments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: '{',
  });
  expect(response.status).toBe(400);
});
