/**
 * Puts a new text into a file so that a crash at any moment leaves the old or the new one.
 * Refuses where somebody else changed the file, or where a rename would take something away.
 * Of several files all are written or none; only a crash between two renames can leave the first
 * alone, which therefore is the one that harms least.
 */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  type BigIntStats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Seen } from './read-file.ts';
import { whyNot } from './why-not.ts';

export interface Replacement {
  readonly path: string;
  /** What a refusal calls the file; empty where it is clear. */
  readonly name: string;
  /** `undefined` where there is no such file yet: one that has come since then is left alone. */
  readonly seen: Seen | undefined;
  readonly text: string;
}

/** @returns why the file was not written; `undefined` where it was. */
export function replaceFile(path: string, seen: Seen, text: string): string | undefined {
  return replaceFiles([{ path, name: '', seen, text }]);
}

/** @returns why none of the files was written; `undefined` where all were. */
export function replaceFiles(replacements: readonly Replacement[]): string | undefined {
  const staged: Staged[] = [];
  try {
    for (const replacement of replacements) {
      const one = stage(replacement);
      if (typeof one === 'string') return `${replacement.name} ${one}`.trim();
      staged.push(one);
    }
    return commit(staged);
  } finally {
    for (const { temporary } of staged) rmSync(temporary, { force: true });
  }
}

/** The new text beside the file, ready to take its place. */
interface Staged {
  readonly replacement: Replacement;
  /** Of a symbolic link the target is replaced; the link stays. */
  readonly target: string;
  readonly temporary: string;
  /** `undefined` of a new file. */
  readonly stats: BigIntStats | undefined;
}

function stage(replacement: Replacement): Staged | string {
  const { path, seen, text } = replacement;
  try {
    if (!seen) {
      if (lstatSync(path, { throwIfNoEntry: false })) return APPEARED;
      return {
        replacement,
        target: path,
        temporary: write(path, text, undefined),
        stats: undefined,
      };
    }
    const target = realpathSync(path);
    const stats = statSync(target, { bigint: true });
    const refused = whyNotReplace(target, stats);
    if (refused !== undefined) return refused;
    return { replacement, target, temporary: write(target, text, stats), stats };
  } catch (error) {
    if (error instanceof CannotWrite) return error.message;
    return `cannot be written: ${whyNot(error)}`;
  }
}

const APPEARED = 'has appeared since its folder was read; left alone';

/** The new files one after the other; where one cannot be put in its place, those before go back. */
function commit(staged: readonly Staged[]): string | undefined {
  const done: Staged[] = [];
  const failed = (one: Staged, why: string): string => {
    const lost = done.toReversed().filter((each) => !isUndone(each));
    const names = lost.map(({ target }) => basename(target)).join(' and ');
    const rest = names === '' ? '' : `; ${names} could not be put back as it was`;
    return `${one.replacement.name} ${why}${rest}`.trim();
  };
  for (const one of staged) {
    try {
      if (one.stats && hasChanged(one.target, one.replacement.seen!)) {
        return failed(one, 'has changed since it was read; left alone');
      }
    } catch (error) {
      return failed(one, `cannot be written: ${whyNot(error)}`);
    }
  }
  for (const one of staged) {
    try {
      // A link, unlike a rename, does not take the place of what has come there meanwhile.
      if (one.stats) renameSync(one.temporary, one.target);
      else linkSync(one.temporary, one.target);
    } catch (error) {
      return failed(one, `cannot be written in its folder: ${whyNot(error)}`);
    }
    done.push(one);
    syncFolder(dirname(one.target));
  }
  return undefined;
}

function isUndone({ target, stats, replacement }: Staged): boolean {
  let temporary: string | undefined;
  try {
    if (!stats) unlinkSync(target);
    else renameSync((temporary = write(target, replacement.seen!.bytes, stats)), target);
    return true;
  } catch {
    // The caller says so.
    if (temporary !== undefined) rmSync(temporary, { force: true });
    return false;
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

class CannotWrite extends Error {}

/**
 * A temporary file with the text beside the target.
 * @returns its path
 */
function write(target: string, text: string | Uint8Array, stats: BigIntStats | undefined): string {
  const name = `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`;
  const temporary = join(dirname(target), name);
  let isLeft = false;
  try {
    const file = openSync(temporary, 'wx', stats ? 0o600 : 0o666);
    isLeft = true;
    try {
      writeFileSync(file, text);
      if (stats) takeOver(file, stats);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    isLeft = false;
    return temporary;
  } catch (error) {
    throw new CannotWrite(`cannot be written in its folder: ${whyNot(error)}`);
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
