/**
 * Deletes package lists in the layer that downloaded them.
 * Refuses where a later install reads them, or a later `rm` counts on them; offers it where a script
 * that cannot be seen may.
 */
import { cleansItself, laterReader } from '../src/analysis/leftovers.ts';
import { isSettled } from '../src/analysis/flags.ts';
import { mountsOver } from '../src/analysis/packages.ts';
import { mapPackageRuns } from '../src/analysis/runs.ts';
import { appendCommand, splice } from '../src/dockerfile/edit.ts';
import { styleOf } from '../src/dockerfile/style.ts';
import type { RunInstruction } from '../src/dockerfile/model.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'remove-package-lists',
  summary: 'Delete package lists in the layer that downloaded them.',
  why: 'A file deleted in a later layer still travels in the earlier one, and the lists are stale as soon as the image is built.',
  refuses: [
    'the RUN deletes them itself, or a mount keeps them out of the layer',
    'the RUN does nothing but update, and nothing installs from that',
    'a later RUN installs without fetching the lists again',
    'a later "rm" would fail because there is nothing left to remove',
    'a script that dfopt cannot see may install packages: then it is offered at level aggressive',
    'nothing can be added behind the last command: it ends the shell, runs in the background, or reads a heredoc',
  ],
  level: 'safe',
  improves: ['size'],
  references: ['https://docs.docker.com/build/building/best-practices/#apt-get'],
  run: (file, scope) =>
    mapPackageRuns(file, scope.facts, 'shipped stages', (run, context) => {
      const { body, calls, stage, state } = context;
      if (body.kind !== 'script') return run;
      const update = calls.find((call) =>
        call.manager.leaves.some(
          (each) =>
            each.remove !== undefined &&
            each.actions.includes(call.action) &&
            each.neededByLaterInstalls,
        ),
      );
      const leftover = update?.manager.leaves.find((each) => each.remove !== undefined);
      if (!update || leftover?.remove === undefined) return run;
      if (
        cleansItself(body, leftover, calls) ||
        mountsOver(run, leftover.paths) ||
        isSettled(run, update, leftover, state)
      ) {
        return run;
      }
      const used = calls.some(
        (call) => call.manager === update.manager && call.action !== 'update',
      );
      if (!used && body.commands.length === 1) {
        return scope.missed(run, 'nothing installs from these lists: the update is of no use');
      }
      const reader = laterReader(context.file, stage, run, update.manager, leftover, scope.facts);
      const where =
        reader.kind === 'none' ? '' : `line ${reader.by.origin[0]!.line}: ${reader.why}`;
      if (reader.kind === 'reads' || reader.kind === 'counts on it') {
        return isAnswered(run, scope) ? run : scope.missed(run, where);
      }
      const sudo = update.program[0]!.literal === 'sudo' ? 'sudo ' : '';
      const added = appendCommand(run, body, sudo + leftover.remove, styleOf(file));
      if ('refused' in added) return scope.missed(run, added.refused);
      return scope.propose(
        run,
        {
          level: reader.kind === 'none' ? 'safe' : 'aggressive',
          message: `remove the ${leftover.what} that "${update.program.at(-1)!.text} ${update.actionWord!.text}" leaves`,
          assumptions: reader.kind === 'none' ? [] : [`nothing later reads the lists (${where})`],
        },
        run,
        () => splice(run, [added]),
      );
    }),
});

/** Another pass has said why the lists stay. */
function isAnswered(run: RunInstruction, { remarks }: PassScope): boolean {
  const { line } = run.origin[0]!;
  return remarks.some(
    ({ pass, outcome, origin }) =>
      pass === 'update-before-install' && outcome === 'missed' && origin.line === line,
  );
}
