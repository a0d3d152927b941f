/** The bill of an image of which only the Dockerfile's text is known: so far, of its base alone. */
import { sum, type Amount } from '../../src/analysis/amounts.ts';
import { imageOf } from '../../src/analysis/images.ts';
import { baseImage } from '../../src/analysis/stages.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import type { Facts } from '../../src/facts/types.ts';

export interface OutsideBill {
  readonly lines: readonly {
    readonly kind: string;
    readonly what: string;
    readonly amount: Amount;
    readonly isUnknown?: true;
  }[];
  readonly total: Amount;
}

/** A base of which no row tells: what official images and those of vendors mostly weigh, in bytes. */
const UNKNOWN: Amount = {
  bytes: 250_000_000,
  low: 5_000_000,
  high: 1_200_000_000,
  basis: 'model',
};

export function outsideBill(text: string, facts: Facts): OutsideBill {
  const file = parse(text);
  const last = file.stages.at(-1);
  const name = last && baseImage(file, last);
  // Of scratch and of variables there is no name.
  if (!last || !name) {
    const isScratch = last?.from.image?.text.toLowerCase() === 'scratch';
    const lines = isScratch
      ? []
      : ([{ kind: 'base', what: 'no name', amount: UNKNOWN, isUnknown: true }] as const);
    return { lines, total: sum(lines.map(({ amount }) => amount)) };
  }
  const size = imageOf(name, facts)?.size;
  const what = `${name.name}:${name.tag}`;
  const lines = size
    ? ([{ kind: 'base', what, amount: size }] as const)
    : ([{ kind: 'base', what, amount: UNKNOWN, isUnknown: true }] as const);
  return { lines, total: sum(lines.map(({ amount }) => amount)) };
}
