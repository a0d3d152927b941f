/** What strangers try: by the files of a pull request, by its configuration, by commands. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Repository } from '../github/fake.ts';
import type { FileChange } from '../github/objects.ts';
import { BASE, HEAD, startHandling, type Handling } from './handling.ts';

let bot: Handling;

afterEach(() => bot.close());

async function fork(
  base: Readonly<Record<string, FileChange>>,
  head: Readonly<Record<string, FileChange>>,
) {
  const repository = await bot.fake.repository('acme/shop', base);
  const from = await bot.fake.fork(repository, 'eve');
  await bot.fake.commit(from, 'topic', head, { by: 'eve' });
  const pull = bot.fake.pull(repository, { head: 'topic', from, by: 'eve' });
  return { repository, from, pull };
}

const said = (pull: {
  readonly issue: { readonly comments: ReadonlyMap<number, { body: string }> };
}): string => [...pull.issue.comments.values()].map(({ body }) => body).join('\n');

/** As people read it. */
const checkOf = (repository: Repository): string =>
  [...repository.checks.values()]
    .map(({ summary }) => summary)
    .join('\n')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('\u200b', '');

describe('configuration', () => {
  const QUIET = '{"ignore": ["*"]}';

  it.each(['dfopt.config.json', '.dfoptrc', 'dfopt.config.js', 'package.json'])(
    'in the head of a fork (%s) counts nothing',
    async (name) => {
      bot = await startHandling();
      const text =
        name === 'package.json'
          ? `{"dfopt": ${QUIET}}`
          : name.endsWith('.js')
            ? 'process.exit()'
            : QUIET;
      const { pull } = await fork({ Dockerfile: BASE }, { Dockerfile: HEAD, [name]: text });
      await bot.work();
      expect(pull.reviewComments.size).toBeGreaterThan(0);
    },
  );

  it('in the base counts, whatever the head says', async () => {
    bot = await startHandling();
    const { pull } = await fork(
      { Dockerfile: BASE, 'dfopt.config.json': '{"skip": ["remove-package-lists"]}' },
      { Dockerfile: HEAD, 'dfopt.config.json': '{"level": "aggressive"}' },
    );
    await bot.work();
    const suggested = [...pull.reviewComments.values()].map(({ body }) => body).join('\n');
    expect(suggested).toContain('--no-install-recommends');
    expect(suggested).not.toContain('rm -rf /var/lib/apt/lists');
  });

  it('that ignores a file leaves it alone', async () => {
    bot = await startHandling();
    const { pull } = await fork(
      { Dockerfile: BASE, '.dfoptrc.yaml': 'ignore:\n  - Dockerfile\n' },
      { Dockerfile: HEAD },
    );
    await bot.work();
    expect(pull.reviewComments.size + pull.issue.comments.size).toBe(0);
  });

  it.each([
    ['code', { 'dfopt.config.js': 'export default {};\n' }, 'is code, which the bot does not run'],
    ['no JSON', { 'dfopt.config.json': '{"level": }' }, 'dfopt.config.json is no JSON'],
    ['wrong', { 'dfopt.config.json': '{"level": "standart"}' }, 'did you mean'],
    ['a way out', { 'dfopt.config.json': '{"images": "../../etc/rows.json"}' }, 'there is no file'],
    [
      'a link',
      { 'dfopt.config.json': { content: '/etc/passwd', mode: '120000' } },
      'is not a regular file',
    ],
  ] as const)('in the base that is %s is said, and nothing is done', async (_, files, message) => {
    bot = await startHandling();
    const { repository, pull } = await fork({ Dockerfile: BASE, ...files }, { Dockerfile: HEAD });
    await bot.work();
    expect(pull.reviewComments.size).toBe(0);
    expect(checkOf(repository)).toContain(message);
  });
});

describe('files', () => {
  it('of ten megabytes are said and skipped, without being asked for', async () => {
    bot = await startHandling();
    const large = `${HEAD}${'# a comment line\n'.repeat(620_000)}`;
    const { repository, pull } = await fork(
      { Dockerfile: BASE },
      { Dockerfile: large, 'small/Dockerfile': HEAD },
    );
    await bot.work();
    expect(checkOf(repository)).toContain('is larger than 1 MiB');
    const paths = new Set([...pull.reviewComments.values()].map(({ path }) => path));
    expect([...paths]).toEqual(['small/Dockerfile']);
    const blobs = bot.fake.requests.filter(({ route }) => route?.includes('/git/blobs'));
    expect(blobs).toHaveLength(1);
  });

  it('that would keep the bot busy for hours are said and skipped', async () => {
    bot = await startHandling();
    const run = 'RUN apt-get update && apt-get install -y curl\n';
    const small = `FROM node:22\n${run.repeat(150)}`;
    const { repository, pull } = await fork(
      { Dockerfile: BASE },
      {
        'a/Dockerfile': `FROM node:22\n${run.repeat(1000)}`,
        'b/Dockerfile': `FROM node:22\nRUN ${'apt-get update && '.repeat(3000)}true\n`,
        'c/Dockerfile': small,
        'd/Dockerfile': small,
        'e/Dockerfile': small,
      },
    );
    await bot.work();
    const text = checkOf(repository);
    expect(text).toContain('is longer than 32 KiB');
    expect(text).toContain('too many instructions for one look');
    expect(new Set([...pull.reviewComments.values()].map(({ path }) => path))).toEqual(
      new Set(['c/Dockerfile', 'd/Dockerfile']),
    );
  });

  it.each([
    ['binary', new Uint8Array([70, 82, 0, 1, 2])],
    ['no UTF-8', new Uint8Array([70, 82, 0xff, 0xfe, 10])],
    ['a link', { content: '/etc/passwd', mode: '120000' }],
  ] as const)('that are %s are said and skipped', async (_, change) => {
    bot = await startHandling();
    const { pull } = await fork({ Dockerfile: BASE }, { Dockerfile: change });
    await bot.work();
    expect(pull.reviewComments.size).toBe(0);
    expect(bot.fake.refusals()).toEqual([]);
  });

  it.each([
    '../Dockerfile',
    'a/../../Dockerfile',
    '/etc/Dockerfile',
    './Dockerfile',
    'a//Dockerfile',
    '..',
  ])('at %s are not even looked for', async (path) => {
    bot = await startHandling();
    const { pull } = await fork({ Dockerfile: BASE }, { 'other.txt': 'x' });
    const [delivery] = (await bot.pending()).filter(({ event }) => event === 'pull_request');
    bot.fake.forget();
    await bot.handle(delivery!, {}, (github) => ({
      ...github,
      pullFiles: () =>
        Promise.resolve([{ path, status: 'added', patch: '@@ -0,0 +1 @@\n+FROM x' }]),
    }));
    expect(pull.reviewComments.size + pull.issue.comments.size).toBe(0);
    expect(bot.fake.requests.filter(({ route }) => route?.includes('/git/'))).toEqual([]);
  });

  it('in a tree that GitHub cuts off are found all the same', async () => {
    bot = await startHandling({}, { limits: { treeEntries: 40 } });
    const many: Record<string, string> = {};
    for (let count = 0; count < 200; count++) many[`a/${count}/${count}.txt`] = `${count}`;
    const { pull } = await fork(
      { ...many, 'z/Dockerfile': BASE, 'z/index.js': '1' },
      { 'z/Dockerfile': HEAD },
    );
    await bot.work();
    expect(pull.reviewComments.size).toBeGreaterThan(0);
    expect(
      bot.fake.requests.filter(({ route }) => route?.includes('/git/trees')).length,
    ).toBeLessThan(20);
  });

  it('cannot forge a comment of the bot', async () => {
    bot = await startHandling();
    const { pull } = await fork({ Dockerfile: BASE }, { Dockerfile: HEAD });
    await bot.work();
    const [own] = [...pull.reviewComments.values()];
    const copies = pull.reviewComments.size;
    // A stranger copies a comment of the bot, marker and all, on a second pull request.
    const second = await (async () => {
      const { repository } = pull;
      await bot.fake.commit(repository, 'again', { Dockerfile: HEAD });
      return bot.fake.pull(repository, { head: 'again', by: 'ann' });
    })();
    bot.fake.comment(second, 'eve', own!.body);
    bot.fake.comment(second, 'eve', said(pull));
    await bot.work();
    expect(second.reviewComments.size).toBe(copies);
    const authors = [...second.issue.comments.values()].map(({ author }) => author.login);
    expect(authors.filter((login) => login === 'dfopt[bot]').length).toBe(pull.issue.comments.size);
  });
});

describe('commands', () => {
  const commanded = async (by: string, body: string, role?: 'write' | 'triage' | 'read') => {
    bot = await startHandling();
    const { repository, pull } = await fork({ Dockerfile: BASE }, { Dockerfile: HEAD });
    if (role) bot.fake.role(repository, by, role);
    await bot.work();
    const lines = [...pull.reviewComments.values()].map((each) => each.body);
    const comment = bot.fake.comment(pull, by, body);
    bot.fake.forget();
    await bot.work();
    return { repository, pull, lines, comment };
  };

  it.each([
    ['the author, an outsider', 'eve', undefined],
    ['somebody who may read', 'rea', 'read'],
    ['somebody who may triage', 'tri', 'triage'],
  ] as const)('of %s change nothing and are not answered', async (_, by, role) => {
    const { pull, lines } = await commanded(by, '/dfopt ignore remove-package-lists', role);
    expect(bot.writes()).toEqual([]);
    expect([...pull.reviewComments.values()].map((each) => each.body)).toEqual(lines);
    // Also later it counts nothing.
    await bot.fake.commit(pull.headRepository, 'topic', { 'new.txt': 'x' }, { by: 'eve' });
    await bot.work();
    expect([...pull.reviewComments.values()].map((each) => each.body)).toEqual(lines);
  });

  it('of whoever may write are obeyed, answered by a thumb, and hold for later pushes', async () => {
    const { pull, lines, comment } = await commanded(
      'wri',
      '/dfopt ignore remove-package-lists',
      'write',
    );
    const now = [...pull.reviewComments.values()].map((each) => each.body);
    expect(now).not.toEqual(lines);
    expect(JSON.stringify([...comment.reactions.values()].flat())).toContain('+1');
    await bot.fake.commit(pull.headRepository, 'topic', { 'new.txt': 'x' }, { by: 'eve' });
    bot.fake.forget();
    await bot.work();
    expect([...pull.reviewComments.values()].map((each) => each.body)).toEqual(now);
  });

  it('that are wrong are explained once', async () => {
    const { pull } = await commanded('wri', '/dfopt ignore remove-package-list', 'write');
    expect(said(pull)).toContain('remove-package-lists');
    const [delivery] = await (async () => {
      bot.fake.comment(pull, 'wri', '/dfopt dance @everyone');
      return (await bot.pending()).filter(({ event }) => event === 'issue_comment');
    })();
    await bot.handle(delivery!);
    const before = pull.issue.comments.size;
    await bot.handle(delivery!);
    expect(pull.issue.comments.size).toBe(before);
    expect(
      said(pull)
        .split('\n')
        .filter((line) => line.includes('is no command'))
        .join(),
    ).not.toContain('@everyone');
  });
});
