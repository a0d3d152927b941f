/** Who else in a file needs what a cache holds: then the layer must keep it. */
import { runBody, scriptOf, type SimpleCommand } from '../dockerfile/shell.ts';
import type {
  CommandInstruction,
  Dockerfile,
  Instruction,
  RunInstruction,
  Stage,
} from '../dockerfile/model.ts';
import type { CacheRow } from '../facts/cache-types.ts';
import type { Facts } from '../facts/types.ts';
import { effectsOf } from './effects.ts';
import { deletesFrom } from './leftovers.ts';
import { wrapperLength } from './packages.ts';
import { matchesAny, occursInInstruction } from './patterns.ts';
import { resolvePath } from './paths.ts';
import { placesMeet, plainPlace } from './places.ts';
import { descendants, shippedStages } from './stages.ts';
import { resolveWord, stateBefore } from './state.ts';
import { plainText } from './values.ts';

export interface Cache {
  readonly row: CacheRow;
  readonly targets: readonly string[];
  /** Other ways to write these: `~/.npm`. */
  readonly names: readonly string[];
}

/** Why a mount over the cache would take something from another instruction than `run`. */
export function otherReader(
  { row, targets, names }: Cache,
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  facts: Facts,
): string | undefined {
  const state = stateBefore(file, stage, run, facts);
  const later = [
    ...stage.instructions.slice(stage.instructions.indexOf(run) + 1),
    ...descendants(file, stage).flatMap((each) => each.instructions),
  ];
  const all = [...state.before, run, ...later];
  for (const each of all) {
    const line = lineOf(each);
    if (row.offline && occursInInstruction(row.offline, each)) {
      return `${line}: it needs what is in the cache, without a network`;
    }
    if (isStart(each) && row.readAtRun && occursInInstruction(row.readAtRun, each)) {
      return `${line}: it may read the cache when the container runs`;
    }
    if (each === run) continue;
    const why =
      each.kind === 'run'
        ? namedIn(each, [...targets, ...names])
        : each.kind !== 'env' &&
          each.kind !== 'arg' &&
          [...targets, ...names].some((path) => occurs(each.argsText, path));
    if (why) return `${line}: it names the folder of the cache`;
  }
  const copy = state.before.find((each) => fillsByCopy(each, file, targets, facts));
  if (copy) return `${lineOf(copy)}: it copies into the folder of the cache`;
  const taken = file.stages
    .flatMap((each) => each.instructions)
    .find((each) => takesFrom(each, file, stage, targets, row.isStore === true));
  return taken && `${lineOf(taken)}: it copies the cache out of this stage`;
}

function lineOf(instruction: Instruction): string {
  return `line ${instruction.origin[0]!.line}`;
}

function isStart({ kind }: Instruction): boolean {
  return kind === 'cmd' || kind === 'entrypoint' || kind === 'healthcheck';
}

function occurs(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1)) {
    if (!/[\w.-]/.test(text[at + path.length] ?? '')) return true;
  }
  return false;
}

/** Whether another RUN names the folder, but for deleting it where it is there. */
function namedIn(run: RunInstruction, paths: readonly string[]): boolean {
  const code = run.text.slice(run.args.start);
  if (!paths.some((path) => occurs(code, path))) return false;
  const body = runBody(run);
  if (body.kind !== 'script') return true;
  return body.commands.some(
    (command) =>
      paths.some((path) => occurs(run.text.slice(command.start, command.end), path)) &&
      !(
        deletesFrom(command, paths, true) &&
        command.words.some((word) => /^-[a-zA-Z]*f|^--force$/.test(word.text))
      ),
  );
}

/** A file with a suffix is a setting beside the cache; what has none may be the cache itself. */
const SETTING = /\.[a-z]+$/;

function fillsByCopy(
  instruction: Instruction,
  file: Dockerfile,
  targets: readonly string[],
  facts: Facts,
): boolean {
  if (instruction.kind !== 'copy' && instruction.kind !== 'add') return false;
  const stage = file.stages.find((each) => each.instructions.includes(instruction));
  if (!stage || !instruction.destination) return false;
  const state = stateBefore(file, stage, instruction, facts);
  const word = resolveWord(state, instruction.destination.text, instruction.escape);
  const path = plainText(resolvePath(state.workdir.usual, word.usual));
  if (path === undefined) return false;
  const isFromStage = instruction.flags.some((flag) => flag.name === 'from');
  return targets.some((target) => {
    if (isIn(path, target)) return true;
    if (!isIn(target, path)) return false;
    // The whole of an image, or of a home folder, from elsewhere; or a folder next to the cache.
    const isNear = target.slice(path.length).split('/').length <= 2 && path !== '/';
    if (isFromStage) return !instruction.sources.every(({ text }) => isElsewhere(text, target));
    return isNear && !instruction.sources.every(({ text }) => SETTING.test(text)) && isDot(path);
  });
}

/** `/root/.m2`, and not `/app`, in which everything may lie. */
function isDot(path: string): boolean {
  return /\/\.[^/]+(\/|$)/.test(path);
}

/** A single file or folder that is not on the way to the cache: `/usr/bin/composer`. */
function isElsewhere(source: string, target: string): boolean {
  const clean = source.replace(/\/+$/, '');
  return clean !== '' && !isIn(target, clean) && !clean.endsWith(lastName(target));
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/'));
}

function isIn(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

/** Whether a COPY takes the cache out of the stage, or of one on top of it. */
function takesFrom(
  instruction: Instruction,
  file: Dockerfile,
  stage: Stage,
  targets: readonly string[],
  isStore: boolean,
): boolean {
  const from = instruction.flags.find((flag) => flag.name === 'from')?.value?.toLowerCase();
  if (instruction.kind !== 'copy' || from === undefined) return false;
  const isOwn = [stage, ...descendants(file, stage)].some(
    (each) => from === String(each.index) || from === each.from.stageName,
  );
  return (
    isOwn &&
    instruction.sources.some(({ text }) => {
      const source = `/${text}`.replace(/^\/+/, '/').replace(/(.)\/+$/, '$1');
      // A download cache on the way is left out with nothing lost; a store may be what is wanted.
      return targets.some((target) => isIn(source, target) || (isStore && isIn(target, source)));
    })
  );
}

/** A RUN of the same layers, none of those that get the mount, that surely reads the folder. */
export function readingRun(
  file: Dockerfile,
  family: readonly Stage[],
  mounted: readonly RunInstruction[],
  targets: readonly string[],
  facts: Facts,
): RunInstruction | undefined {
  for (const stage of family) {
    for (const each of stage.instructions) {
      if (each.kind !== 'run' || mounted.includes(each)) continue;
      const { commands } = effectsOf(each, stateBefore(file, stage, each, facts), facts, 'usual');
      // A package manager is said to read all that packages may bring.
      const own = commands.filter(({ call }) => call === undefined).flatMap(({ reads }) => reads);
      const isRead = own.some((read) =>
        targets.some((target) => placesMeet(read, plainPlace(target)) === 'yes'),
      );
      if (isRead) return each;
    }
  }
  return undefined;
}

/**
 * Why what the image runs may read the cache: the tool itself, or something that nobody can see;
 * `undefined` where the stages are not shipped, or something else is run.
 */
export function startReader(
  row: CacheRow,
  file: Dockerfile,
  family: readonly Stage[],
  facts: Facts,
): string | undefined {
  const shipped = shippedStages(file);
  const isShipped = family.some((stage) => shipped.has(stage.index));
  // Other stages than the last are images, too, where `--target` names them.
  const starts = file.stages
    .filter((stage) => family.includes(stage) || (isShipped && shipped.has(stage.index)))
    .flatMap((stage) => startsOf(stage));
  if (isShipped && starts.length === 0) {
    return 'the image may be there for its tools: it has no CMD of its own';
  }
  for (const start of starts) {
    const why = startOf(start, row, facts);
    if (why !== undefined) return `${lineOf(start)}: ${why}`;
  }
  return undefined;
}

/** With an ENTRYPOINT, CMD is its arguments. */
function startsOf({ instructions }: Stage): readonly CommandInstruction[] {
  const all = instructions.filter(
    (each): each is CommandInstruction => each.kind === 'cmd' || each.kind === 'entrypoint',
  );
  const start =
    all.findLast((each) => each.kind === 'entrypoint') ??
    all.findLast((each) => each.kind === 'cmd');
  return start ? [start] : [];
}

function startOf(instruction: CommandInstruction, row: CacheRow, facts: Facts): string | undefined {
  const { command } = instruction;
  if (command.form === 'exec') {
    const [program = '', ...args] = command.exec;
    const code =
      /(^|\/)(ba|da|a)?sh$/.test(program) && /^-[a-z]*c$/.test(args[0] ?? '') ? args[1] : undefined;
    return code === undefined ? programStart(program, row, facts) : codeStart(code, row, facts);
  }
  return codeStart(instruction.argsText, row, facts);
}

function codeStart(code: string, row: CacheRow, facts: Facts): string | undefined {
  const script = scriptOf(code);
  if (script.kind !== 'script') return 'nobody sees what the image runs';
  for (const { words } of script.commands) {
    const [first, second] = words.slice(wrapperLength(words));
    const program = first?.literal === 'exec' ? second : first;
    if (!program || program.literal === 'cd') continue;
    const why = programStart(program.literal ?? '', row, facts);
    if (why !== undefined) return why;
  }
  return undefined;
}

const SHELL = /^(ba|da|a|k|z)?sh$/;

function programStart(program: string, row: CacheRow, facts: Facts): string | undefined {
  const name = program.slice(program.lastIndexOf('/') + 1);
  if (matchesAny(row.programs, name)) return `the image runs ${name}`;
  const { runners, starters } = facts.caches;
  const isHidden =
    name === '' ||
    SHELL.test(name) ||
    /\.\w+$/.test(name) ||
    matchesAny(runners, name) ||
    matchesAny(starters, name);
  return isHidden ? `nobody sees what "${program}" runs` : undefined;
}

/** Whether a command may call any tool: a script of the project, or what runs such. */
export function mayCallTools(command: SimpleCommand, row: CacheRow, facts: Facts): boolean {
  const [program, ...rest] = command.words.slice(wrapperLength(command.words));
  if (!program) return false;
  const text = program.literal ?? program.text;
  const name = text.slice(text.lastIndexOf('/') + 1);
  if (matchesAny(row.programs, name)) return false;
  if (matchesAny(facts.caches.runners, name)) return true;
  if (SHELL.test(name) || name === 'source' || name === '.')
    return rest.some((word) => !word.text.startsWith('-'));
  return /^\.{0,2}\/|\//.test(text) && !/^\/(usr\/(local\/)?)?s?bin\//.test(text);
}
