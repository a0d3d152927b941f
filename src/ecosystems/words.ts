/** The words of a command as a program reads them: options with their values, and operands. */
import { programName, wrapperLength } from '../analysis/packages.ts';
import type { ShellWord, SimpleCommand } from '../dockerfile/shell.ts';

export interface Words {
  /** By name with its dashes: the values in order; an empty text where an option has none. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
  /** Where a variable or a pattern stands in a word, it may say anything. */
  readonly unknown: string | undefined;
}

/**
 * @param takesValue options whose value is the next word, where no `=` follows
 * @param hasClusters whether `-qr x` is `-q -r x`
 */
export function readWords(
  words: readonly ShellWord[],
  takesValue: readonly string[],
  hasClusters = false,
): Words {
  const options = new Map<string, string[]>();
  const operands: string[] = [];
  let unknown: string | undefined;
  const add = (name: string, value: string): void => {
    options.set(name, [...(options.get(name) ?? []), value]);
  };
  for (let index = 0; index < words.length; index++) {
    const word = textOf(words[index]!);
    if (word === undefined) {
      unknown ??= words[index]!.text;
      continue;
    }
    const next = (): string => {
      const value = words[++index];
      const text = value && textOf(value);
      if (value && text === undefined) unknown ??= value.text;
      return text ?? '';
    };
    if (word === '-' || !word.startsWith('-')) operands.push(word);
    else if (word.startsWith('--') || !hasClusters) {
      const at = word.indexOf('=');
      const name = at < 0 ? word : word.slice(0, at);
      add(name, at >= 0 ? word.slice(at + 1) : takesValue.includes(name) ? next() : '');
    } else {
      for (let at = 1; at < word.length; at++) {
        const name = `-${word[at]!}`;
        if (!takesValue.includes(name)) add(name, '');
        else {
          const rest = word.slice(at + 1).replace(/^=/, '');
          add(name, rest === '' ? next() : rest);
          break;
        }
      }
    }
  }
  return { options, operands, unknown };
}

/** A pattern that matches no file stays as it is: `uvicorn[standard]`. */
function textOf({ literal, expands, text }: ShellWord): string | undefined {
  return literal ?? (expands ? undefined : text);
}

export function hasOption(words: Words, ...names: readonly string[]): boolean {
  if (words.options.size === 0) return false;
  return names.some(
    (name) => words.options.has(name) && words.options.get(name)!.at(-1) !== 'false',
  );
}

export function valuesOf(words: Words, ...names: readonly string[]): string[] {
  const found: string[] = [];
  // Hardly a call has any of them.
  if (words.options.size > 0) {
    for (const name of names) found.push(...(words.options.get(name) ?? []));
  }
  return found;
}

/** A program by its name and the words behind it, without wrappers such as sudo. */
export interface ProgramCall {
  readonly name: string;
  readonly args: readonly ShellWord[];
}

export function programCall(command: SimpleCommand): ProgramCall | undefined {
  const known = calls.get(command);
  if (known !== undefined) return known ?? undefined;
  const { words } = command;
  const start = wrapperLength(words);
  const name = programName(words[start]);
  const call = name === undefined ? undefined : { name, args: words.slice(start + 1) };
  calls.set(command, call ?? null);
  return call;
}

// Each language asks of each command. Not for one run alone: the shell trees of RUNs are kept as well.
const calls = new WeakMap<SimpleCommand, ProgramCall | null>();

/** The call of a program, also where Python starts it: `python -m poetry install`. */
export function moduleCall(command: SimpleCommand, program: string): ProgramCall | undefined {
  const call = programCall(command);
  if (!call) return undefined;
  if (call.name === program) return call;
  const isModule =
    /^python[\d.]*$/.test(call.name) &&
    call.args[0]?.literal === '-m' &&
    call.args[1]?.literal === program;
  return isModule ? { name: program, args: call.args.slice(2) } : undefined;
}
