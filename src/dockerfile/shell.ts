/**
 * The shell code of a RUN as a tree of simple questions: which commands, with which words, in what
 * surroundings. All offsets count from the first byte of the instruction's text.
 *
 * The builder drops comment and blank lines inside continuations before the shell sees them, so the
 * parser gets a mask of the text of the same length in which they are blanks: every offset stays
 * valid. Code that does not parse, or is not for a POSIX shell, is opaque: to be moved whole, never
 * edited inside.
 */
import {
  parse as parseShell,
  type AndOr,
  type ArrayValue,
  type Command,
  type CommandNode,
  type CompoundList,
  type ParsedScript,
  type PipelineNode,
  type Redirection as RedirectionNode,
  type Statement,
  type Word as WordNode,
  type WordPart,
} from 'unbash';
import { isSpace, parseHeredocWord } from './lexer.ts';
import type { Range, RunInstruction } from './model.ts';

export interface ShellWord extends Range {
  /** As written in the shell's source. */
  readonly text: string;
  /** Its value where that is known: no expansion, no glob, no continuation inside. */
  readonly literal: string | undefined;
  /** It has a variable, a command or an arithmetic expansion. */
  readonly expands: boolean;
}

/** What a command stands in, outermost first. */
export type Surrounding =
  | 'pipeline'
  | 'subshell'
  | 'group'
  | 'loop'
  | 'condition'
  | 'case'
  | 'function'
  | 'substitution'
  | 'negation'
  | 'background';

export interface Assignment extends Range {
  readonly name: string;
  readonly value: string | undefined;
}

export interface Redirection extends Range {
  readonly operator: string;
  readonly target: ShellWord | undefined;
}

/** `NAME=value program word … > file`: one command, wherever it stands. */
export interface SimpleCommand extends Range {
  /** The program first; empty where there are only assignments or redirections. */
  readonly words: readonly ShellWord[];
  readonly assignments: readonly Assignment[];
  readonly redirections: readonly Redirection[];
  readonly within: readonly Surrounding[];
  /** Index of the top-level chain that it is part of. */
  readonly chain: number;
  /** Index of the link of that chain. */
  readonly link: number;
  /** False where offsets into the text cannot be had (inside escaped backticks). */
  readonly editable: boolean;
}

/** One part of an and-or chain: a command, a pipeline or a compound. */
export interface Link extends Range {
  /** What joins it to the link before it; empty for the first. */
  readonly operator: '' | '&&' | '||';
  /** The command where the link is nothing but one. */
  readonly simple: SimpleCommand | undefined;
  readonly type: 'simple' | 'pipeline' | 'function' | 'compound';
}

/** An and-or chain at the top level: `a && b || c`. */
export interface Chain extends Range {
  readonly links: readonly Link[];
  readonly background: boolean;
}

/** Shell code that was understood. */
export interface Script extends Range {
  readonly kind: 'script';
  /** How the code is written: after RUN, as the body of a heredoc, or in an exec form of `sh -c`. */
  readonly form: 'shell' | 'heredoc' | 'exec';
  /** The program that reads it: `sh`, `bash` … */
  readonly shell: string;
  /** Options that the shell was started with, as letters and names: `e`, `pipefail`. */
  readonly options: ReadonlySet<string>;
  readonly chains: readonly Chain[];
  /** Every command, in order of their place in the text. */
  readonly commands: readonly SimpleCommand[];
  /** Shell code as it must be written into the instruction's text. */
  readonly encode: (code: string) => string;
}

/** Shell code that dfopt does not look into. */
export interface Opaque {
  readonly kind: 'opaque';
  readonly reason: string;
}

/** An exec form that starts a program without a shell. */
export interface Program {
  readonly kind: 'program';
  readonly argv: readonly string[];
}

export type RunBody = Script | Opaque | Program;

/** The shell that runs shell forms where no SHELL says otherwise. */
export const DEFAULT_SHELL: readonly string[] = ['/bin/sh', '-c'];

const POSIX_SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'busybox']);

const bodies = new WeakMap<RunInstruction, Map<string, RunBody>>();

/** What a RUN runs, given the shell in force before it. */
export function runBody(run: RunInstruction, shell: readonly string[] = DEFAULT_SHELL): RunBody {
  const key = shell.join('\0');
  let byShell = bodies.get(run);
  if (!byShell) bodies.set(run, (byShell = new Map<string, RunBody>()));
  let body = byShell.get(key);
  if (!body) byShell.set(key, (body = readBody(run, shell)));
  return body;
}

function readBody(run: RunInstruction, shell: readonly string[]): RunBody {
  if (run.command.form === 'exec') return execBody(run, run.command.exec);
  const flavour = shellFlavour(shell);
  if (!flavour) return opaque(`the shell is ${shell[0] ?? 'unknown'}`);
  const heredoc = run.heredocs[0];
  if (heredoc && run.heredocs.length === 1 && parseHeredocWord(run.argsText)) {
    const { start, end } = heredoc.body;
    const code = run.text.slice(start, end);
    const shebang = /^#![ \t]*(\S+)[ \t]*(.*)/.exec(code);
    const interpreter = shebang
      ? shellFlavour([shebang[1]!, ...shebang[2]!.trim().split(/\s+/)])
      : flavour;
    if (!interpreter) return opaque(`the script is for ${shebang![1]!}`);
    return parseCode(code, 'heredoc', interpreter, (offset) => start + offset, (text) => text);
  }
  if (commentInsideWord(run)) return opaque('a comment line stands inside a word');
  const { start } = run.args;
  const end = run.heredocs.length > 0 ? run.text.length : run.args.end;
  const code = maskOf(run).slice(start, end);
  return parseCode(code, 'shell', flavour, (offset) => start + offset, (text) => text);
}

function opaque(reason: string): Opaque {
  return { kind: 'opaque', reason };
}

interface Flavour {
  readonly shell: string;
  readonly options: ReadonlySet<string>;
}

/** The shell and its options, or `undefined` where it is no POSIX shell. */
function shellFlavour(argv: readonly string[]): Flavour | undefined {
  const words = argv.filter((word) => word !== '');
  let index = 0;
  let name = baseName(words[index] ?? '');
  if (name === 'env') name = baseName(words[++index] ?? '');
  if (!POSIX_SHELLS.has(name)) return undefined;
  const options = new Set<string>();
  for (index++; index < words.length; index++) {
    const word = words[index]!;
    if (word === '-o') options.add(words[++index] ?? '');
    else if (/^-[a-z]+$/i.test(word)) {
      for (const letter of word.slice(1)) options.add(letter);
      if (word.endsWith('o')) options.add(words[++index] ?? '');
    }
  }
  return { shell: name, options };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function execBody(run: RunInstruction, argv: readonly string[]): RunBody {
  const flag = argv.findIndex((word, index) => index > 0 && /^-[a-z]*c$/.test(word));
  const flavour = flag > 0 ? shellFlavour(argv.slice(0, flag + 1)) : undefined;
  const code = argv[flag + 1];
  if (!flavour || code === undefined) return { kind: 'program', argv };
  const map = jsonOffsets(run, flag + 1);
  if (!map) return opaque('the script in the JSON array cannot be located');
  return parseCode(
    code,
    'exec',
    flavour,
    (offset) => map[offset] ?? map[map.length - 1]!,
    (text) => JSON.stringify(text).slice(1, -1),
  );
}

/** For each character of the n-th JSON string, its offset in the text; one more for the end. */
function jsonOffsets(run: RunInstruction, nth: number): number[] | undefined {
  const { text, at } = run.logical;
  const string = /"(?:[^"\\]|\\.)*"/g;
  string.lastIndex = at.indexOf(run.args.start);
  let match: RegExpExecArray | null = null;
  for (let index = 0; index <= nth; index++) match = string.exec(text);
  if (!match) return undefined;
  const offsets: number[] = [];
  let index = match.index + 1;
  const end = match.index + match[0].length - 1;
  while (index < end) {
    offsets.push(at[index]!);
    index += text[index] === '\\' ? (text[index + 1] === 'u' ? 6 : 2) : 1;
  }
  offsets.push(at[end]!);
  return offsets;
}

/** The text with dropped lines blanked and continuations as the shell's own; same length. */
function maskOf(run: RunInstruction): string {
  let mask = '';
  let from = 0;
  const pieces = [
    ...run.dropped.map((range) => ({ ...range, continuation: false })),
    ...run.continuations.map((range) => ({ ...range, continuation: true })),
  ].sort((a, b) => a.start - b.start);
  for (const { start, end, continuation } of pieces) {
    mask += run.text.slice(from, start);
    const length = end - start;
    mask +=
      continuation && length > 1 ? `\\\n${' '.repeat(length - 2)}` : ' '.repeat(length);
    from = end;
  }
  return mask + run.text.slice(from);
}

/** `foo\`, a comment line, `bar`: the builder joins `foobar`, the mask would have two words. */
function commentInsideWord(run: RunInstruction): boolean {
  return run.dropped.some(({ start, end }) => {
    const continuation = run.continuations.findLast((range) => range.end <= start);
    const before = continuation ? run.text[continuation.start - 1] : undefined;
    const after = run.text[end];
    return (
      before !== undefined && after !== undefined && !isBoundary(before) && !isBoundary(after)
    );
  });
}

function isBoundary(char: string): boolean {
  return isSpace(char) || '&|;#'.includes(char);
}

function parseCode(
  code: string,
  form: Script['form'],
  flavour: Flavour,
  at: (offset: number) => number,
  encode: (code: string) => string,
): RunBody {
  let tree: ParsedScript;
  try {
    tree = parseShell(code);
  } catch {
    return opaque('the shell code does not parse');
  }
  const collector = new Collector(code, at);
  const chains = collector.chains(tree);
  if (collector.problem) return opaque(collector.problem);
  return {
    kind: 'script',
    form,
    shell: flavour.shell,
    options: flavour.options,
    chains,
    commands: collector.commands.sort((a, b) => a.start - b.start),
    encode,
    start: at(0),
    end: at(code.length),
  };
}

/** Walks the shell parser's tree once and keeps what passes ask for. */
class Collector {
  readonly commands: SimpleCommand[] = [];
  problem: string | undefined;
  private chainIndex = 0;
  private linkIndex = 0;
  private editable = true;
  private readonly code: string;
  private readonly at: (offset: number) => number;

  constructor(code: string, at: (offset: number) => number) {
    this.code = code;
    this.at = at;
  }

  chains(tree: ParsedScript): Chain[] {
    this.checkErrors(tree);
    return tree.commands.map((statement, index) => {
      this.chainIndex = index;
      return this.chain(statement);
    });
  }

  private checkErrors(tree: ParsedScript): void {
    if (tree.errors && tree.errors.length > 0) {
      this.problem ??= `the shell code does not parse: ${tree.errors[0]!.message}`;
    }
  }

  private range(node: Range | { pos: number; end: number }): Range {
    const start = 'pos' in node ? node.pos : node.start;
    return {
      start: this.at(start),
      end: node.end > start ? this.at(node.end - 1) + 1 : this.at(start),
    };
  }

  private chain(statement: Statement): Chain {
    const background = statement.background === true;
    const within: Surrounding[] = background ? ['background'] : [];
    const { command } = statement;
    const nodes: readonly PipelineNode[] = command.type === 'AndOr' ? command.commands : [command];
    const links = nodes.map((node, index): Link => {
      this.linkIndex = index;
      const simple = this.visit(node, within);
      return {
        ...this.range(node),
        operator: index === 0 ? '' : (command as AndOr).operators[index - 1]!,
        simple,
        type:
          node.type === 'Command'
            ? 'simple'
            : node.type === 'Pipeline'
              ? 'pipeline'
              : node.type === 'Function'
                ? 'function'
                : 'compound',
      };
    });
    return { start: links[0]!.start, end: links.at(-1)!.end, links, background };
  }

  private statement(statement: Statement, within: readonly Surrounding[]): void {
    const inner: readonly Surrounding[] = statement.background
      ? [...within, 'background']
      : within;
    if (statement.command.type === 'AndOr') {
      // A command after the first link runs only if those before it said so.
      for (const node of statement.command.commands) this.visit(node, inner);
    } else {
      this.visit(statement.command, inner);
    }
  }

  private list(list: CompoundList, within: readonly Surrounding[]): void {
    for (const statement of list.commands) this.statement(statement, within);
  }

  private visit(node: PipelineNode, within: readonly Surrounding[]): SimpleCommand | undefined {
    if (node.type === 'Command') return this.command(node, within);
    if (node.type === 'Pipeline') {
      const negated = node.prefixes.some((prefix) => prefix.type === 'Negation');
      const piped = node.commands.length > 1;
      const inner: Surrounding[] = [
        ...within,
        ...(negated ? (['negation'] as const) : []),
        ...(piped ? (['pipeline'] as const) : []),
      ];
      for (const command of node.commands) this.visit(command, inner);
      return undefined;
    }
    this.compound(node, within);
    return undefined;
  }

  private compound(
    node: Exclude<CommandNode, Command>,
    within: readonly Surrounding[],
  ): void {
    switch (node.type) {
      case 'Redirected':
        this.visit(node.command, within);
        for (const redirect of node.redirects) this.redirection(redirect, within);
        return;
      case 'Subshell':
        return this.list(node.body, [...within, 'subshell']);
      case 'BraceGroup':
        return this.list(node.body, [...within, 'group']);
      case 'If':
        this.list(node.clause, [...within, 'condition']);
        this.list(node.then, [...within, 'condition']);
        for (const elif of node.elif) {
          this.list(elif.clause, [...within, 'condition']);
          this.list(elif.then, [...within, 'condition']);
        }
        if (node.else) this.list(node.else, [...within, 'condition']);
        return;
      case 'For':
      case 'Select':
        for (const word of node.wordlist ?? []) this.word(word, within);
        return this.list(node.body, [...within, 'loop']);
      case 'ArithmeticFor':
        return this.list(node.body, [...within, 'loop']);
      case 'While':
        this.list(node.clause, [...within, 'loop']);
        return this.list(node.body, [...within, 'loop']);
      case 'Case':
        this.word(node.word, within);
        for (const item of node.items) this.list(item.body, [...within, 'case']);
        return;
      case 'Function':
        if (node.body.type === 'CompoundList') {
          this.problem ??= 'a function has no body';
        } else {
          this.compound(node.body, [...within, 'function']);
        }
        return;
      case 'Coproc':
        this.problem ??= 'it uses a coprocess';
        return;
      case 'TestCommand':
      case 'ArithmeticCommand':
        return;
    }
  }

  private command(node: Command, within: readonly Surrounding[]): SimpleCommand {
    const words: ShellWord[] = [];
    const assignments: Assignment[] = [];
    const redirections: Redirection[] = [];
    const index = this.commands.length;
    // Keeps its place before the commands of its own substitutions.
    this.commands.push(undefined as unknown as SimpleCommand);
    for (const part of node.prefix) {
      if (part.type === 'Assignment') {
        const value = this.value(part.value, within);
        assignments.push({ ...this.range(part), name: part.name, value });
      } else {
        redirections.push(this.redirection(part, within));
      }
    }
    if (node.name) words.push(this.word(node.name, within));
    for (const part of node.suffix) {
      if (part.type === 'Word') words.push(this.word(part, within));
      else if (part.type === 'Assignment') {
        this.value(part.value, within);
        // `env A=b`, `make CC=gcc`, `export A=b`: an argument like any other.
        const literal = /["'$`\\\n*?[{]/.test(part.text) ? undefined : part.text;
        const expands = /[$`]/.test(part.text);
        words.push({ ...this.range(part), text: part.text, literal, expands });
      } else {
        redirections.push(this.redirection(part, within));
      }
    }
    const command: SimpleCommand = {
      ...this.range(node),
      words,
      assignments,
      redirections,
      within,
      chain: this.chainIndex,
      link: this.linkIndex,
      editable: this.editable,
    };
    this.commands[index] = command;
    return command;
  }

  private value(
    value: WordNode | ArrayValue,
    within: readonly Surrounding[],
  ): string | undefined {
    if (value.type === 'ArrayValue') {
      for (const element of value.elements) this.word(element, within);
      return undefined;
    }
    return this.word(value, within).literal;
  }

  private redirection(node: RedirectionNode, within: readonly Surrounding[]): Redirection {
    if (node.type === 'HereDoc') {
      if (!node.closing) this.problem ??= 'a heredoc has no end';
      for (const part of node.body.parts ?? []) this.part(part, within);
      const end = node.delimiter?.end ?? node.end;
      const range = this.range({ pos: node.pos, end });
      return { ...range, operator: node.operator, target: undefined };
    }
    const target = node.target ? this.word(node.target, within) : undefined;
    return { ...this.range(node), operator: node.operator, target };
  }

  private word(node: WordNode, within: readonly Surrounding[]): ShellWord {
    let known = !node.text.includes('\n');
    let expands = false;
    for (const part of node.parts ?? []) {
      const kind = this.part(part, within);
      if (kind !== 'literal') known = false;
      if (kind === 'expansion') expands = true;
    }
    // `gcc\` at a line's end: the continuation is not part of the word.
    const text = node.text.replace(/(\\\n *)+$/, '');
    if (text.length < node.text.length && !text.includes('\n')) known = node.parts === undefined;
    return {
      ...this.range({ pos: node.pos, end: node.pos + text.length }),
      text,
      literal: known ? node.value : undefined,
      expands,
    };
  }

  /** Visits the commands inside a word's part and says what the part does to its value. */
  private part(part: WordPart, within: readonly Surrounding[]): 'literal' | 'glob' | 'expansion' {
    switch (part.type) {
      case 'Literal':
      case 'SingleQuoted':
      case 'AnsiCQuoted':
        return 'literal';
      case 'DoubleQuoted':
      case 'LocaleString': {
        const kinds = part.parts.map((child) => this.part(child, within));
        return kinds.includes('expansion') ? 'expansion' : 'literal';
      }
      case 'CommandExpansion':
      case 'ProcessSubstitution':
        if (part.script) this.nested(part.script, within);
        else this.problem ??= 'a command substitution does not parse';
        return 'expansion';
      case 'Glob':
      case 'ExtendedGlob':
      case 'BraceExpansion':
        return 'glob';
      case 'SimpleExpansion':
      case 'ArithmeticExpansion':
        return 'expansion';
      case 'ParameterExpansion': {
        const { operation } = part;
        if (operation && 'operand' in operation && operation.operand) {
          this.word(operation.operand, within);
        }
        return 'expansion';
      }
    }
  }

  private nested(script: ParsedScript, within: readonly Surrounding[]): void {
    this.checkErrors(script);
    const editable = this.editable;
    // Offsets inside escaped backticks index a text of their own.
    if (script.source !== undefined && script.source !== this.code) this.editable = false;
    for (const statement of script.commands) {
      this.statement(statement, [...within, 'substitution']);
    }
    this.editable = editable;
  }
}
