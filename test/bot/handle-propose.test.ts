/** Pull requests of the bot's own: opened, made anew, closed, and left closed where a person closed them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BotSettings } from '../../src/bot/bot.ts';
import type { Delivery } from '../../src/bot/delivery.ts';
import { GitHubFailure, type GitHub } from '../../src/bot/github.ts';
import type { Pull, Repository } from '../github/fake.ts';
import { BASE, HEAD, startHandling, type Handling } from './handling.ts';

let bot: Handling;
let repository: Repository;

const OWN = 'dfopt/Dockerfile';

const start = async (
  files: Readonly<Record<string, string>>,
  propose: NonNullable<BotSettings['propose']> = { grouping: 'each' },
): Promise<void> => {
  bot = await startHandling({ propose });
  repository = await bot.fake.repository('acme/shop', files);
  await bot.work();
};

const pulls = (): readonly Pull[] => [...repository.pulls.values()];

const open = (): readonly Pull[] => pulls().filter(({ issue }) => issue.state === 'open');

const push = (files: Readonly<Record<string, string | null>>): Promise<string> =>
  bot.fake.commit(repository, 'main', files);

afterEach(() => bot.close());

describe('a Dockerfile that could be better', () => {
  beforeEach(() => start({ Dockerfile: HEAD, 'index.js': '1' }));

  it('is proposed on a push, once', async () => {
    expect(pulls()).toHaveLength(1);
    const [pull] = pulls();
    expect(pull).toMatchObject({ headRef: OWN, baseRef: 'main' });
    expect(pull!.issue.author.login).toBe('dfopt[bot]');
    expect(bot.fake.read(repository, OWN, 'Dockerfile')).toContain('rm -rf /var/lib/apt/lists');
    expect(bot.fake.read(repository, OWN, 'index.js')).toBe('1');
    const head = pull!.headSha;
    bot.fake.forget();
    await push({ 'index.js': '2' });
    await bot.work();
    expect(pulls()).toHaveLength(1);
    expect(pull!.headSha).toBe(head);
    expect(bot.writes()).toEqual([]);
  });

  it('is proposed anew where it changes', async () => {
    await push({ Dockerfile: HEAD.replace('curl', 'curl wget') });
    await bot.work();
    expect(pulls()).toHaveLength(1);
    expect(bot.fake.read(repository, OWN, 'Dockerfile')).toContain('wget');
    const { parents } = bot.fake.world.objects.commit(pulls()[0]!.headSha)!;
    expect(parents).toEqual([repository.refs.get('refs/heads/main')]);
  });

  it('is proposed no longer where nothing is left to do', async () => {
    await push({ Dockerfile: bot.fake.read(repository, OWN, 'Dockerfile')! });
    await bot.work();
    expect(open()).toEqual([]);
    expect(repository.refs.has(`refs/heads/${OWN}`)).toBe(false);
    expect(pulls()[0]!.issue.comments.size).toBe(1);
  });

  it('is proposed no longer where it is gone', async () => {
    await push({ Dockerfile: null });
    await bot.work();
    expect(open()).toEqual([]);
  });

  it('is not proposed again after a person closed it', async () => {
    bot.fake.setState(pulls()[0]!, 'closed', 'ann');
    await push({ Dockerfile: HEAD.replace('curl', 'curl wget') });
    await bot.work();
    expect(pulls()).toHaveLength(1);
    expect(open()).toEqual([]);
    expect(bot.told.join('\n')).toContain('a person closed #1');
  });

  it('is proposed again after the bot itself closed it', async () => {
    await push({ Dockerfile: null });
    await bot.work();
    expect(open()).toEqual([]);
    await push({ Dockerfile: HEAD });
    await bot.work();
    expect(open()).toHaveLength(1);
    expect(pulls()).toHaveLength(2);
  });

  it('is left as people changed it, until one of them asks', async () => {
    const [pull] = pulls();
    bot.fake.role(repository, 'ann', 'write');
    await bot.fake.commit(repository, OWN, { 'more.txt': 'x' }, { by: 'ann' });
    await push({ Dockerfile: HEAD.replace('curl', 'curl wget') });
    await bot.work();
    expect(bot.fake.read(repository, OWN, 'more.txt')).toBe('x');
    bot.fake.comment(pull!, 'eve', '/dfopt rebase');
    await bot.work();
    expect(bot.fake.read(repository, OWN, 'more.txt')).toBe('x');
    bot.fake.comment(pull!, 'ann', '/dfopt rebase');
    await bot.work();
    expect(bot.fake.read(repository, OWN, 'more.txt')).toBeUndefined();
    expect(bot.fake.read(repository, OWN, 'Dockerfile')).toContain('wget');
    expect(pulls()).toHaveLength(1);
  });

  it('is proposed as people ask by commands, and stays so', async () => {
    const [pull] = pulls();
    bot.fake.role(repository, 'ann', 'write');
    bot.fake.comment(pull!, 'ann', '/dfopt ignore remove-package-lists');
    await bot.work();
    const text = bot.fake.read(repository, OWN, 'Dockerfile')!;
    expect(text).not.toContain('/var/lib/apt/lists');
    expect(text).not.toBe(HEAD);
    await push({ 'index.js': '3' });
    await bot.work();
    expect(bot.fake.read(repository, OWN, 'Dockerfile')).toBe(text);
  });
});

describe('several', () => {
  const FILES = { 'a/Dockerfile': HEAD, 'b/Dockerfile': HEAD, 'c/Dockerfile': HEAD };

  it('are proposed one by one, within the limit', async () => {
    await start(FILES, { grouping: 'each', mostOpen: 2 });
    expect(open()).toHaveLength(2);
    await bot.fake.merge(open()[0]!, 'acme');
    await bot.work();
    expect(open()).toHaveLength(2);
  });

  it('are proposed together', async () => {
    await start(FILES, { grouping: 'all' });
    expect(open()).toHaveLength(1);
    const branch = open()[0]!.headRef;
    for (const path of Object.keys(FILES)) {
      expect(bot.fake.read(repository, branch, path)).toContain('rm -rf /var/lib/apt/lists');
    }
  });

  it('are not proposed where they save too little', async () => {
    await start(FILES, { grouping: 'each', leastSaved: 5_000_000_000 });
    expect(pulls()).toEqual([]);
  });
});

it('keeps who may execute a Dockerfile', async () => {
  bot = await startHandling({ propose: { grouping: 'each' } });
  repository = await bot.fake.repository('acme/shop', {
    Dockerfile: { content: HEAD, mode: '100755' },
  });
  await bot.work();
  const { objects } = bot.fake.world;
  const { tree } = objects.commit(repository.refs.get(`refs/heads/${OWN}`)!)!;
  expect(objects.files(tree).get('Dockerfile')?.mode).toBe('100755');
});

it('leaves alone what others made under its name', async () => {
  bot = await startHandling({ propose: { grouping: 'each' } });
  repository = await bot.fake.repository('acme/shop', { Dockerfile: BASE.replace('node:22', 'x') });
  await bot.fake.commit(repository, OWN, { 'own.txt': 'mine' }, { by: 'ann' });
  const theirs = bot.fake.pull(repository, { head: OWN, by: 'ann' });
  await push({ Dockerfile: HEAD });
  await bot.work();
  expect(theirs.issue.state).toBe('open');
  expect(bot.fake.read(repository, OWN, 'own.txt')).toBe('mine');
  expect(pulls()).toHaveLength(1);
});

it('makes none where nobody asked for them', async () => {
  bot = await startHandling();
  repository = await bot.fake.repository('acme/shop', { Dockerfile: HEAD });
  bot.fake.forget();
  await bot.work();
  expect(bot.fake.requests).toEqual([]);
});

it('makes none in a fork, and on no other branch', async () => {
  await start({ Dockerfile: BASE.replace('node:22', 'x') });
  const fork = await bot.fake.fork(repository, 'acme2');
  bot.fake.install(bot.app, 'acme2');
  await bot.fake.commit(fork, 'main', { Dockerfile: HEAD });
  await bot.fake.commit(repository, 'topic', { Dockerfile: HEAD });
  await bot.work();
  expect(pulls()).toEqual([]);
  expect([...fork.pulls.values()]).toEqual([]);
});

it('is finished from every point at which it can break off', async () => {
  bot = await startHandling({ propose: { grouping: 'each' } });
  repository = await bot.fake.repository('acme/shop', { Dockerfile: HEAD });
  const [delivery] = (await bot.pending()).filter(({ event }) => event === 'push');
  const tryAll = async (one: Delivery): Promise<number> => {
    for (let most = 0; ; most++) {
      let count = 0;
      const isDone = await bot
        .handle(
          one,
          {},
          (github) =>
            new Proxy(github, {
              get:
                (target, name: keyof GitHub) =>
                async (...args: never[]) => {
                  if (count > most) throw new GitHubFailure('broken', 0, 'cut off');
                  count += 1;
                  const answer: unknown = await (target[name] as (...all: never[]) => unknown)(
                    ...args,
                  );
                  if (count > most) throw new GitHubFailure('broken', 0, 'cut off');
                  return answer;
                },
            }),
        )
        .then(
          () => true,
          () => false,
        );
      if (isDone) return most;
    }
  };
  expect(await tryAll(delivery!)).toBeGreaterThan(5);
  expect(pulls()).toHaveLength(1);
  await bot.pending();
  await push({ Dockerfile: bot.fake.read(repository, OWN, 'Dockerfile')! });
  const [later] = (await bot.pending()).filter(({ event }) => event === 'push');
  await tryAll(later!);
  expect(open()).toEqual([]);
  expect(pulls()[0]!.issue.comments.size).toBe(1);
});
