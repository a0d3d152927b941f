/**
 * Lets each RUN that installs fetch its own package lists, so that none stay in a layer.
 * Refuses where lists fetched anew may not be those that were fetched before.
 */
import { refetch, type Refetch } from '../src/analysis/refetch.ts';
import { shippedStages } from '../src/analysis/stages.ts';
import type { Dockerfile, RunInstruction } from '../src/dockerfile/model.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'update-before-install',
  summary: 'Update package lists in every RUN that installs, and remove them there.',
  why: 'Lists that a later RUN installs from must stay in the layer that fetched them: they are shipped, and they go stale in the build cache. To fetch them again costs the build a few seconds and some network traffic.',
  refuses: [
    'something in between may change where packages come from: a file in the folder of the sources, a key, a package from a file',
    'the install reads lists of its own choice, or works offline',
    'the update may fail and the build goes on, or has variables of its own',
    'the RUNs have flags by which one may see what the other does not',
    'the install stands in a condition, in a loop, or where an update cannot be put in front of it',
    'the lists are read when the container runs, or another stage counts on them',
    'a script that dfopt cannot see may install packages: then it is offered at level aggressive',
  ],
  level: 'standard',
  improves: ['size', 'reliability'],
  references: ['https://docs.docker.com/build/building/best-practices/#apt-get'],
  run: (file, scope) => {
    let current = file;
    for (const index of shippedStages(file)) {
      for (let at = 0; at < current.stages[index]!.instructions.length; at++) {
        const run = current.stages[index]!.instructions[at]!;
        if (run.kind !== 'run') continue;
        const found = refetch(current, { stage: index, at }, scope.facts, scope.context);
        if (!found) continue;
        if ('refused' in found) scope.missed(run, found.refused);
        else current = proposed(current, run, found, scope);
      }
    }
    return current;
  },
});

function proposed(
  file: Dockerfile,
  run: RunInstruction,
  { file: after, readers, doubts, isMoved }: Refetch,
  scope: PassScope,
): Dockerfile {
  const lines = readers.map(({ origin }) => origin[0]!.line).toSorted((a, b) => a - b);
  const where =
    lines.length === 1 ? `line ${lines[0]} installs` : `lines ${lines.join(', ')} install`;
  const more = readers.length - (isMoved ? 1 : 0);
  const cost = more === 0 ? '' : `: ${more} more ${more === 1 ? 'update' : 'updates'} in a build`;
  return scope.propose(
    run,
    {
      level: doubts.length > 0 ? 'aggressive' : 'standard',
      message: `update package lists where ${where}, and leave none behind${cost}`,
      assumptions: doubts.map((doubt) => `nothing later reads the lists (${doubt})`),
      also: readers,
    },
    file,
    () => after,
  );
}
