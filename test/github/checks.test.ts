/** Check runs and SARIF on the fake, and what it refuses of them. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, clientOf, type Client } from './client.ts';
import { type FakeGitHub, type Repository, startGitHub } from './fake.ts';

const REPO = '/repos/acme/shop';

let github: FakeGitHub;
let repository: Repository;
let client: Client;
let head: string;

const note = {
  path: 'Dockerfile',
  start_line: 1,
  end_line: 1,
  annotation_level: 'notice',
  message: 'a',
};

const notes = (count: number) => Array.from({ length: count }, () => note);

beforeAll(async () => {
  github = await startGitHub({ isAnswerChecked: true });
  repository = await github.repository('acme/shop', { Dockerfile: 'FROM node\n' });
  head = repository.refs.get('refs/heads/main')!;
  client = clientOf(github, github.installationToken(github.install(github.app('dfopt'), 'acme')));
});

afterAll(() => github.close());

const create = (more: object = {}) =>
  client(`POST ${REPO}/check-runs`, { name: 'dfopt', head_sha: head, ...more });

describe('a check run', () => {
  it('is begun, gets annotations by and by, and is concluded', async () => {
    const made = await create({ status: 'in_progress', external_id: 'x' });
    expect(made.status, made.text).toBe(201);
    const path = `${REPO}/check-runs/${String(at(made.json, 'id'))}`;
    const output = { title: 't', summary: 's', annotations: notes(50) };
    expect((await client(`PATCH ${path}`, { output })).status).toBe(200);
    const done = await client(`PATCH ${path}`, { conclusion: 'neutral', output });
    expect(at(done.json, 'status')).toBe('completed');
    expect(at(done.json, 'output.annotations_count')).toBe(100);
    const second = await client(`GET ${path}/annotations?per_page=30&page=4`);
    expect(second.json).toHaveLength(10);
    const list = await client(`GET ${REPO}/commits/main/check-runs?check_name=dfopt`);
    expect(at(list.json, 'total_count')).toBe(1);
    expect(at(list.json, 'check_runs.0.external_id')).toBe('x');
  });

  it('of the same name hides older ones', async () => {
    await create({ name: 'twice', external_id: '1' });
    await create({ name: 'twice', external_id: '2' });
    const path = `GET ${REPO}/commits/${head}/check-runs?check_name=twice`;
    const latest = await client(path);
    expect(at(latest.json, 'total_count')).toBe(1);
    expect(at(latest.json, 'check_runs.0.external_id')).toBe('2');
    expect(at((await client(`${path}&filter=all`)).json, 'total_count')).toBe(2);
  });

  it.each([
    ['a commit that is not there', { head_sha: '1'.repeat(40) }],
    ['completed without a conclusion', { status: 'completed' }],
    [
      'an annotation that ends before it begins',
      { output: { title: 't', summary: 's', annotations: [{ ...note, start_line: 2 }] } },
    ],
    [
      'columns over several lines',
      {
        output: {
          title: 't',
          summary: 's',
          annotations: [{ ...note, end_line: 2, start_column: 1 }],
        },
      },
    ],
    [
      'a title of an annotation that is too long',
      { output: { title: 't', summary: 's', annotations: [{ ...note, title: 'x'.repeat(256) }] } },
    ],
  ])('is refused with %s', async (_, wrong) => {
    expect((await create(wrong)).status).toBe(422);
    expect(github.violations).toEqual([]);
  });

  it.each([
    ['51 annotations', { output: { title: 't', summary: 's', annotations: notes(51) } }],
    ['a summary of 65,536 characters', { output: { title: 't', summary: 'x'.repeat(65_536) } }],
    ['no summary', { output: { title: 't' } }],
    ['a conclusion of its own', { conclusion: 'great' }],
  ])('is refused with %s, and the request is malformed', async (_, wrong) => {
    expect((await create(wrong)).status).toBe(422);
    expect(github.forgive().length).toBeGreaterThan(0);
  });

  it('of another App is not changed', async () => {
    const made = await create();
    const other = github.install(github.app('other'), 'acme');
    const foreign = clientOf(github, github.installationToken(other));
    const path = `PATCH ${REPO}/check-runs/${String(at(made.json, 'id'))}`;
    expect((await foreign(path, { name: 'mine' })).status).toBe(403);
    expect((await client(`PATCH ${REPO}/check-runs/1`, { name: 'a' })).status).toBe(404);
  });
});

describe('SARIF', () => {
  const log = (more: object = {}) => ({
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'dfopt' } }, results: [] }],
    ...more,
  });
  const upload = (sarif: string, commit = head) =>
    client(`POST ${REPO}/code-scanning/sarifs`, {
      commit_sha: commit,
      ref: 'refs/heads/main',
      sarif,
    });
  const packed = (value: unknown): string => gzipSync(JSON.stringify(value)).toString('base64');

  it('is kept', async () => {
    const answer = await upload(packed(log()));
    expect(answer.status, answer.text).toBe(202);
    const id = String(at(answer.json, 'id'));
    expect(repository.sarifs.get(id)?.sarif).toEqual(log());
    const status = await client(`GET ${REPO}/code-scanning/sarifs/${id}`);
    expect(at(status.json, 'processing_status')).toBe('complete');
    expect((await client(`GET ${REPO}/code-scanning/sarifs/none`)).status).toBe(404);
  });

  const fix = { fixes: [{ artifactChanges: [] }] };
  it.each([
    ['no gzip', 'YQ==', 400],
    ['another version', packed(log({ version: '2.0.0' })), 400],
    ['a run without a tool', packed(log({ runs: [{}] })), 400],
    [
      'a fix that changes nothing',
      packed(log({ runs: [{ tool: { driver: { name: 'a' } }, results: [fix] }] })),
      400,
    ],
  ])('is refused with %s', async (_, sarif, status) => {
    expect((await upload(sarif)).status).toBe(status);
  });

  it('is refused for a commit that is not there', async () => {
    expect((await upload(packed(log()), '1'.repeat(40))).status).toBe(404);
  });
});
