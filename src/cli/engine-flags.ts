/**
 * How V8 is to compile what dfopt has: thousands of functions, of which a run over many files calls most,
 * and none for long. By its versions, as flags of one are unknown to another, which would complain of them.
 */
import { setFlagsFromString } from 'node:v8';

/** Of one version of V8, as Node has it. */
interface Engine {
  /** What `process.versions.v8` begins with. */
  readonly version: string;
  /** How often a function is called before it is optimized. */
  readonly optimizesLater: string;
}

/** Theirs has an optimizer before the one of the others. */
const WITH_TWO_OPTIMIZERS =
  '--invocation-count-for-turbofan=100000 --invocation-count-for-maglev=5000';

/**
 * The four that Node 20, 22, 24 and 26 have. By itself each begins to optimize after some hundred calls,
 * which takes some 5 ms of a processor for a function, and seldom comes back: on Node 20 one thread made
 * 2,000 of them for 1,000 Dockerfiles and took 19 s instead of 10, Node 22 took half as much again in two
 * threads, Node 24 and 26 a third (measured 2026-11-23). From 600,000 to 5,000,000 bytes of byte code it
 * made no difference, nor from 30,000 to 100,000 calls.
 */
const ENGINES: readonly Engine[] = [
  { version: '11.3.', optimizesLater: '--interrupt-budget=1000000' },
  { version: '12.4.', optimizesLater: '--invocation-count-for-turbofan=100000' },
  { version: '13.6.', optimizesLater: WITH_TWO_OPTIMIZERS },
  { version: '14.6.', optimizesLater: WITH_TWO_OPTIMIZERS },
];

const engine = ENGINES.find(({ version }) => process.versions.v8.startsWith(version));

/** Of this process and all of its threads. */
export function optimizeLater(): void {
  if (engine) setFlagsFromString(engine.optimizesLater);
}

/**
 * Of the same: a regular expression is made machine code before it first runs, and not after it has been
 * interpreted once. That costs less than its byte code: 2,700 expressions that ran once took 43 ms instead of
 * 95, and 122 where they ran twice (Node 20, measured 2026-11-23). Those that have run already stay as they
 * are; `--no-regexp-tier-up`, which asks for the same, makes V8 crash on them.
 */
export function compileExpressionsAtOnce(): void {
  if (engine) setFlagsFromString('--regexp-tier-up-ticks=0');
}

/**
 * Of the same, from then on: a function is made simple machine code when it is first called, and not after
 * some calls.
 */
export function compileAtOnce(): void {
  if (engine) setFlagsFromString('--always-sparkplug');
}

/**
 * Of threads that start from then on: they begin with as much room as they come to have, instead of a
 * collection for every few MB that they grow. Some 5 % of the processor time of 500 files in two threads
 * (measured 2026-11-22: 3 to 7 % in 14 and 8 pairs of runs).
 */
export function beginWithRoom(): void {
  if (engine) setFlagsFromString('--min-semi-space-size=32 --initial-heap-size=256');
}
