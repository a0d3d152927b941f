/**
 * Answers the question that a package manager asks before it installs.
 * Refuses where a word, a variable, a configuration file or a pipe from `yes` already answers it.
 */
import { flagSplices, missingFlag, type FlagEdit } from '../src/analysis/flags.ts';
import { mapPackageRuns } from '../src/analysis/runs.ts';
import { mayFail, splice, type Splice } from '../src/dockerfile/edit.ts';
import type { RunInstruction } from '../src/dockerfile/model.ts';
import type { Script } from '../src/dockerfile/shell.ts';
import { definePass, type PassScope } from '../src/pass.ts';
import { callNames } from '../src/propose-flags.ts';

export default definePass({
  id: 'assume-yes',
  summary: 'Answer yes to the question that a package manager asks before it installs.',
  why: 'Nobody can answer during a build: as soon as an install needs one more package than it names, it stops with "Abort".',
  refuses: [
    'a word, a variable or a configuration file already answers',
    'the command reads its answer from a pipe',
    'the RUN goes on when the command fails: then it is offered at level aggressive',
  ],
  level: 'safe',
  improves: ['reliability'],
  references: ['https://manpages.debian.org/bookworm/apt/apt-get.8.en.html'],
  run: (file, scope) =>
    mapPackageRuns(file, scope.facts, 'all stages', (run, { body, calls, state }) => {
      if (body.kind !== 'script') return run;
      const edits = calls.flatMap((call): FlagEdit[] => {
        if (call.command.within.includes('pipeline')) return [];
        const flag = missingFlag(run, call, 'yes', state);
        return flag ? [{ call, flag }] : [];
      });
      const tolerated = edits.filter(({ call }) => mayFail(call.command, body));
      const firm = edits.filter((edit) => !tolerated.includes(edit));
      const splices = [
        ...answer(run, body, firm, [], scope),
        ...answer(run, body, tolerated, [MEANT], scope),
      ];
      return splices.length === 0 ? run : splice(run, splices);
    }),
});

const MEANT = 'the command is meant to succeed, although the RUN goes on without it';

function answer(
  run: RunInstruction,
  script: Script,
  edits: readonly FlagEdit[],
  assumptions: readonly string[],
  scope: PassScope,
): Splice[] {
  if (edits.length === 0) return [];
  const level = assumptions.length > 0 ? 'aggressive' : 'safe';
  const message = `add ${edits[0]!.flag.add} to ${callNames(edits)}`;
  return scope.propose<Splice[]>(run, { level, message, assumptions }, [], () =>
    edits.flatMap(({ call, flag }) => flagSplices(script, call, flag)),
  );
}
