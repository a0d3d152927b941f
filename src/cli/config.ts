/** `dfopt config [file]`: what is in force for a file, and from where each value comes. */
import { resolve } from 'node:path';
import { configurationJson, configurationText } from '../report/configuration.ts';
import { colorsFor } from './colors.ts';
import { lastString, type Command } from './command.ts';
import { CONFIGURATION_OPTION } from './configuration-option.ts';
import { EXIT } from './io.ts';
import { FORMAT_OPTION, REWRITE_OPTIONS } from './shared-options.ts';

export const configCommand: Command = {
  name: 'config',
  operands: '[file]',
  summary: 'Say what is in force for a file, and where that was written',
  positionals: { file: { type: 'string', describe: 'Default: Dockerfile' } },
  options: { ...REWRITE_OPTIONS, ...CONFIGURATION_OPTION, ...FORMAT_OPTION },
  examples: [
    ['$0 config', 'For ./Dockerfile'],
    ['$0 config services/api/Dockerfile --format json', 'For programs'],
    ['$0 config --level safe', 'With words of the command line, which win'],
  ],
  job: (argv, io) => async () => {
    const [{ configurationsOf }, { passes }, { loadFacts }] = await Promise.all([
      import('./configuration.ts'),
      import('../../passes/index.ts'),
      import('../facts/load.ts'),
    ]);
    const file = lastString(argv['file']) ?? 'Dockerfile';
    const path = resolve(io.cwd, file);
    const found = (await configurationsOf(argv, passes, [path], io)).of(path);
    // Rows that are not right would be found by the next rewrite.
    found.factsOn(loadFacts());
    const { name: configuration, inForce, style, ignoredBy } = found;
    const shown = { file, configuration, inForce, style, ignoredBy };
    const colors = colorsFor(io.stdout, io, argv['color'] as boolean | undefined);
    const isJson = lastString(argv['format']) === 'json';
    io.stdout.write(isJson ? configurationJson(shown) : configurationText(shown, colors));
    return EXIT.ok;
  },
};
