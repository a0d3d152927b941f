/**
 * Results on the disk, each under a key that stands for all that it was made of. What is read is held
 * against its digest, so that a broken one is nothing but a missing one; what cannot be written is
 * computed again next time. Only a folder that nobody else can write to is used. A run that has something
 * to keep adds packs of its own, so that no run stands in another's way.
 */
import { hash, randomBytes } from 'node:crypto';
import {
  closeSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  blockOf,
  openPack,
  placesIn,
  textReader,
  writeWhole,
  type Entry,
  type Place,
} from './result-pack.ts';

export interface ResultCache {
  /** Nothing is in it. */
  readonly isEmpty: () => boolean;
  /** Whether there is one; that it can be read is not yet sure. */
  readonly has: (key: string) => boolean;
  /** @param key as `keyOf` makes them */
  readonly read: (key: string) => string | undefined;
  /** It can be read at once, and is on the disk a second later, or when the cache is closed. */
  readonly write: (key: string, text: string) => void;
  /** @returns whether something came to what is on the disk */
  readonly close: () => boolean;
}

export interface CacheLimits {
  /** Of one result: what is larger is computed each time. */
  readonly entryBytes: number;
  /** Of all together, as far as `pruneCache` is called. */
  readonly allBytes: number;
  readonly entries: number;
  /** Of one pack, more or less. */
  readonly packBytes: number;
  readonly packEntries: number;
}

/** A result has about 10 kB, and stands beside short records of what its Dockerfile names. */
export const CACHE_LIMITS: CacheLimits = {
  entryBytes: 2_000_000,
  allBytes: 256_000_000,
  entries: 20_000,
  packBytes: 32_000_000,
  packEntries: 4000,
};

/** Days after which a pack that was read from counts as used again: writing that down costs time. */
const TOUCHED_AFTER_MS = 24 * 60 * 60 * 1000;

/** So much a run loses that is killed. */
const KEPT_AFTER_MS = 1000;

/** What waits for the disk at most. */
const WAITING_BYTES = 512 * 1024;

export const PACK_ENDING = '.pack';

/** A name for these parts together, in which no part can be taken for a piece of another. */
export function keyOf(parts: readonly string[]): string {
  return hash('sha256', parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join(''));
}

/**
 * @param folder absolute; made where there is none
 * @returns `undefined` where it cannot be had, or is not the user's alone
 */
export function resultCache(folder: string, limits = CACHE_LIMITS): ResultCache | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOwn(folder)) return undefined;
  } catch {
    return undefined;
  }
  const own = packWriter(folder, limits);
  let others: OpenPacks | undefined;
  const waiting = new Map<string, string>();
  let bytes = 0;
  let since = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.size === 0) return;
    own.add([...waiting].map(([key, text]) => ({ key, text: Buffer.from(text) })));
    waiting.clear();
    bytes = 0;
  };
  return {
    isEmpty: () => waiting.size === 0 && isEmptyCache(folder),
    has: (key) => {
      if (waiting.has(key) || own.has(key)) return true;
      others ??= openPacks(folder);
      return others.has(key);
    },
    read: (key) => {
      const text = waiting.get(key) ?? own.read(key);
      if (text !== undefined) return text;
      others ??= openPacks(folder);
      return others.read(key);
    },
    write: (key, text) => {
      const size = Buffer.byteLength(text);
      if (size > limits.entryBytes) return;
      if (waiting.size === 0) since = performance.now();
      waiting.set(key, text);
      bytes += size;
      // No timer comes to its turn while one file after the other is computed.
      if (bytes > WAITING_BYTES || performance.now() - since > KEPT_AFTER_MS) flush();
      else timer ??= setTimeout(flush, KEPT_AFTER_MS).unref();
    },
    close: () => {
      flush();
      others?.close();
      others = undefined;
      return own.end();
    },
  };
}

/** Nothing was kept in it yet, as far as can be told from outside. */
export function isEmptyCache(folder: string): boolean {
  return packNames(folder).length === 0;
}

/** What others put there would be taken for results. */
export function isOwn(folder: string): boolean {
  const stats = lstatSync(folder);
  if (!stats.isDirectory()) return false;
  // Windows has neither.
  const user = process.geteuid?.();
  return user === undefined || (stats.uid === user && (stats.mode & 0o022) === 0);
}

interface OpenPacks {
  readonly has: (key: string) => boolean;
  readonly read: (key: string) => string | undefined;
  readonly close: () => void;
}

/** Those that are there now; a newer one is asked before an older one. */
function openPacks(folder: string): OpenPacks {
  const packs = openAll(folder).map((pack) => ({ ...pack, textAt: textReader(pack.file) }));
  const used = new Set<number>();
  return {
    has: (key) => packs.some(({ places }) => places.has(key)),
    read: (key) => {
      for (const { file, modified, places, textAt } of packs) {
        const place = places.get(key);
        const text = place && textAt(place);
        if (!text) continue;
        if (!used.has(file) && Date.now() - modified > TOUCHED_AFTER_MS) touch(file);
        used.add(file);
        return text.toString('utf8');
      }
      return undefined;
    },
    close: () => {
      for (const { file } of packs) closeSync(file);
    },
  };
}

function openAll(folder: string): NonNullable<ReturnType<typeof openPack>>[] {
  const open = (): ReturnType<typeof openPack>[] =>
    packNames(folder).map((name) => openPack(join(folder, name)));
  const first = open();
  const all = first.filter((pack) => pack !== undefined);
  if (all.length === first.length) return all;
  // Another run has put some together into a new one meanwhile, or there is one that cannot be read.
  for (const { file } of all) closeSync(file);
  return open().filter((pack) => pack !== undefined);
}

/** Their names begin with the time at which they were begun. */
function packNames(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(PACK_ENDING));
    return names.toSorted().toReversed();
  } catch {
    return [];
  }
}

function touch(file: number): void {
  try {
    futimesSync(file, Date.now() / 1000, Date.now() / 1000);
  } catch {
    // It is read-only: then it goes earlier than it would have to.
  }
}

/** @param time in milliseconds */
export function newPackName(time: number): string {
  return `${Math.floor(time).toString(36).padStart(9, '0')}-${randomBytes(6).toString('hex')}${PACK_ENDING}`;
}

interface PackWriter {
  readonly add: (entries: readonly Entry[]) => void;
  readonly has: (key: string) => boolean;
  /** One of those that were added. */
  readonly read: (key: string) => string | undefined;
  /** @returns whether anything was added */
  readonly end: () => boolean;
}

interface NewPack {
  readonly path: string;
  readonly file: number;
  readonly textAt: (place: Place) => Buffer | undefined;
  readonly places: Map<string, Place>;
  bytes: number;
}

/** There is no pack where nothing is added. */
function packWriter(folder: string, { packBytes, packEntries }: CacheLimits): PackWriter {
  let pack: NewPack | undefined;
  let hasAdded = false;
  // A full disk is not asked again and again.
  let isStopped = false;
  const begin = (): NewPack => {
    const path = join(folder, newPackName(Date.now()));
    // For its user alone: it has parts of private Dockerfiles in it.
    const file = openSync(path, 'wx+', 0o600);
    return { path, file, textAt: textReader(file), places: new Map(), bytes: 0 };
  };
  const end = (): void => {
    if (!pack) return;
    const { path, file, bytes } = pack;
    pack = undefined;
    try {
      if (!isStopped) writeWhole(file, blockOf([]));
    } catch {
      // Then others wait before they put it together with what is theirs.
    }
    closeSync(file);
    if (bytes === 0) rmSync(path, { force: true });
  };
  return {
    add: (entries) => {
      if (isStopped) return;
      try {
        pack ??= begin();
        const block = blockOf(entries);
        writeWhole(pack.file, block);
        for (const [key, place] of placesIn(block, pack.bytes)) pack.places.set(key, place);
        pack.bytes += block.length;
        hasAdded = true;
        if (pack.bytes > packBytes || pack.places.size > packEntries) end();
      } catch {
        isStopped = true;
        end();
      }
    },
    has: (key) => pack?.places.has(key) === true,
    read: (key) => {
      const place = pack?.places.get(key);
      return place && pack?.textAt(place)?.toString('utf8');
    },
    end: () => {
      end();
      return hasAdded;
    },
  };
}
