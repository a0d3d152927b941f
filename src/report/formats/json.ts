/** The results of a run, for programs: the data structures as they are, by schemas/report-1.json. */
import { diffsOf, hasChanged, type FileReport } from '../file-report.ts';
import { toJson } from '../json.ts';
import { estimateJson } from '../size.ts';
import type { RunReport } from './format.ts';

/** Another number where a program that reads the old one would go wrong; new fields are no reason. */
export const JSON_VERSION = 1;

export function json({ reports }: Pick<RunReport, 'reports'>): string {
  return toJson({ version: JSON_VERSION, files: reports.map(jsonFile) });
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
