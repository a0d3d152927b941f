/**
 * Runs shell code in mind: command by command, with the folder and the variables that each sees, and
 * how sure it is that it runs. A `cd` that runs is taken to succeed.
 */
import type {
  Redirection,
  Script,
  ShellList,
  ShellNode,
  ShellWord,
  SimpleCommand,
} from '../dockerfile/shell.ts';
import type { Facts } from '../facts/types.ts';
import { builtinOf } from './builtins.ts';
import { placesOfArgument } from './command-rows.ts';
import {
  callEffects,
  isQuestion,
  NOTHING,
  together,
  type Outcome,
  type Words,
} from './command-effects.ts';
import type { Certainty, CommandEffects, Leak, LeakKind } from './effect-types.ts';
import { programName, wrapperLength } from './packages.ts';
import type { Place } from './places.ts';
import { expandWord, joinedText, type Argument, type ShellValues } from './shell-expansion.ts';
import {
  eitherShell,
  readVariable,
  shellStateOf,
  type Outside,
  withShellVariable,
  type ShellState,
} from './shell-state.ts';
import { plainText, textOf, unknownReading, type Reading } from './values.ts';

/** How deep functions may call one another before nobody looks further. */
const MOST_CALLS = 8;

/** How many turns of a loop over known words are looked at one by one. */
const MOST_TURNS = 24;

/** Where code stands: how sure it is to run, and whether its shell goes on behind it. */
interface Where {
  readonly certainty: Certainty;
  readonly isIsolated: boolean;
}

/** One RUN. A class, because what is found grows while the code is walked. */
export class ShellRun {
  readonly leaks: Leak[] = [];
  private readonly found = new Map<SimpleCommand | object, CommandEffects>();
  private readonly facts: Facts;
  private readonly shellName: string;
  private shell!: ShellState;
  private calls = 0;

  constructor(facts: Facts, shellName: string) {
    this.facts = facts;
    this.shellName = shellName;
  }

  commands(): readonly CommandEffects[] {
    return [...this.found.values()];
  }

  script(script: Script, outside: Outside): void {
    this.shell = shellStateOf(outside, script.options);
    this.list(script.body, { certainty: 'succeeds', isIsolated: false });
  }

  /** An exec form without a shell. */
  program(argv: readonly string[], outside: Outside): void {
    this.shell = shellStateOf(outside, new Set());
    const args = argv.map((word): Argument => ({
      text: textOf(word),
      isOpen: false,
      isPattern: false,
    }));
    const words: Words = { args, raw: [], command: undefined };
    const outcome = callEffects(words, this.surroundings(), this.facts);
    this.record({}, undefined, argv[0], outcome, { certainty: 'succeeds', isIsolated: false });
  }

  private list(list: ShellList, where: Where): void {
    for (const [index, node] of list.entries()) {
      const isLast = index === list.length - 1;
      this.node(node, { ...where, certainty: this.certaintyIn(where.certainty, isLast) });
    }
  }

  /** A failing command in the middle of a list ends it only under `set -e`. */
  private certaintyIn(certainty: Certainty, isLast: boolean): Certainty {
    if (this.shell.hasEnded !== false) return 'may run';
    if (certainty !== 'succeeds') return certainty;
    return isLast || this.shell.isStrict === true ? 'succeeds' : 'runs';
  }

  private node(node: ShellNode, where: Where): void {
    switch (node.type) {
      case 'command':
        return this.command(node.command, where);
      case 'and-or':
        return this.andOr(node, where);
      case 'pipeline':
        return this.pipeline(node, where);
      case 'subshell':
        return this.isolated(() => this.list(node.body, { ...where, isIsolated: true }));
      case 'group':
        return this.list(node.body, where);
      case 'if':
        return this.branches(node, where);
      case 'loop':
        return this.loop(node, where);
      case 'case': {
        const may: Where = { ...where, certainty: 'may run' };
        const bodies = node.branches.map((body) => () => this.list(body, may));
        return this.either([...bodies, () => undefined]);
      }
      case 'function': {
        const functions = new Map(this.shell.functions).set(node.name, node.body);
        this.shell = { ...this.shell, functions };
        return this.leak('function', `${node.name}()`, where);
      }
      case 'redirected': {
        for (const each of node.substitutions) this.substitution(each, where);
        const { reads, writes } = this.redirected(node.redirections);
        if (reads.length + writes.length > 0) {
          this.record(node, undefined, undefined, { ...NOTHING, reads, writes }, where);
        }
        return this.node(node.node, where);
      }
      case 'background':
        this.leak('background', '&', { ...where, isIsolated: false });
        return this.isolated(() =>
          this.node(node.node, { certainty: 'may run', isIsolated: true }),
        );
      case 'test':
        return undefined;
    }
  }

  /** Runs something in a shell of its own: what it changes there is gone afterwards. */
  private isolated(run: () => void): void {
    const before = this.shell;
    run();
    this.shell = before;
  }

  /** One of these happens. */
  private either(ways: readonly (() => void)[]): void {
    const before = this.shell;
    const after = ways.map((way) => {
      this.shell = before;
      way();
      return this.shell;
    });
    this.shell = after.reduce(eitherShell);
  }

  private andOr(node: Extract<ShellNode, { type: 'and-or' }>, where: Where): void {
    const { parts } = node;
    // `a || exit 1`: behind it, `a` has succeeded.
    const failing = parts.map(
      ({ operator, node: part }) => operator === '||' && endsInFailure(part),
    );
    const alternatives = parts.map(({ operator }, index) => operator === '||' && !failing[index]);
    const lastAlternative = alternatives.lastIndexOf(true);
    let isAsked = false;
    let before = this.shell;
    for (const [index, part] of parts.entries()) {
      if (part.operator === '||') {
        // It runs where the one before failed, which may have changed the shell or not.
        const after = this.shell;
        this.shell = eitherShell(before, after);
        this.node(part.node, { ...where, certainty: 'may run' });
        this.shell = failing[index] ? after : eitherShell(after, this.shell);
        isAsked = false;
        continue;
      }
      const certainty = this.certaintyInChain(where.certainty, index, lastAlternative, isAsked);
      before = this.shell;
      this.node(part.node, { ...where, certainty });
      // Without `set -e` the RUN goes on where a list has ended half way.
      if (certainty !== 'succeeds' && index > 0) this.shell = eitherShell(before, this.shell);
      // In `[ -f x ] && cd y`, failure is an answer and not a mishap.
      isAsked ||= certainty !== 'succeeds' && this.isQuestion(part.node);
    }
  }

  /** Whether the exit status of this is an answer: `[ -f x ]`, `grep -q y z`. */
  private isQuestion(node: ShellNode): boolean {
    if (node.type === 'test') return true;
    if (node.type === 'pipeline') {
      return node.negated || node.commands.some((each) => this.isQuestion(each));
    }
    if (node.type === 'redirected') return this.isQuestion(node.node);
    return node.type === 'command' && isQuestion(programName(node.command.words[0]), this.facts);
  }

  private certaintyInChain(
    certainty: Certainty,
    index: number,
    lastAlternative: number,
    isAsked: boolean,
  ): Certainty {
    if (this.shell.hasEnded !== false) return 'may run';
    if (certainty === 'succeeds' && index > lastAlternative) return 'succeeds';
    if (certainty === 'may run' || isAsked || (lastAlternative > 0 && index > 0)) return 'may run';
    return 'runs';
  }

  private pipeline(node: Extract<ShellNode, { type: 'pipeline' }>, where: Where): void {
    const { commands, negated } = node;
    const runs: Certainty = where.certainty === 'may run' ? 'may run' : 'runs';
    if (commands.length === 1) {
      return this.node(commands[0]!, { ...where, certainty: negated ? runs : where.certainty });
    }
    for (const [index, each] of commands.entries()) {
      const isLast = index === commands.length - 1 && !negated;
      const certainty = isLast ? where.certainty : runs;
      this.isolated(() => this.node(each, { certainty, isIsolated: true }));
    }
  }

  private branches(node: Extract<ShellNode, { type: 'if' }>, where: Where): void {
    const may: Where = { ...where, certainty: 'may run' };
    const runs: Certainty = where.certainty === 'may run' ? 'may run' : 'runs';
    const ends: ShellState[] = [];
    for (const [index, { condition, body }] of node.branches.entries()) {
      const before = this.shell;
      this.list(condition, { ...where, certainty: index === 0 ? runs : 'may run' });
      const failed = eitherShell(before, this.shell);
      this.list(body, may);
      ends.push(this.shell);
      this.shell = failed;
    }
    this.list(node.otherwise, may);
    this.shell = ends.reduce(eitherShell, this.shell);
  }

  private loop(node: Extract<ShellNode, { type: 'loop' }>, where: Where): void {
    const may: Where = { ...where, certainty: 'may run' };
    const { variable, words, condition, body } = node;
    this.list(condition, may);
    const values = words?.flatMap((word) => this.expand(word));
    const isKnown = values?.every(
      ({ text, isOpen, isPattern }) => !isOpen && !isPattern && plainText(text) !== undefined,
    );
    if (variable !== undefined) this.leak('variable', variable, where);
    if (variable !== undefined && values && isKnown && values.length <= MOST_TURNS) {
      const certainty: Certainty = where.certainty === 'may run' ? 'may run' : 'runs';
      for (const { text } of values) {
        this.shell = withShellVariable(this.shell, variable, { isSet: true, text });
        this.list(body, { ...where, certainty });
      }
      return;
    }
    if (variable !== undefined) {
      const reading: Reading = { isSet: true, text: [{ unknown: `$${variable}` }] };
      this.shell = withShellVariable(this.shell, variable, reading);
    }
    const before = this.shell;
    this.list(body, may);
    // The second turn sees what the first one left.
    const once = eitherShell(before, this.shell);
    if (once.folder !== before.folder || once.variables.size > before.variables.size) {
      this.shell = once;
      this.list(body, may);
    }
    this.shell = eitherShell(before, this.shell);
  }

  private substitution(list: ShellList, { certainty }: Where): void {
    const runs: Certainty = certainty === 'may run' ? 'may run' : 'runs';
    this.isolated(() => this.list(list, { certainty: runs, isIsolated: true }));
  }

  private command(command: SimpleCommand, where: Where): void {
    for (const each of command.substitutions) this.substitution(each, where);
    const io: Outcome = { ...NOTHING, ...this.redirected(command.redirections) };
    this.assignedInWords(command, where);
    if (command.words.length === 0) {
      this.assign(command, where);
      return this.record(command, command, undefined, io, where);
    }
    const start = isQuery(command.words) ? 0 : wrapperLength(command.words);
    const isExec = command.words[start]?.literal === 'exec' && command.words.length > start + 1;
    this.call(command, isExec ? start + 1 : start, io, where);
    if (!isExec) return;
    this.leak('end', 'exec', where);
    this.shell = { ...this.shell, hasEnded: true };
  }

  /** @param start how many words only start the program: `sudo -E` */
  private call(command: SimpleCommand, start: number, io: Outcome, where: Where): void {
    const raw = command.words.slice(start);
    const name = this.nameOf(raw[0]);
    const { folder } = this.shell;
    const body = start > 0 || name === undefined ? undefined : this.shell.functions.get(name);
    if (body) {
      this.record(command, command, name, io, where, folder);
      return this.callFunction(body, where);
    }
    const args = raw.map((word) => this.expand(word));
    const builtin =
      start > 0 || name === undefined
        ? undefined
        : builtinOf(name, args.flat(), command, this.shell, this.shellName);
    if (builtin) {
      this.shell = builtin.shell;
      for (const { kind, what } of builtin.leaks) this.leak(kind, what, where);
      return this.record(command, command, name, together(io, builtin.outcome), where, folder);
    }
    const words: Words = {
      args: args.flat(),
      raw: raw.flatMap((word, index) => args[index]!.map(() => word)),
      command: { ...command, words: raw },
    };
    const outcome = callEffects(words, this.surroundings(command), this.facts, (code, shell) =>
      this.inner(code, shell),
    );
    this.record(command, command, name, together(io, outcome), where, folder);
  }

  /** `${A:=b}` sets A. */
  private assignedInWords(command: SimpleCommand, where: Where): void {
    const { words, redirections, assignments } = command;
    const pieces = [
      ...words.flatMap((word) => word.pieces),
      ...redirections.flatMap(({ target }) => target?.pieces ?? []),
      ...assignments.flatMap((each) => each.pieces ?? []),
    ];
    for (const piece of pieces) {
      if (piece.kind !== 'variable' || !piece.operator.endsWith('=')) continue;
      this.leak('variable', piece.name, where);
      const before = readVariable(this.shell, piece.name);
      const text = joinedText([piece], this.values());
      if (before.isSet !== true) {
        this.shell = withShellVariable(this.shell, piece.name, { isSet: true, text });
      }
    }
  }

  private assign({ assignments }: SimpleCommand, where: Where): void {
    for (const { name, pieces, appends } of assignments) {
      const value = pieces ? joinedText(pieces, this.values()) : [{ unknown: `$${name}` }];
      const before = readVariable(this.shell, name);
      const text = appends ? textOf(before.text, value) : value;
      this.shell = withShellVariable(this.shell, name, { isSet: true, text });
      this.leak('variable', name, where);
    }
  }

  private callFunction(body: ShellList, where: Where): void {
    if (this.calls >= MOST_CALLS) return;
    this.calls++;
    this.list(body, where);
    this.calls--;
  }

  /** `sh -c code`: what all of its commands do, as one. */
  private inner(script: Script, shell: string): Outcome {
    const run = new ShellRun(this.facts, shell);
    run.shell = { ...this.shell, functions: new Map(), isStrict: script.options.has('e') };
    run.list(script.body, { certainty: 'runs', isIsolated: true });
    return run
      .commands()
      .map((each): Outcome =>
        each.certainty === 'may run'
          ? { ...each, deletes: [], writes: [...each.writes, ...each.deletes] }
          : each,
      )
      .reduce(together, NOTHING);
  }

  private values(): ShellValues {
    const { shell } = this;
    return {
      read: (name) => readVariable(shell, name),
      home: shell.home,
      hasBraces: this.shellName === 'bash',
    };
  }

  private expand(word: ShellWord): readonly Argument[] {
    return expandWord(word, this.values());
  }

  private nameOf(word: ShellWord | undefined): string | undefined {
    const known = programName(word);
    if (known !== undefined || !word) return known;
    const args = this.expand(word);
    const plain = args.length === 1 ? plainText(args[0]!.text) : undefined;
    return plain === undefined ? undefined : plain.slice(plain.lastIndexOf('/') + 1);
  }

  private surroundings(command?: SimpleCommand) {
    const { shell } = this;
    // `GOBIN=/x go install`: it sees what stands in front of it.
    const own = new Map(
      (command?.assignments ?? []).map(({ name, pieces }) => [
        name,
        pieces ? { isSet: true, text: joinedText(pieces, this.values()) } : unknownReading(name),
      ]),
    );
    return {
      folder: shell.folder,
      read: (name: string): Reading => own.get(name) ?? readVariable(shell, name),
      home: shell.home,
    };
  }

  private redirected(redirections: readonly Redirection[]): { reads: Place[]; writes: Place[] } {
    const reads: Place[] = [];
    const writes: Place[] = [];
    for (const { operator, target } of redirections) {
      if (!target || operator === '<<<') continue;
      // `2>&1`, `>&-`.
      if (operator.endsWith('&') && /^(\d+-?|-)$/.test(target.text)) continue;
      const text = joinedText(target.pieces, this.values());
      const argument: Argument = { text, isOpen: false, isPattern: false };
      const places = placesOfArgument(argument, this.shell.folder);
      if (operator.startsWith('<')) reads.push(...places);
      if (operator.includes('>')) writes.push(...places);
    }
    return { reads, writes };
  }

  private leak(kind: LeakKind, what: string, { certainty, isIsolated }: Where): void {
    if (!isIsolated) this.leaks.push({ kind, what, certainty });
  }

  private record(
    key: object,
    command: SimpleCommand | undefined,
    program: string | undefined,
    outcome: Outcome,
    { certainty }: Where,
    folder = this.shell.folder,
  ): void {
    const before = this.found.get(key);
    const effects: CommandEffects = { ...outcome, command, program, certainty, folder };
    this.found.set(key, before ? { ...effects, ...together(before, outcome) } : effects);
  }
}

/** `command -v x`, `env` alone: questions, no calls. */
function isQuery(words: readonly ShellWord[]): boolean {
  const [first, second] = words;
  return first?.literal === 'command' && /^-[vV]/.test(second?.text ?? '');
}

/** Whether a part of `||` ends the shell with a failure. */
function endsInFailure(node: ShellNode): boolean {
  if (node.type === 'group' || node.type === 'subshell') {
    const last = node.body.at(-1);
    return last !== undefined && endsInFailure(last);
  }
  if (node.type === 'and-or') return endsInFailure(node.parts.at(-1)!.node);
  if (node.type !== 'command') return false;
  const [program, status] = node.command.words;
  if (program?.literal === 'false') return true;
  return /^(exit|return)$/.test(program?.literal ?? '') && /^[1-9]\d*$/.test(status?.literal ?? '');
}
