/** Bytes that nobody has counted yet: a figure, the range in which it lies, and where it comes from. */
import type { Basis } from '../facts/image-types.ts';

/**
 * All in bytes. The range holds the truth in nine of ten; of a saving, negative bytes are what an image
 * grows by.
 */
export interface Amount {
  readonly bytes: number;
  readonly low: number;
  readonly high: number;
  readonly basis: Basis;
}

/** From the best known to the least. */
const BASES: readonly Basis[] = ['measured', 'metadata', 'catalogue', 'model'];

export const NOTHING: Amount = { bytes: 0, low: 0, high: 0, basis: 'measured' };

export function exactly(bytes: number): Amount {
  return { bytes, low: bytes, high: bytes, basis: 'measured' };
}

/** @param share how far the truth may lie off, as a part of the figure */
export function about(bytes: number, share: number, basis: Basis = 'model'): Amount {
  return { bytes, low: bytes * (1 - share), high: bytes * (1 + share), basis };
}

/**
 * Both together. Their errors are taken to be of different causes, so that the range is narrower than
 * the sum of the ranges.
 */
export function plus(one: Amount, other: Amount): Amount {
  if (one === NOTHING) return other;
  if (other === NOTHING) return one;
  const bytes = one.bytes + other.bytes;
  return {
    bytes,
    low: bytes - Math.hypot(one.bytes - one.low, other.bytes - other.low),
    high: bytes + Math.hypot(one.high - one.bytes, other.high - other.bytes),
    basis: worse(one.basis, other.basis),
  };
}

export function sum(all: readonly Amount[]): Amount {
  if (all.length === 0) return NOTHING;
  // As `plus` one by one, without an object for each: lockfiles name thousands of packages.
  let [bytes, below, above, worst] = [0, 0, 0, 0];
  for (const each of all) {
    bytes += each.bytes;
    below += (each.bytes - each.low) ** 2;
    above += (each.high - each.bytes) ** 2;
    worst = Math.max(worst, BASES.indexOf(each.basis));
  }
  const [low, high] = [bytes - Math.sqrt(below), bytes + Math.sqrt(above)];
  return { bytes, low, high, basis: BASES[worst]! };
}

/** What is saved where the first becomes the second. */
export function minus(before: Amount, after: Amount): Amount {
  const bytes = before.bytes - after.bytes;
  return {
    bytes,
    low: bytes - Math.hypot(before.bytes - before.low, after.high - after.bytes),
    high: bytes + Math.hypot(before.high - before.bytes, after.bytes - after.low),
    basis: worse(before.basis, after.basis),
  };
}

export function times({ bytes, low, high, basis }: Amount, factor: number): Amount {
  return { bytes: bytes * factor, low: low * factor, high: high * factor, basis };
}

function worse(one: Basis, other: Basis): Basis {
  return BASES[Math.max(BASES.indexOf(one), BASES.indexOf(other))]!;
}
