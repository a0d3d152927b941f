/** `--cache-dir` and `--no-cache`: where results are kept from run to run. */
import { isAbsolute, join, resolve } from 'node:path';
import { lastString, type Arguments } from './command.ts';
import type { Io } from './io.ts';
import { UsageError } from './usage.ts';

export const CACHE_OPTIONS = {
  cache: {
    type: 'boolean',
    default: true,
    describe: 'Take results of files that did not change from the cache, or --no-cache',
  },
  'cache-dir': {
    type: 'string',
    requiresArg: true,
    describe: 'Keep results there; none: $XDG_CACHE_HOME/dfopt or ~/.cache/dfopt',
  },
} as const;

/**
 * Never in the repository: what lies there came from others, and would be taken for results.
 *
 * @returns absolute; `undefined` where none is wanted or none can be had
 * @throws UsageError
 */
export function cacheFolderOf(argv: Arguments, { env, cwd }: Io): string | undefined {
  const given = lastString(argv['cache-dir']);
  const isOff = [argv['cache']].flat().at(-1) === false;
  if (isOff && given !== undefined) {
    throw new UsageError('--no-cache and --cache-dir exclude each other');
  }
  if (isOff) return undefined;
  if (given !== undefined) return resolve(cwd, given);
  const xdg = env['XDG_CACHE_HOME'];
  const home = env['HOME'] || env['USERPROFILE'];
  // By the XDG base directory specification, a relative path there is to be ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'dfopt', 'results');
  return home && isAbsolute(home) ? join(home, '.cache', 'dfopt', 'results') : undefined;
}
