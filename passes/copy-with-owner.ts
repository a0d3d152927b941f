/**
 * Gives files their owner and mode as they are copied, not by a RUN below.
 * Refuses where the RUN changes more than what was copied, or where something between could see it.
 */
import { effectsOf } from '../src/analysis/effects.ts';
import { shippedStages } from '../src/analysis/stages.ts';
import { stateBefore } from '../src/analysis/state.ts';
import { supports, whyUnsupported } from '../src/builder.ts';
import {
  mapStages,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
  type Stage,
} from '../src/dockerfile/model.ts';
import { runBody } from '../src/dockerfile/shell.ts';
import { withAccountsFirst } from '../src/layers/accounts-first.ts';
import { changesIn, type Change } from '../src/layers/change.ts';
import { handOver, type HandOver } from '../src/layers/hand-over.ts';
import { handedOver, leftOf } from '../src/layers/hand-over-edit.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'copy-with-owner',
  summary: 'Give files their owner and mode as they are copied.',
  why: 'A RUN that changes nothing but the owner or the mode of files holds all of them again in its layer.',
  refuses: [
    'only a part of what is copied is changed, or the base image or another command may have files there',
    'something between the COPY and the change may look at the files or write there, or makes a volume of it',
    'the account may be made between the two, and cannot be made before',
    'the owner, or the mode as each file would have it, cannot be seen or cannot be said in one flag',
    'the COPY has a flag that says otherwise, unpacks an archive, or stands in another stage',
    'the command is a part of others that would then run otherwise',
    'the builder may not know the flag',
    'the stage is not shipped: there nothing travels',
    'it rests on what nobody knows of an unknown base image or command: then it is offered at level aggressive',
  ],
  level: 'standard',
  improves: ['size', 'layers'],
  references: ['https://docs.docker.com/reference/dockerfile/#copy---chown---chmod'],
  run: (file, scope) => {
    const shipped = shippedStages(file);
    return mapStages(file, (stage) =>
      shipped.has(stage.index) ? changed(file, stage, scope) : stage.instructions,
    );
  },
});

function changed(file: Dockerfile, whole: Stage, scope: PassScope): readonly Instruction[] {
  let stage = whole;
  // By what stood there when it was decided: a RUN may have several.
  const decided = new Set<string>();
  for (let at = 0; at < stage.instructions.length; at++) {
    const run = stage.instructions[at]!;
    if (run.kind !== 'run') continue;
    const next = stepAt(file, stage, at, run, decided, scope);
    if (next === stage) continue;
    stage = next;
    at = -1;
  }
  return stage.instructions;
}

/** The stage with one change of the RUN handed over; itself where there is none left. */
function stepAt(
  file: Dockerfile,
  stage: Stage,
  at: number,
  run: RunInstruction,
  decided: Set<string>,
  scope: PassScope,
): Stage {
  const { facts } = scope;
  const state = stateBefore(file, stage, run, facts);
  const body = runBody(run, state.shell);
  if (body.kind !== 'script') return stage;
  const { commands } = effectsOf(run, state, facts, 'usual');
  for (const change of changesIn(body, commands)) {
    const key = `${run.origin[0]!.line} ${run.text.slice(change.command.start, change.command.end)}`;
    if (decided.has(key)) continue;
    decided.add(key);
    const next = handed(file, stage, at, run, change, scope);
    if (next !== stage) return next;
  }
  return stage;
}

function handed(
  file: Dockerfile,
  whole: Stage,
  place: number,
  run: RunInstruction,
  change: Change,
  scope: PassScope,
): Stage {
  const { facts, context, builder } = scope;
  const says = {
    isBuildKit: builder.name === 'buildkit',
    canChmod: supports('copy-chmod', file, scope),
  };
  let where = { file, stage: whole, facts, context };
  let at = place;
  let its = change;
  let found = handOver(where, at, its, says);
  const first = found && 'why' in found ? withAccountsFirst(where, at, change) : undefined;
  if (first) {
    const again = handOver(first.where, first.at, first.change, says);
    if (again && !('why' in again)) ({ where, at, change: its } = { ...first });
    if (again && !('why' in again)) found = again;
  }
  if (!found) return whole;
  if ('why' in found) {
    scope.missed(run, found.why);
    return whole;
  }
  const why = [...found.flags.values()].some((flag) => flag.startsWith('--chmod'))
    ? whyUnsupported('copy-chmod', file, scope)
    : undefined;
  if (why !== undefined) {
    scope.missed(run, why);
    return whole;
  }
  const there = where.stage.instructions[at] as RunInstruction;
  const body = runBody(there, stateBefore(file, where.stage, there, facts).shell);
  const left = body.kind === 'script' ? leftOf(there, body, its, found) : undefined;
  if (!left || 'why' in left) {
    scope.missed(run, left?.why ?? 'its code is not understood');
    return whole;
  }
  const { assumptions, needsContext, copies } = found;
  const before = whole.instructions[place - 1]!;
  const isLast = left.run === undefined && run.eol === '';
  return scope.propose(
    run,
    {
      level: assumptions.length > 0 ? 'aggressive' : 'standard',
      message: messageOf(found),
      assumptions,
      needsContext,
      ...(where.stage !== whole && { indifferentTo: ['WorkingDir'] as const }),
      also: [...copies, ...(isLast && !copies.includes(before as never) ? [before] : [])],
    },
    whole,
    () => ({ ...whole, instructions: handedOver(where, at, found, left.run) }),
  );
}

function messageOf({ flags, what }: HandOver): string {
  const names = what.length > 2 ? `${what[0]!} and ${what.length - 1} more` : what.join(' and ');
  const [flag] = flags.values();
  return flag === undefined
    ? `leave out what ${names} has already as it is copied`
    : `copy ${names} with ${flag}: a layer of its own would hold it again`;
}
