/** Does the cache give back what was put in, and never anything else? */
import { fork } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keyOf, pruneCache, resultCache } from '../../src/sources/result-cache.ts';

const KEY = keyOf(['a']);
const OTHER = keyOf(['b']);

function newFolder(): string {
  const top = mkdtempSync(join(tmpdir(), 'dfopt-test-'));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  return join(top, 'results');
}

function filled(): { readonly folder: string; readonly path: string } {
  const folder = newFolder();
  resultCache(folder)!.write(KEY, '{"é":"\u{1f600}\\n"}');
  return { folder, path: join(folder, readdirSync(folder)[0]!) };
}

describe('a key', () => {
  it('tells parts from their neighbours', () => {
    const keys = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], ['1:a']].map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf(['ab', 'c'])).toBe(keys[0]);
  });
});

describe('a cache', () => {
  it('gives back what was put in, also to the next run', () => {
    const { folder } = filled();
    expect(resultCache(folder)!.read(KEY)).toBe('{"é":"\u{1f600}\\n"}');
    expect(resultCache(folder)!.read(OTHER)).toBeUndefined();
  });

  it('lets nobody else read, and puts nothing there that can be run', () => {
    const { folder, path } = filled();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('holds texts that are longer than those before', () => {
    const { folder } = filled();
    const cache = resultCache(folder)!;
    const long = 'ü'.repeat(300_000);
    cache.write(OTHER, long);
    expect(cache.read(OTHER)).toBe(long);
    expect(cache.read(KEY)).toBe('{"é":"\u{1f600}\\n"}');
  });

  it('takes no byte that is not as it was written', () => {
    const { folder, path } = filled();
    const bytes = readFileSync(path);
    for (const place of bytes.keys()) {
      const broken = Buffer.from(bytes);
      broken[place]! ^= 1;
      writeFileSync(path, broken);
      expect(resultCache(folder)!.read(KEY), `byte ${place}`).toBeUndefined();
      writeFileSync(path, bytes.subarray(0, place));
      expect(resultCache(folder)!.read(KEY), `cut off at ${place}`).toBeUndefined();
    }
    resultCache(folder)!.write(KEY, 'again');
    expect(resultCache(folder)!.read(KEY)).toBe('again');
  });

  it('takes no result for that of another key', () => {
    const { folder, path } = filled();
    renameSync(path, path.replace(KEY, OTHER));
    expect(resultCache(folder)!.read(OTHER)).toBeUndefined();
  });

  it('follows no link, and reads no folder or pipe', () => {
    const { folder, path } = filled();
    renameSync(path, join(folder, 'elsewhere'));
    symlinkSync('elsewhere', path);
    expect(resultCache(folder)!.read(KEY)).toBeUndefined();
    rmSync(path);
    mkdirSync(path);
    expect(resultCache(folder)!.read(KEY)).toBeUndefined();
  });

  it.each([0o770, 0o707, 0o777])('is not used where others may write: %o', (mode) => {
    const { folder } = filled();
    chmodSync(folder, mode);
    expect(resultCache(folder)).toBeUndefined();
  });

  it('is not used where it is a link or cannot be made', () => {
    const { folder, path } = filled();
    const link = `${folder}-link`;
    symlinkSync(folder, link);
    expect(resultCache(link)).toBeUndefined();
    expect(resultCache(join(path, 'below a file'))).toBeUndefined();
  });

  it('leaves out what is too large', () => {
    const folder = newFolder();
    const cache = resultCache(folder, { entryBytes: 500, allBytes: 1e6, entries: 10 })!;
    cache.write(KEY, 'x'.repeat(501));
    expect(readdirSync(folder)).toEqual([]);
    expect(cache.read(KEY)).toBeUndefined();
  });
});

describe('too much', () => {
  /** Ten results, the first the oldest, each of 1080 bytes. */
  function ten(): { readonly folder: string; readonly keys: readonly string[] } {
    const folder = newFolder();
    const keys = Array.from({ length: 10 }, (_, index) => keyOf([`${index}`]));
    for (const [index, key] of keys.entries()) {
      resultCache(folder)!.write(key, 'x'.repeat(1000));
      const at = Date.now() / 1000 - 3600 * (10 - index);
      utimesSync(join(folder, `${key}.result`), at, at);
    }
    return { folder, keys };
  }
  const kept = (folder: string, keys: readonly string[]): number[] =>
    keys.flatMap((key, index) => (resultCache(folder)!.read(key) === undefined ? [] : [index]));

  it('goes, the oldest first, by count and by bytes', () => {
    const one = ten();
    pruneCache(one.folder, { entryBytes: 1e6, allBytes: 1e6, entries: 5 });
    expect(kept(one.folder, one.keys)).toEqual([6, 7, 8, 9]);
    const other = ten();
    pruneCache(other.folder, { entryBytes: 1e6, allBytes: 6000, entries: 100 });
    expect(kept(other.folder, other.keys)).toEqual([5, 6, 7, 8, 9]);
  });

  it('stays where it is not too much, and nothing of others is touched', () => {
    const { folder, keys } = ten();
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    pruneCache(folder, { entryBytes: 1e6, allBytes: 1e6, entries: 10 });
    expect(kept(folder, keys)).toHaveLength(10);
    pruneCache(folder, { entryBytes: 1e6, allBytes: 0, entries: 0 });
    expect(readdirSync(folder)).toEqual(['notes.txt']);
  });

  it('goes later where it was used a short while ago', () => {
    const { folder, keys } = ten();
    const path = join(folder, `${keys[0]!}.result`);
    const old = Date.now() / 1000 - 3 * 24 * 3600;
    utimesSync(path, old, old);
    resultCache(folder)!.read(keys[0]!);
    expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(60_000);
    pruneCache(folder, { entryBytes: 1e6, allBytes: 1e6, entries: 5 });
    expect(kept(folder, keys)).toContain(0);
  });

  it('takes along what killed runs left, once that is old', () => {
    const { folder } = ten();
    const [old, young] = ['old.tmp', 'young.tmp'].map((name) => join(folder, name));
    for (const path of [old!, young!]) writeFileSync(path, 'half');
    utimesSync(old!, 1, 1);
    pruneCache(folder);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual(['young.tmp']);
  });
});

it('survives several programs that write, read and prune at once', async () => {
  const folder = newFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const program = join(folder, '..', 'program.mjs');
  const module = JSON.stringify(join(import.meta.dirname, '../../src/sources/result-cache.ts'));
  await build({
    stdin: {
      contents: `
        import { keyOf, pruneCache, resultCache } from ${module};
        const cache = resultCache(process.argv[2]);
        let hits = 0;
        for (let round = 0; round < 300; round += 1) {
          const key = keyOf([String(round % 20)]);
          const found = cache.read(key);
          if (found !== undefined && found !== 'text of ' + (round % 20)) process.exit(3);
          if (found !== undefined) hits += 1;
          cache.write(key, 'text of ' + (round % 20));
          if (round % 50 === 0) pruneCache(process.argv[2], { entryBytes: 1e6, allBytes: 1e6, entries: 10 });
        }
        process.exit(hits > 0 ? 0 : 4);`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
  });
  const ends = await Promise.all(
    [1, 2, 3].map(() => new Promise((resolve) => fork(program, [folder]).once('exit', resolve))),
  );
  expect(ends).toEqual([0, 0, 0]);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
