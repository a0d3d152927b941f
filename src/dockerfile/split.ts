/**
 * Where each instruction begins and ends: lines, continuations, comments inside them, heredocs.
 *
 * A splitter of our own that follows BuildKit's rules line by line, because the offsets that the
 * rest of dfopt edits at must be the ones that the builder sees.
 */
import {
  builderFlags,
  heredocsOfLine,
  jsonForm,
  skipSpace,
  trimSpaceEnd,
  type HeredocWord,
  type Range,
} from './lexer.ts';

/**
 * An instruction's text as the builder reads it: continuations joined, comment and blank lines
 * inside them dropped. `at[i]` is the offset in the original text of character `i`, and `at[length]`
 * the offset just after the last one.
 */
export interface LogicalText {
  readonly text: string;
  readonly at: readonly number[];
}

export interface Heredoc extends HeredocWord {
  /** The lines between the command and the ending line, the last line end included. */
  readonly body: Range;
  /** The ending line, its line end excluded. */
  readonly closing: Range;
}

/** A line inside an instruction that the builder drops: a comment, or a blank continuation line. */
export interface DroppedLine extends Range {
  readonly comment: boolean;
}

export interface RawInstruction {
  /** Offsets of the instruction's text in the file: keyword to the end of its last line. */
  readonly start: number;
  readonly end: number;
  /** The line end that follows: `\n`, `\r\n`, or nothing at the end of the file. */
  readonly eol: string;
  /** The line that it begins in, 0-based, and the offset of that. */
  readonly line: number;
  readonly lineStart: number;
  readonly logicalText: string;
  /** What the logical text is made of: offsets, relative to the instruction's text. */
  readonly kept: readonly Range[];
  /** Offsets, relative to the instruction's text, of the lines that the builder drops. */
  readonly dropped: readonly DroppedLine[];
  /** Offsets, relative to the instruction's text, of each continuation: escape to line end. */
  readonly continuations: readonly Range[];
  readonly heredocs: readonly Heredoc[];
  /** The heredoc that the file ends in. */
  readonly unterminated?: HeredocWord;
}

export type Escape = '\\' | '`';

/** A parser directive: a comment at the very top that the builder obeys. */
export interface Directive {
  readonly name: 'syntax' | 'escape' | 'check';
  readonly value: string;
  readonly line: number;
}

export interface DirectiveProblem {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly advice: string;
}

export interface SplitFile {
  readonly bom: string;
  readonly directives: readonly Directive[];
  readonly directiveProblem?: DirectiveProblem;
  /** The offset just after the last directive's line end. */
  readonly headerEnd: number;
  readonly escape: Escape;
  readonly instructions: readonly RawInstruction[];
}

/** Where each character of the logical text stands: asked of new texts alone. */
export function logicalOf({ logicalText, kept }: RawInstruction): LogicalText {
  const at: number[] = [];
  for (const { start, end } of kept) {
    for (let offset = start; offset < end; offset++) at.push(offset);
  }
  // The end of the last character, or of the whole text where the instruction ends in a continuation.
  at.push(at.length === 0 ? 0 : at[at.length - 1]! + 1);
  return { text: logicalText, at };
}

interface Line {
  readonly start: number;
  /** The end of what the builder reads: all `\r` and `\n` at the end are dropped. */
  readonly end: number;
  readonly next: number;
}

function linesOf(text: string, from: number): Line[] {
  const lines: Line[] = [];
  let start = from;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const next = newline < 0 ? text.length : newline + 1;
    let end = next;
    while (end > start && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
    lines.push({ start, end, next });
    start = next;
  }
  return lines;
}

/** The end of a line's text where only its own line end is taken off. */
function textEnd(text: string, line: Line): number {
  if (text[line.next - 1] !== '\n') return line.next;
  return text[line.next - 2] === '\r' && line.next - 2 >= line.start
    ? line.next - 2
    : line.next - 1;
}

export function splitFile(text: string): SplitFile {
  const bom = text.startsWith('\ufeff') ? '\ufeff' : '';
  const lines = linesOf(text, bom.length);
  const header = readDirectives(text, lines);
  const instructions: RawInstruction[] = [];
  let index = 0;
  while (index < lines.length) {
    const read = readInstruction(text, lines, index, header.escape);
    if (read.instruction) instructions.push(read.instruction);
    index = read.next;
  }
  return {
    bom,
    directives: header.directives,
    ...(header.problem && { directiveProblem: header.problem }),
    headerEnd: header.end,
    escape: header.escape,
    instructions,
  };
}

function readDirectives(
  text: string,
  lines: readonly Line[],
): {
  directives: Directive[];
  problem?: DirectiveProblem;
  end: number;
  escape: Escape;
} {
  const directives: Directive[] = [];
  let escape: Escape = '\\';
  let end = lines[0]?.start ?? text.length;
  for (const [index, line] of lines.entries()) {
    const from = skipSpace(text.slice(0, line.end), line.start);
    const match =
      /^#[\t\n\v\f\r \u0085\u00a0]*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)$/.exec(
        text.slice(from, line.end),
      ) ?? undefined;
    const name = match?.[1]!.toLowerCase();
    const place = { line: index + 1, column: from - line.start + 1 };
    if (name !== 'syntax' && name !== 'escape' && name !== 'check') break;
    const value = match![2]!.trimEnd();
    if (directives.some((directive) => directive.name === name)) {
      const problem = {
        ...place,
        message: `the parser directive "${name}" is set twice`,
        advice: 'keep one of them',
      };
      return { directives, problem, end, escape };
    }
    if (name === 'escape') {
      if (value !== '\\' && value !== '`') {
        const problem = {
          ...place,
          message: `the escape character cannot be ${JSON.stringify(value)}`,
          advice: 'use \\ or `',
        };
        return { directives, problem, end, escape };
      }
      escape = value;
    }
    directives.push({ name, value, line: index + 1 });
    end = line.next;
  }
  return { directives, end, escape };
}

/** The length of the continuation at the end of `line` (escape, blanks), or 0. */
function continuationLength(line: string, escape: Escape): number {
  let at = line.length - 1;
  while (line[at] === ' ' || line[at] === '\t') at--;
  if (line[at] !== escape || line[at - 1] === escape) return 0;
  return line.length - at;
}

function readInstruction(
  text: string,
  lines: readonly Line[],
  first: number,
  escape: Escape,
): { instruction?: RawInstruction; next: number } {
  const line = lines[first]!;
  const char = text[line.start]!;
  // Most lines begin with what stands in them.
  const isAtStart = char > ' ' && char <= '~';
  const start = isAtStart ? line.start : skipSpace(text.slice(0, line.end), line.start);
  if (start === line.end || text[start] === '#') return { next: first + 1 };

  let logicalText = '';
  const kept: Range[] = [];
  const dropped: DroppedLine[] = [];
  const continuations: Range[] = [];
  let last = line;
  let index = first;
  let open = true;
  while (open) {
    last = lines[index]!;
    const from = index === first ? start : last.start;
    const content = text.slice(from, last.end);
    const at = index > first ? skipSpace(content, 0) : 0;
    const isComment = index > first && content[at] === '#';
    if (isComment || at === content.length) {
      dropped.push({ start: from - start, end: last.next - start, comment: isComment });
    } else {
      const tail = content.includes(escape) ? continuationLength(content, escape) : 0;
      open = tail > 0;
      const piece = tail > 0 ? content.slice(0, content.length - tail) : content;
      const end = from - start + piece.length;
      logicalText += piece;
      kept.push({ start: from - start, end });
      if (open) continuations.push({ start: end, end: last.next - start });
    }
    index++;
    if (index >= lines.length) break;
  }

  const heredocs: Heredoc[] = [];
  let unterminated: HeredocWord | undefined;
  for (const word of logicalText.includes('<<') ? heredocWords(logicalText, escape) : []) {
    const body = index < lines.length ? lines[index]!.start : text.length;
    let closing: Line | undefined;
    while (!closing && index < lines.length) {
      const candidate = lines[index]!;
      const content = text.slice(candidate.start, candidate.end);
      if ((word.chomp ? content.replace(/^\t+/, '') : content) === word.name) closing = candidate;
      last = candidate;
      index++;
    }
    if (!closing) {
      unterminated = word;
      break;
    }
    heredocs.push({
      ...word,
      body: { start: body - start, end: closing.start - start },
      closing: { start: closing.start - start, end: closing.end - start },
    });
  }
  const end = textEnd(text, last);
  const instruction: RawInstruction = {
    start,
    end,
    eol: text.slice(end, last.next),
    line: first,
    lineStart: line.start,
    logicalText,
    kept,
    dropped,
    continuations,
    heredocs,
  };
  return {
    instruction: unterminated ? { ...instruction, unterminated } : instruction,
    next: index,
  };
}

/** The heredocs of an instruction that may have some: RUN, COPY and ADD, or an ONBUILD of them. */
function heredocWords(logical: string, escape: Escape): HeredocWord[] {
  const rest = (from: number): { keyword: string; args: number } => {
    const keyword = /^\S*/.exec(logical.slice(from))![0];
    const { rest: args } = builderFlags(logical, from + keyword.length, escape);
    return { keyword: keyword.toLowerCase(), args };
  };
  let { keyword, args } = rest(skipSpace(logical, 0));
  if (keyword === 'onbuild') ({ keyword, args } = rest(args));
  if (keyword !== 'run' && keyword !== 'copy' && keyword !== 'add') return [];
  const end = trimSpaceEnd(logical, args, logical.length);
  if (jsonForm(logical.slice(args, end)).kind === 'strings') return [];
  return heredocsOfLine(logical);
}
