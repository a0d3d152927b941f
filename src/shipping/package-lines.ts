/** Taking packages out of a list that has one to a line, with the comments that speak of them alone. */
import type { Splice } from '../dockerfile/edit.ts';
import type { RunInstruction } from '../dockerfile/model.ts';
import type { ShellWord, SimpleCommand } from '../dockerfile/shell.ts';

/** A line that is no package: an operator, or nothing. */
const LIST_END = /^\s*(&&|\|\||;|\||[\\`]?\s*$)/;

interface Line {
  readonly text: string;
  readonly start: number;
  /** Behind its end of line. */
  readonly end: number;
  readonly kind: 'comment' | 'gone' | 'other';
}

/** @param words of the command, to be taken away */
export function withoutWords(
  run: RunInstruction,
  command: SimpleCommand,
  words: readonly ShellWord[],
): readonly Splice[] {
  const gone = goneLines(run, command, words);
  const isGone = ({ start }: ShellWord): boolean =>
    gone.some((line) => start >= line.start && start < line.end);
  // The word in front of those that go along with it on one line.
  const lastStaying = (word: ShellWord): ShellWord => {
    const before = command.words[command.words.indexOf(word) - 1]!;
    return words.includes(before) && !isGone(before) ? lastStaying(before) : before;
  };
  const lines = gone.map(({ start, end }) => ({ start, end, insert: '' }));
  const others = words.flatMap((word) => {
    if (isGone(word)) return [];
    const before = lastStaying(word);
    // Its line is taken away together with the gap: what is left is the blank behind the word.
    if (!isGone(before)) return [withoutWord(run, command, word)];
    const blank = /^[ \t]*/.exec(run.text.slice(word.end))![0].length;
    return [{ start: word.start, end: word.end + blank, insert: '' }];
  });
  return [...lines, ...others];
}

/** Takes a word away with the blank, or the line, in front of it. */
export function withoutWord(run: RunInstruction, command: SimpleCommand, word: ShellWord): Splice {
  const at = command.words.indexOf(word);
  const before = command.words[at - 1]!;
  const gap = run.text.slice(before.end, word.start);
  // A comment in between would go with it, or swallow what follows.
  const start = gap.includes('#') ? word.start : before.end;
  return { start, end: word.end, insert: '' };
}

/** Lines of nothing but such words, where there are comments among them, and comments of nothing else. */
function goneLines(
  run: RunInstruction,
  command: SimpleCommand,
  words: readonly ShellWord[],
): readonly Line[] {
  const lines = linesOf(run, command, words);
  if (!lines.some(({ kind }) => kind === 'comment')) return [];
  const behind = (index: number, kind: Line['kind']): number => {
    const count = lines.slice(index).findIndex((each) => each.kind !== kind);
    return count < 0 ? lines.length : index + count;
  };
  return lines.filter(({ kind }, index) => {
    if (kind !== 'comment') return kind === 'gone';
    const first = behind(index, 'comment');
    const next = lines[behind(first, 'gone')];
    const isSpoken = lines[first]?.kind === 'gone';
    const isListEnd = next === undefined || next.kind === 'comment' || LIST_END.test(next.text);
    return isSpoken && isListEnd;
  });
}

function linesOf(
  { text, escape }: RunInstruction,
  command: SimpleCommand,
  words: readonly ShellWord[],
): readonly Line[] {
  const lines: Line[] = [];
  let start = text.indexOf('\n', command.words[0]!.end) + 1;
  while (start > 0 && start < command.end) {
    const end = text.indexOf('\n', start) + 1;
    if (end === 0) break;
    const line = text.slice(start, end).trim();
    const own = words.filter((word) => word.start >= start && word.end < end);
    const listed = own.map((word) => text.slice(word.start, word.end)).join(' ');
    const isGone = own.length > 0 && line.replaceAll(/\s+/g, ' ') === `${listed} ${escape}`;
    lines.push({
      text: line,
      start,
      end,
      kind: line.startsWith('#') ? 'comment' : isGone ? 'gone' : 'other',
    });
    start = end;
  }
  return lines;
}
