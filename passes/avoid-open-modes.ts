/**
 * Says where everybody is allowed to write. Says nothing of folders with the sticky bit, such as /tmp.
 */
import { shellBefore } from '../src/analysis/state.ts';
import { programName, wrapperLength } from '../src/analysis/packages.ts';
import { matchesAny } from '../src/analysis/patterns.ts';
import type { Instruction } from '../src/dockerfile/model.ts';
import { runBody, type SimpleCommand } from '../src/dockerfile/shell.ts';
import { definePass } from '../src/pass.ts';

export default definePass({
  id: 'avoid-open-modes',
  summary: 'Give files to the user that needs them, not to everybody.',
  why: 'What every account of the container may change, a broken-in process may change too: programs and scripts that others run.',
  refuses: [
    'the sticky bit is set, as for /tmp: there one account cannot replace the files of another',
  ],
  level: 'safe',
  isAdvice: true,
  improves: ['security'],
  references: ['https://docs.docker.com/reference/dockerfile/#copy---chown---chmod'],
  run: (file, scope) => {
    const modes = scope.facts.advice.openModes;
    for (const stage of file.stages) {
      for (const each of stage.instructions) {
        const mode = openModeOf(each, () => shellBefore(file, stage, each), modes);
        if (mode === undefined) continue;
        scope.advise(
          each,
          `mode ${mode} lets every account write: give the files to the one that needs them by chown or COPY --chown, with mode 755 or 644`,
        );
      }
    }
    return file;
  },
});

function openModeOf(
  each: Instruction,
  shell: () => readonly string[],
  modes: readonly string[],
): string | undefined {
  if (each.kind === 'copy' || each.kind === 'add') {
    const value = each.flags.find(({ name }) => name === 'chmod')?.value;
    return value !== undefined && matchesAny(modes, value) ? value : undefined;
  }
  if (each.kind !== 'run') return undefined;
  const body = runBody(each, shell());
  if (body.kind !== 'script') return undefined;
  return body.commands.map((command) => modeOf(command, modes)).find((mode) => mode !== undefined);
}

function modeOf({ words }: SimpleCommand, modes: readonly string[]): string | undefined {
  const rest = words.slice(wrapperLength(words));
  if (programName(rest[0]) !== 'chmod') return undefined;
  const mode = rest.slice(1).find(({ text }) => !/^-[Rvcf]+$|^--/.test(text))?.literal;
  return mode !== undefined && matchesAny(modes, mode) ? mode : undefined;
}
