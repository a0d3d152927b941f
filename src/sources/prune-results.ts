/** Keeps the results on the disk few enough: in few packs, and no more than there may be. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { CACHE_LIMITS, isOwn, newPackName, PACK_ENDING, type CacheLimits } from './result-cache.ts';
import { blockOf, openPack, textReader, writeWhole, type Entry, type Pack } from './result-pack.ts';

const HOUR_MS = 60 * 60 * 1000;

/** Leftovers of a run that was killed while it wrote. */
const ABANDONED_AFTER_MS = HOUR_MS;

/** Of the form before packs: a file for each result. None of them is good for longer. */
const OLD_ENDING = '.result';
const OLD_AFTER_MS = 24 * HOUR_MS;

/** Each run that looks for a result opens all packs. */
const MOST_PACKS = 16;

/** What is put together at once. */
const BLOCK_BYTES = 1_000_000;

interface PackFile {
  readonly path: string;
  readonly bytes: number;
  readonly entries: number;
  /** When it was used, in milliseconds. */
  readonly used: number;
  /** It is of this form, and no other run adds to it. */
  readonly isComplete: boolean;
}

/** Takes away what was not used for longest, where there is too much. Other runs may be at work. */
export function pruneCache(folder: string, limits: CacheLimits = CACHE_LIMITS): void {
  try {
    if (!isOwn(folder)) return;
    const packs = readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      if (name.endsWith(PACK_ENDING)) return packFile(path);
      // Whatever else lies there is not dfopt's.
      if (name.endsWith('.tmp')) removeOld(path, ABANDONED_AFTER_MS);
      if (name.endsWith(OLD_ENDING)) removeOld(path, OLD_AFTER_MS);
      return [];
    });
    const kept = withinLimits(packs, limits);
    const complete = kept.filter((pack) => pack.isComplete);
    if (complete.length > MOST_PACKS) putTogether(folder, complete, limits);
  } catch {
    // Next time.
  }
}

function removeOld(path: string, age: number): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() && Date.now() - stats.mtimeMs > age) rmSync(path, { force: true });
}

function packFile(path: string): PackFile[] {
  const pack = openPack(path);
  if (!pack) return [];
  const { file, bytes, modified: used, places, isEnded } = pack;
  closeSync(file);
  const age = Date.now() - used;
  // Nothing in it can be read: it is broken, or of another dfopt, that would have used it since.
  if (places.size === 0 && age > OLD_AFTER_MS) {
    rmSync(path, { force: true });
    return [];
  }
  const isComplete = places.size > 0 && (isEnded || age > ABANDONED_AFTER_MS);
  return [{ path, bytes, entries: places.size, used, isComplete }];
}

function withinLimits(
  packs: readonly PackFile[],
  { allBytes, entries: most }: CacheLimits,
): readonly PackFile[] {
  let bytes = packs.reduce((sum, pack) => sum + pack.bytes, 0);
  let entries = packs.reduce((sum, pack) => sum + pack.entries, 0);
  if (bytes <= allBytes && entries <= most) return packs;
  return packs
    .toSorted((a, b) => a.used - b.used)
    .filter((pack) => {
      // A little more than needed, so that the next run need not do it again.
      if (bytes <= allBytes * 0.9 && entries <= most * 0.9) return true;
      rmSync(pack.path, { force: true });
      bytes -= pack.bytes;
      entries -= pack.entries;
      return false;
    });
}

/** The small ones become one, which is as old as the youngest of them. */
function putTogether(folder: string, all: readonly PackFile[], limits: CacheLimits): void {
  const small: PackFile[] = [];
  let [bytes, entries] = [0, 0];
  for (const pack of all.toSorted((a, b) => a.bytes - b.bytes)) {
    const isTooMuch =
      bytes + pack.bytes > limits.packBytes || entries + pack.entries > limits.packEntries;
    // One that is far larger than the others together is not copied for their sake.
    if (isTooMuch || (small.length > 1 && pack.bytes > 2 * bytes)) break;
    small.push(pack);
    bytes += pack.bytes;
    entries += pack.entries;
  }
  if (small.length < 2) return;
  const used = Math.max(...small.map((pack) => pack.used));
  const path = join(folder, newPackName(used));
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    copyAll(small, temporary);
    utimesSync(temporary, used / 1000, used / 1000);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  for (const pack of small) rmSync(pack.path, { force: true });
}

function copyAll(files: readonly PackFile[], path: string): void {
  const to = openSync(path, 'wx', 0o600);
  try {
    const done = new Set<string>();
    let block: Entry[] = [];
    let bytes = 0;
    const flush = (): void => {
      if (block.length > 0) writeWhole(to, blockOf(block));
      [block, bytes] = [[], 0];
    };
    for (const file of files.toSorted((a, b) => b.used - a.used)) {
      const pack = openPack(file.path);
      if (!pack) continue;
      try {
        for (const entry of entriesOf(pack)) {
          if (done.has(entry.key)) continue;
          done.add(entry.key);
          block.push(entry);
          bytes += entry.text.length;
          if (bytes > BLOCK_BYTES) flush();
        }
      } finally {
        closeSync(pack.file);
      }
    }
    flush();
    writeWhole(to, blockOf([]));
  } finally {
    closeSync(to);
  }
}

function* entriesOf({ file, places }: Pack): Generator<Entry> {
  const textAt = textReader(file);
  for (const [key, place] of places) {
    const text = textAt(place);
    if (text) yield { key, text };
  }
}
