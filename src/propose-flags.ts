/** Proposes flags that package manager calls of a RUN lack, as far as the image's tool knows them. */
import { flagSplices, toolAgeRow, type FlagEdit, type ToolAge } from './analysis/flags.ts';
import { splice } from './dockerfile/edit.ts';
import type { RunInstruction } from './dockerfile/model.ts';
import type { Script } from './dockerfile/shell.ts';
import type { PassScope } from './pass.ts';

export function proposeFlags(
  run: RunInstruction,
  script: Script,
  edits: readonly FlagEdit[],
  age: ToolAge,
  scope: PassScope,
): RunInstruction {
  const first = edits[0];
  if (!first || age === 'settled') return run;
  const { manager } = first.call;
  const { add } = first.flag;
  if (age === 'old') return scope.missed(run, `${manager.id} in this image is older than ${add}`);
  const row = toolAgeRow(first.call, first.flag, scope.facts);
  const names = edits.map(({ call }) => `${call.program.at(-1)!.text} ${call.actionWord!.text}`);
  const added = [...new Set(edits.map(({ flag }) => flag.add))].join(' and ');
  return scope.propose(
    run,
    {
      level: age === 'new' ? 'safe' : 'aggressive',
      message: `add ${added} to ${[...new Set(names)].join(', ')}`,
      assumptions: age === 'new' || !row ? [] : [`the image has ${row.since} or newer`],
    },
    run,
    () =>
      splice(
        run,
        edits.flatMap(({ call, flag }) => flagSplices(script, call, flag)),
      ),
  );
}
