/** Steps and times in what builders write. */
import { describe, expect, it } from 'vitest';
import { buildahSteps, buildkitSteps } from '../../src/verify/steps.ts';
import type { Step } from '../../src/report/verification.ts';

describe('BuildKit', () => {
  function read(text: string): { steps: Step[]; told: Step[] } {
    const told: Step[] = [];
    const reader = buildkitSteps((step) => told.push(step));
    for (const line of text.split('\n')) reader.read(line);
    return { steps: reader.steps(), told };
  }

  it('tells cached steps from others, with their times', () => {
    const { steps, told } = read(`#0 building with "default" instance using docker driver
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s
#4 [build 1/3] FROM docker.io/library/debian:bookworm
#4 CACHED
#5 [build 2/3] RUN make
#6 [stage-1 2/2] RUN sleep 2
#5 [build 2/3] RUN make
#5 0.213 #9 DONE 5.0s
#5 0.214 CACHED
#6 DONE 12.5s
#5 DONE 61.0s
#7 exporting to image
#7 exporting layers 0.2s done
#7 DONE 0.3s`);
    expect(steps).toEqual([
      { name: '[build 1/3] FROM docker.io/library/debian:bookworm', cached: true },
      { name: '[build 2/3] RUN make', cached: false, seconds: 61 },
      { name: '[stage-1 2/2] RUN sleep 2', cached: false, seconds: 12.5 },
      { name: 'exporting to image', cached: false, seconds: 0.3 },
    ]);
    expect(told).toHaveLength(8);
  });

  it('knows no time of a step that does not end', () => {
    const { steps } = read(`#5 [2/2] RUN false
#5 ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1
#6 CANCELED`);
    expect(steps).toEqual([{ name: '[2/2] RUN false', cached: false }]);
  });
});

describe('buildah and podman', () => {
  it('takes the time between the lines', () => {
    let now = 0;
    const told: Step[] = [];
    const reader = buildahSteps(
      (step) => told.push(step),
      () => now,
    );
    const lines: [number, string][] = [
      [0, '[1/2] STEP 1/2: FROM debian AS build'],
      [100, '[1/2] STEP 2/2: RUN make'],
      [150, 'STEP is a word of make'],
      [4100, '--> 1234'],
      [4100, '[2/2] STEP 1/2: FROM debian'],
      [4100, '[2/2] STEP 2/2: COPY --from=build x /'],
      [4200, '--> Using cache 5678'],
      [4200, '[2/2] COMMIT localhost/a:b'],
      [5000, 'Successfully tagged localhost/a:b'],
    ];
    for (const [at, line] of lines) {
      now = at;
      reader.read(line);
    }
    expect(reader.steps()).toEqual([
      { name: '[stage 1 1/2] FROM debian AS build', cached: false, seconds: 0.1 },
      { name: '[stage 1 2/2] RUN make', cached: false, seconds: 4 },
      { name: '[stage 2 1/2] FROM debian', cached: false, seconds: 0 },
      { name: '[stage 2 2/2] COPY --from=build x /', cached: true, seconds: 0.1 },
      { name: 'exporting to image', cached: false, seconds: 0.8 },
    ]);
    expect(told).toHaveLength(10);
  });

  it('knows one stage without a number', () => {
    const reader = buildahSteps(
      () => {},
      () => 0,
    );
    reader.read('STEP 3/9: RUN false');
    expect(reader.steps()).toEqual([{ name: '[3/9] RUN false', cached: false }]);
  });
});
