/** Every pass on every one of its cases, and what must hold for whatever a pass does. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { passes } from '../passes/index.ts';
import { loadFacts } from '../src/facts/load.ts';
import { parse } from '../src/dockerfile/parse.ts';
import { print } from '../src/dockerfile/print.ts';
import { optimize } from '../src/pipeline.ts';
import {
  blockOf,
  casesOf,
  ignoreAfter,
  runCase,
  secondRun,
  updated,
  type Case,
  type CaseRun,
} from './support/cases.ts';
import { editedRuns, unclaimedChanges } from './support/same.ts';
import { brokenSyntax } from './support/shell.ts';

const FOLDER = new URL('./passes/', import.meta.url);
const facts = loadFacts();
/** `1` for all passes, or the id of one. */
const update = process.env['UPDATE'];

interface CaseFile {
  readonly url: URL;
  readonly markdown: string;
  readonly cases: Case[];
}

/** `<id>.md`, and for a pass with many cases all that lies in the folder `<id>`. */
function load(id: string): readonly CaseFile[] {
  const folder = new URL(`${id}/`, FOLDER);
  const more = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  const urls = [new URL(`${id}.md`, FOLDER), ...more.map((name) => new URL(name, folder))];
  return urls.filter(existsSync).map((url) => {
    const markdown = readFileSync(url, 'utf8');
    return { url, markdown, cases: casesOf(markdown) };
  });
}

it('has no case file without a pass', () => {
  const ids = passes.flatMap((pass) => [`${pass.id}.md`, pass.id]);
  expect(readdirSync(FOLDER).filter((name) => !ids.includes(name))).toEqual([]);
});

describe.each(passes)('$id', (pass) => {
  const files = load(pass.id);
  if (files.length === 0) {
    it('has a case file', () => expect.fail(`write test/passes/${pass.id}.md`));
    return;
  }
  const runs = new Map<Case, CaseRun>();
  if (update === '1' || update === pass.id) {
    for (const { url, markdown, cases } of files) {
      for (const one of cases) {
        try {
          runs.set(one, runCase(one, pass, passes, facts));
        } catch {
          // The case's own test says what is wrong; the others are written all the same.
        }
      }
      const next = updated(markdown, runs);
      if (next !== markdown) writeFileSync(url, next);
      for (const [index, one] of casesOf(next).entries()) cases[index] = one;
      runs.clear();
    }
  }
  const cases = files.flatMap((file) => file.cases);

  it.each(cases.map((one) => [one.title, one] as const))('%s', (_, one) => {
    const { result, remarks, options } = runCase(one, pass, passes, facts);
    const run = { result, remarks, options };
    runs.set(one, run);
    const { input, output } = result;
    expect(output).toBe(blockOf(one, 'dockerfile after') ?? input);
    expect(ignoreAfter(result)).toBe(blockOf(one, 'dockerignore after'));
    expect(remarks).toBe(blockOf(one, 'remarks'));
    if (blockOf(one, 'dockerfile after') !== undefined) expect(output).not.toBe(input);
    expect(optimize(output, facts, secondRun(run))).toMatchObject({ output, files: [] });
    expect(print(parse(output))).toBe(output);
    expect(unclaimedChanges(input, output, result.remarks)).toEqual([]);
  });

  it('keeps shell code that the shells accept', () => {
    const rewrites = cases.flatMap((one) => {
      const { input, output, remarks } =
        runs.get(one)?.result ?? runCase(one, pass, passes, facts).result;
      return input === output ? [] : editedRuns(one.title, input, output, remarks);
    });
    expect(brokenSyntax(rewrites)).toEqual([]);
  });

  it('has cases with plain and different titles, and one where it applies', () => {
    const titles = cases.map((one) => one.title);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
    const does = pass.isAdvice ? /^advice /m : /^applied /m;
    expect(cases.some((one) => does.test(blockOf(one, 'remarks') ?? ''))).toBe(true);
  });

  it('has a case for everything that it refuses', () => {
    const covered = new Set(cases.flatMap((one) => one.refuses));
    expect(pass.refuses.filter((refusal) => !covered.has(refusal))).toEqual([]);
    const unknown = [...covered].filter((refusal) => !pass.refuses.includes(refusal));
    expect(unknown, 'the pass says nothing of these').toEqual([]);
  });
});
