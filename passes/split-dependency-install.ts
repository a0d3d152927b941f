/**
 * Installs dependencies from their manifests, before the sources are copied.
 * Refuses where the install may read sources, or where it cannot be seen what is copied to where.
 */
import { listed } from '../src/analysis/listing.ts';
import type { Dockerfile, Instruction, RunInstruction, Stage } from '../src/dockerfile/model.ts';
import { mapStages } from '../src/dockerfile/model.ts';
import { withoutDeadCopies } from '../src/split/dead-copy.ts';
import { isWhy } from '../src/split/manifest-copies.ts';
import { isBlocked, movedUp } from '../src/split/moved-up.ts';
import { definePass, type PassScope } from '../src/pass.ts';
import { likelySplit, splitInstall, type Split } from '../src/split/split-install.ts';

export default definePass({
  id: 'split-dependency-install',
  summary: 'Copy the manifests and install dependencies before the sources are copied.',
  why: 'Whatever stands below a COPY is run again each time a copied file changes: sources change with every commit, dependencies seldom.',
  refuses: [
    'the install may read the sources: a script of the project, a dependency in a folder of it, an install of the project itself, a manifest that is a program and reads files',
    'a command between the COPY and the install, or before the install in its RUN, may need the sources',
    'what is copied, or where to, is not known before the build',
    'something that other instructions copy lies where the install writes',
    'a command behind the install in the same RUN, in a shipped stage, deletes what the install leaves',
    'what the install reads is large, or lies in too many folders',
    'nothing is known of the build context: then it is offered',
  ],
  level: 'standard',
  improves: ['rebuild'],
  references: [
    'https://docs.docker.com/build/building/best-practices/#leverage-build-cache',
    'https://docs.docker.com/build/cache/optimize/#order-your-layers',
  ],
  run: (file, scope) => mapStages(file, (stage) => installsEarly(file, stage, scope)),
});

function installsEarly(file: Dockerfile, whole: Stage, scope: PassScope): readonly Instruction[] {
  let stage = whole;
  for (let at = 0; at < stage.instructions.length; at++) {
    const run = stage.instructions[at]!;
    if (run.kind !== 'run') continue;
    const next = scope.context
      ? splitAt(file, stage, run, scope)
      : offeredAt(file, stage, run, scope);
    at += next.instructions.length - stage.instructions.length;
    stage = next;
  }
  return stage.instructions;
}

function splitAt(file: Dockerfile, stage: Stage, run: RunInstruction, scope: PassScope): Stage {
  const { facts } = scope;
  const split = splitInstall({ file, stage, run, facts, context: scope.context! });
  if (!split) return stage;
  if (isWhy(split)) {
    scope.missed(run, split.why);
    return stage;
  }
  const { text } = split.overlaid;
  const next = scope.propose(
    split.subject,
    {
      level: 'standard',
      message: messageOf(split),
      also: split.also,
      assumptions: assumptionsOf(split),
      needsContext: true,
      ...(text !== undefined && { ignore: text }),
    },
    stage,
    () => ({ ...stage, instructions: withoutDead(file, stage, split, scope) }),
  );
  return next === stage ? stage : withFollowers(file, next, split, scope);
}

/** In a build that was split off, sources that only the install stood behind are of no use any more. */
function withoutDead(
  file: Dockerfile,
  stage: Stage,
  { instructions }: Split,
  scope: PassScope,
): readonly Instruction[] {
  const name = stage.from.stageName;
  const isSplitOff = scope.remarks.some(
    ({ outcome, splits }) => outcome === 'applied' && splits !== undefined && splits === name,
  );
  return isSplitOff
    ? withoutDeadCopies(
        { ...stage, instructions },
        { file, context: scope.context, facts: scope.facts },
      )
    : instructions;
}

/** Installs by name that stood behind it have no RUN above them any more that needs the sources. */
function withFollowers(
  file: Dockerfile,
  whole: Stage,
  { subject, also }: Split,
  scope: PassScope,
): Stage {
  const split = scope.remarks.at(-1)!.id;
  const lines = new Set([subject, ...also].map(({ origin }) => origin[0]!.line));
  let stage = whole;
  for (const run of whole.instructions) {
    const move = run.kind === 'run' ? movedUp(file, stage, run, scope) : undefined;
    if (!move || isBlocked(move)) continue;
    const { over, instructions, crossesFolder } = move;
    // Only over what the split has moved: about the others another pass has decided.
    if (!over.some(({ origin }) => lines.has(origin[0]!.line))) continue;
    const before = stage;
    stage = scope.propose(
      run,
      {
        level: 'standard',
        message: 'install before the sources are copied, now that no RUN between them needs those',
        requires: [split],
        also: over.slice(-1),
        ...(crossesFolder && { indifferentTo: ['WorkingDir'] as const }),
      },
      before,
      () => ({ ...before, instructions }),
    );
  }
  return stage;
}

function messageOf({ first, isCut, overlaid }: Split): string {
  const { patterns } = overlaid;
  return [
    first.length === 0
      ? 'install before the sources are copied'
      : `copy ${listed(first)} and install before the sources are copied`,
    ...(isCut ? ['what else the RUN does stays behind them'] : []),
    ...(patterns.length > 0 ? [`keep ${listed(patterns)} out of the build context`] : []),
  ].join('; ');
}

/** Whoever builds elsewhere may have what is not there on this machine. */
function assumptionsOf({ overlaid: { open } }: Split): string[] {
  if (open.length === 0) return [];
  return [
    `no build context has ${listed(open)}: the sources would bring it over what is installed`,
  ];
}

function offeredAt(file: Dockerfile, stage: Stage, run: RunInstruction, scope: PassScope): Stage {
  const likely = likelySplit(file, stage, run, scope.facts);
  if (!likely) return stage;
  return scope.propose(
    likely.copy,
    {
      level: 'standard',
      message: `copy ${listed(likely.manifests)} and install before the sources are copied`,
      also: [run],
      assumptions: ['the install reads nothing else of the build context'],
      needsContext: true,
    },
    stage,
    () => stage,
  );
}
