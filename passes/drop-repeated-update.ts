/**
 * Takes out an update of package lists that another one of the same RUN has made already.
 * Refuses where the second may fetch something else.
 */
import { mapPackageRuns } from '../src/analysis/runs.ts';
import { repeatedUpdates } from '../src/analysis/updates.ts';
import { splice } from '../src/dockerfile/edit.ts';
import { definePass } from '../src/pass.ts';

export default definePass({
  id: 'drop-repeated-update',
  summary: 'Update package lists once in a RUN.',
  why: 'Where nothing between two updates changes where packages come from, the second fetches the same lists again, which costs each build some seconds.',
  refuses: [
    'something between the two may change where packages come from, or is no call of the package manager',
    'the second update has other options or variables than the first',
    'the second runs where the first may have failed, or nothing is joined to it',
    'what deletes the lists in between deletes something else too',
  ],
  level: 'standard',
  improves: ['rebuild'],
  references: ['https://docs.docker.com/build/building/best-practices/#apt-get'],
  run: (file, scope) =>
    mapPackageRuns(file, scope.facts, 'all stages', (run, context) => {
      const cuts = repeatedUpdates(context, run);
      if ('refused' in cuts) return scope.missed(run, cuts.refused);
      if (cuts.length === 0) return run;
      return scope.propose(
        run,
        {
          level: 'standard',
          message: 'update package lists once: nothing changes where they come from',
        },
        run,
        () => splice(run, cuts),
      );
    }),
});
