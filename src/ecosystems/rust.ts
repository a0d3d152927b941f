/** Cargo fetches nothing without the sources: it looks at the targets before it looks at anything. */
import { rustWeigh } from './rust-weight.ts';
import { programCall, readWords } from './words.ts';
import type { Ecosystem } from './ecosystem.ts';

export const rust: Ecosystem = {
  id: 'rust',
  install: (command) => {
    const { name, args = [] } = programCall(command) ?? {};
    const [action] = readWords(args, [
      '--manifest-path',
      '--target',
      '--color',
      '--config',
    ]).operands;
    if (name !== 'cargo' || (action !== 'fetch' && action !== 'vendor')) return undefined;
    return {
      kind: 'refused',
      why: `"cargo ${action}" refuses a manifest whose targets have no source file`,
    };
  },
  usual: () => undefined,
  weigh: rustWeigh,
};
