/**
 * Does every command run in the same surroundings as before, and is every image configured alike?
 * Asked of two models, without building.
 */
import { configurationFindings, counterparts, type SplitStage } from './check-split.ts';
import { resolvePath } from './analysis/paths.ts';
import { isSameAnywhere } from './analysis/same-anywhere.ts';
import { imageName } from './analysis/stages.ts';
import { resolveWord, stateAfter, stateBefore, type Scope, type State } from './analysis/state.ts';
import { placeOf } from './dockerfile/place.ts';
import type { Facts } from './facts/types.ts';
import type { ConfigurationField, Surrounding } from './pass.ts';
import { showText, WORLDS, type Value } from './analysis/values.ts';
import type { CopyInstruction, Dockerfile, Instruction, Stage } from './dockerfile/model.ts';

/** @param meant fields that an edit means to change */
export function configurationDifferences(
  before: Dockerfile,
  after: Dockerfile,
  meant: ReadonlySet<ConfigurationField>,
  split: SplitStage | undefined,
  facts?: Facts,
): string[] {
  if (before.stages.length + (split ? 1 : 0) !== after.stages.length) {
    return ['the number of stages changed'];
  }
  const originals = counterparts(before, after, split);
  return after.stages.flatMap((stage, index) => {
    if (stage === split?.build) return [];
    if (stage === split?.shipped) return configurationFindings(split, before, after, meant, facts);
    const original = originals[index]!;
    const known = factsOfBase(original, stage, facts);
    const was = configurationOf(before, original, known);
    const is = configurationOf(after, stage, known);
    return [...was]
      .filter(([field, value]) => !meant.has(field) && is.get(field) !== value)
      .map(([field, value]) => `${field} changed: ${value} → ${is.get(field)}`);
  });
}

/**
 * Two images of one repository say the same for all that counts here. To be compared with any other,
 * both must be looked up.
 */
function factsOfBase(was: Stage, is: Stage, facts: Facts | undefined): Facts | undefined {
  const repository = ({ from }: Stage): string => imageName(from.image?.text ?? '').name;
  return repository(was) === repository(is) ? undefined : facts;
}

/** What a stage's image would say of itself; equal text means equal. */
function configurationOf(
  file: Dockerfile,
  stage: Stage,
  facts: Facts | undefined,
): Map<ConfigurationField, string> {
  const { image, workdir, user, shell } = stateAfter(file, stage, facts);
  const last = (kind: Instruction['kind']): string =>
    stage.instructions.findLast((each) => each.kind === kind)?.argsText ?? '';
  const all = (kind: Instruction['kind']): string =>
    JSON.stringify(
      stage.instructions.flatMap((each) => (each.kind === kind ? [each.argsText] : [])),
    );
  const set = (values: readonly string[]): string => JSON.stringify(values.toSorted());
  return new Map<ConfigurationField, string>([
    ['Env', variablesOf(image)],
    ['WorkingDir', show(workdir)],
    ['User', show(user)],
    ['Shell', JSON.stringify(shell)],
    ['Cmd', last('cmd')],
    ['Entrypoint', last('entrypoint')],
    ['Healthcheck', last('healthcheck')],
    ['StopSignal', last('stopsignal')],
    ['OnBuild', all('onbuild')],
    // A label may be set twice: the last counts.
    ['Labels', all('label')],
    ['ExposedPorts', set(wordsOf(stage, 'expose'))],
    ['Volumes', set(wordsOf(stage, 'volume'))],
  ]);
}

function wordsOf(stage: Stage, kind: 'expose' | 'volume'): string[] {
  return stage.instructions.flatMap((each) => (each.kind === kind ? each.words : []));
}

function variablesOf({ variables, isOpen }: Scope): string {
  const shown = [...variables].map(([name, variable]) => {
    const readings = WORLDS.map((world) => {
      const { isSet, text } = variable[world];
      return `${isSet} ${showText(text)}`;
    });
    return [name, ...readings];
  });
  return JSON.stringify([shown.toSorted(([a], [b]) => (a! < b! ? -1 : 1)), isOpen]);
}

function show(value: Value): string {
  return WORLDS.map((world) => showText(value[world])).join(' | ');
}

/** What edits mean to change around instructions, by their places in the input. */
export interface Meant {
  /** What the commands at a place do not look at. */
  readonly indifferences: ReadonlyMap<string, ReadonlySet<Surrounding>>;
  /** COPYs that bring less than they did. */
  readonly narrowed: ReadonlySet<string>;
}

/** What surrounds each instruction that runs or writes, by its place in the input. */
export function surroundingsDifferences(
  before: Dockerfile,
  after: Dockerfile,
  { indifferences, narrowed }: Meant,
  split: SplitStage | undefined,
  facts?: Facts,
): string[] {
  const was = new Map<string, Surroundings>();
  const originals = counterparts(before, after, split);
  const known = after.stages.map((stage, index) =>
    stage === split?.build || stage === split?.shipped
      ? facts
      : factsOfBase(originals[index] ?? stage, stage, facts),
  );
  const knownBefore = before.stages.map((stage) => known[originals.indexOf(stage)]);
  for (const [index, stage] of before.stages.entries()) {
    // What comes from a FROM was put at the top of its stage.
    const [first] = stage.instructions;
    if (first) {
      const surroundings = runSurroundings(before, stage, first, knownBefore[index]);
      was.set(placeOf(stage.from.origin[0]!), surroundings);
    }
    for (const each of stage.instructions) {
      const surroundings = surroundingsOf(before, stage, each, { facts, base: knownBefore[index] });
      if (surroundings) was.set(placeOf(each.origin[0]!), surroundings);
    }
  }
  return after.stages.flatMap((stage, at) => {
    const copied = new Map<string, string[]>();
    const states = stage.instructions.map((each) => {
      const is = surroundingsOf(after, stage, each, { facts, base: known[at] });
      const place = placeOf(each.origin[0]!);
      const destination = is?.get('Destination');
      if (destination !== undefined) {
        copied.set(place, [...(copied.get(place) ?? []), destination]);
      }
      return is;
    });
    return stage.instructions.flatMap((each, index) => {
      const is = states[index];
      // What was joined runs where one of its parts ran; what lies between decided nothing for it.
      const places = each.origin.map(placeOf).filter((place) => was.has(place));
      const isSame =
        is === undefined ||
        isNewCopy(each, stage) ||
        ((stage === split?.shipped || stage === split?.build) && isOwn(each, stage)) ||
        places.some(
          (place) =>
            isAlike(was.get(place)!, is, indifferences.get(place)) ||
            isPart(was.get(place)!, is, copied.get(place) ?? []) ||
            (narrowed.has(place) && isWithinOwn(was.get(place)!, is)) ||
            (stage === split?.shipped &&
              isAlikeWhenShipped(was.get(place)!, is, indifferences.get(place), () =>
                mindsNoFolder(after, stage, each, facts),
              )),
        );
      return isSame ? [] : [`what stands at ${places.join(', ')} would see another state`];
    });
  });
}

/** Made for the stage: what it does is looked at where the two parts are compared. */
function isOwn(each: Instruction, { from }: Stage): boolean {
  return placeOf(each.origin[0]!) === placeOf(from.origin[0]!);
}

/**
 * Of a stage that was divided: a COPY may bring less of its folder, and another base may give another
 * folder to a RUN that names all its paths in full.
 */
function isAlikeWhenShipped(
  was: Surroundings,
  is: Surroundings,
  indifferentTo: ReadonlySet<Surrounding> | undefined,
  mindsNone: () => boolean,
): boolean {
  if (was.has('Destination')) return isWithinOwn(was, is);
  const isOnlyFolder = isAlike(was, is, new Set([...(indifferentTo ?? []), 'WorkingDir']));
  return isOnlyFolder && mindsNone();
}

/** Whether a COPY writes to below where it wrote, whatever others of the same place do. */
function isWithinOwn(was: Surroundings, is: Surroundings): boolean {
  const whole = was.get('Destination');
  return whole !== undefined && isPart(was, is, [whole]);
}

function mindsNoFolder(
  file: Dockerfile,
  stage: Stage,
  each: Instruction,
  facts: Facts | undefined,
): boolean {
  if (each.kind !== 'run' || !facts) return false;
  return isSameAnywhere(each, stateBefore(file, stage, each, facts), facts);
}

/** Put at the top of the stage, to a place of its own. */
function isNewCopy(each: Instruction, { from }: Stage): boolean {
  if (each.kind !== 'copy' || placeOf(each.origin[0]!) !== placeOf(from.origin[0]!)) return false;
  return each.destination?.text.startsWith('/') === true;
}

/** Of a COPY that still stands: one more that copies a part of it to below the same place. */
function isPart(was: Surroundings, is: Surroundings, copied: readonly string[]): boolean {
  const whole = was.get('Destination');
  const part = is.get('Destination')?.split('\n');
  if (whole === undefined || part === undefined || !copied.includes(whole)) return false;
  return whole
    .split('\n')
    .every((path, world) => part[world]!.startsWith(path === '/' ? path : `${path}/`));
}

/** By name; equal text means equal. */
type Surroundings = ReadonlyMap<Surrounding | 'Destination' | 'Shell' | 'User', string>;

function isAlike(
  one: Surroundings,
  other: Surroundings,
  indifferentTo: ReadonlySet<string> = new Set(),
): boolean {
  // What was put there looks at less than what it comes from: WORKDIR at the user alone.
  const asked = other.size < one.size ? other : one;
  return [...asked.keys()].every(
    (name) => indifferentTo.has(name) || one.get(name) === other.get(name),
  );
}

function surroundingsOf(
  file: Dockerfile,
  stage: Stage,
  instruction: Instruction,
  { facts, base }: { readonly facts: Facts | undefined; readonly base: Facts | undefined },
): Surroundings | undefined {
  if (instruction.kind === 'run') return runSurroundings(file, stage, instruction, base);
  if (instruction.kind === 'copy' || instruction.kind === 'add') {
    // One that names its place from the folder of the base may come to name it in full.
    return new Map([
      ['Destination', destinationOf(instruction, stateBefore(file, stage, instruction, facts))],
    ]);
  }
  // WORKDIR makes its folder as the user of that moment.
  if (instruction.kind === 'workdir') {
    return new Map([['User', userOf(stateBefore(file, stage, instruction, base))]]);
  }
  return undefined;
}

/** What a RUN in the place of the instruction would see. */
function runSurroundings(
  file: Dockerfile,
  stage: Stage,
  instruction: Instruction,
  facts: Facts | undefined,
): Surroundings {
  const state = stateBefore(file, stage, instruction, facts);
  return new Map([
    ['Shell', JSON.stringify(state.shell)],
    ['WorkingDir', show(state.workdir)],
    ['User', userOf(state)],
    ['Env', variablesOf(state)],
  ]);
}

/** Whoever nobody names is root. */
function userOf({ user }: State): string {
  return WORLDS.map((world) => showText(user[world]).replace(/^(|0)$/, 'root')).join(' | ');
}

/** Where a COPY writes; the folder is the same with or without a slash behind it. */
function destinationOf({ destination, escape }: CopyInstruction, state: State): string {
  const word = resolveWord(state, destination?.text ?? '', escape);
  const paths = WORLDS.map((world) => showText(resolvePath(state.workdir[world], word[world])));
  return paths.join('\n');
}
