/**
 * Moves installs by name above the instructions that copy the application.
 * Refuses where an install could see what was copied, or lies behind something that it may need.
 */
import { copiesApart, whyDependent } from '../src/analysis/independent.ts';
import { contextOf } from '../src/analysis/runs.ts';
import { stateBefore } from '../src/analysis/state.ts';
import {
  mapStages,
  type CopyInstruction,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
  type Stage,
} from '../src/dockerfile/model.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'order-by-change',
  summary: 'Install packages before the application is copied.',
  why: 'Whatever stands below a COPY is run again each time a copied file changes; packages by name do not change with the source.',
  refuses: [
    'the RUN does more than install packages by name or make accounts, or may read what was copied',
    'something is copied to where packages read or write, or to a place that is not known',
    'something else stands between the two, such as ENV, USER or another RUN',
    'what is copied comes from another stage or image: it does not change with the source',
  ],
  level: 'standard',
  improves: ['rebuild'],
  references: ['https://docs.docker.com/build/cache/optimize/#order-your-layers'],
  run: (file, scope) => mapStages(file, (stage) => ordered(file, stage, scope)),
});

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

function ordered(file: Dockerfile, whole: Stage, scope: PassScope): readonly Instruction[] {
  let stage = whole;
  for (let at = 1; at < stage.instructions.length; at++) {
    const run = stage.instructions[at]!;
    if (run.kind === 'run') stage = movedUp(file, stage, run, at, scope);
  }
  return stage.instructions;
}

function movedUp(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  at: number,
  scope: PassScope,
): Stage {
  const above = stage.instructions.slice(0, at);
  const blocked = above.findLastIndex((each) => !isCrossed(each));
  const crossed = above.slice(blocked + 1);
  const first = crossed.findIndex((each) => isSourceCopy(each));
  if (first < 0) return stage;
  const over = crossed.slice(first);
  const runContext = contextOf(file, stage, run, scope.facts);
  const why = whyDependent(run, runContext, scope.facts);
  // Most RUNs below a COPY are there because they need it.
  if (why !== undefined) return stage;
  const isInTheWay = over.find(
    (each) =>
      isCopy(each) &&
      !copiesApart(
        each,
        stateBefore(file, stage, each, scope.facts),
        scope.facts,
        runContext,
        scope.context,
      ),
  );
  if (isInTheWay) {
    const line = isInTheWay.origin[0]!.line;
    scope.missed(run, `line ${line} may copy to where packages read or write`);
    return stage;
  }
  const hasFolder = over.some((each) => each.kind === 'workdir');
  return scope.propose(
    run,
    {
      level: 'standard',
      message: 'install before the application is copied: a change of the source keeps this layer',
      // Only its line end, where the RUN was the last line of a file without one.
      also: run.eol === over.at(-1)!.eol ? [] : [over.at(-1)!],
      ...(hasFolder && { indifferentTo: ['WorkingDir'] as const }),
    },
    stage,
    () => ({
      ...stage,
      instructions: [
        ...above.slice(0, blocked + 1 + first),
        ...exchanged(run, over),
        ...stage.instructions.slice(at + 1),
      ],
    }),
  );
}

/** The RUN in front of what it stood behind; the last line of a file keeps its end. */
function exchanged(run: RunInstruction, over: readonly Instruction[]): Instruction[] {
  const last = over.at(-1)!;
  const rest = over.slice(0, -1);
  return [{ ...run, eol: last.eol }, ...rest, { ...last, eol: run.eol }];
}

function isCopy(instruction: Instruction): instruction is CopyInstruction {
  return instruction.kind === 'copy' || instruction.kind === 'add';
}

function isCrossed(instruction: Instruction): boolean {
  return isCopy(instruction) || INDIFFERENT.has(instruction.kind);
}

/** It copies from the build context, which changes more often than anything else. */
function isSourceCopy(instruction: Instruction): boolean {
  if (!isCopy(instruction)) return false;
  if (instruction.flags.some(({ name }) => name === 'from')) return false;
  return !instruction.sources.every(({ text }) => text.startsWith('<<') || /:\/\//.test(text));
}
