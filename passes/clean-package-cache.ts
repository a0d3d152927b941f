/**
 * Cleans a package manager's cache right behind the install that filled it.
 * Refuses where the author decided, a mount keeps the cache out of the layer, or the command cannot
 * be added there without changing what runs.
 */
import { cleansItself, laterOffline } from '../src/analysis/leftovers.ts';
import { isSettled } from '../src/analysis/flags.ts';
import { hasWord, mountsOver, type PackageCommand } from '../src/analysis/packages.ts';
import { mapPackageRuns, type RunContext } from '../src/analysis/runs.ts';
import { baseImage } from '../src/analysis/stages.ts';
import { addAfterCommand, splice, type Splice } from '../src/dockerfile/edit.ts';
import type { RunInstruction } from '../src/dockerfile/model.ts';
import { styleOf } from '../src/dockerfile/style.ts';
import type { Leftover } from '../src/facts/types.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'clean-package-cache',
  summary: "Clean a package manager's cache in the layer of the install that filled it.",
  why: 'Nothing in the image reads the cache again, and a clean-up in a later layer does not make the earlier one smaller.',
  refuses: [
    'the RUN cleans up itself, or a mount keeps the cache out of the layer',
    'a word or a variable decides about the cache',
    'a later instruction installs or copies from the cache',
    'the install stands in a condition, a loop, a subshell, a function or a pipeline',
    'nothing can be added behind the install: it runs in the background or reads a heredoc',
    'the tool may run programs from its cache: then it is offered at level aggressive',
  ],
  level: 'safe',
  improves: ['size'],
  references: [
    'https://docs.npmjs.com/cli/commands/npm-cache',
    'https://docs.conda.io/projects/conda/en/latest/commands/clean.html',
    'https://dnf.readthedocs.io/en/latest/command_ref.html#clean-command',
  ],
  run: (file, scope) =>
    mapPackageRuns(file, scope.facts, 'shipped stages', (run, context) => {
      const managers = [...new Set(context.calls.map((call) => call.manager))];
      const added = managers.flatMap((manager) => {
        const leftover = manager.leaves.find((each) => each.remove ?? each.cleanWith);
        if (!leftover || leftover.neededByLaterInstalls) return [];
        return cleanAfterLast(run, leftover, context, scope);
      });
      return added.length === 0 ? run : splice(run, added);
    }),
});

/** The splice that cleans behind the last call that fills the cache, where it is allowed. */
function cleanAfterLast(
  run: RunInstruction,
  leftover: Leftover,
  context: RunContext,
  scope: PassScope,
): Splice[] {
  const { body, calls, file, stage, state } = context;
  const last = calls.findLast(
    (call) =>
      call.manager.leaves.includes(leftover) &&
      leftover.actions.includes(call.action) &&
      !isSettled(run, call, leftover, state),
  );
  if (!last || cleansItself(body, leftover, calls) || mountsOver(run, leftover.paths)) return [];
  const base = baseImage(file, stage)?.name ?? '';
  if (leftover.onlyOn && !leftover.onlyOn.includes(base)) return [];
  const offline = laterOffline(context, run, leftover);
  const added = offline
    ? { refused: `line ${offline.origin[0]!.line}: it needs what is in the cache` }
    : cleanUp(run, last, leftover, context);
  if ('refused' in added) {
    scope.missed(run, added.refused);
    return [];
  }
  const shown =
    !leftover.shownBy ||
    calls.some((call) => call.manager === last.manager && hasWord(call, leftover.shownBy!));
  return scope.propose<Splice[]>(
    run,
    {
      level: shown ? 'safe' : 'aggressive',
      message: `clean ${leftover.what} of ${last.program.at(-1)!.text}`,
      assumptions: shown || leftover.assumes === undefined ? [] : [leftover.assumes],
    },
    [],
    () => [added],
  );
}

function cleanUp(
  run: RunInstruction,
  call: PackageCommand,
  leftover: Leftover,
  { body, file }: RunContext,
): Splice | { readonly refused: string } {
  if (body.kind !== 'script') return { refused: 'the shell code is not understood' };
  const { command } = call;
  // Only there is it certain that the program can be found and that the clean-up runs when it does.
  const surrounding = command.within.find((each) => each !== 'background');
  if (surrounding) return { refused: `the install stands in a ${surrounding}` };
  if (command.assignments.length > 0 && leftover.cleanWith) {
    return { refused: 'the install sets variables of its own' };
  }
  const program = call.program.map((word) => word.text).join(' ');
  const clean = leftover.remove ?? [program, ...leftover.cleanWith!].join(' ');
  return addAfterCommand(run, body, command, clean, styleOf(file));
}
