/**
 * Files that one RUN creates and a later one deletes: which RUNs must become one, and whether what
 * stands between lets the deletion move up.
 */
import { copyPlace, isDownload } from '../analysis/copy-place.ts';
import {
  commandTouches,
  effectsOf,
  type CommandEffects,
  type Place,
  type RunEffects,
} from '../analysis/effects.ts';
import { cleanPath, resolvePath } from '../analysis/paths.ts';
import { anyOf, placeAt, placeCovers, placesMeet, plainPlace } from '../analysis/places.ts';
import { resolveWord, shellBefore, stateBefore, type State } from '../analysis/state.ts';
import { plainText, prefixOf } from '../analysis/values.ts';
import type { CopyInstruction, Instruction, RunInstruction } from '../dockerfile/model.ts';
import { splice } from '../dockerfile/edit.ts';
import { withText } from '../dockerfile/parse.ts';
import { removeCommand } from '../dockerfile/remove.ts';
import { runBody } from '../dockerfile/shell.ts';
import { effectsAt, shown, whatOf, type Found, type Where, type Why } from './creation.ts';

/** What becomes of a RUN that deletes what a RUN above it created. */
export interface LateDeletion {
  /** What is deleted, for a remark. */
  readonly what: string;
  /** It is somewhere else afterwards: `mv`. */
  readonly isMove: boolean;
  /** The RUNs that become one, in order; the last is the deletion, or the whole RUN that it is in. */
  readonly runs: readonly RunInstruction[];
  /** Where the first of them stands in the stage. */
  readonly start: number;
  /** How many of them stand there side by side; the last may stand further below. */
  readonly beside: number;
  /** What stays where the deletion was; `undefined` where nothing does. */
  readonly rest: RunInstruction | undefined;
}

/** Programs that take away what they name. */
const DELETING = /^(rm|rmdir|unlink|find|mv|shred)$/;

/**
 * What can be made of a RUN at this place of the stage; or why not, where a layer above holds what
 * it deletes; or nothing, where none does.
 */
export function lateDeletion(where: Where, at: number): LateDeletion | Why | undefined {
  const run = where.stage.instructions[at]!;
  if (run.kind !== 'run') return undefined;
  const effects = effectsAt(where, run);
  const commands = effects.commands.filter((each) => isDeletion(each));
  if (commands.length === 0) return undefined;
  let why: Why | undefined;
  for (let start = 0; start < at; start++) {
    const each = where.stage.instructions[start]!;
    const found = whatOf(where, each, at, commands);
    if (found.length === 0) continue;
    if (each.kind === 'copy' || each.kind === 'add') {
      why ??= { why: whyCopied(each, found) };
      continue;
    }
    const plan = planned(where, start, at, found, effects);
    if (!('why' in plan)) return plan;
    why ??= plan;
  }
  return why;
}

function isDeletion({ program, call, certainty, deletes }: CommandEffects): boolean {
  return (
    call === undefined &&
    certainty !== 'may run' &&
    DELETING.test(program ?? '') &&
    deletes.some((place) => !place.isGuess)
  );
}

function whyCopied(copy: CopyInstruction, found: readonly Found[]): string {
  const stays = `${shown(found)} stays in the layer of ${lineOf(copy)}`;
  return copy.kind === 'add' && copy.sources.every(({ text }) => isDownload(text))
    ? `${stays}: only a RUN that downloads, uses and deletes it leaves nothing behind`
    : `${stays}: only a mount (RUN --mount=type=bind) shows a RUN files without keeping them`;
}

function planned(
  where: Where,
  start: number,
  at: number,
  found: readonly Found[],
  effects: RunEffects,
): LateDeletion | Why {
  const { instructions } = where.stage;
  const run = instructions[at] as RunInstruction;
  const what = shown(found);
  const deleting = [...new Set(found.map(({ command }) => command))];
  const places = found.map(({ place }) => place);
  const others = effects.commands.filter((each) => !deleting.includes(each));
  const isUsed = others.some((each) => !isIdle(each) && touchesAny(each, places));
  // Whatever uses it must be done before it is gone.
  const lastUse = instructions
    .slice(0, at)
    .findLastIndex(
      (each, index) =>
        index > start && each.kind === 'run' && usesAny(effectsAt(where, each), places),
    );
  const last = isUsed ? at : Math.max(lastUse, start);
  const beside = instructions.slice(start, last + 1);
  const other = beside.find((each) => each.kind !== 'run');
  if (other) {
    return {
      why: `${what} stays in the layer of ${lineOf(instructions[start]!)}: ${other.keyword} stands between it and the RUN that uses it last`,
    };
  }
  const runs = beside as readonly RunInstruction[];
  const stays = `${what} stays in the layer of ${lineOf(instructions[start]!)}`;
  const isMove = deleting.every(({ program }) => program === 'mv');
  const why = whyNotBeside(where, runs, places, isMove);
  if (why !== undefined) return { why: `${stays}: ${why}` };
  if (last === at) return { what, isMove, runs, start, beside: runs.length, rest: undefined };
  const isPure = others.every((each) => isIdle(each));
  const ways: readonly (() => Cut | Why)[] = [
    ...(isPure ? [() => ({ piece: run, rest: undefined, moved: effects.commands })] : []),
    () => cutOut(where, run, deleting),
  ];
  let refused: Why | undefined;
  for (const way of ways) {
    const cut = way();
    const no = 'why' in cut ? cut.why : whyNotMoved(where, last, at, cut, effects);
    if (no === undefined && !('why' in cut)) {
      const { piece, rest } = cut;
      return { what, isMove, runs: [...runs, piece], start, beside: runs.length, rest };
    }
    refused ??= { why: `${stays}: ${no}` };
  }
  return refused!;
}

/** Why what is moved up would be another deletion there, or be missed by what stands between. */
function whyNotMoved(
  where: Where,
  last: number,
  at: number,
  cut: Cut,
  effects: RunEffects,
): string | undefined {
  const { file, stage, facts } = where;
  const between = stage.instructions.slice(last + 1, at);
  const places = cut.moved.flatMap(({ deletes }) => deletes);
  const stay = effects.commands.filter((each) => !cut.moved.includes(each));
  if (stay.some((each) => touchesAny(each, places))) return 'the same RUN uses what is deleted';
  for (const each of between) {
    const why = whyNotOver(where, each, stateBefore(file, stage, each, facts), places);
    if (why !== undefined) return `${lineOf(each)}: ${why}`;
  }
  const state = stateBefore(file, stage, stage.instructions[last + 1]!, facts);
  const there = effectsOf(cut.piece, state, facts, 'usual').commands;
  return deletionsOf(there) === deletionsOf(cut.moved)
    ? undefined
    : 'variables or the folder are others there';
}

function deletionsOf(commands: readonly CommandEffects[]): string {
  return JSON.stringify(commands.flatMap(({ deletes }) => deletes));
}

function lineOf({ origin }: Instruction): string {
  return `line ${origin[0]!.line}`;
}

/** More RUNs in one would be built again, all of them, whenever one changes. */
const MOST_RUNS = 5;

/** What `mv` saves is one file or folder of many. */
const MOST_MOVED = 3;

/** A process that stays: its RUN's end stops it. */
function startsService({ program, command }: CommandEffects): boolean {
  return (
    SERVICES.test(program ?? '') || /^\/etc\/(init|rc)\.d\//.test(command?.words[0]?.text ?? '')
  );
}

const SERVICES =
  /^(service|systemctl|initctl|invoke-rc\.d|start-stop-daemon|supervisord|mysqld(_safe)?|pg_ctl|pg_ctlcluster|redis-server|mongod|dockerd|Xvfb)$/;

/** Why RUNs had better not become one. */
function whyNotBeside(
  where: Where,
  runs: readonly RunInstruction[],
  places: readonly Place[],
  isMove: boolean,
): string | undefined {
  if (runs.length > (isMove ? MOST_MOVED : MOST_RUNS)) {
    return `${runs.length} RUNs would have to become one`;
  }
  const service = runs.find((each) => effectsAt(where, each).commands.some(startsService));
  if (service) return `${lineOf(service)} starts a service, which would run on`;
  const install = runs.slice(1, -1).find((each) => {
    const { commands } = effectsAt(where, each);
    return commands.some(({ call }) => call) && !usesAny(effectsAt(where, each), places);
  });
  return install && `the install of ${lineOf(install)} stands between`;
}

/** It writes nothing that stays, or only cleans up behind a package manager. */
function isIdle({ knowledge, network, writes, call, program, deletes }: CommandEffects): boolean {
  if (call?.action === 'clean') return knowledge === 'complete';
  const isDeleting = deletes.length > 0 && DELETING.test(program ?? '') && program !== 'mv';
  return (
    knowledge === 'complete' &&
    network === 'no' &&
    writes.length === 0 &&
    (isDeleting || deletes.length === 0)
  );
}

function touchesAny(command: CommandEffects, places: readonly Place[]): boolean {
  return anyOf(places.map((place) => commandTouches(command, place))) !== 'no';
}

/** Where programs lie that a command may be, or may start, without saying so. */
const PROGRAMS = /^\/(usr\/(?!src(\/|$))|bin|sbin|lib|lib64|opt|etc|root\/\.|home\/[^/]+\/\.)/;

const ARCHIVE = /\.(tar|tgz|tbz2?|txz|zip|gz|bz2|xz|zst|deb|rpm|apk|whl|iso|run|bin)$/i;

function usesAny({ commands, mounts }: RunEffects, places: readonly Place[]): boolean {
  const isProgram = places.some(({ path }) => {
    const start = prefixOf(path);
    return PROGRAMS.test(start) && !ARCHIVE.test(plainText(path) ?? '');
  });
  const isMounted = mounts.some((mount) => places.some((each) => placesMeet(mount, each) !== 'no'));
  return (
    isProgram ||
    isMounted ||
    commands.length === 0 ||
    commands.some((each) => touchesAny(each, places))
  );
}

/** Instructions that neither see files nor change what a command sees. */
const METADATA = new Set<Instruction['kind']>([
  'label',
  'maintainer',
  'expose',
  'cmd',
  'entrypoint',
  'healthcheck',
  'stopsignal',
  'onbuild',
]);

/** Why a deletion cannot move up over an instruction. */
function whyNotOver(
  where: Where,
  each: Instruction,
  state: State,
  places: readonly Place[],
): string | undefined {
  if (METADATA.has(each.kind) || each.kind === 'env' || each.kind === 'arg') return undefined;
  if (each.kind === 'run') {
    // The builder makes the folder in which a RUN starts, where it is gone.
    const folder = placeAt(state.workdir.usual);
    const isApart = places.every((one) => placeCovers(one, folder) === 'no');
    if (!isApart) return 'it starts in the folder that is deleted';
    return usesAny(effectsAt(where, each), places) ? 'it may use what is deleted' : undefined;
  }
  if (each.kind === 'copy' || each.kind === 'add') {
    const place = copyPlace(each, state, where.context, 'usual');
    if (!place) return 'nobody knows where it copies to';
    const target =
      place.file !== undefined && place.isFolder ? `${place.path}/${place.file}` : place.path;
    const isApart = places.every((one) => placesMeet(one, plainPlace(target)) === 'no');
    return isApart ? undefined : 'it may copy to the same place';
  }
  if (each.kind === 'workdir') {
    const word = resolveWord(state, each.argsText, each.escape).usual;
    const folder = placeAt(cleanPath(resolvePath(state.workdir.usual, word)));
    const isApart = places.every((one) => placeCovers(one, folder) === 'no');
    return isApart ? undefined : 'it may be the folder that is deleted';
  }
  return `${each.keyword} stands between`;
}

/** What moves up, and what stays. */
interface Cut {
  readonly piece: RunInstruction;
  readonly rest: RunInstruction | undefined;
  /** The commands that move. */
  readonly moved: readonly CommandEffects[];
}

/** The deleting command as a RUN of its own, and what is left without it. */
function cutOut(where: Where, run: RunInstruction, deleting: readonly CommandEffects[]): Cut | Why {
  const body = runBody(run, shellBefore(where.file, where.stage, run));
  const [only, ...more] = deleting;
  const { command } = only!;
  if (body.kind !== 'script' || !command || more.length > 0) {
    return { why: 'it is deleted by more than one command' };
  }
  if (body.form !== 'shell' || run.heredocs.length > 0) return { why: 'the RUN has a heredoc' };
  const cut = removeCommand(run, body, command);
  if ('refused' in cut) return { why: cut.refused };
  const flags = run.flags.map(({ start, end }) => run.text.slice(start, end)).join(' ');
  const head = [run.keyword, flags].filter((part) => part !== '').join(' ');
  const code = run.text.slice(command.start, command.end);
  return {
    piece: { ...withText(run, `${head} ${code}`), lead: '' },
    rest: splice(run, [cut]),
    moved: deleting,
  };
}
