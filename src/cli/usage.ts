/** Wrong use of the command line: what was wrong, and what was probably meant. */
import type { Options } from 'yargs';
import { nearest } from '../config/nearest.ts';

/** Its message is for the user; it is no bug. */
export class UsageError extends Error {}

/** `; did you mean "…"?` where one of the names is near enough, else nothing. */
function suggestion(wrong: string, names: readonly string[], prefix = ''): string {
  const found = nearest(wrong, names);
  return found === undefined ? '' : `; did you mean ${prefix}${found}?`;
}

/** @throws UsageError where a word is none of the names. */
export function oneOf<T extends string>(what: string, word: string, names: readonly T[]): T {
  const found = names.find((name) => name === word);
  if (found !== undefined) return found;
  const list = names.length === 0 ? '; there is none' : `; there are ${names.join(', ')}`;
  const hint = suggestion(word, names) || list;
  throw new UsageError(`no ${what} is called "${word}"${hint}`);
}

/** `--write=maybe` would silently be no. */
export function refuseValuesOfSwitches(
  args: readonly string[],
  options: Readonly<Record<string, Options>>,
): void {
  const end = args.indexOf('--');
  for (const arg of end < 0 ? args : args.slice(0, end)) {
    const [, name = '', value = ''] = /^--(?:no-)?([\w-]+)=(.*)$/s.exec(arg) ?? [];
    if (options[name]?.type === 'boolean' && value !== 'true' && value !== 'false') {
      throw new UsageError(`--${name} takes no value, not "${value}"`);
    }
  }
}

/** A complaint of yargs' in dfopt's words, with what was probably meant. */
export function inWords(
  complaint: string,
  args: readonly string[],
  commands: readonly string[],
  options: readonly string[],
): string {
  const command = args.find((arg) => commands.includes(arg));
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/s.exec(complaint)?.[1]?.split(', ')[0];
  if (unknown !== undefined) return unknownWord(unknown, args, command, commands, options);
  const meant = /^Did you mean (.*)\?$/.exec(complaint)?.[1];
  if (meant !== undefined) return `there is no such command; did you mean dfopt ${meant}?`;
  const value = /Argument: ([^,]*), Given: (.*), Choices: (.*)/s.exec(complaint);
  if (value) return badValue(value[1]!, value[2]!, value[3]!);
  const lacking = /^Not enough arguments following: (.*)$/s.exec(complaint)?.[1];
  if (lacking !== undefined) return `--${lacking} needs a value`;
  if (complaint.startsWith('Not enough non-option arguments')) return 'an argument is missing';
  return complaint;
}

function unknownWord(
  word: string,
  args: readonly string[],
  command: string | undefined,
  commands: readonly string[],
  options: readonly string[],
): string {
  const isOption = !args.includes(word);
  if (isOption) {
    const dashes = word.length === 1 ? '-' : '--';
    return `there is no option ${dashes}${word}${suggestion(word, options, '--')}`;
  }
  if (command !== undefined) return `dfopt ${command} takes no argument "${word}"`;
  const hint = suggestion(word, commands, 'dfopt ');
  return `there is no command "${word}"${hint || `; did you mean dfopt rewrite ${word}?`}`;
}

function badValue(option: string, given: string, choices: string): string {
  const names = choices.split(', ').map((choice) => choice.replace(/^"|"$/g, ''));
  const word = given.replace(/^"|"$/g, '');
  const hint = suggestion(word, names) || `; there are ${names.join(', ')}`;
  return `--${option} cannot be "${word}"${hint}`;
}
