/** The Dockerfiles from which people learn, through all passes: the output is what an expert accepts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { passes } from '../passes/index.ts';
import { loadFacts } from '../src/facts/load.ts';
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
import { editedRuns } from './support/same.ts';
import { brokenSyntax } from './support/shell.ts';

const url = new URL('./guides.md', import.meta.url);
const facts = loadFacts();
// Remarks of all passes are shown with the pass's name, whichever it is asked for.
const [anyPass] = passes;

function withAll(one: Case): Case {
  const options = { info: 'options', content: 'passes: all\n', first: 0, last: 0 };
  return { ...one, blocks: [...one.blocks, options] };
}

const run = (one: Case): CaseRun => runCase(withAll(one), anyPass!, passes, facts);

let markdown = readFileSync(url, 'utf8');
if (process.env['UPDATE'] === '1') {
  const next = updated(markdown, new Map(casesOf(markdown).map((one) => [one, run(one)])));
  if (next !== markdown) writeFileSync(url, next);
  markdown = next;
}

describe('guides', () => {
  it.each(casesOf(markdown).map((one) => [one.title, one] as const))('%s', (_, one) => {
    const done = run(one);
    const { result, remarks } = done;
    const output = result.output === result.input ? undefined : result.output;
    expect(output).toBe(blockOf(one, 'dockerfile after'));
    expect(ignoreAfter(result)).toBe(blockOf(one, 'dockerignore after'));
    expect(remarks).toBe(blockOf(one, 'remarks'));
    const again = optimize(result.output, facts, secondRun(done));
    expect(again.output).toBe(result.output);
    expect(
      brokenSyntax(editedRuns(one.title, result.input, result.output, result.remarks)),
    ).toEqual([]);
  });
});
