import { expect, it } from 'vitest';
import { rankCorrelation } from './ranks.ts';

it('rank correlation tells order, not distance', () => {
  expect(rankCorrelation([1, 2, 3], [10, 200, 3000])).toBeCloseTo(1);
  expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1);
  expect(rankCorrelation([1, 1, 2, 3], [1, 2, 2, 3])).toBeCloseTo(0.833, 2);
});
