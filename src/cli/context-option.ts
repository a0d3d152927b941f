/** The folder that `--context` names. */
import { resolve } from 'node:path';
import { isFolder } from '../sources/what-is-there.ts';
import { UsageError } from './usage.ts';

/**
 * @returns absolute; `undefined` where nothing is named
 * @throws UsageError where there is no such folder
 */
export function contextFolder(given: string | undefined, cwd: string): string | undefined {
  if (given === undefined) return undefined;
  const folder = resolve(cwd, given);
  if (!isFolder(folder)) throw new UsageError(`--context: "${given}" is no folder`);
  return folder;
}
