/** The verdict of a review as a check run: a conclusion, a title, a text, and what to see on which lines. */
import { passes } from '../../passes/index.ts';
import { DEFAULT_LEVEL } from '../pass.ts';
import { hasChanged, hasErrors } from '../report/file-report.ts';
import { escapeLine } from '../report/escape.ts';
import { findingsOf, type Finding, type Severity } from '../report/formats/findings.ts';
import { countOf } from '../report/units.ts';
import type { Annotation } from './github.ts';
import { editsOf, sizeOf, type Reviewed } from './reviewed.ts';
import type { CheckRun, ReviewSettings } from './review-types.ts';

const LEVELS: Readonly<Record<Severity, Annotation['level']>> = {
  error: 'failure',
  warning: 'warning',
  note: 'notice',
};

/** More would fill pages that nobody turns. */
const MOST_ANNOTATIONS = 200;

/** GitHub takes 64 kB. */
const MOST_OF_MESSAGE = 4000;

export function checkOf(
  files: readonly Reviewed[],
  summary: string,
  { failOn, version }: ReviewSettings,
): CheckRun {
  const isWrong = files.some(({ report }) => hasErrors(report));
  const isChanged = files.some(({ report }) => hasChanged(report));
  const isFailure = (isWrong && failOn !== 'nothing') || (isChanged && failOn === 'edit');
  const findings = findingsOf({
    reports: files.map(({ report }) => report),
    level: DEFAULT_LEVEL,
    verbose: false,
    quiet: false,
    passes,
    version,
  });
  return {
    conclusion: isFailure ? 'failure' : isWrong || isChanged ? 'neutral' : 'success',
    title: titleOf(files),
    summary: summary === '' ? 'There is nothing to change in the Dockerfiles.\n' : summary,
    annotations: findings.slice(0, MOST_ANNOTATIONS).map(annotation),
  };
}

function titleOf(files: readonly Reviewed[]): string {
  const wrong = files.filter(({ report }) => hasErrors(report)).length;
  const edits = files.flatMap(editsOf).length;
  const [size = ''] = files.length === 1 ? files.map(sizeOf) : [];
  const parts = [
    ...(wrong === 0 ? [] : [`${countOf(wrong, 'file')} with errors`]),
    ...(edits === 0 ? [] : [`${countOf(edits, 'edit')} to make`]),
  ];
  if (parts.length === 0) return 'Nothing to change';
  return `${parts.join(', ')}${size === '' ? '' : `: ${size}`}`;
}

/** Plain text, and no mention: people get mails of checks. */
function annotation({ path, place, severity, rule, message }: Finding): Annotation {
  return {
    path,
    startLine: place?.line ?? 1,
    endLine: place?.endLine ?? 1,
    level: LEVELS[severity],
    title: `dfopt: ${rule}`,
    message: escapeLine(message.slice(0, MOST_OF_MESSAGE)),
  };
}
