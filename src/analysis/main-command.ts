/** What a container of an image runs: its ENTRYPOINT and CMD, and the words of a shell form. */
import type { CommandInstruction } from '../dockerfile/model.ts';
import { parse } from '../dockerfile/parse.ts';
import { runBody } from '../dockerfile/shell.ts';
import type { RunInstruction } from '../dockerfile/model.ts';

/** The words of a shell form that needs no shell, or why it needs one. */
export type PlainCommand = { readonly argv: readonly string[] } | { readonly needs: string };

/**
 * Programs that only a shell has, or has in a way of its own: started without a shell there would be
 * none, or another.
 */
const BUILTINS = new Set(
  (
    '. : [ alias bg break builtin cd command continue declare echo eval exit export false fg ' +
    'getopts hash jobs kill local printf pwd read readonly return set shift source test time ' +
    'times trap true type typeset ulimit umask unalias unset wait'
  ).split(' '),
);

/** Options of a shell that change nothing for one command without expansions. */
const HARMLESS_OPTIONS = /^(e|u|x|o|c|errexit|nounset|xtrace|pipefail)$/;

/** @param shell the one in force, with its options */
export function plainCommand(
  { argsText, escape }: CommandInstruction,
  shell: readonly string[],
): PlainCommand {
  // Read as a RUN of the same text would be.
  const directive = escape === '`' ? '# escape=`\n' : '';
  const run = parse(`${directive}FROM scratch\nRUN ${argsText}\n`).stages[0]?.instructions[0] as
    RunInstruction | undefined;
  const body = run && runBody(run, shell);
  if (run === undefined || body?.kind !== 'script') return { needs: 'its code is not understood' };
  if (![...body.options].every((option) => HARMLESS_OPTIONS.test(option))) {
    return { needs: 'the shell is started with options that matter' };
  }
  const [command] = body.commands;
  const [chain] = body.chains;
  if (!command || body.commands.length > 1 || chain?.links.length !== 1) {
    return { needs: 'it is more than one command' };
  }
  if (chain.background || command.within.length > 0) return { needs: 'it is no plain command' };
  if (command.assignments.length > 0) return { needs: 'it sets a variable' };
  if (command.redirections.length > 0) return { needs: 'it redirects' };
  if (run.text.slice(chain.end, run.args.end).trim() !== '') {
    return { needs: 'something follows its command' };
  }
  const words = command.words.map((word) => word.literal);
  const unknown = command.words.find((word) => word.literal === undefined);
  if (unknown) return { needs: `"${unknown.text}" is filled in by the shell` };
  const argv = words[0] === 'exec' ? words.slice(1) : words;
  const [program] = argv;
  if (program === undefined || program.startsWith('-')) return { needs: 'it starts no program' };
  if (BUILTINS.has(program)) return { needs: `"${program}" is a command of the shell` };
  const home = argv.find((word) => word!.startsWith('~'));
  if (home !== undefined) return { needs: `"${home}" is filled in by the shell` };
  return { argv: argv as string[] };
}
