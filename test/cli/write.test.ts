import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { readDockerfile, type Seen } from '../../src/sources/read-file.ts';
import { replaceFile, replaceFiles } from '../../src/sources/write-file.ts';
import { folderWith } from './support.ts';

function seen(path: string): Seen {
  const read = readDockerfile(path);
  if (read.kind === 'refused' || !read.seen) throw new Error('it cannot be read');
  return read.seen;
}

function oneFile(text = 'old\n'): { folder: string; path: string } {
  const folder = folderWith({ Dockerfile: text });
  return { folder, path: join(folder, 'Dockerfile') };
}

describe('replaceFile', () => {
  it('replaces the bytes, keeps the mode, and leaves nothing else behind', () => {
    const { folder, path } = oneFile();
    chmodSync(path, 0o754);
    const before = statSync(path);
    expect(replaceFile(path, seen(path), '\ufeffé\r\nno newline')).toBeUndefined();
    expect(readFileSync(path, 'utf8')).toBe('\ufeffé\r\nno newline');
    const after = statSync(path);
    expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
    expect(readdirSync(folder)).toEqual(['Dockerfile']);
  });

  it('replaces what a symbolic link leads to, and the link stays', () => {
    const folder = folderWith({ 'real/prod': 'old\n', 'links/x': '' });
    const link = join(folder, 'links/Dockerfile');
    symlinkSync('../real/prod', link);
    expect(replaceFile(link, seen(link), 'new\n')).toBeUndefined();
    expect(readlinkSync(link)).toBe('../real/prod');
    expect(lstatSync(join(folder, 'real/prod')).isFile()).toBe(true);
    expect(readFileSync(join(folder, 'real/prod'), 'utf8')).toBe('new\n');
  });

  it.each<[string, (path: string) => void, string]>([
    ['hard links', (path) => linkSync(path, `${path}.other`), 'other hard links'],
    ['a read-only file', (path) => chmodSync(path, 0o444), 'read-only'],
    ['a change of its text', (path) => writeFileSync(path, 'changed\n'), 'has changed since'],
    ['a text of the same length', (path) => writeFileSync(path, 'odd\n'), 'has changed since'],
    ['a touch', (path) => utimesSync(path, 1, 1), 'has changed since'],
    ['a removal', (path) => unlinkSync(path), 'there is no such file'],
  ])('refuses %s', (_name, change, why) => {
    const { folder, path } = oneFile();
    const before = seen(path);
    change(path);
    const names = readdirSync(folder);
    const text = names.includes('Dockerfile') ? readFileSync(path, 'utf8') : '';
    expect(replaceFile(path, before, 'new\n')).toContain(why);
    expect(readdirSync(folder)).toEqual(names);
    expect(names.includes('Dockerfile') ? readFileSync(path, 'utf8') : '').toBe(text);
  });

  it('notices a change that leaves size and time as they were', () => {
    const { path } = oneFile();
    utimesSync(path, 1, 1);
    const before = seen(path);
    writeFileSync(path, 'odd\n');
    utimesSync(path, 1, 1);
    expect(replaceFile(path, before, 'new\n')).toContain('has changed since');
  });
});

describe('replaceFiles', () => {
  const both = (folder: string) => [
    { path: join(folder, 'new'), name: 'new', seen: undefined, text: 'n\n' },
    {
      path: join(folder, 'Dockerfile'),
      name: '',
      seen: seen(join(folder, 'Dockerfile')),
      text: 'changed\n',
    },
  ];
  const filesIn = (folder: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );

  it('writes all, also one that is new', () => {
    const { folder } = oneFile();
    expect(replaceFiles(both(folder))).toBeUndefined();
    expect(filesIn(folder)).toEqual({ Dockerfile: 'changed\n', new: 'n\n' });
    expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  it.each<[string, (folder: string) => void, string]>([
    [
      'the last has changed',
      (folder) => writeFileSync(join(folder, 'Dockerfile'), 'mine\n'),
      'has changed since it was read; left alone',
    ],
    [
      'the last is read-only',
      (folder) => chmodSync(join(folder, 'Dockerfile'), 0o444),
      'is read-only; left alone',
    ],
    [
      'the new one has come meanwhile',
      (folder) => writeFileSync(join(folder, 'new'), 'mine\n'),
      'new has appeared since its folder was read; left alone',
    ],
    [
      'a link has come in its place that leads nowhere',
      (folder) => symlinkSync('nowhere', join(folder, 'new')),
      'new has appeared since its folder was read; left alone',
    ],
  ])('writes none where %s', (_, change, why) => {
    const { folder } = oneFile();
    const replacements = both(folder);
    change(folder);
    const names = readdirSync(folder);
    const before = readFileSync(join(folder, 'Dockerfile'), 'utf8');
    expect(replaceFiles(replacements)).toBe(why);
    expect(readdirSync(folder)).toEqual(names);
    expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toBe(before);
  });

  it('writes none where there is no folder for one', () => {
    const { folder, path } = oneFile();
    const lost = { path: join(folder, 'no/new'), name: 'no/new', seen: undefined, text: 'n\n' };
    const own = { path, name: '', seen: seen(path), text: 'changed\n' };
    const why = replaceFiles([own, lost]);
    expect(why).toBe('no/new cannot be written in its folder: there is no such file');
    expect(filesIn(folder)).toEqual({ Dockerfile: 'old\n' });
  });
});

/** A program that does nothing but replace a file, over and over. */
async function writer(folder: string): Promise<string> {
  const outfile = join(folder, 'writer.mjs');
  const root = join(import.meta.dirname, '../..');
  await build({
    stdin: {
      contents: `
        import { readDockerfile } from './src/sources/read-file.ts';
        import { replaceFile } from './src/sources/write-file.ts';
        const [path, rounds] = process.argv.slice(2);
        for (let round = 0; round < Number(rounds); round++) {
          const { text, seen } = readDockerfile(path);
          const why = replaceFile(path, seen, text.replace(/./g, text[0] === 'a' ? 'b' : 'a'));
          if (why) { console.log(why); break; }
          if (round === 0) console.log('going');
        }`,
      resolveDir: root,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  return outfile;
}

describe('a writer that is killed', () => {
  it('leaves the old or the new text, never a mixture', async () => {
    const { folder, path } = oneFile('a'.repeat(300_000));
    const program = await writer(folder);
    for (let round = 0; round < 12; round++) {
      const child = spawn(process.execPath, [program, path, '100000'], { stdio: 'pipe' });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 1 + ((round * 7) % 23)));
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
      expect(readFileSync(path, 'utf8')).toMatch(/^(a{300000}|b{300000})$/);
    }
  });
});

describe('a file that cannot be put in its place', () => {
  it.skipIf(process.getuid?.() !== 0)('takes those before it back', async () => {
    const folder = folderWith({ 'mine/old': 'old\n', 'sticky/Dockerfile': 'old\n' });
    const outfile = join(folder, 'pair.mjs');
    await build({
      stdin: {
        contents: `
          import { readDockerfile } from './src/sources/read-file.ts';
          import { replaceFiles } from './src/sources/write-file.ts';
          const replacement = (path) => ({ path, name: '', seen: readDockerfile(path).seen, text: 'new\\n' });
          const fresh = { path: 'mine/new', name: '', seen: undefined, text: 'new\\n' };
          console.log(replaceFiles([fresh, replacement('mine/old'), replacement('sticky/Dockerfile')]));`,
        resolveDir: join(import.meta.dirname, '../..'),
        loader: 'ts',
      },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    // Nobody may write into the sticky folder, but not rename over a file that is root's.
    chmodSync(folder, 0o755);
    for (const path of ['mine', 'mine/old']) chownSync(join(folder, path), 65_534, 65_534);
    chmodSync(join(folder, 'sticky'), 0o1777);
    chmodSync(join(folder, 'sticky/Dockerfile'), 0o666);
    const { stdout } = spawnSync(process.execPath, [outfile], {
      uid: 65_534,
      gid: 65_534,
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout).toBe('cannot be written in its folder: no permission\n');
    expect(readdirSync(join(folder, 'mine'))).toEqual(['old']);
    expect(readFileSync(join(folder, 'mine/old'), 'utf8')).toBe('old\n');
    expect(readdirSync(join(folder, 'sticky'))).toEqual(['Dockerfile']);
    expect(readFileSync(join(folder, 'sticky/Dockerfile'), 'utf8')).toBe('old\n');
  });
});

describe('a folder that may not be written', () => {
  it('gets a message, and the file stays', async () => {
    const { folder, path } = oneFile('a');
    const program = await writer(folder);
    chmodSync(path, 0o666);
    chmodSync(folder, 0o555);
    // Root may write anywhere, so this is done as nobody.
    const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const { stdout } = spawnSync(process.execPath, [program, path, '1'], {
      ...identity,
      cwd: '/',
      encoding: 'utf8',
    });
    chmodSync(folder, 0o755);
    expect(stdout).toBe('cannot be written in its folder: no permission\n');
    expect(readFileSync(path, 'utf8')).toBe('a');
  });
});
