/** Which steps a build takes, how long each does, and which come from the cache. */
import type { Step } from '../report/verification.ts';

export interface StepReader {
  /** One line of what the builder writes. */
  readonly read: (line: string) => void;
  /** In the order in which they began. */
  readonly steps: () => Step[];
}

/**
 * Reads BuildKit's plain progress. `#5 [build 2/4] RUN make` begins a step, `#5 DONE 1.2s` or
 * `#5 CACHED` ends it; what a step itself writes has its time in front and is never mistaken.
 * @param onStep for every step that begins or ends
 */
export function buildkitSteps(onStep: (step: Step) => void): StepReader {
  const steps = new Map<string, Step>();
  const put = (number: string, step: Step): void => {
    steps.set(number, step);
    onStep(step);
  };
  return {
    read: (line) => {
      const [, number, text] = /^#(\d+) (.*)$/.exec(line) ?? [];
      if (number === undefined || text === undefined) return;
      const step = steps.get(number);
      if (!step) {
        if (/^(\[(?!internal\])|exporting to )/.test(text)) {
          put(number, { name: text, cached: false });
        }
        return;
      }
      const seconds = /^DONE (\d+(?:\.\d+)?)s$/.exec(text)?.[1];
      if (seconds !== undefined) put(number, { ...step, seconds: Number(seconds) });
      if (text === 'CACHED') put(number, { ...step, cached: true });
    },
    steps: () => [...steps.values()],
  };
}

/**
 * Reads what buildah and podman write: `[1/2] STEP 2/3: RUN make`, one after the other, and
 * `--> Using cache 1234` below it. They tell no times: the lines' own are taken.
 * @param now milliseconds
 */
export function buildahSteps(onStep: (step: Step) => void, now: () => number): StepReader {
  const steps: Step[] = [];
  let began = 0;
  const end = (): void => {
    const step = steps.at(-1);
    if (!step || step.seconds !== undefined) return;
    const ended = { ...step, seconds: Math.round((now() - began) / 100) / 10 };
    steps.splice(-1, 1, ended);
    onStep(ended);
  };
  const begin = (name: string): void => {
    end();
    began = now();
    steps.push({ name, cached: false });
    onStep(steps.at(-1)!);
  };
  return {
    read: (line) => {
      const [, stage, place, text] = /^(?:\[(\d+)\/\d+\] )?STEP (\d+\/\d+): (.*)$/.exec(line) ?? [];
      if (place !== undefined) {
        begin(`[${stage === undefined ? '' : `stage ${stage} `}${place}] ${text}`);
      } else if (/^(\[\d+\/\d+\] )?COMMIT\b/.test(line)) {
        begin('exporting to image');
      } else if (line.startsWith('--> Using cache ') && steps.length > 0) {
        steps.splice(-1, 1, { ...steps.at(-1)!, cached: true });
      } else if (line.startsWith('Successfully tagged ')) {
        end();
      }
    },
    steps: () => [...steps],
  };
}
