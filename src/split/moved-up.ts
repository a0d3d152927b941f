/** Where an install by name could stand above the instructions that copy the application. */
import type { BuildContext } from '../analysis/context.ts';
import { copyPlace } from '../analysis/copy-place.ts';
import { effectsOf } from '../analysis/effects.ts';
import { copiesApart, whyDependent } from '../analysis/independent.ts';
import { placeCovers, plainPlace } from '../analysis/places.ts';
import { contextOf } from '../analysis/runs.ts';
import { baseOf, fromOf, stageNamed } from '../analysis/stages.ts';
import { stateBefore } from '../analysis/state.ts';
import {
  isCopy,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
  type Stage,
} from '../dockerfile/model.ts';
import type { Facts } from '../facts/types.ts';

export interface Move {
  /** What the RUN comes to stand in front of, in order. */
  readonly over: readonly Instruction[];
  /** All instructions of the stage, with the RUN in its new place. */
  readonly instructions: readonly Instruction[];
  readonly crossesFolder: boolean;
}

/** The line of the COPY that is in the way. */
export interface Blocked {
  readonly line: number;
}

export function isBlocked(move: Move | Blocked): move is Blocked {
  return 'line' in move;
}

/** Metadata, which neither an install nor a copy reads. */
const INDIFFERENT = new Set<Instruction['kind']>([
  'label',
  'maintainer',
  'expose',
  'cmd',
  'entrypoint',
  'healthcheck',
  'stopsignal',
  'workdir',
]);

/** `undefined` for a RUN that stands below no such COPY, or that may need what was copied. */
export function movedUp(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  { facts, context }: { readonly facts: Facts; readonly context: BuildContext | undefined },
): Move | Blocked | undefined {
  const at = stage.instructions.indexOf(run);
  const above = stage.instructions.slice(0, at);
  const isCrossed = (each: Instruction): boolean =>
    isCopy(each) || INDIFFERENT.has(each.kind) || setsModes(file, stage, each, facts);
  const blocked = above.findLastIndex((each) => !isCrossed(each));
  const crossed = above.slice(blocked + 1);
  const starts = crossed.flatMap((each, index) => (isSourceCopy(file, stage, each) ? [index] : []));
  if (starts.length === 0) return undefined;
  const runContext = contextOf(file, stage, run, facts);
  // Most RUNs below a COPY are there because they need it.
  if (whyDependent(run, runContext, facts) !== undefined) return undefined;
  const inTheWay = crossed.findLastIndex(
    (each) =>
      isCopy(each) &&
      !copiesApart(each, stateBefore(file, stage, each, facts), facts, runContext, context),
  );
  const first = starts.find((index) => index > inTheWay);
  if (first === undefined) {
    const isBelowSources = starts[0]! <= inTheWay;
    return isBelowSources ? { line: crossed[inTheWay]!.origin[0]!.line } : undefined;
  }
  const over = crossed.slice(first);
  if (!over.every((each) => isOfCopied(file, stage, each, over, { facts, context })))
    return undefined;
  return {
    over,
    crossesFolder: over.some((each) => each.kind === 'workdir'),
    instructions: [
      ...above.slice(0, blocked + 1 + first),
      ...exchanged(run, over),
      ...stage.instructions.slice(at + 1),
    ],
  };
}

/** The RUN in front of what it stood behind; the last line of a file keeps its end. */
function exchanged(run: RunInstruction, over: readonly Instruction[]): Instruction[] {
  const last = over.at(-1)!;
  const rest = over.slice(0, -1);
  return [{ ...run, eol: last.eol }, ...rest, { ...last, eol: run.eol }];
}

/** Whether a RUN does nothing but set modes, and all of what is known. */
function setsModes(
  file: Dockerfile,
  stage: Stage,
  each: Instruction,
  facts: Facts,
): each is RunInstruction {
  if (each.kind !== 'run' || each.flags.length > 0 || each.heredocs.length > 0) return false;
  const { commands } = effectsOf(each, stateBefore(file, stage, each, facts), facts, 'usual');
  return (
    commands.length > 0 &&
    commands.every(
      ({ changes, knowledge, writes }) =>
        changes === 'mode' && knowledge === 'complete' && writes.length > 0,
    )
  );
}

/** Whether a RUN sets the modes of nothing but what is copied just above it. */
function isOfCopied(
  file: Dockerfile,
  stage: Stage,
  each: Instruction,
  over: readonly Instruction[],
  { facts, context }: { readonly facts: Facts; readonly context: BuildContext | undefined },
): boolean {
  if (each.kind !== 'run') return true;
  const places = over.slice(0, over.indexOf(each)).flatMap((copy) => {
    const state = isCopy(copy) && stateBefore(file, stage, copy, facts);
    const place = state ? copyPlace(copy, state, context, 'usual') : undefined;
    return place ? [plainPlace(place.path)] : [];
  });
  const { commands } = effectsOf(each, stateBefore(file, stage, each, facts), facts, 'usual');
  return commands.every(({ writes }) =>
    writes.every((written) => places.some((place) => placeCovers(place, written) === 'yes')),
  );
}

/** It copies what changes more often than anything else: the build context, or what is built of it. */
function isSourceCopy(file: Dockerfile, stage: Stage, instruction: Instruction): boolean {
  if (!isCopy(instruction)) return false;
  const from = fromOf(instruction);
  if (from !== undefined) {
    const source = stageNamed(from, file, stage);
    // A number may name a stage that comes only later, which no builder takes.
    return source !== undefined && source.index < stage.index && readsContext(file, source);
  }
  return !instruction.sources.every(({ text }) => text.startsWith('<<') || /:\/\//.test(text));
}

/** Whether something of the build context is in a stage, or in one that it stands on or copies from. */
function readsContext(file: Dockerfile, stage: Stage): boolean {
  const base = baseOf(file, stage);
  if (base.kind === 'stage' && readsContext(file, base.stage)) return true;
  return stage.instructions.some((each) => isSourceCopy(file, stage, each));
}
