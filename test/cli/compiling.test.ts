/** Which releases of Node.js are told to compile less: those for which it was measured. */
import { expect, it } from 'vitest';
import { compileLess } from '../../src/cli/compiling.ts';

function flagsFor(version: string): readonly string[] {
  const flags: string[] = [];
  compileLess(version, (flag) => flags.push(flag));
  return flags;
}

it('sets the budget on Node.js 20', () => {
  expect(flagsFor('20.20.2')).toEqual(['--interrupt-budget=600000']);
});

it.each(['18.20.8', '22.21.1', '24.11.0', '200.0.0'])('leaves Node.js %s alone', (version) => {
  expect(flagsFor(version)).toEqual([]);
});
