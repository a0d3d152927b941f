/** Build contexts through the API: the same as from a disk, within limits, and never out of the repository. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildContext } from '../../src/analysis/context.ts';
import { contextFor } from '../../src/bot/context.ts';
import type { GitHub, Tree, TreeEntry } from '../../src/bot/github.ts';
import { gitHubOf } from '../../src/bot/octokit.ts';
import { BUDGET, isInside, snapshotOf } from '../../src/bot/snapshot.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { readContext } from '../../src/sources/read-context.ts';
import { startGitHub, type FakeGitHub } from '../github/fake.ts';
import type { FileChange } from '../github/objects.ts';

const CORPUS = fileURLToPath(new URL('../../corpus', import.meta.url));
const { manifests } = loadFacts();

/** What Git would keep of a folder. */
function filesOf(folder: string): Record<string, FileChange> {
  const files: Record<string, FileChange> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (entry.isSymbolicLink()) files[name] = { content: readlinkSync(path), mode: '120000' };
    else if (entry.isFile()) {
      const isExecutable = (statSync(path).mode & 0o111) === 0o111;
      files[name] = { content: readFileSync(path), mode: isExecutable ? '100755' : '100644' };
    }
  }
  return files;
}

const plain = ({ entries, texts, unread, gaps, dockerfile, ignore }: BuildContext): unknown => ({
  entries,
  texts: [...texts].toSorted(([one], [other]) => (one < other ? -1 : 1)),
  unread: [...unread],
  gaps,
  dockerfile,
  ignore,
});

describe('a context of the corpus is the same from a disk and through the API', () => {
  let fake: FakeGitHub;
  beforeAll(async () => {
    fake = await startGitHub();
  });
  afterAll(() => fake.close());

  it.each([
    'node/ts-server',
    'node/workspaces',
    'go/server-with-page',
    'c/cmake-shared-library',
    'shell/apt-tools-at-run-time',
    'site/static-busybox-httpd',
  ])('%s', async (name) => {
    const folder = join(CORPUS, name);
    const repository = await fake.repository(`acme/${name.replace('/', '-')}`, filesOf(folder));
    const commit = repository.refs.get('refs/heads/main')!;
    const github = gitHubOf(fake.tokenOf('acme'), { baseUrl: fake.url, isPaced: false });
    const of = { owner: 'acme', name: repository.name };
    const text = readFileSync(join(folder, 'Dockerfile'), 'utf8');
    const snapshot = snapshotOf(github, of, commit, { ...BUDGET });
    const { context } = await contextFor('Dockerfile', text, snapshot, manifests);
    const read = readContext({ folder, dockerfile: join(folder, 'Dockerfile'), manifests });
    if (read.kind === 'refused' || !context) throw new Error('no context');
    expect(plain(context)).toEqual(plain(read.context));
  });
});

/** A repository of which only the names are asked for, and how often. */
function treeOf(files: Readonly<Record<string, string>>, most = Infinity) {
  const entries = new Map<string, TreeEntry>();
  const texts = new Map<string, string>();
  for (const [path, text] of Object.entries(files)) {
    const parts = path.split('/');
    for (let at = 1; at < parts.length; at++) {
      const folder = parts.slice(0, at).join('/');
      entries.set(folder, { path: folder, kind: 'folder', sha: `tree ${folder}` });
    }
    const kind = text === 'link' || text === 'submodule' ? text : 'file';
    texts.set(`blob ${path}`, text);
    entries.set(path, { path, kind, sha: `blob ${path}`, bytes: text.length });
  }
  const asked: string[] = [];
  const list = (sha: string, isRecursive: boolean): Tree => {
    const top = sha.startsWith('tree ') ? `${sha.slice(5)}/` : '';
    const all = [...entries.values()]
      .filter(({ path }) => path.startsWith(top))
      .map((each) => ({ ...each, path: each.path.slice(top.length) }))
      .filter(({ path }) => isRecursive || !path.includes('/'));
    return { sha, entries: all.slice(0, most), isTruncated: all.length > most };
  };
  const github: Pick<GitHub, 'tree' | 'blob'> = {
    tree: (_of, sha, { isRecursive }) => {
      asked.push(`tree ${sha}`);
      return Promise.resolve(list(sha, isRecursive));
    },
    blob: (_of, sha) => {
      asked.push(sha);
      return Promise.resolve(new TextEncoder().encode(texts.get(sha)));
    },
  };
  return { github: github as GitHub, asked };
}

const OF = { owner: 'acme', name: 'shop' };
const COPY_ALL = 'FROM node:22\nCOPY . .\n';

describe('limits', () => {
  it('reads nothing for a Dockerfile that reads nothing', async () => {
    const { github, asked } = treeOf({ Dockerfile: 'FROM x\n' });
    const snapshot = snapshotOf(github, OF, 'head', { ...BUDGET });
    expect(await contextFor('Dockerfile', 'FROM x\nRUN y\n', snapshot, manifests)).toEqual({
      diagnostics: [],
      folder: '',
    });
    expect(asked).toEqual([]);
  });

  it('reads manifests and sources, each text once, and no more than the budget', async () => {
    const files: Record<string, string> = { Dockerfile: COPY_ALL, 'package.json': '{}' };
    for (let count = 0; count < 40; count++) files[`src/file-${count}.js`] = `${count}`;
    files['image.png'] = 'not read';
    const { github, asked } = treeOf(files);
    const budget = { ...BUDGET, sources: 10 };
    const snapshot = snapshotOf(github, OF, 'head', budget);
    const { context } = await contextFor('Dockerfile', COPY_ALL, snapshot, manifests);
    await contextFor('Dockerfile', COPY_ALL, snapshot, manifests);
    expect(asked.filter((each) => each.includes('file-'))).toHaveLength(10);
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).not.toContain('blob image.png');
    expect(context?.texts.has('package.json')).toBe(true);
    expect(context?.unread.size).toBe(30);
    expect([...context!.unread.values()][0]).toContain('asked for enough files');
  });

  it('asks for no text that is too large, and none in node_modules', async () => {
    const { github, asked } = treeOf({
      Dockerfile: COPY_ALL,
      'package-lock.json': 'x'.repeat(5_000_000),
      'node_modules/a/package.json': '{}',
    });
    const snapshot = snapshotOf(github, OF, 'head', { ...BUDGET });
    const { context } = await contextFor('Dockerfile', COPY_ALL, snapshot, manifests);
    expect(asked).toEqual(['tree head', 'blob Dockerfile']);
    expect(context?.unread.get('package-lock.json')).toBe('is larger than 4000000 bytes');
  });

  it('looks into the folder alone where the repository is too large for one answer', async () => {
    const files: Record<string, string> = {
      'services/a/Dockerfile': COPY_ALL,
      'services/a/package.json': '{}',
    };
    for (let count = 0; count < 50; count++) files[`other/${count}`] = '';
    const { github, asked } = treeOf(files, 20);
    const snapshot = snapshotOf(github, OF, 'head', { ...BUDGET });
    const { context } = await contextFor('services/a/Dockerfile', COPY_ALL, snapshot, manifests);
    expect(context?.entries.map(({ path }) => path)).toEqual(['Dockerfile', 'package.json']);
    expect(context?.gaps).toEqual([]);
    expect(asked.filter((each) => each.startsWith('tree'))).toHaveLength(4);
  });

  it('says which folders of a huge tree it did not see', async () => {
    const files: Record<string, string> = { Dockerfile: COPY_ALL };
    for (let count = 0; count < 300; count++) files[`many/${count}/deep/file`] = '';
    const { github, asked } = treeOf(files, 400);
    const snapshot = snapshotOf(github, OF, 'head', { ...BUDGET, folders: 20 });
    const { context, diagnostics } = await contextFor('Dockerfile', COPY_ALL, snapshot, manifests);
    expect(asked.filter((each) => each.startsWith('tree')).length).toBeLessThanOrEqual(21);
    expect(context?.gaps.length).toBeGreaterThan(200);
    expect(diagnostics[0]?.message).toContain('too many files');
  });

  it('cuts off after so many files', async () => {
    const files: Record<string, string> = { Dockerfile: COPY_ALL };
    for (let count = 0; count < 100; count++) files[`f${count}`] = '';
    const { github } = treeOf(files);
    const snapshot = snapshotOf(github, OF, 'head', { ...BUDGET });
    const limits = { entries: 50 };
    const { context } = await contextFor('Dockerfile', COPY_ALL, snapshot, manifests, limits);
    expect(context?.entries).toHaveLength(50);
    expect(context?.gaps[0]?.why).toContain('more than 50 files');
  });
});

describe('what is no plain file', () => {
  it('is a gap, or a link that nobody follows', async () => {
    const { github } = treeOf({ Dockerfile: COPY_ALL, vendor: 'submodule', out: 'link' });
    const snapshot = snapshotOf(github, OF, 'head', { ...BUDGET });
    const { context } = await contextFor('Dockerfile', COPY_ALL, snapshot, manifests);
    expect(context?.gaps).toEqual([
      { path: 'vendor', why: 'is a repository of its own, which was not read' },
    ]);
    expect(context?.entries.find(({ path }) => path === 'out')).toMatchObject({ target: 'link' });
  });

  it('is not taken for .dockerignore', async () => {
    const { github } = treeOf({ Dockerfile: COPY_ALL, '.dockerignore': 'link' });
    const snapshot = snapshotOf(github, OF, 'head', { ...BUDGET });
    const found = await contextFor('Dockerfile', COPY_ALL, snapshot, manifests);
    expect(found.context).toBeUndefined();
    expect(found.diagnostics[0]?.message).toContain('.dockerignore is not a regular file');
  });
});

it('says where a Dockerfile seems to be built from a folder above', async () => {
  const { github } = treeOf({ 'docker/app/Dockerfile': 'x', 'package.json': '{}' });
  const snapshot = snapshotOf(github, OF, 'head', { ...BUDGET });
  const text = 'FROM node:22\nCOPY package.json ./\n';
  const found = await contextFor('docker/app/Dockerfile', text, snapshot, manifests);
  expect(found.context).toBeUndefined();
  expect(found.diagnostics).toMatchObject([
    { line: 2, message: 'the build context is not this folder but, it seems, ../..' },
  ]);
});

it.each(['', '/etc/passwd', '../x', 'a/../../x', 'a//b', './a', 'a/.', '..'])(
  'knows that %j does not lie inside',
  (path) => {
    expect(isInside(path)).toBe(false);
  },
);
