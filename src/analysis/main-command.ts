/** What a container of an image runs: its ENTRYPOINT and CMD, and the words of a shell form. */
import type { CommandInstruction } from '../dockerfile/model.ts';
import { parse } from '../dockerfile/parse.ts';
import { runBody, scriptOf } from '../dockerfile/shell.ts';
import type { RunInstruction } from '../dockerfile/model.ts';
import { SHELL_COMMANDS } from './shell-commands.ts';

/** The words of a shell form that needs no shell, or why it needs one. */
export type PlainCommand = { readonly argv: readonly string[] } | { readonly needs: string };

/** Options of a shell that change nothing for one command without expansions. */
const HARMLESS_OPTIONS = /^(e|u|x|o|c|errexit|nounset|xtrace|pipefail)$/;

/** Commands that leave no process behind. */
const PASSING = new Set(
  '[ : cd chmod chown cp echo export ln mkdir mv printf rm sed set test touch true umask'.split(
    ' ',
  ),
);

/** Whether the last of several commands takes the place of the shell already. */
export function endsInExec({ argsText }: CommandInstruction, shell: readonly string[]): boolean {
  const body = scriptOf(argsText, shell);
  const link = body.kind === 'script' ? body.chains.at(-1)?.links.at(-1) : undefined;
  return link?.simple?.words[0]?.literal === 'exec';
}

/** The last command, or the only one, which can take the place of the shell. */
export interface LastCommand {
  readonly program: string;
  /** Where `exec` goes, from the start of the command's text. */
  readonly at: number;
  /** A command before it that may have started something; `undefined` where none may. */
  readonly doubt: string | undefined;
}

/** @returns nothing where the shell has something to do behind the last command */
export function lastCommand(
  command: CommandInstruction,
  shell: readonly string[],
): LastCommand | undefined {
  const body = scriptOf(command.argsText, shell);
  if (body.kind !== 'script' || body.commands.length === 0) return undefined;
  // What was continued over lines stands elsewhere in the text.
  if (command.text.slice(command.args.start, command.args.end) !== command.argsText)
    return undefined;
  const chain = body.chains.at(-1)!;
  const link = chain.links.at(-1)!;
  const last = link.simple;
  const program = last?.words[0]?.literal;
  const isPlain = body.chains.every(({ links, background }) => {
    return !background && links.every(({ simple, operator }) => simple && operator !== '||');
  });
  if (!last || program === undefined || !isPlain || last.assignments.length > 0) return undefined;
  if (program === 'exec' || SHELL_COMMANDS.has(program) || program.startsWith('-'))
    return undefined;
  if (command.argsText.slice(chain.end).trim() !== '') return undefined;
  const others = body.commands.slice(0, -1).map(({ words }) => words[0]?.text ?? '');
  // They change what the last one's name stands for, or what happens behind it.
  if (others.some((name) => /^(trap|\.|source|eval|alias)$/.test(name))) return undefined;
  return {
    program,
    at: last.start,
    doubt: others.find((name) => name !== '' && !PASSING.has(name)),
  };
}

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
  if (SHELL_COMMANDS.has(program)) return { needs: `"${program}" is a command of the shell` };
  const home = argv.find((word) => word!.startsWith('~'));
  if (home !== undefined) return { needs: `"${home}" is filled in by the shell` };
  return { argv: argv as string[] };
}
