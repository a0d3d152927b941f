/** Does the core run where there is no Node: in a bare context, bundled for a browser? */
import { runInNewContext } from 'node:vm';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { loadFacts } from '../src/facts/load.ts';
import { optimize, type Result } from '../src/pipeline.ts';

const TEXT = `\ufeffFROM debian:bookworm
RUN apt-get update
RUN apt-get install curl

FROM python:3.12
RUN pip install 'flask[async]' # ünïcödé
`;

it('rewrites as it does in Node', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/pipeline.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'dfopt',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  });
  const code = `${outputFiles[0]!.text}
    JSON.stringify(dfopt.optimize(text, JSON.parse(facts), { level: 'aggressive' }));`;
  // What every browser has and the language does not.
  const web = { TextEncoder, TextDecoder };
  const facts = JSON.stringify(loadFacts());
  const answer = runInNewContext(code, { text: TEXT, facts, ...web }) as string;
  const result = JSON.parse(answer) as Result;
  expect(result).toEqual(
    JSON.parse(JSON.stringify(optimize(TEXT, loadFacts(), { level: 'aggressive' }))),
  );
  expect(result.output).not.toBe(TEXT);
});
