/**
 * Which programs a piece of shell code calls: through wrappers such as `sudo` and `timeout`, through
 * `sh -c`, and into the scripts that lie in the image. What nobody can see is told as a doubt.
 */
import {
  ownScript,
  scriptOf,
  type RunBody,
  type Script,
  type ShellWord,
  type SimpleCommand,
} from '../dockerfile/shell.ts';
import type { ShellList } from '../dockerfile/shell-nodes.ts';
import type { CommandRow, Facts } from '../facts/types.ts';
import { entryAt, gapsOf, isWithin, textOf, type BuildContext } from './context.ts';
import { pathInside } from './go-paths.ts';
import { matchesAny } from './patterns.ts';
import { wrapperLength } from './packages.ts';
import { SHELL_COMMANDS } from './shell-commands.ts';
import { foldersIn, type VariableIn } from './shell-folders.ts';
import {
  argumentsAfter,
  changesArguments,
  functionsOf,
  isAllArguments,
  runsArguments,
} from './shell-arguments.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

/** A program that is started. */
export interface Call {
  /** As called, perhaps with a folder in front: `git`, `./run.sh`. */
  readonly program: string;
  /** Its arguments as far as they are literal, `undefined` for others. */
  readonly args: readonly (string | undefined)[];
  /** The folder in which it starts, without a slash in front. */
  readonly folder: string;
  /** The simple command that it is, or is part of, and what is left of its words. */
  readonly command: SimpleCommand;
  /** Whose code calls it, for a remark; empty for the code that was asked about: `scripts/run.sh`. */
  readonly by: string;
}

export interface Calls {
  readonly calls: readonly Call[];
  /** What may call more, a sentence each without a full stop: "nobody can see what x calls". */
  readonly doubts: readonly string[];
}

/** What code finds around it. */
export interface CallScope {
  /** By paths of the image. */
  readonly files: BuildContext | undefined;
  readonly facts: Facts;
  /**
   * Further code that a program runs, such as the scripts of a manifest that it names: the same for
   * the same question, as what was found is remembered.
   */
  readonly runs: (call: Call, scope: CallScope) => Started | undefined;
  /** Of the code that is asked about: where it is left out, a folder that a variable names is not followed. */
  readonly variable?: VariableIn;
}

/** Code that a program runs, or the words of a program that it starts. */
export interface Started {
  readonly scripts: readonly { readonly name: string; readonly text: string }[];
  /** How many of the call's arguments stand in front of a program that it starts. */
  readonly skips?: number;
  /** That program lies where the tool puts those of packages: no folder of the image's PATH has it. */
  readonly isOfPackage?: boolean;
}

const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh']);

/** Folders of the system whose programs are known by their names. */
const SYSTEM_BIN = /^\/(usr\/(local\/)?)?s?bin\//;

interface Known {
  readonly folder: string;
  readonly facts: Facts;
  readonly runs: CallScope['runs'];
  /** The code that was asked about goes to folders: then they hang on variables, too. */
  readonly isMoving: boolean;
  readonly calls: Calls;
}

// Each RUN is asked about by many. By what it finds around it first: that goes with the Dockerfile,
// while a short script may be in many.
const known = new RunMemory<object, WeakMap<Script, Known[]>>();

/** The calls of a script that starts in a folder of the image. */
export function callsIn(script: Script, folder: string, scope: CallScope): Calls {
  const { files, facts, runs, variable } = scope;
  let byScript = known.get(files ?? facts);
  if (!byScript) known.set(files ?? facts, (byScript = new WeakMap<Script, Known[]>()));
  let all = byScript.get(script);
  if (!all) byScript.set(script, (all = []));
  const asked = all.find(
    (each) =>
      each.folder === folder &&
      each.runs === runs &&
      each.facts === facts &&
      !(variable && each.isMoving),
  );
  if (asked) return asked.calls;
  const walk = new Walk(scope);
  walk.script(script, { folder, by: '', depth: 0, args: [] });
  const { isMoving } = walk;
  const calls = { calls: walk.calls, doubts: walk.doubts };
  if (!variable || !isMoving) all.push({ folder, facts, runs, isMoving, calls });
  return calls;
}

const UNREADABLE: Calls = { calls: [], doubts: ['its words are not understood'] };

const programs = new RunMemory<readonly string[], RunBody>();

/** The calls of an exec form. */
export function callsOfProgram(argv: readonly string[], folder: string, scope: CallScope): Calls {
  let script = programs.get(argv);
  if (!script) {
    const quoted = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    // Two RUNs may say the same, and each call stands somewhere.
    programs.set(argv, (script = ownScript(quoted)));
  }
  return script.kind === 'script' ? callsIn(script, folder, scope) : UNREADABLE;
}

/** The name alone of a program that is called by the path of a system folder. */
export function plainName(program: string): string {
  return program.startsWith('/') && SYSTEM_BIN.test(program)
    ? program.slice(program.lastIndexOf('/') + 1)
    : program;
}

interface Place {
  readonly folder: string;
  readonly by: string;
  readonly depth: number;
  /** What the script was started with; `undefined` where nobody can tell what of it is left. */
  readonly args: readonly ShellWord[] | undefined;
}

/** Scripts that call one another further than this are not followed. */
const DEEPEST = 12;

class Walk implements Calls {
  readonly calls: Call[] = [];
  readonly doubts: string[] = [];
  /** Whether variables were of any account. */
  isMoving = false;
  private readonly scope: CallScope;
  private readonly seen = new Set<string>();
  private functions: ReadonlyMap<string, ShellList> = new Map();

  constructor(scope: CallScope) {
    this.scope = scope;
  }

  script(script: Script, place: Place): void {
    const outer = this.functions;
    const own = functionsOf(script.body);
    if (own.length > 0) this.functions = new Map([...outer, ...own]);
    let { args } = place;
    const variable = place.by === '' ? this.scope.variable : undefined;
    const isMoving = script.commands.some(({ words }) => MOVES.test(words[0]?.literal ?? ''));
    if (isMoving && place.by === '') this.isMoving = true;
    const folders = isMoving ? foldersIn(script.body, place.folder, variable) : undefined;
    for (const command of script.commands) {
      if (command.words.length === 0) continue;
      const folder = folders?.get(command) ?? place.folder;
      if (changesArguments(command)) args = argumentsAfter(command, args);
      else this.words(command.words, command, { ...place, folder, args });
    }
    this.functions = outer;
  }

  private text(text: string, place: Place): void {
    if (place.depth >= DEEPEST) return this.doubt('scripts call one another', place);
    const script = scriptOf(text);
    if (script.kind === 'script') this.script(script, { ...place, depth: place.depth + 1 });
    else this.doubt(script.kind === 'opaque' ? script.reason : 'it is no shell code', place);
  }

  private doubt(why: string, { by }: Place): void {
    const text = by === '' ? why : `${by}: ${why}`;
    if (!this.doubts.includes(text)) this.doubts.push(text);
  }

  private words(all: readonly ShellWord[], command: SimpleCommand, place: Place): void {
    const length = wrapperLength(all);
    for (const word of length === 0 ? [] : all.slice(0, length)) {
      const name = word.literal;
      if (name !== undefined && /^[a-z]/.test(name) && !name.includes('=')) {
        this.note(name, [], command, place);
      }
    }
    const first = all[length];
    const args = all.slice(length + 1);
    if (!first) return;
    const name = first.literal;
    if (name === undefined) {
      if (isAllArguments(first)) return this.handedOver(args, command, place);
      return this.doubt(`"${first.text}" may be any program`, place);
    }
    const body = this.functions.get(name);
    if (body) return runsArguments(body) ? this.words(args, command, place) : undefined;
    if (name === '.' || name === 'source') return this.file(args[0], args, command, place, 'sh');
    if (name === 'exec' || name === 'builtin') return this.words(behind(args), command, place);
    if (name === 'eval') return this.evaluated(args, place);
    // What a signal starts: by its own words, where those are known.
    if (name === 'trap' && args.length > 1 && args[0]!.literal !== undefined) {
      const code = args[0]!.literal;
      if (code !== '' && code !== '-') this.text(code, place);
    }
    if (SHELL_COMMANDS.has(name)) return;
    const plain = plainName(name);
    const call = this.note(name, args, command, place);
    if (SHELLS.has(plain)) return this.shell(args, command, place);
    if (plain === 'su') return this.switched(args, place);
    if (plain === 'find') return this.found(args, command, place);
    if (plain === 'make' || plain === 'gmake') this.doubt('nobody can see what make calls', place);
    const row = this.rowOf(plain);
    if (row) return this.words(afterOptions(args, row), command, place);
    const started = this.scope.runs(call, this.scope);
    if (started) return this.started(started, args, command, place);
    // In its own folder, or by its place: a file of the image, which may be a script.
    if (name.includes('/') && !INTERPRETER.test(name)) this.file(first, args, command, place);
  }

  /** `"$@"`: the program that a script was started with. */
  private handedOver(rest: readonly ShellWord[], command: SimpleCommand, place: Place): void {
    // Those of a function come with its calls.
    if (command.within.includes('function')) return;
    const { args } = place;
    if (!args) return this.doubt('what is left of its arguments may be any program', place);
    // None: the words of CMD behind an ENTRYPOINT, of which the caller knows.
    this.words([...args, ...rest], command, { ...place, args: [] });
  }

  private note(
    program: string,
    args: readonly ShellWord[],
    command: SimpleCommand,
    place: Place,
  ): Call {
    const call = callOf(program, args, command, place);
    this.calls.push(call);
    return call;
  }

  private rowOf(name: string): CommandRow | undefined {
    const { byName, rows } = wrappersIn(this.scope.facts);
    if (!byName.has(name)) {
      if (byName.size >= MOST_NAMES) byName.clear();
      byName.set(
        name,
        rows.find((row) => matchesAny(row.programs, name)),
      );
    }
    return byName.get(name);
  }

  private started(
    { scripts, skips, isOfPackage }: Started,
    args: readonly ShellWord[],
    command: SimpleCommand,
    place: Place,
  ): void {
    for (const { name, text } of scripts) {
      if (this.seen.has(name)) continue;
      this.seen.add(name);
      this.text(text, { ...place, by: name, args: [] });
    }
    if (skips === undefined) return;
    const rest = args.slice(skips);
    const inner = rest[0]?.literal;
    // Programs of packages are no business of the base; what they start is.
    if (isOfPackage && inner !== undefined && !SHELLS.has(inner) && !inner.includes('/')) {
      const words = rest.slice(1);
      const call = callOf(inner, words, command, place);
      const next = this.scope.runs(call, this.scope);
      if (next) this.started(next, words, command, place);
    } else this.words(rest, command, place);
  }

  private evaluated(args: readonly ShellWord[], place: Place): void {
    const texts = args.map(({ literal }) => literal);
    if (texts.includes(undefined)) return this.doubt('"eval" may run anything', place);
    this.text(texts.join(' '), place);
  }

  private shell(args: readonly ShellWord[], command: SimpleCommand, place: Place): void {
    const words = args.map(({ literal, text }) => literal ?? text);
    const at = words.findIndex((word) => !/^[-+]/.test(word));
    const options = words.slice(0, at < 0 ? words.length : at);
    if (options.some((option) => /^-[a-z]*s/.test(option))) {
      return this.doubt('a shell reads its commands from elsewhere', place);
    }
    if (options.some((option) => /^-[a-z]*o$/.test(option)) && at >= 0) {
      return this.shell(args.slice(at + 1), command, place);
    }
    const operand = at < 0 ? undefined : args[at];
    if (options.some((option) => /^-[a-z]*c/.test(option))) {
      if (operand?.literal === undefined) this.doubt('a shell is given code to run', place);
      // The first word behind the code is its name.
      else this.text(operand.literal, { ...place, args: args.slice(at + 2) });
    } else if (operand) this.file(operand, args.slice(at + 1), command, place, 'sh');
    else if (!options.includes('--version')) {
      const reads = command.within.includes('pipeline') || command.redirections.length > 0;
      if (reads) this.doubt('a shell reads its commands from elsewhere', place);
    }
  }

  private switched(args: readonly ShellWord[], place: Place): void {
    const at = args.findIndex(({ literal }) => literal === '-c' || literal === '--command');
    const code = at < 0 ? undefined : args[at + 1]?.literal;
    if (code !== undefined) this.text(code, { ...place, args: [] });
    else if (at >= 0) this.doubt('"su" is given code to run', place);
  }

  private found(args: readonly ShellWord[], command: SimpleCommand, place: Place): void {
    let from = 0;
    for (;;) {
      const at = args.findIndex(
        ({ text }, index) => index >= from && /^-(exec|execdir|ok|okdir)$/.test(text),
      );
      if (at < 0) return;
      const end = args.findIndex(
        ({ literal }, index) => index > at && (literal === ';' || literal === '+'),
      );
      this.words(args.slice(at + 1, end < 0 ? undefined : end), command, place);
      from = at + 1;
    }
  }

  /** A file of the image that is run; `reader` where it is handed to a program that reads it. */
  private file(
    word: ShellWord | undefined,
    args: readonly ShellWord[],
    command: SimpleCommand,
    place: Place,
    reader?: 'sh',
  ): void {
    if (!word) return;
    if (word.literal === undefined) return this.doubt(`"${word.text}" may be any file`, place);
    const { files } = this.scope;
    const path = pathInside(
      word.literal.startsWith('/') ? word.literal : `${place.folder}/${word.literal}`,
    );
    const given = args.flatMap((each) => (isAllArguments(each) ? (place.args ?? [each]) : [each]));
    const key = [path, ...given.map((each) => each.text)].join(' ');
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (!files) return this.doubt(`nothing is known of ${word.literal}`, place);
    const text = textOf(files, path);
    if (text.kind === 'text') {
      const [, program, argument] = /^#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(text.text) ?? [];
      const by = path.slice(path.lastIndexOf('/') + 1);
      const interpreter = program === undefined ? undefined : interpreterOf(program, argument);
      if (interpreter !== undefined && reader === undefined) {
        this.note(interpreter, [word, ...args], command, { ...place, by });
      }
      const isShell = reader !== undefined || interpreter === undefined || SHELLS.has(interpreter);
      const doubts = this.doubts.length;
      if (isShell) this.text(text.text, { ...place, by, args: given });
      if (this.doubts.length > doubts) this.behindDashes(given, command, place);
      return;
    }
    const entry = entryAt(files, path);
    const gap = gapsOf(files).some((each) => isWithin(path, each.path));
    // Of the base, or made by the build: whoever asks knows which.
    if (!entry && !gap) {
      if (reader !== undefined && !/^\/(etc|usr|lib)\//.test(word.literal)) {
        this.doubt(`nobody can see what ${word.literal} calls`, place);
      }
      return;
    }
    this.doubt(`nobody can see what ${word.literal} calls`, place);
    this.behindDashes(given, command, place);
  }

  /** `wait.sh db:5432 -- node x`: what stands there is a program, by all that is known. */
  private behindDashes(args: readonly ShellWord[], command: SimpleCommand, place: Place): void {
    const at = args.findIndex(({ literal }) => literal === '--');
    if (at >= 0) this.words(args.slice(at + 1), command, { ...place, args: [] });
  }
}

/** By its place in the base image: no script, whatever an install puts beside it. */
const INTERPRETER = /^\/(usr\/(local\/)?)?bin\/(python[\d.]*|node|ruby|php|perl|java)$/;

function callOf(
  program: string,
  args: readonly ShellWord[],
  command: SimpleCommand,
  { folder, by }: Place,
): Call {
  return { program, args: args.map(({ literal }) => literal), folder, command, by };
}

/** Commands of the shell behind which it stands in another folder, also by another's hand. */
const MOVES = /^(cd|pushd|popd|builtin|command|eval)$/;

/** `/usr/bin/env -S node --x` and `/bin/bash`: the program's name. */
function interpreterOf(program: string, argument: string | undefined): string {
  const name = program.slice(program.lastIndexOf('/') + 1);
  if (name !== 'env') return name;
  return argument === undefined || argument.startsWith('-') ? 'env' : argument;
}

function behind(args: readonly ShellWord[]): readonly ShellWord[] {
  const at = args.findIndex(({ literal, text }) => !(literal ?? text).startsWith('-'));
  return at < 0 ? [] : args.slice(at);
}

interface Wrappers {
  readonly rows: readonly CommandRow[];
  readonly byName: Map<string, CommandRow | undefined>;
}

const wrappers = new WeakMap<Facts, Wrappers>();

/** So many names of programs are kept; most are called again and again. */
const MOST_NAMES = 256;

/** The rows of programs that run their operands: few of many hundred. */
function wrappersIn(facts: Facts): Wrappers {
  let own = wrappers.get(facts);
  if (!own) {
    const rows = facts.commands.programs.filter((row) => row.runs !== undefined);
    wrappers.set(facts, (own = { rows, byName: new Map<string, CommandRow | undefined>() }));
  }
  return own;
}

/** What a wrapper runs: its operands behind so many of its own. */
function afterOptions(args: readonly ShellWord[], row: CommandRow): readonly ShellWord[] {
  let own = row.runs ?? 0;
  for (let index = 0; index < args.length; index++) {
    const { literal, text: written } = args[index]!;
    const text = literal ?? written;
    if (text === '--') continue;
    if (text.startsWith('-') && text.length > 1) {
      if (row.valueOptions?.includes(text)) index++;
    } else if (/^[A-Za-z_]\w*=/.test(text)) continue;
    else if (own-- === 0) return args.slice(index);
  }
  return [];
}
