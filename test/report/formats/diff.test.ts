import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diff } from '../../../src/report/formats/diff.ts';
import { text } from '../../../src/report/formats/text.ts';
import { folderWith } from '../../cli/support.ts';
import {
  CONTROL,
  corpusReport,
  ERRORS,
  FAILED,
  hostileReport,
  runOf,
  textReport,
} from './support.ts';

describe('a diff', () => {
  it('of several files is taken by git apply, byte for byte', () => {
    const folder = folderWith({});
    const reports = [
      { ...corpusReport('java/fat-jar'), diffName: 'one/Dockerfile' },
      { ...corpusReport('node/express-server'), diffName: 'two/Dockerfile' },
      textReport(`\ufeff${hostileReport().result!.input.replaceAll('\n', '\r\n')}`, 'three x/y'),
    ].map((report) => ({ ...report, others: [] }));
    for (const { diffName, result } of reports) {
      mkdirSync(join(folder, diffName, '..'), { recursive: true });
      writeFileSync(join(folder, diffName), result!.input);
    }
    const input = diff(runOf([...reports, ERRORS, FAILED]));
    const options = { cwd: folder, input, encoding: 'utf8' as const };
    const { status, stderr } = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], options);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const { diffName, result } of reports) {
      expect(result!.output).not.toBe(result!.input);
      expect(readFileSync(join(folder, diffName), 'utf8')).toBe(result!.output);
    }
  });

  it('of nothing is empty', () => {
    expect(diff(runOf([ERRORS, FAILED]))).toBe('');
  });
});

describe('text', () => {
  it('has the diff, the reasons, and the totals', () => {
    const report = corpusReport('node/express-server');
    const all = text(runOf([report, FAILED]));
    // No name is said above each hunk, as this is for eyes.
    const hunks = diff(runOf([report]))
      .split('\n')
      .filter((line) => /^[-+](?![-+]{2})/.test(line));
    expect(hunks.length).toBeGreaterThan(5);
    for (const line of hunks) expect(all).toContain(`\n${line}\n`);
    expect(all).toMatch(/\n▸ use-slim-base {2}standard {2}−\d+ MB\n {2}✓ line 1: [^@]*\n@@ -1,/);
    expect(all).toContain('gone/Dockerfile: there is no such file');
    expect(all).toMatch(/1 file would change, 1 file with errors \(3 edits\)\n/);
    expect(text(runOf([report], { quiet: true }))).toBe(diff(runOf([report])));
  });

  it('holds nothing that a terminal acts on', () => {
    expect(text(runOf([hostileReport()], { verbose: true }))).not.toMatch(CONTROL);
  });
});
