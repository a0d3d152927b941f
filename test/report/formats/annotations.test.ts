/** Workflow commands and code quality: formats that are lists of one-line findings. */
import { describe, expect, it } from 'vitest';
import { escapeLine } from '../../../src/report/escape.ts';
import { findingsOf } from '../../../src/report/formats/findings.ts';
import { github } from '../../../src/report/formats/github.ts';
import { gitlab } from '../../../src/report/formats/gitlab.ts';
import { CONTROL, corpusReport, ERRORS, FAILED, hostileReport, runOf } from './support.ts';

/** What the runner of GitHub Actions makes of a line of the log. */
function commandIn(line: string) {
  const [, name, list, data] = /^::(\w+) ([^:]*)::(.*)$/.exec(line) ?? [];
  if (name === undefined || list === undefined || data === undefined) throw new Error(line);
  const pairs = list.split(',').map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), unescaped(pair.slice(at + 1))] as const;
  });
  return { name, properties: Object.fromEntries(pairs), message: unescaped(data) };
}

function unescaped(text: string): string {
  const codes: Readonly<Record<string, string>> = {
    '%0D': '\r',
    '%0A': '\n',
    '%3A': ':',
    '%2C': ',',
    '%25': '%',
  };
  return text.replace(/%(?:0D|0A|3A|2C|25)/g, (code) => codes[code]!);
}

const shown = (text: string): string => text.split('\n').map(escapeLine).join('\n');

describe('workflow commands', () => {
  it('point at the lines of an instruction, and say how bad it is', () => {
    const run = runOf([corpusReport('node/express-server'), ERRORS, FAILED], { verbose: true });
    const commands = github(run).trimEnd().split('\n').map(commandIn);
    expect(new Set(commands.map(({ name }) => name))).toEqual(
      new Set(['warning', 'notice', 'error']),
    );
    expect(
      commands.find(({ properties }) => properties['title'] === 'dfopt: use-slim-base'),
    ).toEqual({
      name: 'warning',
      properties: {
        file: 'app/Dockerfile',
        line: '1',
        endLine: '1',
        col: '1',
        title: 'dfopt: use-slim-base',
      },
      message: expect.stringContaining('stand on node:22-slim') as unknown,
    });
    expect(commands.at(-1)!.properties).not.toHaveProperty('line');
  });

  it('of hostile text are as many as there are findings, and mean what they say', () => {
    const run = runOf([hostileReport()], { verbose: true });
    const text = github(run);
    const findings = findingsOf(run);
    expect(text).not.toMatch(CONTROL);
    const lines = text.trimEnd().split('\n');
    expect(lines.length).toBe(findings.length);
    expect(findings.length).toBeGreaterThan(5);
    for (const [index, line] of lines.entries()) {
      const { properties, message } = commandIn(line);
      expect(message).toBe(shown(findings[index]!.message));
      expect(properties['file']).toBe(shown(findings[index]!.path));
      expect(Object.keys(properties).toSorted()).toEqual(
        ['col', 'endLine', 'file', 'line', 'title'].filter(
          (name) => findings[index]!.place || name === 'file' || name === 'title',
        ),
      );
    }
  });

  it('end where an instruction ends that has several lines', () => {
    const report = corpusReport('node/express-server');
    const { origin, ...rest } = report.result!.remarks[0]!;
    const input = 'FROM debian\nRUN a \\\n  b \\\n  c\n';
    const result = {
      ...report.result!,
      input,
      remarks: [{ ...rest, origin: { ...origin, line: 2 } }],
    };
    expect(github(runOf([{ ...report, result }]))).toContain('line=2,endLine=4,');
  });
});

interface Issue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: {
    readonly path: string;
    readonly lines: { readonly begin: number; readonly end: number };
  };
}

describe('code quality', () => {
  const issuesOf = (run: Parameters<typeof gitlab>[0]): Issue[] => {
    const text = gitlab(run);
    expect(text).not.toMatch(CONTROL);
    return JSON.parse(text) as Issue[];
  };

  it('has all that GitLab asks for', () => {
    const issues = issuesOf(runOf([corpusReport('node/express-server'), ERRORS, FAILED]));
    expect(issues.length).toBeGreaterThan(4);
    for (const { description, check_name: name, fingerprint, severity, location } of issues) {
      expect(description).not.toBe('');
      expect(name).toMatch(/^[a-z-]+$/);
      expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
      expect(['info', 'minor', 'major', 'critical', 'blocker']).toContain(severity);
      expect(location.path).toMatch(/^(app|gone)\/Dockerfile$/);
      expect(location.lines.begin).toBeGreaterThan(0);
      expect(location.lines.end).toBeGreaterThanOrEqual(location.lines.begin);
    }
    expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(issues.length);
  });

  it('keeps the fingerprint of an edit where other lines move, and not in another file', () => {
    const report = corpusReport('node/express-server');
    const remarks = report.result!.remarks.map((remark) => ({
      ...remark,
      origin: { ...remark.origin, line: remark.origin.line + 7 },
      message: 'in other words',
    }));
    const prints = (each: typeof report): string[] =>
      issuesOf(runOf([each])).map(({ fingerprint }) => fingerprint);
    const before = prints(report);
    expect(prints({ ...report, result: { ...report.result!, remarks } })).toEqual(before);
    for (const print of prints({ ...report, diffName: 'b/Dockerfile' })) {
      expect(before).not.toContain(print);
    }
  });

  it('is a list also where there is nothing, and holds hostile text', () => {
    expect(gitlab(runOf([]))).toBe('[]\n');
    expect(issuesOf(runOf([hostileReport()], { verbose: true })).length).toBeGreaterThan(5);
  });

  it('says errors only where it is told to be quiet', () => {
    const run = runOf([corpusReport('node/express-server'), ERRORS], { quiet: true });
    expect(issuesOf(run).map(({ severity }) => severity)).toEqual(['critical']);
  });
});
