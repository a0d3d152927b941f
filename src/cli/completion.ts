/** `dfopt completion`, and what the shells' scripts ask: which words can stand here. */
import { lastString, type Command, type Job } from './command.ts';
import { EXIT, type Io } from './io.ts';
import { FORMAT_NAMES } from './outputs.ts';
import { SHOWN } from './show.ts';
import { oneOf, UsageError } from './usage.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** The parser answers to it, in the words of the shell that SHELL names. */
const REQUEST = '--get-yargs-completions';

/** The word at the cursor is always the last one, empty where nothing is typed yet. */
const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: `# dfopt completion bash >> ~/.bashrc
_dfopt() {
  local IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=($(compgen -W "$(SHELL=bash dfopt ${REQUEST} dfopt "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "$word"))
}
complete -o bashdefault -o default -F _dfopt dfopt
`,
  zsh: `#compdef dfopt
# dfopt completion zsh >> ~/.zshrc, behind compinit
_dfopt() {
  local -a found
  found=("\${(@f)$(SHELL=zsh dfopt ${REQUEST} dfopt "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=(\${found:#})
  if (( \${#found} )); then _describe 'dfopt' found; else _default; fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _dfopt "$@"; else compdef _dfopt dfopt; fi
`,
  fish: `# dfopt completion fish > ~/.config/fish/completions/dfopt.fish
complete -c dfopt -a '(SHELL=fish dfopt ${REQUEST} dfopt (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
};

export const completionCommand: Command = {
  name: 'completion',
  operands: '[shell]',
  summary: 'Print a script that completes dfopt in bash, zsh or fish',
  positionals: {
    shell: { choices: SHELLS, describe: 'For which one; none: the one that SHELL names' },
  },
  options: {},
  examples: [['$0 completion bash >> ~/.bashrc', '']],
  job: (argv, io) => () => {
    const given = lastString(argv['shell']);
    const own = io.env['SHELL']?.split('/').at(-1);
    const shell =
      given === undefined ? SHELLS.find((name) => name === own) : oneOf('shell', given, SHELLS);
    if (!shell) throw new UsageError(`name the shell: ${SHELLS.join(', ')}`);
    io.stdout.write(SCRIPTS[shell]);
    return Promise.resolve(EXIT.ok);
  },
};

/** `undefined` where the arguments ask for no completion, or for one that the parser knows itself. */
export async function completionJob(args: readonly string[], io: Io): Promise<Job | undefined> {
  const found = await completionsOf(args);
  if (!found) return undefined;
  return () => {
    io.stdout.write(found.map((word) => `${word}\n`).join(''));
    return Promise.resolve(EXIT.ok);
  };
}

/** Lists of ids and names of formats, which are no closed choices. */
async function completionsOf(args: readonly string[]): Promise<string[] | undefined> {
  if (args[0] !== REQUEST || args.length < 4) return undefined;
  const [, , command = '', ...rest] = args;
  const current = rest.at(-1) === '=' ? '' : (rest.at(-1) ?? '');
  // bash parts `--select=a` into three words, the other shells leave it as one.
  const before = rest.slice(0, -1).findLast((word) => word !== '=');
  const { option, value } = optionAt(before, current);
  // `--select=` stays in front for shells that do not part words there.
  const front = option === before ? '' : `${option}=`;
  if (option === '--format' && command === 'rewrite') return matching(FORMAT_NAMES, front, value);
  if (option === '--show') return listBehind(SHOWN, value, front);
  if (option === '--select' || option === '--skip') return idsBehind(value, front);
  if (command === 'explain' && rest.length === 1 && !current.startsWith('-'))
    return idsBehind(current, '');
  if (command === 'completion' && rest.length === 1) return matching(SHELLS, '', current);
  return undefined;
}

function optionAt(before: string | undefined, current: string): { option?: string; value: string } {
  const [, name, value = ''] = /^(--[\w-]+)=(.*)$/s.exec(current) ?? [];
  if (name !== undefined) return { option: name, value };
  return { ...(before !== undefined && { option: before }), value: current };
}

/** Of a list, the last one is completed; those that it has are not offered again. */
async function idsBehind(value: string, front: string): Promise<string[]> {
  const { passes } = await import('../../passes/index.ts');
  return listBehind(
    passes.map(({ id }) => id),
    value,
    front,
  );
}

function listBehind(words: readonly string[], value: string, front: string): string[] {
  const given = value.split(',').slice(0, -1);
  const head = given.map((word) => `${word},`).join('');
  const left = words.filter((word) => !given.includes(word));
  return matching(
    left.map((word) => `${head}${word}`),
    front,
    value,
  );
}

function matching(words: readonly string[], front: string, start: string): string[] {
  return words.filter((word) => word.startsWith(start)).map((word) => `${front}${word}`);
}
