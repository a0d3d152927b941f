/**
 * What is said of the passes, in their order. In a built program these are rows: who only shows results
 * need not load the passes themselves.
 */
import { passes } from '../../passes/index.ts';
import type { PassWords } from '../pass.ts';

export const passList: readonly PassWords[] = passes.map(({ run: _run, ...words }) => words);
