/**
 * Says where a RUN calls sudo. Says nothing where it changes to an account other than root.
 */
import { heldBefore } from '../src/analysis/state.ts';
import { WORLDS, plainText } from '../src/analysis/values.ts';
import type { SimpleCommand } from '../src/dockerfile/shell.ts';
import { runBody } from '../src/dockerfile/shell.ts';
import { definePass } from '../src/pass.ts';

export default definePass({
  id: 'avoid-sudo',
  summary: 'Change the user by USER, not by sudo.',
  why: 'A RUN is root already unless USER says otherwise. For sudo to work without a password, every process of the container must be allowed to become root.',
  refuses: ['sudo changes to another account than root'],
  level: 'safe',
  isAdvice: true,
  improves: ['security'],
  references: ['https://docs.docker.com/build/building/best-practices/#user'],
  run: (file, scope) => {
    for (const stage of file.stages) {
      for (const run of stage.instructions) {
        if (run.kind !== 'run') continue;
        const { shell, user } = heldBefore(file, stage, run, scope.facts);
        const body = runBody(run, shell);
        if (body.kind !== 'script' || !body.commands.some(becomesRoot)) continue;
        const isRoot = WORLDS.every((world) => isRootName(plainText(user[world])));
        scope.advise(
          run,
          isRoot
            ? 'the RUN is root already: leave out sudo'
            : 'sudo lets the processes of the container become root: put "USER root" above the RUN and the user that was there below it',
        );
      }
    }
    return file;
  },
});

function isRootName(user: string | undefined): boolean {
  return user !== undefined && /^(root|0)?(:.*)?$/.test(user);
}

function becomesRoot({ words }: SimpleCommand): boolean {
  return (
    words[0]?.literal === 'sudo' &&
    !words.some(({ text }) => /^(-u|-g|--user(=.*)?|--group(=.*)?|-i?u\w+)$/.test(text))
  );
}
