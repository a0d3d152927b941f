/** Which of the places that a RUN deletes an earlier instruction brought, and how sure that is. */
import { isStandardFolder } from '../analysis/base-folders.ts';
import type { BuildContext } from '../analysis/context.ts';
import { copyPlace } from '../analysis/copy-place.ts';
import {
  effectsOf,
  type CommandEffects,
  type Place,
  type RunEffects,
} from '../analysis/effects.ts';
import { placeCovers, placesMeet, plainPlace } from '../analysis/places.ts';
import { stateBefore } from '../analysis/state.ts';
import { plainText, showText } from '../analysis/values.ts';
import type {
  CopyInstruction,
  Dockerfile,
  Instruction,
  RunInstruction,
  Stage,
} from '../dockerfile/model.ts';
import type { Facts } from '../facts/types.ts';

export interface Where {
  readonly file: Dockerfile;
  readonly stage: Stage;
  readonly facts: Facts;
  readonly context: BuildContext | undefined;
}

export interface Why {
  readonly why: string;
}

export function effectsAt({ file, stage, facts }: Where, run: RunInstruction): RunEffects {
  return effectsOf(run, stateBefore(file, stage, run, facts), facts, 'usual');
}

/** Programs whose only trace is small, or that change what is there: nothing is gained where it is gone. */
const SMALL =
  /^(mkdir|touch|ln|echo|printf|chmod|chown|chgrp|true|sed|patch|tee|truncate|ssh-keygen|ssh-keyscan)$/;

/** One of the deleted places that an instruction brought, with the command that deletes it. */
export interface Found {
  readonly command: CommandEffects;
  readonly place: Place;
}

export function whatOf(
  where: Where,
  each: Instruction,
  at: number,
  commands: readonly CommandEffects[],
): Found[] {
  const own = where.stage.instructions[at] as RunInstruction;
  const { commands: all } = effectsAt(where, own);
  return commands.flatMap((command) => {
    const before = { commands: all.slice(0, all.indexOf(command)), mounts: [] };
    const isBrought = (place: Place): boolean => {
      const here = creationOf(before, place);
      if (here === 'named') return false;
      if (each.kind === 'copy' || each.kind === 'add') return brings(where, each)(place);
      if (each.kind !== 'run' || !creatorsOf(where, at, place).includes(each)) return false;
      return here === 'none' || creationOf(effectsAt(where, each), place) === 'named';
    };
    return command.deletes
      .filter((place) => !place.isGuess && isBrought(place))
      .map((place) => ({ command, place }));
  });
}

/** The RUNs above that create it: by its name, else the last that unpacks there, else the first that builds. */
function creatorsOf(where: Where, at: number, place: Place): readonly Instruction[] {
  const runs = where.stage.instructions
    .slice(0, at)
    .flatMap((each) =>
      each.kind === 'run' ? [{ each, how: creationOf(effectsAt(where, each), place) }] : [],
    );
  const named = runs.filter(({ how }) => how === 'named');
  if (named.length > 0) return named.map(({ each }) => each);
  const unpacked = runs.findLast(({ how }) => how === 'unpacked');
  if (unpacked) return [unpacked.each];
  const built = runs.find(({ how }) => how !== 'none');
  // What an install leaves there is a matter of its own.
  return built?.how === 'built' ? [built.each] : [];
}

/** Programs that write names of their own into the folder that they are told. */
const UNPACKING = /^(tar|bsdtar|gtar|unzip|cpio|7z|7za|unrar|git|svn|hg)$/;

/** Programs that write what a project says into its folder. */
const BUILDING = /^(npm|gulp|grunt|make|cmake|ninja|mvn|gradle|ant|go|cargo|dotnet)$/;

/** How a RUN creates what another deletes: by that name, or somewhere in a folder around it. */
type Creation = 'named' | 'unpacked' | 'built' | 'installed' | 'none';

const KINDS: readonly Creation[] = ['named', 'unpacked', 'built', 'installed'];

function creationOf(
  { commands, mounts }: Pick<RunEffects, 'commands' | 'mounts'>,
  deleted: Place,
): Creation {
  if (mounts.some((mount) => placesMeet(mount, deleted) !== 'no')) return 'none';
  const found = commands.map((command, index): Creation => {
    const { call, program, certainty, changes, writes } = command;
    if (certainty === 'may run' || changes || SMALL.test(program ?? '')) return 'none';
    const left = writes.filter(
      (place) => !place.isGuess && !isGone(commands.slice(index + 1), [place, deleted]),
    );
    const own = left.filter((place) => !isRough(place));
    if (call) return isAround(own, deleted) ? 'installed' : 'none';
    if (own.some((place) => placeCovers(deleted, place) === 'yes')) return 'named';
    if (UNPACKING.test(program ?? '')) {
      const near = left.filter((place) => !isRough(place) || isIn(place, deleted));
      return isAround(near, deleted) ? 'unpacked' : 'none';
    }
    return BUILDING.test(program ?? '') && isAround(own, deleted) ? 'built' : 'none';
  });
  return KINDS.find((kind) => found.includes(kind)) ?? 'none';
}

function isAround(places: readonly Place[], deleted: Place): boolean {
  return places.some((place) => placeCovers(place, deleted) === 'yes');
}

/** Right in the folder, and nothing that every image has there. */
function isIn({ path: folder }: Place, { path }: Place): boolean {
  const [name, around] = [plainText(path), plainText(folder)];
  if (name === undefined || around === undefined || isStandardFolder(name)) return false;
  return (name.slice(0, name.lastIndexOf('/')) || '/') === around;
}

/** A folder of the system or for everybody: what is said to be written there may be something else. */
function isRough({ path }: Place): boolean {
  return ROUGH.test(plainText(path) ?? '');
}

const ROUGH =
  /^\/((usr|etc|var|bin|sbin|lib|lib64|home|root|opt|srv|tmp)(\/(local|lib|share|cache|log|tmp))*)?$/;

function isGone(later: readonly CommandEffects[], places: readonly Place[]): boolean {
  return later.some(({ deletes }) =>
    deletes.some((each) => places.some((place) => placeCovers(each, place) === 'yes')),
  );
}

function brings(
  { file, stage, facts, context }: Where,
  copy: CopyInstruction,
): (place: Place) => boolean {
  const place = copyPlace(copy, stateBefore(file, stage, copy, facts), context, 'usual');
  if (!place) return () => false;
  const { path, isFolder, names } = place;
  const inside = names.map((name) => `${path}/${name}`);
  const targets = isFolder ? inside : [path, ...inside];
  return (deleted) => targets.some((each) => placeCovers(deleted, plainPlace(each)) === 'yes');
}

export function shown(found: readonly Found[]): string {
  const names = [...new Set(found.map(({ place }) => nameOf(place)))];
  return names.length > 2 ? `${names[0]!} and ${names.length - 1} more` : names.join(' and ');
}

/** For a remark: without the folder where nobody knows it. */
function nameOf({ path }: Place): string {
  const [first, ...rest] = path;
  return typeof first === 'string' || rest.length === 0
    ? showText(path)
    : showText(rest).replace(/^\//, '');
}
