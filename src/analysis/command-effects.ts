/** What one call of a program does: by the rows of programs and of package managers. */
import type { Script, ShellWord, SimpleCommand } from '../dockerfile/shell.ts';
import { scriptOf } from '../dockerfile/shell.ts';
import type { CommandRow, Facts, Leftover } from '../facts/types.ts';
import {
  effectsOfRow,
  effectsOfTerms,
  placesOfArgument,
  readCall,
  type RowEffects,
  type Surroundings,
} from './command-rows.ts';
import type { Knowledge } from './effect-types.ts';
import { hasWord, packageCommand, type PackageCommand } from './packages.ts';
import { matchesAny } from './patterns.ts';
import { resolvePath } from './paths.ts';
import { anyOf, type Answer, type Place } from './places.ts';
import type { Argument } from './shell-expansion.ts';
import { plainText, textOf } from './values.ts';

/** What a call does, whoever makes it. */
export interface Outcome {
  readonly knowledge: Knowledge;
  readonly because: string | undefined;
  readonly call: PackageCommand | undefined;
  readonly reads: readonly Place[];
  readonly writes: readonly Place[];
  readonly deletes: readonly Place[];
  readonly changes: 'owner' | 'mode' | undefined;
  readonly leaves: readonly Leftover[];
  readonly network: Answer;
}

export const NOTHING: Outcome = {
  knowledge: 'complete',
  because: undefined,
  call: undefined,
  reads: [],
  writes: [],
  deletes: [],
  changes: undefined,
  leaves: [],
  network: 'no',
};

/** A call's words, the program first. */
export interface Words {
  /** As the program gets them. */
  readonly args: readonly Argument[];
  /** For each of them the word that it comes from; empty for an exec form. */
  readonly raw: readonly ShellWord[];
  /** The command that these are the words of. */
  readonly command: SimpleCommand | undefined;
}

/** Runs the code of `sh -c`. */
export type RunInner = (script: Script, shell: string) => Outcome;

export function unknownOutcome(because: string): Outcome {
  return { ...NOTHING, knowledge: 'none', because, network: 'unknown' };
}

/** What two things do that both happen. */
export function together(one: Outcome, other: Outcome): Outcome {
  if (one === NOTHING) return other;
  const isNeither = one.writes.length + other.writes.length === 0;
  return {
    knowledge: worse(one.knowledge, other.knowledge),
    because: one.because ?? other.because,
    call: one.call ?? other.call,
    reads: [...new Set([...one.reads, ...other.reads])],
    writes: [...new Set([...one.writes, ...other.writes])],
    deletes: [...new Set([...one.deletes, ...other.deletes])],
    changes:
      isNeither || one.writes.length === 0
        ? other.changes
        : other.writes.length === 0 || one.changes === other.changes
          ? one.changes
          : undefined,
    leaves: [...new Set([...one.leaves, ...other.leaves])],
    network: anyOf([one.network, other.network]),
  };
}

const ORDER: readonly Knowledge[] = ['none', 'partial', 'complete'];

function worse(one: Knowledge, other: Knowledge): Knowledge {
  return ORDER[Math.min(ORDER.indexOf(one), ORDER.indexOf(other))]!;
}

/** Folders whose programs are called by their names, whatever the call writes. */
const PROGRAM_FOLDER = /^\/(usr\/(local\/)?)?s?bin\/[^/]+$/;

const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh']);

export function callEffects(
  words: Words,
  where: Surroundings,
  facts: Facts,
  runInner?: RunInner,
): Outcome {
  const [first, ...args] = words.args;
  const path = first && plainText(first.text);
  // `env`, `sudo -v`: nothing is started.
  if (!first) return NOTHING;
  if (path === undefined) return unknownOutcome('the program is a variable');
  const name = path.slice(path.lastIndexOf('/') + 1);
  const called: Outcome =
    path.includes('/') && !PROGRAM_FOLDER.test(path)
      ? { ...NOTHING, reads: placesOfArgument(first, where.folder) }
      : NOTHING;
  const call = words.command && packageCommand(words.command, facts);
  if (call) return together(called, packageEffects(call, args, where, facts));
  if (SHELLS.has(name)) return together(called, shellEffects(name, args, where, runInner));
  const row = rowOf(name, facts);
  // `./configure`, `/opt/tool/bin/x`: what the file is called says nothing about what it does.
  const isKnownHere = called === NOTHING || row?.cases.some((each) => each.may !== undefined);
  if (!row || !isKnownHere) return together(called, unknownOutcome(unknownProgram(path, name)));
  return together(called, rowEffects(row, words, where, facts, runInner));
}

function unknownProgram(path: string, name: string): string {
  return path.includes('/') && !PROGRAM_FOLDER.test(path)
    ? `nobody knows what ${path} does`
    : `nothing is known of ${name}`;
}

const rows = new WeakMap<Facts, Map<string, CommandRow | undefined>>();

function rowOf(name: string, facts: Facts): CommandRow | undefined {
  let byName = rows.get(facts);
  if (!byName) rows.set(facts, (byName = new Map<string, CommandRow | undefined>()));
  if (!byName.has(name)) {
    byName.set(
      name,
      facts.commands.programs.find((row) => matchesAny(row.programs, name)),
    );
  }
  return byName.get(name);
}

/** Whether the exit status of this program is an answer, and no mishap. */
export function isQuestion(program: string | undefined, { commands }: Facts): boolean {
  return program !== undefined && matchesAny(commands.questions, program);
}

function rowEffects(
  row: CommandRow,
  words: Words,
  where: Surroundings,
  facts: Facts,
  runInner: RunInner | undefined,
): Outcome {
  const args = words.args.slice(1);
  if (row.style === 'find') return findEffects(words, where, facts, runInner);
  const call = readCall(args, row);
  if (row.runs !== undefined) {
    const start = innerStart(args, row);
    if (start < args.length) return innerEffects(words, start + 1, row, where, facts, runInner);
  }
  const folder = call.options.findLast(({ name }) => name === row.folderOption)?.value;
  const there = folder ? { ...where, folder: resolvePath(where.folder, folder.text) } : where;
  const effects = effectsOfRow(row, call, there);
  if (!effects)
    return unknownOutcome(`this form of ${plainText(words.args[0]!.text)} is not known`);
  return outcomeOf(effects);
}

function outcomeOf(effects: RowEffects): Outcome {
  return {
    ...NOTHING,
    ...effects,
    knowledge: effects.may === undefined ? 'complete' : 'partial',
    because: effects.may,
  };
}

/** How many arguments stand before the program that this one runs. */
function innerStart(args: readonly Argument[], row: CommandRow): number {
  let left = row.runs ?? 0;
  for (let index = 0; index < args.length; index++) {
    const word = plainText(args[index]!.text) ?? '';
    if (word.startsWith('-') && word !== '-') {
      if (row.valueOptions?.includes(word)) index++;
    } else if (left-- === 0) {
      return index;
    }
  }
  return args.length;
}

function innerEffects(
  words: Words,
  start: number,
  row: CommandRow,
  where: Surroundings,
  facts: Facts,
  runInner: RunInner | undefined,
): Outcome {
  const more: Argument = {
    text: [{ unknown: 'what it is given' }],
    isOpen: true,
    isPattern: false,
  };
  const raw = words.raw.slice(start);
  const inner: Words = {
    args: row.open ? [...words.args.slice(start), more] : words.args.slice(start),
    raw,
    command: words.command && { ...words.command, words: raw },
  };
  const outcome = callEffects(inner, where, facts, runInner);
  // Nobody sees what it works on, so that nothing is sure to be deleted.
  return row.open && outcome.knowledge === 'complete'
    ? { ...outcome, knowledge: 'partial', because: 'it is given more words than are written here' }
    : outcome;
}

/** `find roots … -delete`, `-exec program {} \;`. */
function findEffects(
  words: Words,
  where: Surroundings,
  facts: Facts,
  runInner: RunInner | undefined,
): Outcome {
  const args = words.args.slice(1);
  const raw = words.raw.slice(1);
  const isExpression = ({ text }: Argument): boolean =>
    /^(-[^-]|[(!]$)/.test(plainText(text) ?? '');
  const rootStart = args.findIndex(({ text }) => !/^-([HLP]|O\d)$/.test(plainText(text) ?? ''));
  const start = Math.max(rootStart, 0);
  const length = args.slice(start).findIndex(isExpression);
  const roots = args.slice(start, length < 0 ? args.length : start + length);
  const folders = (
    roots.length > 0 ? roots : [{ text: ['.'], isOpen: false, isPattern: false }]
  ).flatMap((root) => placesOfArgument(root, where.folder));
  // A root may be a file itself, and what is found lies there or below.
  const hits = folders.map((folder): Place => ({ ...folder, isGuess: true }));
  let outcome: Outcome = { ...NOTHING, reads: folders };
  for (let index = 0; index < args.length; index++) {
    const word = plainText(args[index]!.text);
    if (word === '-delete') outcome = { ...outcome, deletes: [...outcome.deletes, ...hits] };
    if (/^-f?(print0?|ls|printf)$/.test(word ?? '') && word!.startsWith('-f') && args[index + 1]) {
      const file = placesOfArgument(args[index + 1]!, where.folder);
      outcome = { ...outcome, writes: [...outcome.writes, ...file] };
    }
    if (!/^-(exec|execdir|ok|okdir)$/.test(word ?? '')) continue;
    const rest = args.slice(index + 1);
    const end = rest.findIndex(({ text }) => /^[;+]$/.test(plainText(text) ?? ''));
    const stop = end < 0 ? rest.length : end;
    for (const hit of hits) {
      const inner: Words = {
        args: rest.slice(0, stop).map((each) => withHit(each, hit)),
        raw: raw.slice(index + 1, index + 1 + stop),
        command: undefined,
      };
      outcome = together(outcome, callEffects(inner, where, facts, runInner));
    }
    index += stop;
  }
  return outcome;
}

/** `{}` as what is found; `{}.bak` lies beside it, `/x/{}` somewhere below /x. */
function withHit(argument: Argument, { path, isPattern }: Place): Argument {
  const plain = plainText(argument.text);
  const before = plain?.split('{}', 1)[0];
  if (plain === undefined || before === undefined || before === plain) return argument;
  if (before !== '') return { ...argument, text: textOf(before, { unknown: '{}' }) };
  return { ...argument, text: path, isPattern, isGuess: true };
}

/** `sh -c code` and `sh script`. */
function shellEffects(
  name: string,
  args: readonly Argument[],
  where: Surroundings,
  runInner: RunInner | undefined,
): Outcome {
  const words = args.map(({ text }) => plainText(text));
  const flag = words.findIndex((word) => /^-[a-z]*c$/.test(word ?? ''));
  const code = words[flag + 1];
  if (flag >= 0 && code !== undefined && runInner) {
    const script = scriptOf(code, [name, ...(words.slice(0, flag + 1) as string[])]);
    if (script.kind === 'script') return runInner(script, name);
  }
  if (words.includes('--version')) return NOTHING;
  const file = flag < 0 ? args.find((_, index) => !/^[-+]/.test(words[index] ?? '')) : undefined;
  if (!file) return unknownOutcome(`nobody sees what ${name} runs`);
  const reads = placesOfArgument(file, where.folder);
  const shown = plainText(file.text) ?? 'the script';
  return { ...unknownOutcome(`nobody knows what ${shown} does`), reads };
}

function packageEffects(
  call: PackageCommand,
  args: readonly Argument[],
  where: Surroundings,
  facts: Facts,
): Outcome {
  const { manager, action } = call;
  const row = facts.commands.packages.find(
    (each) => each.managers.includes(manager.id) && each.actions.includes(action),
  );
  const leaves = manager.leaves.filter(
    (each) => each.actions.includes(action) && !hasWord(call, each.settledBy),
  );
  if (!row)
    return { ...unknownOutcome(`nothing is known of this call of ${manager.id}`), call, leaves };
  // The words that only start the program: `python -m pip`.
  const own = args.slice(call.program.length - 1);
  const parsed = readCall(own, { style: 'long', valueOptions: manager.valueOptions });
  const operands = call.actionWord ? parsed.operands.slice(1) : parsed.operands;
  const folder = parsed.options.findLast(({ name }) => FOLDER_OPTIONS.has(name))?.value;
  const there = folder ? { ...where, folder: resolvePath(where.folder, folder.text) } : where;
  // System packages are named by variables: those hold names.
  const isOpen = parsed.isOpen && manager.database === undefined;
  return {
    ...outcomeOf(effectsOfTerms(row, { ...parsed, operands, isOpen }, there)),
    call,
    leaves,
  };
}

/** Options by which package managers change their folder first. */
const FOLDER_OPTIONS = new Set(['--prefix', '-C', '--cwd', '--dir', '-d', '--working-dir']);
