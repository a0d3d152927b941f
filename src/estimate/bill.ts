/** A bill: what an image weighs, layer by layer and cause by cause, and what each figure rests on. */
import { sum, type Amount } from '../analysis/amounts.ts';
import type { Instruction } from '../dockerfile/model.ts';

/**
 * `base`: what FROM brings; `packages`: of a distribution; `dependencies`: of a language; `files`: of
 * the build context or another stage; `build`: made of sources; `leavings`: caches, lists and other
 * things that no program reads; `copies`: files once more, as a layer changed only their owners, modes
 * or names; `other`: all else.
 */
export type LineKind =
  'base' | 'packages' | 'dependencies' | 'files' | 'build' | 'leavings' | 'copies' | 'other';

/** As much of an instruction as reports show. */
export type BilledInstruction = Pick<Instruction, 'origin' | 'keyword'>;

export interface BillLine<I extends BilledInstruction = Instruction> {
  /** The instruction that adds it. */
  readonly instruction: I;
  readonly kind: LineKind;
  /** For people: `golang:1.24`, `ca-certificates and 2 more`, `package lists of apt`. */
  readonly what: string;
  /** What counts in sums; where the figure is not known, what such things usually weigh. */
  readonly amount: Amount;
  /** Nobody can tell from what is known: the amount is that of such things in general. */
  readonly isUnknown?: true;
  /** Where it lies in the image, without a slash in front; `undefined` where it lies all over. */
  readonly path?: string;
}

export interface Bill<I extends BilledInstruction = Instruction> {
  /** In the order of the layers. */
  readonly lines: readonly BillLine<I>[];
  readonly total: Amount;
}

export function billOf(lines: readonly BillLine[]): Bill {
  const amounts: Amount[] = [];
  for (const { amount } of lines) amounts.push(amount);
  return { lines, total: sum(amounts) };
}

/**
 * What things weigh of which nothing is known, in bytes: the middle, and a range for nine in ten. Guesses,
 * but for the middle of `dependencies`: the median of what npm left over in 8 images that others measured
 * (corpus/measured-outside.json, set 1) when all that is known was taken off. Its upper end was raised
 * after the images of set 2.
 */
export const UNKNOWN = {
  base: { bytes: 250_000_000, low: 5_000_000, high: 1_200_000_000, basis: 'model' },
  context: { bytes: 1_000_000, low: 10_000, high: 60_000_000, basis: 'model' },
  command: { bytes: 1_000_000, low: 0, high: 150_000_000, basis: 'model' },
  dependencies: { bytes: 57_000_000, low: 2_000_000, high: 1_500_000_000, basis: 'model' },
  download: { bytes: 20_000_000, low: 100_000, high: 300_000_000, basis: 'model' },
  /** A file or folder that a build makes, and nobody sees how. */
  path: { bytes: 5_000_000, low: 10_000, high: 120_000_000, basis: 'model' },
  /** The same where its name has the ending of a text or of data, and not that of a program. */
  file: { bytes: 20_000, low: 100, high: 20_000_000, basis: 'model' },
} as const satisfies Readonly<Record<string, Amount>>;
