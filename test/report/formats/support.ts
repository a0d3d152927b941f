/** Runs for the tests of formats: a rewritten application, a file with errors, and hostile text. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { passes } from '../../../passes/index.ts';
import { contextsOf } from '../../../src/cli/contexts.ts';
import { loadFacts } from '../../../src/facts/load.ts';
import type { Level } from '../../../src/pass.ts';
import { optimize, type Result } from '../../../src/pipeline.ts';
import type { FileReport, OtherFile } from '../../../src/report/file-report.ts';
import { fixesOf } from '../../../src/report/fixes.ts';
import type { RunReport } from '../../../src/report/formats/format.ts';
import { CORPUS } from '../../lab/case.ts';

const facts = loadFacts();

/** What formats must not let through: markup, links, mentions, commands, and what steers a terminal. */
export const HOSTILE =
  '<script>alert(1)</script><img src=x onerror=alert(1)>\n```````\n</details> @everyone ' +
  '[x](https://evil.example) https://evil.example www.evil.example #1 GH-2 a@b.example ]]> --> ' +
  '%0A::error::x\n::warning::y ##[error]z \u001b[2J\u009b2J\u202e\u2066\u200f | \\| {0} ${x} "\' &lt; 1234567';

/** What no output may hold as it is. */
export const CONTROL =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

export interface Around {
  readonly level?: Level;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

export function runOf(
  reports: readonly FileReport[],
  { level = 'standard', verbose = false, quiet = false }: Around = {},
): RunReport {
  return { reports, level, verbose, quiet, passes, version: '1.2.3' };
}

/** An application of the corpus with its build context, sizes and single edits. */
export function corpusReport(name: string, level: Level = 'standard'): FileReport {
  const path = join(CORPUS, name, 'Dockerfile');
  const text = readFileSync(path, 'utf8');
  const { context } = contextsOf(undefined, facts.manifests).of(path, text);
  const again = (deny: readonly string[], isPriced = false): Result =>
    optimize(text, facts, {
      level,
      isPriced,
      isStepwise: isPriced,
      today: '2026-11-21',
      deny: new Set(deny),
      ...(context && { context }),
    });
  return reportOf('app/Dockerfile', again([], true), again);
}

/** Text without a context. */
export function textReport(
  text: string,
  file = 'app/Dockerfile',
  level: Level = 'aggressive',
): FileReport {
  const again = (deny: readonly string[], isPriced = false): Result =>
    optimize(text, facts, { level, isPriced, deny: new Set(deny) });
  return reportOf(file, again([], true), again);
}

function reportOf(
  file: string,
  result: Result,
  again: (deny: readonly string[]) => Result,
): FileReport {
  const others = ({ files }: Result): OtherFile[] =>
    files.map(({ path, before, after }) => ({
      file: `app/${path}`,
      diffName: `app/${path}`,
      before,
      after,
    }));
  const fixes = new Map(
    [...fixesOf(result, again)].map(([id, alone]) => [
      id,
      [{ file, diffName: file, before: alone.input, after: alone.output }, ...others(alone)].filter(
        ({ before, after }) => before !== after,
      ),
    ]),
  );
  return { file, diffName: file, result, others: others(result), written: false, fixes };
}

export const ERRORS = textReport('FROM debian:12-slim\nCOPY onlyone\n');
export const FAILED: FileReport = {
  file: 'gone/Dockerfile',
  diffName: 'gone/Dockerfile',
  others: [],
  written: false,
  failure: 'there is no such file',
};

/** A real rewrite, in which every free text is replaced by hostile text. */
export function hostileReport(): FileReport {
  const report = textReport(
    'FROM golang:1.24\n# ``` <script>alert(1)</script> @everyone ]]> %0A\u202e\u001b[2J\n' +
      'RUN apt-get update && apt-get install -y git\n' +
      `RUN echo '\`\`\`\`\`\` <b>&amp;</b> [x](https://evil.example) \u2066' && apt-get update\n` +
      'COPY . .\nRUN go build -o /x .\nCMD ["/x"]\n',
  );
  const result = report.result!;
  const remarks = result.remarks.map((remark) => ({
    ...remark,
    message: `${remark.message} ${HOSTILE}`,
    assumptions: [HOSTILE],
    files: [HOSTILE],
  }));
  const estimate = result.estimate && {
    ...result.estimate,
    after: {
      ...result.estimate.after,
      lines: result.estimate.after.lines.map((line) => ({
        ...line,
        what: HOSTILE,
        path: HOSTILE,
      })),
    },
  };
  const diagnostics = (['error', 'left-alone', 'warning'] as const).map((severity) => ({
    severity,
    line: 1,
    column: 1,
    message: HOSTILE,
    advice: HOSTILE,
  }));
  const name = `<b>\u202e\u001b[2J\`\`\` @everyone ]]> %0A,x:y|"'.Dockerfile`;
  return {
    ...report,
    file: name,
    diffName: name,
    failure: HOSTILE,
    result: { ...result, remarks, estimate, diagnostics },
  };
}

interface Parsers {
  readonly __debug: {
    readonly parse: (
      text: string,
      options: { readonly parser: string },
    ) => Promise<{ ast: unknown }>;
  };
}

/** What a reader of the format makes of a text: by prettier's parsers, which its types do not show. */
export async function syntaxTree<T>(text: string, parser: 'markdown' | 'html'): Promise<T> {
  // oxlint-disable-next-line no-underscore-dangle -- its name
  const { ast } = await (prettier as unknown as Parsers).__debug.parse(text, { parser });
  return ast as T;
}
