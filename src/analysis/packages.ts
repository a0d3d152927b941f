/** Which commands call a package manager, and what they ask of it. */
import type { RunInstruction } from '../dockerfile/model.ts';
import type { RunBody, Script, ShellWord, SimpleCommand } from '../dockerfile/shell.ts';
import type { Facts, Manager, PackageAction } from '../facts/types.ts';
import { matchesAny, matchesWhole } from './patterns.ts';

/** A call of a package manager. */
export interface PackageCommand {
  readonly command: SimpleCommand;
  readonly manager: Manager;
  readonly action: PackageAction;
  /** The action's word; `undefined` where the program is called without one. */
  readonly actionWord: ShellWord | undefined;
  /** The words that start the program: wrappers such as sudo, then the program itself. */
  readonly program: readonly ShellWord[];
  /** All words after those, the action's included. */
  readonly args: readonly ShellWord[];
  /** The words after the action that are neither options nor their values. */
  readonly operands: readonly ShellWord[];
}

/** Programs that run the rest of their words, and the options of theirs that take a value. */
const WRAPPERS: ReadonlyMap<string | undefined, readonly string[]> = new Map([
  ['sudo', ['-u', '-g', '-p', '-C', '-h', '-r', '-t', '-U']],
  ['env', ['-u', '-C', '-S']],
  ['command', []],
  ['eatmydata', []],
  ['nice', ['-n']],
  ['ionice', ['-c', '-n']],
  ['nohup', []],
  ['time', ['-f', '-o']],
]);

/** The last part of a program's path; `undefined` where that part is not literal. */
export function programName(word: ShellWord | undefined): string | undefined {
  if (!word) return undefined;
  if (word.literal !== undefined) return word.literal.slice(word.literal.lastIndexOf('/') + 1);
  const match = /\/([\w.+-]+)"?$/.exec(word.text);
  return match?.[1];
}

/** How many words at the start only start the program proper: `sudo -E`, `env A=b`. */
export function wrapperLength(words: readonly ShellWord[]): number {
  let index = 0;
  for (;;) {
    const options = WRAPPERS.get(words[index]?.literal);
    if (!options) return index;
    index++;
    while (index < words.length) {
      const { text } = words[index]!;
      if (/^[A-Za-z_]\w*=/.test(text)) index++;
      else if (text.startsWith('-')) index += options.includes(text) ? 2 : 1;
      else break;
    }
  }
}

// Not for one run alone: files of one project have RUNs alike, of which the shell trees are kept.
const cache = new WeakMap<Script, { facts: Facts; calls: readonly PackageCommand[] }>();

/** The package manager calls of a RUN, in order; none where its code is opaque. */
export function packageCommands(body: RunBody, facts: Facts): readonly PackageCommand[] {
  if (body.kind !== 'script') return [];
  let found = cache.get(body);
  if (found?.facts !== facts) {
    const calls = body.commands.flatMap((command) => packageCommand(command, facts) ?? []);
    cache.set(body, (found = { facts, calls }));
  }
  return found.calls;
}

const asked = new WeakMap<SimpleCommand, { facts: Facts; call: PackageCommand | undefined }>();

export function packageCommand(command: SimpleCommand, facts: Facts): PackageCommand | undefined {
  let known = asked.get(command);
  if (known?.facts !== facts) {
    asked.set(command, (known = { facts, call: readCommand(command, facts) }));
  }
  return known.call;
}

function readCommand(command: SimpleCommand, facts: Facts): PackageCommand | undefined {
  const { words } = command;
  const start = wrapperLength(words);
  const name = programName(words[start]);
  if (name === undefined) return undefined;
  for (const manager of managersFor(name, facts)) {
    const length = programLength(manager, name, words, start + 1);
    if (length === 0) continue;
    const program = words.slice(0, start + length);
    return withAction(command, manager, program, words.slice(start + length));
  }
  return undefined;
}

const candidates = new WeakMap<Facts, Map<string, readonly Manager[]>>();

/** The managers that a program of this name may start. */
function managersFor(name: string, facts: Facts): readonly Manager[] {
  let byName = candidates.get(facts);
  if (!byName) candidates.set(facts, (byName = new Map<string, readonly Manager[]>()));
  let managers = byName.get(name);
  if (!managers) {
    managers = facts.managers.filter(
      ({ programs, through }) =>
        matchesAny(programs, name) || through.some((way) => matchesWhole(way.program, name)),
    );
    byName.set(name, managers);
  }
  return managers;
}

/** The number of words that name the manager's program, or 0. */
function programLength(
  manager: Manager,
  name: string,
  words: readonly ShellWord[],
  from: number,
): number {
  if (matchesAny(manager.programs, name)) return 1;
  const through = manager.through.find(
    (way) =>
      matchesWhole(way.program, name) &&
      way.words.every((word, index) => words[from + index]?.literal === word),
  );
  return through ? 1 + through.words.length : 0;
}

function withAction(
  command: SimpleCommand,
  manager: Manager,
  program: readonly ShellWord[],
  args: readonly ShellWord[],
): PackageCommand | undefined {
  const plain = plainWords(manager, args);
  const actionWord = plain[0];
  const base = { command, manager, program, args };
  if (!actionWord) {
    const action = manager.bareAction;
    return action && { ...base, action, actionWord: undefined, operands: [] };
  }
  const key = actionWord.literal;
  const action = key !== undefined && Object.hasOwn(manager.actions, key) && manager.actions[key];
  if (!action) return undefined;
  return { ...base, action, actionWord, operands: plain.slice(1) };
}

/** The words that are neither options nor values of options. */
function plainWords(manager: Manager, words: readonly ShellWord[]): ShellWord[] {
  const plain: ShellWord[] = [];
  for (let index = 0; index < words.length; index++) {
    // The words of an exec form are quoted.
    const { literal, text } = words[index]!;
    const word = literal ?? text;
    if (!word.startsWith('-')) plain.push(words[index]!);
    else if (manager.valueOptions.includes(word)) index++;
  }
  return plain;
}

/** Whether one of the call's words matches one of the patterns. */
export function hasWord(call: PackageCommand, patterns: readonly string[]): boolean {
  return call.args.some((word) => matchesAny(patterns, word.literal ?? word.text));
}

/** Whether the RUN keeps one of these folders out of its layer by a mount, or might. */
export function mountsOver(run: RunInstruction, paths: readonly string[]): boolean {
  return run.flags.some((flag) => {
    if (flag.name !== 'mount' || flag.value === undefined) return false;
    const target = /(?:^|,)(?:target|dst|destination)=([^,]*)/.exec(flag.value)?.[1];
    // Secrets and agents are single files elsewhere.
    if (target === undefined) return !/(?:^|,)type=(?:secret|ssh)(?:,|$)/.test(flag.value);
    if (target.includes('$')) return true;
    return paths.some((path) => foldersMeet(path, target));
  });
}

/** Whether one folder is, or lies in, the other; `~` stands for any home folder. */
export function foldersMeet(path: string, other: string): boolean {
  const clean = other.replace(/\/+$/, '') || '/';
  if (!path.startsWith('~')) return isInside(path, clean) || isInside(clean, path);
  const rest = path.slice(1);
  if (clean === '/' || /^(\/root|\/home(\/[^/]+)?|~|\$HOME|\$\{HOME\})$/.test(clean)) return true;
  // Inside the folder, or one of the folders that lead to it: `/home/me/.cache`.
  if (`${clean}/`.includes(`${rest}/`)) return true;
  return rest
    .split('/')
    .slice(1, -1)
    .some((_, index, parts) => clean.endsWith(`/${parts.slice(0, index + 1).join('/')}`));
}

function isInside(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}
