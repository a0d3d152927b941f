/** The corpus: every case says what it teaches and how to tell that it works; dfopt's laws hold. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadFacts } from '../src/facts/load.ts';
import { optimize } from '../src/pipeline.ts';
import { caseNames, editedText, readCase } from './lab/case.ts';

const names = caseNames();

describe('the corpus', () => {
  it.each(names)('%s says how to tell that it works, and what a developer edits', (name) => {
    const one = readCase(name);
    expect(editedText(one)).not.toBe(readFileSync(join(one.folder, one.edit.file), 'utf8'));
  });

  it.each(names)('%s is rewritten once and for all', (name) => {
    const text = readFileSync(join(readCase(name).folder, 'Dockerfile'), 'utf8');
    const facts = loadFacts();
    const { output, diagnostics } = optimize(text, facts, { strict: true });
    expect(diagnostics.filter(({ severity }) => severity !== 'warning')).toEqual([]);
    expect(optimize(output, facts, { strict: true }).output).toBe(output);
  });

  it('has its shares: half Node and Python, a quarter compiled to machine code at most', () => {
    const languages = names.map((name) => readCase(name).language ?? name.split('/')[0]!);
    const share = (...some: readonly string[]): number =>
      languages.filter((each) => some.includes(each)).length / names.length;
    expect(names.length).toBeGreaterThanOrEqual(30);
    expect(share('node', 'python')).toBeGreaterThanOrEqual(0.5);
    expect(share('go', 'rust', 'c', 'cpp')).toBeLessThanOrEqual(0.25);
  });
});
