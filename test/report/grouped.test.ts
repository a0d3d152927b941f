/** Edits pass by pass: for eyes, and as what `git apply` makes of it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import picocolors from 'picocolors';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contextsOf } from '../../src/cli/contexts.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { OUTCOMES, type Level, type Outcome } from '../../src/pass.ts';
import { optimize } from '../../src/pipeline.ts';
import { columnsOf } from '../../src/report/columns.ts';
import type { FileReport } from '../../src/report/file-report.ts';
import { groupedText, type GroupedView } from '../../src/report/grouped.ts';
import { passGroups } from '../../src/report/pass-groups.ts';
import { CORPUS } from '../lab/case.ts';
import { CONTROL, HOSTILE } from './formats/support.ts';

const facts = loadFacts();
const PIPE: GroupedView = {
  colors: picocolors.createColors(false),
  width: 80,
  shows: new Set<Outcome>(['applied']),
  verbose: false,
  isDisplayed: false,
};

function reportOf(text: string, name?: string, level: Level = 'standard'): FileReport {
  const path = name === undefined ? undefined : join(CORPUS, name, 'Dockerfile');
  const { context } = contextsOf(undefined, facts.manifests).of(path, text);
  const options = { level, isPriced: true, isStepwise: true, ...(context && { context }) };
  const result = optimize(text, facts, options);
  const others = result.files.map(({ path: other, before, after }) => ({
    file: other,
    diffName: other,
    before,
    after,
  }));
  return { file: 'Dockerfile', diffName: 'Dockerfile', result, others, written: false };
}

function corpusReport(name: string, level?: Level): FileReport {
  return reportOf(readFileSync(join(CORPUS, name, 'Dockerfile'), 'utf8'), name, level);
}

/** What `git apply` makes of the files with the text. */
function applied(report: FileReport, text: string): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'dfopt-grouped-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { result, others } = report;
  const before = [{ diffName: 'Dockerfile', before: result!.input }, ...others];
  for (const { diffName, before: old } of before) {
    mkdirSync(dirname(join(folder, diffName)), { recursive: true });
    if (old !== undefined) writeFileSync(join(folder, diffName), old);
  }
  const options = { cwd: folder, input: text, encoding: 'utf8' as const };
  const { status, stderr } = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return Object.fromEntries(
    before.map(({ diffName }) => [diffName, readFileSync(join(folder, diffName), 'utf8')]),
  );
}

function wanted({ result, others }: FileReport): Record<string, string> {
  const rest = others.map(({ diffName, after }) => [diffName, after]);
  return Object.fromEntries([['Dockerfile', result!.output], ...rest]) as Record<string, string>;
}

const DIRTY_RUN = 'RUN apt-get update && apt-get install -y curl\n';

const MANY = `FROM debian:12-slim
RUN apt-get update && apt-get install curl

WORKDIR /a
ENV A=1
ENV B=2
COPY a /a
RUN chown -R 1000 /a
LABEL a=b
EXPOSE 1
RUN apt-get update && apt-get install git
CMD curl x
`;

describe('in a pipe', () => {
  it.each([
    ['node/ts-server', 'aggressive'],
    ['node/whole-folder-copied', 'aggressive'],
    ['node/cli-tool', 'standard'],
    ['node/non-root-user', 'standard'],
    ['node/vite-front-end', 'aggressive'],
    ['java/maven-server', 'standard'],
    ['python/wheelhouse', 'aggressive'],
    ['go/cgo', 'aggressive'],
  ] as const)('git apply makes of %s what is meant', (name, level) => {
    const report = corpusReport(name, level);
    expect(wanted(report)['Dockerfile']).not.toBe(report.result!.input);
    const all = { ...PIPE, shows: new Set(OUTCOMES), verbose: true };
    expect(applied(report, groupedText(report, PIPE))).toEqual(wanted(report));
    expect(applied(report, groupedText(report, all))).toEqual(wanted(report));
  });

  it.each([
    ['as it is', MANY],
    ['with CRLF', MANY.replaceAll('\n', '\r\n')],
    ['with a byte order mark and no last line end', `\ufeff${MANY.trimEnd()}`],
    ['far apart', MANY.replaceAll('\n', '\n\n\n\n\n\n# x\n')],
  ])('several edits of one pass, %s', (_name, text) => {
    const report = reportOf(text);
    expect(passGroups(report).some(({ edits }) => edits > 1)).toBe(true);
    expect(applied(report, groupedText(report, PIPE))).toEqual(wanted(report));
  });

  it('no text of a file gets out of its line', () => {
    const comment = HOSTILE.replaceAll('\n', ' ');
    const report = reportOf(`FROM debian:12-slim\n# ${comment}\n# @@ -1 +1 @@\n${DIRTY_RUN}`);
    const head = '\n@@ -1,1 +1,1 @@\n--- a/x\n+++ b/x\n';
    const remarks = report.result!.remarks.map((each) => ({
      ...each,
      message: `${head}${HOSTILE}`,
      assumptions: [`${head}${HOSTILE}`],
    }));
    const evil = { ...report, file: head, result: { ...report.result!, remarks } };
    const shown = groupedText(evil, { ...PIPE, isDisplayed: true, shows: new Set(OUTCOMES) });
    expect(shown).not.toMatch(CONTROL);
    expect(shown).toMatch(/^━━ \\u000a@@ -1,1/);
    expect(applied(evil, groupedText(evil, PIPE))).toEqual(wanted(report));
  });
});

describe('for eyes', () => {
  it('has the reasons and bytes of each pass above its hunks, and no names of files', () => {
    const report = corpusReport('node/express-server');
    const text = groupedText(report, { ...PIPE, isDisplayed: true });
    expect(text.match(/^▸ .*$/gm)).toEqual([
      expect.stringMatching(/^▸ use-slim-base {2}standard {2}−\d+ MB$/),
      expect.stringMatching(/^▸ mount-caches {2}standard {2}−3\.2 MB$/),
      expect.stringMatching(/^▸ remove-package-lists {2}safe {2}−20 MB$/),
    ]);
    expect(text).not.toMatch(/^(---|\+\+\+) /m);
    // The lines that two passes edit show what the first one made of them.
    expect(text).toMatch(/^ RUN --mount=type=cache,target=\/root\/.npm npm install$/m);
  });

  it('puts each reason above its own hunk', () => {
    const far = MANY.replaceAll('\n', '\n\n\n\n\n\n# x\n');
    const group = passGroups(reportOf(far)).find(({ pass }) => pass === 'remove-package-lists')!;
    expect(group.chunks.map(({ remarks }) => remarks.length)).toEqual([1, 1]);
    for (const { remarks, patch } of group.chunks) {
      const [hunk, ...rest] = patch.hunks;
      expect(rest).toEqual([]);
      expect(hunk!.lines.join('\n')).toContain('rm -rf /var/lib/apt/lists');
      expect(remarks[0]!.origin.line).toBeGreaterThanOrEqual(hunk!.oldStart - 4);
    }
  });

  it('spells out assumptions, and what was offered and missed where that is asked for', () => {
    const report = corpusReport('node/ts-server');
    const show = (...shows: Outcome[]): string =>
      groupedText(report, { ...PIPE, isDisplayed: true, shows: new Set(shows) });
    expect(show('offered')).toMatch(
      /▸ 1 edit offered, not made\n {2}○ line 1: use-alpine-base \(aggressive\): [^]*\n {4}assumes: musl instead of glibc[^]*\n {4}needs --level aggressive\n/,
    );
    expect(show('offered')).not.toContain('@@');
    expect(show('missed')).toMatch(/▸ \d chances? missed\n {2}✗ line \d+: /);
    expect(show('advice')).toMatch(/▸ 1 remark on what a person should change\n {2}! line /);
    expect(show()).toBe('');
  });

  it.each([40, 60, 80, 120])(
    'sets what it says in %i columns, also of wide characters',
    (width) => {
      const text =
        'FROM debian:12-slim\nRUN apt-get update && apt-get install -y 日本語パッケージ日本語パッケージ日本語パッケージ日本語パッケージ curl\n';
      const report = { ...reportOf(text, undefined, 'aggressive'), file: '日本語'.repeat(30) };
      const view = { ...PIPE, width, isDisplayed: true, shows: new Set(OUTCOMES), verbose: true };
      const lines = groupedText(report, view).split('\n');
      for (const line of lines.filter((each) => !/^[-+ @](?! )/.test(each)))
        expect(columnsOf(line)).toBeLessThanOrEqual(width);
      expect(lines[0]).toContain('…');
      expect(columnsOf(lines[0]!)).toBeGreaterThanOrEqual(width - 1);
    },
  );
});

describe('steps', () => {
  it('end in the result, and tell of every edit once', () => {
    const { result } = corpusReport('node/ts-server', 'aggressive');
    const { steps = [], output, files, remarks } = result!;
    expect(steps.length).toBeGreaterThan(3);
    expect(steps.at(-1)).toMatchObject({ output, files });
    const ids = remarks.filter(({ outcome }) => outcome === 'applied').map(({ id }) => id);
    expect(steps.flatMap(({ edits }) => edits.map(({ id }) => id))).toEqual(ids);
  });

  it('are not there unless asked for; then all reasons stand above one diff', () => {
    const text = readFileSync(join(CORPUS, 'node/ts-server/Dockerfile'), 'utf8');
    const result = optimize(text, facts);
    expect(result.steps).toBeUndefined();
    const report = { file: 'x', diffName: 'Dockerfile', result, others: [], written: false };
    const [group, ...rest] = passGroups(report);
    expect(rest).toEqual([]);
    expect(group!.chunks).toHaveLength(1);
    expect(applied(report, groupedText(report, PIPE))).toEqual(wanted(report));
  });
});

describe('only some edits', () => {
  it('are made where they are named: the others are as if denied', () => {
    const text = readFileSync(join(CORPUS, 'node/express-server/Dockerfile'), 'utf8');
    const all = optimize(text, facts);
    for (const { id, outcome } of all.remarks) {
      if (outcome !== 'applied') continue;
      const one = optimize(text, facts, { take: new Set([id]) });
      const made = one.remarks.filter((each) => each.outcome === 'applied');
      expect(made.map((each) => each.id)).toEqual([id]);
    }
    expect(optimize(text, facts, { take: new Set() }).output).toBe(text);
  });
});
