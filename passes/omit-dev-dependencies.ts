/**
 * Leaves out of a shipped stage the packages that only development needs.
 * Refuses where something at the build or in a container needs them, or may.
 */
import { listed } from '../src/analysis/listing.ts';
import { changeRuns } from '../src/analysis/runs.ts';
import { splice } from '../src/dockerfile/edit.ts';
import {
  mapStages,
  type Dockerfile,
  type RunInstruction,
  type Stage,
} from '../src/dockerfile/model.ts';
import { shippedInstalls } from '../src/installs/shipped-only.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'omit-dev-dependencies',
  summary: 'Install no development dependencies into the shipped image.',
  why: 'Test runners, linters and compilers are often most of what an install brings, and each of them is one more thing to patch.',
  refuses: [
    'a later command of the stage, or of one that stands on it, uses them: several stages would leave them behind',
    'what a container runs needs them, or nothing says what it runs',
    'a script of the project that the install runs needs them',
    'a source file uses one of them',
    'a package generates its code with one of them at the install',
    'another stage copies from this one, or the stage is installed into again',
    'an option, a variable or a settings file already decides',
    'a program of which nothing is known runs in the container, a source was not read, or the age of the tool is not known: then it is offered',
  ],
  level: 'standard',
  improves: ['size', 'security'],
  references: [
    'https://docs.npmjs.com/cli/commands/npm-ci#omit',
    'https://classic.yarnpkg.com/lang/en/docs/cli/install/#toc-yarn-install-production-true-false',
    'https://pnpm.io/cli/install#--prod--p',
  ],
  run: (file, scope) =>
    changeRuns(file, (current, stage, run) => leftOut(current, stage, run, scope)),
});

function leftOut(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  scope: PassScope,
): Dockerfile {
  const { context, facts } = scope;
  if (!context) return file;
  const found = shippedInstalls({ file, stage, run, context, facts });
  for (const why of new Set(found.flatMap((each) => (each.kind === 'refused' ? each.why : [])))) {
    scope.missed(run, why);
  }
  const edits = found.filter((each) => each.kind === 'edit');
  if (edits.length === 0) return file;
  const assumptions = [...new Set(edits.flatMap((each) => each.assumptions))];
  return scope.propose(
    run,
    {
      level: assumptions.length === 0 ? 'standard' : 'aggressive',
      message: `add ${edits[0]!.add}: leaves out ${listed([...new Set(edits.flatMap(({ names }) => names))])}`,
      assumptions,
      needsContext: true,
    },
    file,
    () =>
      mapStages(file, (each) =>
        each === stage
          ? stage.instructions.map((instruction) =>
              instruction === run
                ? splice(
                    run,
                    edits.map((edit) => edit.splice),
                  )
                : instruction,
            )
          : each.instructions,
      ),
  );
}
