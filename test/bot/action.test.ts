/** The Action as GitHub's runner starts it: the bundle, inputs and the event by the environment. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { startGitHub, type FakeGitHub, type Pull, type Repository } from '../github/fake.ts';
import { pullJson, repositoryJson } from '../github/shapes.ts';
import { BASE, HEAD } from './handling.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What runners start Actions with; where it is not at hand, this one does it. */
const NODE24 = process.env['NODE24'] || process.execPath;

if (!process.env['NODE24']) {
  console.warn(`NODE24 names no Node 24: the Action is tested under ${process.version}`);
}

interface Manifest {
  readonly runs: { readonly using: string; readonly main: string };
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly default?: string }>
  >;
}

const manifest = parseYaml(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as Manifest;

let fake: FakeGitHub;
let repository: Repository;
let folder: string;

beforeEach(async () => {
  fake = await startGitHub();
  repository = await fake.repository('acme/shop', { Dockerfile: BASE, 'index.js': '1' });
  folder = mkdtempSync(join(tmpdir(), 'dfopt-action-'));
});

afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await fake.close();
});

interface Ran {
  readonly status: number;
  readonly log: string;
  readonly summary: string;
  readonly outputs: string;
}

interface Start {
  readonly event: string;
  readonly payload: object;
  readonly token: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly more?: Readonly<Record<string, string>>;
}

/** Nothing of this process' environment comes along. */
async function run({ event, payload, token, inputs = {}, more = {} }: Start): Promise<Ran> {
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('event.json'), JSON.stringify(payload));
  writeFileSync(file('summary.md'), '');
  writeFileSync(file('outputs'), '');
  const given: Record<string, string> = {};
  for (const [name, input] of Object.entries(manifest.inputs)) {
    const value = name === 'token' ? token : (inputs[name] ?? input.default ?? '');
    given[`INPUT_${name.toUpperCase()}`] = value;
  }
  const env = {
    PATH: '/usr/bin:/bin',
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: fake.url,
    GITHUB_EVENT_NAME: event,
    GITHUB_EVENT_PATH: file('event.json'),
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_SHA: repository.refs.get('refs/heads/main')!,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_STEP_SUMMARY: file('summary.md'),
    GITHUB_OUTPUT: file('outputs'),
    ...given,
    ...more,
  };
  const { status, log } = await new Promise<Pick<Ran, 'status' | 'log'>>((resolve) => {
    const argv = [join(ROOT, manifest.runs.main)];
    execFile(NODE24, argv, { env, cwd: folder, timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 255) : 0;
      resolve({ status: code, log: stdout + stderr });
    });
  });
  // The token never stands in the log but where the runner is told to hide it.
  expect(log.replace(`::add-mask::${token}\n`, '')).not.toContain(token);
  return {
    status,
    log,
    summary: readFileSync(file('summary.md'), 'utf8'),
    outputs: readFileSync(file('outputs'), 'utf8'),
  };
}

const WRITE = {
  contents: 'write',
  pull_requests: 'write',
  checks: 'write',
  issues: 'write',
} as const;

async function pullOf(isFork: boolean, text = HEAD): Promise<Pull> {
  if (!isFork) {
    await fake.commit(repository, 'topic', { Dockerfile: text });
    return fake.pull(repository, { head: 'topic', by: 'ann' });
  }
  const from = await fake.fork(repository, 'eve');
  await fake.commit(from, 'topic', { Dockerfile: text }, { by: 'eve' });
  return fake.pull(repository, { head: 'topic', from, by: 'eve' });
}

const eventOf = (pull: Pull, action = 'opened'): object => ({
  action,
  number: pull.number,
  pull_request: pullJson(fake.world, pull),
  repository: repositoryJson(fake.world, repository),
});

const review = (pull: Pull, inputs: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  run({
    event: 'pull_request',
    payload: eventOf(pull),
    token: fake.actionToken(repository, WRITE, pull),
    inputs,
  });

const writes = (): readonly string[] =>
  fake.requests
    .filter(({ method, route }) => method !== 'GET' && !route?.includes('graphql'))
    .map(({ method, route }) => `${method} ${route ?? ''}`);

it('says what it runs on, and starts what is there', () => {
  expect(manifest.runs).toEqual({ using: 'node24', main: 'action/index.js' });
  expect(existsSync(join(ROOT, manifest.runs.main))).toBe(true);
});

describe('a pull request of the same repository', () => {
  it('gets suggestions, and a summary of the job; twice is once', async () => {
    const pull = await pullOf(false);
    const first = await review(pull);
    expect(first.log).not.toContain('::error');
    expect(first.status).toBe(0);
    expect(pull.reviewComments.size).toBeGreaterThan(0);
    const [comment] = [...pull.reviewComments.values()];
    expect(comment!.author.login).toBe('github-actions[bot]');
    expect(first.summary).toContain('remove-package-lists');
    expect(first.outputs).toContain('neutral');
    fake.forget();
    expect((await review(pull)).status).toBe(0);
    expect(writes()).toEqual([]);
  });

  it('fails where that is wanted', async () => {
    const pull = await pullOf(false);
    const { status, log } = await review(pull, { 'fail-on': 'edit', comment: 'none' });
    expect(status).toBe(1);
    expect(log).toContain('::error::');
    expect(writes()).toEqual([]);
  });

  it('gets a check run with annotations', async () => {
    const pull = await pullOf(false);
    expect((await review(pull, { comment: 'check' })).status).toBe(0);
    expect([...repository.checks.values()]).toMatchObject([{ status: 'completed' }]);
    expect(pull.reviewComments.size + pull.issue.comments.size).toBe(0);
  });

  it('is uploaded for code scanning', async () => {
    const pull = await pullOf(false);
    const token = fake.actionToken(repository, {
      contents: 'read',
      pull_requests: 'read',
      security_events: 'write',
    });
    const inputs = { comment: 'sarif' };
    const { status } = await run({ event: 'pull_request', payload: eventOf(pull), token, inputs });
    expect(status).toBe(0);
    const [upload] = [...repository.sarifs.values()];
    expect(upload).toMatchObject({ commit: pull.headSha, ref: `refs/pull/${pull.number}/head` });
    expect(JSON.stringify(upload!.sarif)).toContain('remove-package-lists');
  });

  it('is warned of where the token may not write', async () => {
    const pull = await pullOf(false);
    const token = fake.actionToken(repository, { contents: 'read', pull_requests: 'read' });
    const ran = await run({ event: 'pull_request', payload: eventOf(pull), token });
    expect(ran.status).toBe(0);
    expect(ran.log).toContain('::warning::the token may not write');
    expect(ran.summary).toContain('remove-package-lists');
  });
});

describe('a pull request of a fork', () => {
  it('is looked at, and nothing is written', async () => {
    const pull = await pullOf(true);
    const ran = await review(pull);
    expect(ran.status).toBe(0);
    expect(ran.summary).toContain('remove-package-lists');
    expect(ran.log).toContain('from a fork');
    expect(writes()).toEqual([]);
  });

  /** What the workflow that only reads would have written. */
  const handedOver = (pull: Pull, change: object = {}): string => {
    const path = join(folder, 'dfopt.json');
    const handOver = { version: 1, pull: pull.number, head: pull.headSha, ...change };
    writeFileSync(path, `${JSON.stringify(handOver)}\n`);
    return path;
  };

  const runEvent = (pull: Pull, change: object = {}): object => ({
    action: 'completed',
    workflow_run: {
      event: 'pull_request',
      head_sha: pull.headSha,
      head_branch: 'topic',
      head_repository: { full_name: 'eve/shop' },
      ...change,
    },
    repository: repositoryJson(fake.world, repository),
  });

  const takeOver = (path: string, payload: object, event = 'workflow_run'): Promise<Ran> =>
    run({
      event,
      payload,
      token: fake.actionToken(repository, WRITE),
      inputs: { 'take-over': path },
    });

  it('is handed over to a workflow that may write', async () => {
    const pull = await pullOf(true);
    const path = join(folder, 'written.json');
    expect((await review(pull, { 'hand-over': path })).status).toBe(0);
    expect(writes()).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe(readFileSync(handedOver(pull), 'utf8'));
    const ran = await takeOver(path, runEvent(pull));
    expect(ran.log).not.toContain('::error');
    expect(ran.status).toBe(0);
    expect(pull.reviewComments.size).toBeGreaterThan(0);
  });

  it('that moved on, or was closed, is left alone', async () => {
    const pull = await pullOf(true);
    const path = handedOver(pull);
    const event = runEvent(pull);
    await fake.commit(pull.headRepository, 'topic', { 'x.txt': 'x' }, { by: 'eve' });
    const moved = await takeOver(path, event);
    expect(moved.status).toBe(0);
    expect(moved.log).toContain('its head moved on');
    fake.setState(pull, 'closed', 'eve');
    expect((await takeOver(path, event)).log).toContain('it is closed');
    expect(writes()).toEqual([]);
  });

  it.each([
    ['another pull request', { pull: 2 }, 'the run was for another branch'],
    ['another commit', { head: 'f'.repeat(40) }, 'the run was for another commit'],
    ['one that is not there', { pull: 99 }, '404'],
    ['a path', { pull: '1/../../other' }, 'Invalid type'],
    ['more than is asked for', { body: 'Hello @everyone' }, 'Invalid key'],
    ['a large text', { head: 'x'.repeat(5000) }, 'larger than 1000 bytes'],
  ])('that claims to be %s is refused', async (_, change, message) => {
    const pull = await pullOf(true);
    const path = handedOver(pull, change);
    await fake.commit(repository, 'other', { Dockerfile: HEAD });
    expect(fake.pull(repository, { head: 'other', by: 'ann' }).number).toBe(2);
    const ran = await takeOver(path, runEvent(pull));
    expect(ran.status).toBe(1);
    expect(ran.log).toContain(message);
    expect(writes()).toEqual([]);
  });

  it.each([
    ['of a push', { event: 'push' }, 'not for a pull request'],
    ['of another branch', { head_branch: 'main' }, 'another branch'],
    ['of another fork', { head_repository: { full_name: 'mallory/shop' } }, 'another branch'],
  ])('in a run %s is refused', async (_, change, message) => {
    const pull = await pullOf(true);
    const path = handedOver(pull);
    const ran = await takeOver(path, runEvent(pull, change));
    expect(ran.status).toBe(1);
    expect(ran.log).toContain(message);
    expect(writes()).toEqual([]);
  });

  it('is not taken over in a run for the pull request itself', async () => {
    const pull = await pullOf(true);
    const path = handedOver(pull);
    const ran = await takeOver(path, eventOf(pull), 'pull_request');
    expect(ran.status).toBe(1);
    expect(ran.log).toContain('take-over is for workflow_run');
  });
});

describe('what is no pull request', () => {
  it('proposes on a schedule, and says what it did', async () => {
    await fake.commit(repository, 'main', { Dockerfile: HEAD });
    const token = fake.actionToken(repository, WRITE);
    const start = {
      event: 'schedule',
      payload: { schedule: '0 5 * * 1' },
      token,
      inputs: { propose: 'each' },
    };
    const ran = await run(start);
    expect(ran.log).not.toContain('::error');
    expect([...repository.pulls.values()]).toMatchObject([{ headRef: 'dfopt/Dockerfile' }]);
    expect(ran.summary).toContain('opened');
    fake.forget();
    expect((await run(start)).summary).toContain('nothing to propose');
    expect(writes()).toEqual([]);
  });

  it('obeys a command of a person with write access', async () => {
    const pull = await pullOf(false);
    await review(pull);
    const before = [...pull.reviewComments.values()].map(({ body }) => body);
    fake.role(repository, 'wri', 'write');
    const comment = fake.comment(pull, 'wri', '/dfopt ignore remove-package-lists');
    const ran = await run({
      event: 'issue_comment',
      payload: {
        action: 'created',
        issue: { number: pull.number, pull_request: {} },
        comment: { id: comment.id, body: comment.body, user: { login: 'wri' } },
        repository: repositoryJson(fake.world, repository),
      },
      token: fake.actionToken(repository, WRITE),
    });
    expect(ran.log).not.toContain('::error');
    expect([...pull.reviewComments.values()].map(({ body }) => body)).not.toEqual(before);
  });

  it('does nothing on other events', async () => {
    const token = fake.actionToken(repository, WRITE);
    const ran = await run({ event: 'release', payload: { action: 'published' }, token });
    expect(ran.status).toBe(0);
    expect(ran.log).toContain('nothing to do on release');
    expect(fake.requests).toEqual([]);
  });
});

describe('inputs that are wrong', () => {
  it.each([
    [{ comment: 'suggestion' }, 'did you mean'],
    [{ comment: 'none check' }, 'none stands alone'],
    [{ level: 'brave' }, 'level: there is no'],
    [{ 'fail-on': 'edits' }, 'did you mean'],
    [{ 'most-open': 'many' }, 'is no number'],
    [{ 'hand-over': 'a', 'take-over': 'b' }, 'two different workflows'],
  ])('%j are said', async (inputs, message) => {
    const ran = await run({ event: 'push', payload: {}, token: fake.tokenOf('acme'), inputs });
    expect(ran.status).toBe(1);
    expect(ran.log).toContain('::error::');
    expect(ran.log).toContain(message);
    expect(ran.log).not.toContain('a bug in dfopt');
  });
});
