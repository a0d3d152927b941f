/**
 * Tells package managers that have such a flag to keep no cache at all.
 * Refuses where the author decided, a cache mount is there, a later `rm` counts on the cache, or the
 * tool in the image may be too old for the flag.
 */
import { mapPackageRuns } from '../src/analysis/runs.ts';
import { uselessUpdates } from '../src/analysis/updates.ts';
import { splice } from '../src/dockerfile/edit.ts';
import type { Dockerfile } from '../src/dockerfile/model.ts';
import { definePass, type PassScope } from '../src/pass.ts';
import { proposeFlags } from '../src/propose-flags.ts';

export default definePass({
  id: 'skip-package-cache',
  summary: 'Tell package managers to keep no download cache in the layer.',
  why: 'Nothing in the image reads the cache again, and every pull pays for it.',
  refuses: [
    'a word, a variable or a configuration file already decides',
    'the RUN deletes the cache itself, or a mount keeps it out of the layer',
    'a later "rm" or COPY would fail because there is nothing left',
    'the tool in the image is too old for the flag; where its age is not known, it is offered',
  ],
  level: 'safe',
  improves: ['size'],
  references: [
    'https://pip.pypa.io/en/stable/topics/caching/',
    'https://docs.alpinelinux.org/user-handbook/0.1a/Working/apk.html',
  ],
  run: (file, scope) =>
    dropUselessUpdates(
      mapPackageRuns(file, scope.facts, 'shipped stages', (run, context) =>
        proposeFlags(run, context, 'cache', scope),
      ),
      scope,
    ),
});

/** `apk update` before installs that fetch the index themselves. */
function dropUselessUpdates(file: Dockerfile, scope: PassScope): Dockerfile {
  return mapPackageRuns(file, scope.facts, 'shipped stages', (run, context) => {
    const managers = [...new Set(context.calls.map((call) => call.manager))];
    const splices = managers.flatMap((manager) =>
      uselessUpdates(context, run, manager, scope.facts),
    );
    if (splices.length === 0) return run;
    const message = 'drop the update of an index that no install reads';
    return scope.propose(run, { level: 'safe', message }, run, () => splice(run, splices));
  });
}
