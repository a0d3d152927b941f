/** What verify does, as it does it: live lines on a terminal, plain lines elsewhere. */
import { escapeLine } from '../report/escape.ts';
import type { Step } from '../report/verification.ts';
import type { Progress } from '../verify/order.ts';
import type { Output } from './io.ts';

export interface Display {
  readonly say: (progress: Progress) => void;
  /** Leaves the terminal as it should be. */
  readonly end: () => void;
}

export function displayOn(output: Output): Display {
  return output.isTTY === true
    ? liveDisplay(output, () => performance.now())
    : plainDisplay(output);
}

function plainDisplay(output: Output): Display {
  const begun = new Set<string>();
  const write = (line: string): unknown => output.write(`${escapeLine(line)}\n`);
  return {
    say: (progress) => {
      if (progress.kind !== 'step') {
        begun.clear();
        write(progress.text);
        return;
      }
      const { name, cached, seconds } = progress.step;
      // Many end as soon as they begin: these get one line.
      if (seconds === undefined && !cached) {
        if (!begun.has(name)) write(`  ${name}`);
        begun.add(name);
      } else if (seconds === undefined || seconds >= WORTH_A_LINE) {
        write(`  ${name}: ${endOf(progress.step)}`);
      }
    },
    end: () => {},
  };
}

/** Seconds; who waits for less does not look. */
const WORTH_A_LINE = 1;

function endOf({ cached, seconds }: Step): string {
  return cached ? 'from the cache' : `${(seconds ?? 0).toFixed(1)} s`;
}

interface Line {
  readonly step: Step;
  readonly began: number;
}

/** A terminal may be low, and what has scrolled away cannot be rewritten. */
const MOST_LINES = 10;

/** Of a terminal that does not tell. */
const WIDTH = 80;

/** How often seconds are counted on. */
const TICK_MS = 1000;

/** Back to the beginning of a line so many lines above, and empty all from there. */
function rewind(lines: number): string {
  return `\r${lines > 0 ? `\u001b[${lines}A` : ''}\u001b[J`;
}

/**
 * One line for each stage that is being built: its last step and the seconds since it began.
 * @param now milliseconds
 */
export function liveDisplay(output: Output, now: () => number): Display {
  const stages = new Map<string, Line>();
  let shown = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = (text = ''): void => {
    const width = Math.max(20, (output.columns || WIDTH) - 1);
    const lines = [...stages.values()].slice(-MOST_LINES).map((line) => {
      const end = `  ${((now() - line.began) / 1000).toFixed(0)} s`;
      const name = `  ${escapeLine(line.step.name)}`;
      const isEnded = line.step.cached || line.step.seconds !== undefined;
      return `${name.slice(0, width - end.length - 6)}${isEnded ? `  ${endOf(line.step)}` : end}`;
    });
    output.write(
      `${rewind(shown)}${text}${lines.map((line) => `${line.slice(0, width)}\n`).join('')}`,
    );
    shown = lines.length;
  };
  return {
    say: (progress) => {
      if (progress.kind === 'step') {
        const { step } = progress;
        const stage = stageOf(step.name);
        const line = stages.get(stage);
        const began = line?.step.name === step.name ? line.began : now();
        stages.set(stage, { step, began });
        draw();
        timer ??= setInterval(draw, TICK_MS).unref();
        return;
      }
      stages.clear();
      draw(`${escapeLine(progress.text)}\n`);
    },
    end: () => {
      clearInterval(timer);
      stages.clear();
      draw();
    },
  };
}

/** `build` of `[build 2/4] RUN make`; what belongs to no stage is one of its own. */
function stageOf(name: string): string {
  return /^\[([^\]]*?) *\d+\/\d+\]/.exec(name)?.[1] ?? '';
}
