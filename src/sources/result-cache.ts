/**
 * Results on the disk, each under a key that stands for all that it was made of. What is read is held
 * against its digest, so that a broken file is nothing but a missing one; what cannot be written is
 * computed again next time. Only a folder that nobody else can write to is used.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export interface ResultCache {
  /** @param key as `keyOf` makes them */
  readonly read: (key: string) => string | undefined;
  readonly write: (key: string, text: string) => void;
}

export interface CacheLimits {
  /** Of one result: what is larger is computed each time. */
  readonly entryBytes: number;
  /** Of all together, as far as `pruneCache` is called. */
  readonly allBytes: number;
  readonly entries: number;
}

/** A result has about 10 kB, and stands beside a short record of what its Dockerfile names. */
export const CACHE_LIMITS: CacheLimits = {
  entryBytes: 2_000_000,
  allBytes: 256_000_000,
  entries: 20_000,
};

/** Days after which a result that was read counts as used again: writing that down costs time. */
const TOUCHED_AFTER_MS = 24 * 60 * 60 * 1000;

/** Leftovers of a run that was killed while it wrote. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/** A name for these parts together, in which no part can be taken for a piece of another. */
export function keyOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
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
  return {
    read: (key) => read(join(folder, nameOf(key)), key, limits),
    write: (key, text) => write(join(folder, nameOf(key)), key, text, limits),
  };
}

/** What others put there would be taken for results. */
function isOwn(folder: string): boolean {
  const stats = lstatSync(folder);
  if (!stats.isDirectory()) return false;
  // Windows has neither.
  const user = process.geteuid?.();
  return user === undefined || (stats.uid === user && (stats.mode & 0o022) === 0);
}

const ENDING = '.result';

function nameOf(key: string): string {
  return `${key}${ENDING}`;
}

/** In front of the text: its form, and its digest together with the key. */
function headOf(key: string, text: string): string {
  const digest = createHash('sha256').update(`${key}\n`).update(text).digest('hex');
  return `dfopt-result-1 ${digest}\n`;
}

/** Reads of one thread come one after the other. */
let buffer = Buffer.allocUnsafe(64 * 1024);

function read(path: string, key: string, limits: CacheLimits): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(
      path,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > limits.entryBytes) return undefined;
    if (stats.size > buffer.length) buffer = Buffer.allocUnsafe(stats.size * 2);
    const length = readSync(file, buffer, 0, stats.size, 0);
    const end = buffer.indexOf(10) + 1;
    const text = buffer.toString('utf8', end, length);
    if (end === 0 || headOf(key, text) !== buffer.toString('latin1', 0, end)) return undefined;
    const now = Date.now();
    if (now - stats.mtimeMs > TOUCHED_AFTER_MS) touch(file, now);
    return text;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function touch(file: number, now: number): void {
  try {
    futimesSync(file, now / 1000, now / 1000);
  } catch {
    // It is read-only: then it goes earlier than it would have to.
  }
}

function write(path: string, key: string, text: string, limits: CacheLimits): void {
  const content = Buffer.from(headOf(key, text) + text);
  if (content.length > limits.entryBytes) return;
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    // For its user alone: it has parts of private Dockerfiles in it.
    writeFileSync(temporary, content, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
  } catch {
    rmSync(temporary, { force: true });
  }
}

/** Takes away what was not used for longest, where there is too much. Other runs may be at work. */
export function pruneCache(folder: string, limits = CACHE_LIMITS): void {
  try {
    if (!isOwn(folder)) return;
    const now = Date.now();
    const files = readdirSync(folder).flatMap((name) => {
      const isTemporary = name.endsWith('.tmp');
      // Whatever else lies there is not dfopt's.
      if (!isTemporary && !name.endsWith(ENDING)) return [];
      const path = join(folder, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      if (!stats?.isFile()) return [];
      if (isTemporary && now - stats.mtimeMs < ABANDONED_AFTER_MS) return [];
      if (isTemporary) rmSync(path, { force: true });
      return isTemporary ? [] : [{ path, bytes: stats.size, used: stats.mtimeMs }];
    });
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    let count = files.length;
    if (bytes <= limits.allBytes && count <= limits.entries) return;
    for (const file of files.toSorted((a, b) => a.used - b.used)) {
      // A little more than needed, so that the next run need not do it again.
      if (bytes <= limits.allBytes * 0.9 && count <= limits.entries * 0.9) return;
      rmSync(file.path, { force: true });
      bytes -= file.bytes;
      count -= 1;
    }
  } catch {
    // Next time.
  }
}
