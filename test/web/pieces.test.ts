/** Does the worker of the page, which is cut into pieces, do what the core does as a whole? */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { BuildContext } from '../../src/analysis/context.ts';
import { contextsOf } from '../../src/cli/contexts.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize } from '../../src/pipeline.ts';
import { contextJson, optionsOf, type Choices } from '../../src/web/messages.ts';
import type { Order, Outcome } from '../../src/web/page/protocol.ts';
import { DEFAULT_CHOICES, EXAMPLE } from '../../src/web/page/start.ts';
import { caseNames, readCase } from '../lab/case.ts';
import { blockOf, casesOf } from '../support/cases.ts';
import { contextFrom, treeOf } from '../support/contexts.ts';
import { builtPageCore, builtWorker, workerScripts, type BuiltWorker } from './worker-on-node.ts';

const ASSETS = fileURLToPath(new URL('../../dist/playground/assets', import.meta.url));
const CASES = fileURLToPath(new URL('../passes', import.meta.url));

const TODAY = '2026-11-21';

/** Hundreds of rewrites, each of them twice. */
const LONG_MS = 300_000;

type Answer = Pick<Outcome, 'output' | 'files' | 'remarks' | 'diagnostics'>;

/** As messages carry it. */
function parts({ output, files, remarks, diagnostics }: Answer): unknown {
  return JSON.parse(JSON.stringify({ output, files, remarks, diagnostics }));
}

/** What the worker answers, beside what the core says as a whole. */
async function expectSame(
  worker: BuiltWorker,
  name: string,
  text: string,
  context: BuildContext | undefined,
  choices: Choices,
): Promise<void> {
  await worker.tell({ kind: 'context', context: context && contextJson(context) });
  const job = { text, choices, today: TODAY };
  const report = await worker.tell({ kind: 'rewrite', number: 1, job });
  if (report?.kind !== 'outcome') throw new Error(`${name}: ${JSON.stringify(report)}`);
  const given = optionsOf(choices, context, TODAY);
  const whole = optimize(text, loadFacts(), { ...given, isPriced: true });
  expect(parts(report.outcome), name).toEqual(parts(whole));
  expect(report.outcome.sizes?.after.total, name).toEqual(whole.estimate?.after.total);
}

async function started(missing: readonly string[] = []): Promise<BuiltWorker> {
  const worker = builtWorker(ASSETS, missing);
  onTestFinished(async () => void (await worker.end()));
  await worker.tell({ kind: 'load', facts: {} });
  return worker;
}

it('needs no second piece for what the playground shows first', async () => {
  const worker = await started();
  await expectSame(worker, 'the example', EXAMPLE, undefined, DEFAULT_CHOICES);
  const { first, facts } = workerScripts(ASSETS);
  expect(worker.asked).toEqual([first, facts]);
});

it('rewrites that in the page itself, where nothing can be loaded', () => {
  const core = builtPageCore(ASSETS);
  const job = { text: EXAMPLE, choices: DEFAULT_CHOICES, today: TODAY };
  const outcome = core.rewrite(job);
  const given = optionsOf(DEFAULT_CHOICES, undefined, TODAY);
  const whole = optimize(EXAMPLE, loadFacts(), { ...given, isPriced: true });
  expect(whole.remarks.length).toBeGreaterThan(2);
  expect(parts(outcome)).toEqual(parts(whole));
  expect(outcome.sizes?.after.total).toEqual(whole.estimate?.after.total);
  expect(core.passes().length).toBeGreaterThan(20);
});

it.each([
  ['code', 'FROM composer:2\nCOPY . /app\nWORKDIR /app\nRUN composer install --no-dev\n'],
  ['facts', 'FROM debian:13\nRUN apt-get update && apt-get install -y chromium\n'],
])('does not answer there where %s are missing', (_, text) => {
  const core = builtPageCore(ASSETS);
  const job = { text, choices: DEFAULT_CHOICES, today: TODAY };
  expect(() => core.rewrite(job)).toThrow(/a page cannot wait for|could not be loaded/);
});

it('loads what a file asks for, once, and leaves the rest', async () => {
  const worker = await started();
  const text = 'FROM composer:2\nCOPY . /app\nWORKDIR /app\nRUN composer install --no-dev\n';
  for (const _ of [1, 2]) await expectSame(worker, 'PHP', text, undefined, DEFAULT_CHOICES);
  const families = worker.asked.map((name) => name.replace(/-[0-9a-f]+\.js$/, ''));
  expect(new Set(families).size).toBe(families.length);
  expect(families).toContain('worker-php');
  expect(families).not.toContain('worker-java');
  expect(families).not.toContain('worker-yaml');
});

it.each([
  [
    'Debian 13',
    'FROM debian:13\nRUN apt-get update && apt-get install -y chromium zsh\nCMD ["chromium"]\n',
    ['facts-apt'],
  ],
  [
    'packages of npm',
    'FROM node:20\nWORKDIR /app\nRUN npm install -g typescript@5.4.5 webpack\nCMD ["tsc"]\n',
    ['facts-node'],
  ],
  ['Alpine', 'FROM alpine:3.17\nRUN apk add --update nodejs git\nCMD ["node"]\n', ['facts-alpine']],
  [
    'an image of its own',
    'FROM rabbitmq:3.12-management\nRUN apt-get update && apt-get install -y curl vim\n',
    ['facts-images', 'facts-apt'],
  ],
  [
    'Python',
    'FROM python:3.12\nRUN pip install numpy pandas\nCOPY app.py .\nCMD ["python", "app.py"]\n',
    ['facts-python'],
  ],
])('loads the facts that a file asks for, and no others: %s', async (name, text, families) => {
  const worker = await started();
  for (const _ of [1, 2]) await expectSame(worker, name, text, undefined, DEFAULT_CHOICES);
  const asked = worker.asked.filter((each) => each.startsWith('facts-'));
  expect(new Set(asked).size).toBe(asked.length);
  const all = workerScripts(ASSETS).pieces.filter((each) => each.startsWith('facts-'));
  expect(asked.length).toBeLessThan(all.length / 2);
  for (const family of families) {
    expect(asked.some((each) => each.startsWith(family))).toBe(true);
  }
});

it('says so where facts cannot be loaded, and goes on when they can', async () => {
  const { pieces } = workerScripts(ASSETS);
  const worker = await started(pieces.filter((name) => name.startsWith('facts-apt')));
  const order = (text: string): Order => ({
    kind: 'rewrite',
    number: 1,
    job: { text, choices: DEFAULT_CHOICES, today: TODAY },
  });
  const report = await worker.tell(
    order('FROM debian:13\nRUN apt-get update && apt-get install -y chromium\n'),
  );
  expect(report).toMatchObject({ kind: 'failed', isOutside: true });
  expect((report as { why: string }).why).toMatch(/^facts-apt\S* could not be loaded/);
  expect(await worker.tell(order(EXAMPLE))).toMatchObject({ kind: 'outcome' });
});

it('says so where a piece cannot be loaded, and goes on when it can', async () => {
  const { pieces } = workerScripts(ASSETS);
  const worker = await started(pieces);
  const order = (text: string): Order => ({
    kind: 'rewrite',
    number: 1,
    job: { text, choices: DEFAULT_CHOICES, today: TODAY },
  });
  const php = 'FROM composer:2\nCOPY . /app\nWORKDIR /app\nRUN composer install --no-dev\n';
  const report = await worker.tell(order(php));
  expect(report).toMatchObject({ kind: 'failed', isOutside: true });
  expect((report as { why: string }).why).toContain('could not be loaded');
  expect(await worker.tell(order(EXAMPLE))).toMatchObject({ kind: 'outcome' });
});

it(
  'rewrites the corpus, with what its build contexts hold',
  async () => {
    const worker = await started();
    const { manifests } = loadFacts();
    const names = caseNames();
    expect(names.length).toBeGreaterThan(30);
    for (const name of names) {
      const { folder } = readCase(name);
      const path = join(folder, 'Dockerfile');
      const text = readFileSync(path, 'utf8');
      const { context } = contextsOf(undefined, manifests).of(path, text);
      await expectSame(worker, name, text, context, DEFAULT_CHOICES);
    }
  },
  LONG_MS,
);

/** Of more than a thousand, so that it does not take minutes. */
const EVERY = 8;

it(
  'rewrites cases of the passes',
  async () => {
    const worker = await started();
    const all = readdirSync(CASES, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .sort()
      .flatMap((file) =>
        casesOf(readFileSync(join(CASES, file), 'utf8')).map((one) => ({ file, one })),
      );
    const some = all.filter((_, index) => index % EVERY === 0);
    expect(some.length).toBeGreaterThan(100);
    for (const { file, one } of some) {
      const text = blockOf(one, 'dockerfile before')!;
      const lines = blockOf(one, 'context');
      const context = lines === undefined ? undefined : contextFrom(treeOf(lines));
      const choices = { ...DEFAULT_CHOICES, level: 'aggressive' as const };
      await expectSame(worker, `${file}: ${one.title}`, text, context, choices);
    }
  },
  LONG_MS,
);
