/** A COPY at the end of a build, behind which nothing runs and from which nobody copies. */
import { isWithin, type BuildContext } from '../analysis/context.ts';
import { copyPlace } from '../analysis/copy-place.ts';
import { hasWildcards, pathInside } from '../analysis/go-paths.ts';
import { filesAtEnd } from '../analysis/image-files.ts';
import { descendants, fromOf } from '../analysis/stages.ts';
import { stateBefore } from '../analysis/state.ts';
import {
  instructionsOf,
  isCopy,
  type Dockerfile,
  type Instruction,
  type Stage,
} from '../dockerfile/model.ts';
import type { Facts } from '../facts/types.ts';

export interface DeadScope {
  readonly file: Dockerfile;
  readonly context: BuildContext | undefined;
  readonly facts: Facts;
}

/** @param stage as it would be, in the place of the one of the file with its index */
export function withoutDeadCopies(stage: Stage, scope: DeadScope): readonly Instruction[] {
  const { instructions } = stage;
  const last = instructions.at(-1);
  // What stands above it would go with it.
  if (!last || !isCopy(last) || last.lead.includes('#')) return instructions;
  if (!isDead(last, stage, scope)) return instructions;
  const kept = instructions.slice(0, -1);
  return kept.some(({ kind }) => kind === 'run') ? kept : instructions;
}

function isDead(
  copy: Instruction & { readonly kind: 'copy' | 'add' },
  stage: Stage,
  { file, context, facts }: DeadScope,
): boolean {
  const stages = file.stages.map((each) => (each.index === stage.index ? stage : each));
  const next = { ...file, stages };
  if (stage.index === stages.length - 1 || fromOf(copy) !== undefined) return false;
  if (descendants(next, stage).some((each) => each !== stage)) return false;
  const place = copyPlace(copy, stateBefore(next, stage, copy, facts), context);
  if (!place) return false;
  const own = pathInside(place.path);
  const brought = context && [
    ...(filesAtEnd(next, stage, context, facts).written.get(copy)?.keys() ?? []),
  ];
  const isOf = (name: string | undefined): boolean =>
    name !== undefined && (name === stage.from.stageName || name === String(stage.index));
  return instructionsOf(next).every((each) => {
    if (!isCopy(each))
      return !new RegExp(`\\bfrom=(${stage.from.stageName}|${stage.index})\\b`).test(each.text);
    if (!isOf(fromOf(each))) return true;
    return each.sources.every(({ text }) => {
      if (!text.startsWith('/') || hasWildcards(text) || text.includes('$')) return false;
      const path = pathInside(text);
      if (!isWithin(path, own)) return !isWithin(own, path);
      // An install may have made the folder into which others are copied: this COPY brings nothing of it.
      return path !== own && brought?.some((other) => isWithin(other, path)) === false;
    });
  });
}
