/**
 * Puts a new text into a file so that a crash at any moment leaves the old or the new one.
 * Refuses where somebody else changed the file, or where a rename would take something away.
 */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  type BigIntStats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Seen } from './read-file.ts';
import { whyNot } from './why-not.ts';

/** @returns why the file was not written; `undefined` where it was. */
export function replaceFile(path: string, seen: Seen, text: string): string | undefined {
  try {
    // Of a symbolic link the target is replaced; the link stays.
    const target = realpathSync(path);
    const stats = statSync(target, { bigint: true });
    return whyNotReplace(target, stats) ?? replace(target, stats, seen, text);
  } catch (error) {
    return `cannot be written: ${whyNot(error)}`;
  }
}

function whyNotReplace(target: string, stats: BigIntStats): string | undefined {
  if (!stats.isFile()) return 'is not a regular file';
  if (stats.nlink > 1n) {
    return 'has other hard links, which would keep the old text; left alone';
  }
  // Asked of the mode as well: the system lets root write whatever the mode says.
  if ((stats.mode & 0o222n) === 0n) return 'is read-only; left alone';
  try {
    accessSync(target, constants.W_OK);
  } catch (error) {
    return `cannot be written: ${whyNot(error)}`;
  }
  return undefined;
}

function replace(target: string, stats: BigIntStats, seen: Seen, text: string): string | undefined {
  const name = `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`;
  const temporary = join(dirname(target), name);
  let isLeft = false;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    isLeft = true;
    try {
      writeFileSync(file, text);
      takeOver(file, stats);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (hasChanged(target, seen)) return 'has changed since it was read; left alone';
    renameSync(temporary, target);
    isLeft = false;
    syncFolder(dirname(target));
    return undefined;
  } catch (error) {
    return `cannot be written in its folder: ${whyNot(error)}`;
  } finally {
    if (isLeft) unlinkSync(temporary);
  }
}

/** The old file's owner, as far as that is allowed, and its mode. */
function takeOver(file: number, stats: BigIntStats): void {
  try {
    fchownSync(file, Number(stats.uid), Number(stats.gid));
  } catch {
    // Only root may give files away. The text matters more than its owner.
  }
  // After the owner: a change of owner clears the set-id bits.
  fchmodSync(file, Number(stats.mode & 0o7777n));
}

function hasChanged(target: string, seen: Seen): boolean {
  const stats = statSync(target, { bigint: true });
  if (stats.mtimeNs !== seen.modified || stats.size !== BigInt(seen.bytes.length)) return true;
  return Buffer.compare(readFileSync(target), seen.bytes) !== 0;
}

/** Without this a power cut may forget the rename. Not every system can do it. */
function syncFolder(folder: string): void {
  try {
    const file = openSync(folder, 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch {
    // The file itself is written; only the last guarantee is missing.
  }
}
