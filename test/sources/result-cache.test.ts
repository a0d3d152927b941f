/** Does the cache give back what was put in, and never anything else? */
import { fork } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CACHE_LIMITS, keyOf, resultCache } from '../../src/sources/result-cache.ts';
import { found, keep, newFolder } from './results.ts';

const KEY = keyOf(['a']);
const OTHER = keyOf(['b']);
const TEXT = '{"é":"\u{1f600}\\n"}';

function filled(): { readonly folder: string; readonly path: string } {
  const folder = newFolder();
  keep(folder, { [KEY]: TEXT });
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
  it('gives back what was put in, at once and to the next run', () => {
    const folder = newFolder();
    const cache = resultCache(folder)!;
    expect([cache.has(KEY), cache.read(KEY)]).toEqual([false, undefined]);
    cache.write(KEY, TEXT);
    expect([cache.has(KEY), cache.read(KEY)]).toEqual([true, TEXT]);
    cache.close();
    const next = resultCache(folder)!;
    expect([next.has(KEY), next.read(KEY)]).toEqual([true, TEXT]);
    expect([next.has(OTHER), next.read(OTHER)]).toEqual([false, undefined]);
    next.close();
  });

  it('is empty until something is put in, for the next run too', () => {
    const folder = newFolder();
    const cache = resultCache(folder)!;
    expect(cache.isEmpty()).toBe(true);
    cache.write(KEY, TEXT);
    expect(cache.isEmpty()).toBe(false);
    cache.close();
    expect([cache.isEmpty(), resultCache(folder)!.isEmpty()]).toEqual([false, false]);
  });

  it('leaves no file where nothing is put in', () => {
    const folder = newFolder();
    const cache = resultCache(folder)!;
    cache.read(KEY);
    expect([cache.close(), readdirSync(folder)]).toEqual([false, []]);
  });

  it('puts much into one file, and finds any of it in any order', () => {
    const folder = newFolder();
    const keys = Array.from({ length: 500 }, (_, index) => keyOf([`${index}`]));
    const texts = keys.map((_, index) => `${index} ${'ü'.repeat((index * 37) % 5000)}`);
    keep(folder, Object.fromEntries(keys.map((key, index) => [key, texts[index]!])));
    expect(readdirSync(folder)).toHaveLength(1);
    const cache = resultCache(folder)!;
    const order = keys.map((_, index) => (index * 211) % keys.length);
    for (const index of [...order, ...keys.keys()]) {
      expect(cache.read(keys[index]!)).toBe(texts[index]);
    }
    cache.close();
  });

  it('has on the disk what is there for longer than a second, although nobody closes it', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const folder = newFolder();
    const cache = resultCache(folder)!;
    cache.write(KEY, TEXT);
    expect(found(folder, KEY)).toBeUndefined();
    vi.advanceTimersByTime(1001);
    expect(found(folder, KEY)).toBe(TEXT);
    // While files are computed one after the other, no timer comes to its turn.
    cache.write(OTHER, 'other');
    vi.setSystemTime(Date.now());
    vi.advanceTimersByTime(500);
    expect(found(folder, OTHER)).toBeUndefined();
    expect(cache.read(OTHER)).toBe('other');
    cache.close();
    expect([found(folder, KEY), found(folder, OTHER)]).toEqual([TEXT, 'other']);
  });

  it('lets nobody else read, and puts nothing there that can be run', () => {
    const { folder, path } = filled();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('takes no byte that is not as it was written', () => {
    const { folder, path } = filled();
    const bytes = readFileSync(path);
    // Behind the text stands only that nothing follows.
    const end = bytes.indexOf(TEXT) + Buffer.byteLength(TEXT);
    expect(end).toBeLessThan(bytes.length);
    for (let place = 0; place < end; place += 1) {
      const broken = Buffer.from(bytes);
      broken[place]! ^= 1;
      writeFileSync(path, broken);
      expect(found(folder, KEY), `byte ${place}`).toBeUndefined();
      writeFileSync(path, bytes.subarray(0, place));
      expect(found(folder, KEY), `cut off at ${place}`).toBeUndefined();
    }
    keep(folder, { [KEY]: 'again' });
    expect(found(folder, KEY)).toBe('again');
  });

  it('gives what was written last, and what is older where that is broken', () => {
    const { folder } = filled();
    vi.useFakeTimers({ now: Date.now() + 1000, toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    keep(folder, { [KEY]: 'newer' });
    expect(found(folder, KEY)).toBe('newer');
    const newer = join(folder, readdirSync(folder).toSorted().at(-1)!);
    const bytes = readFileSync(newer);
    bytes[bytes.indexOf('newer')]! ^= 1;
    writeFileSync(newer, bytes);
    expect(found(folder, KEY)).toBe(TEXT);
  });

  it('reads of a pack that is cut off all that is whole', () => {
    const folder = newFolder();
    const cache = resultCache(folder)!;
    const keys = Array.from({ length: 40 }, (_, index) => keyOf([`${index}`]));
    // Each half is a block of its own.
    for (const key of keys) cache.write(key, 'x'.repeat(30_000));
    cache.close();
    const path = join(folder, readdirSync(folder)[0]!);
    truncateSync(path, statSync(path).size - 30_000);
    const known = keys.filter((key) => found(folder, key) !== undefined);
    expect(known.length).toBeGreaterThan(10);
    expect(known.length).toBeLessThan(40);
    expect(known).toEqual(keys.slice(0, known.length));
  });

  it('takes no notice of packs of another form, nor of what is added to one', () => {
    const { folder, path } = filled();
    writeFileSync(join(folder, 'zzz.pack'), `dfopt-1\n${readFileSync(path).toString('latin1')}`);
    writeFileSync(join(folder, 'zz.pack'), '');
    writeFileSync(join(folder, `${OTHER}.result`), `dfopt-result-1 ${OTHER}\n${TEXT}`);
    appendFileSync(path, 'what is this');
    expect([found(folder, KEY), found(folder, OTHER)]).toEqual([TEXT, undefined]);
    keep(folder, { [OTHER]: 'other' });
    expect([found(folder, KEY), found(folder, OTHER)]).toEqual([TEXT, 'other']);
  });

  it('follows no link, and reads no folder or pipe', () => {
    const { folder, path } = filled();
    renameSync(path, join(folder, 'elsewhere'));
    symlinkSync('elsewhere', path);
    expect(found(folder, KEY)).toBeUndefined();
    rmSync(path);
    mkdirSync(path);
    expect(found(folder, KEY)).toBeUndefined();
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
    keep(folder, { [KEY]: 'x'.repeat(501) }, { ...CACHE_LIMITS, entryBytes: 500 });
    expect(readdirSync(folder)).toEqual([]);
    expect(found(folder, KEY)).toBeUndefined();
  });

  it('begins another pack where one is large enough', () => {
    const folder = newFolder();
    const texts = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [keyOf([`${index}`]), 'x'.repeat(50_000)]),
    );
    keep(folder, texts, { ...CACHE_LIMITS, packBytes: 1_000_000 });
    expect(readdirSync(folder).length).toBeGreaterThan(2);
    expect(Object.keys(texts).filter((key) => found(folder, key) === undefined)).toEqual([]);
  });
});

/** A program of its own around the cache; as nobody, where this user may do everything. */
async function runs(folder: string, contents: string, count: number): Promise<readonly unknown[]> {
  const program = join(folder, '..', 'program.mjs');
  const module = (name: string): string =>
    JSON.stringify(join(import.meta.dirname, `../../src/sources/${name}.ts`));
  await build({
    stdin: {
      contents: `
        import { CACHE_LIMITS, keyOf, resultCache } from ${module('result-cache')};
        import { pruneCache } from ${module('prune-results')};
        const folder = process.argv[2];
        ${contents}`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
  });
  const nobody = process.geteuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (nobody.uid !== undefined) {
    chmodSync(join(folder, '..'), 0o755);
    for (const each of [folder, ...readdirSync(folder).map((name) => join(folder, name))]) {
      chownSync(each, nobody.uid, nobody.gid);
    }
  }
  return Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve) => {
          fork(program, [folder], nobody).once('exit', resolve);
        }),
    ),
  );
}

it('is read, and nothing more, where its folder is read-only', async () => {
  const { folder } = filled();
  chmodSync(folder, 0o500);
  onTestFinished(() => chmodSync(folder, 0o700));
  const before = readdirSync(folder);
  const program = `
    const cache = resultCache(folder);
    if (cache.read(keyOf(['a'])) !== ${JSON.stringify(TEXT)}) process.exit(3);
    cache.write(keyOf(['b']), 'other');
    if (cache.close()) process.exit(4);
    pruneCache(folder, { ...CACHE_LIMITS, entries: 0 });`;
  expect(await runs(folder, program, 1)).toEqual([0]);
  expect(readdirSync(folder)).toEqual(before);
});

it('loses what cannot be written, and nothing else', () => {
  const { folder } = filled();
  const cache = resultCache(folder)!;
  // The folder goes while the run is at work.
  renameSync(folder, `${folder}-moved`);
  cache.write(OTHER, 'x'.repeat(1_000_000));
  expect(cache.read(OTHER)).toBeUndefined();
  cache.write(KEY, 'once more');
  expect(cache.close()).toBe(false);
  expect(found(`${folder}-moved`, KEY)).toBe(TEXT);
});

it('survives several programs that write, read and prune at once', async () => {
  const folder = newFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const program = `
    let hits = 0;
    for (let round = 0; round < 200; round += 1) {
      const cache = resultCache(folder);
      const key = keyOf([String(round % 20)]);
      const found = cache.read(key);
      if (found !== undefined && found !== 'text of ' + (round % 20)) process.exit(3);
      if (found !== undefined) hits += 1;
      cache.write(key, 'text of ' + (round % 20));
      if (!cache.close()) process.exit(5);
      if (round % 10 === 0) pruneCache(folder, { ...CACHE_LIMITS, entries: 200 });
    }
    pruneCache(folder);
    process.exit(hits > 0 ? 0 : 4);`;
  expect(await runs(folder, program, 3)).toEqual([0, 0, 0]);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  expect(readdirSync(folder).length).toBeLessThan(60);
});

it('keeps what two programs add at the same time', async () => {
  const folder = newFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const program = `
    const cache = resultCache(folder);
    for (let index = 0; index < 300; index += 1) {
      cache.write(keyOf([String(process.pid), String(index)]), 'x'.repeat(index * 20));
      cache.write(keyOf([String(index)]), 'of all ' + index);
    }
    cache.close();
    const after = resultCache(folder);
    for (let index = 0; index < 300; index += 1) {
      const own = after.read(keyOf([String(process.pid), String(index)]));
      if (own?.length !== index * 20) process.exit(3);
      if (after.read(keyOf([String(index)])) !== 'of all ' + index) process.exit(4);
    }`;
  expect(await runs(folder, program, 2)).toEqual([0, 0]);
  expect(readdirSync(folder)).toHaveLength(2);
});
