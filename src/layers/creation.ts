/** Which of the places that a RUN deletes an earlier instruction brought, and how sure that is. */
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

/** Programs whose only trace is small: nothing is gained where it is gone. */
const SMALL = /^(mkdir|touch|ln|echo|printf|chmod|chown|chgrp|true|ssh-keygen|ssh-keyscan)$/;

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
  const isBrought = (place: Place): boolean => {
    if (each.kind === 'copy' || each.kind === 'add') return brings(where, each)(place);
    if (each.kind !== 'run') return false;
    const creation = creationOf(effectsAt(where, each), place);
    if (creation !== 'around') return creation === 'named';
    // Only where nobody else creates it by its name, and nobody before.
    return !where.stage.instructions.slice(0, at).some((other, index) => {
      if (other.kind !== 'run' || other === each) return false;
      const its = creationOf(effectsAt(where, other), place);
      return (
        its === 'named' || (its === 'around' && index < where.stage.instructions.indexOf(each))
      );
    });
  };
  const { commands: all } = effectsAt(where, own);
  return commands.flatMap((command) => {
    const before = { commands: all.slice(0, all.indexOf(command)), mounts: [] };
    return command.deletes
      .filter((place) => !place.isGuess && creationOf(before, place) === 'none' && isBrought(place))
      .map((place) => ({ command, place }));
  });
}

/** Programs that write names of their own into the folder that they are told. */
const UNPACKING = /^(tar|bsdtar|gtar|unzip|cpio|7z|7za|unrar|git|svn|hg|npm|gulp|grunt|make)$/;

/** How sure it is that a RUN creates what another deletes: by that name, or in that folder. */
type Creation = 'named' | 'around' | 'none';

function creationOf(
  { commands, mounts }: Pick<RunEffects, 'commands' | 'mounts'>,
  deleted: Place,
): Creation {
  if (mounts.some((mount) => placesMeet(mount, deleted) !== 'no')) return 'none';
  const found = commands.map(({ call, program, certainty, changes, writes }, index): Creation => {
    if (call || certainty === 'may run' || changes || SMALL.test(program ?? '')) return 'none';
    const left = writes.filter(
      (place) =>
        !place.isGuess && !isRough(place) && !isGone(commands.slice(index + 1), [place, deleted]),
    );
    if (left.some((place) => placeCovers(deleted, place) === 'yes')) return 'named';
    const isAround =
      UNPACKING.test(program ?? '') &&
      left.some((place) => plainText(place.path) !== '/' && placeCovers(place, deleted) === 'yes');
    return isAround ? 'around' : 'none';
  });
  return found.includes('named') ? 'named' : found.includes('around') ? 'around' : 'none';
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
