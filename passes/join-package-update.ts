/**
 * Joins a RUN that only updates package lists with the RUNs that install from them.
 * Refuses where the joined command could run differently: shell state, `||`, several commands in a
 * list, flags, heredocs, or instructions in between that matter.
 */
import { isInstallWithoutUpdate, updateOnlyRun } from '../src/analysis/updates.ts';
import { shippedStages } from '../src/analysis/stages.ts';
import { joinRuns, whyNotJoin } from '../src/join.ts';
import { mapStages, type Instruction, type RunInstruction, type Stage } from '../src/dockerfile/model.ts';
import { styleOf } from '../src/dockerfile/style.ts';
import { definePass, type PassScope } from '../src/pass.ts';
import type { Dockerfile } from '../src/dockerfile/model.ts';

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

function joinInStage(file: Dockerfile, stage: Stage, scope: PassScope): readonly Instruction[] {
  let instructions = stage.instructions;
  for (const update of stage.instructions) {
    if (update.kind !== 'run' || !instructions.includes(update)) continue;
    const manager = updateOnlyRun(file, stage, update, scope.facts);
    if (!manager) continue;
    const at = instructions.indexOf(update);
    const between = instructions.slice(at + 1).findIndex((each) => !isIndifferent(each));
    const start = between < 0 ? -1 : at + 1 + between;
    const installs: RunInstruction[] = [];
    for (const each of start < 0 ? [] : instructions.slice(start)) {
      if (each.kind !== 'run') break;
      if (!isInstallWithoutUpdate(file, stage, each, manager, scope.facts)) break;
      installs.push(each);
    }
    if (installs.length === 0) continue;
    const crossed = instructions.slice(at + 1, start);
    const joinable = installs.findIndex((_, index) => whyNot(file, stage, update, installs.slice(0, index + 1), crossed, scope) !== undefined);
    const last = installs.slice(0, joinable < 0 ? undefined : joinable);
    if (last.length === 0) {
      scope.missed(update, whyNot(file, stage, update, installs.slice(0, 1), crossed, scope)!);
      continue;
    }
    const message = 'join the update of package lists with the install that reads them';
    instructions = scope.propose(update, { level: 'safe', message, also: last }, instructions, () => [
      ...instructions.slice(0, at),
      ...crossed,
      joinRuns(file, stage, [update, ...last], styleOf(file)),
      ...instructions.slice(start + last.length),
    ]);
  }
  return instructions;
}

function isIndifferent(instruction: Instruction): boolean {
  if (!INDIFFERENT.has(instruction.kind)) return false;
  // A proxy is what the update goes through.
  return !/prox[iy]/i.test(instruction.text);
}

function whyNot(
  file: Dockerfile,
  stage: Stage,
  update: RunInstruction,
  installs: readonly RunInstruction[],
  crossed: readonly Instruction[],
  scope: PassScope,
): string | undefined {
  if (crossed.length > 0 && updateOnlyRun(file, stage, update, scope.facts, 'alone') === undefined) {
    return 'other commands of the RUN would move past the instructions in between';
  }
  return whyNotJoin(file, stage, [update, ...installs]);
}
