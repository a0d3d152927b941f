/** The code quality report of GitLab: a list of findings, each with a fingerprint that lasts. */
import { toJson } from '../json.ts';
import { findingsOf, type Severity } from './findings.ts';
import type { RunReport } from './format.ts';

/** GitLab has `info`, `minor`, `major`, `critical` and `blocker`. */
const SEVERITIES: Readonly<Record<Severity, string>> = {
  error: 'critical',
  warning: 'minor',
  note: 'info',
};

export function gitlab(run: RunReport): string {
  return toJson(
    findingsOf(run).map(({ rule, severity, path, place, message, fingerprint }) => ({
      description: message,
      check_name: rule,
      fingerprint,
      severity: SEVERITIES[severity],
      location: { path, lines: { begin: place?.line ?? 1, end: place?.endLine ?? 1 } },
    })),
  );
}
