/** The tests' totals on one plain line, from the report that `npm test` leaves behind. */
import { readFile } from 'node:fs/promises';

const report = JSON.parse(
  await readFile(new URL('../coverage/tests.json', import.meta.url), 'utf8'),
);
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report;
const skipped = numPendingTests + numTodoTests;
console.log(`tests: ${numPassedTests} passed, ${numFailedTests} failed, ${skipped} skipped`);
