/**
 * Joins a RUN that only updates package lists with the RUNs that install from them.
 * Refuses where the joined command could run differently: shell state, `||`, several commands in a
 * list, flags, heredocs, or instructions in between that matter.
 */
import {
  isInstallWithoutUpdate,
  isPackageRun,
  listsLeftBy,
  type ListsLeft,
} from '../src/analysis/updates.ts';
import { shippedStages } from '../src/analysis/stages.ts';
import { joinRuns, whyNotJoin } from '../src/join.ts';
import {
  mapStages,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
  type Stage,
} from '../src/dockerfile/model.ts';
import { styleOf } from '../src/dockerfile/style.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'join-package-update',
  summary: 'Update package lists in the RUN that installs from them.',
  why: 'A cached update goes stale: when only the install line changes, it installs from old lists and fails. The lists can also only be removed in the layer that has them.',
  refuses: [
    'the joined commands would run differently: shell state that leaks, ||, several commands in a list, flags, heredocs',
    'an instruction between the two matters to the update',
  ],
  level: 'safe',
  improves: ['reliability', 'size'],
  references: ['https://docs.docker.com/build/building/best-practices/#apt-get'],
  run: (file, scope) => {
    const shipped = shippedStages(file);
    return mapStages(file, (stage) =>
      shipped.has(stage.index) ? joinInStage(file, stage, scope) : stage.instructions,
    );
  },
});

/** Instructions that neither read nor change what an update does. */
const INDIFFERENT = new Set<Instruction['kind']>(['label', 'maintainer', 'expose', 'env', 'arg']);

function joinInStage(file: Dockerfile, whole: Stage, scope: PassScope): readonly Instruction[] {
  let stage = whole;
  for (let at = 0; at < stage.instructions.length; at++) {
    const update = stage.instructions[at]!;
    if (update.kind !== 'run') continue;
    const joined = joinAt(file, stage, at, update, scope);
    if (joined === stage) continue;
    stage = joined;
    // What was joined may have another install behind it.
    at--;
  }
  return stage.instructions;
}

function joinAt(
  file: Dockerfile,
  stage: Stage,
  at: number,
  update: RunInstruction,
  scope: PassScope,
): Stage {
  const left = listsLeftBy(file, stage, update, scope.facts);
  if (!left) return stage;
  const rest = stage.instructions.slice(at + 1);
  const distance = rest.findIndex((each) => !isIndifferent(each));
  const crossed = rest.slice(0, Math.max(distance, 0));
  const readers = readersOf(file, stage, rest.slice(crossed.length), left, scope);
  if (readers.length === 0) return stage;
  if (crossed.length > 0 && !left.alone) {
    scope.missed(update, 'other commands of the RUN would move past what stands in between');
    return stage;
  }
  const runs = longestJoin(file, stage, [update, ...readers]);
  if (runs.length === 1) {
    scope.missed(update, whyNotJoin(file, stage, [update, readers[0]!])!);
    return stage;
  }
  const message = 'join the update of package lists with the installs that read them';
  const also = runs.slice(1);
  return scope.propose(update, { level: 'safe', message, also }, stage, () => ({
    ...stage,
    instructions: [
      ...stage.instructions.slice(0, at),
      ...crossed,
      joinRuns(file, stage, runs, styleOf(file)),
      ...rest.slice(crossed.length + also.length),
    ],
  }));
}

function isIndifferent(instruction: Instruction): boolean {
  if (!INDIFFERENT.has(instruction.kind)) return false;
  // A proxy is what the update goes through.
  return !/proxy/i.test(instruction.text);
}

/** The RUNs at the start of a list that install from lists fetched before them. */
function readersOf(
  file: Dockerfile,
  stage: Stage,
  instructions: readonly Instruction[],
  { manager, unread }: ListsLeft,
  scope: PassScope,
): RunInstruction[] {
  const readers: RunInstruction[] = [];
  for (const each of instructions) {
    if (each.kind !== 'run') return readers;
    if (!isInstallWithoutUpdate(file, stage, each, manager, scope.facts)) return readers;
    // A long build behind the first install is worth a cached layer of its own before it.
    const only = isPackageRun(file, stage, each, manager, scope.facts);
    if (!only && !(unread && readers.length === 0)) return readers;
    readers.push(each);
    if (!only) return readers;
  }
  return readers;
}

/** As many of the RUNs, from the first on, as can become one. */
function longestJoin(
  file: Dockerfile,
  stage: Stage,
  runs: readonly RunInstruction[],
): readonly RunInstruction[] {
  for (let length = runs.length; length > 1; length--) {
    const some = runs.slice(0, length);
    if (whyNotJoin(file, stage, some) === undefined) return some;
  }
  return runs.slice(0, 1);
}
