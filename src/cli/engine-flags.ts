/**
 * How soon V8 optimizes, for the one version that does so too soon. That of Node 20 begins with a function
 * that has run 66 kB of byte code; many of ours see another shape of data then, are thrown away and
 * optimized again. Over 1,000 Dockerfiles that took a third of the processor time, with an empty cache
 * and with a full one (measured 2026-11-22; Node 24 has nothing to gain by it).
 */
import { setFlagsFromString } from 'node:v8';

/** In bytes of byte code; from 600,000 to 5,000,000 it made no difference. */
const INTERRUPT_BUDGET = 1_000_000;

/** Of this process and all of its threads. */
export function optimizeLater(): void {
  // Other versions know no such flag and would complain of it.
  if (process.versions.v8.startsWith('11.3.')) {
    setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
  }
}
