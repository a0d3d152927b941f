/**
 * What holds before an instruction: variables, working directory, user and shell, as the builder
 * has them there; inherited from the stage or the image below. What nobody can know stays unknown.
 */
import type { Dockerfile, FromInstruction, Instruction, Stage } from '../dockerfile/model.ts';
import { parse } from '../dockerfile/parse.ts';
import { DEFAULT_SHELL } from '../dockerfile/shell.ts';
import type { Facts } from '../facts/types.ts';
import { baseConfiguration, SCRATCH, type BaseConfiguration } from './base-configuration.ts';
import { resolvePath, WORKDIR_OF_BASE } from './paths.ts';
import {
  forgetting,
  globalScope,
  resolveWord,
  withArguments,
  withEnvironment,
  type Scope,
} from './scope.ts';
import { imageName, instructionsBefore, stageBelow } from './stages.ts';
import {
  plainText,
  prefixOf,
  someValue,
  UNSET,
  unknownReading,
  valueOf,
  WORLDS,
  type Reading,
  type Text,
  type Value,
  type Variable,
  type World,
} from './values.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

export { readingOf, resolveWord, variableIn, type Scope } from './scope.ts';

/** Where the shell of shell forms comes from: a SHELL, the base's configuration, or nowhere. */
export type ShellSource = 'file' | 'base' | 'assumed';

export interface State extends Scope {
  /** The shell of shell forms, with its options. */
  readonly shell: readonly string[];
  /** `assumed`: nothing says which one it is, so it is taken to be the usual one. */
  readonly shellSource: ShellSource;
  /** An absolute path, or gaps where the base is not known. */
  readonly workdir: Value;
  /** As USER has it: a name or number, perhaps with `:group`; empty where nobody set it (root). */
  readonly user: Value;
  /** What the image below all stages says: what is certain of it, and what usually holds. */
  readonly base: Readonly<Record<World, BaseConfiguration | undefined>>;
  /** The variables of the image itself, without ARGs: what a container of it would see. */
  readonly image: Scope;
  /** Names that the file itself sets, by ENV or ARG, with their text as written. */
  readonly environment: ReadonlyMap<string, string | undefined>;
  /** The instructions that ran before it in the same image, oldest first. */
  readonly before: readonly Instruction[];
}

/** State without what only the asker's place in the file decides. */
export type Held = Omit<State, 'before'>;

interface StageStates {
  readonly before: ReadonlyMap<Instruction, Held>;
  readonly end: Held;
  /** With the asker's place, as they are asked for. */
  readonly finished: Map<Instruction, State>;
}

// By the stage itself: a pass may ask of one that it is changing and that is not in the file yet.
const known = new RunMemory<Dockerfile, Map<Facts | undefined, WeakMap<Stage, StageStates>>>();
// Most ask as the one before them did.
const latest = new RunMemory<
  Stage,
  { file: Dockerfile; facts: Facts | undefined; states: StageStates }
>();

/** The state before an instruction of the stage. Without facts nothing is known of the base. */
export function stateBefore(
  file: Dockerfile,
  stage: Stage,
  instruction: Instruction,
  facts?: Facts,
): State {
  const states = statesOf(file, stage, facts);
  let state = states.finished.get(instruction);
  if (!state) {
    const before = instructionsBefore(file, stage, instruction);
    state = placed(heldIn(states.before, instruction), instruction, before);
    states.finished.set(instruction, state);
  }
  return state;
}

const shellsSet = new RunMemory<Dockerfile, boolean>();

/** The shell before an instruction as the file alone tells: mostly no SHELL is anywhere, and no state is asked. */
export function shellBefore(
  file: Dockerfile,
  stage: Stage,
  instruction: Instruction,
): readonly string[] {
  let isSet = shellsSet.get(file);
  if (isSet === undefined) shellsSet.set(file, (isSet = file.stages.some(setsShell)));
  return isSet || (!file.stages.includes(stage) && setsShell(stage))
    ? stateBefore(file, stage, instruction).shell
    : DEFAULT_SHELL;
}

function setsShell({ instructions }: Stage): boolean {
  for (const each of instructions) {
    if (each.kind === 'shell' || (each.kind === 'onbuild' && each.trigger === 'shell')) return true;
  }
  return false;
}

/** The same without the instructions before it: it stays the same value where only RUNs are edited. */
export function heldBefore(
  file: Dockerfile,
  stage: Stage,
  instruction: Instruction,
  facts?: Facts,
): Held {
  return heldIn(statesOf(file, stage, facts).before, instruction);
}

/** The same for each instruction of the stage: one value while neither it nor what it begins with changes. */
export function heldBeforeEach(
  file: Dockerfile,
  stage: Stage,
  facts?: Facts,
): ReadonlyMap<Instruction, Held> {
  return statesOf(file, stage, facts).before;
}

function heldIn(before: StageStates['before'], instruction: Instruction): Held {
  const running = before.get(instruction);
  if (!running) throw new Error('the instruction is not in the stage');
  return running;
}

const placedStates = new RunMemory<Held, WeakMap<Instruction, State[]>>();

/**
 * One value for as long as the same instructions stand before the asker, whichever the file: what is
 * remembered by state then outlives edits further down, and in other stages.
 */
function placed(running: Held, instruction: Instruction, before: readonly Instruction[]): State {
  let byInstruction = placedStates.get(running);
  if (!byInstruction) {
    placedStates.set(running, (byInstruction = new WeakMap<Instruction, State[]>()));
  }
  let states = byInstruction.get(instruction);
  if (!states) byInstruction.set(instruction, (states = []));
  const asked = states.find((each) => isSameList(each.before, before));
  if (asked) return asked;
  const state: State = Object.assign({ ...running }, { before });
  states.push(state);
  return state;
}

function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index]);
}

/** The state at the end of a stage: what a stage on top of it, or the image, starts with. */
export function stateAfter(file: Dockerfile, stage: Stage, facts?: Facts): Held {
  return statesOf(file, stage, facts).end;
}

function statesOf(file: Dockerfile, stage: Stage, facts: Facts | undefined): StageStates {
  const last = latest.get(stage);
  if (last && last.file === file && last.facts === facts) return last.states;
  const states = allStatesOf(file, stage, facts);
  latest.set(stage, { file, states, facts });
  return states;
}

function allStatesOf(file: Dockerfile, stage: Stage, facts: Facts | undefined): StageStates {
  let byFacts = known.get(file);
  if (!byFacts) {
    known.set(file, (byFacts = new Map<Facts | undefined, WeakMap<Stage, StageStates>>()));
  }
  let byStage = byFacts.get(facts);
  if (!byStage) byFacts.set(facts, (byStage = new WeakMap<Stage, StageStates>()));
  let states = byStage.get(stage);
  if (!states) byStage.set(stage, (states = walk(file, stage, facts)));
  return states;
}

const walks = new RunMemory<Stage, { readonly from: Held; readonly states: StageStates }[]>();

function walk(file: Dockerfile, stage: Stage, facts: Facts | undefined): StageStates {
  const base = stageBelow(file, stage);
  const from = begun(file, stage, base, facts);
  let all = walks.get(stage);
  if (!all) walks.set(stage, (all = []));
  for (const each of all) {
    if (each.from === from) return base ? withOwnPlaces(each.states) : each.states;
  }
  const before = new Map<Instruction, Held>();
  let running = from;
  for (const instruction of stage.instructions) {
    before.set(instruction, running);
    if (CHANGING.has(instruction.kind)) running = stepped(running, instruction, file);
  }
  const states: StageStates = { before, end: running, finished: new Map<Instruction, State>() };
  all.push({ from, states });
  return states;
}

/** For another file: the stages below may have changed in what their ends do not show. */
function withOwnPlaces({ before, end }: StageStates): StageStates {
  return { before, end, finished: new Map<Instruction, State>() };
}

/** The instructions of which `after` makes another state. */
const CHANGING: ReadonlySet<Instruction['kind']> = new Set([
  'env',
  'arg',
  'workdir',
  'user',
  'shell',
]);

/** All that the state at the beginning of a stage is made of. */
interface Beginning {
  readonly globals: Dockerfile['globals'];
  readonly facts: Facts | undefined;
  /** Of all stages: what a FROM means depends on them. */
  readonly names: string;
  /** At the end of the stage below, if it is one, and what that leaves to do. */
  readonly below: Held | undefined;
  readonly triggers: string;
}

const beginnings = new RunMemory<FromInstruction, { is: Beginning; running: Held }[]>();

/** The same value for the same FROM among the same stages: most edits are of other instructions. */
function begun(
  file: Dockerfile,
  stage: Stage,
  base: Stage | undefined,
  facts: Facts | undefined,
): Held {
  const { globals, stages } = file;
  let names = '';
  for (const { from } of stages) names += `${from.stageName ?? ''}\n`;
  const below = base && statesOf(file, base, facts).end;
  const triggers = base ? triggersOf(base).join('\n') : '';
  let all = beginnings.get(stage.from);
  if (!all) beginnings.set(stage.from, (all = []));
  for (const { is, running } of all) {
    if (
      is.globals === globals &&
      is.facts === facts &&
      is.names === names &&
      is.below === below &&
      is.triggers === triggers
    ) {
      return running;
    }
  }
  const running = start(file, stage, base, facts);
  all.push({ is: { globals, facts, names, below, triggers }, running });
  return running;
}

const steps = new RunMemory<Held, WeakMap<Instruction, Held>>();

/** `after`, once for each state and instruction: the globals, which ARG reads, are those of the state. */
function stepped(running: Held, instruction: Instruction, file: Dockerfile): Held {
  const byText = alike.get(running);
  if (byText) return steppedAlike(byText, running, instruction, file);
  let byInstruction = steps.get(running);
  if (!byInstruction) steps.set(running, (byInstruction = new WeakMap<Instruction, Held>()));
  let next = byInstruction.get(instruction);
  if (!next) byInstruction.set(instruction, (next = after(running, instruction, file)));
  return next;
}

/**
 * By text, what follows in files without global ARGs from states that hang on an image and on texts
 * alone: files of one project begin alike, and with one value for all of them.
 */
let alike = new WeakMap<Held, Map<string, Held>>();
let states = 0;

/** So many of these states are kept. */
const MOST_STATES = 1000;

function steppedAlike(
  byText: Map<string, Held>,
  running: Held,
  instruction: Instruction,
  file: Dockerfile,
): Held {
  const key = instruction.escape + instruction.text;
  let next = byText.get(key);
  if (!next) {
    byText.set(key, (next = after(running, instruction, file)));
    // Where they began they are found no more.
    if (++states > MOST_STATES) {
      alike = new WeakMap<Held, Map<string, Held>>();
      states = 0;
    }
    alike.set(next, new Map<string, Held>());
  }
  return next;
}

/** Whether it is one value for many files, in which answers by text may be remembered. */
export function isShared(state: Held): boolean {
  return alike.has(state);
}

function start(
  file: Dockerfile,
  stage: Stage,
  below: Stage | undefined,
  facts: Facts | undefined,
): Held {
  const { image, escape } = stage.from;
  const reference = resolveWord(globalScope(file), image?.text ?? '', escape);
  if (below) {
    const { end } = statesOf(file, below, facts);
    const inherited = triggered(inheriting(end), triggersOf(below), file);
    // `--build-arg` may put something else below.
    return plainText(reference.certain) === undefined ? withoutCertainty(inherited) : inherited;
  }
  // An image for another system has another configuration.
  const isForeign = stage.from.flags.some(
    (flag) => flag.name === 'platform' && /windows/i.test(flag.value ?? ''),
  );
  const certain = isForeign ? undefined : configurationOf(file, reference.certain, facts);
  const isSame = isForeign || reference.usual === reference.certain;
  const base = { certain, usual: isSame ? certain : configurationOf(file, reference.usual, facts) };
  const triggers = base.usual?.onbuild ?? [];
  const begin = triggered(fromBase(base, file), triggers, file);
  const isCertain = base.certain?.onbuild?.join('\n') === triggers.join('\n');
  return triggers.length === 0 || isCertain ? begin : withoutCertainty(begin);
}

function triggersOf({ instructions }: Stage): readonly string[] {
  return instructions.flatMap((each) => (each.kind === 'onbuild' ? [each.argsText] : []));
}

/** A stage on top of another: ARGs come along, but what the image says goes before them. */
function inheriting(end: Held): Held {
  const variables = new Map(end.image.variables);
  for (const [name, variable] of end.variables) {
    if (variables.has(name)) continue;
    const unknown = unknownReading(name);
    const { certain, usual } = end.image.isOpen;
    variables.set(name, {
      certain: certain ? unknown : variable.certain,
      usual: usual ? unknown : variable.usual,
    });
  }
  return { ...end, variables };
}

const USER_OF_BASE: Text = [{ unknown: 'the USER of the base' }];

function withoutCertainty(state: Held): Held {
  return {
    ...state,
    ...forgetting(state, 'certain'),
    image: forgetting(state.image, 'certain'),
    workdir: { ...state.workdir, certain: [WORKDIR_OF_BASE] },
    user: { ...state.user, certain: USER_OF_BASE },
    base: { ...state.base, certain: undefined },
  };
}

/** The configuration of what FROM names, where its name is known well enough. */
function configurationOf(
  file: Dockerfile,
  reference: Text,
  facts: Facts | undefined,
): BaseConfiguration | undefined {
  const whole = plainText(reference);
  if (whole?.toLowerCase() === 'scratch') return SCRATCH;
  if (!facts) return undefined;
  if (whole !== undefined) {
    // `--build-arg` may name a stage, too.
    const isStage = file.stages.some((each) => each.from.stageName === whole.toLowerCase());
    return isStage ? undefined : baseConfiguration(imageName(whole), facts);
  }
  const prefix = prefixOf(reference);
  const colon = prefix.lastIndexOf(':');
  if (colon <= prefix.lastIndexOf('/')) return undefined;
  return baseConfiguration({ ...imageName(prefix.slice(0, colon)), tag: undefined }, facts);
}

/** What BuildKit gives to every image that does not set it. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const started = new WeakMap<object, Held>();
const UNKNOWN = {};

/** Read once for an image, whatever is built on it. */
function fromBase(base: State['base'], { globals }: Dockerfile): Held {
  const { certain, usual } = base;
  // What `--build-arg` may change is rare.
  if (certain !== usual) return readFromBase(base);
  const key = usual ?? UNKNOWN;
  let held = started.get(key);
  if (!held) started.set(key, (held = readFromBase(base)));
  // One of its own for each stage: what follows from it depends on global ARGs, too.
  if (globals.length > 0) return { ...held };
  if (!alike.has(held)) alike.set(held, new Map<string, Held>());
  return held;
}

function readFromBase(base: State['base']): Held {
  const variables = new Map<string, Variable>();
  const names = new Set(
    WORLDS.flatMap((world) => [
      'PATH',
      ...(base[world]?.env.keys() ?? []),
      ...(base[world]?.maybeEnv ?? []),
    ]),
  );
  for (const name of names) {
    variables.set(name, {
      certain: readingIn(base.certain, name),
      usual: readingIn(base.usual, name),
    });
  }
  const both = (field: 'workdir' | 'user', unset: string, unknown: Text): Value => {
    const inWorld = (world: World): Text => {
      const text = base[world]?.[field];
      return text === undefined ? unknown : valueOf(text === '' ? unset : text).usual;
    };
    return { certain: inWorld('certain'), usual: inWorld('usual') };
  };
  const shell = base.usual?.shell ?? [];
  const scope: Scope = {
    variables,
    isOpen: {
      certain: base.certain?.isEnvComplete !== true,
      usual: base.usual?.isEnvComplete !== true,
    },
  };
  return {
    ...scope,
    image: scope,
    shell: shell.length > 0 ? shell : DEFAULT_SHELL,
    shellSource: base.usual?.os === 'linux' && base.usual.shell ? 'base' : 'assumed',
    workdir: both('workdir', '/', [WORKDIR_OF_BASE]),
    user: both('user', '', USER_OF_BASE),
    base,
    environment: new Map(),
  };
}

function readingIn(base: BaseConfiguration | undefined, name: string): Reading {
  if (base?.env.has(name)) {
    const value = base.env.get(name);
    return value === undefined
      ? someValue(name).usual
      : { isSet: true, text: valueOf(value).usual };
  }
  if (base && !base.maybeEnv.has(name) && base.isEnvComplete) {
    return name === 'PATH' ? { isSet: true, text: [DEFAULT_PATH] } : UNSET;
  }
  return name === 'PATH' ? someValue(name).usual : unknownReading(name);
}

/** What an ONBUILD of the base does before the first instruction. */
function triggered(state: Held, triggers: readonly string[], file: Dockerfile): Held {
  return triggers.reduce((current, trigger) => {
    const { stages } = parse(`FROM scratch\n${trigger}\n`);
    return (stages[0]?.instructions ?? []).reduce((now, each) => after(now, each, file), current);
  }, state);
}

/** What an instruction makes of the state. */
function after(state: Held, instruction: Instruction, file: Dockerfile): Held {
  if (instruction.kind === 'env' || instruction.kind === 'arg') {
    const environment = new Map(state.environment);
    for (const { name, value } of instruction.pairs) environment.set(name, value);
    if (instruction.kind === 'arg') {
      const scope = withArguments(state, instruction, globalScope(file));
      return { ...state, ...scope, environment };
    }
    const scope = withEnvironment(state, state, instruction);
    const image = withEnvironment(state.image, state, instruction);
    return { ...state, ...scope, image, environment };
  }
  if (instruction.kind === 'workdir') {
    const path = resolveWord(state, instruction.argsText, instruction.escape);
    const { certain, usual } = state.workdir;
    return {
      ...state,
      workdir: {
        certain: resolvePath(certain, path.certain),
        usual: resolvePath(usual, path.usual),
      },
    };
  }
  if (instruction.kind === 'user') {
    return { ...state, user: resolveWord(state, instruction.argsText, instruction.escape) };
  }
  if (instruction.kind === 'shell') {
    return { ...state, shell: instruction.shell, shellSource: 'file' };
  }
  return state;
}
