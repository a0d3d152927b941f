/** Commands of the shell itself: what they change in it, and what of that would reach the next one. */
import type { SimpleCommand } from '../dockerfile/shell.ts';
import { placesOfArgument } from './command-rows.ts';
import { NOTHING, unknownOutcome, type Outcome } from './command-effects.ts';
import type { LeakKind } from './effect-types.ts';
import { resolvePath } from './paths.ts';
import type { Argument } from './shell-expansion.ts';
import { eitherShell, readVariable, withShellVariable, type ShellState } from './shell-state.ts';
import { plainText, textOf, UNSET, type Text } from './values.ts';

export interface BuiltinEffects {
  readonly outcome: Outcome;
  readonly shell: ShellState;
  readonly leaks: readonly { readonly kind: LeakKind; readonly what: string }[];
}

/**
 * What a builtin does; `undefined` for any other program.
 *
 * @param args its words as it gets them, its own name first
 */
export function builtinOf(
  name: string,
  args: readonly Argument[],
  command: SimpleCommand,
  shell: ShellState,
  shellName: string,
): BuiltinEffects | undefined {
  const words = args.slice(1);
  const what = command.words.map(({ text }) => text).join(' ');
  const changes = (kind: LeakKind, after: ShellState = shell): BuiltinEffects => ({
    outcome: NOTHING,
    shell: after,
    leaks: [{ kind, what }],
  });
  switch (name) {
    case 'cd':
      return changes('folder', { ...shell, folder: folderAfter(words, shell) });
    case 'pushd': {
      const after = { ...shell, folder: folderAfter(words, shell) };
      // Most a `sh` is has no such command.
      return changes('folder', shellName === 'bash' ? after : eitherShell(shell, after));
    }
    case 'popd':
      return changes('folder', { ...shell, folder: [{ unknown: 'the folder before' }] });
    case 'export':
    case 'readonly':
    case 'declare':
    case 'typeset':
    case 'local':
      return changes('variable', words.reduce(withAssignment, shell));
    case 'unset':
      return changes(
        'variable',
        words.reduce((after, { text }) => {
          const variable = plainText(text);
          return variable === undefined || variable.startsWith('-')
            ? after
            : withShellVariable(after, variable, UNSET);
        }, shell),
      );
    case 'read':
    case 'mapfile':
    case 'readarray':
    case 'getopts':
    case 'let':
      return changes('variable', words.reduce(withUnknown, shell));
    case 'shift':
    case 'hash':
    case 'enable':
    case 'builtin':
      return changes('option');
    case 'set':
      return changes('option', { ...shell, isStrict: strictAfter(words, shell) });
    case 'shopt':
      return changes('option');
    case 'umask':
      return words.length === 0 ? plain(shell) : changes('mask');
    case 'ulimit':
      return changes('limit');
    case 'alias':
    case 'unalias':
      return changes('alias');
    case 'trap':
      return { ...changes('trap'), outcome: unknownOutcome('a trap runs code later') };
    case '.':
    case 'source':
      return {
        outcome: {
          ...unknownOutcome(`nobody knows what ${what} does`),
          reads: words.slice(0, 1).flatMap((word) => placesOfArgument(word, shell.folder)),
        },
        shell: forgetful(shell),
        leaks: [{ kind: 'sourced', what }],
      };
    case 'eval':
      return {
        outcome: unknownOutcome('eval runs what is put together elsewhere'),
        shell: forgetful(shell),
        leaks: [{ kind: 'unknown', what }],
      };
    case 'exec':
      return changes('redirection');
    case 'exit':
    case 'logout':
      // Where it fails the RUN, whatever stands behind it runs if the RUN succeeds.
      return isFailure(words) ? changes('end') : changes('end', { ...shell, hasEnded: true });
    case 'return':
    case 'break':
    case 'continue':
      return plain(shell);
    default:
      return undefined;
  }
}

function isFailure([status]: readonly Argument[]): boolean {
  return status !== undefined && /^[1-9]\d*$/.test(plainText(status.text) ?? '');
}

function plain(shell: ShellState): BuiltinEffects {
  return { outcome: NOTHING, shell, leaks: [] };
}

function folderAfter(words: readonly Argument[], shell: ShellState): Text {
  const target = words.find(({ text }) => !/^-[LPe@]+$/.test(plainText(text) ?? ''));
  if (!target) return shell.home('');
  const path = plainText(target.text);
  if (path === '-' || path?.startsWith('+')) return [{ unknown: 'the folder before' }];
  if (target.isOpen || target.isPattern) return [{ unknown: 'the folder after cd' }];
  // Only relative paths are looked up in CDPATH.
  return resolvePath(shell.folder, target.text);
}

/** `export A=b`. */
function withAssignment(shell: ShellState, { text }: Argument): ShellState {
  const [first, ...rest] = text;
  const match = typeof first === 'string' ? /^([A-Za-z_]\w*)(\+?)=/.exec(first) : null;
  if (!match) return shell;
  const [whole, name, append] = match;
  const value = textOf((first as string).slice(whole.length), rest);
  const before = append === '+' ? readVariable(shell, name!).text : [];
  return withShellVariable(shell, name!, { isSet: true, text: textOf(before, value) });
}

function withUnknown(shell: ShellState, { text }: Argument): ShellState {
  const name = /^[A-Za-z_]\w*/.exec(plainText(text) ?? '')?.[0];
  if (name === undefined) return shell;
  return withShellVariable(shell, name, { isSet: true, text: [{ unknown: `$${name}` }] });
}

function strictAfter(words: readonly Argument[], { isStrict }: ShellState): ShellState['isStrict'] {
  let after = isStrict;
  for (const [index, { text }] of words.entries()) {
    const word = plainText(text);
    if (word === undefined) return 'unknown';
    if (word === '--') break;
    const option = /^[-+][a-zA-Z]*o$/.test(word) ? plainText(words[index + 1]?.text ?? []) : '';
    if (/^[-+][a-zA-Z]*e/.test(word) || option === 'errexit') after = word.startsWith('-');
  }
  return after;
}

/** After code that nobody sees, variables and folder may be anything. */
function forgetful(shell: ShellState): ShellState {
  return {
    ...shell,
    variables: new Map(
      [...shell.variables.keys()].map((name) => [
        name,
        { isSet: 'unknown' as const, text: [{ unknown: `$${name}` }] },
      ]),
    ),
    outside: (name) => ({ isSet: 'unknown', text: [{ unknown: `$${name}` }] }),
  };
}
