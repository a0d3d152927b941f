/** By what the file system says of them, whether files are the ones that were read before. */
import type { Stats } from 'node:fs';

/** Stands for the texts of a context, as the file system tells changed files from unchanged ones. */
export interface Stamp {
  readonly text: string;
  /** All files were as they are for so long that the next change gives them another time. */
  readonly isSettled: boolean;
}

/** A file whose text is read, as the system describes it. */
export interface Stamped {
  readonly path: string;
  readonly stats: Stats;
}

/** Some file systems count in steps of two seconds. */
const SETTLED_AFTER_MS = 2500;

export function stampOf(stamped: readonly Stamped[], began: number): Stamp {
  const newest = Math.max(0, ...stamped.map(({ stats }) => Math.max(stats.ctimeMs, stats.mtimeMs)));
  const rows = stamped.map(({ path, stats: { dev, ino, size, mtimeMs, ctimeMs } }) => [
    path,
    dev,
    ino,
    size,
    mtimeMs,
    ctimeMs,
  ]);
  return { text: JSON.stringify(rows), isSettled: began - newest > SETTLED_AFTER_MS };
}
