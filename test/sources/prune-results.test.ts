/** Does what is kept on the disk stay within its limits, and is nothing lost that could stay? */
import {
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pruneCache } from '../../src/sources/prune-results.ts';
import { CACHE_LIMITS, keyOf } from '../../src/sources/result-cache.ts';
import { found, keep, newFolder } from './results.ts';

const KEY = keyOf(['a']);
const OTHER = keyOf(['b']);
const TEXT = 'text of all';

describe('too much', () => {
  /** Ten packs of one result each, the first the oldest, each of a little more than 1200 bytes. */
  function ten(): { readonly folder: string; readonly keys: readonly string[] } {
    const folder = newFolder();
    const keys = Array.from({ length: 10 }, (_, index) => keyOf([`${index}`]));
    for (const [index, key] of keys.entries()) {
      const before = new Set(index === 0 ? [] : readdirSync(folder));
      keep(folder, { [key]: 'x'.repeat(1000 + index) });
      const name = readdirSync(folder).find((each) => !before.has(each))!;
      const at = Date.now() / 1000 - 3600 * (10 - index);
      utimesSync(join(folder, name), at, at);
    }
    return { folder, keys };
  }
  const kept = (folder: string, keys: readonly string[]): number[] =>
    keys.flatMap((key, index) => (found(folder, key) === undefined ? [] : [index]));

  it('goes, the oldest first, by count and by bytes', () => {
    const one = ten();
    pruneCache(one.folder, { ...CACHE_LIMITS, entries: 5 });
    expect(kept(one.folder, one.keys)).toEqual([6, 7, 8, 9]);
    const other = ten();
    pruneCache(other.folder, { ...CACHE_LIMITS, allBytes: 6500 });
    expect(kept(other.folder, other.keys)).toEqual([6, 7, 8, 9]);
  });

  it('stays where it is not too much, and nothing of others is touched', () => {
    const { folder, keys } = ten();
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    pruneCache(folder, { ...CACHE_LIMITS, entries: 10 });
    expect(kept(folder, keys)).toHaveLength(10);
    pruneCache(folder, { ...CACHE_LIMITS, allBytes: 0, entries: 0 });
    expect(readdirSync(folder)).toEqual(['notes.txt']);
  });

  it('goes later where it was used a short while ago', () => {
    const { folder, keys } = ten();
    const old = Date.now() / 1000 - 3 * 24 * 3600;
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), old, old);
    expect(found(folder, keys[3]!)).toHaveLength(1003);
    const used = readdirSync(folder).filter(
      (name) => Date.now() - statSync(join(folder, name)).mtimeMs < 60_000,
    );
    expect(used).toHaveLength(1);
    pruneCache(folder, { ...CACHE_LIMITS, entries: 5 });
    expect(kept(folder, keys)).toContain(3);
  });

  it('takes along what killed runs left and what older forms had, once that is old', () => {
    const { folder, keys } = ten();
    const names = ['old.tmp', 'young.tmp', 'old.result', 'young.result', 'old.pack', 'young.pack'];
    for (const name of names) writeFileSync(join(folder, name), 'half');
    for (const name of names.filter((each) => each.startsWith('old'))) {
      utimesSync(join(folder, name), 1, 1);
    }
    pruneCache(folder);
    const left = readdirSync(folder).filter((name) => names.includes(name));
    expect(left.toSorted()).toEqual(['young.pack', 'young.result', 'young.tmp']);
    expect(kept(folder, keys)).toHaveLength(10);
  });
});

describe('many packs', () => {
  /** One result each, as runs over single files leave them. */
  function twenty(): { readonly folder: string; readonly keys: readonly string[] } {
    const folder = newFolder();
    const keys = Array.from({ length: 20 }, (_, index) => keyOf([`${index}`]));
    for (const key of keys) keep(folder, { [key]: `text of ${key}`, [KEY]: TEXT });
    return { folder, keys };
  }

  it('become one, with all that is in them', () => {
    const { folder, keys } = twenty();
    const [youngest] = readdirSync(folder).toSorted();
    utimesSync(join(folder, youngest!), Date.now() / 1000 + 60, Date.now() / 1000 + 60);
    pruneCache(folder);
    expect(readdirSync(folder)).toHaveLength(1);
    for (const key of keys) expect(found(folder, key)).toBe(`text of ${key}`);
    expect(found(folder, KEY)).toBe(TEXT);
    const [path] = readdirSync(folder).map((name) => join(folder, name));
    expect(statSync(path!).mtimeMs).toBeGreaterThan(Date.now() + 30_000);
    expect(statSync(path!).mode & 0o777).toBe(0o600);
  });

  it('stay apart where another run may still add to them', () => {
    const { folder, keys } = twenty();
    const names = readdirSync(folder);
    const open = join(folder, names[0]!);
    // Without its end, as while a run is at work.
    truncateSync(open, statSync(open).size - 48);
    pruneCache(folder);
    expect(readdirSync(folder)).toHaveLength(2);
    expect(readdirSync(folder)).toContain(names[0]);
    for (const key of keys) expect(found(folder, key)).toBe(`text of ${key}`);
    // One that nobody has added to for long was left by a run that was killed.
    utimesSync(open, 1, 1);
    for (const key of ['x', 'y'])
      for (let at = 0; at < 9; at += 1) keep(folder, { [keyOf([key, `${at}`])]: key });
    pruneCache(folder);
    expect(readdirSync(folder)).toHaveLength(1);
    for (const key of keys) expect(found(folder, key)).toBe(`text of ${key}`);
  });

  it('do not carry along what is broken', () => {
    const { folder, keys } = twenty();
    const path = join(folder, readdirSync(folder)[0]!);
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('text of')]! ^= 1;
    writeFileSync(path, bytes);
    pruneCache(folder);
    const known = keys.filter((key) => found(folder, key) !== undefined);
    expect(known).toHaveLength(19);
  });

  it('are left where one is far larger than the others', () => {
    const { folder, keys } = twenty();
    keep(folder, { [OTHER]: 'x'.repeat(500_000) });
    pruneCache(folder);
    expect(readdirSync(folder)).toHaveLength(2);
    expect(found(folder, OTHER)).toHaveLength(500_000);
    expect(found(folder, keys[0]!)).toBe(`text of ${keys[0]!}`);
  });
});
