/** `dfopt lsp`: the language server that editors start. */
import manifest from '../../package.json' with { type: 'json' };
import { join } from 'node:path';
import type { Facts } from '../facts/types.ts';
import type { Settled } from '../lsp/server.ts';
import type { Pass } from '../pass.ts';
import { CONFIGURATION_OPTION } from './configuration-option.ts';
import { lastString, type Arguments, type Command } from './command.ts';
import { configurationsOf } from './configuration.ts';
import type { Io } from './io.ts';
import { factsWithImages, IMAGES_OPTION } from './own-images.ts';
import { CONTEXT_OPTION, REWRITE_OPTIONS } from './shared-options.ts';
import { UsageError } from './usage.ts';

/** Milliseconds: who types faster than this is not done yet. */
const DELAY = 300;

export const lspCommand: Command = {
  name: 'lsp',
  operands: '',
  summary: 'Serve an editor: the language server protocol on standard input and output',
  positionals: {},
  options: {
    stdio: { type: 'boolean', describe: 'What editors add; there is no other way' },
    ...CONFIGURATION_OPTION,
    ...CONTEXT_OPTION,
    ...REWRITE_OPTIONS,
    ...IMAGES_OPTION,
  },
  examples: [['$0 lsp --level safe', 'What an editor is told to start']],
  job: (argv, io) => async () => {
    const [{ loadFacts }, { passes }, { contextFolder, contextsOf }, { serve }] = await Promise.all(
      [
        import('../facts/load.ts'),
        import('../../passes/index.ts'),
        import('./contexts.ts'),
        import('../lsp/server.ts'),
      ],
    );
    const folder = contextFolder(lastString(argv['context']), io.cwd);
    const facts = factsWithImages(argv, loadFacts(), io);
    const settle = settler(argv, passes, facts, io);
    // Wrong words are told at once, and not to every document.
    await configurationsOf({ ...argv, config: false }, passes, [], io);
    const status = await serve({
      input: process.stdin,
      output: process.stdout,
      settle,
      newContexts: () => contextsOf(folder, facts.manifests),
      run: { passes, version: manifest.version },
      delay: DELAY,
    });
    // An editor that keeps its end open would keep the process.
    process.stdin.destroy();
    return status;
  },
};

/** @returns what is in force for a document, anew each time that it is called */
export function settler(
  argv: Arguments,
  passes: readonly Pass[],
  facts: Facts,
  io: Io,
): (path: string | undefined) => Promise<Settled> {
  const settle = async (path: string, words: Arguments): Promise<Settled> => {
    const { optimize } = await import('../pipeline.ts');
    const { options, inForce, factsOn } = (await configurationsOf(words, passes, [path], io)).of(
      path,
    );
    const own = factsOn(facts);
    return {
      level: inForce.level.value,
      optimize: (text, context, deny, isPriced) =>
        optimize(text, own, {
          ...options,
          ...(context && { context }),
          isPriced,
          today: new Date().toISOString().slice(0, 10),
          deny: new Set([...(options.deny ?? []), ...deny]),
        }),
    };
  };
  return async (path = join(io.cwd, 'Dockerfile')) => {
    try {
      return await settle(path, argv);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return { ...(await settle(path, { ...argv, config: false })), problem: error.message };
    }
  };
}
