/** The shell parser's tree, walked once, as what passes ask for: chains, commands, words. */
import type {
  AndOr,
  ArrayValue,
  Command,
  CommandNode,
  CompoundList,
  ParsedScript,
  PipelineNode,
  Redirection as RedirectionNode,
  Statement,
  Word as WordNode,
  WordPart,
} from 'unbash';
import type { Range } from './model.ts';

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

/** Walks the shell parser's tree once and keeps what passes ask for. */
export class Collector {
  readonly commands: SimpleCommand[] = [];
  problem: string | undefined;
  private chainIndex = 0;
  private linkIndex = 0;
  private editable = true;
  private readonly code: string;
  private readonly at: (offset: number) => number;
  private readonly endAt: (offset: number) => number;

  /** `at` and `endAt` turn where something begins and ends into offsets in the instruction. */
  constructor(code: string, at: (offset: number) => number, endAt: (offset: number) => number) {
    this.code = code;
    this.at = at;
    this.endAt = endAt;
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

  private range(node: { readonly pos: number; readonly end: number }): Range {
    const start = node.pos;
    const end = this.withoutContinuation(start, node.end);
    return {
      start: this.at(start),
      end: end > start ? this.endAt(end) : this.at(start),
    };
  }

  /** `gcc\` at a line's end: the parser takes the continuation for part of what it ends. */
  private withoutContinuation(start: number, end: number): number {
    let at = end;
    while (at > start && (this.code[at - 1] === ' ' || this.code[at - 1] === '\n')) at--;
    return at < end && this.code[at - 1] === '\\' && this.code[at] === '\n'
      ? this.withoutContinuation(start, at - 1)
      : end;
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
    const inner: readonly Surrounding[] = statement.background ? [...within, 'background'] : within;
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

  private compound(node: Exclude<CommandNode, Command>, within: readonly Surrounding[]): void {
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

  private value(value: WordNode | ArrayValue, within: readonly Surrounding[]): string | undefined {
    if (value.type === 'ArrayValue') {
      for (const element of value.elements) this.word(element, within);
      return undefined;
    }
    return this.word(value, within).literal;
  }

  private redirection(node: RedirectionNode, within: readonly Surrounding[]): Redirection {
    if (node.type === 'HereDoc') {
      if (!node.closing) this.problem ??= 'a heredoc has no end';
      // What the body holds is text first; commands in it are seen, never edited.
      const editable = this.editable;
      this.editable = false;
      for (const part of node.body.parts ?? []) this.part(part, within);
      this.editable = editable;
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
