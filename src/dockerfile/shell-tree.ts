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
import { piecesOf } from './shell-words.ts';
import type {
  Assignment,
  Redirection,
  ShellList,
  ShellNode,
  ShellWord,
  SimpleCommand,
  Surrounding,
  WordPiece,
} from './shell-nodes.ts';

export type { Redirection, ShellWord, SimpleCommand } from './shell-nodes.ts';

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
  /** The whole code, once `chains` has walked it. */
  body: ShellList = [];
  problem: string | undefined;
  private chainIndex = 0;
  private linkIndex = 0;
  private editable = true;
  /** Substitutions of the words read last, for the command that they belong to. */
  private substitutions: ShellList[] = [];
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
    const body: ShellNode[] = [];
    const chains = tree.commands.map((statement, index) => {
      this.chainIndex = index;
      const { chain, node } = this.chain(statement);
      body.push(node);
      return chain;
    });
    this.body = body;
    return chains;
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

  private chain(statement: Statement): { readonly chain: Chain; readonly node: ShellNode } {
    const background = statement.background === true;
    const within: Surrounding[] = background ? ['background'] : [];
    const { command } = statement;
    const nodes: readonly PipelineNode[] = command.type === 'AndOr' ? command.commands : [command];
    const parts: ShellNode[] = [];
    const links = nodes.map((node, index): Link => {
      this.linkIndex = index;
      const part = this.visit(node, within);
      parts.push(part);
      const simple = part.type === 'command' ? part.command : undefined;
      const { start, end } = this.range(node);
      return {
        start,
        end,
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
    return {
      chain: { start: links[0]!.start, end: links.at(-1)!.end, links, background },
      node: statementNode(statement, parts),
    };
  }

  private statement(statement: Statement, within: readonly Surrounding[]): ShellNode {
    const inner: readonly Surrounding[] = statement.background ? [...within, 'background'] : within;
    const { command } = statement;
    const nodes: readonly PipelineNode[] = command.type === 'AndOr' ? command.commands : [command];
    return statementNode(
      statement,
      nodes.map((node) => this.visit(node, inner)),
    );
  }

  private list(list: CompoundList, within: readonly Surrounding[]): ShellList {
    return list.commands.map((statement) => this.statement(statement, within));
  }

  private visit(node: PipelineNode, within: readonly Surrounding[]): ShellNode {
    if (node.type === 'Command') {
      return { type: 'command', command: this.command(node, within) };
    }
    if (node.type === 'Pipeline') {
      const negated = node.prefixes.some((prefix) => prefix.type === 'Negation');
      const piped = node.commands.length > 1;
      const inner: Surrounding[] = [
        ...within,
        ...(negated ? (['negation'] as const) : []),
        ...(piped ? (['pipeline'] as const) : []),
      ];
      const commands = node.commands.map((command) => this.visit(command, inner));
      return { type: 'pipeline', commands, negated };
    }
    const outer = this.substitutions;
    this.substitutions = [];
    const compound = this.compound(node, within);
    const substitutions = this.substitutions;
    this.substitutions = outer;
    return substitutions.length === 0
      ? compound
      : { type: 'redirected', node: compound, redirections: [], substitutions };
  }

  private compound(node: Exclude<CommandNode, Command>, within: readonly Surrounding[]): ShellNode {
    switch (node.type) {
      case 'Redirected': {
        const inner = this.visit(node.command, within);
        const redirections = node.redirects.map((each) => this.redirection(each, within));
        return { type: 'redirected', node: inner, redirections, substitutions: [] };
      }
      case 'Subshell':
        return { type: 'subshell', body: this.list(node.body, [...within, 'subshell']) };
      case 'BraceGroup':
        return { type: 'group', body: this.list(node.body, [...within, 'group']) };
      case 'If': {
        const inner: readonly Surrounding[] = [...within, 'condition'];
        const branches = [node, ...node.elif].map((each) => ({
          condition: this.list(each.clause, inner),
          body: this.list(each.then, inner),
        }));
        const otherwise = node.else ? this.list(node.else, inner) : [];
        return { type: 'if', branches, otherwise };
      }
      case 'For':
      case 'Select': {
        const words = (node.wordlist ?? []).map((word) => this.word(word, within));
        const body = this.list(node.body, [...within, 'loop']);
        const isFor = node.type === 'For' && node.wordlist !== undefined;
        const variable = node.name.value;
        return { type: 'loop', condition: [], variable, words: isFor ? words : undefined, body };
      }
      case 'ArithmeticFor': {
        const body = this.list(node.body, [...within, 'loop']);
        return { type: 'loop', condition: [], variable: undefined, words: undefined, body };
      }
      case 'While': {
        const condition = this.list(node.clause, [...within, 'loop']);
        const body = this.list(node.body, [...within, 'loop']);
        return { type: 'loop', condition, variable: undefined, words: undefined, body };
      }
      case 'Case':
        this.word(node.word, within);
        return {
          type: 'case',
          branches: node.items.map((item) => this.list(item.body, [...within, 'case'])),
        };
      case 'Function':
        if (node.body.type === 'CompoundList') {
          this.problem ??= 'a function has no body';
          return { type: 'test' };
        }
        return {
          type: 'function',
          name: node.name.value,
          body: [this.visit(node.body, [...within, 'function'])],
        };
      case 'Coproc':
        this.problem ??= 'it uses a coprocess';
        return { type: 'test' };
      case 'TestCommand':
      case 'ArithmeticCommand':
        return { type: 'test' };
    }
  }

  private command(node: Command, within: readonly Surrounding[]): SimpleCommand {
    const words: ShellWord[] = [];
    const assignments: Assignment[] = [];
    const redirections: Redirection[] = [];
    const index = this.commands.length;
    const outer = this.substitutions;
    this.substitutions = [];
    // Keeps its place before the commands of its own substitutions.
    this.commands.push(undefined as unknown as SimpleCommand);
    for (const part of node.prefix) {
      if (part.type === 'Assignment') {
        const value = this.value(part.value, within);
        const { start, end } = this.range(part);
        assignments.push({
          start,
          end,
          name: part.name,
          value: value?.literal,
          pieces: part.index ? undefined : value?.pieces,
          appends: part.append === true,
        });
      } else {
        redirections.push(this.redirection(part, within));
      }
    }
    if (node.name) words.push(this.word(node.name, within));
    for (const part of node.suffix) {
      if (part.type === 'Word') words.push(this.word(part, within));
      else if (part.type === 'Assignment') {
        const value = this.value(part.value, within);
        // `env A=b`, `make CC=gcc`, `export A=b`: an argument like any other.
        const literal = /["'$`\\\n*?[{]/.test(part.text) ? undefined : part.text;
        const expands = /[$`]/.test(part.text);
        const name = part.text.slice(0, part.value.pos - part.pos);
        const pieces: readonly WordPiece[] = value
          ? [{ kind: 'text', text: name, quoted: true }, ...value.pieces]
          : [{ kind: 'other', text: part.text, quoted: false }];
        const { start, end } = this.range(part);
        words.push({ start, end, text: part.text, literal, expands, pieces });
      } else {
        redirections.push(this.redirection(part, within));
      }
    }
    const { start, end } = this.range(node);
    const command: SimpleCommand = {
      start,
      end,
      words,
      assignments,
      redirections,
      within,
      substitutions: this.substitutions,
      chain: this.chainIndex,
      link: this.linkIndex,
      editable: this.editable,
    };
    this.substitutions = outer;
    this.commands[index] = command;
    return command;
  }

  private value(
    value: WordNode | ArrayValue,
    within: readonly Surrounding[],
  ): ShellWord | undefined {
    if (value.type === 'ArrayValue') {
      for (const element of value.elements) this.word(element, within);
      return undefined;
    }
    return this.word(value, within);
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
    const { start, end } = this.range({ pos: node.pos, end: node.pos + text.length });
    return {
      start,
      end,
      text,
      literal: known ? node.value : undefined,
      expands,
      pieces: piecesOf(node),
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
    const outer = this.substitutions;
    this.substitutions = [];
    const list = script.commands.map((each) => this.statement(each, [...within, 'substitution']));
    this.substitutions = [...outer, list];
    this.editable = editable;
  }
}

/** The parts of an and-or list joined again; a single one stands for itself. */
function statementNode(statement: Statement, parts: readonly ShellNode[]): ShellNode {
  const { command } = statement;
  const node: ShellNode =
    command.type === 'AndOr'
      ? {
          type: 'and-or',
          parts: parts.map((part, index) => ({
            operator: index === 0 ? '' : command.operators[index - 1]!,
            node: part,
          })),
        }
      : parts[0]!;
  return statement.background === true ? { type: 'background', node } : node;
}
