/** What was found of one Dockerfile of a pull request: what every text about it is made of. */
import { headline } from '../report/size.ts';
import { hasChanged, hasErrors, type FileReport } from '../report/file-report.ts';
import type { OptimizeOptions, Result } from '../pipeline.ts';
import type { Remark } from '../pass.ts';
import { appliedOf, type Suggestion } from './suggestions.ts';

export interface Reviewed {
  readonly path: string;
  /** At the head; empty where it could not be read. */
  readonly text: string;
  readonly options: OptimizeOptions;
  /** Ends in `/`, or is empty. */
  readonly contextFolder: string;
  /** What dfopt makes of the file, without what people dismissed. */
  readonly report: FileReport;
  /** Without those of other files. */
  readonly suggestions: readonly Suggestion[];
  /** By the ids of remarks of the whole: why they are not suggested. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Ids of edits that people do not want in this pull request. */
  readonly dismissed: readonly string[];
}

/** @param path of a file, with `/` between folders */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

export function reportOf(
  path: string,
  contextFolder: string,
  result: Result | undefined,
  failure: string | undefined,
): FileReport {
  const others = (result?.files ?? []).map(({ path: name, before, after }) => {
    const file = contextFolder + name;
    return { file, diffName: file, before, after };
  });
  const found = { file: path, diffName: path, others, written: false };
  return { ...found, ...(result && { result }), ...(failure !== undefined && { failure }) };
}

export function editsOf({ report }: Reviewed): readonly Remark[] {
  return report.result ? appliedOf(report.result) : [];
}

/** There is something to say of it. */
export function isToBeTold({ report }: Reviewed): boolean {
  return hasChanged(report) || hasErrors(report);
}

/** Before and after; empty where nobody knows, or nothing changes. */
export function sizeOf({ report }: Reviewed): string {
  const estimate = hasChanged(report) ? report.result?.estimate : undefined;
  return estimate ? headline(estimate) : '';
}
