/**
 * The shell code of a RUN as a tree of simple questions: which commands, with which words, in what
 * surroundings. All offsets count from the first byte of the instruction's text.
 *
 * The builder drops comment and blank lines inside continuations before the shell sees them, so the
 * parser gets a mask of the text of the same length in which they are blanks: every offset stays
 * valid. Code that does not parse, or is not for a POSIX shell, is opaque: to be moved whole, never
 * edited inside.
 */
import { parse as parseShell, type ParsedScript } from 'unbash';
import { isSpace, parseHeredocWord } from './lexer.ts';
import type { Range, RunInstruction } from './model.ts';
import type { ShellList } from './shell-nodes.ts';
import { Collector, type Chain, type SimpleCommand } from './shell-tree.ts';
import { RunMemory } from './run-memory.ts';

export type { Chain, Link, Redirection, ShellWord, SimpleCommand } from './shell-tree.ts';
export type { ShellList, ShellNode, WordPiece } from './shell-nodes.ts';

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
  /** The same commands as a tree: what runs in which shell, and whether. */
  readonly body: ShellList;
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

const DEFAULT_KEY = DEFAULT_SHELL.join('\0');

const bodies = new RunMemory<RunInstruction, Map<string, RunBody>>();

/** What a RUN runs, given the shell in force before it. */
export function runBody(run: RunInstruction, shell: readonly string[] = DEFAULT_SHELL): RunBody {
  const key = shell === DEFAULT_SHELL ? DEFAULT_KEY : shell.join('\0');
  let byShell = bodies.get(run);
  if (!byShell) bodies.set(run, (byShell = new Map<string, RunBody>()));
  let body = byShell.get(key);
  if (!body) {
    const { command, escape, eol, text } = run;
    const make = (): RunBody => readBody(run, shell);
    body = command.form === 'exec' ? make() : unused([escape, eol, text, key].join('\0'), make);
    byShell.set(key, body);
  }
  return body;
}

const earlier = new Map<string, RunBody>();
const used = new RunMemory<RunBody, true>();

/** The files of a project have many RUNs alike; a shell tree takes some room. */
const MOST_BODIES = 256;

/** Characters: what is longer is hardly there twice. */
const LONGEST_BODY = 4096;

/** What a file before had for the same code. Nobody in this one may have it yet: each command stands somewhere. */
function unused(text: string, read: () => RunBody): RunBody {
  let body = earlier.get(text);
  if (!body || used.get(body)) {
    body = read();
    if (text.length <= LONGEST_BODY) keep(earlier, MOST_BODIES, text, body);
  }
  used.set(body, true);
  return body;
}

function keep<T>(all: Map<string, T>, most: number, key: string, value: T): void {
  const oldest = all.keys().next();
  if (all.size >= most && oldest.done === false) all.delete(oldest.value);
  all.set(key, value);
}

function readBody(run: RunInstruction, shell: readonly string[]): RunBody {
  if (run.command.form === 'exec') return execBody(run, run.command.exec);
  const flavour = shellFlavour(shell);
  if (!flavour) return opaque(`the shell is ${shell[0] ?? 'unknown'}`);
  if (run.heredocs.some(({ body }) => run.text.slice(body.start, body.end).includes('\r'))) {
    return opaque('a heredoc has carriage returns');
  }
  const heredoc = run.heredocs[0];
  if (heredoc && run.heredocs.length === 1 && parseHeredocWord(run.argsText)) {
    const { start, end } = heredoc.body;
    const code = run.text.slice(start, end);
    const shebang = /^#![ \t]*(\S+)[ \t]*(.*)/.exec(code);
    const interpreter = shebang
      ? shellFlavour([shebang[1]!, ...shebang[2]!.trim().split(/\s+/)])
      : flavour;
    if (!interpreter) return opaque(`the script is for ${shebang![1]!}`);
    return parseCode(
      code,
      'heredoc',
      interpreter,
      (offset) => start + offset,
      (text) => text,
    );
  }
  if (commentInsideWord(run)) return opaque('a comment line stands inside a word');
  const { start } = run.args;
  const end = run.heredocs.length > 0 ? run.text.length : run.args.end;
  const code = maskOf(run).slice(start, end);
  // What is put behind it would be escaped.
  if (/(^|[^\\])(\\\\)*\\$/.test(code)) return opaque('it ends in an escape character');
  return parseCode(
    code,
    'shell',
    flavour,
    (offset) => start + offset,
    (text) => text,
  );
}

const scripts = new Map<string, RunBody>();

/** The same few lines are asked about again and again; more would only be kept for nothing. */
const MOST_SCRIPTS = 64;

/** Shell code that does not stand in an instruction by itself, as in `sh -c` or a manifest; its offsets are its own. */
export function scriptOf(code: string, shell: readonly string[] = DEFAULT_SHELL): RunBody {
  const key = [...shell, code].join('\0');
  let script = scripts.get(key);
  if (!script) {
    keep(scripts, MOST_SCRIPTS, key, (script = readScript(code, shell)));
  }
  return script;
}

/** The same with commands of its own, which no other place has. */
export function ownScript(code: string, shell: readonly string[] = DEFAULT_SHELL): RunBody {
  return unused([...shell, code].join('\0'), () => readScript(code, shell));
}

function readScript(code: string, shell: readonly string[]): RunBody {
  const flavour = shellFlavour(shell);
  if (!flavour) return opaque(`the shell is ${shell[0] ?? 'unknown'}`);
  return parseCode(
    code,
    'shell',
    flavour,
    (offset) => offset,
    (text) => text,
  );
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
    mask += continuation && length > 1 ? `\\\n${' '.repeat(length - 2)}` : ' '.repeat(length);
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
    return before !== undefined && after !== undefined && !isBoundary(before) && !isBoundary(after);
  });
}

function isBoundary(char: string): boolean {
  return isSpace(char) || '&|;#'.includes(char);
}

const trees = new Map<string, ParsedScript>();

/** Code that stays behind other flags, or stands in two places, is the same tree; the commands are made anew. */
function treeOf(code: string): ParsedScript {
  let tree = trees.get(code);
  if (!tree) {
    tree = parseShell(code);
    if (code.length <= LONGEST_BODY) keep(trees, MOST_BODIES, code, tree);
  }
  return tree;
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
    tree = treeOf(code);
  } catch {
    return opaque('the shell code does not parse');
  }
  const collector = new Collector(
    code,
    at,
    // In a JSON string the last character may be an escape of several.
    form === 'exec' ? at : (offset) => at(offset - 1) + 1,
  );
  const chains = collector.chains(tree);
  if (collector.problem) return opaque(collector.problem);
  return {
    kind: 'script',
    form,
    shell: flavour.shell,
    options: flavour.options,
    chains,
    commands: collector.commands.sort((a, b) => a.start - b.start),
    body: collector.body,
    encode,
    start: at(0),
    end: at(code.length),
  };
}
