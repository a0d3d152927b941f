/**
 * Proposes a flag of one purpose for the package manager calls of a RUN, manager by manager, as far
 * as the tool in the image knows it and nothing counts on what it keeps away.
 */
import { flagSplices, missingFlag, toolAge, toolAgeRow, type FlagEdit } from './analysis/flags.ts';
import { cleansItself, laterReader } from './analysis/leftovers.ts';
import { mountsOver } from './analysis/packages.ts';
import type { RunContext } from './analysis/runs.ts';
import { splice, type Splice } from './dockerfile/edit.ts';
import type { RunInstruction } from './dockerfile/model.ts';
import type { FlagPurpose, Manager } from './facts/types.ts';
import type { PassScope } from './pass.ts';

export function proposeFlags(
  run: RunInstruction,
  context: RunContext,
  purpose: FlagPurpose,
  scope: PassScope,
): RunInstruction {
  const managers = [...new Set(context.calls.map((call) => call.manager))];
  const splices = managers.flatMap((manager) => {
    const edits = context.calls.flatMap((call) => {
      const flag =
        call.manager === manager ? missingFlag(run, call, purpose, context.state) : undefined;
      return flag ? [{ call, flag }] : [];
    });
    return edits.length === 0 ? [] : proposeFor(manager, edits, run, context, scope);
  });
  return splices.length === 0 ? run : splice(run, splices);
}

function proposeFor(
  manager: Manager,
  edits: readonly FlagEdit[],
  run: RunInstruction,
  context: RunContext,
  scope: PassScope,
): Splice[] {
  const { file, stage, body, calls } = context;
  if (body.kind !== 'script') return [];
  for (const leftover of manager.leaves) {
    if (mountsOver(run, leftover.paths) || cleansItself(body, leftover, calls)) return [];
    const reader = laterReader(file, stage, run, manager, leftover, scope.facts);
    if (reader.kind === 'counts on it') {
      scope.missed(run, `line ${reader.by.origin[0]!.line}: ${reader.why}`);
      return [];
    }
  }
  const { call, flag } = edits[0]!;
  const age = toolAge(file, stage, call, flag, scope.facts);
  if (age === 'settled') return [];
  if (age === 'old') {
    scope.missed(run, `${manager.id} in this image is older than ${flag.add}`);
    return [];
  }
  const row = toolAgeRow(call, flag, scope.facts);
  return scope.propose<Splice[]>(
    run,
    {
      level: age === 'new' ? 'safe' : 'aggressive',
      message: `add ${flag.add} to ${callNames(edits)}`,
      assumptions: age === 'new' || !row ? [] : [`the image has ${row.since} or newer`],
    },
    [],
    () => edits.flatMap((edit) => flagSplices(body, edit.call, edit.flag)),
  );
}

/** The calls in words, each once: `apt-get install, apt-get upgrade`. */
export function callNames(edits: readonly FlagEdit[]): string {
  const names = edits.map(({ call }) => `${call.program.at(-1)!.text} ${call.actionWord!.text}`);
  return [...new Set(names)].join(', ');
}
