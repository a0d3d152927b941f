/** The workflows in examples/: do they say what the Action knows, and are their permissions enough, and no more? */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { runAction } from '../../src/bot/action-run.ts';
import { handOverText } from '../../src/bot/hand-over.ts';
import { startGitHub, type FakeGitHub, type Permissions, type Repository } from '../github/fake.ts';
import { BASE, HEAD } from './handling.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = join(ROOT, 'examples', 'action');
const FILES = readdirSync(EXAMPLES).toSorted();

interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, { readonly workflows?: readonly string[] } | null>>;
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly steps: readonly {
          readonly uses?: string;
          readonly run?: string;
          readonly with?: Readonly<Record<string, string | number | boolean>>;
        }[];
      }
    >
  >;
}

const workflowOf = (file: string): Workflow =>
  parseYaml(readFileSync(join(EXAMPLES, file), 'utf8')) as Workflow;

const stepsOf = (workflow: Workflow) => Object.values(workflow.jobs).flatMap(({ steps }) => steps);

const ownStep = (workflow: Workflow) =>
  stepsOf(workflow).find(({ uses }) => uses?.startsWith('OWNER/dfopt@'))!;

const manifest = parseYaml(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
};

describe.each(FILES)('%s', (file) => {
  const workflow = workflowOf(file);

  it('uses the Action with inputs that it has', () => {
    const known = Object.keys(manifest.inputs);
    for (const name of Object.keys(ownStep(workflow).with ?? {})) expect(known).toContain(name);
  });

  it('checks nothing out and runs nothing', () => {
    for (const { uses = '', run } of stepsOf(workflow)) {
      expect(run).toBeUndefined();
      expect(uses).not.toContain('checkout');
    }
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target');
  });

  it('says its permissions, and has no right to write beside the code of strangers', () => {
    expect(workflow.permissions).toBeDefined();
    if (file === 'review-forks.yml') {
      expect(Object.values(workflow.permissions)).not.toContain('write');
    }
  });
});

it('the second half follows the first', () => {
  const { on } = workflowOf('post-forks.yml');
  expect(on['workflow_run']?.workflows).toEqual([workflowOf('review-forks.yml').name]);
});

describe('with the token that GitHub would give it', () => {
  let fake: FakeGitHub;
  let repository: Repository;
  let folder: string;

  beforeEach(async () => {
    fake = await startGitHub();
    repository = await fake.repository('acme/shop', { Dockerfile: BASE }, { isPrivate: true });
    folder = mkdtempSync(join(tmpdir(), 'dfopt-examples-'));
  });

  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    await fake.close();
  });

  const start = async (file: string, event: string, payload: object): Promise<string> => {
    const workflow = workflowOf(file);
    const given = ownStep(workflow).with ?? {};
    const path = join(folder, 'event.json');
    writeFileSync(path, JSON.stringify(payload));
    const permissions = Object.entries(workflow.permissions).map(([name, access]) => [
      name.replaceAll('-', '_'),
      access,
    ]);
    // Every token may see that the repository is there.
    const granted = { metadata: 'read', ...Object.fromEntries(permissions) } as Permissions;
    const token = fake.actionToken(repository, granted);
    const inputs = Object.entries(manifest.inputs).map(([name, { default: standard }]) => {
      const value = name === 'token' ? token : String(given[name] ?? standard);
      const isFile = name === 'hand-over' || name === 'take-over';
      return [`INPUT_${name.toUpperCase()}`, isFile && value ? join(folder, 'dfopt.json') : value];
    });
    const environment = {
      GITHUB_API_URL: fake.url,
      GITHUB_EVENT_NAME: event,
      GITHUB_EVENT_PATH: path,
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_SHA: repository.refs.get('refs/heads/main')!,
      GITHUB_REF: 'refs/heads/main',
      ...(Object.fromEntries(inputs) as Record<string, string>),
    };
    let log = '';
    const status = await runAction(environment, (text) => (log += text), {
      isPaced: false,
      retryUnit: 1,
    });
    expect(log).not.toMatch(/::(error|warning)::/);
    expect(status).toBe(0);
    return log;
  };

  const pullFrom = async (isFork: boolean) => {
    const from = isFork ? await fake.fork(repository, 'eve') : repository;
    await fake.commit(from, 'topic', { Dockerfile: HEAD });
    const pull = fake.pull(repository, { head: 'topic', from, by: 'ann' });
    return { pull, event: { action: 'opened', pull_request: { number: pull.number } } };
  };

  it('review.yml posts suggestions, and again, and when they were accepted', async () => {
    const { pull, event } = await pullFrom(false);
    await start('review.yml', 'pull_request', event);
    const comments = pull.reviewComments.size;
    expect(comments).toBeGreaterThan(0);
    await start('review.yml', 'pull_request', event);
    await fake.commit(repository, 'topic', { Dockerfile: BASE });
    await start('review.yml', 'pull_request', event);
    expect(pull.reviewComments.size).toBe(comments);
  });

  it('review-forks.yml hands over what post-forks.yml takes', async () => {
    const { pull, event } = await pullFrom(true);
    await start('review-forks.yml', 'pull_request', event);
    const handedOver = readFileSync(join(folder, 'dfopt.json'), 'utf8');
    expect(handedOver).toBe(handOverText(pull.number, pull.headSha));
    expect(pull.reviewComments.size).toBe(0);
    await start('post-forks.yml', 'workflow_run', {
      workflow_run: {
        event: 'pull_request',
        head_sha: pull.headSha,
        head_branch: 'topic',
        head_repository: { full_name: 'eve/shop' },
      },
    });
    expect(pull.reviewComments.size).toBeGreaterThan(0);
  });

  it('sarif.yml uploads for the default branch and for pull requests', async () => {
    const { event } = await pullFrom(false);
    await start('sarif.yml', 'pull_request', event);
    const main = repository.refs.get('refs/heads/main')!;
    await start('sarif.yml', 'push', {
      ref: 'refs/heads/main',
      after: main,
      repository: { default_branch: 'main' },
    });
    const uploads = [...repository.sarifs.values()].map(({ ref }) => ref);
    expect(uploads).toEqual(['refs/pull/1/head', 'refs/heads/main']);
  });

  it('propose.yml opens, and commands.yml makes anew', async () => {
    await fake.commit(repository, 'main', { Dockerfile: HEAD });
    await start('propose.yml', 'schedule', {});
    const [pull] = [...repository.pulls.values()];
    expect(pull?.headRef).toBe('dfopt/Dockerfile');
    fake.role(repository, 'wri', 'write');
    const { id, body } = fake.comment(pull!, 'wri', '/dfopt ignore remove-package-lists');
    await start('commands.yml', 'issue_comment', {
      action: 'created',
      issue: { number: pull!.number, pull_request: {} },
      comment: { id, body, user: { login: 'wri' } },
    });
    expect(fake.read(repository, 'dfopt/Dockerfile', 'Dockerfile')).not.toContain('/var/lib/apt');
  });
});
