/** Pull requests through the handler: what is posted, once, whatever happens in between, and for whom not. */
import { afterEach, describe, expect, it } from 'vitest';
import { Parked, RetryLater, type Delivery } from '../../src/bot/delivery.ts';
import { GitHubFailure, type GitHub } from '../../src/bot/github.ts';
import type { Pull, Repository } from '../github/fake.ts';
import { BASE, HEAD, startHandling, type Handling } from './handling.ts';

let bot: Handling;

afterEach(() => bot.close());

const FILES = { Dockerfile: BASE, 'index.js': 'console.log(1)\n' };

async function withPull(
  head: Readonly<Record<string, string>> = { Dockerfile: HEAD },
  wish: Parameters<typeof startHandling>[0] = {},
): Promise<{ repository: Repository; pull: Pull }> {
  bot = await startHandling(wish);
  const repository = await bot.fake.repository('acme/shop', FILES);
  await bot.work();
  await bot.fake.commit(repository, 'topic', head);
  const pull = bot.fake.pull(repository, { head: 'topic', by: 'ann' });
  return { repository, pull };
}

const bodies = (pull: Pull): readonly string[] => [
  ...[...pull.reviewComments.values()].map(({ body }) => body),
  ...[...pull.issue.comments.values()].map(({ body }) => body),
];

describe('a pull request', () => {
  it('is reviewed: suggestions in one review, one comment, a check', async () => {
    const { repository, pull } = await withPull();
    await bot.work();
    expect(pull.reviewComments.size).toBeGreaterThan(0);
    expect(bodies(pull).some((body) => body.includes('```suggestion'))).toBe(true);
    expect(bot.writes().filter((each) => each.endsWith('/reviews'))).toHaveLength(1);
    const checks = [...repository.checks.values()];
    expect(checks).toHaveLength(1);
    expect(checks[0]).toMatchObject({ name: 'dfopt', status: 'completed', conclusion: 'neutral' });
    expect(bot.fake.refusals()).toEqual([]);
  });

  it('is said nothing new when the same comes again', async () => {
    const { pull } = await withPull();
    const [delivery] = (await bot.work()).filter(({ event }) => event === 'pull_request');
    const before = bodies(pull);
    bot.fake.forget();
    await bot.handle(delivery!);
    expect(bot.writes()).toEqual([]);
    expect(bodies(pull)).toEqual(before);
  });

  it('has nothing more to be said once all is accepted', async () => {
    const { repository, pull } = await withPull();
    await bot.work();
    const comments = pull.reviewComments.size;
    const head = await bot.fake.accept(pull);
    expect(bot.fake.read(repository, head, 'Dockerfile')).toContain('rm -rf /var/lib/apt/lists');
    await bot.work();
    expect(pull.reviewComments.size).toBe(comments);
  });

  it.each([
    ['summary', { comments: 'summary' }, { lines: 0, comments: 1, checks: 1 }],
    ['check alone', { comments: 'none' }, { lines: 0, comments: 0, checks: 1 }],
    ['nothing', { comments: 'none', hasCheck: false }, { lines: 0, comments: 0, checks: 0 }],
  ] as const)('is told as %s', async (_, wish, { lines, comments, checks }) => {
    const { repository, pull } = await withPull({ Dockerfile: HEAD }, wish);
    await bot.work();
    expect(pull.reviewComments.size).toBe(lines);
    expect(pull.issue.comments.size).toBe(comments);
    expect(repository.checks.size).toBe(checks);
  });

  it('fails its check where that is wanted', async () => {
    const { repository } = await withPull({ Dockerfile: HEAD }, { failOn: 'edit' });
    await bot.work();
    expect([...repository.checks.values()][0]?.conclusion).toBe('failure');
  });

  it('without Dockerfiles gets a green check and not a word', async () => {
    const { repository, pull } = await withPull({ 'index.js': 'console.log(2)\n' });
    await bot.work();
    expect(bodies(pull)).toEqual([]);
    expect([...repository.checks.values()]).toMatchObject([{ conclusion: 'success' }]);
    expect(bot.fake.requests.filter(({ route }) => route?.includes('/git/'))).toEqual([]);
  });

  it('that is a draft waits until it is none', async () => {
    bot = await startHandling();
    const repository = await bot.fake.repository('acme/shop', FILES);
    await bot.fake.commit(repository, 'topic', { Dockerfile: HEAD });
    const pull = bot.fake.pull(repository, { head: 'topic', by: 'ann', isDraft: true });
    await bot.work();
    expect(bodies(pull)).toEqual([]);
    await bot.work({ hasDrafts: true });
    bot.fake.setState(pull, 'closed', 'ann');
    bot.fake.forget();
    await bot.work({ hasDrafts: true });
    expect(bot.fake.requests).toEqual([]);
  });

  it('is looked at only where the patterns say', async () => {
    const files = { Dockerfile: HEAD, 'docker/Dockerfile': HEAD };
    const { pull } = await withPull(files, { paths: ['docker/'] });
    await bot.work();
    const paths = new Set([...pull.reviewComments.values()].map(({ path }) => path));
    expect([...paths]).toEqual(['docker/Dockerfile']);
  });
});

describe('at least once', () => {
  it('from every point at which it can break off: nothing is lost, nothing is there twice', async () => {
    const { pull } = await withPull();
    const [delivery] = (await bot.pending()).filter(({ event }) => event === 'pull_request');
    const breakAfter = (most: number) => {
      let count = 0;
      // The last request is done, and its answer never comes.
      return (github: GitHub): GitHub =>
        new Proxy(github, {
          get:
            (target, name: keyof GitHub) =>
            async (...args: never[]) => {
              if (count > most) throw new GitHubFailure('broken', 0, 'cut off');
              count += 1;
              const answer: unknown = await (target[name] as (...all: never[]) => unknown)(...args);
              if (count > most) throw new GitHubFailure('broken', 0, 'cut off');
              return answer;
            },
        });
    };
    let isDone = false;
    let tries = 0;
    for (let most = 0; !isDone; most++) {
      tries += 1;
      // oxlint-disable-next-line no-await-in-loop
      isDone = await bot.handle(delivery!, {}, breakAfter(most)).then(
        () => true,
        () => false,
      );
    }
    expect(tries).toBeGreaterThan(10);
    const found = bodies(pull);
    expect(new Set(found).size).toBe(found.length);
    expect([...pull.issue.comments.values()].length).toBeLessThanOrEqual(1);
    const repeated = [...pull.repository.checks.values()].filter(
      ({ status }) => status !== 'completed',
    );
    expect(repeated).toEqual([]);
    bot.fake.forget();
    await bot.handle(delivery!);
    expect(bot.writes()).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5])('with a GitHub that fails at random (seed %i)', async (seed) => {
    const { pull } = await withPull();
    const [delivery] = (await bot.pending()).filter(({ event }) => event === 'pull_request');
    bot.fake.trouble({ failBefore: 0.15, failAfter: 0.15, statuses: [500, 502, 0], seed });
    let isDone = false;
    for (let tries = 0; tries < 60 && !isDone; tries++) {
      // oxlint-disable-next-line no-await-in-loop
      isDone = await bot.handle(delivery!).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ kind: 'broken' });
          return false;
        },
      );
    }
    expect(isDone).toBe(true);
    bot.fake.trouble({});
    const found = bodies(pull);
    expect(new Set(found).size).toBe(found.length);
    expect([...pull.repository.checks.values()]).toMatchObject([{ status: 'completed' }]);
  });

  it.each([
    ['by a commit', false],
    ['by force', true],
  ])('posts nothing on a head that moved on in between, %s', async (_, isForced) => {
    const { repository, pull } = await withPull();
    const [delivery] = (await bot.pending()).filter(({ event }) => event === 'pull_request');
    let isMoved = false;
    await bot.handle(delivery!, {}, (github) => ({
      ...github,
      reviews: async (...args) => {
        if (!isMoved) {
          isMoved = true;
          await bot.fake.commit(repository, 'topic', { Dockerfile: BASE }, { isForced });
        }
        return github.reviews(...args);
      },
    }));
    expect(pull.reviewComments.size).toBe(0);
    expect(bot.told.join()).toContain('the head moved on');
  });
});

describe('what the queue is told', () => {
  const failing = async (failure: GitHubFailure): Promise<unknown> => {
    await withPull();
    const [delivery] = (await bot.pending()).filter(({ event }) => event === 'pull_request');
    return bot
      .handle(delivery!, {}, (github) => ({ ...github, pull: () => Promise.reject(failure) }))
      .catch((error: unknown) => error);
  };

  it('of a limit: when to come back', async () => {
    const error = await failing(new GitHubFailure('limited', 429, 'slow', { retryAfter: 5000 }));
    expect(error).toBeInstanceOf(RetryLater);
    expect(error).toMatchObject({ afterMs: 5000 });
  });

  it.each(['forbidden', 'missing', 'refused'] as const)(
    'of what is %s: that a person should look',
    async (kind) => {
      expect(await failing(new GitHubFailure(kind, 403, 'no'))).toBeInstanceOf(Parked);
    },
  );

  it('of 5xx: to try again', async () => {
    expect(await failing(new GitHubFailure('broken', 502, 'no'))).toMatchObject({ kind: 'broken' });
  });
});

it('does nothing, and asks nothing, for what is none of its business', async () => {
  bot = await startHandling();
  const repository = await bot.fake.repository('acme/shop', FILES);
  await bot.fake.commit(repository, 'topic', { Dockerfile: HEAD });
  const pull = bot.fake.pull(repository, { head: 'topic', by: 'ann' });
  bot.fake.comment(pull, 'ann', 'What a pity that /dfopt is not at the beginning.');
  const all = await bot.pending();
  const others = all.filter(({ event }) => event !== 'pull_request');
  expect(others.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['installation', 'push', 'issue_comment']),
  );
  bot.fake.forget();
  const made = (event: string, action: string, payload: object): Delivery => ({
    ...all.find((each) => each.event === 'pull_request')!,
    event,
    action,
    payload,
  });
  const strange = [
    made('pull_request', 'edited', { pull_request: { number: 1 }, changes: { title: {} } }),
    made('pull_request', 'labeled', { pull_request: { number: 1 } }),
    made('pull_request', 'opened', { pull_request: { number: '1/../../x' } }),
    made('pull_request', 'opened', {}),
    made('issue_comment', 'created', {
      issue: { number: 1 },
      comment: { id: 1, body: '/dfopt rebase', user: { login: 'acme' } },
    }),
    made('installation_repositories', 'added', {}),
    { ...made('push', '', {}), repository: '../x' },
  ];
  for (const delivery of [...others, ...strange]) {
    // oxlint-disable-next-line no-await-in-loop
    await bot.handle(delivery);
  }
  expect(bot.fake.requests).toEqual([]);
});
