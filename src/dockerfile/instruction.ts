/**
 * One instruction's text to its fields, by BuildKit's rules; what BuildKit rejects becomes a problem.
 */
import {
  blankSeparatedWords,
  builderFlags,
  jsonForm,
  parseHeredocWord,
  quotedWords,
  trimSpaceEnd,
  type RawWord,
} from './lexer.ts';
import type {
  CommandForm,
  Escape,
  Flag,
  Instruction,
  InstructionBase,
  LogicalText,
  Origin,
  Pair,
  Problem,
  Range,
  Word,
} from './model.ts';
import type { Report } from './report-problem.ts';
import { logicalOf, type RawInstruction } from './split.ts';
import { checkFlags } from './builder-flags.ts';
import { checkExpansion } from './expansion.ts';

/** The keywords in lower case, as BuildKit lists them. */
export const KEYWORDS = [
  'add',
  'arg',
  'cmd',
  'copy',
  'entrypoint',
  'env',
  'expose',
  'from',
  'healthcheck',
  'label',
  'maintainer',
  'onbuild',
  'run',
  'shell',
  'stopsignal',
  'user',
  'volume',
  'workdir',
] as const;

type Keyword = (typeof KEYWORDS)[number];

function isKeyword(word: string): word is Keyword {
  return (KEYWORDS as readonly string[]).includes(word);
}

/** BuildKit reads a file line by line and refuses longer lines (Go's bufio.MaxScanTokenSize - 1). */
const LONGEST_LINE_BYTES = 65535;

/** `text` is the instruction's exact text; `raw` says how it was split. */
export function parseInstruction(
  raw: RawInstruction,
  text: string,
  lead: string,
  origin: readonly Origin[],
  escape: Escape,
): Instruction {
  const logical = logicalOf(raw);
  const keyword = /^[^\t\v\f\r ]*/.exec(logical.text)![0];
  const { flags: rawFlags, rest } = builderFlags(logical.text, keyword.length, escape);
  const end = trimSpaceEnd(logical.text, rest, logical.text.length);
  const reader = new Reader(logical, rest, end, escape);
  const flags: Flag[] = rawFlags.map((flag) => {
    const equals = flag.word.indexOf('=');
    return {
      ...reader.range(flag.start, flag.end),
      name: flag.word.slice(2, equals < 0 ? undefined : equals),
      value: equals < 0 ? undefined : flag.word.slice(equals + 1),
    };
  });
  const problems: Problem[] = [];
  const base: InstructionBase = {
    lead,
    text,
    eol: raw.eol,
    origin,
    keyword,
    escape,
    logical,
    dropped: raw.dropped,
    continuations: raw.continuations,
    heredocs: raw.heredocs,
    flags,
    args: reader.range(rest, end),
    argsText: logical.text.slice(rest, end),
    problems,
  };
  const report = (message: string, advice: string, offset = base.args.start): void => {
    problems.push({ offset: Math.min(offset, text.length), message, advice });
  };
  const isLong = (line: string): boolean => utf8Length(line) > LONGEST_LINE_BYTES;
  if (text.length * 3 > LONGEST_LINE_BYTES && text.split('\n').some(isLong)) {
    report('a line is longer than 65535 bytes', 'break it with continuations', 0);
  }
  if (raw.unterminated) {
    const { name } = raw.unterminated;
    report(
      `the heredoc "${name}" is not terminated`,
      `end it with a line that holds ${name} and nothing else`,
    );
  }
  const kind = keyword.toLowerCase();
  const instruction = parseKind(kind, base, reader, report);
  checkFlags(instruction, report);
  if (problems.length === 0) checkExpansion(instruction, report);
  return instruction;
}

function utf8Length(text: string): number {
  if (text.length * 3 <= LONGEST_LINE_BYTES) return text.length;
  return new TextEncoder().encode(text).length;
}

/** Cuts the arguments into words and turns logical offsets into offsets in the text. */
class Reader {
  private readonly logical: LogicalText;
  private readonly start: number;
  private readonly end: number;
  private readonly escape: Escape;

  constructor(logical: LogicalText, start: number, end: number, escape: Escape) {
    this.logical = logical;
    this.start = start;
    this.end = end;
    this.escape = escape;
  }

  range(start: number, end: number): Range {
    const { at } = this.logical;
    const from = at[start] ?? at[at.length - 1]!;
    return { start: from, end: end > start ? at[end - 1]! + 1 : from };
  }

  get text(): string {
    return this.logical.text.slice(this.start, this.end);
  }

  /** The arguments after the first word, with what JSON makes of them. */
  blankWords(): Word[] {
    return blankSeparatedWords(this.logical.text, this.start, this.end).map((word) =>
      this.word(word),
    );
  }

  quoted(): Word[] {
    return quotedWords(this.logical.text, this.start, this.end, this.escape).map((word) =>
      this.word(word),
    );
  }

  private word(word: RawWord): Word {
    return { ...this.range(word.start, word.end), text: word.text };
  }
}

function parseKind(
  kind: string,
  base: InstructionBase,
  reader: Reader,
  report: Report,
): Instruction {
  if (!isKeyword(kind)) {
    report(
      `unknown instruction "${base.keyword}"`,
      'expected a Dockerfile keyword; if this line continues the one above, end that one with ' +
        base.escape,
      0,
    );
    return { ...base, kind: 'unknown' };
  }
  switch (kind) {
    case 'from':
      return parseFrom(base, reader, report);
    case 'run':
    case 'cmd':
    case 'entrypoint':
      return { ...base, kind, command: commandForm(kind, reader.text, report) };
    case 'healthcheck':
      return parseHealthcheck(base, reader, report);
    case 'copy':
    case 'add':
      return parseCopy(kind, base, reader, report);
    case 'env':
    case 'label':
      return { ...base, kind, pairs: parsePairs(kind, reader, report) };
    case 'arg':
      return { ...base, kind, pairs: parseArg(reader, report) };
    case 'expose':
    case 'volume':
      return { ...base, kind, words: parseWords(kind, reader, report) };
    case 'shell':
      return { ...base, kind, shell: parseShell(reader, report) };
    case 'onbuild':
      return { ...base, kind, trigger: parseTrigger(reader, base, report) };
    case 'user':
    case 'workdir':
    case 'stopsignal':
    case 'maintainer':
      if (reader.text === '') {
        report(`${kind.toUpperCase()} needs an argument`, `write ${kind.toUpperCase()} <value>`);
      }
      return { ...base, kind };
  }
}

function parseFrom(base: InstructionBase, reader: Reader, report: Report): Instruction {
  const words = reader.blankWords();
  const image = words[0];
  const named = words.length === 3 && words[1]!.text.toLowerCase() === 'as';
  if (words.length !== 1 && !named) {
    report(
      'FROM takes an image, and may name the stage',
      'write FROM <image> or FROM <image> AS <name>',
    );
  }
  const stageName = named ? words[2]!.text.toLowerCase() : undefined;
  if (stageName !== undefined && !/^[a-z][a-z0-9\-_.]*$/.test(stageName)) {
    report(
      `"${words[2]!.text}" is not a valid stage name`,
      'start it with a letter and use letters, digits, - _ and . only',
      words[2]!.start,
    );
  }
  return { ...base, kind: 'from', image, stageName };
}

function commandForm(what: string, text: string, report: Report): CommandForm {
  const json = jsonForm(text);
  if (json.kind === 'strings') return { form: 'exec', exec: json.values };
  if (json.kind === 'not strings') reportNotStrings(what, report);
  return { form: 'shell' };
}

function reportNotStrings(what: string, report: Report): void {
  report(
    `the JSON array of ${what.toUpperCase()} holds something that is no string`,
    'put every element in double quotes',
  );
}

function parseHealthcheck(base: InstructionBase, reader: Reader, report: Report): Instruction {
  const match = /^(\S+)\s*([^]*)$/.exec(reader.text);
  const type = match?.[1]?.toUpperCase();
  const rest = match?.[2] ?? '';
  if (type === 'NONE') {
    if (rest !== '') report('HEALTHCHECK NONE takes no arguments', 'remove what follows NONE');
    return { ...base, kind: 'healthcheck', command: undefined };
  }
  if (type !== 'CMD') {
    report('HEALTHCHECK takes CMD or NONE', 'write HEALTHCHECK CMD <command> or HEALTHCHECK NONE');
    return { ...base, kind: 'healthcheck', command: undefined };
  }
  const command = commandForm('healthcheck', rest, report);
  if (rest === '' || (command.form === 'exec' && command.exec.length === 0)) {
    report('HEALTHCHECK CMD has no command', 'write HEALTHCHECK CMD <command>');
  }
  for (const flag of base.flags) {
    const value = flag.value ?? '';
    if (flag.name === 'retries' && value !== '' && !/^\+?\d+$/.test(value)) {
      report(`--retries takes a number, not "${value}"`, 'write --retries=3', flag.start);
    }
    if (flag.name !== 'retries' && !isDuration(value)) {
      report(`--${flag.name} takes a duration, not "${value}"`, 'write 30s or 1m30s', flag.start);
    }
  }
  return { ...base, kind: 'healthcheck', command };
}

/** Go's time.ParseDuration, of at least a millisecond or zero. */
function isDuration(value: string): boolean {
  return (
    value === '' ||
    /^[+-]?0$/.test(value) ||
    /^\+?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(value)
  );
}

function parseCopy(
  kind: 'copy' | 'add',
  base: InstructionBase,
  reader: Reader,
  report: Report,
): Instruction {
  const json = jsonForm(reader.text);
  if (json.kind === 'not strings') reportNotStrings(kind, report);
  const words: readonly Word[] =
    json.kind === 'strings'
      ? json.values.map((text) => ({ ...base.args, text }))
      : reader.blankWords();
  const destination = words.at(-1);
  if (words.length < 2) {
    report(
      `${kind.toUpperCase()} needs at least one source and a destination`,
      `write ${kind.toUpperCase()} <source>… <destination>`,
    );
  } else if (parseHeredocWord(destination!.text)) {
    report(
      `${kind.toUpperCase()} cannot take a heredoc as its destination`,
      'put the heredoc first and the destination last',
      destination!.start,
    );
  }
  return { ...base, kind, sources: words.slice(0, -1), destination };
}

function parsePairs(kind: 'env' | 'label', reader: Reader, report: Report): Pair[] {
  const words = reader.quoted();
  const name = kind.toUpperCase();
  const first = words[0];
  if (!first) {
    report(`${name} needs at least one argument`, `write ${name} <name>=<value>`);
    return [];
  }
  if (!first.text.includes('=')) {
    const match = /^([^\t\v\f\r ]+)[\t\v\f\r ]+([^]*)$/.exec(reader.text);
    if (!match) {
      report(`${name} needs a name and a value`, `write ${name} ${first.text}=<value>`);
      return [];
    }
    return [{ name: match[1]!, value: match[2]! }];
  }
  return words.map((word) => {
    const equals = word.text.indexOf('=');
    if (equals < 0) {
      report(
        `"${word.text}" has no "="`,
        'write name=value, with quotes around a value that has blanks',
        word.start,
      );
    } else if (equals === 0) {
      report(`"${word.text}" has no name`, 'write name=value', word.start);
    }
    return pairOf(word);
  });
}

/** `name=value`, or a name alone. */
function pairOf({ text }: Word): Pair {
  const equals = text.indexOf('=');
  return equals < 0
    ? { name: text, value: undefined }
    : { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

function parseArg(reader: Reader, report: Report): Pair[] {
  const words = reader.quoted();
  if (words.length === 0) report('ARG needs a name', 'write ARG <name> or ARG <name>=<default>');
  return words.map((word) => {
    if (word.text.startsWith('=')) {
      report(`"${word.text}" has no name`, 'write ARG name=value', word.start);
    }
    return pairOf(word);
  });
}

function parseWords(kind: 'expose' | 'volume', reader: Reader, report: Report): string[] {
  const json = kind === 'volume' ? jsonForm(reader.text) : undefined;
  if (json?.kind === 'not strings') reportNotStrings(kind, report);
  const words =
    json?.kind === 'strings' ? [...json.values] : reader.blankWords().map((word) => word.text);
  if (words.length === 0) {
    report(`${kind.toUpperCase()} needs at least one argument`, 'add one or remove the line');
  }
  if (kind === 'volume' && words.some((word) => word.trim() === '')) {
    report('VOLUME cannot be empty', 'name a folder');
  }
  return words;
}

function parseShell(reader: Reader, report: Report): readonly string[] {
  const json = jsonForm(reader.text);
  if (json.kind === 'strings' && json.values.length > 0) return json.values;
  report(
    'SHELL takes a JSON array of strings',
    'write SHELL ["/bin/bash", "-c"], with double quotes',
  );
  return [];
}

function parseTrigger(reader: Reader, base: InstructionBase, report: Report): string {
  const text = reader.text;
  const trigger = /^\S*/.exec(text)![0].toLowerCase();
  if (trigger === '') report('ONBUILD needs an instruction', 'write ONBUILD RUN <command>');
  if (trigger === 'onbuild' || trigger === 'from' || trigger === 'maintainer') {
    report(`ONBUILD cannot trigger ${trigger.toUpperCase()}`, 'remove it');
  }
  if (!isKeyword(trigger) || trigger === 'onbuild') return trigger;
  // BuildKit parses the trigger's words now, but checks its flags and arguments when it fires.
  const { rest } = builderFlags(text, trigger.length, base.escape);
  const args = text.slice(rest);
  const list = /^(run|cmd|entrypoint|shell|copy|add|volume)$/.test(trigger);
  if (list && jsonForm(args).kind === 'not strings') reportNotStrings(trigger, report);
  if ((trigger === 'env' || trigger === 'label') && args !== '') {
    const inner: Problem[] = [];
    const logical = { text: args, at: Array.from({ length: args.length + 1 }, () => 0) };
    parsePairs(trigger, new Reader(logical, 0, args.length, base.escape), (message, advice) =>
      inner.push({ offset: 0, message, advice }),
    );
    for (const problem of inner) {
      if (!problem.message.endsWith('has no name')) report(problem.message, problem.advice);
    }
  }
  return trigger;
}
