/** The results of a run, for programs: the data structures as they are. */
import { escapeLine } from './escape.ts';
import { estimateJson } from './size.ts';
import { diffsOf, hasChanged, type FileReport } from './file-report.ts';

export function jsonReport(reports: readonly FileReport[]): string {
  return toJson({ files: reports.map(jsonFile) });
}

function jsonFile(report: FileReport): unknown {
  const { file, result, others, failure, written } = report;
  return {
    file,
    changed: hasChanged(report),
    written,
    ...(failure !== undefined && { failure }),
    diff: diffsOf(report).join(''),
    others: others.map(({ file: other, before }) => ({ file: other, isNew: before === undefined })),
    remarks: result?.remarks ?? [],
    diagnostics: result?.diagnostics ?? [],
    ...(result?.estimate && { estimate: estimateJson(result.estimate) }),
  };
}

/** JSON that may be shown on a terminal: `JSON.stringify` leaves C1 controls and the like alone. */
export function toJson(value: unknown): string {
  const lines = JSON.stringify(value, null, 2).split('\n');
  return `${lines.map(escapeLine).join('\n')}\n`;
}
