/** Edits of a RUN that take something out of its code, or put flags in front of it. */
import { errexit, type Refusal, type Splice } from './edit.ts';
import type { RunInstruction } from './model.ts';
import type { Script, ShellWord, SimpleCommand } from './shell.ts';
import type { Style } from './style.ts';

/** Columns that a line with flags in front may have: a mount alone takes half of what others get. */
const WIDTH = 100;

/** Puts flags behind those that are there, in a line of their own where they do not fit. */
export function addFlags(run: RunInstruction, flags: readonly string[], style: Style): Splice {
  const last = run.flags.at(-1);
  const from = last?.end ?? run.keyword.length;
  const gap = run.text.slice(from, run.args.start);
  if (gap.includes('\n')) {
    // `RUN \` with the code below it, or flags in lines of their own.
    const between = last ? gap : gap.replace(/^[ \t]+/, ' ');
    const added = last ? flags.map((flag) => between + flag).join('') : ` ${flags.join(between)}`;
    return { start: from, end: from, insert: added };
  }
  const newline = run.text.indexOf('\n');
  const line = newline < 0 ? run.text : run.text.slice(0, newline);
  const added = flags.join(' ');
  const isHeredoc = run.heredocs.length > 0;
  if (isHeredoc || line.length + added.length + 1 <= WIDTH) {
    return { start: run.args.start, end: run.args.start, insert: `${added} ` };
  }
  const second = newline < 0 ? undefined : /^[ \t]*/.exec(run.text.slice(newline + 1))![0];
  const indent = second === undefined || second === '' ? style.indent : second;
  const broken = ` ${run.escape}${style.eol}${indent}`;
  const fits = line.length - gap.length - from + added.length <= WIDTH && flags.length === 1;
  const inside = fits || added.length + 5 <= WIDTH ? ' ' : broken;
  return { start: run.args.start, end: run.args.start, insert: flags.join(inside) + broken };
}

/** Takes a word and the white space before it out of a command. */
export function removeWord(
  run: RunInstruction,
  command: SimpleCommand,
  word: ShellWord,
): Splice | Refusal {
  const index = command.words.indexOf(word);
  const before = command.words[index - 1]!;
  const next = command.words[index + 1];
  if (!run.text.slice(before.end, word.start).includes('#')) {
    return { start: before.end, end: word.end, insert: '' };
  }
  // A comment between the two stays, and a line without a word would end nothing.
  return next === undefined || run.text.slice(word.end, next.start).includes('#')
    ? { refused: 'a comment is about it' }
    : { start: word.start, end: next.start, insert: '' };
}

/** Takes a command out of the chain that it stands in, where nothing depends on whether it succeeds. */
export function removeCommand(
  run: RunInstruction,
  script: Script,
  command: SimpleCommand,
): Splice | Refusal {
  const chain = script.chains[command.chain];
  const link = chain?.links[command.link];
  if (!chain || !link || link.simple !== command || chain.background) {
    return { refused: 'it stands in a condition, a loop or a pipeline' };
  }
  const before = chain.links[command.link - 1];
  const after = chain.links[command.link + 1];
  if (link.operator === '||' || after?.operator === '||') {
    return { refused: 'something depends on whether it succeeds' };
  }
  const chains = script.chains;
  const isEnded = errexit(script) === 'on';
  const range = before
    ? { start: before.end, end: link.end }
    : after
      ? { start: link.start, end: after.start }
      : isEnded && command.chain > 0
        ? { start: chains[command.chain - 1]!.end, end: chain.end }
        : undefined;
  if (!range) return { refused: 'something depends on whether it succeeds' };
  if (run.text.slice(range.start, range.end).includes('#')) {
    return { refused: 'a comment is about it' };
  }
  return { ...range, insert: '' };
}
