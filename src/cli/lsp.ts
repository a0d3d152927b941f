/** `dfopt lsp`: the language server that editors start. */
import manifest from '../../package.json' with { type: 'json' };
import { DEFAULT_LEVEL, LEVELS } from '../pass.ts';
import { lastString, type Command } from './command.ts';
import { factsWithImages, IMAGES_OPTION } from './own-images.ts';
import { optimizeOptionsOf } from './request.ts';
import { CONTEXT_OPTION, REWRITE_OPTIONS } from './shared-options.ts';
import { oneOf } from './usage.ts';

/** Milliseconds: who types faster than this is not done yet. */
const DELAY = 300;

export const lspCommand: Command = {
  name: 'lsp',
  operands: '',
  summary: 'Serve an editor: the language server protocol on standard input and output',
  positionals: {},
  options: {
    stdio: { type: 'boolean', describe: 'What editors add; there is no other way' },
    ...CONTEXT_OPTION,
    ...REWRITE_OPTIONS,
    ...IMAGES_OPTION,
  },
  examples: [['$0 lsp --level safe', 'What an editor is told to start']],
  job: (argv, io) => async () => {
    const [{ optimize }, { loadFacts }, { passes }, { contextFolder, contextsOf }, { serve }] =
      await Promise.all([
        import('../pipeline.ts'),
        import('../facts/load.ts'),
        import('../../passes/index.ts'),
        import('./contexts.ts'),
        import('../lsp/server.ts'),
      ]);
    const level = oneOf('level', lastString(argv['level']) ?? DEFAULT_LEVEL, LEVELS);
    const folder = contextFolder(lastString(argv['context']), io.cwd);
    const options = optimizeOptionsOf(argv, level, passes);
    const facts = factsWithImages(argv, loadFacts(), io);
    const status = await serve({
      input: process.stdin,
      output: process.stdout,
      optimize: (text, context, deny, isPriced) =>
        optimize(text, facts, {
          ...options,
          ...(context && { context }),
          isPriced,
          today: new Date().toISOString().slice(0, 10),
          deny: new Set([...(options.deny ?? []), ...deny]),
        }),
      newContexts: () => contextsOf(folder, facts.manifests),
      run: { level, passes, version: manifest.version },
      delay: DELAY,
    });
    // An editor that keeps its end open would keep the process.
    process.stdin.destroy();
    return status;
  },
};
