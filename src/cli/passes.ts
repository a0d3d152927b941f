/** `dfopt passes`: the rewrites that dfopt knows. */
import { passJson, passTable } from '../report/passes.ts';
import { colorsFor } from './colors.ts';
import { lastString, type Command } from './command.ts';
import { EXIT } from './io.ts';

export const passesCommand: Command = {
  name: 'passes',
  operands: '',
  summary: 'List the rewrites: id, level, and what each does',
  positionals: {},
  options: {
    format: {
      choices: ['text', 'json'],
      default: 'text',
      requiresArg: true,
      describe: 'For people or for programs',
    },
  },
  examples: [
    ['$0 passes', 'A table, in the order in which they run'],
    ['$0 passes --format json', 'All that dfopt knows of them'],
  ],
  job: (argv, io) => async () => {
    const { passes } = await import('../../passes/index.ts');
    const colors = colorsFor(io.stdout, io, argv['color'] as boolean | undefined);
    const isJson = lastString(argv['format']) === 'json';
    io.stdout.write(isJson ? passJson(passes) : passTable(passes, colors));
    return EXIT.ok;
  },
};
