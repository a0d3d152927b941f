/** Limits and troubles of the fake. */
import { afterEach, expect, it } from 'vitest';
import { clientOf, type Client } from './client.ts';
import { type FakeGitHub, type FakeOptions, type Pull, startGitHub } from './fake.ts';

let github: FakeGitHub;
let now = 1_800_000_000_000;

const start = async (options: FakeOptions): Promise<{ client: Client; pull: Pull }> => {
  github = await startGitHub({ isAnswerChecked: true, now: () => now, ...options });
  const repository = await github.repository('acme/shop', { Dockerfile: 'a\n' });
  await github.commit(repository, 'topic', { Dockerfile: 'b\n' });
  const pull = github.pull(repository, { head: 'topic', by: 'ann' });
  const token = github.installationToken(github.install(github.app('dfopt'), 'acme'));
  return { client: clientOf(github, token), pull };
};

afterEach(() => github.close());

const comment = (client: Client) =>
  client('POST /repos/acme/shop/issues/1/comments', { body: 'a' });

it('over the primary limit it says 403 until the hour is over', async () => {
  const { client } = await start({ limits: { primary: 2 } });
  const first = await client('GET /repos/acme/shop');
  expect(first.headers.get('x-ratelimit-remaining')).toBe('1');
  expect((await client('GET /repos/acme/shop')).status).toBe(200);
  const refused = await client('GET /repos/acme/shop');
  expect(refused.status).toBe(403);
  expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
  expect(refused.text).toContain('API rate limit exceeded');
  now = Number(refused.headers.get('x-ratelimit-reset')) * 1000;
  github.forget();
  // The token lives as long as the limit.
  const fresh = github.installationToken([...github.world.installations.values()][0]!);
  expect((await clientOf(github, fresh)('GET /repos/acme/shop')).status).toBe(200);
});

it.each([403, 429] as const)(
  'over the limit of content it says %i and when to come back, and reads go on',
  async (secondaryStatus) => {
    const { client, pull } = await start({
      limits: { contentPerMinute: 2, contentPerHour: 3, retryAfter: 7, secondaryStatus },
    });
    expect((await comment(client)).status).toBe(201);
    expect((await comment(client)).status).toBe(201);
    const refused = await comment(client);
    expect(refused.status).toBe(secondaryStatus);
    expect(refused.headers.get('retry-after')).toBe('7');
    expect(refused.text).toContain('secondary rate limit');
    expect((await client('GET /repos/acme/shop')).status).toBe(200);
    now += 60_001;
    expect((await comment(client)).status).toBe(201);
    expect((await comment(client)).status).toBe(secondaryStatus);
    now += 60_001;
    expect((await comment(client)).status, 'the hour is full').toBe(secondaryStatus);
    expect(pull.issue.comments.size).toBe(3);
  },
);

it('fails before, and then nothing was done', async () => {
  const { client, pull } = await start({});
  github.trouble({ failBefore: 1, statuses: [502] });
  expect((await comment(client)).status).toBe(502);
  expect(pull.issue.comments.size).toBe(0);
});

it('fails after, and then it was done', async () => {
  const { client, pull } = await start({});
  github.trouble({ failAfter: 1, statuses: [500] });
  expect((await comment(client)).status).toBe(500);
  expect(pull.issue.comments.size).toBe(1);
});

it('fails only where it was told, and so often', async () => {
  const { client, pull } = await start({});
  github.trouble({ failAfter: 1, statuses: [502], only: /^POST .*comments$/, times: 2 });
  expect((await client('GET /repos/acme/shop')).status).toBe(200);
  expect((await comment(client)).status).toBe(502);
  expect((await comment(client)).status).toBe(502);
  expect((await comment(client)).status).toBe(201);
  expect(pull.issue.comments.size).toBe(3);
});

it('cuts the connection', async () => {
  const { client } = await start({});
  github.trouble({ failBefore: 1, statuses: [0] });
  await expect(comment(client)).rejects.toThrow('fetch failed');
  expect(github.requests.at(-1)?.status).toBe(0);
});

it('fails about as often as it was told, the same way with the same seed', async () => {
  const { client } = await start({});
  const round = async (): Promise<readonly number[]> => {
    github.trouble({ failBefore: 0.2, seed: 7, statuses: [503] });
    github.forget();
    for (let i = 0; i < 100; i++) await client('GET /repos/acme/shop');
    return github.requests.map(({ status }) => status);
  };
  const first = await round();
  expect(await round()).toEqual(first);
  const failed = first.filter((status) => status === 503).length;
  expect(failed).toBeGreaterThan(10);
  expect(failed).toBeLessThan(30);
});

it('does what a client asked that did not wait for the answer', async () => {
  const { pull } = await start({ trouble: { delay: 200, seed: 3 } });
  const url = `${github.url}/repos/acme/shop/issues/1/comments`;
  const token = [...github.world.tokens.keys()].at(-1)!;
  await expect(
    fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ body: 'late' }),
      signal: AbortSignal.timeout(5),
    }),
  ).rejects.toThrow('timeout');
  await expect.poll(() => pull.issue.comments.size, { timeout: 10_000 }).toBe(1);
});
