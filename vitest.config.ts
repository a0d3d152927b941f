/** How the tests run: every `*.test.ts` below test/, nothing else. */
import { defineConfig } from 'vitest/config';

// vitest asks for a default export.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Property tests and batches of shell processes share two cores with everything else.
    testTimeout: 30_000,
    coverage: { provider: 'v8', include: ['src/**', 'passes/**'] },
  },
});
