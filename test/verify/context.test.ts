/** The copy of a build context for a rebuild: what is in it, and which file is changed. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeContext } from '../../src/analysis/context.ts';
import { parseIgnore } from '../../src/analysis/dockerignore.ts';
import { changeCopy, copyContext } from '../../src/verify/context-copy.ts';
import { fileToTouch } from '../../src/verify/touched-file.ts';
import { folderWith } from '../cli/support.ts';

const { signal } = new AbortController();

describe('copyContext', () => {
  it('copies files, folders, links and modes, and leaves the rest out', async () => {
    const from = folderWith({ 'src/a.sh': 'echo\n', 'skip/b': 'b', skipped: 'c' });
    chmodSync(join(from, 'src/a.sh'), 0o750);
    chmodSync(join(from, 'src'), 0o700);
    mkdirSync(join(from, 'empty'));
    symlinkSync('src/a.sh', join(from, 'link'));
    execFileSync('mkfifo', [join(from, 'pipe')]);
    const to = join(folderWith({}), 'copy');
    const copied = await copyContext(from, to, [parseIgnore('skip')], signal);
    const entries = copied.kind === 'copied' ? copied.entries : [];
    expect(entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'link', kind: 'link', bytes: 0, isExecutable: false, target: 'src/a.sh' },
      { path: 'skipped', kind: 'file', bytes: 1, isExecutable: false },
      { path: 'src/a.sh', kind: 'file', bytes: 5, isExecutable: false },
    ]);
    expect(statSync(join(to, 'src/a.sh')).mode & 0o777).toBe(0o750);
    expect(statSync(join(to, 'src')).mode & 0o777).toBe(0o700);
    expect(readlinkSync(join(to, 'link'))).toBe('src/a.sh');
    expect(lstatSync(join(to, 'empty')).isDirectory()).toBe(true);
    expect(['skip', 'pipe'].map((name) => existsSync(join(to, name)))).toEqual([false, false]);
  });

  it('leaves out what all rules keep from the builders, and nothing else', async () => {
    const names = ['.dockerignore', 'a/one', 'a/two', 'b/x/deep', 'c', 'd'];
    const from = folderWith(Object.fromEntries(names.map((name) => [name, ''])));
    const to = join(folderWith({}), 'copy');
    const rules = ['*\n!a/one\n!d', 'a\nb/x\n.dockerignore'].map(parseIgnore);
    const copied = await copyContext(from, to, rules, signal);
    const paths = copied.kind === 'copied' ? copied.entries.map(({ path }) => path) : [];
    expect(paths.toSorted()).toEqual(['.dockerignore', 'a/one', 'c', 'd']);
    expect(existsSync(join(to, 'b/x'))).toBe(false);
  });

  it('never changes the original, though it is linked', async () => {
    const from = folderWith({ a: 'one\n' });
    chmodSync(join(from, 'a'), 0o755);
    const to = join(folderWith({}), 'copy');
    await copyContext(from, to, [], signal);
    expect(statSync(join(to, 'a')).ino).toBe(statSync(join(from, 'a')).ino);
    changeCopy(to, 'a', undefined, 1);
    expect(readFileSync(join(to, 'a'), 'utf8')).toBe('one\n\n');
    expect(readFileSync(join(from, 'a'), 'utf8')).toBe('one\n');
    expect(statSync(join(to, 'a')).mode & 0o777).toBe(0o755);
    changeCopy(to, 'a', 'two', 0);
    expect(readFileSync(join(to, 'a'), 'utf8')).toBe('two');
    expect(readFileSync(join(from, 'a'), 'utf8')).toBe('one\n');
  });

  it('says why where it cannot', async () => {
    const to = join(folderWith({}), 'copy');
    const copied = await copyContext(join(to, 'none'), to, [], signal);
    expect(copied).toMatchObject({ kind: 'refused' });
  });

  it('stops when it is told to', async () => {
    const from = folderWith({ a: '' });
    const to = join(folderWith({}), 'copy');
    await expect(copyContext(from, to, [], AbortSignal.abort())).rejects.toThrow();
  });
});

describe('fileToTouch', () => {
  const sizes = {
    'src/app.js': 500,
    'src/util.js': 100,
    'src/app.test.js': 900,
    'test/long.js': 2000,
    'package.json': 5000,
    'package-lock.json': 50_000,
    'server/main.py': 300,
    'requirements.txt': 400,
    'vite.config.js': 3000,
    'dist/made.js': 9000,
    Dockerfile: 4000,
    'notes.txt': 800,
    'data.bin': 700,
  };
  const entries = Object.entries(sizes).map(
    ([path, bytes]) => ({ path, kind: 'file', bytes, isExecutable: false }) as const,
  );
  const folder = (): string => {
    const path = folderWith({});
    for (const [name, size] of Object.entries(sizes)) {
      mkdirSync(join(path, name, '..'), { recursive: true });
      const content = name === 'data.bin' ? Buffer.alloc(size) : 'x'.repeat(size);
      writeFileSync(join(path, name), content);
    }
    return path;
  };

  it.each([
    ['COPY . .', 'src/app.js'],
    ['COPY package.json server/ ./', 'server/main.py'],
    ['COPY ["server", "/x"]', 'server/main.py'],
    ['COPY server/*.py ./', 'server/main.py'],
    ['COPY package*.json ./', undefined],
    ['COPY *.txt *.bin ./', 'notes.txt'],
    ['COPY data.bin /', undefined],
    ['COPY test /test', 'test/long.js'],
    ['ADD src/util.js /', 'src/util.js'],
    ['COPY --from=x . .', undefined],
    ['COPY $WHAT .', undefined],
    ['COPY <<EOF /a\nx\nEOF', undefined],
    ['ADD https://example.com/src /', undefined],
    ['RUN --mount=type=bind,source=server,target=/s python /s/main.py', 'server/main.py'],
    ['RUN --mount=target=/s true', 'src/app.js'],
    ['RUN --mount=type=cache,target=/c true', undefined],
    ['RUN --mount=from=x,target=/c true', undefined],
    ['RUN true', undefined],
  ])('%j: %j', (line, path) => {
    const dockerfile = `FROM debian\n${line}\n`;
    expect(fileToTouch(folder(), makeContext({ entries }), dockerfile)).toBe(path);
  });

  it('is none that the builder does not see', () => {
    const ignore = { path: '.dockerignore', text: 'src' };
    const dockerfile = 'FROM debian\nCOPY . .\n';
    expect(fileToTouch(folder(), makeContext({ entries, ignore }), dockerfile)).toBe(
      'server/main.py',
    );
  });
});
