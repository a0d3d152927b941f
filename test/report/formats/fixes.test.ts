import { describe, expect, it } from 'vitest';
import { loadFacts } from '../../../src/facts/load.ts';
import type { Remark } from '../../../src/pass.ts';
import { optimize, type Result } from '../../../src/pipeline.ts';
import { fixesOf } from '../../../src/report/fixes.ts';
import { corpusReport } from './support.ts';

const REMARK: Remark = {
  id: 'a',
  pass: 'some-pass',
  outcome: 'applied',
  level: 'safe',
  origin: { line: 1, column: 1 },
  origins: [{ line: 1, column: 1 }],
  message: 'do this',
  assumptions: [],
  requires: [],
  changes: [],
  indifferentTo: [],
  files: [],
};

function resultOf(...made: readonly Partial<Remark>[]): Result {
  const remarks = made.map((each) => ({ ...REMARK, ...each }));
  const output = remarks.map(({ id }) => id).join('');
  return { input: '', output, files: [], remarks, estimate: undefined, diagnostics: [] };
}

describe('single edits', () => {
  it('are each made without the others, and together make the whole', () => {
    const report = corpusReport('node/express-server');
    const result = report.result!;
    const applied = result.remarks.filter(({ outcome }) => outcome === 'applied');
    expect(applied.length).toBeGreaterThan(2);
    expect([...report.fixes!.keys()].toSorted()).toEqual(applied.map(({ id }) => id).toSorted());
    const outputs = [...report.fixes!.values()].map(([own]) => own!.after);
    expect(new Set(outputs).size).toBe(applied.length);
    for (const output of outputs) {
      expect(output).not.toBe(result.output);
      // Each is what a person would get who refuses all others: nothing is broken by taking one.
      expect(optimize(output, loadFacts(), { select: [] }).diagnostics).toEqual([]);
    }
  });

  it('bring those along that they require', () => {
    const whole = resultOf({ id: 'a' }, { id: 'b', requires: ['a'] }, { id: 'c' });
    const seen: (readonly string[])[] = [];
    const fixes = fixesOf(whole, (deny) => {
      seen.push([...deny]);
      return resultOf(...whole.remarks.filter(({ id }) => !deny.includes(id)));
    });
    expect(Object.fromEntries([...fixes].map(([id, { output }]) => [id, output]))).toEqual({
      a: 'a',
      b: 'ab',
      c: 'c',
    });
    expect(seen).toEqual([['b', 'c'], ['c'], ['a', 'b']]);
  });

  it('deny what only shows itself when others are denied', () => {
    const whole = resultOf({ id: 'a' }, { id: 'b' });
    const fixes = fixesOf(whole, (deny) =>
      resultOf(
        ...[{ id: 'a' }, { id: 'b' }, { id: 'instead' }].filter(({ id }) => !deny.includes(id)),
      ),
    );
    expect(fixes.get('a')!.output).toBe('a');
  });

  it('are none where an edit is not made without another, or where there is no end', () => {
    const whole = resultOf({ id: 'a' }, { id: 'b' });
    const never = fixesOf(whole, () => resultOf());
    expect(never.size).toBe(0);
    let count = 0;
    const endless = fixesOf(whole, () => resultOf({ id: 'a' }, { id: `new-${count++}` }));
    expect(endless.size).toBe(0);
  });

  it('are the whole where there is but one', () => {
    const whole = resultOf({ id: 'a' });
    const fixes = fixesOf(whole, () => {
      throw new Error('nothing to run again');
    });
    expect(fixes.get('a')).toBe(whole);
  });
});
