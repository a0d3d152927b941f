/** The estimate beside what the lab measured: the half of the cases on which no figure is fitted. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadFacts } from '../../src/facts/load.ts';
import { CORPUS } from '../lab/case.ts';
import { comparedCase, errorsOf, wrongSigns } from '../lab/estimated.ts';
import type { Measured } from '../lab/measured.ts';
import { withStandIns } from '../lab/stand-ins.ts';

const { cases } = JSON.parse(readFileSync(join(CORPUS, 'measured.json'), 'utf8')) as Measured;
const facts = withStandIns(loadFacts());
const all = Object.entries(cases).flatMap(([name, one]) => comparedCase(name, one, facts));
const heldOut = all.filter(({ half }) => half === 'held out');

describe('cases on which nothing is fitted', () => {
  it.each(['before', 'after', 'saved'] as const)(
    'are estimated within 5 percent in the median: %s',
    (side) => {
      const own = heldOut.filter((each) => each.side === side);
      expect(own.length).toBeGreaterThan(20);
      expect(errorsOf(own).median).toBeLessThanOrEqual(0.05);
      expect(errorsOf(own).rank).toBeGreaterThanOrEqual(0.95);
    },
  );

  it.each(['before', 'after', 'saved'] as const)(
    'are within 15 percent in nine of ten: %s',
    (side) => {
      const own = heldOut.filter((each) => each.side === side);
      expect(errorsOf(own).p90).toBeLessThanOrEqual(0.15);
    },
  );

  it('lie in the range in nine of ten', () => {
    expect(errorsOf(heldOut).covered).toBeGreaterThanOrEqual(0.9);
  });
});

it('never says that an image shrinks by more than a megabyte where it grows, or the other way round', () => {
  expect(wrongSigns(all).map(({ name }) => name)).toEqual([]);
});
