/** Does the core run where there is no Node: in a bare context, bundled for a browser? */
import { runInNewContext } from 'node:vm';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { makeContext } from '../src/analysis/context.ts';
import { copiedBy } from '../src/analysis/copied.ts';
import { loadFacts } from '../src/facts/load.ts';
import { optimize, type Result } from '../src/pipeline.ts';
import { contextFrom } from './support/contexts.ts';

const TEXT = `\ufeffFROM debian:bookworm
RUN apt-get update
RUN apt-get install curl

FROM python:3.12
RUN pip install 'flask[async]' # ünïcödé
`;

const CONTEXT = contextFrom({
  'app.py': 100,
  'app.pyc': 200,
  'é/requirements.txt': 'flask\n',
  '.dockerignore': '**/*.py[co]\n',
});

/** What the code says, with the exports of the modules as `dfopt`. */
async function inBrowser(
  modules: readonly string[],
  code: string,
  values: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const { outputFiles } = await build({
    stdin: {
      contents: modules.map((path) => `export * from './${path}';`).join('\n'),
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'dfopt',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  });
  // What every browser has and the language does not.
  const web = { TextEncoder, TextDecoder };
  return runInNewContext(`${outputFiles[0]!.text}\n${code}`, { ...values, ...web });
}

it('rewrites as it does in Node', async () => {
  const options = { level: 'aggressive' as const, context: CONTEXT };
  const answer = await inBrowser(
    ['src/pipeline.ts'],
    'JSON.stringify(dfopt.optimize(text, JSON.parse(facts), options))',
    { text: TEXT, facts: JSON.stringify(loadFacts()), options },
  );
  const result = JSON.parse(answer as string) as Result;
  expect(result).toEqual(JSON.parse(JSON.stringify(optimize(TEXT, loadFacts(), options))));
  expect(result.output).not.toBe(TEXT);
});

it('knows what a build context holds as it does in Node', async () => {
  const { entries, ignore } = CONTEXT;
  const answer = await inBrowser(
    ['src/analysis/context.ts', 'src/analysis/copied.ts'],
    `JSON.stringify(dfopt.copiedBy(dfopt.makeContext(JSON.parse(parts)), '.'))`,
    { parts: JSON.stringify({ entries, ignore }) },
  );
  const copied = copiedBy(makeContext({ entries, ignore }), '.');
  expect(JSON.parse(answer as string)).toEqual(copied);
  expect(copied.entries.map(({ to }) => to)).toEqual([
    '.dockerignore',
    'app.py',
    'é',
    'é/requirements.txt',
  ]);
});
