/**
 * Answers the question that a package manager asks before it installs.
 * Refuses where a word, a variable, a configuration file or a pipe from `yes` already answers it.
 */
import { flagSplices, missingFlag } from '../src/analysis/flags.ts';
import { mapPackageRuns } from '../src/analysis/runs.ts';
import { splice } from '../src/dockerfile/edit.ts';
import { definePass } from '../src/pass.ts';

export default definePass({
  id: 'assume-yes',
  summary: 'Answer yes to the question that a package manager asks before it installs.',
  why: 'Nobody can answer during a build: as soon as an install needs one more package than it names, it stops with "Abort".',
  refuses: [
    'a word, a variable or a configuration file already answers',
    'the command reads its answer from a pipe',
  ],
  level: 'safe',
  improves: ['reliability'],
  references: ['https://manpages.debian.org/bookworm/apt/apt-get.8.en.html'],
  run: (file, scope) =>
    mapPackageRuns(file, scope.facts, 'all stages', (run, { body, calls, state }) => {
      if (body.kind !== 'script') return run;
      const edits = calls.flatMap((call) => {
        if (call.command.within.includes('pipeline')) return [];
        const flag = missingFlag(run, call, 'yes', state);
        return flag ? [{ call, flag }] : [];
      });
      if (edits.length === 0) return run;
      const names = edits.map(
        ({ call }) => `${call.program.at(-1)!.text} ${call.actionWord!.text}`,
      );
      const message = `add ${edits[0]!.flag.add} to ${[...new Set(names)].join(', ')}`;
      return scope.propose(run, { level: 'safe', message }, run, () =>
        splice(
          run,
          edits.flatMap(({ call, flag }) => flagSplices(body, call, flag)),
        ),
      );
    }),
});
