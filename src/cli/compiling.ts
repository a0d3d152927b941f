/** How much of a run over many files V8 spends on making its own code faster. */
import { setFlagsFromString } from 'node:v8';

/**
 * How many bytes of bytecode a function of Node.js 20 runs before its optimizing compiler takes it; V8's
 * own figure is 132 KiB. dfopt is thousands of functions of which each file calls most a few times, and
 * every thread compiles its own: over 1,000 files on two processors a third of all their time went into
 * that compiler, and a quarter is saved where only what is called far more often is compiled. Other
 * releases have a compiler in between, and need nothing.
 */
const BUDGET = { major: 20, bytes: 600_000 };

/**
 * Leaves more to the compiler that is quick: for a run in which hundreds of files are computed. The flag
 * is a number that V8 reads whenever a function has used its budget up, so that it may change at any time,
 * and counts for all threads.
 */
export function compileLess(
  version: string = process.versions.node,
  setFlag: (flag: string) => void = setFlagsFromString,
): void {
  if (Number(version.split('.')[0]) !== BUDGET.major) return;
  setFlag(`--interrupt-budget=${BUDGET.bytes}`);
}
