/** Which differences of the configuration a rewrite means to make. */
import type { Remark } from '../pass.ts';
import type { ExpectedChange } from './order.ts';

export function meantChanges(remarks: readonly Remark[]): readonly ExpectedChange[] {
  const applied = remarks.filter(({ outcome }) => outcome === 'applied');
  return [...new Set(applied.flatMap(({ changes }) => changes))].map((field) => ({ field }));
}
