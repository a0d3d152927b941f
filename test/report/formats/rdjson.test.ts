import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../../src/report/formats/format.ts';
import { linesOf } from '../../../src/report/formats/line-edits.ts';
import { rdjson } from '../../../src/report/formats/rdjson.ts';
import { RDJSON, schemaProblems } from './published.ts';
import {
  CONTROL,
  corpusReport,
  ERRORS,
  FAILED,
  hostileReport,
  runOf,
  textReport,
} from './support.ts';

interface Suggestion {
  readonly range: { readonly start: { line: number }; readonly end: { line: number } };
  readonly text: string;
}

interface Diagnostic {
  readonly message: string;
  readonly location: { readonly path: string; readonly range?: unknown };
  readonly severity: string;
  readonly code: { readonly value: string };
  readonly suggestions?: readonly Suggestion[];
}

function diagnosticsOf(run: RunReport): readonly Diagnostic[] {
  const text = rdjson(run);
  expect(text).not.toMatch(CONTROL);
  const value = JSON.parse(text) as { readonly diagnostics: readonly Diagnostic[] };
  expect(schemaProblems(value, RDJSON, 'DiagnosticResult.json')).toEqual([]);
  return value.diagnostics;
}

/** Without columns whole lines are replaced, without the line end of the last one. */
function applied(text: string, { range, text: put }: Suggestion): string {
  const lines = [...linesOf(text)];
  const end = /\r?\n$/.exec(lines[range.end.line - 1]!)?.[0] ?? '';
  lines.splice(range.start.line - 1, range.end.line - range.start.line + 1, put + end);
  return lines.join('');
}

describe('rdjson', () => {
  it.each([
    ['an application', () => corpusReport('node/express-server')],
    ['a divided stage', () => corpusReport('java/fat-jar')],
    [
      'CRLF and no final newline',
      () =>
        textReport(
          'FROM debian:12-slim\r\nRUN apt-get update && apt-get install -y curl',
          'app/Dockerfile',
          'standard',
        ),
    ],
  ])('of %s has one suggestion an edit, which makes that edit', (_, make) => {
    const report = make();
    const diagnostics = diagnosticsOf(runOf([report]));
    const fixes = [...report.fixes!].filter(([, files]) => files.length === 1);
    expect(fixes.length).toBeGreaterThan(0);
    const made = diagnostics.flatMap(({ suggestions = [] }) =>
      suggestions.map((each) => applied(report.result!.input, each)),
    );
    expect(made.toSorted()).toEqual(fixes.map(([, [own]]) => own!.after).toSorted());
  });

  it('suggests nothing where another file must change too', () => {
    const report = corpusReport('node/cli-tool');
    const ids = [...report.fixes!].filter(([, files]) => files.length > 1);
    expect(ids.length).toBeGreaterThan(0);
    const count = diagnosticsOf(runOf([report])).filter(({ suggestions }) => suggestions).length;
    expect(count).toBe(report.fixes!.size - ids.length);
  });

  it('says errors, with and without a place', () => {
    const found = diagnosticsOf(runOf([ERRORS, FAILED]));
    expect(found.map(({ severity, code }) => [severity, code.value])).toEqual([
      ['ERROR', 'invalid-dockerfile'],
      ['ERROR', 'unreadable-file'],
    ]);
    expect(found[0]!.location.range).toEqual({ start: { line: 2 }, end: { line: 2 } });
    expect(found[1]!.location).toEqual({ path: 'gone/Dockerfile' });
  });

  it('has messages that are harmless as Markdown', () => {
    for (const { message } of diagnosticsOf(runOf([hostileReport()], { verbose: true }))) {
      expect(message).not.toMatch(/[<>`[\]@|\\]|:\/\/|www\.|\n/);
    }
  });
});
