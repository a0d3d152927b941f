/** Estimates beside what the lab measured: of each case before and after, and of what is saved. */
import { createHash } from 'node:crypto';
import { sum, type Amount } from '../../src/analysis/amounts.ts';
import { withIgnore } from '../../src/analysis/context.ts';
import { contextsOf } from '../../src/cli/contexts.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import type { Bill } from '../../src/estimate/bill.ts';
import { shippedBill } from '../../src/estimate/image-size.ts';
import { savedBetween } from '../../src/estimate/saving.ts';
import type { Facts } from '../../src/facts/types.ts';
import { quantile } from './apt-measured.ts';
import { readCase } from './case.ts';
import type { MeasuredCase } from './measured.ts';
import { rewritten } from './rewritten.ts';
import { join } from 'node:path';

export interface Compared {
  readonly name: string;
  readonly side: 'before' | 'after' | 'saved';
  /** Figures are fitted on the one half; errors are told of the other. */
  readonly half: 'fitted' | 'held out';
  /** Bytes above the base. */
  readonly measured: number;
  readonly estimate: Amount;
  /** By which share of what was measured the estimate is too high. */
  readonly deviation: number;
  readonly isCovered: boolean;
  readonly bill: Bill | undefined;
}

/** By the name alone, so that a new case changes nothing for the others. */
export function halfOf(name: string): Compared['half'] {
  return createHash('sha256').update(name).digest()[0]! % 2 === 0 ? 'fitted' : 'held out';
}

export function comparedCase(name: string, measured: MeasuredCase, facts: Facts): Compared[] {
  const { layers } = measured;
  if (!layers) return [];
  const one = readCase(name);
  const { sources, result } = rewritten(one);
  const path = join(one.folder, 'Dockerfile');
  const { context } = contextsOf(undefined, facts.manifests).of(path, sources.before.text);
  const ignore = result.files[0]?.after;
  const edited = context && ignore !== undefined ? withIgnore(context, ignore) : context;
  const before = shippedBill(parse(sources.before.text), { context, facts });
  const after = shippedBill(parse(sources.after.text), { context: edited, facts });
  const own = {
    before: layers.before.reduce((all, { bytes }) => all + bytes, 0),
    after: layers.after.reduce((all, { bytes }) => all + bytes, 0),
  };
  const half = halfOf(name);
  const compared = (
    side: Compared['side'],
    bytes: number,
    estimate: Amount,
    bill: Bill | undefined,
  ): Compared => ({
    name,
    side,
    half,
    measured: bytes,
    estimate,
    deviation: bytes === 0 ? 0 : (estimate.bytes - bytes) / Math.abs(bytes),
    isCovered: bytes >= estimate.low && bytes <= estimate.high,
    bill,
  });
  const saved = savedBetween(aboveBase(before), aboveBase(after));
  return [
    compared('before', own.before, aboveBase(before).total, before),
    compared('after', own.after, aboveBase(after).total, after),
    compared('saved', own.before - own.after, saved, undefined),
  ];
}

/** What comes from the base is the catalogue's business. */
function aboveBase({ lines }: Bill): Bill {
  const own = lines.filter(({ kind }) => kind !== 'base');
  return { lines: own, total: sum(own.map(({ amount }) => amount)) };
}

export const MB = 1_000_000;

export interface Errors {
  readonly count: number;
  readonly median: number;
  readonly p90: number;
  readonly covered: number;
  readonly rank: number;
}

/** @param least bytes that count as the measured ones where those are fewer */
export function errorsOf(all: readonly Compared[], least = 0): Errors {
  const errors = all.map(({ deviation, measured }) => {
    const bytes = Math.abs(measured);
    return bytes < least ? (Math.abs(deviation) * bytes) / least : Math.abs(deviation);
  });
  return {
    count: all.length,
    median: quantile(errors, 0.5),
    p90: quantile(errors, 0.9),
    covered: all.filter(({ isCovered }) => isCovered).length / Math.max(1, all.length),
    rank: rankCorrelation(all.map(({ measured, estimate }) => [measured, estimate.bytes])),
  };
}

/** Spearman's, ties by their mean rank. */
export function rankCorrelation(pairs: readonly (readonly [number, number])[]): number {
  const ranks = (values: readonly number[]): number[] => {
    const sorted = values.toSorted((a, b) => a - b);
    return values.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2);
  };
  const [a, b] = [ranks(pairs.map(([one]) => one)), ranks(pairs.map(([, other]) => other))];
  const mean = (pairs.length - 1) / 2;
  let [both, one, other] = [0, 0, 0];
  for (const [index, rank] of a.entries()) {
    both += (rank - mean) * (b[index]! - mean);
    one += (rank - mean) ** 2;
    other += (b[index]! - mean) ** 2;
  }
  return both / Math.sqrt(one * other);
}

/** Signs that are wrong count where more than a megabyte is saved or added. */
export function wrongSigns(all: readonly Compared[]): readonly Compared[] {
  return all.filter(
    ({ side, measured, estimate }) =>
      side === 'saved' &&
      Math.abs(measured) > MB &&
      Math.sign(measured) !== Math.sign(estimate.bytes),
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export function summaryOf(all: readonly Compared[]): string[] {
  const halves: readonly Compared['half'][] = ['fitted', 'held out'];
  return [
    ...halves.flatMap((half) =>
      (['before', 'after', 'saved'] as const).map((side) => {
        const own = all.filter((each) => each.half === half && each.side === side);
        const { count, median, p90, covered, rank } = errorsOf(own);
        const large = errorsOf(own, MB);
        return `${half}, ${side}: ${count} cases, absolute error: median ${percent(median)}, 90th percentile ${percent(p90)} (of at least 1 MB: ${percent(large.median)}, ${percent(large.p90)}); range covers ${percent(covered)}; rank correlation ${rank.toFixed(3)}`;
      }),
    ),
    `wrong sign of a saving above 1 MB: ${wrongSigns(all).length}`,
  ];
}
