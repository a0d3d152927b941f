/** How far a run over many files is: one line on a terminal, and nothing anywhere else. */
import type { Output } from './io.ts';

export interface ProgressLine {
  readonly say: (done: number) => void;
  /** Something else is about to be written. */
  readonly clear: () => void;
}

/** Who waits for less does not look. */
const FIRST_AFTER_MS = 500;

const EVERY_MS = 100;

const NOTHING: ProgressLine = { say: () => {}, clear: () => {} };

/** @param now milliseconds */
export function progressLine(
  output: Output,
  total: number,
  now: () => number = () => performance.now(),
): ProgressLine {
  if (output.isTTY !== true || total < 2) return NOTHING;
  let next = now() + FIRST_AFTER_MS;
  let isShown = false;
  const clear = (): void => {
    if (isShown) output.write('\r\u001b[K');
    isShown = false;
  };
  return {
    say: (done) => {
      const at = now();
      if (at < next) return;
      next = at + EVERY_MS;
      const line = `${done} of ${total} files`;
      // A line that is too long would stay where it wraps.
      if (line.length >= (output.columns ?? 80)) return;
      output.write(`\r\u001b[K${line}`);
      isShown = true;
    },
    clear,
  };
}
