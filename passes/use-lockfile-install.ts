/**
 * Tells installs to put in place what the lockfile says, and to fail where it is not in sync.
 * Refuses where the lockfile does not say what the manifest asks for, or something else installs too.
 */
import { changeRuns } from '../src/analysis/runs.ts';
import type { Dockerfile, RunInstruction, Stage } from '../src/dockerfile/model.ts';
import { mapStages } from '../src/dockerfile/model.ts';
import { splice } from '../src/dockerfile/edit.ts';
import {
  lockedInstalls,
  likelyLockedInstall,
  type LockedInstall,
} from '../src/installs/locked-install.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'use-lockfile-install',
  summary: 'Install exactly what the lockfile says.',
  why: 'An install that may go its own way puts other versions into the image than the developers run, and changes the lockfile where nobody sees it; "npm ci" and its like are also faster.',
  refuses: [
    'the lockfile is not in sync with the manifest, or has a format that the tool in the image does not read',
    'another command installs into the same folder, or something is copied there before',
    'an option of the install means something else in the other form, or nobody knows what',
    'a command before the install may change the manifest or the lockfile',
    'what happens where the install fails is written behind it',
    '.dockerignore keeps the lockfile out of the image',
    'the lockfile cannot be compared, or the age of the tool is not known: then it is offered',
    'the lockfile is not copied before the install: then it is offered, with the COPY that brings it',
    'nothing is known of the build context: then it is offered',
  ],
  level: 'standard',
  improves: ['reliability', 'rebuild'],
  references: [
    'https://docs.npmjs.com/cli/commands/npm-ci',
    'https://classic.yarnpkg.com/lang/en/docs/cli/install/',
    'https://pnpm.io/cli/install',
  ],
  run: (file, scope) =>
    changeRuns(file, (current, stage, run) => followed(current, stage, run, scope)),
});

function followed(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  scope: PassScope,
): Dockerfile {
  const { context, facts } = scope;
  if (!context) {
    const likely = likelyLockedInstall(file, stage, run, facts);
    if (likely) {
      const proposal = {
        level: 'standard' as const,
        message: `install what ${likely.lock} says: "${likely.shown}"`,
        assumptions: [`${likely.lock} is there and in sync`],
        needsContext: true,
      };
      scope.propose(run, proposal, run, () => run);
    }
    return file;
  }
  const found = lockedInstalls({ file, stage, run, context, facts });
  for (const why of new Set(found.flatMap((each) => (each.kind === 'refused' ? each.why : [])))) {
    scope.missed(run, why);
  }
  const edits = found.filter((each) => each.kind === 'edit');
  if (edits.length === 0) return file;
  const copies = edits.flatMap(({ copy }) => copy ?? []);
  const assumptions = [...new Set(edits.flatMap((each) => each.assumptions))];
  return scope.propose(
    run,
    {
      level: assumptions.length === 0 ? 'standard' : 'aggressive',
      message: messageOf(edits),
      assumptions,
      also: copies.map(({ from }) => from),
      needsContext: true,
    },
    file,
    () =>
      mapStages(file, (each) =>
        each !== stage
          ? each.instructions
          : stage.instructions.map((instruction) => {
              if (instruction === run)
                return splice(
                  run,
                  edits.map((edit) => edit.splice),
                );
              return copies.find(({ from }) => from === instruction)?.to ?? instruction;
            }),
      ),
  );
}

function messageOf(edits: readonly (LockedInstall & { readonly kind: 'edit' })[]): string {
  const locks = [...new Set(edits.map(({ lock }) => lock))].join(' and ');
  const shown = [...new Set(edits.map((edit) => `"${edit.shown}"`))].join(' and ');
  const copied = edits.some(({ copy }) => copy) ? `copy ${locks} as well, and ` : '';
  return `${copied}install what ${locks} says: ${shown}`;
}
