/** `dfopt review`: edits looked at one by one, and those that are wanted written. */
import type { Command } from './command.ts';
import { CONFIGURATION_OPTION } from './configuration-option.ts';
import { LINES_OPTION } from './lines-option.ts';
import { IMAGES_OPTION } from './own-images.ts';
import { CONTEXT_OPTION, ONLINE_OPTIONS, REWRITE_OPTIONS } from './shared-options.ts';
import { SHOW_OPTION } from './show.ts';
import { UsageError } from './usage.ts';
import { WEB_OPTIONS } from './web-options.ts';

export const reviewCommand: Command = {
  name: 'review',
  operands: '[files..]',
  summary: 'Look at each edit of Dockerfiles, and write those that you want',
  positionals: {
    files: {
      type: 'string',
      array: true,
      describe: 'Files, or folders to search; none: the current folder',
    },
  },
  options: {
    ...WEB_OPTIONS,
    ...LINES_OPTION,
    ...SHOW_OPTION,
    ...CONTEXT_OPTION,
    ...REWRITE_OPTIONS,
    ...CONFIGURATION_OPTION,
    ...IMAGES_OPTION,
    ...ONLINE_OPTIONS,
  },
  examples: [
    ['$0 review', 'The Dockerfiles of this folder and below: one question for each edit'],
    ['$0 review --show all Dockerfile', 'Of one, with what was offered and missed'],
    ['$0 review --web', 'The Dockerfiles of this folder and below, in a browser'],
    ['$0 review --web --open --context . app/Dockerfile', 'One of them, built from this folder'],
  ],
  job: (argv, io) => async () => {
    if ([argv['web']].flat().at(-1) !== true) {
      for (const option of ['port', 'open']) {
        if (argv[option] !== undefined) throw new UsageError(`--${option} needs --web`);
      }
      const { reviewOnTerminal } = await import('./review-terminal.ts');
      return reviewOnTerminal(argv, io);
    }
    const { reviewWeb } = await import('./review-web.ts');
    return reviewWeb(argv, io);
  },
};
