/**
 * Edits of shell code inside a RUN, by splices on its text: what no splice touches stays byte for
 * byte. Each function says where; `splice` does it and reads the result again.
 */
import type { Instruction, RunInstruction } from './model.ts';
import { withText } from './parse.ts';
import type { Chain, Link, Script, ShellWord, SimpleCommand } from './shell.ts';
import type { Style } from './style.ts';

/** Replace `[start, end)` of an instruction's text. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly insert: string;
}

export function splice<T extends RunInstruction>(run: T, splices: readonly Splice[]): T {
  const ordered = [...splices].sort((a, b) => b.start - a.start || b.end - a.end);
  let { text } = run;
  let limit = Infinity;
  for (const { start, end, insert } of ordered) {
    if (end > limit) throw new Error('two edits overlap');
    text = text.slice(0, start) + insert + text.slice(end);
    limit = start;
  }
  return withText(run, text);
}

export function insertAfterWord(script: Script, word: ShellWord, text: string): Splice {
  return { start: word.end, end: word.end, insert: ` ${script.encode(text)}` };
}

/** Adds words behind the last of some, a line each where the author writes a line each. */
export function insertOperands(
  run: RunInstruction,
  script: Script,
  operands: readonly ShellWord[],
  names: readonly string[],
): Splice {
  const [before, last] = operands.slice(-2);
  const gap = before && last ? run.text.slice(before.end, last.start) : '';
  const lines = gap.includes('\n') && !gap.includes('#') && script.form === 'shell';
  if (!lines) return insertAfterWord(script, operands.at(-1)!, names.join(' '));
  return { start: last!.end, end: last!.end, insert: names.map((name) => gap + name).join('') };
}

export function replaceWord(script: Script, word: ShellWord, text: string): Splice {
  return { start: word.start, end: word.end, insert: script.encode(text) };
}

/** Whether a failing command ends the script: `set -e`. `unknown` where that cannot be seen. */
export type Errexit = 'on' | 'off' | 'unknown';

export function errexit(script: Script): Errexit {
  let state: Errexit = script.options.has('e') || script.options.has('errexit') ? 'on' : 'off';
  let onlySettings = true;
  for (const command of script.commands) {
    if (command.words[0]?.literal !== 'set') {
      const settings = command.words.length === 0 || command.words[0]?.literal === 'export';
      onlySettings &&= settings;
      continue;
    }
    const words = command.words.slice(1).map((word) => word.literal);
    const text = words.join(' ');
    const on = words.some((word) => /^-[a-z]*e/.test(word ?? '')) || /-[a-z]*o errexit/.test(text);
    const off = words.some((word) => /^\+[a-z]*e/.test(word ?? '')) || /\+o errexit/.test(text);
    if (words.includes(undefined)) return 'unknown';
    if (!on && !off) continue;
    if (off || !onlySettings || command.within.length > 0) return 'unknown';
    state = 'on';
  }
  return state;
}

/** Whether the RUN goes on, and may succeed, when this command fails. */
export function mayFail(command: SimpleCommand, script: Script): boolean {
  const { links } = script.chains[command.chain]!;
  if (links.slice(command.link + 1).some((link) => link.operator === '||')) return true;
  return command.chain < script.chains.length - 1 && errexit(script) === 'off';
}

/** Why a command cannot be added to a script, in words for a remark. */
export interface Refusal {
  readonly refused: string;
}

/** Adds a command that runs last, if all before it succeeded; or says why that cannot be done. */
export function appendCommand(
  run: RunInstruction,
  script: Script,
  command: string,
  style: Style,
): Splice | Refusal {
  const chain = script.chains.at(-1);
  if (!chain) return { refused: 'the RUN has no command' };
  return addAfter(run, script, chain, chain.links.at(-1)!, command, style);
}

/**
 * Adds a command right behind the one given, if that one succeeded. A command that runs only when
 * the one before failed (`||`) belongs to it.
 */
export function addAfterCommand(
  run: RunInstruction,
  script: Script,
  after: SimpleCommand,
  command: string,
  style: Style,
): Splice | Refusal {
  const chain = script.chains[after.chain]!;
  let { link } = after;
  while (chain.links[link + 1]?.operator === '||') link++;
  return addAfter(run, script, chain, chain.links[link]!, command, style);
}

/** Puts a command in front of the one given, which then runs only if the new one succeeded. */
export function addBeforeCommand(
  run: RunInstruction,
  script: Script,
  before: SimpleCommand,
  command: string,
  style: Style,
): Splice | Refusal {
  const chain = script.chains[before.chain]!;
  const link = chain.links[before.link]!;
  if (chain.background) return { refused: 'the command runs in the background' };
  if (link.type === 'function') return { refused: 'the command stands in a function' };
  if (link.operator === '||') return { refused: 'the command runs only where another failed' };
  if (before.within.some((each) => !/^(group|subshell|pipeline)$/.test(each))) {
    return { refused: 'the command stands in a condition or a loop' };
  }
  const mode = errexit(script);
  // Under `set -e` a failing command ends the script, unless it stands left of an `&&`.
  const alone = chain.links.length === 1;
  if (alone && mode === 'unknown') {
    return { refused: 'whether a failing command ends the script cannot be seen' };
  }
  const separator =
    alone && mode === 'on'
      ? chainSeparator(run, script, style)
      : separatorBefore(run, script, chain, link, style, command.length);
  return { start: link.start, end: link.start, insert: script.encode(command) + separator };
}

/** Comment lines that stand above an instruction, without their indentation. */
export function commentsAbove({ lead }: Instruction): string[] {
  return lead
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('#'));
}

function addAfter(
  run: RunInstruction,
  script: Script,
  chain: Chain,
  link: Link,
  command: string,
  style: Style,
): Splice | Refusal {
  if (chain.background) return { refused: 'the command runs in the background' };
  if (link.type === 'function') return { refused: 'the RUN ends in a function' };
  const program = link.simple?.words[0]?.literal;
  // `a || exit 1` goes on where a succeeds.
  if (/^(exit|exec|return)$/.test(program ?? '') && link.operator !== '||') {
    return { refused: `nothing runs after "${program}"` };
  }
  const inside = script.commands.filter((each) => each.start >= link.start && each.end <= link.end);
  const heredoc = inside.some((each) =>
    each.redirections.some((redirection) => redirection.operator.startsWith('<<')),
  );
  if (heredoc || (script.form === 'shell' && run.heredocs.length > 0)) {
    return { refused: 'the command reads a heredoc' };
  }
  const mode = errexit(script);
  const endsChain = link === chain.links.at(-1);
  const endsScript = chain === script.chains.at(-1);
  // Under `set -e` a failing command ends the script, unless it stands inside an && list: the added
  // command must not put its neighbour there.
  if (endsChain && !endsScript && mode === 'unknown') {
    return { refused: 'whether a failing command ends the script cannot be seen' };
  }
  // Inside a compound, a failing command ends the script only where nothing stands behind it.
  if (endsChain && endsScript && mode !== 'off' && !isPlain(script, link)) {
    return { refused: 'a failing command inside the last one would no longer end the script' };
  }
  // At the very end a list of its own would hide the failure of an && list before it.
  const alone = chain.links.length === 1 && link.type === 'simple';
  const separate = mode === 'on' && endsChain && (!endsScript || alone);
  const separator = separate
    ? chainSeparator(run, script, style)
    : linkSeparator(run, script, chain, link, style, command.length);
  return { start: link.end, end: link.end, insert: separator + script.encode(command) };
}

/** A command, or a pipe of commands: nothing that has a list of commands inside. */
function isPlain(script: Script, link: Link): boolean {
  if (script.chains.some((chain) => chain.links.some((each) => each.type === 'function'))) {
    return false;
  }
  if (link.type === 'simple') return true;
  const inside = script.commands.filter((each) => each.start >= link.start && each.end <= link.end);
  return link.type === 'pipeline' && inside.every((each) => each.within.length === 1);
}

/** What stands between two links joined by `&&`, as the author writes it. */
function linkSeparator(
  run: RunInstruction,
  script: Script,
  chain: Chain,
  link: Link,
  style: Style,
  length: number,
): string {
  if (script.form === 'exec') return ' && ';
  // Behind a command of several lines, nobody looks for another at the end of its last one.
  const long = run.text.slice(link.start, link.end).includes('\n');
  const chains = [chain, ...script.chains];
  for (const { links } of chains) {
    for (let index = links.length - 1; index > 0; index--) {
      if (links[index]!.operator !== '&&') continue;
      const gap = run.text.slice(links[index - 1]!.end, links[index]!.start);
      const clean = withoutComments(gap);
      if (!/^\s*(\\\s*)?&&\s*(\\\s*)?$/.test(clean.replaceAll('`', '\\'))) continue;
      const fits = !long && !tooLong(run, chain.end, clean.length + length, style);
      if (clean.includes('\n') || fits) return clean;
    }
  }
  const multiline = run.text.includes('\n') && script.form === 'shell';
  if (!multiline && !tooLong(run, chain.end, 4 + length, style)) return ' && ';
  return brokenSeparator(run, script, style);
}

/** What stands between two links on lines of their own. */
function brokenSeparator(run: RunInstruction, script: Script, style: Style): string {
  const escape = script.form === 'heredoc' ? '\\' : run.escape;
  const indent = script.form === 'heredoc' ? '  ' : (indentOf(run) ?? style.indent);
  return style.operator === 'first'
    ? ` ${escape}${style.eol}${indent}&& `
    : ` && ${escape}${style.eol}${indent}`;
}

/** What stands behind a link that is put in front of another, as the author writes it. */
function separatorBefore(
  run: RunInstruction,
  script: Script,
  chain: Chain,
  link: Link,
  style: Style,
  length: number,
): string {
  if (script.form === 'exec') return ' && ';
  const gap = chain.links
    .flatMap((each, index) => (index > 0 && each.operator === '&&' ? [index] : []))
    .map((index) => run.text.slice(chain.links[index - 1]!.end, chain.links[index]!.start))
    .find((each) => each.includes('\n') && !each.includes('#'));
  if (gap !== undefined) return gap;
  const from = run.text.lastIndexOf('\n', link.start - 1) + 1;
  const to = run.text.indexOf('\n', link.start);
  const line = run.text.slice(from, to < 0 ? run.text.length : to);
  if (line.length + length + 4 <= style.width) return ' && ';
  return brokenSeparator(run, script, style);
}

/** What stands between two commands of a list, as the author writes it. */
function chainSeparator(run: RunInstruction, script: Script, style: Style): string {
  if (script.form === 'exec') return '; ';
  for (let index = script.chains.length - 1; index > 0; index--) {
    const gap = run.text.slice(script.chains[index - 1]!.end, script.chains[index]!.start);
    const clean = withoutComments(gap);
    const pattern = script.form === 'heredoc' ? /^[ \t]*(;|\n)\s*$/ : /^\s*;\s*(\\\s*)?$/;
    // A blank line between commands of a script is a paragraph, not a separator.
    if (pattern.test(clean.replaceAll('`', '\\'))) return clean.replace(/\n\s*\n/g, '\n');
  }
  return script.form === 'heredoc' ? '\n' : `; ${run.escape}${style.eol}${style.indent}`;
}

/** The gap without its comment and blank lines; its last line is the indentation of what follows. */
function withoutComments(gap: string): string {
  if (!gap.includes('#')) return gap;
  const lines = gap.split('\n');
  return lines
    .filter((line, index) => index === 0 || index === lines.length - 1 || !/^\s*(#.*)?$/.test(line))
    .join('\n');
}

/** The indentation of the RUN's own continuation lines. */
function indentOf(run: RunInstruction): string | undefined {
  const line = run.text.split('\n').find((each, index) => index > 0 && !/^\s*(#|$)/.test(each));
  return line === undefined ? undefined : /^[ \t]*/.exec(line)![0];
}

function tooLong(run: RunInstruction, at: number, added: number, style: Style): boolean {
  const line = run.text.slice(run.text.lastIndexOf('\n', at - 1) + 1, at);
  return line.length + added > style.width;
}
