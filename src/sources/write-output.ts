/** Writes a report into a file, so that who reads the file sees the old report or the new one whole. */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BELOW_A_FILE, whyNot } from './why-not.ts';

/**
 * Whether a report could be written there, as far as that can be told beforehand.
 *
 * @param path absolute
 */
export function whyNoOutput(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory()) return 'is a folder';
    const folder = dirname(path);
    const above = statSync(folder, { throwIfNoEntry: false });
    if (!above) return `cannot be written: there is no folder ${folder}`;
    // Below a file there is nothing: Node 20 throws then, and later ones do not.
    if (!above.isDirectory()) return `cannot be written: ${BELOW_A_FILE}`;
    if (stats) accessSync(path, constants.W_OK);
    if (!stats || stats.isFile()) accessSync(folder, constants.W_OK);
  } catch (error) {
    return `cannot be written: ${whyNot(error)}`;
  }
  return undefined;
}

/**
 * @param path absolute; of a symbolic link the target is replaced, and a pipe or device is written to
 * @returns why the file was not written, and stays as it was; `undefined` where it was
 */
export function replaceOutput(path: string, text: string): string | undefined {
  let temporary: string | undefined;
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory()) return 'is a folder';
    if (stats && !stats.isFile()) {
      writeFileSync(path, text);
      return undefined;
    }
    const target = stats ? realpathSync(path) : path;
    // Not longer than a name may be.
    const name = `.${basename(target).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`;
    const beside = join(dirname(target), name);
    const file = openSync(beside, 'wx', stats ? stats.mode & 0o777 : 0o666);
    temporary = beside;
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
    temporary = undefined;
    return undefined;
  } catch (error) {
    return `cannot be written: ${whyNot(error)}`;
  } finally {
    if (temporary !== undefined) rmSync(temporary, { force: true });
  }
}
