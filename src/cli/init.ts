/** `dfopt init`: a configuration file to begin with. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whyNot } from '../sources/why-not.ts';
import type { Command } from './command.ts';
import { EXIT } from './io.ts';
import { UsageError } from './usage.ts';

const NAME = 'dfopt.config.yaml';

export const initCommand: Command = {
  name: 'init',
  operands: '',
  summary: `Write a ${NAME} with every key as a comment`,
  positionals: {},
  options: {},
  examples: [['$0 init', 'In this folder; nothing is overwritten']],
  job: (_argv, io) => async () => {
    const [{ configurationTemplate }, { configurationShape }, { CONFIGURATION_FILES }, { passes }] =
      await Promise.all([
        import('../config/template.ts'),
        import('../config/keys.ts'),
        import('../config/file-names.ts'),
        import('../../passes/index.ts'),
      ]);
    const there = CONFIGURATION_FILES.find((name) => isConfiguration(io.cwd, name));
    if (there !== undefined) {
      throw new UsageError(`${there} configures dfopt here already; nothing was written`);
    }
    try {
      const text = configurationTemplate(configurationShape(passes));
      writeFileSync(join(io.cwd, NAME), text, { flag: 'wx' });
    } catch (error) {
      throw new UsageError(`${NAME} cannot be written: ${whyNot(error)}`);
    }
    io.stdout.write(`${NAME}\n`);
    return EXIT.ok;
  },
};

function isConfiguration(folder: string, name: string): boolean {
  const path = join(folder, name);
  if (name !== 'package.json') return existsSync(path);
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null && Object.hasOwn(value, 'dfopt');
  } catch {
    // There is none, or npm will say what is wrong with it.
    return false;
  }
}
