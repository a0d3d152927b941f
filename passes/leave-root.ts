/**
 * Says where the container's program runs as root.
 * Says nothing where the program may change its user by itself, or where the base is not known.
 */
import { baseImage } from '../src/analysis/stages.ts';
import { textOf, type BuildContext } from '../src/analysis/context.ts';
import { matchesAny } from '../src/analysis/patterns.ts';
import { stateAfter } from '../src/analysis/state.ts';
import { plainText, WORLDS } from '../src/analysis/values.ts';
import type { CommandInstruction, Dockerfile, Stage } from '../src/dockerfile/model.ts';
import type { Advice, Facts } from '../src/facts/types.ts';
import { definePass } from '../src/pass.ts';

export default definePass({
  id: 'leave-root',
  summary: 'Run the program as a user of its own.',
  why: 'A process that is broken into as root can change everything in the container, and is root outside of it too where something else goes wrong.',
  refuses: [
    'the program may change its user by itself: it is a script, a shell, or a server that starts as root',
    'the base image is not known, or brings an ENTRYPOINT that may change the user',
    'a USER is named, or no port is: then nobody connects to the program',
  ],
  level: 'safe',
  isAdvice: true,
  improves: ['security'],
  references: ['https://docs.docker.com/build/building/best-practices/#user'],
  run: (file, scope) => {
    const stage = file.stages.at(-1);
    const command = stage && startsAsRoot(file, stage, scope.facts, scope.context);
    if (!command) return file;
    const { advice } = scope.facts;
    const name = baseImage(file, stage)!.name;
    const account = advice.staysRoot.find(({ image }) => image === name)?.account;
    scope.advise(
      command,
      account === undefined
        ? 'the program runs as root: make an account by useradd, and name it by USER above this line'
        : `the program runs as root: write "USER ${account}" above this line, an account that the base image has`,
    );
    return file;
  },
});

/** The instruction that starts a program that stays root. */
function startsAsRoot(
  file: Dockerfile,
  stage: Stage,
  facts: Facts,
  context: BuildContext | undefined,
): CommandInstruction | undefined {
  // A tool that somebody starts for a moment may well be root.
  if (!stage.instructions.some(({ kind }) => kind === 'expose')) return undefined;
  const base = baseImage(file, stage);
  if (!facts.advice.staysRoot.some(({ image }) => image === base?.name)) return undefined;
  const { user } = stateAfter(file, stage, facts);
  if (!WORLDS.every((world) => /^(root|0)?(:.*)?$/.test(plainText(user[world]) ?? '?')))
    return undefined;
  const commands = stage.instructions.filter(
    (each): each is CommandInstruction => each.kind === 'cmd' || each.kind === 'entrypoint',
  );
  const last = commands.findLast(({ kind }) => kind === 'entrypoint') ?? commands.at(-1);
  if (!last || commands.some((each) => mayLeaveRoot(each, facts.advice, context))) return undefined;
  // Whoever brings such a program into the image calls it somewhere.
  const calls = stage.instructions.some(
    ({ kind, text }) => kind !== 'cmd' && /\b(gosu|su-exec)\b/.test(text),
  );
  return calls ? undefined : last;
}

function mayLeaveRoot(
  { command, argsText }: CommandInstruction,
  { dropsRoot }: Advice,
  context: BuildContext | undefined,
): boolean {
  const words = command.form === 'exec' ? command.exec : argsText.split(/[\s;&|()"']+/);
  return words.some((word, index) => {
    const name = word.slice(word.lastIndexOf('/') + 1);
    if (matchesAny(dropsRoot, word) || matchesAny(dropsRoot, name)) return true;
    if (!/\.(sh|bash)$/.test(name) && !(index === 0 && /entrypoint|start|run|init/.test(name)))
      return false;
    const text = context && textOf(context, name);
    return (
      text?.kind !== 'text' || /\b(gosu|su-exec|setpriv|sudo|su|runuser|chroot)\b/.test(text.text)
    );
  });
}
