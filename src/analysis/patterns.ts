/** Patterns of fact rows as regular expressions, compiled once per row. */

import type { Instruction } from '../dockerfile/model.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

const singles = new Map<string, RegExp>();
const lists = new WeakMap<readonly string[], RegExp>();

/** So many patterns of a kind are kept: more than the facts have. */
const MOST = 4096;

/** Whether the whole text matches the pattern. */
export function matchesWhole(pattern: string, text: string): boolean {
  return (singles.get(pattern) ?? wholly(pattern)).test(text);
}

/** The pattern of the whole text. */
export function wholly(pattern: string): RegExp {
  let regex = singles.get(pattern);
  if (!regex) {
    if (singles.size >= MOST) singles.clear();
    singles.set(pattern, (regex = new RegExp(`^(?:${pattern})$`)));
  }
  return regex;
}

const anywhere = new Map<string, RegExp>();

/** Whether the pattern occurs anywhere in the text. */
export function matchesPart(pattern: string, text: string): boolean {
  return occurring(pattern).test(text);
}

/** The pattern as it is. */
export function occurring(pattern: string): RegExp {
  let regex = anywhere.get(pattern);
  if (!regex) {
    if (anywhere.size >= MOST) anywhere.clear();
    anywhere.set(pattern, (regex = new RegExp(pattern)));
  }
  return regex;
}

/** Whether the whole text matches one of the patterns. */
export function matchesAny(patterns: readonly string[], text: string): boolean {
  if (patterns.length === 0) return false;
  let regex = lists.get(patterns);
  if (!regex) {
    regex = new RegExp(`^(?:${patterns.map((pattern) => `(?:${pattern})`).join('|')})$`);
    lists.set(patterns, regex);
  }
  return regex.test(text);
}

interface ProgramRow {
  /** A pattern. */
  readonly program: string;
}

const byPrograms = new WeakMap<readonly ProgramRow[], Map<string, readonly ProgramRow[]>>();

/** So many names of programs are kept for each list of rows; most are called again and again. */
const MOST_PROGRAMS = 256;

/** The rows of which the program's pattern matches the whole name, in their order. */
export function rowsOfProgram<Row extends ProgramRow>(
  rows: readonly Row[],
  name: string,
): readonly Row[] {
  let byName = byPrograms.get(rows);
  if (!byName) byPrograms.set(rows, (byName = new Map<string, readonly ProgramRow[]>()));
  // Of these rows none but this function puts any there.
  let own = byName.get(name) as readonly Row[] | undefined;
  if (!own) {
    if (byName.size >= MOST_PROGRAMS) byName.clear();
    byName.set(name, (own = rows.filter(({ program }) => matchesWhole(program, name))));
  }
  return own;
}

const found = new WeakMap<readonly string[], RegExp>();

/** Whether one of the patterns occurs anywhere in the text. */
export function occursIn(patterns: readonly string[], text: string): boolean {
  if (patterns.length === 0) return false;
  let regex = found.get(patterns);
  if (!regex) {
    regex = new RegExp(patterns.map((pattern) => `(?:${pattern})`).join('|'));
    found.set(patterns, regex);
  }
  return regex.test(text);
}

const seen = new RunMemory<Instruction, Map<readonly string[], boolean>>();

/** Whether one of the patterns occurs in the instruction's text; remembered. */
export function occursInInstruction(
  patterns: readonly string[],
  instruction: Instruction,
): boolean {
  let byPatterns = seen.get(instruction);
  if (!byPatterns) seen.set(instruction, (byPatterns = new Map<readonly string[], boolean>()));
  let occurs = byPatterns.get(patterns);
  if (occurs === undefined) {
    byPatterns.set(patterns, (occurs = occursIn(patterns, instruction.text)));
  }
  return occurs;
}
