/** Which packages are known to compile nothing, with all that they bring along. */
import { expect, it } from 'vitest';
import { isPlainPackage } from '../../src/needs/plain-packages.ts';

const rows = {
  source: 'a test',
  npm: {
    'paper-boat': { releases: ['4', '5'], isPlainThroughout: true },
    kite: { releases: ['0.27', '2'], isPlainThroughout: false },
  },
};

it.each([
  ['paper-boat', '^4.18.2', true],
  ['paper-boat', '~5.0.0', true],
  ['paper-boat', '4', true],
  ['paper-boat', '4.x', true],
  ['paper-boat', 'latest', true],
  ['paper-boat', undefined, true],
  ['paper-boat', '^3.0.0', false],
  ['paper-boat', '>=4.0.0', false],
  ['paper-boat', '4.0.0 || 6.0.0', false],
  ['kite', '^0.27.1', true],
  ['kite', '^0.28.0', false],
  ['kite', '2.0.0-rc.1', true],
  ['kite', 'latest', false],
  ['glider', '1.0.0', false],
  ['toString', '1.0.0', false],
])('%s %s: %s', (name, range, isPlain) => {
  expect(isPlainPackage({ name, version: undefined, range }, rows)).toBe(isPlain);
});
