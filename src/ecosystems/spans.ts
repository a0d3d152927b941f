/** Figures of rows as amounts. */
import type { Amount } from '../analysis/amounts.ts';
import type { Span } from '../facts/compiled-weight-types.ts';

export function amountOf({ bytes, low, high }: Span): Amount {
  return { bytes, low, high, basis: 'model' };
}

/** The same figure in a wider range: by these parts of it, downwards and upwards. */
export function wider(amount: Amount, down: number, up: number): Amount {
  return {
    ...amount,
    low: Math.max(0, amount.low - amount.bytes * down),
    high: amount.high + amount.bytes * up,
  };
}
