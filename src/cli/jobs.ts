/** `--jobs`: how many threads rewrite files at a time. */
import { availableParallelism } from 'node:os';
import { lastString, type Arguments } from './command.ts';
import { UsageError } from './usage.ts';

export const JOBS_OPTION = {
  jobs: {
    alias: 'j',
    type: 'string',
    requiresArg: true,
    defaultDescription: 'auto',
    describe: 'Threads for many files: a number, or auto for as many as there are processors',
  },
} as const;

/** More would only fill the memory: each has a program and rows of its own. */
const MOST = 64;

/** @throws UsageError */
export function jobsOf(argv: Arguments): number {
  const given = lastString(argv['jobs']) ?? 'auto';
  if (given === 'auto') return Math.min(availableParallelism(), MOST);
  const count = /^[1-9]\d{0,3}$/.test(given) ? Number(given) : 0;
  if (count === 0) throw new UsageError(`--jobs is a number from 1 on, or auto, not "${given}"`);
  return Math.min(count, MOST);
}
