/**
 * Deletes files in the layer that creates them, by joining RUNs or by moving the deletion up.
 * Refuses where something between may need the files, or where the joined code could run differently.
 */
import { shippedStages } from '../src/analysis/stages.ts';
import {
  mapStages,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
  type Stage,
} from '../src/dockerfile/model.ts';
import { styleOf } from '../src/dockerfile/style.ts';
import { joinRuns, planJoin } from '../src/join.ts';
import { lateDeletion, type LateDeletion } from '../src/layers/deletion.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'delete-in-same-layer',
  summary: 'Delete files in the layer that creates them.',
  why: 'A file that a later layer deletes still travels in the earlier one; only what is deleted in the RUN that created it leaves nothing behind.',
  refuses: [
    'something that is no RUN stands between the RUN that creates the files and the last one that may use them',
    'what stands between may copy to the same place or use what else is deleted, or is another user, shell or volume',
    'variables or the folder are others where the deletion would move to',
    'the deletion is a part of a larger RUN and cannot be taken out of it',
    'more than five RUNs would become one, or one of them starts a service or is an install that has nothing to do with the files',
    'the joined code would run differently: builder flags that differ, a heredoc, a background job, set -e',
    'COPY or ADD brought the files: no RUN can take them out of that layer',
    'the stage is not shipped: there nothing travels, and each RUN is better cached by itself',
  ],
  level: 'standard',
  improves: ['size', 'layers'],
  references: ['https://docs.docker.com/build/building/best-practices/#run'],
  run: (file, scope) => {
    const shipped = shippedStages(file);
    return mapStages(file, (stage) =>
      shipped.has(stage.index) ? cleaned(file, stage, scope) : stage.instructions,
    );
  },
});

function cleaned(file: Dockerfile, whole: Stage, scope: PassScope): readonly Instruction[] {
  const { facts, context } = scope;
  const refused = new Map<RunInstruction, string>();
  const asked = new Set<RunInstruction>();
  let stage = whole;
  for (let at = 1; at < stage.instructions.length; at++) {
    const run = stage.instructions[at]!;
    const found = lateDeletion({ file, stage, facts, context }, at);
    if (!found || run.kind !== 'run' || asked.has(run)) continue;
    if ('why' in found) {
      refused.set(run, found.why);
      continue;
    }
    const next = joined(file, stage, at, run, found, scope);
    asked.add(run);
    if (typeof next === 'string') {
      refused.set(run, next);
    } else if (next !== stage) {
      stage = next;
      // What was joined may be deleted, or delete, in its turn.
      at = Math.max(found.start - 1, 0);
    }
  }
  for (const [run, why] of refused) {
    if (stage.instructions.includes(run)) scope.missed(run, why);
  }
  return stage.instructions;
}

/** The stage with the RUNs joined, or why they cannot be. */
function joined(
  file: Dockerfile,
  stage: Stage,
  at: number,
  run: RunInstruction,
  { what, isMove, runs, start, beside, rest }: LateDeletion,
  scope: PassScope,
): Stage | string {
  const { instructions } = stage;
  const end = start + beside;
  const isMoved = end <= at;
  const behind = isMoved ? instructions.slice(end) : instructions.slice(at + 1);
  const there = { ...stage, instructions: [...instructions.slice(0, start), ...runs, ...behind] };
  const plan = planJoin(file, there, runs, 'subshell');
  if ('refused' in plan) return `${what} stays in an earlier layer: ${plan.refused}`;
  const over = isMoved ? instructions.slice(end, at) : [];
  const verb = isMove ? 'move' : 'delete';
  const message =
    runs.length === 2
      ? `${verb} ${what} in the layer that creates it`
      : `create, use and ${verb} ${what} in one layer`;
  const also = [run, ...runs.slice(1, beside), ...(over.length > 0 && !rest ? over.slice(-1) : [])];
  return scope.propose(runs[0]!, { level: 'standard', message, also }, stage, () => {
    const one = joinRuns(file, there, runs, styleOf(file), plan.forms, 1);
    const after = isMoved ? [...over, ...(rest ? [rest] : [])] : [];
    return {
      ...stage,
      instructions: [
        ...instructions.slice(0, start),
        ...withLineEnds([one, ...after], run.eol),
        ...instructions.slice(at + 1),
      ],
    };
  });
}

/** The last of them ends as the last one did; the last line of a file may have no end. */
function withLineEnds(list: readonly Instruction[], eol: string): Instruction[] {
  const usual = list.find((each) => each.eol !== '')?.eol ?? '\n';
  return list.map((each, index) => {
    const end = index === list.length - 1 ? eol : each.eol === '' ? usual : each.eol;
    return end === each.eol ? each : { ...each, eol: end };
  });
}
