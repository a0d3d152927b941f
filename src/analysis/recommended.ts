/** What an install loses without its recommended packages, and whether anything needs that. */
import { instructionsOf, type Instruction, type RunInstruction } from '../dockerfile/model.ts';
import type { Facts, RecommendedPackage } from '../facts/types.ts';
import { packageCommands, type PackageCommand } from './packages.ts';
import type { RunContext } from './runs.ts';
import type { State } from './state.ts';
import { runBody } from '../dockerfile/shell.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

export interface Loss {
  /** Packages that no program misses, or that nothing in the file asks for. */
  readonly left: readonly string[];
  /** Packages that are needed: to be named in the install. */
  readonly keep: readonly string[];
  /** Packages of which nothing is known. */
  readonly doubtful: readonly string[];
  /** Operands whose recommended packages are not known at all. */
  readonly unknown: readonly string[];
}

interface Rows {
  readonly keep: ReadonlyMap<string, RecommendedPackage>;
  readonly spare: ReadonlySet<string>;
}

const byName = new WeakMap<Facts['recommended'], Rows>();

function rowsOf(recommended: Facts['recommended']): Rows {
  let rows = byName.get(recommended);
  if (!rows) {
    const keep = new Map(recommended.keep.toReversed().map((each) => [each.package, each]));
    const spare = new Set(recommended.spare.map((each) => each.package));
    byName.set(recommended, (rows = { keep, spare }));
  }
  return rows;
}

/** `alsoKeep` are names that the user wants named whenever they would be lost. */
export function lossWithoutRecommended(
  run: RunInstruction,
  call: PackageCommand,
  context: RunContext,
  alsoKeep: readonly string[],
  facts: Facts,
): Loss {
  const { names, packages } = facts.recommends;
  const rows = rowsOf(facts.recommended);
  const unknown: string[] = [];
  const lost = new Set<string>();
  for (const operand of call.operands) {
    const name = packageName(operand.literal);
    const isKnown = call.manager.id === facts.recommended.manager;
    const row =
      isKnown && name !== undefined && Object.hasOwn(packages, name) ? packages[name] : undefined;
    if (row) for (const index of row) lost.add(names[index]!);
    else unknown.push(operand.text);
  }
  for (const name of installedBy(call, context, facts)) lost.delete(name);
  const words = neededWords(run, call, context, facts);
  const left: string[] = [];
  const keep: string[] = [];
  const doubtful: string[] = [];
  for (const name of lost) {
    const row = rows.keep.get(name);
    if (alsoKeep.includes(name)) keep.push(name);
    else if (rows.spare.has(name)) left.push(name);
    else if (!row) doubtful.push(name);
    else if (!isNeeded(row, words)) left.push(name);
    else if (row.named) keep.push(name);
    // Named by nobody, or not to be found in every suite: naming it could make the install fail.
    else doubtful.push(name);
  }
  return { left, keep: keep.sort(), doubtful, unknown };
}

/** `curl=7.88.1-10`, `curl/stable`, `libc6:i386`: the name alone. */
function packageName(operand: string | undefined): string | undefined {
  const match = /^([a-z0-9][a-z0-9+.-]*?)(?::[a-z0-9]+)?(?:[=/].*)?$/.exec(operand ?? '');
  return match?.[1];
}

/** Packages that this call, or an earlier one in the same image, installs by name. */
function installedBy(call: PackageCommand, context: RunContext, facts: Facts): string[] {
  const { calls } = context;
  const state = context.state();
  const earlier = state.before.flatMap((each) =>
    each.kind === 'run' ? namesIn(each, packageCommands(runBody(each, state.shell), facts)) : [],
  );
  const own = calls.slice(0, calls.indexOf(call) + 1);
  return [...earlier, ...own.flatMap(packageNames)];
}

const namesByRun = new RunMemory<RunInstruction, readonly string[]>();

function namesIn(run: RunInstruction, calls: readonly PackageCommand[]): readonly string[] {
  let names = namesByRun.get(run);
  if (!names) namesByRun.set(run, (names = calls.flatMap(packageNames)));
  return names;
}

function packageNames(call: PackageCommand): string[] {
  const knows = call.manager.flags.some((flag) => flag.purpose === 'recommends');
  if (call.action !== 'install' || !knows) return [];
  return call.operands.flatMap((operand) => packageName(operand.literal) ?? []);
}

/**
 * The words of the call's operands and of all that comes after it, whole and in their parts; a set
 * per instruction. What later installs name does not count: they bring along what they need.
 */
function neededWords(
  run: RunInstruction,
  call: PackageCommand,
  { file, state, calls }: RunContext,
  facts: Facts,
): readonly ReadonlySet<string>[] {
  const all = instructionsOf(file);
  const { shell } = state();
  const own = withoutOperands(run.text, calls).slice(call.command.end);
  const operands = call.operands.map((operand) => operand.text).join(' ');
  return [
    wordsOf(`${operands} ${own}`),
    ...all.slice(all.indexOf(run) + 1).map((each) => wordsIn(each, shell, facts)),
  ];
}

const wordsByInstruction = new RunMemory<Instruction, ReadonlySet<string>>();

function wordsIn(
  instruction: Instruction,
  shell: State['shell'],
  facts: Facts,
): ReadonlySet<string> {
  let words = wordsByInstruction.get(instruction);
  if (!words) {
    const text =
      instruction.kind === 'run'
        ? withoutOperands(instruction.text, packageCommands(runBody(instruction, shell), facts))
        : instruction.text;
    wordsByInstruction.set(instruction, (words = wordsOf(text)));
  }
  return words;
}

function wordsOf(text: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const word of text.split(/[\s"'`,;|&(){}[\]<>=\\$:]+/)) {
    words.add(word);
    if (word.includes('/')) for (const part of word.split('/')) words.add(part);
  }
  words.delete('');
  return words;
}

/** The text with the operands of install calls blanked; every offset stays valid. */
function withoutOperands(text: string, calls: readonly PackageCommand[]): string {
  const operands = calls
    .filter((each) => each.action === 'install' && each.command.editable)
    .flatMap((each) => each.operands);
  let result = '';
  let from = 0;
  for (const { start, end } of operands) {
    result += text.slice(from, start) + ' '.repeat(end - start);
    from = end;
  }
  return result + text.slice(from);
}

const globs = new Map<string, RegExp>();

function isNeeded(row: RecommendedPackage, sets: readonly ReadonlySet<string>[]): boolean {
  if (!row.when) return true;
  return row.when.some((glob) => {
    if (!glob.includes('*')) {
      for (const words of sets) if (words.has(glob)) return true;
      return false;
    }
    let pattern = globs.get(glob);
    if (!pattern) {
      const parts = glob.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
      globs.set(glob, (pattern = new RegExp(`^${parts.join('.*')}$`)));
    }
    for (const words of sets) for (const word of words) if (pattern.test(word)) return true;
    return false;
  });
}
