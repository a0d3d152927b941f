/** What became of one file: what every report is made of. */
import type { Result } from '../pipeline.ts';
import { unifiedDiff } from './diff.ts';

/** A file that changes together with the Dockerfile. */
export interface OtherFile {
  readonly file: string;
  readonly diffName: string;
  /** `undefined` where there is no such file yet. */
  readonly before: string | undefined;
  readonly after: string;
}

export interface FileReport {
  /** The file's name, as its user would type it. */
  readonly file: string;
  /** The file's name in a diff. */
  readonly diffName: string;
  /** Missing where the file could not be read. */
  readonly result?: Result;
  /** What must change with it; empty where nothing must. */
  readonly others: readonly OtherFile[];
  /** Why the file could not be read, rewritten or written. */
  readonly failure?: string;
  /** The rewritten text is in the file, and in the others. */
  readonly written: boolean;
  /** By the id of a remark: the files that change where that edit is made without the others. */
  readonly fixes?: ReadonlyMap<string, readonly OtherFile[]>;
}

/** One for each file that changes; the others first, as the Dockerfile counts on them. */
export function diffsOf({ diffName, result, others }: FileReport): string[] {
  const own = result ? unifiedDiff(diffName, result.input, result.output) : '';
  const rest = others.map((other) => unifiedDiff(other.diffName, other.before, other.after));
  return [...rest, own].filter((diff) => diff !== '');
}

/** The names of the files that change. */
export function changedFiles({ file, result, others }: FileReport): string[] {
  const isChanged = result !== undefined && result.output !== result.input;
  return [...others.map((other) => other.file), ...(isChanged ? [file] : [])];
}

export function hasChanged(report: FileReport): boolean {
  return changedFiles(report).length > 0;
}

/** The builder rejects the file, or dfopt could not do its work on it. */
export function hasErrors(report: FileReport): boolean {
  const diagnostics = report.result?.diagnostics ?? [];
  return report.failure !== undefined || diagnostics.some((each) => each.severity === 'error');
}

export function isLeftAlone(report: FileReport): boolean {
  return (report.result?.diagnostics ?? []).some((each) => each.severity === 'left-alone');
}
