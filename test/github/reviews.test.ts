/** Reviews on the fake: by which rules it answers 422, and what is then not there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeGitHub, type Pull, type Repository, startGitHub } from './fake.ts';

const lines = (count: number, edit: Readonly<Record<number, string>> = {}): string =>
  Array.from({ length: count }, (_, index) => edit[index + 1] ?? `line ${index + 1}`).join('\n') +
  '\n';

let github: FakeGitHub;
let repository: Repository;
let pull: Pull;
let token: string;

const post = async (path: string, body: unknown, as = token) => {
  const response = await fetch(`${github.url}/repos/acme/shop/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${as}` },
    body: JSON.stringify(body),
  });
  const json: unknown = await response.json();
  return { status: response.status, text: JSON.stringify(json), json };
};

const review = (comments: readonly unknown[], more: object = {}) =>
  post(`pulls/${pull.number}/reviews`, {
    commit_id: pull.headSha,
    event: 'COMMENT',
    comments,
    ...more,
  });

beforeAll(async () => {
  github = await startGitHub({ isAnswerChecked: true });
  repository = await github.repository('acme/shop', { Dockerfile: lines(60), other: 'x\n' });
  await github.commit(repository, 'topic', {
    Dockerfile: lines(60, { 10: 'ten', 40: 'forty' }),
  });
  pull = github.pull(repository, { head: 'topic', by: 'ann' });
  const app = github.app('dfopt');
  token = github.installationToken(github.install(app, 'acme'));
});

afterAll(() => github.close());

describe('a comment stands', () => {
  it.each([
    ['on a line that was added', { line: 10 }],
    ['on the first line of context', { line: 7 }],
    ['on the last line of context', { line: 43 }],
    ['on several lines of one hunk', { start_line: 7, line: 13 }],
    ['on the left side', { line: 10, side: 'LEFT' }],
  ])('%s', async (_, anchor) => {
    const answer = await review([{ path: 'Dockerfile', body: 'a', side: 'RIGHT', ...anchor }]);
    expect(answer.status, answer.text).toBe(200);
  });
});

describe('422 for', () => {
  it.each([
    ['a line outside of every hunk', { line: 20 }, 'line must be part of the diff'],
    ['a line after the end', { line: 61 }, 'line must be part of the diff'],
    ['lines of two hunks', { start_line: 10, line: 40 }, 'same hunk'],
    ['a start outside of the hunk', { start_line: 2, line: 10 }, 'start line must be part'],
    ['a start that is the end', { start_line: 10, line: 10 }, 'precede'],
    ['a start behind the end', { start_line: 11, line: 10 }, 'precede'],
    ['a file that is not changed', { line: 1, path: 'other' }, 'path'],
    ['no line', {}, 'line'],
    ['a body of blanks', { line: 10, body: ' ' }, 'missing_field'],
    ['a body that is too long', { line: 10, body: 'x'.repeat(65_537) }, 'too long'],
  ])('%s, and nothing of the review is kept', async (_, anchor, message) => {
    const before = pull.reviewComments.size;
    const good = { path: 'Dockerfile', body: 'good', line: 10, side: 'RIGHT' };
    const answer = await review([
      good,
      { path: 'Dockerfile', body: 'a', side: 'RIGHT', ...anchor },
    ]);
    expect(answer.status, answer.text).toBe(422);
    expect(answer.text).toContain(message);
    expect(pull.reviewComments.size).toBe(before);
  });
});
