/** `dfopt explain <pass>`: what one rewrite does, why, and when it refuses. */
import { passExplained } from '../report/passes.ts';
import { colorsFor } from './colors.ts';
import { lastString, type Command } from './command.ts';
import { EXIT } from './io.ts';
import { oneOf } from './usage.ts';

export const explainCommand: Command = {
  name: 'explain',
  operands: '<pass>',
  summary: 'Say what one rewrite does, why, and when it does not',
  positionals: { pass: { type: 'string', describe: 'An id of dfopt passes' } },
  options: {},
  examples: [['$0 explain remove-package-lists', '']],
  job: (argv, io) => async () => {
    const { passes } = await import('../../passes/index.ts');
    const ids = passes.map((pass) => pass.id);
    const id = oneOf('pass', lastString(argv['pass']) ?? '', ids);
    const pass = passes.find((each) => each.id === id)!;
    const colors = colorsFor(io.stdout, io, argv['color'] as boolean | undefined);
    io.stdout.write(passExplained(pass, colors));
    return EXIT.ok;
  },
};
