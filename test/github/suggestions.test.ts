/** Suggestions, accepted as GitHub does it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf, type Client } from './client.ts';
import {
  type FakeGitHub,
  type FileChange,
  type Pull,
  type Repository,
  startGitHub,
} from './fake.ts';
import { suggestionOf } from './suggestions.ts';

let github: FakeGitHub;
let repository: Repository;
let client: Client;
let count = 0;

beforeAll(async () => {
  github = await startGitHub();
  repository = await github.repository('acme/shop', { Dockerfile: 'a\n' });
  client = clientOf(github, github.installationToken(github.install(github.app('dfopt'), 'acme')));
});

afterAll(() => github.close());

const opened = async (files: Readonly<Record<string, FileChange>>): Promise<Pull> => {
  const head = `topic-${++count}`;
  await github.commit(repository, head, files);
  return github.pull(repository, { head, by: 'ann' });
};

const suggest = async (
  pull: Pull,
  comments: readonly { path: string; line: number; start_line?: number; to: string }[],
): Promise<readonly number[]> => {
  const known = new Set(pull.reviewComments.keys());
  const answer = await client(`POST /repos/acme/shop/pulls/${pull.number}/reviews`, {
    event: 'COMMENT',
    commit_id: pull.headSha,
    comments: comments.map(({ to, ...place }) => ({
      ...place,
      side: 'RIGHT',
      ...(place.start_line === undefined ? {} : { start_side: 'RIGHT' }),
      body: `Why\n\n\`\`\`suggestion\n${to}\`\`\`\n`,
    })),
  });
  expect(answer.status, answer.text).toBe(200);
  return [...pull.reviewComments.keys()].filter((id) => !known.has(id));
};

describe('a body', () => {
  it.each([
    ['```suggestion\na\nb\n```', ['a', 'b']],
    ['text\n\n````suggestion\n```\na\n```\n````\nmore', ['```', 'a', '```']],
    ['~~~ suggestion\na\n~~~', ['a']],
    ['```suggestion\n```', []],
    ['```suggestion\n\n```', ['']],
    ['```suggestion\na', ['a']],
    ['```dockerfile\n```suggestion\nx\n```', undefined],
    ['```suggestions\na\n```', undefined],
    ['no fence', undefined],
  ])('%j has %j', (body, lines) => {
    expect(suggestionOf(body)).toEqual(lines);
  });
});

it('several are one commit, and their threads are resolved', async () => {
  const pull = await opened({ Dockerfile: 'one\ntwo\nthree\nfour\nfive\n', other: 'x\ny\n' });
  await suggest(pull, [
    { path: 'Dockerfile', line: 5, to: 'FIVE\nFIVE AND A HALF\n' },
    { path: 'Dockerfile', start_line: 1, line: 2, to: 'ONE\n' },
    { path: 'Dockerfile', line: 4, to: '' },
    { path: 'other', line: 1, to: 'x\nz\n' },
  ]);
  const before = pull.headSha;
  const head = await github.accept(pull, { by: 'bob' });
  expect(pull.headSha).toBe(head);
  expect(repository.objects.commit(head)?.parents).toEqual([before]);
  expect(github.read(repository, head, 'Dockerfile')).toBe('ONE\nthree\nFIVE\nFIVE AND A HALF\n');
  expect(github.read(repository, head, 'other')).toBe('x\nz\ny\n');
  expect([...pull.threads.values()].map((own) => own.resolvedBy?.login)).toEqual(
    Array(4).fill('bob'),
  );
  expect(await github.accept(pull), 'nothing is left').toBe(head);
});

it("bytes that are not the suggestion's stay: no final newline, CRLF, no UTF-8", async () => {
  const pull = await opened({
    Dockerfile: Buffer.concat([Buffer.from('one\r\ntwo\r\n'), Buffer.from([0xff, 0x0a, 0x61])]),
  });
  await suggest(pull, [{ path: 'Dockerfile', line: 1, to: 'ünö\r\n' }]);
  const head = await github.accept(pull);
  const row = repository.objects.files(repository.objects.commit(head)!.tree).get('Dockerfile')!;
  expect(repository.objects.blob(row.sha)).toEqual(
    Buffer.concat([Buffer.from('ünö\r\ntwo\r\n'), Buffer.from([0xff, 0x0a, 0x61])]),
  );
});

it('single ones are taken by their comment, where they have moved to', async () => {
  const pull = await opened({ Dockerfile: 'one\ntwo\nthree\n' });
  const [first, second] = await suggest(pull, [
    { path: 'Dockerfile', line: 1, to: 'ONE\nONE\n' },
    { path: 'Dockerfile', line: 3, to: 'THREE\n' },
  ]);
  await github.accept(pull, { only: [first!] });
  expect(pull.reviewComments.get(second!)?.thread.resolvedBy).toBeUndefined();
  const head = await github.accept(pull, { only: [second!] });
  expect(github.read(repository, head, 'Dockerfile')).toBe('ONE\nONE\ntwo\nTHREE\n');
});

it('what overlaps, is outdated or is no suggestion is refused', async () => {
  const pull = await opened({ Dockerfile: 'one\ntwo\nthree\n' });
  const ids = await suggest(pull, [
    { path: 'Dockerfile', start_line: 1, line: 2, to: 'a\n' },
    { path: 'Dockerfile', line: 2, to: 'b\n' },
  ]);
  await expect(github.accept(pull)).rejects.toThrow('overlaps');
  await github.commit(repository, pull.headRef, { Dockerfile: 'one\nzwei\nthree\n' });
  await expect(github.accept(pull, { only: [ids[0]!] })).rejects.toThrow('cannot be applied');
  const head = pull.headSha;
  expect(await github.accept(pull), 'all are outdated').toBe(head);
});

it('resolved ones are left alone', async () => {
  const pull = await opened({ Dockerfile: 'one\ntwo\nthree\n' });
  const [id] = await suggest(pull, [{ path: 'Dockerfile', line: 1, to: 'ONE\n' }]);
  github.resolve(pull.reviewComments.get(id!)!, 'ann');
  expect(await github.accept(pull)).toBe(pull.headSha);
});
