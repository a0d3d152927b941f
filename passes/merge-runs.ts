/**
 * Merges RUNs of one package manager that stand below each other into one.
 * Refuses where the merged code could run differently, and where nothing but the count of layers
 * would change, unless its option asks for that.
 */
import { isPackageRun } from '../src/analysis/updates.ts';
import { contextOf } from '../src/analysis/runs.ts';
import { shippedStages } from '../src/analysis/stages.ts';
import {
  mapStages,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
  type Stage,
} from '../src/dockerfile/model.ts';
import { styleOf } from '../src/dockerfile/style.ts';
import type { Manager } from '../src/facts/types.ts';
import { joinRuns, planJoin } from '../src/join.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'merge-runs',
  summary: 'Merge RUNs below each other where that makes the image smaller.',
  why: 'Every layer in which a package manager installs holds its whole database again, and package lists can only be removed in the layer that fetched them.',
  refuses: [
    'the merged code would run differently: set -e, a background job, a heredoc, builder flags that differ',
    'only the count of layers would change; the option "all" asks for that too',
    'something stands between the RUNs, or one of them does more than install: a build below an install is better cached by itself',
    'the stage is not shipped: there each RUN is better cached by itself',
  ],
  level: 'standard',
  improves: ['size', 'layers'],
  options: {
    all: {
      default: false,
      description: 'merge all RUNs below each other that can be, for fewer layers',
    },
  },
  references: ['https://docs.docker.com/build/building/best-practices/#apt-get'],
  run: (file, scope) => {
    const shipped = shippedStages(file);
    return mapStages(file, (stage) =>
      shipped.has(stage.index) ? mergeInStage(file, stage, scope) : stage.instructions,
    );
  },
});

function mergeInStage(file: Dockerfile, whole: Stage, scope: PassScope): readonly Instruction[] {
  let stage = whole;
  for (let at = 0; at < stage.instructions.length; at++) {
    const first = stage.instructions[at]!;
    if (first.kind !== 'run') continue;
    const why = reasonFor(file, stage, first, scope);
    if (why === undefined) continue;
    const wanted = [first, ...followers(stage, at).filter(untilFirst((run) => why.holds(run)))];
    if (wanted.length === 1) continue;
    stage = merged(file, stage, at, wanted, why.message, scope);
  }
  return stage.instructions;
}

/** Keeps the beginning of a list, up to the first that does not hold. */
function untilFirst<T>(holds: (each: T) => boolean): (each: T) => boolean {
  let isOver = false;
  return (each) => {
    isOver ||= !holds(each);
    return !isOver;
  };
}

/** The RUNs right below an instruction. */
function followers(stage: Stage, at: number): RunInstruction[] {
  const rest = stage.instructions.slice(at + 1);
  const end = rest.findIndex((each) => each.kind !== 'run');
  return rest.slice(0, end < 0 ? rest.length : end) as RunInstruction[];
}

/** Why RUNs below this one should become one with it, and which of them. */
function reasonFor(
  file: Dockerfile,
  stage: Stage,
  first: RunInstruction,
  scope: PassScope,
): { readonly message: string; readonly holds: (next: RunInstruction) => boolean } | undefined {
  if (scope.options['all'] === true) {
    return { message: 'merge the RUNs below each other into one layer', holds: () => true };
  }
  const manager = installerOf(file, stage, first, scope);
  if (!manager) return undefined;
  return {
    message: `merge the RUNs that only install: each layer of its own holds the database of ${manager.id} again`,
    holds: (next) => installerOf(file, stage, next, scope) === manager,
  };
}

/** The manager with a database that a RUN installs by, where it does nothing else. */
function installerOf(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  { facts }: PassScope,
): Manager | undefined {
  const { calls } = contextOf(file, stage, run, facts);
  const writing = calls.find(({ action }) => action === 'install' || action === 'upgrade');
  const manager = writing?.manager;
  if (manager?.database === undefined) return undefined;
  return isPackageRun(file, stage, run, manager, facts) ? manager : undefined;
}

/** The stage with as many of the RUNs merged, from the first on, as can be. */
function merged(
  file: Dockerfile,
  stage: Stage,
  at: number,
  wanted: readonly RunInstruction[],
  message: string,
  scope: PassScope,
): Stage {
  const [first] = wanted;
  for (let length = wanted.length; length > 1; length--) {
    const runs = wanted.slice(0, length);
    const plan = planJoin(file, stage, runs, 'subshell');
    if ('refused' in plan) continue;
    const also = runs.slice(1);
    return scope.propose(first!, { level: 'standard', message, also }, stage, () => ({
      ...stage,
      instructions: stage.instructions.toSpliced(
        at,
        length,
        joinRuns(file, stage, runs, styleOf(file), plan.forms),
      ),
    }));
  }
  const plan = planJoin(file, stage, wanted.slice(0, 2), 'subshell');
  if ('refused' in plan) scope.missed(first!, plan.refused);
  return stage;
}
