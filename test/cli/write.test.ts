import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
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
import { replaceFile } from '../../src/sources/write-file.ts';
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
