import { describe, expect, it } from 'vitest';
import { passes } from '../../../passes/index.ts';
import type { RunReport } from '../../../src/report/formats/format.ts';
import { linesOf } from '../../../src/report/formats/line-edits.ts';
import { sarif } from '../../../src/report/formats/sarif.ts';
import { SARIF, schemaProblems } from './published.ts';
import {
  CONTROL,
  corpusReport,
  ERRORS,
  FAILED,
  HOSTILE,
  hostileReport,
  runOf,
  textReport,
} from './support.ts';

interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn?: number;
}

interface Replacement {
  readonly deletedRegion: Region;
  readonly insertedContent?: { readonly text: string };
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly kind: string;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string };
      readonly region?: Region;
    };
  }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly fixes?: readonly {
    readonly artifactChanges: readonly {
      readonly artifactLocation: { readonly uri: string };
      readonly replacements: readonly Replacement[];
    }[];
  }[];
  readonly properties?: { readonly remark: string };
}

interface Log {
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly rules: readonly { readonly id: string; readonly helpUri?: string }[];
      };
    };
    readonly invocations: readonly { readonly executionSuccessful: boolean }[];
    readonly results: readonly Result[];
  }[];
}

function logOf(run: RunReport): Log['runs'][number] {
  const text = sarif(run);
  expect(text).not.toMatch(CONTROL);
  const log = JSON.parse(text) as Log;
  expect(schemaProblems(log, SARIF, 'sarif-schema-2.1.0.json')).toEqual([]);
  return log.runs[0]!;
}

/** As the standard says: places are of the unmodified text, columns count UTF-16 code units. */
function applied(text: string, replacements: readonly Replacement[]): string {
  const lines = linesOf(text);
  const offset = (line: number, column: number): number =>
    lines.slice(0, line - 1).join('').length + column - 1;
  return replacements.toReversed().reduce((all, { deletedRegion, insertedContent }) => {
    const { startLine, startColumn, endLine, endColumn } = deletedRegion;
    const from = offset(startLine, startColumn);
    const to = offset(endLine, endColumn!);
    expect(to).toBeLessThanOrEqual(text.length);
    return all.slice(0, from) + (insertedContent?.text ?? '') + all.slice(to);
  }, text);
}

describe('SARIF', () => {
  it.each([
    ['an application', 'node/express-server'],
    ['a divided stage', 'java/fat-jar'],
    ['an edit that needs another file', 'node/cli-tool'],
  ])('of %s has a fix for each edit, which makes that edit', (_, name) => {
    const report = corpusReport(name);
    const { results, tool } = logOf(runOf([report]));
    const edits = report.result!.remarks.filter(({ outcome }) => outcome === 'applied');
    expect(edits.length).toBeGreaterThan(1);
    for (const { id, pass, origin } of edits) {
      const result = results.find(({ properties }) => properties?.remark === id)!;
      expect(result).toMatchObject({ ruleId: pass, kind: 'fail', level: 'warning' });
      expect(tool.driver.rules[result.ruleIndex]!.id).toBe(pass);
      const { region, artifactLocation } = result.locations[0]!.physicalLocation;
      expect(artifactLocation.uri).toBe('app/Dockerfile');
      expect(region).toMatchObject({ startLine: origin.line, startColumn: origin.column });
      const wanted = report.fixes!.get(id)!;
      const changes = result.fixes![0]!.artifactChanges;
      expect(changes.length).toBe(wanted.length);
      for (const [index, { before = '', after, diffName }] of wanted.entries()) {
        expect(changes[index]!.artifactLocation.uri).toBe(diffName);
        expect(applied(before, changes[index]!.replacements)).toBe(after);
      }
    }
  });

  it('has regions that are right without a final newline, with a mark, and with CRLF', () => {
    const text = 'FROM debian:12-slim\r\nRUN apt-get update && apt-get install -y curl';
    const report = textReport(`\ufeff${text}`, 'app/Dockerfile', 'standard');
    const { results } = logOf(runOf([report]));
    const fixed = results.flatMap(({ fixes, properties }) =>
      (fixes ?? []).map(({ artifactChanges }) => [
        `\ufeff${applied(text, artifactChanges[0]!.replacements)}`,
        report.fixes!.get(properties!.remark)![0]!.after,
      ]),
    );
    expect(fixed.length).toBeGreaterThan(0);
    for (const [made, wanted] of fixed) expect(made).toBe(wanted);
  });

  it('has no fix where nothing changes: an empty list of changes is no SARIF', () => {
    const report = corpusReport('node/express-server');
    const [[id = '', [own] = []] = []] = report.fixes!;
    const same = { ...own!, after: own!.before! };
    const { results } = logOf(runOf([{ ...report, fixes: new Map([[id, [same]]]) }]));
    expect(results.length).toBeGreaterThan(2);
    for (const result of results) expect(result).not.toHaveProperty('fixes');
    const empty = { runs: [{ results: [{ fixes: [{ artifactChanges: [] }] }] }] };
    expect(schemaProblems(empty, SARIF, 'sarif-schema-2.1.0.json').join('\n')).toMatch(
      /artifactChanges must NOT have fewer than 1 items/,
    );
  });

  it('says of errors where they are, and that the run did not succeed', () => {
    const { results, invocations } = logOf(runOf([ERRORS, FAILED], { quiet: true }));
    expect(invocations[0]!.executionSuccessful).toBe(false);
    expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['invalid-dockerfile', 'error'],
      ['unreadable-file', 'error'],
    ]);
    expect(results[0]!.locations[0]!.physicalLocation.region).toMatchObject({ startLine: 2 });
    expect(results[1]!.locations[0]!.physicalLocation).not.toHaveProperty('region');
  });

  it('has what was offered and refused only where it is asked for, and the latter is no failure', () => {
    const report = corpusReport('node/express-server');
    const short = logOf(runOf([report])).results;
    const { results } = logOf(runOf([report], { verbose: true }));
    expect(results.length).toBeGreaterThan(short.length);
    expect(results.some(({ level }) => level === 'note')).toBe(true);
    const refused = logOf(runOf([corpusReport('java/fat-jar')], { verbose: true })).results;
    expect(refused.some(({ kind, level }) => kind === 'informational' && level === 'none')).toBe(
      true,
    );
  });

  it('has rules for every pass, with a page that helps', () => {
    const remark = corpusReport('node/express-server').result!.remarks[0]!;
    const report = corpusReport('node/express-server');
    const remarks = passes.map(({ id }) => ({ ...remark, pass: id, id }));
    const { tool } = logOf(runOf([{ ...report, result: { ...report.result!, remarks } }]));
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(passes.map(({ id }) => id));
    for (const { id, helpUri } of tool.driver.rules) {
      expect(helpUri).toBe(passes.find((pass) => pass.id === id)!.references[0]);
    }
  });

  it('keeps hostile text text: no link, no argument, no other file', () => {
    const { results } = logOf(runOf([hostileReport()], { verbose: true }));
    for (const { message, locations } of results) {
      expect(message.text).not.toMatch(/\]\(/);
      expect(message.text.replace(/\{\{|\}\}/g, '')).not.toMatch(/[{}]/);
      const { uri } = locations[0]!.physicalLocation.artifactLocation;
      expect(uri).not.toMatch(/[<>"`|\s]/);
      expect(decodeURIComponent(uri)).toBe(hostileReport().diffName);
    }
    expect(results.some(({ message }) => message.text.includes('<script>'))).toBe(true);
    expect(HOSTILE).toContain('](');
  });

  it('has fingerprints that are all different, and the same in another run', () => {
    const reports = [corpusReport('node/express-server'), textReport('FROM node:22\n', 'b/x')];
    const of = (run: RunReport): string[] =>
      logOf(run).results.map(({ partialFingerprints }) => partialFingerprints['dfopt/v1']!);
    const all = of(runOf(reports, { verbose: true }));
    expect(new Set(all).size).toBe(all.length);
    expect(of(runOf(reports, { verbose: true }))).toEqual(all);
  });
});
