/**
 * Copies out of another stage what a container needs of a folder, and not all of the folder.
 * Refuses where nobody can see all that lies in it, or what of it the program needs.
 */
import { imageOf } from '../src/analysis/images.ts';
import { firstOf } from '../src/analysis/listing.ts';
import { isWithin } from '../src/analysis/context.ts';
import { baseImage } from '../src/analysis/stages.ts';
import type { CopyInstruction, Dockerfile, Instruction, Stage } from '../src/dockerfile/model.ts';
import { inPlaceOf } from '../src/dockerfile/parse.ts';
import { finalStage } from '../src/needs/small-base.ts';
import { definePass, type PassScope } from '../src/pass.ts';
import { buildingOf, type BuildingScope } from '../src/shipping/building.ts';
import { copiedFolders, runningBefore, type CopiedFolder } from '../src/shipping/copied-folders.ts';
import { hasWork } from '../src/shipping/divide.ts';
import { narrowingOf, readByOwn, type Narrowing } from '../src/shipping/narrowing.ts';
import { partTexts } from '../src/shipping/parts.ts';
import { runningOf } from '../src/shipping/running.ts';
import { stepsOf } from '../src/shipping/steps.ts';
import {
  thinningRun,
  thinningsIn,
  withThinning,
  type ThinningRun,
} from '../src/shipping/thinnings.ts';

export default definePass({
  id: 'narrow-copy-from',
  summary:
    'Copy out of another stage what the program needs, not the whole folder in which it was built.',
  why: 'A project folder copied as a whole brings the sources, half-made things and packages for development that the stages were made to leave behind.',
  refuses: [
    'nobody knows what a command of the build writes, or what else comes into the folder',
    'the image does not say what it starts, or starts a tool of the build',
    'nobody can see what of the folder the program needs',
    'a step behind the COPY builds with the folder, or may read any of it',
    'folders belong to an account or have modes of their own, which one by one they would lose',
    'a symbolic link, a name that needs quotes, or more parts than anybody wants to read',
    'packages for development: another stage, or a file beside the Dockerfile, needs the stage with them',
    'something must be true that nothing shows: then it is offered at level aggressive',
  ],
  level: 'standard',
  improves: ['size', 'rebuild', 'security'],
  references: [
    'https://docs.docker.com/build/building/multi-stage/',
    'https://docs.npmjs.com/cli/commands/npm-prune',
  ],
  run: (file, scope) => {
    const { context, facts } = scope;
    const stage = finalStage(file);
    if (!stage || !context) return file;
    const asked = { file, context, facts };
    let next = file;
    for (const folder of copiedFolders(file, stage, facts)) {
      next = narrowedIn(next, folder, stage, asked, scope);
    }
    return next;
  },
});

function narrowedIn(
  file: Dockerfile,
  folder: CopiedFolder,
  stage: Stage,
  asked: BuildingScope,
  scope: PassScope,
): Dockerfile {
  const { copy, from } = folder;
  const { facts } = scope;
  const name = baseImage(asked.file, stage);
  const stageScope = { ...asked, stage, image: name && imageOf(name, facts) };
  const running = runningBefore(runningOf(stageScope), folder, asked);
  const building = buildingOf(folder.build, running, asked);
  if (!hasWork(building.runs, facts)) return file;
  const at = stage.instructions.indexOf(copy);
  const own = stepsOf(stageScope, running.calls).filter(
    ({ run }) => stage.instructions.indexOf(run) > at,
  );
  const found = narrowingOf(folder, building, running, own, asked);
  const isNarrowed = found !== undefined && !('why' in found);
  const shipped = isNarrowed ? found.parts.flatMap(({ paths }) => paths) : [from];
  // A part of a package's folder alone is what it is, with or without the others.
  const isShipped = (path: string): boolean => shipped.some((each) => isWithin(path, each));
  const [thinning] =
    running.why !== undefined || 'why' in readByOwn(own, folder.to, asked)
      ? []
      : thinningsIn(building.own, isShipped).filter(({ paths }) => paths.some(isShipped));
  const thinned = thinning && thinningRun(thinning, folder.build, stage, asked);
  if (thinned && 'why' in thinned) scope.missed(copy, thinned.why);
  const isNew = thinned && !('why' in thinned) && !hasThinning(file, thinned);
  let next = file;
  if (isNew) next = withoutDevelopment(file, thinned, copy, scope);
  const isThinned = next !== file;
  if (!found) return next;
  if ('why' in found) {
    const isWorth = building.closed.size > 0 || building.works.some(({ thins }) => thins);
    if (!isThinned && isWorth) scope.missed(copy, found.why);
    return next;
  }
  if (found.left.length === 0 && !isThinned) return next;
  return copied(next, folder, found, isThinned ? scope.remarks.at(-1)!.id : undefined, scope);
}

function hasThinning(file: Dockerfile, { stage, made }: ThinningRun): boolean {
  return file.stages[stage.index]!.instructions.some(({ text }) => text === made.text);
}

function withoutDevelopment(
  file: Dockerfile,
  thinned: ThinningRun,
  copy: CopyInstruction,
  scope: PassScope,
): Dockerfile {
  const { thinning } = thinned.found;
  return scope.propose(
    copy,
    {
      level: 'standard',
      message: `"${thinning.command}" in the stage that builds it: ${thinning.message}`,
      also: [thinned.behind],
      thins: true,
      needsContext: true,
    },
    file,
    () => withThinning(file, thinned),
  );
}

function copied(
  file: Dockerfile,
  folder: CopiedFolder,
  found: Narrowing,
  requires: string | undefined,
  scope: PassScope,
): Dockerfile {
  const { copy, from } = folder;
  const names = found.parts.flatMap(({ paths }) => paths.map((path) => `/${path}`));
  const left = found.left.length > 0 ? `; leaves ${firstOf(found.left, 3)}` : '';
  return scope.propose(
    copy,
    {
      level: found.assumptions.length > 0 ? 'aggressive' : 'standard',
      message: `copy ${firstOf(names, 3)} in place of all of /${from}${left}`,
      assumptions: found.assumptions,
      ...(requires !== undefined && { requires: [requires] }),
      narrows: true,
      needsContext: true,
    },
    file,
    () => {
      const texts = partTexts(folder, found.parts);
      const made = texts.map((text, index): Instruction =>
        inPlaceOf(
          {
            ...copy,
            lead: index === 0 ? copy.lead : '',
            eol: index === texts.length - 1 ? copy.eol : file.stages[0]!.from.eol,
          },
          text,
        ),
      );
      return {
        ...file,
        stages: file.stages.map((each) => ({
          ...each,
          instructions: each.instructions.flatMap((one) => (one === copy ? made : [one])),
        })),
      };
    },
  );
}
