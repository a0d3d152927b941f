/**
 * The RUNs of a stage, command by command: which work on the sources, which change the system, which
 * only look, and of which nobody knows what they do.
 */
import { callsIn, callsOfProgram, type Call } from '../analysis/calls.ts';
import type { BuildContext } from '../analysis/context.ts';
import { effectsOf, isTrusted, type CommandEffects } from '../analysis/effects.ts';
import type { Certainty } from '../analysis/effect-types.ts';
import { filesAtEnd, filesBefore, workFolder } from '../analysis/image-files.ts';
import { withKnownWords } from '../analysis/known-words.ts';
import { packageCommand, type PackageCommand } from '../analysis/packages.ts';
import { heldBeforeEach, stateBefore, type Held, type State } from '../analysis/state.ts';
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
  readonly certainty?: Certainty | undefined;
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

interface Known {
  readonly scope: StepScope;
  readonly started: readonly Call[];
  readonly steps: readonly RunSteps[];
}

const known = new RunMemory<Stage, Known[]>();

/** The steps where it does not matter what a container runs: those that somebody has read last, if any. */
export function anyStepsOf(scope: StepScope): readonly RunSteps[] {
  const last = known.get(scope.stage)?.at(-1);
  return last && isSameScope(last.scope, scope) ? last.steps : stepsOf(scope);
}

/** @param started what a container runs */
export function stepsOf(scope: StepScope, started: readonly Call[] = []): readonly RunSteps[] {
  let all = known.get(scope.stage);
  if (!all) known.set(scope.stage, (all = []));
  const asked = all.find(
    (each) => isSameScope(each.scope, scope) && isSameList(each.started, started),
  );
  const steps = asked?.steps ?? readSteps(scope, started);
  all.push({ scope, started, steps });
  return steps;
}

/** Of one stage. */
export function isSameScope(one: StepScope, other: StepScope): boolean {
  return (
    one.file === other.file &&
    one.image === other.image &&
    one.context === other.context &&
    one.facts === other.facts
  );
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
  const read: ReadRun[] = [];
  const states = heldBeforeEach(file, stage, facts);
  let environment = '';
  for (const each of stage.instructions) {
    if (each.kind === 'run') read.push(readRun(each, states.get(each)!, scope));
    else if (each.kind === 'env') environment += `${each.argsText}\n`;
  }
  const [first] = read;
  if (!first) return [];
  const beside = context ? callsBeside(context, facts).flatMap(({ calls }) => calls) : [];
  const atEnd = context && filesAtEnd(file, stage, context, facts).files;
  const all = [...started, ...beside];
  const making: Making = { read, image, facts, atEnd, started: all, environment };
  const before = made.get(first.run) ?? [];
  const asked = before.find(({ of }) => isSameMaking(of, making));
  if (asked) return asked.steps;
  const steps = makeSteps(making);
  made.set(first.run, [...before, { of: making, steps }]);
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

function makeSteps(making: Making): readonly RunSteps[] {
  const { read, image, facts, atEnd, started, environment } = making;
  const all = read.flatMap(({ own }) => own);
  return read.map(({ run, body, commands, files, user }): RunSteps => {
    const isShell = body.kind === 'script' && run.heredocs.length === 0;
    const steps = commands.map((each): Step => {
      const { command, call, certainty, alongside, variable } = each;
      let { role } = each;
      let scope: WorkScope | undefined;
      if (call) {
        const at = all.indexOf(call);
        scope = {
          files,
          atEnd,
          image,
          facts,
          variable,
          environment,
          user,
          isShell,
          alongside,
          earlier: all.slice(0, at),
          later: all.slice(at + 1),
          started,
        };
        if (!each.isSettled) role = roleOfWork(call, scope) ?? role;
      }
      return { run, command, call, role, scope, certainty };
    });
    const isUnsure = steps.some(({ certainty }) => certainty === 'may run');
    return { run, body, steps: isUnsure ? steps.map((step) => settled(step, steps)) : steps };
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
  readonly held: Held;
  readonly body: RunBody;
  /** Its own calls, without those of scripts that it starts. */
  readonly own: readonly Call[];
  readonly commands: readonly ReadCommand[];
  readonly files: BuildContext | undefined;
  readonly user: string | undefined;
}

/** A command, as far as it is the same whatever happens in the other RUNs. */
interface ReadCommand {
  readonly command: SimpleCommand | undefined;
  readonly call: Call | undefined;
  readonly certainty: Certainty | undefined;
  readonly variable: WorkScope['variable'];
  readonly alongside: readonly SimpleCommand[];
  readonly role: Role;
  /** It is no work, whatever is around it. */
  readonly isSettled: boolean;
}

/** Its own calls are what counts here. */
const nothingMore = (): undefined => undefined;

const reads = new RunMemory<RunInstruction, ReadRun[]>();

/** One value for as long as the RUN finds the same around it: what stands before it counts as far as that shows. */
function readRun(run: RunInstruction, held: Held, scope: Omit<StageScope, 'image'>): ReadRun {
  const { file, stage, context, facts } = scope;
  const files = context && filesBefore(file, stage, run, context, facts).files;
  let all = reads.get(run);
  if (!all) reads.set(run, (all = []));
  for (const each of all) if (each.held === held && each.files === files) return each;
  const read = newRead(run, held, stateBefore(file, stage, run, facts), files, facts);
  all.push(read);
  return read;
}

function newRead(
  run: RunInstruction,
  held: Held,
  state: State,
  files: BuildContext | undefined,
  facts: Facts,
): ReadRun {
  const body = runBody(run, state.shell);
  const user = plainText(state.user.usual);
  if (body.kind === 'opaque') {
    const role: Role = { kind: 'unknown', why: body.reason };
    const nothing = { command: undefined, call: undefined, certainty: undefined, alongside: [] };
    const only = { ...nothing, variable: nothingMore, role, isSettled: true };
    return { run, held, body, files, user, own: [], commands: [only] };
  }
  const folder = workFolder(state);
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
  const own = withKnownWords(
    found.calls.filter(({ by }) => by === ''),
    run,
    state,
  );
  const effects = effectsOf(run, state, facts, 'usual').commands;
  const read = (
    call: Call | undefined,
    command: SimpleCommand | undefined,
    its: CommandEffects | undefined,
    alongside: readonly SimpleCommand[],
  ): ReadCommand => {
    const { role, isSettled } = roleOf(call, command, its, facts);
    return {
      command,
      call,
      certainty: command && its?.certainty,
      variable: (name) => variableAt(name, call!, run, state),
      alongside,
      role,
      isSettled,
    };
  };
  const commands =
    body.kind === 'program'
      ? [read(own.at(-1), undefined, effects[0], [])]
      : body.commands.map((command, index) => {
          // Wrappers such as sudo are calls of the same command; what they start is the last.
          let call: Call | undefined;
          for (const each of own) if (each.command === command) call = each;
          let its = effects[index];
          if (its?.command !== command) its = effects.find((each) => each.command === command);
          return read(call, command, its, body.commands.slice(0, index));
        });
  return { run, held, body, files, user, own, commands };
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

/** What it is where it is no work, and whether it can be none. */
function roleOf(
  call: Call | undefined,
  command: SimpleCommand | undefined,
  effects: CommandEffects | undefined,
  facts: Facts,
): Pick<ReadCommand, 'role' | 'isSettled'> {
  const isSetting =
    command &&
    (command.words.length === 0 ||
      SETTINGS.has(command.words[0]!.literal ?? '') ||
      isActivation(command));
  if (isSetting) return { role: { kind: 'setting' }, isSettled: true };
  const packages = command && packageCommand(command, facts);
  if (packages?.manager.database !== undefined) {
    return { role: { kind: 'packages', packages }, isSettled: true };
  }
  const why = 'nobody knows which program it starts';
  if (!call && !isOfShell(command)) return { role: { kind: 'unknown', why }, isSettled: true };
  if (call && isCheck(call, facts) && !writes(command)) {
    return { role: { kind: 'check' }, isSettled: true };
  }
  const name = call ? ownName(call) : (command?.words[0]?.literal ?? '');
  return { role: roleWithoutWork(name, effects, packages), isSettled: !call };
}

/** Whether it redirects something to a file. */
function writes(command: SimpleCommand | undefined): boolean {
  return (command?.redirections ?? []).some(
    ({ operator, target }) =>
      operator.includes('>') &&
      target?.literal?.startsWith('/dev/') !== true &&
      !/^&?\d$/.test(target?.text ?? ''),
  );
}

function roleOfWork(call: Call, scope: WorkScope): Role | undefined {
  const work = workOf(call, scope);
  if (!work) return undefined;
  const why = 'why' in work ? work.why : lost(work, ownName(call));
  if (why !== undefined) return { kind: 'unknown', why, isBuild: true };
  return { kind: 'work', work: work as Work };
}

function roleWithoutWork(
  name: string,
  effects: CommandEffects | undefined,
  packages: PackageCommand | undefined,
): Role {
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
