/** Which pull requests of the bot's own are opened, made anew, closed or left alone. */
import { describe, expect, it } from 'vitest';
import {
  branchOf,
  proposalOf,
  type OwnPull,
  type ProposalInput,
  type ProposedFile,
} from '../../src/bot/propose.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize } from '../../src/pipeline.ts';
import { contextFrom } from '../support/contexts.ts';

const facts = loadFacts();
const TEXT = 'FROM debian:bookworm-slim\nRUN pip install flask\n';
const DONE = 'FROM scratch\nCMD ["/x"]\n';

function file(path: string, text = TEXT): ProposedFile {
  return { path, result: optimize(text, facts, { isPriced: true }) };
}

function plan(
  files: readonly ProposedFile[],
  pulls: readonly OwnPull[] = [],
  settings: Partial<ProposalInput['settings']> = {},
) {
  return proposalOf({
    files,
    pulls,
    base: 'main',
    settings: { grouping: 'each', version: '1.0.0', ...settings },
  });
}

/** The pull request that a plan opened, as it is found later. */
function opened(
  files: readonly ProposedFile[],
  change: Partial<OwnPull> = {},
  settings: Partial<ProposalInput['settings']> = {},
): OwnPull {
  const [operation] = plan(files, [], settings).operations;
  if (operation?.kind !== 'open pull') throw new Error('nothing was opened');
  const { branch, title, body } = operation;
  const state = 'open';
  return {
    number: 7,
    isOwn: true,
    branch,
    state,
    title,
    body,
    isClosedByPerson: false,
    isUntouched: true,
    isRebaseWanted: false,
    ...change,
  };
}

describe('a Dockerfile that can be better', () => {
  it('is proposed on a branch of its own, with the whole file and what it must be made from', () => {
    const { operations, skipped } = plan([file('app/Dockerfile'), file('Dockerfile', DONE)]);
    expect(skipped).toEqual([]);
    expect(operations).toEqual([
      {
        kind: 'open pull',
        branch: 'dfopt/app/Dockerfile',
        changes: [
          {
            path: 'app/Dockerfile',
            before: TEXT,
            text: TEXT.replace('install', 'install --no-cache-dir'),
          },
        ],
        message: 'Improve app/Dockerfile\n\n- line 2: skip-package-cache\n',
        title: expect.stringMatching(/^dfopt: improve app\/Dockerfile( \(.+ → .+\))?$/),
        body: expect.stringContaining('+RUN pip install --no-cache-dir flask'),
      },
    ]);
  });

  it('is proposed with the files beside it', () => {
    const context = contextFrom({ 'package.json': '{}', '.git/HEAD': 'x', 'server.js': 'x' });
    const text = 'FROM node:22-slim\nCOPY . .\nCMD ["node", "server.js"]\n';
    const result = optimize(text, facts, { context, isPriced: true });
    expect(result.files).toHaveLength(1);
    const [own] = plan([{ path: 'a/b/Dockerfile', result, contextFolder: 'a/' }]).operations;
    expect(own).toMatchObject({
      changes: expect.arrayContaining([
        expect.objectContaining({ path: 'a/.dockerignore', before: undefined }),
      ]),
    });
  });

  it('is not proposed again while nothing changed', () => {
    const files = [file('Dockerfile')];
    expect(plan(files, [opened(files)])).toEqual({ operations: [], skipped: [] });
  });

  it('is proposed anew when it changes, or somebody asks', () => {
    const before = opened([file('Dockerfile')]);
    const after = [file('Dockerfile', `${TEXT}ENV A=b\n`)];
    expect(plan(after, [before]).operations).toMatchObject([
      { kind: 'rebase pull', number: 7, branch: 'dfopt/Dockerfile' },
    ]);
    const same = [file('Dockerfile')];
    expect(plan(same, [opened(same, { isRebaseWanted: true })]).operations).toMatchObject([
      { kind: 'rebase pull' },
    ]);
    expect(plan(same, [opened(same, { body: 'My own words' })]).operations).toMatchObject([
      { kind: 'rebase pull' },
    ]);
  });

  it('is left to people who added commits, until one asks', () => {
    const before = opened([file('Dockerfile')], { isUntouched: false });
    const after = [file('Dockerfile', `${TEXT}ENV A=b\n`)];
    expect(plan(after, [before])).toMatchObject({
      operations: [],
      skipped: [{ path: 'Dockerfile', reason: 'people added commits to #7' }],
    });
    expect(plan(after, [{ ...before, isRebaseWanted: true }]).operations).toMatchObject([
      { kind: 'rebase pull' },
    ]);
  });

  it('is not proposed again after a person closed it, ever', () => {
    const files = [file('Dockerfile')];
    const closed = opened(files, { state: 'closed', isClosedByPerson: true });
    expect(plan(files, [closed])).toEqual({
      operations: [],
      skipped: [{ path: 'Dockerfile', reason: 'a person closed #7' }],
    });
    const other = [file('Dockerfile', `${TEXT}ENV A=b\n`)];
    expect(plan(other, [closed]).operations).toEqual([]);
    expect(plan(files, [{ ...closed, isClosedByPerson: false }]).operations).toMatchObject([
      { kind: 'open pull' },
    ]);
    expect(plan(files, [{ ...closed, state: 'merged' }]).operations).toMatchObject([
      { kind: 'open pull' },
    ]);
  });

  it('is not proposed where somebody else has the branch', () => {
    const files = [file('Dockerfile')];
    expect(plan(files, [opened(files, { isOwn: false })])).toMatchObject({
      operations: [],
      skipped: [{ reason: expect.stringContaining('#7') }],
    });
    const closed = opened(files, { isOwn: false, state: 'closed', isClosedByPerson: true });
    expect(plan(files, [closed]).operations).toMatchObject([{ kind: 'open pull' }]);
  });
});

describe('a proposal', () => {
  it('is closed when there is nothing left, unless it is somebody else’s or worked on', () => {
    const before = opened([file('Dockerfile')]);
    const done = [file('Dockerfile', DONE)];
    expect(plan(done, [before]).operations).toMatchObject([
      { kind: 'close pull', number: 7, branch: 'dfopt/Dockerfile' },
    ]);
    expect(plan([], [before]).operations).toMatchObject([{ kind: 'close pull' }]);
    expect(plan(done, [{ ...before, isUntouched: false }]).operations).toEqual([]);
    expect(plan(done, [{ ...before, isOwn: false }]).operations).toEqual([]);
    expect(plan(done, [{ ...before, body: 'A branch of our own' }]).operations).toEqual([]);
    expect(plan(done, [{ ...before, state: 'closed' }]).operations).toEqual([]);
  });

  it('finds room: what saves most comes first, and what is closed makes place', () => {
    const big = file('big/Dockerfile', 'FROM debian:bookworm\nRUN pip install flask\n');
    const files = [file('a/Dockerfile'), file('b/Dockerfile'), big];
    const { operations, skipped } = plan(files, [], { mostOpen: 2 });
    expect(operations.map((each) => 'branch' in each && each.branch)).toEqual([
      'dfopt/big/Dockerfile',
      'dfopt/a/Dockerfile',
    ]);
    expect(skipped).toEqual([
      { path: 'b/Dockerfile', reason: 'there are enough pull requests open' },
    ]);
    const open = opened([big], { number: 1 });
    expect(plan(files, [open], { mostOpen: 1 }).operations).toEqual([]);
    const obsolete = opened([file('old/Dockerfile')], { number: 2 });
    expect(plan([big], [obsolete], { mostOpen: 1 }).operations.map(({ kind }) => kind)).toEqual([
      'close pull',
      'open pull',
    ]);
  });

  it('is worth something, where that is asked', () => {
    const { operations, skipped } = plan([file('Dockerfile')], [], { leastSaved: 50_000_000 });
    expect(operations).toEqual([]);
    expect(skipped).toEqual([{ path: 'Dockerfile', reason: 'it saves too little' }]);
  });

  it('may hold all files, and closes those that held one', () => {
    const files = [file('a/Dockerfile'), file('b/Dockerfile')];
    const single = opened([file('a/Dockerfile')], { number: 3 });
    const { operations } = plan(files, [single], { grouping: 'all' });
    expect(operations).toMatchObject([
      { kind: 'close pull', number: 3 },
      {
        kind: 'open pull',
        branch: 'dfopt/all-dockerfiles',
        title: 'dfopt: improve 2 Dockerfiles',
        changes: [{ path: 'a/Dockerfile' }, { path: 'b/Dockerfile' }],
      },
    ]);
    const both = opened(files, {}, { grouping: 'all' });
    expect(plan(files, [both], { grouping: 'all' }).operations).toEqual([]);
    const third = [...files, file('c/Dockerfile')];
    expect(plan(third, [both], { grouping: 'all' }).operations).toMatchObject([
      { kind: 'rebase pull' },
    ]);
  });

  it('holds one of two Dockerfiles that want the same file otherwise', () => {
    const wanting = (path: string, after: string): ProposedFile => {
      const { result } = file(path);
      const files = [{ path: '.dockerignore', before: undefined, after }];
      return { path, contextFolder: '', result: { ...result, files } };
    };
    const same = [wanting('a/Dockerfile', '.git\n'), wanting('b/Dockerfile', '.git\n')];
    expect(plan(same, [], { grouping: 'all' })).toMatchObject({
      operations: [{ changes: [{ path: '.dockerignore' }, {}, {}] }],
      skipped: [],
    });
    const files = [same[0]!, wanting('b/Dockerfile', '.git\nnode_modules\n')];
    const { operations, skipped } = plan(files, [], { grouping: 'all' });
    expect(operations).toHaveLength(1);
    expect(skipped).toEqual([
      { path: 'b/Dockerfile', reason: 'another Dockerfile changes .dockerignore too' },
    ]);
  });

  it('is known again by its code where the bot has a secret', () => {
    const sign = (text: string): string => `a${text.length}`;
    const files = [file('Dockerfile')];
    expect(plan(files, [opened(files, {}, { sign })], { sign }).operations).toEqual([]);
    expect(plan([], [opened(files)], { sign }).operations).toEqual([]);
  });
});

it.each([
  ['Dockerfile', 'dfopt/Dockerfile'],
  ['services/api/prod.Dockerfile', 'dfopt/services/api/prod.Dockerfile'],
])('the branch for %s is %s', (path, branch) => {
  expect(branchOf(path, 'each')).toBe(branch);
});

it.each([
  'a b/Dockerfile',
  '.hidden/Dockerfile',
  'x.lock/Dockerfile',
  'a..b/Dockerfile',
  'a~^:?*[\\/Dockerfile',
  'é/Dockerfile',
  'a@{b}/Dockerfile',
  '-x/Dockerfile',
  'all-dockerfiles',
  `${'x'.repeat(300)}/Dockerfile`,
  'a./Dockerfile',
])('the branch for %j is one that Git takes, and nobody else’s', (path) => {
  const branch = branchOf(path, 'each');
  expect(branch).toMatch(/^dfopt\/[\w-][\w./-]*$/);
  expect(branch).not.toMatch(/\.\.|\/\/|\/\.|\.\/|\.lock(\/|$)|\.$/);
  expect(branch).not.toBe(branchOf(path, 'all'));
  const other = branch.slice('dfopt/'.length);
  if (other !== path) expect(branch).not.toBe(branchOf(other, 'each'));
});
