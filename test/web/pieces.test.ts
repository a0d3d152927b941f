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
import { builtWorker, workerScripts, type BuiltWorker } from './worker-on-node.ts';

const ASSETS = fileURLToPath(new URL('../../dist/playground/assets', import.meta.url));
const CASES = fileURLToPath(new URL('../passes', import.meta.url));

const TODAY = '2026-11-21';

/** Hundreds of rewrites, each of them twice. */
const LONG_MS = 300_000;

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
  const parts = (
    result: Pick<Outcome, 'output' | 'files' | 'remarks' | 'diagnostics'>,
  ): unknown => {
    const { output, files, remarks, diagnostics } = result;
    return JSON.parse(JSON.stringify({ output, files, remarks, diagnostics }));
  };
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
  expect(worker.asked).toEqual([workerScripts(ASSETS).first]);
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
