/**
 * Where a program of an image comes from: through COPYs of other stages back to the call of the
 * compiler that made it.
 */
import { callsIn, callsOfProgram, type Call } from '../analysis/calls.ts';
import { entryAt, gapsOf, isWithin, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, hasWildcards, pathInside } from '../analysis/go-paths.ts';
import { filesAtEnd, filesBefore, imagePath } from '../analysis/image-files.ts';
import { imageOf } from '../analysis/images.ts';
import { withKnownWords } from '../analysis/known-words.ts';
import { matchesAny } from '../analysis/patterns.ts';
import { baseImage, baseOf, fromOf, stageNamed } from '../analysis/stages.ts';
import {
  heldBefore,
  readingOf,
  resolveWord,
  stateBefore,
  type Held,
  type State,
} from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import type { CopyInstruction, Dockerfile, RunInstruction, Stage } from '../dockerfile/model.ts';
import { runBody, type SimpleCommand } from '../dockerfile/shell.ts';
import { binaryOf, type Linkage } from '../ecosystems/binaries.ts';
import { namesMade } from '../ecosystems/compiled-work.ts';
import { startedByTools } from '../ecosystems/started.ts';
import { ownName } from '../ecosystems/work.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';

export interface Making {
  readonly file: Dockerfile;
  readonly context: BuildContext | undefined;
  readonly facts: Facts;
}

/** A program that a compiler made in a stage. */
export interface Made {
  readonly linkage: Linkage;
  readonly stage: Stage;
  /** The image below that stage, where rows know it. */
  readonly image: Image | undefined;
  /** The texts of all of its code by path; `undefined` where it may have more. */
  readonly code: ReadonlyMap<string, string> | undefined;
}

/** Or why nobody can tell: a sentence without a full stop. */
export type MadeBy = Made | { readonly why: string };

/** How far programs are followed from stage to stage. */
const FURTHEST = 6;

/** @param path of the image at the end of the stage, without a slash in front */
export function madeBy(path: string, stage: Stage, making: Making, depth = 0): MadeBy {
  if (depth > FURTHEST) return { why: `nobody can see what makes /${path}` };
  const { file, facts } = making;
  let wanted = path;
  const copies = stage.instructions.filter(
    (each): each is CopyInstruction => each.kind === 'copy' || each.kind === 'add',
  );
  for (const each of stage.instructions.toReversed()) {
    if (each.kind === 'copy' || each.kind === 'add') {
      const by = (copy: CopyInstruction, as?: Copying): readonly string[] | undefined =>
        copiedFrom(copy, wanted, heldBefore(file, stage, copy, facts), as);
      if (!by(each)) continue;
      // A source of that name is the program; only where there is none, it may be one of a folder.
      const isNamed = copies.some((copy) => by(copy, 'by its name') !== undefined);
      const copied = by(each, isNamed ? 'by its name' : 'in a folder');
      if (copied === undefined) continue;
      if (copied.length === 0 && isNotBrought(wanted, stage, making)) continue;
      const source = stageNamed(fromOf(each), file, stage);
      if (copied.length === 0 || !source) {
        return { why: `line ${each.origin[0]!.line} brings it from outside` };
      }
      const found = copied.map((other) => madeBy(other, source, making, depth + 1));
      return found.find((one) => 'linkage' in one) ?? found[0]!;
    }
    if (each.kind !== 'run') continue;
    const found = madeInRun(each, wanted, stage, making);
    if (typeof found === 'string') wanted = found;
    else if (found) return found;
  }
  const below = baseOf(file, stage);
  if (below.kind === 'stage') return madeBy(wanted, below.stage, making, depth + 1);
  return { why: `nobody can see what makes /${wanted}` };
}

/** Whether the build context is known to have no such file for the stage. */
function isNotBrought(path: string, stage: Stage, { file, context, facts }: Making): boolean {
  if (!context) return false;
  const { files } = filesAtEnd(file, stage, context, facts);
  return !entryAt(files, path) && gapsOf(files).every((gap) => !isWithin(path, gap.path));
}

/** Whether a source names the file, or a folder in which it is. */
type Copying = 'by its name' | 'in a folder';

/**
 * What a path of the image may have been called where a COPY took it from; none: it comes from the
 * build context, an image or an address. `undefined`: the COPY does not bring it.
 */
export function copiedFrom(
  copy: CopyInstruction,
  path: string,
  state: Held,
  as?: Copying,
): readonly string[] | undefined {
  const text = copy.destination?.text ?? '';
  const target = imagePath(state, text, copy.escape);
  const isInside = path.startsWith(target === '' ? '' : `${target}/`);
  if (path !== target && !isInside) return undefined;
  const rest = path === target ? '' : path.slice(target === '' ? 0 : target.length + 1);
  const found: string[] = [];
  for (const source of copy.sources) {
    const plain = plainText(resolveWord(state, source.text, copy.escape).usual);
    if (plain === undefined) continue;
    const from = pathInside(plain);
    if (as !== 'in a folder') {
      if (rest === '' && !/(^|\/)\.?$/.test(text)) found.push(from);
      else if (!rest.includes('/') && matchesName(baseName(from), rest)) {
        const folder = folderOf(from);
        found.push(folder === '' ? rest : `${folder}/${rest}`);
      }
    }
    const isFile = /[^/]\.[a-z]+$/.test(from);
    if (as !== 'by its name' && rest !== '' && !hasWildcards(from) && !isFile) {
      found.push(pathInside(`${from}/${rest}`));
    }
  }
  if (found.length === 0) return undefined;
  return fromOf(copy) === undefined ? [] : found;
}

function matchesName(pattern: string, name: string): boolean {
  if (!hasWildcards(pattern)) return pattern === name;
  const escaped = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`).test(name);
}

/** What made it; another path, where it was copied from there; nothing where the RUN has no part in it. */
function madeInRun(
  run: RunInstruction,
  path: string,
  stage: Stage,
  making: Making,
): MadeBy | string | undefined {
  const { file, context, facts } = making;
  const state = stateBefore(file, stage, run, facts);
  const body = runBody(run, state.shell);
  if (body.kind === 'opaque') return { why: `${body.reason} (line ${run.origin[0]!.line})` };
  const folder = imagePath(state, '.');
  const files = context && filesBefore(file, stage, run, context, facts).files;
  const variable = (name: string, command: SimpleCommand): string | undefined =>
    variableOf(name, command, run, state);
  const scope = { files, facts, runs: startedByTools, variable };
  const { calls } =
    body.kind === 'script'
      ? callsIn(body, folder, scope)
      : callsOfProgram(body.argv, folder, scope);
  let wanted = path;
  for (const call of withKnownWords(calls, run, state).toReversed()) {
    const image = imageBelow(file, stage, facts);
    const binary = binaryOf(call, {
      files,
      image,
      facts,
      installs: installsBefore(stage, run),
      variable: (name) => variableAt(name, call, run, state),
    });
    // Several of them put their programs into one folder.
    const names =
      call.args[0] === 'install' ? namesMade(ownName(call), call, { files, facts }) : undefined;
    if (binary && isAt(wanted, binary.output) && names?.includes(baseName(wanted)) !== false) {
      const code = binary.sources && textsOf(binary.sources, files);
      return { linkage: binary.linkage, stage, image, code };
    }
    const moved = movedFrom(call, wanted);
    if (moved !== undefined) wanted = moved;
    else if (!binary && mayMake(call, wanted, facts)) {
      return { why: `nobody can see what "${call.program}" makes (line ${run.origin[0]!.line})` };
    }
  }
  return wanted === path ? undefined : wanted;
}

function imageBelow(file: Dockerfile, stage: Stage, facts: Facts): Image | undefined {
  const name = baseImage(file, stage);
  return name && imageOf(name, facts);
}

function installsBefore({ instructions }: Stage, run: RunInstruction): string {
  const runs = instructions.slice(0, instructions.indexOf(run) + 1);
  return runs.map((each) => (each.kind === 'run' ? each.text : '')).join('\n');
}

function textsOf(
  paths: readonly string[],
  files: BuildContext | undefined,
): ReadonlyMap<string, string> | undefined {
  const texts = paths.map((path) => [path, files?.texts.get(path)] as const);
  if (texts.some(([, text]) => text === undefined)) return undefined;
  return new Map(texts as [string, string][]);
}

function isAt(path: string, output: string): boolean {
  return path === output || path.startsWith(output === '' ? '' : `${output}/`);
}

/** As the call sees it: in front of it, by `env`, by an earlier `export`, or as the builder has it. */
export function variableAt(
  name: string,
  { command, by }: Call,
  run: RunInstruction,
  state: State,
): string | undefined {
  if (name.endsWith('*')) {
    return mayBeSet(name.slice(0, -1), { command, by }, run, state) ? undefined : '';
  }
  for (const own of command.assignments) {
    if (own.name !== name) continue;
    return own.value === undefined ? undefined : plainValue(own.value);
  }
  // Hundreds of variables are asked for, of which hardly one is set here: no closures.
  const start = `${name}=`;
  for (const { text, literal } of command.words) {
    if (!text.startsWith(start)) continue;
    const written = literal ?? text;
    return plainValue(written.slice(written.indexOf('=') + 1));
  }
  // The offsets of what a script of its own calls are not of this text.
  if (by === '' && run.text.includes(start)) {
    const last = lastSet(name, run.text.slice(0, command.start));
    if (last !== undefined) return plainValue(last.replace(/[;&]+$/, ''));
  }
  const { isSet, text } = readingOf(state, name, 'usual');
  return isSet === false ? '' : plainText(text);
}

/** Whether a variable that begins so may be set: one question for many names, of which hardly one is. */
function mayBeSet(
  start: string,
  { command, by }: Pick<Call, 'command' | 'by'>,
  run: RunInstruction,
  state: State,
): boolean {
  if (state.isOpen.usual || (by === '' && run.text.includes(start))) return true;
  for (const { name } of command.assignments) if (name.startsWith(start)) return true;
  for (const { text } of command.words) if (text.startsWith(start)) return true;
  for (const name of state.variables.keys()) if (name.startsWith(start)) return true;
  return false;
}

/** As the shell itself has it in front of one of a RUN's own commands. */
export function variableOf(
  name: string,
  { start }: SimpleCommand,
  run: RunInstruction,
  state: State,
): string | undefined {
  const before = run.text.slice(0, start);
  // `for`, `read` and assignments give it values that nobody follows here.
  const sets = (): RegExp =>
    new RegExp(`(^|[\\s;&|(])(${name}=|for ${name} |read [^;&\\n]*\\b${name}\\b)`);
  if (before.includes(name) && sets().test(before)) return assigned(name, before);
  const { isSet, text } = readingOf(state, name, 'usual');
  if (isSet !== false) return plainText(text);
  if (name !== 'HOME') return '';
  const user = plainText(state.user.usual)?.replace(/:.*$/, '');
  return user !== undefined && /^(|root|0)$/.test(user) ? '/root' : undefined;
}

/** The one plain value that code gives a variable. */
function assigned(name: string, code: string): string | undefined {
  const found = [
    ...code.matchAll(
      new RegExp(`(?:^|[\\s;&|(])${name}=([^\\s;&|()]*)|\\b(for|read)\\b.*\\b${name}\\b`, 'g'),
    ),
  ];
  const [only] = found;
  return found.length === 1 && only![1] !== undefined ? plainValue(only![1]) : undefined;
}

/** By `export` or `go env -w`, as it is written. */
function lastSet(name: string, before: string): string | undefined {
  const exported = [...before.matchAll(new RegExp(`\\bexport\\b[^;&\\n]*\\b${name}=(\\S+)`, 'g'))];
  const set = [...before.matchAll(new RegExp(`\\bgo env -w\\b[^;&\\n]*\\b${name}=(\\S+)`, 'g'))];
  return [...exported, ...set].at(-1)?.[1];
}

function plainValue(text: string): string | undefined {
  const bare = text.replace(/^(["'])(.*)\1$/s, '$2');
  return /[$`]/.test(bare) ? undefined : bare;
}

/** Where a copy or move took the path from. */
function movedFrom({ program, args, folder }: Call, path: string): string | undefined {
  const name = baseName(program);
  if (name !== 'cp' && name !== 'mv' && name !== 'install') return undefined;
  const operands: string[] = [];
  for (const [index, arg] of args.entries()) {
    if (arg === undefined) return undefined;
    const isValue = name === 'install' && /^-[mog]$/.test(args[index - 1] ?? '');
    if (!arg.startsWith('-') && !isValue) operands.push(arg);
  }
  const target = operands.pop();
  if (target === undefined) return undefined;
  const inImage = (each: string): string =>
    pathInside(each.startsWith('/') ? each : `${folder}/${each}`);
  if (inImage(target) === path && operands.length === 1) return inImage(operands[0]!);
  if (folderOf(path) !== inImage(target)) return undefined;
  const source = operands.find((each) => matchesName(baseName(each), baseName(path)));
  if (source === undefined) return undefined;
  const own = source.slice(0, source.lastIndexOf('/') + 1);
  return inImage(`${own}${baseName(path)}`);
}

/** Whether a call may write a program to the path without saying so. */
function mayMake({ program, args }: Call, path: string, { programs }: Facts): boolean {
  const name = baseName(program);
  if (matchesAny(programs.compilers, name))
    return !/^(go|cargo|rustc?)$/.test(name) || name === 'rustc';
  const isNamed = args.some((arg) => arg !== undefined && baseName(arg) === baseName(path));
  if (/^(chmod|chown|strip|upx|ls|test|echo|rm|file|ldd|du|stat|setcap|mkdir)$/.test(name))
    return false;
  return isNamed;
}
