/** What became of one file: what every report is made of. */
import type { Result } from '../pipeline.ts';
import { unifiedDiff } from './diff.ts';

export interface FileReport {
  /** The file's name, as its user would type it. */
  readonly file: string;
  /** The file's name in a diff. */
  readonly diffName: string;
  /** Missing where the file could not be read. */
  readonly result?: Result;
  /** Why the file could not be read, rewritten or written. */
  readonly failure?: string;
  /** The rewritten text is in the file. */
  readonly written: boolean;
}

/** The empty string where nothing changed. */
export function diffOf({ diffName, result }: FileReport): string {
  return result ? unifiedDiff(diffName, result.input, result.output) : '';
}

export function hasChanged(report: FileReport): boolean {
  return report.result !== undefined && report.result.output !== report.result.input;
}

/** The builder rejects the file, or dfopt could not do its work on it. */
export function hasErrors(report: FileReport): boolean {
  const diagnostics = report.result?.diagnostics ?? [];
  return report.failure !== undefined || diagnostics.some((each) => each.severity === 'error');
}

export function isLeftAlone(report: FileReport): boolean {
  return (report.result?.diagnostics ?? []).some((each) => each.severity === 'left-alone');
}
