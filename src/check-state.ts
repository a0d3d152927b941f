/**
 * Does every command run in the same surroundings as before, and is every image configured alike?
 * Asked of two models, without building.
 */
import { configurationFindings, counterparts, type SplitStage } from './check-split.ts';
import { resolvePath } from './analysis/paths.ts';
import { isSameAnywhere } from './analysis/same-anywhere.ts';
import { imageName } from './analysis/stages.ts';
import { isLiteral } from './analysis/substitute.ts';
import {
  heldBefore,
  heldBeforeEach,
  resolveWord,
  stateAfter,
  stateBefore,
  type Held,
  type Scope,
} from './analysis/state.ts';
import { placeOf } from './dockerfile/place.ts';
import type { Facts } from './facts/types.ts';
import type { ConfigurationField, Surrounding } from './pass.ts';
import { showText, WORLDS, type Reading, type Value, type World } from './analysis/values.ts';
import { isCopy, type Dockerfile, type Instruction, type Stage } from './dockerfile/model.ts';
import { RunMemory } from './dockerfile/run-memory.ts';

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
    let [old, next] = [stateAfter(before, original, facts), stateAfter(after, stage, facts)];
    // What is one value with all that is known is the same without it.
    const known = old === next ? facts : factsOfBase(original, stage, facts);
    if (known !== facts) {
      [old, next] = [stateAfter(before, original, known), stateAfter(after, stage, known)];
    }
    if (old === next && (stage === original || saidBy(stage) === saidBy(original))) return [];
    const was = configurationOf(original, old);
    const is = configurationOf(stage, next);
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

/** All that its instructions say of the image beside what is held; equal text means equal. */
function saidBy({ instructions }: Stage): string {
  let said = '';
  for (const { kind, argsText } of instructions) {
    if (SAYING.has(kind)) said += `${kind} ${argsText.length}:${argsText}`;
  }
  return said;
}

const SAYING: ReadonlySet<Instruction['kind']> = new Set([
  'cmd',
  'entrypoint',
  'healthcheck',
  'stopsignal',
  'onbuild',
  'label',
  'expose',
  'volume',
]);

/** What a stage's image would say of itself; equal text means equal. */
function configurationOf(
  stage: Stage,
  { image, workdir, user, shell }: Held,
): Map<ConfigurationField, string> {
  const said = new Map<Instruction['kind'], string[]>();
  const words: Record<'expose' | 'volume', string[]> = { expose: [], volume: [] };
  for (const each of stage.instructions) {
    const before = said.get(each.kind);
    if (before) before.push(each.argsText);
    else said.set(each.kind, [each.argsText]);
    if (each.kind === 'expose' || each.kind === 'volume') words[each.kind].push(...each.words);
  }
  const last = (kind: Instruction['kind']): string => said.get(kind)?.at(-1) ?? '';
  const all = (kind: Instruction['kind']): string => JSON.stringify(said.get(kind) ?? []);
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
    ['ExposedPorts', set(words.expose)],
    ['Volumes', set(words.volume)],
  ]);
}

const variableTexts = new RunMemory<Scope, string>();

function variablesOf(scope: Scope): string {
  let text = variableTexts.get(scope);
  if (text === undefined) variableTexts.set(scope, (text = showVariables(scope)));
  return text;
}

function showVariables({ variables, isOpen }: Scope): string {
  const shown = [...variables].map(([name, variable]) => [
    name,
    ...WORLDS.map((world) => `${variable[world].isSet} ${showText(variable[world].text)}`),
  ]);
  return JSON.stringify([shown.toSorted(([a], [b]) => (a! < b! ? -1 : 1)), isOpen]);
}

/** Of most variables nothing need be shown to see that they are the same. */
function hasSameVariables(one: Scope, other: Scope): boolean {
  if (one.variables.size !== other.variables.size) return false;
  if (WORLDS.some((world) => one.isOpen[world] !== other.isOpen[world])) return false;
  for (const [name, variable] of one.variables) {
    const same = other.variables.get(name);
    if (same === variable) continue;
    if (!same || !WORLDS.every((world) => isSameReading(same[world], variable[world])))
      return false;
  }
  return true;
}

function isSameReading(one: Reading, other: Reading): boolean {
  return one.isSet === other.isSet && showText(one.text) === showText(other.text);
}

function show(value: Value): string {
  return `${showText(value.certain)} | ${showText(value.usual)}`;
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
  const was = new Map<string, Seen>();
  const originals = counterparts(before, after, split);
  const bases = after.stages.map((stage, index) =>
    stage === split?.build || stage === split?.shipped
      ? facts
      : factsOfBase(originals[index] ?? stage, stage, facts),
  );
  for (const stage of before.stages) {
    const around = aroundOf(before, stage, facts, bases[originals.indexOf(stage)]);
    // What comes from a FROM was put at the top of its stage.
    const [first] = stage.instructions;
    if (first) {
      const held = around.states.get(first)!;
      was.set(placeOf(stage.from.origin[0]!), {
        instruction: stage.from,
        before: first,
        held,
        around,
      });
    }
    for (const each of stage.instructions) {
      if (SEEN.has(each.kind)) was.set(placeOf(each.origin[0]!), seenBy(each, around));
    }
  }
  return after.stages.flatMap((stage, at) => {
    const around = aroundOf(after, stage, facts, bases[at]);
    const isOfSplit = stage === split?.shipped || stage === split?.build;
    let copied: ReadonlyMap<string, readonly string[]> | undefined;
    return stage.instructions.flatMap((each) => {
      if (!SEEN.has(each.kind)) return [];
      const seen = seenBy(each, around);
      // What was joined runs where one of its parts ran; what lies between decided nothing for it.
      const places = each.origin.map(placeOf);
      const isUntouched = places.some((place) => {
        const old = was.get(place);
        return old?.instruction === each && old.held === seen.held;
      });
      if (isUntouched || isNewCopy(each, stage) || (isOfSplit && isOwn(each, stage))) return [];
      const known = places.filter((place) => was.has(place));
      const isSame = known.some((place) => {
        const old = was.get(place)!;
        const indifferentTo = indifferences.get(place);
        if (isAlike(old, seen, indifferentTo)) return true;
        const isShipped = stage === split?.shipped;
        if (isCopy(old.instruction)) {
          // A COPY may bring less of its folder.
          if (isShipped || narrowed.has(place)) return isPart(old, seen);
          copied ??= copiedIn(around);
          return isPart(old, seen, copied.get(place) ?? []);
        }
        // Another base may give another folder to a RUN that names all its paths in full.
        return (
          isShipped &&
          isAlike(old, seen, new Set([...(indifferentTo ?? []), 'WorkingDir'])) &&
          mindsNoFolder(after, stage, each, facts)
        );
      });
      return isSame ? [] : [`what stands at ${known.join(', ')} would see another state`];
    });
  });
}

/** By its place in the input: where the COPYs of a stage write. */
function copiedIn(around: Around): ReadonlyMap<string, readonly string[]> {
  const copied = new Map<string, string[]>();
  for (const each of around.stage.instructions) {
    if (!isCopy(each)) continue;
    const place = placeOf(each.origin[0]!);
    const destination = destinationOf(seenBy(each, around))!;
    copied.set(place, [...(copied.get(place) ?? []), destination]);
  }
  return copied;
}

/** Made for the stage: what it does is looked at where the two parts are compared. */
function isOwn(each: Instruction, { from }: Stage): boolean {
  return placeOf(each.origin[0]!) === placeOf(from.origin[0]!);
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

/**
 * Whether a COPY writes to below where it wrote.
 *
 * @param copied one of these places, where the COPY that it comes from still stands
 */
function isPart(was: Seen, is: Seen, copied?: readonly string[]): boolean {
  if (copied?.length === 0) return false;
  const whole = destinationOf(was);
  const part = destinationOf(is)?.split('\n');
  if (whole === undefined || part === undefined || copied?.includes(whole) === false) return false;
  return whole
    .split('\n')
    .every((path, world) => part[world]!.startsWith(path === '/' ? path : `${path}/`));
}

type Looked = Surrounding | 'Destination' | 'Shell' | 'User';

function isAlike(one: Seen, other: Seen, indifferentTo: ReadonlySet<string> = new Set()): boolean {
  const [names, others] = [lookedAt(one), lookedAt(other)];
  // What was put there looks at less than what it comes from: WORKDIR at the user alone.
  const [asked, against] = others.length < names.length ? [others, names] : [names, others];
  const isOneValue = one.held === other.held;
  const [was, is] = isOneValue ? [one.held, other.held] : [heldOf(one), heldOf(other)];
  return asked.every(
    (name) =>
      indifferentTo.has(name) ||
      (against.includes(name) &&
        (name === 'Destination'
          ? isSameWord(one, other) || destinationOf(one) === destinationOf(other)
          : was === is || isSameIn(name, was, is))),
  );
}

const OF_COPY: readonly Looked[] = ['Destination'];
// WORKDIR makes its folder as the user of that moment.
const OF_WORKDIR: readonly Looked[] = ['User'];
const OF_RUN: readonly Looked[] = ['Shell', 'WorkingDir', 'User', 'Env'];

function lookedAt({ instruction }: Seen): readonly Looked[] {
  if (isCopy(instruction)) return OF_COPY;
  return instruction.kind === 'workdir' ? OF_WORKDIR : OF_RUN;
}

function isSameIn(name: Exclude<Looked, 'Destination'>, was: Held, is: Held): boolean {
  switch (name) {
    case 'Shell':
      return was.shell === is.shell || JSON.stringify(was.shell) === JSON.stringify(is.shell);
    case 'WorkingDir':
      return was.workdir === is.workdir || show(was.workdir) === show(is.workdir);
    case 'User':
      return was.user === is.user || userOf(was) === userOf(is);
    case 'Env':
      return hasSameVariables(was, is);
  }
}

/** A stage, and what is known around it. */
interface Around {
  readonly file: Dockerfile;
  readonly stage: Stage;
  readonly facts: Facts | undefined;
  /** Where both bases must be looked up. */
  readonly base: Facts | undefined;
  readonly states: ReadonlyMap<Instruction, Held>;
}

function aroundOf(
  file: Dockerfile,
  stage: Stage,
  facts: Facts | undefined,
  base: Facts | undefined,
): Around {
  return { file, stage, facts, base, states: heldBeforeEach(file, stage, facts) };
}

/** An instruction that runs or writes, or a FROM for what was put at the top of its stage. */
interface Seen {
  readonly instruction: Instruction;
  /** The one before which all of this holds. */
  readonly before: Instruction;
  /** With all that is known: what is one value there is the same without it. */
  readonly held: Held;
  readonly around: Around;
  /** As `destinationOf` found it: what was there is compared with several. */
  destination?: string;
}

function seenBy(instruction: Instruction, around: Around): Seen {
  const held = around.states.get(instruction)!;
  return { instruction, before: instruction, held, around };
}

const SEEN: ReadonlySet<Instruction['kind']> = new Set(['run', 'copy', 'add', 'workdir']);

/** What an instruction finds, as far as it is to be compared. */
function heldOf({ instruction, before, held, around }: Seen): Held {
  const { file, stage, facts, base } = around;
  // A COPY that names its place from the folder of the base may come to name it in full.
  return isCopy(instruction) || base === facts ? held : heldBefore(file, stage, before, base);
}

/** Whoever nobody names is root. */
function userOf({ user }: Held): string {
  const of = (world: World): string => showText(user[world]).replace(/^(|0)$/, 'root');
  return `${of('certain')} | ${of('usual')}`;
}

/** Whether two COPYs name the same place by the same word, whatever the variables are. */
function isSameWord(one: Seen, other: Seen): boolean {
  if (!isCopy(one.instruction) || !isCopy(other.instruction)) return false;
  const { destination: was, escape } = one.instruction;
  const { destination: is } = other.instruction;
  return (
    was !== undefined &&
    was.text === is?.text &&
    escape === other.instruction.escape &&
    (one.held === other.held || (was.text.startsWith('/') && isLiteral(was.text)))
  );
}

/** Where a COPY writes; the folder is the same with or without a slash behind it. */
function destinationOf(seen: Seen): string | undefined {
  const { instruction, held } = seen;
  if (!isCopy(instruction)) return undefined;
  if (seen.destination !== undefined) return seen.destination;
  const { destination, escape } = instruction;
  const word = resolveWord(held, destination?.text ?? '', escape);
  const { workdir } = held;
  const usual = showText(resolvePath(workdir.usual, word.usual));
  // Mostly nothing that `--build-arg` may change is in it.
  const isCertain = word.certain === word.usual && workdir.certain === workdir.usual;
  const certain = isCertain ? usual : showText(resolvePath(workdir.certain, word.certain));
  return (seen.destination = `${certain}\n${usual}`);
}
