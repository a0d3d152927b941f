/** The change and nothing else, byte for byte as `git apply` takes it. */
import { diffsOf } from '../file-report.ts';
import type { RunReport } from './format.ts';

export function diff({ reports }: RunReport): string {
  return reports.flatMap(diffsOf).join('');
}
