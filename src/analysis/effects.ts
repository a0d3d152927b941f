/**
 * What the commands of a RUN do: packages, files, network, and what they would leave in the shell for
 * a command that were to follow. Three answers everywhere: what nobody can see stays unknown.
 *
 * Not counted are the files that a program reads of its own installation, and what it writes into
 * /tmp and takes away again. Links are not followed: what is written through one is said to be
 * written where the link lies.
 */
import type { RunInstruction } from '../dockerfile/model.ts';
import { runBody, type RunBody } from '../dockerfile/shell.ts';
import type { Facts } from '../facts/types.ts';
import type { CommandEffects, Leak } from './effect-types.ts';
import { anyOf, placeCovers, plainPlace, placesMeet, type Answer, type Place } from './places.ts';
import { ShellRun } from './shell-run.ts';
import { isFoundIn, noting, outsideOf, type Found, type Outside } from './shell-state.ts';
import type { State } from './state.ts';
import { plainText, type Reading, type World } from './values.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';

export type { CommandEffects, Leak, LeakKind } from './effect-types.ts';
export type { Answer, Place } from './places.ts';

export interface RunEffects {
  /** In the order in which they run; one that runs in a loop stands there once. */
  readonly commands: readonly CommandEffects[];
  /** Whether all that it does is known; `false` for code that is not understood. */
  readonly isComplete: boolean;
  /** Why not, each once. */
  readonly unknown: readonly string[];
  readonly leaks: readonly Leak[];
  readonly network: Answer;
  /** Where mounts lie while it runs: what is written there is not in the layer. */
  readonly mounts: readonly Place[];
}

interface Known {
  readonly state: State;
  readonly world: World;
  readonly effects: RunEffects;
}

const remembered = new RunMemory<RunInstruction, Known[]>();

interface OfBody {
  readonly facts: Facts;
  /** With the flags. */
  readonly text: string;
  readonly found: Found;
  readonly effects: RunEffects;
}

// Not for one run alone: files of one project have RUNs alike, of which the shell trees are kept.
const ofBodies = new WeakMap<RunBody, OfBody[]>();

/** So many answers are kept for each body; folders and variables differ little. */
const MOST_ANSWERS = 8;

/**
 * What a RUN does where this state holds.
 *
 * @param world `usual`: as if no `--build-arg` were given, which is what the figures of a remark may
 *   rest on; `certain`, the default: whatever is given
 */
export function effectsOf(
  run: RunInstruction,
  state: State,
  facts: Facts,
  world: World = 'certain',
): RunEffects {
  let all = remembered.get(run);
  if (!all) remembered.set(run, (all = []));
  for (const each of all) {
    if (each.state === state && each.world === world) return each.effects;
  }
  const effects = effectsOfBody(run, runBody(run, state.shell), outsideOf(state, world), facts);
  all.push({ state, world, effects });
  return effects;
}

function effectsOfBody(
  run: RunInstruction,
  body: RunBody,
  outside: Outside,
  facts: Facts,
): RunEffects {
  const { text } = run;
  let all = ofBodies.get(body);
  if (!all) ofBodies.set(body, (all = []));
  // Few RUNs look at what differs between two worlds, or between a file and an edited one.
  const alike = all.find(
    (each) => each.facts === facts && each.text === text && isFoundIn(each.found, outside),
  );
  if (alike) return alike.effects;
  const readings = new Map<string, Reading>();
  const effects = findEffects(run, body, noting(outside, readings), facts);
  const { folder, ownHome } = outside;
  if (all.length >= MOST_ANSWERS) all.shift();
  all.push({ facts, text, found: { folder, ownHome, readings }, effects });
  return effects;
}

function findEffects(
  run: RunInstruction,
  body: RunBody,
  outside: Outside,
  facts: Facts,
): RunEffects {
  const mounts = run.flags.flatMap((flag) => mountTarget(flag.name, flag.value ?? ''));
  const isOffline = run.flags.some((flag) => flag.name === 'network' && flag.value === 'none');
  if (body.kind === 'opaque') {
    return {
      commands: [],
      isComplete: false,
      unknown: [body.reason],
      leaks: [{ kind: 'unknown', what: body.reason, certainty: 'may run' }],
      network: isOffline ? 'no' : 'unknown',
      mounts,
    };
  }
  const shell = new ShellRun(facts, body.kind === 'script' ? body.shell : 'sh');
  if (body.kind === 'script') shell.script(body, outside);
  else shell.program(body.argv, outside);
  const commands = shell.commands();
  return {
    commands,
    isComplete: commands.every(({ knowledge }) => knowledge === 'complete'),
    unknown: [...new Set(commands.flatMap(({ because }) => because ?? []))],
    leaks: shell.leaks,
    network: isOffline ? 'no' : anyOf(commands.map(({ network }) => network)),
    mounts,
  };
}

function mountTarget(flag: string, value: string): Place[] {
  if (flag !== 'mount') return [];
  const target = /(?:^|,)(?:target|dst|destination)=([^,]*)/.exec(value)?.[1];
  return target === undefined || target.includes('$') ? [] : [plainPlace(target)];
}

/** Places, and whether there may be others. */
export interface Places {
  readonly places: readonly Place[];
  readonly isComplete: boolean;
}

/** What the RUN's layer has that was not there or was otherwise before. */
export function createdPaths({ commands, mounts, isComplete }: RunEffects): Places {
  const places = commands.flatMap(({ writes }, index) =>
    writes.filter(
      (place) =>
        !mounts.some((mount) => placeCovers(mount, place) === 'yes') &&
        !isDeletedAfter(place, commands.slice(index + 1)),
    ),
  );
  return { places, isComplete };
}

function isDeletedAfter(place: Place, later: readonly CommandEffects[]): boolean {
  return later.some(
    ({ deletes, certainty, program }) =>
      // What `mv` takes away from there is somewhere else; what `rm` does is nowhere.
      certainty !== 'may run' &&
      program !== 'mv' &&
      deletes.some((each) => !each.isGuess && placeCovers(each, place) === 'yes'),
  );
}

/** What the RUN surely takes away, where it is there. */
export function deletedPaths({ commands, isComplete }: RunEffects): Places {
  const places = commands.flatMap(({ deletes, certainty }) =>
    certainty === 'may run' ? [] : deletes.filter((place) => !place.isGuess),
  );
  return { places, isComplete };
}

/** What would reach another command in the same shell. */
export function leaks(effects: RunEffects): readonly Leak[] {
  return effects.leaks;
}

export function usesNetwork(effects: RunEffects): Answer {
  return effects.network;
}

/** Whether the RUN reads the file, or something in the folder. */
export function readsBelow(effects: RunEffects, path: string): Answer {
  return touches(effects, plainPlace(path), ({ reads }) => reads);
}

/** Whether the RUN writes or deletes the file, or something in the folder. */
export function changesBelow(effects: RunEffects, path: string): Answer {
  return touches(effects, plainPlace(path), ({ writes, deletes }) => [...writes, ...deletes]);
}

function touches(
  { commands, isComplete }: RunEffects,
  place: Place,
  which: (command: CommandEffects) => readonly Place[],
): Answer {
  const answers = commands.map((command) => {
    const answer = anyOf(which(command).map((each) => placesMeet(each, place)));
    return answer === 'yes' && command.certainty === 'may run' ? 'unknown' : answer;
  });
  const answer = anyOf(answers);
  return answer === 'no' && !isComplete ? 'unknown' : answer;
}

/**
 * Whether a command touches what lies there. Package managers are taken to do what their rows say and
 * no more: what scripts of single packages do elsewhere is their own.
 */
export function commandTouches(
  { reads, writes, deletes, knowledge, call }: CommandEffects,
  place: Place,
): Answer {
  // Names that nobody else has, gone when it ends.
  const own = call
    ? [...reads, ...writes].filter((each) => !isScratch(each))
    : [...reads, ...writes];
  const answer = anyOf([...own, ...deletes].map((each) => placesMeet(each, place)));
  return answer === 'no' && !isTrusted({ knowledge, call }) ? 'unknown' : answer;
}

/** Whether what is known of it may be taken for all that it does. */
export function isTrusted({
  knowledge,
  call,
}: Pick<CommandEffects, 'knowledge' | 'call'>): boolean {
  return knowledge === 'complete' || (knowledge === 'partial' && call !== undefined);
}

function isScratch({ path }: Place): boolean {
  return plainText(path) === '/tmp';
}
