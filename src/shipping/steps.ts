/**
 * The RUNs of a stage, command by command: which work on the sources, which change the system, which
 * only look, and of which nobody knows what they do.
 */
import { callsIn, callsOfProgram, type Call } from '../analysis/calls.ts';
import type { BuildContext } from '../analysis/context.ts';
import { effectsOf, isTrusted, type CommandEffects } from '../analysis/effects.ts';
import type { Certainty } from '../analysis/effect-types.ts';
import { filesAtEnd, filesBefore, imagePath } from '../analysis/image-files.ts';
import { withKnownWords } from '../analysis/known-words.ts';
import { packageCommand, type PackageCommand } from '../analysis/packages.ts';
import { stateBefore, type State } from '../analysis/state.ts';
import { isUnknownPlace } from '../analysis/shell-folders.ts';
import { plainText } from '../analysis/values.ts';
import type { Dockerfile, RunInstruction, Stage } from '../dockerfile/model.ts';
import { runBody, type RunBody, type SimpleCommand } from '../dockerfile/shell.ts';
import { workOf } from '../ecosystems/index.ts';
import { isCheck, ownName, type Work, type WorkScope } from '../ecosystems/work.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import { variableAt, variableOf } from '../needs/made-by.ts';
import { callsBeside } from './beside.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

export type Role =
  /** It leaves nothing that a program reads. */
  | { readonly kind: 'check' }
  /** It changes how the commands behind it run, and nothing else: `cd`, `set`, an assignment. */
  | { readonly kind: 'setting' }
  | { readonly kind: 'packages'; readonly packages: PackageCommand }
  | { readonly kind: 'work'; readonly work: Work }
  /** All files that it reads and writes are known. */
  | { readonly kind: 'change'; readonly effects: CommandEffects }
  /** A sentence without a full stop. */
  | {
      readonly kind: 'unknown';
      readonly why: string;
      /** It is a step of a build all the same. */
      readonly isBuild?: true;
    };

export interface Step {
  readonly run: RunInstruction;
  /** Where it stands among the commands of its RUN; `undefined` for an exec form. */
  readonly command: SimpleCommand | undefined;
  readonly call: Call | undefined;
  readonly role: Role;
  /** Where it runs; `undefined` where there is no call. */
  readonly scope: WorkScope | undefined;
  /** Of a command of a script. */
  readonly certainty?: Certainty;
}

export interface RunSteps {
  readonly run: RunInstruction;
  readonly body: RunBody;
  readonly steps: readonly Step[];
}

export interface StageScope {
  readonly file: Dockerfile;
  readonly stage: Stage;
  /** Below the stage. */
  readonly image: Image;
  readonly context: BuildContext | undefined;
  readonly facts: Facts;
}

type StepScope = Omit<StageScope, 'image'> & { readonly image: Image | undefined };

const known = new RunMemory<
  Stage,
  { readonly scope: StepScope; readonly steps: readonly RunSteps[] }
>();

/** The steps where it does not matter what a container runs: those that somebody has read already, if any. */
export function anyStepsOf(scope: StepScope): readonly RunSteps[] {
  const last = known.get(scope.stage);
  const isSame =
    last?.scope.file === scope.file &&
    last.scope.image === scope.image &&
    last.scope.context === scope.context &&
    last.scope.facts === scope.facts;
  return isSame ? last.steps : stepsOf(scope);
}

/** @param started what a container runs */
export function stepsOf(scope: StepScope, started: readonly Call[] = []): readonly RunSteps[] {
  const steps = readSteps(scope, started);
  known.set(scope.stage, { scope, steps });
  return steps;
}

/** All that the steps of a stage are made of. */
interface Making {
  /** Its RUNs, as each is there. */
  readonly read: readonly ReadRun[];
  readonly image: Image | undefined;
  readonly facts: Facts;
  readonly atEnd: BuildContext | undefined;
  /** What containers run. */
  readonly started: readonly Call[];
  /** What the ENVs say. */
  readonly environment: string;
}

interface Made {
  readonly of: Making;
  readonly steps: readonly RunSteps[];
}

// By the first RUN. A stage is asked about with and without what a container runs, in the file as it
// was and in those in which passes changed other stages, or what no RUN sees.
const made = new RunMemory<RunInstruction, Made[]>();

function readSteps(scope: StepScope, started: readonly Call[]): readonly RunSteps[] {
  const { file, stage, image, context, facts } = scope;
  const read = stage.instructions.flatMap((each) =>
    each.kind === 'run' ? [readRun(each, scope)] : [],
  );
  const [first] = read;
  if (!first) return [];
  const beside = context ? callsBeside(context, facts).flatMap(({ calls }) => calls) : [];
  const atEnd = context && filesAtEnd(file, stage, context, facts).files;
  const environment = stage.instructions
    .flatMap((each) => (each.kind === 'env' ? [each.argsText] : []))
    .join('\n');
  const all = [...started, ...beside];
  const making: Making = { read, image, facts, atEnd, started: all, environment };
  let before = made.get(first.run);
  if (!before) made.set(first.run, (before = []));
  const asked = before.find(({ of }) => isSameMaking(of, making));
  if (asked) return asked.steps;
  const steps = makeSteps(making);
  before.push({ of: making, steps });
  return steps;
}

function isSameMaking(one: Making, other: Making): boolean {
  return (
    one.image === other.image &&
    one.facts === other.facts &&
    one.atEnd === other.atEnd &&
    one.environment === other.environment &&
    isSameList(one.read, other.read) &&
    isSameList(one.started, other.started)
  );
}

function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index]);
}

function makeSteps({
  read,
  image,
  facts,
  atEnd,
  started,
  environment,
}: Making): readonly RunSteps[] {
  const all = read.flatMap(({ own }) => own);
  return read.map(({ run, state, body, own, files }): RunSteps => {
    if (body.kind === 'opaque') {
      const role: Role = { kind: 'unknown', why: body.reason };
      const nothing = { command: undefined, call: undefined, scope: undefined };
      return { run, body, steps: [{ run, ...nothing, role }] };
    }
    const effects = effectsOf(run, state, facts, 'usual');
    const workScope = (call: Call): WorkScope => ({
      files,
      atEnd,
      image,
      facts,
      variable: (name) => variableAt(name, call, run, state),
      environment,
      user: plainText(state.user.usual),
      isShell: body.kind === 'script' && run.heredocs.length === 0,
      alongside:
        body.kind === 'script' ? body.commands.slice(0, body.commands.indexOf(call.command)) : [],
      earlier: all.slice(0, all.indexOf(call)),
      later: all.slice(all.indexOf(call) + 1),
      started,
    });
    if (body.kind === 'program') {
      const call = own.at(-1);
      const role = roleOf(call, undefined, effects.commands[0], workScope, facts);
      return {
        run,
        body,
        steps: [{ run, command: undefined, call, role, scope: call && workScope(call) }],
      };
    }
    const steps = body.commands.map((command): Step => {
      // Wrappers such as sudo are calls of the same command; what they start is the last.
      const call = own.findLast((each) => each.command === command);
      const its = effects.commands.find((each) => each.command === command);
      const role = roleOf(call, command, its, workScope, facts);
      return {
        run,
        command,
        call,
        role,
        scope: call && workScope(call),
        ...(its && { certainty: its.certainty }),
      };
    });
    return { run, body, steps: steps.map((step) => settled(step, steps)) };
  });
}

/** A step of a build that may not run, and then nothing else of its RUN makes what it makes. */
function settled(step: Step, all: readonly Step[]): Step {
  const { role, certainty } = step;
  if (role.kind !== 'work' || certainty !== 'may run') return step;
  const paths = madeBy(step);
  const isMadeElse = all.some(
    (other) => other !== step && paths.every((path) => madeBy(other).includes(path)),
  );
  if (isMadeElse) return step;
  const name = step.call ? ownName(step.call) : 'it';
  return { ...step, role: { kind: 'unknown', why: `"${name}" may not run`, isBuild: true } };
}

function madeBy({ role }: Step): readonly string[] {
  if (role.kind !== 'work') return [];
  const { makes, within } = role.work;
  return [...makes.map(({ path }) => path), ...(within === undefined ? [] : [within])];
}

interface ReadRun {
  readonly run: RunInstruction;
  readonly state: State;
  readonly body: RunBody;
  /** Its own calls, without those of scripts that it starts. */
  readonly own: readonly Call[];
  readonly files: BuildContext | undefined;
}

/** Its own calls are what counts here. */
const nothingMore = (): undefined => undefined;

const reads = new RunMemory<RunInstruction, ReadRun[]>();

/** One value for as long as the RUN finds the same around it. */
function readRun(run: RunInstruction, scope: Omit<StageScope, 'image'>): ReadRun {
  const { file, stage, context, facts } = scope;
  const state = stateBefore(file, stage, run, facts);
  const files = context && filesBefore(file, stage, run, context, facts).files;
  let all = reads.get(run);
  if (!all) reads.set(run, (all = []));
  let read = all.find((each) => each.state === state && each.files === files);
  if (!read) all.push((read = newRead(run, state, files, facts)));
  return read;
}

function newRead(
  run: RunInstruction,
  state: State,
  files: BuildContext | undefined,
  facts: Facts,
): ReadRun {
  const body = runBody(run, state.shell);
  if (body.kind === 'opaque') return { run, state, body, own: [], files };
  const folder = imagePath(state, '.');
  const callScope = {
    files,
    facts,
    runs: nothingMore,
    variable: (name: string, command: SimpleCommand) => variableOf(name, command, run, state),
  };
  const found =
    body.kind === 'script'
      ? callsIn(body, folder, callScope)
      : callsOfProgram(body.argv, folder, callScope);
  const own = found.calls.filter(({ by }) => by === '');
  return { run, state, body, own: withKnownWords(own, run, state), files };
}

/** Programs that change how the shell goes on, and no file. */
const SETTINGS = new Set([
  'cd',
  'set',
  'export',
  'unset',
  'umask',
  'shopt',
  'local',
  'pushd',
  'popd',
]);

/** Whether it reads the settings of an environment: `. venv/bin/activate`. */
function isActivation({ words: [program, file] }: SimpleCommand): boolean {
  return (
    (program!.literal === '.' || program!.literal === 'source') &&
    /\/bin\/activate"?$/.test(file?.text ?? '')
  );
}

function roleOf(
  call: Call | undefined,
  command: SimpleCommand | undefined,
  effects: CommandEffects | undefined,
  workScope: (call: Call) => WorkScope,
  facts: Facts,
): Role {
  if (command && command.words.length === 0) return { kind: 'setting' };
  if (command && SETTINGS.has(command.words[0]!.literal ?? '')) return { kind: 'setting' };
  if (command && isActivation(command)) return { kind: 'setting' };
  const packages = command && packageCommand(command, facts);
  if (packages?.manager.database !== undefined) return { kind: 'packages', packages };
  if (!call && !isOfShell(command)) {
    return { kind: 'unknown', why: 'nobody knows which program it starts' };
  }
  const redirects = (command?.redirections ?? []).some(
    ({ operator, target }) =>
      operator.includes('>') &&
      target?.literal?.startsWith('/dev/') !== true &&
      !/^&?\d$/.test(target?.text ?? ''),
  );
  const name = call ? ownName(call) : (command?.words[0]?.literal ?? '');
  if (call) {
    if (!redirects && isCheck(call, facts)) return { kind: 'check' };
    const work = workOf(call, workScope(call));
    if (work) {
      const why = 'why' in work ? work.why : lost(work, name);
      if (why !== undefined) return { kind: 'unknown', why, isBuild: true };
      return { kind: 'work', work: work as Work };
    }
  }
  if (effects?.call?.action === 'install') {
    return { kind: 'unknown', why: `nobody knows where "${name}" puts what it installs` };
  }
  // Rows say of the managers of languages what an action may touch, not what it makes.
  if (packages && !/^(clean|configure)$/.test(packages.action)) {
    return { kind: 'unknown', why: `nobody knows what "${name}" writes` };
  }
  if (effects && isTrusted(effects)) {
    const isIdle = effects.writes.length === 0 && effects.deletes.length === 0;
    return isIdle ? { kind: 'check' } : { kind: 'change', effects };
  }
  return { kind: 'unknown', why: `nobody knows what "${name}" writes` };
}

/** Why nobody can tell where what it makes lies. */
function lost({ makes, within }: Work, name: string): string | undefined {
  const paths = [...makes.map(({ path }) => path), within ?? ''];
  return paths.some(isUnknownPlace) ? `nobody knows in which folder "${name}" runs` : undefined;
}

/** Commands of the shell itself that run no other code. */
const OF_SHELL = /^(:|\[|\[\[|echo|printf|true|false|test|pwd|type|hash|times|ulimit|wait)$/;

function isOfShell(command: SimpleCommand | undefined): boolean {
  return OF_SHELL.test(command?.words[0]?.literal ?? '');
}
