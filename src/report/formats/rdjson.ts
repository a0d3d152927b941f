/**
 * Reviewdog's diagnostic format. A suggestion is one replacement of whole lines: several would be
 * buttons beside each other, of which somebody presses one and breaks the file.
 */
import { toJson } from '../json.ts';
import { findingsOf, type Finding, type Severity } from './findings.ts';
import type { RunReport } from './format.ts';
import { linesOf, oneLineEdit, withoutMark } from './line-edits.ts';
import { markdownText } from './markdown-text.ts';

const SEVERITIES: Readonly<Record<Severity, string>> = {
  error: 'ERROR',
  warning: 'WARNING',
  note: 'INFO',
};

export function rdjson(run: RunReport): string {
  return toJson({
    source: { name: 'dfopt' },
    diagnostics: findingsOf(run).map(diagnostic),
  });
}

function diagnostic(finding: Finding): unknown {
  const { rule, pass, severity, path, place, message } = finding;
  const url = pass?.references[0];
  const suggestion = suggestionOf(finding);
  return {
    // Reviewdog makes it part of a comment, which is Markdown.
    message: markdownText(message),
    location: {
      path,
      // Without columns the lines are meant, the last one included.
      ...(place && { range: { start: { line: place.line }, end: { line: place.endLine } } }),
    },
    severity: SEVERITIES[severity],
    code: { value: rule, ...(url !== undefined && { url }) },
    ...(suggestion !== undefined && { suggestions: [suggestion] }),
  };
}

/** None where the edit needs another file: a suggestion is about one. */
function suggestionOf({ path, fix }: Finding): unknown {
  const [own, ...others] = fix;
  if (!own || others.length > 0 || own.diffName !== path || own.before === undefined)
    return undefined;
  const before = withoutMark(own.before);
  const edit = oneLineEdit(before, withoutMark(own.after));
  if (!edit) return undefined;
  const last = linesOf(before)[edit.start + edit.count - 2] ?? '';
  const end = /\r?\n$/.exec(last)?.[0] ?? '';
  // The end of the last line is not part of such a range: it must be the one that is there.
  if (!edit.text.endsWith(end) || (end === '' && edit.text.endsWith('\n'))) return undefined;
  return {
    range: { start: { line: edit.start }, end: { line: edit.start + edit.count - 1 } },
    text: edit.text.slice(0, edit.text.length - end.length),
  };
}
