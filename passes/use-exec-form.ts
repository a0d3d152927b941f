/**
 * Starts the container's program without a shell in between.
 * Refuses where the shell does something, and asks first where something unseen may count on it.
 */
import {
  endsInExec,
  lastCommand,
  plainCommand,
  type LastCommand,
} from '../src/analysis/main-command.ts';
import { textOf, type BuildContext } from '../src/analysis/context.ts';
import { matchesAny } from '../src/analysis/patterns.ts';
import { stateBefore, type State } from '../src/analysis/state.ts';
import {
  mapStages,
  type CommandInstruction,
  type Dockerfile,
  type Instruction,
  type Stage,
} from '../src/dockerfile/model.ts';
import { withText } from '../src/dockerfile/parse.ts';
import type { Facts } from '../src/facts/types.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'use-exec-form',
  summary: 'Start the program of a container directly, not through a shell.',
  why: 'A shell in between does not pass signals on: "docker stop" waits ten seconds and then kills the program in the middle of what it does.',
  refuses: [
    'the shell has something to do when the command ends: "||", a pipe, a job in the background, a trap; or it has the command built in',
    'the shell has something to do before: it fills in a variable, redirects, runs other commands, or is a login shell; then only "exec" is put in front of the last command',
    'the command is a script, which may have no "#!" line: then it is offered at level aggressive',
    'an ENTRYPOINT gets the command as its arguments: then it is offered at level aggressive',
    'the program is not known to end on a signal as first process of a container: then it is offered at level aggressive',
    'it is an ENTRYPOINT, whose shell form ignores CMD and arguments: then it is offered at level aggressive',
  ],
  level: 'standard',
  improves: ['reliability'],
  references: ['https://docs.docker.com/build/checks/json-args-recommended/'],
  run: (file, scope) =>
    mapStages(file, (stage) =>
      stage.index < file.stages.length - 1
        ? stage.instructions
        : startedDirectly(file, stage, scope),
    ),
});

function startedDirectly(file: Dockerfile, stage: Stage, scope: PassScope): readonly Instruction[] {
  const instructions: Instruction[] = [];
  for (const each of stage.instructions) {
    const isCommand = each.kind === 'cmd' || each.kind === 'entrypoint';
    instructions.push(
      isCommand && isLastOfKind(each, stage) ? direct(file, stage, each, scope) : each,
    );
  }
  return instructions;
}

/** The last CMD and the last ENTRYPOINT are those that count. */
function isLastOfKind(each: CommandInstruction, stage: Stage): boolean {
  return stage.instructions.findLast(({ kind }) => kind === each.kind) === each;
}

function direct(
  file: Dockerfile,
  stage: Stage,
  command: CommandInstruction,
  scope: PassScope,
): CommandInstruction {
  if (command.command.form === 'exec') return command;
  const state = stateBefore(file, stage, command, scope.facts);
  const plain = plainCommand(command, state.shell);
  if ('needs' in plain) {
    if (endsInExec(command, state.shell)) return command;
    const last = lastCommand(command, state.shell);
    return last
      ? replaced(command, last, state.shellSource, scope)
      : scope.missed(command, plain.needs);
  }
  const [program] = plain.argv;
  const assumptions = [
    ...signalDoubts(program!, scope.facts),
    ...variableDoubts(program!, scope.facts),
    ...scriptDoubts(program!, state.before, scope.context),
    ...(command.kind === 'entrypoint'
      ? ['nobody starts the image with arguments: the shell form ignores them']
      : entrypointDoubts(stage, state.base.usual?.entrypoint)),
  ];
  const json = `[${plain.argv.map((word) => JSON.stringify(word)).join(', ')}]`;
  return scope.propose(
    command,
    {
      level: assumptions.length > 0 ? 'aggressive' : 'standard',
      message: `start "${program!}" without a shell, so that signals reach it`,
      assumptions,
      changes: [command.kind === 'cmd' ? 'Cmd' : 'Entrypoint'],
    },
    command,
    () =>
      withText(
        command,
        command.text.slice(0, command.args.start) + json + command.text.slice(command.args.end),
      ),
  );
}

/** The last command in the place of the shell, which has nothing left to do. */
function replaced(
  command: CommandInstruction,
  { program, at, doubt }: LastCommand,
  shell: State['shellSource'],
  scope: PassScope,
): CommandInstruction {
  const assumptions = [
    ...signalDoubts(program, scope.facts),
    ...(shell === 'assumed' ? ['the shell of the base is one that knows exec'] : []),
    ...(doubt === undefined ? [] : [`"${doubt}" leaves no process behind that a shell waits for`]),
  ];
  const start = command.args.start + at;
  return scope.propose(
    command,
    {
      level: assumptions.length > 0 ? 'aggressive' : 'standard',
      message: `start "${program}" in the place of the shell by exec, so that signals reach it`,
      assumptions,
      changes: [command.kind === 'cmd' ? 'Cmd' : 'Entrypoint'],
    },
    command,
    () => withText(command, `${command.text.slice(0, start)}exec ${command.text.slice(start)}`),
  );
}

/** The first process of a container ignores every signal for which it has no handler. */
function signalDoubts(program: string, { signalHandlers }: Facts): string[] {
  const name = program.slice(program.lastIndexOf('/') + 1);
  return matchesAny(signalHandlers.programs, name)
    ? []
    : [`${program} ends on SIGTERM and SIGINT also as the first process of a container`];
}

/** A shell sets PWD for what it starts; Docker does not. */
function variableDoubts(program: string, { signalHandlers }: Facts): string[] {
  const name = program.slice(program.lastIndexOf('/') + 1);
  return matchesAny(signalHandlers.programs, name)
    ? []
    : [`${program} does not read the variable PWD, which the shell sets`];
}

/** A shell also runs a script whose first line does not say by what. */
function scriptDoubts(
  program: string,
  before: readonly Instruction[],
  context: BuildContext | undefined,
): string[] {
  const origin = originOf(program, before);
  if (origin === 'installed') return [];
  const text = origin !== 'unknown' && context ? textOf(context, origin) : undefined;
  if (text?.kind === 'text' && text.text.startsWith('#!')) return [];
  return [`${program} is a binary, or a script that begins with "#!"`];
}

/** Where a program comes from: the path of a file of the build context, or packages. */
function originOf(program: string, before: readonly Instruction[]): string {
  const name = program.slice(program.lastIndexOf('/') + 1);
  for (const each of before.toReversed()) {
    if (each.kind === 'copy' || each.kind === 'add') {
      const target = each.destination?.text ?? '';
      const source = each.sources.find(
        ({ text }) => endsIn(text, name) || (each.sources.length === 1 && endsIn(target, name)),
      );
      const isOwn = !each.flags.some((flag) => flag.name === 'from');
      if (source) return isOwn ? source.text : 'unknown';
      if (/bin\/?$/.test(target)) return 'unknown';
    } else if (each.kind === 'run' && writes(each.text, name)) return 'unknown';
  }
  return program.includes('/') || /\.\w+$/.test(program) ? 'unknown' : 'installed';
}

/** Names it where programs lie, other than to change its mode. */
function writes(code: string, name: string): boolean {
  return code.replace(/\b(chmod|chown)\b[^&;|\n]*/g, '').includes(`bin/${name}`);
}

function endsIn(path: string, name: string): boolean {
  return path === name || path.endsWith(`/${name}`);
}

/** @param inherited that of the base; `undefined` where the base is not known */
function entrypointDoubts(stage: Stage, inherited: readonly string[] | undefined): string[] {
  const own = stage.instructions.findLast(({ kind }) => kind === 'entrypoint');
  if (own === undefined && inherited === undefined) {
    return ['the base image has no ENTRYPOINT that tells a shell from a program'];
  }
  if (own?.kind === 'entrypoint' && own.command.form === 'shell') return [];
  if (own === undefined && inherited?.length === 0) return [];
  return ['the ENTRYPOINT runs what it is given, with a shell or without'];
}
