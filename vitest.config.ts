/** How the tests run: every `*.test.ts` below test/, nothing else. */
import { defineConfig } from 'vitest/config';

/** Tests that use a container engine where there is one. */
const ENGINE = ['test/verify/**/*.test.ts', 'test/lab/**/*.test.ts'];

/** Tests of the pages, in a real Chromium where there is one. */
const BROWSER = ['test/web/**/*.test.ts'];

/** Tests that kill processes, and count on the time that things take. */
const CRASH = ['test/bot/crash.test.ts'];

/** Tests that take a good part of a minute each: many random inputs, programs that are built for them. */
const LONG = [
  'test/bot/{action,pull-properties,review-properties}.test.ts',
  'test/cli/threads.test.ts',
  'test/properties.test.ts',
];

/** Tests that put other modules, clocks or variables in the place of the real ones: each has its own. */
const MOCKED = [
  'test/cli/{result-cache,context}.test.ts',
  'test/sources/{result-cache,read-context}.test.ts',
];

// vitest asks for a default export.
export default defineConfig({
  test: {
    // Property tests and batches of shell processes share two cores with everything else.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...ENGINE, ...BROWSER, ...CRASH, ...LONG, ...MOCKED],
          // Most of the time went into loading the same modules again for each file.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'mocked', include: MOCKED, maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: 'long', include: LONG, maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        // They look at what an engine holds before and after: one at a time.
        test: { name: 'engine', include: ENGINE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: BROWSER,
          globalSetup: 'test/web/build.ts',
          maxWorkers: 1,
          testTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'crash',
          include: CRASH,
          maxWorkers: 1,
          testTimeout: 300_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
    coverage: { provider: 'v8', include: ['src/**', 'passes/**'] },
  },
});
