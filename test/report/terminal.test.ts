import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/dockerfile/model.ts';
import { OUTCOMES, type Remark } from '../../src/pass.ts';
import type { FileReport } from '../../src/report/file-report.ts';
import { fileLines, summaryLines, type View } from '../../src/report/terminal.ts';

const ALL = new Set(OUTCOMES);

const VIEW: View = {
  colors: picocolors.createColors(false),
  level: 'standard',
  verbose: false,
  shows: new Set(['applied']),
  quiet: false,
  width: 100,
};

const REMARK: Remark = {
  id: 'abc-0',
  pass: 'some-pass',
  outcome: 'applied',
  level: 'safe',
  origin: { line: 3, column: 1 },
  origins: [{ line: 3, column: 1 }],
  message: 'do this',
  assumptions: [],
  requires: [],
  changes: [],
  indifferentTo: [],
  files: [],
};

function reportWith(
  remarks: readonly Remark[],
  diagnostics: readonly Diagnostic[] = [],
): FileReport {
  const edited = remarks.some((remark) => remark.outcome === 'applied');
  const output = edited ? 'b' : 'a';
  const result = {
    input: 'a',
    output,
    files: [],
    remarks,
    estimate: undefined,
    diagnostics,
  };
  return { file: 'Dockerfile', diffName: 'Dockerfile', result, others: [], written: false };
}

const offered = (level: Remark['level'], because: NonNullable<Remark['because']>): Remark => ({
  ...REMARK,
  outcome: 'offered',
  level,
  because,
});
const MISSED: Remark = { ...REMARK, outcome: 'missed', message: 'not that' };

describe('fileLines', () => {
  it('gives each edit a line with its mark, line, pass, message and assumptions', () => {
    const later = { ...REMARK, origin: { line: 12, column: 1 }, assumptions: ['all is well'] };
    expect(fileLines(reportWith([later, REMARK]), VIEW)).toEqual([
      'Dockerfile',
      '  ✓  3  some-pass  do this',
      '  ✓ 12  some-pass  do this (assumes: all is well)',
    ]);
  });

  it('shows what was offered and missed only when asked, and never what was switched off', () => {
    const report = reportWith([
      offered('aggressive', 'level'),
      offered('safe', 'off'),
      offered('safe', 'ignored'),
      offered('safe', 'denied'),
      { ...offered('safe', 'requires'), requires: ['x-0'] },
      { ...offered('safe', 'context'), files: ['.dockerignore'] },
      MISSED,
    ]);
    expect(fileLines(report, VIEW)).toEqual([]);
    expect(fileLines(report, { ...VIEW, verbose: true, shows: ALL })).toEqual([
      'Dockerfile',
      '  ○ 3  some-pass  do this (needs --level aggressive; abc-0)',
      '  ○ 3  some-pass  do this (denied; abc-0)',
      '  ○ 3  some-pass  do this (needs the edit x-0; abc-0)',
      '  ○ 3  some-pass  do this (changes .dockerignore too; needs the build context: --context; abc-0)',
      '  ✗ 3  some-pass  not that',
    ]);
  });

  it('shows findings with place and advice; only errors when quiet', () => {
    const finding = { line: 2, column: 5, message: 'this is odd', advice: 'change it' };
    const report = reportWith(
      [REMARK],
      [
        { ...finding, severity: 'warning' },
        { ...finding, severity: 'error' },
      ],
    );
    const shown = 'Dockerfile:2:5: this is odd (change it)';
    expect(fileLines(report, VIEW).slice(0, 2)).toEqual([shown, shown]);
    expect(fileLines(report, { ...VIEW, quiet: true })).toEqual([shown]);
  });

  it('escapes whatever comes from a file or its name', () => {
    const evil = 'a\u001b]0;b\u0007\nc\u202ed\u009b';
    const report = {
      ...reportWith(
        [{ ...REMARK, message: evil, assumptions: [evil] }],
        [{ severity: 'error', line: 1, column: 1, message: evil, advice: evil }],
      ),
      file: evil,
      failure: evil,
    };
    const lines = fileLines(report, { ...VIEW, verbose: true, shows: ALL });
    // oxlint-disable-next-line no-control-regex -- none may be there
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(lines[0]).toContain('a\\u001b]0;b\\u0007\\u000ac\\u202ed\\u009b: ');
  });
});

describe('summaryLines', () => {
  it('counts files and edits, and says what more there is', () => {
    const reports = [
      reportWith([REMARK, REMARK, offered('aggressive', 'level'), MISSED, MISSED]),
      { ...reportWith([REMARK]), written: true },
      reportWith([]),
      { file: 'x', diffName: 'x', others: [], failure: 'cannot be read', written: false },
    ];
    expect(summaryLines(reports, VIEW)).toEqual([
      '  pass       edits  saved  level',
      '  some-pass      3         safe',
      '1 file rewritten, 1 file would change, 1 file unchanged, 1 file with errors (3 edits)',
      '1 more edit at --level aggressive',
      '2 chances missed; --show missed says why',
    ]);
    expect(summaryLines(reports, { ...VIEW, shows: ALL })).toHaveLength(3);
    expect(summaryLines(reports, { ...VIEW, quiet: true })).toEqual([]);
  });

  it('counts each file that changes once', () => {
    const other = { file: '.dockerignore', diffName: 'd', before: 'a', after: 'b' };
    const reports = ['x', 'y'].map((file) => ({
      ...reportWith([REMARK]),
      file,
      others: [other],
    }));
    expect(summaryLines(reports, VIEW).slice(2)).toEqual(['3 files would change (2 edits)']);
    const only = { ...reportWith([]), others: [other] };
    expect(summaryLines([only], VIEW)).toEqual(['1 file would change']);
  });

  it('counts the edits that each higher level adds', () => {
    const report = reportWith([offered('standard', 'level'), offered('aggressive', 'level')]);
    expect(summaryLines([report], { ...VIEW, level: 'safe' }).slice(1)).toEqual([
      '1 more edit at --level standard',
      '2 more edits at --level aggressive',
    ]);
  });

  it('says when there was nothing to do', () => {
    expect(summaryLines([], VIEW)).toEqual(['no Dockerfile found']);
  });
});
