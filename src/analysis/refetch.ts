/**
 * What it takes to remove package lists from the RUN that fetched them although later RUNs install
 * from them: each of those fetches its own, and removes them again.
 */
import {
  addBeforeCommand,
  appendCommand,
  commentsAbove,
  splice,
  type Refusal,
  type Splice,
} from '../dockerfile/edit.ts';
import {
  mapStages,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
  type Stage,
} from '../dockerfile/model.ts';
import type { Script } from '../dockerfile/shell.ts';
import { mayFail } from '../dockerfile/edit.ts';
import { styleOf } from '../dockerfile/style.ts';
import type { FetchAgain, Facts, Leftover, Manager } from '../facts/types.ts';
import type { BuildContext } from './context.ts';
import { mayReach } from './destinations.ts';
import { isSettled } from './flags.ts';
import { cleansItself, isUnconditional, laterReader } from './leftovers.ts';
import { hasWord, mountsOver, type PackageCommand } from './packages.ts';
import { occursIn } from './patterns.ts';
import { contextOf, type RunContext } from './runs.ts';
import { instructionsBefore } from './stages.ts';
import { stateBefore } from './state.ts';
import { listsLeftBy } from './updates.ts';

/** Which instruction of which stage. */
export interface Position {
  readonly stage: number;
  readonly at: number;
}

export interface Refetch {
  /** With an update in front of each later install, and no lists left in any of the layers. */
  readonly file: Dockerfile;
  /** The RUNs that fetch lists of their own now, as they were. */
  readonly readers: readonly RunInstruction[];
  /** What else may read the lists, in words for a remark. */
  readonly doubts: readonly string[];
  /** The first RUN did nothing with the lists that it fetched: it does not fetch them any more. */
  readonly isMoved: boolean;
}

/** An update as it can be written elsewhere. */
interface Update {
  readonly run: RunInstruction;
  readonly call: PackageCommand;
  readonly manager: Manager;
  readonly lists: Leftover;
  readonly again: FetchAgain;
  /** Without `sudo` and the like in front. */
  readonly words: string;
}

/** @returns nothing where no later RUN reads lists that the one at this position leaves */
export function refetch(
  file: Dockerfile,
  position: Position,
  facts: Facts,
  buildContext?: BuildContext,
): Refetch | Refusal | undefined {
  const run = runAt(file, position);
  const stage = file.stages[position.stage]!;
  const context = contextOf(file, stage, run, facts);
  const update = updateOf(run, context);
  if (!update) return undefined;
  const first = laterReader(file, stage, run, update.manager, update.lists, facts);
  if (first.kind !== 'reads' || first.by.kind !== 'run') return undefined;
  const line = `line ${first.by.origin[0]!.line}: ${first.why}`;
  if ('refused' in update) return { refused: `${line}, and ${update.refused}` };

  const readers: RunInstruction[] = [];
  const doubts: string[] = [];
  const positions = [position];
  let current = file;
  // Grows: what fetches lists leaves them to those behind it.
  for (const each of positions) {
    for (;;) {
      const found = readerAt(current, each, update, facts);
      if (found.kind === 'none') break;
      const where = `line ${found.by.origin[0]!.line}: ${found.why}`;
      if (found.kind === 'may read') {
        doubts.push(where);
        break;
      }
      if (found.kind === 'counts on it' || found.by.kind !== 'run') return { refused: where };
      const target = positionOf(current, found.by)!;
      const isKnown = readers.some(({ origin }) => origin[0] === found.by.origin[0]);
      const edited = isKnown
        ? { refused: 'it does so where an update does not always run' }
        : withUpdate(current, target, update, facts, buildContext);
      if ('refused' in edited) return { refused: `${where}, and ${edited.refused}` };
      readers.push(found.by);
      // What it fetches anew by itself is its own matter.
      if (!edited.isRefreshed) positions.push(target);
      current = edited.file;
    }
  }
  const isUnread = listsLeftBy(file, stage, run, facts)?.unread === true;
  const done = isUnread
    ? withoutUpdate(current, position, readers[0]!, facts)
    : withRemoval(current, position, update, facts);
  if ('refused' in done) return { refused: `${line}, and ${done.refused}` };
  return { file: done, readers, doubts: [...new Set(doubts)], isMoved: isUnread };
}

function runAt(file: Dockerfile, { stage, at }: Position): RunInstruction {
  return file.stages[stage]!.instructions[at] as RunInstruction;
}

function positionOf(file: Dockerfile, instruction: Instruction): Position | undefined {
  for (const { index, instructions } of file.stages) {
    const at = instructions.indexOf(instruction);
    if (at >= 0) return { stage: index, at };
  }
  return undefined;
}

function withRun(file: Dockerfile, { stage, at }: Position, run: RunInstruction): Dockerfile {
  return mapStages(file, (each) =>
    each.index === stage ? each.instructions.with(at, run) : each.instructions,
  );
}

function readerAt(
  file: Dockerfile,
  position: Position,
  { manager, lists }: Update,
  facts: Facts,
): ReturnType<typeof laterReader> {
  const stage = file.stages[position.stage]!;
  return laterReader(file, stage, runAt(file, position), manager, lists, facts);
}

/** The update whose lists a RUN leaves; or why it cannot be made elsewhere. */
function updateOf(
  run: RunInstruction,
  { body, calls, state }: RunContext,
): Update | (Refusal & Pick<Update, 'manager' | 'lists'>) | undefined {
  const call = calls.findLast(({ action }) => action === 'update');
  const again = call?.manager.fetchAgain;
  const lists = call?.manager.leaves.find((each) => each.neededByLaterInstalls);
  if (body.kind !== 'script' || !call || !again || lists?.remove === undefined) return undefined;
  if (cleansItself(body, lists, calls) || mountsOver(run, lists.paths)) return undefined;
  if (isSettled(run, call, lists, state)) return undefined;
  const { manager } = call;
  const words = [call.program.at(-1)!, ...call.args].map(({ literal }) => literal);
  const isPlain = words.every((word) => word !== undefined && /^[\w./:=,+@%-]+$/.test(word));
  const hasProxy = call.command.assignments.some(({ name }) => /proxy/i.test(name));
  if (!isPlain || hasProxy) {
    return { manager, lists, refused: 'the update has variables that may differ there' };
  }
  if (mayFail(call.command, body)) {
    return { manager, lists, refused: 'the update may fail where the lists come from now' };
  }
  return { run, call, manager, lists, again, words: words.join(' ') };
}

/** The file with an update in front of the first install of a RUN, and its lists removed behind. */
function withUpdate(
  file: Dockerfile,
  position: Position,
  update: Update,
  facts: Facts,
  buildContext: BuildContext | undefined,
): { readonly file: Dockerfile; readonly isRefreshed: boolean } | Refusal {
  const run = runAt(file, position);
  const stage = file.stages[position.stage]!;
  const { body, calls } = contextOf(file, stage, run, facts);
  if (body.kind !== 'script') return { refused: 'its code is not understood' };
  const readers = calls.filter(
    ({ manager, action }) => manager === update.manager && /^(install|upgrade|read-)/.test(action),
  );
  const [first] = readers;
  if (!first) return { refused: 'its code is not understood' };
  if (!isReached(update.run, run))
    return { refused: 'flags of one RUN are not those of the other' };
  if (readers.some((call) => hasWord(call, update.again.unless))) {
    return { refused: 'it installs from lists of its own choice' };
  }
  const changed = sourcesChange(file, stage, run, first, update, facts, buildContext);
  if (changed !== undefined) return { refused: changed };
  const prefix = first.program[0]!.literal === 'sudo' ? first.program.slice(0, -1) : [];
  const code = [...prefix.map(({ text }) => text), update.words].join(' ');
  const style = styleOf(file);
  const added = addBeforeCommand(run, body, first.command, code, style);
  if ('refused' in added) return added;
  const isRefreshed = calls.some(
    ({ manager, action, command }) =>
      manager === update.manager &&
      action === 'update' &&
      command.start > first.command.start &&
      isUnconditional(command, body),
  );
  const removal =
    isRefreshed || cleansItself(body, update.lists, calls)
      ? []
      : removalFrom(file, run, body, first, update);
  if ('refused' in removal) return removal;
  return { file: withRun(file, position, splice(run, [added, ...removal])), isRefreshed };
}

/** Whether what one RUN sees of network and credentials, the other sees too. */
function isReached(from: RunInstruction, to: RunInstruction): boolean {
  const flags = to.flags.map((flag) => `${flag.name}=${flag.value ?? ''}`);
  const isSame = from.flags.every(({ name, value }) => flags.includes(`${name}=${value ?? ''}`));
  const own = from.flags.map(({ name }) => name);
  return isSame && to.flags.every(({ name }) => name === 'mount' || own.includes(name));
}

/** Why lists that are fetched now may not be those that were fetched before. */
function sourcesChange(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  first: PackageCommand,
  { run: from, call, again }: Update,
  facts: Facts,
  buildContext: BuildContext | undefined,
): string | undefined {
  const before = instructionsBefore(file, stage, run);
  // It may have been edited meanwhile, or is the one that fetched.
  const start = before.findIndex(({ origin }) => origin[0] === from.origin[0]);
  const rest = from.text.slice(call.command.end);
  const own = run.text.slice(0, first.command.start);
  const why = (line: number): string => `line ${line} may change where they come from`;
  if (occursIn(again.changedBy, rest)) return why(from.origin[0]!.line);
  if (occursIn(again.changedBy, own)) return why(run.origin[0]!.line);
  const changing = before.slice(start + 1).find((each) => {
    if (each.kind === 'copy' || each.kind === 'add') {
      const owner = file.stages.find(({ instructions }) => instructions.includes(each))!;
      const state = stateBefore(file, owner, each, facts);
      if (mayReach(each, state, again.sources, buildContext)) return true;
    }
    return /^(run|copy|add)$/.test(each.kind) && occursIn(again.changedBy, each.text);
  });
  return changing && why(changing.origin[0]!.line);
}

function removalFrom(
  file: Dockerfile,
  run: RunInstruction,
  body: Script,
  { program }: PackageCommand,
  { lists }: Pick<Update, 'lists'>,
): readonly Splice[] | Refusal {
  const sudo = program[0]!.literal === 'sudo' ? 'sudo ' : '';
  const added = appendCommand(run, body, sudo + lists.remove!, styleOf(file));
  return 'refused' in added ? added : [added];
}

function withRemoval(
  file: Dockerfile,
  position: Position,
  update: Update,
  facts: Facts,
): Dockerfile | Refusal {
  const run = runAt(file, position);
  const { body } = contextOf(file, file.stages[position.stage]!, run, facts);
  if (body.kind !== 'script') return { refused: 'its code is not understood' };
  const removal = removalFrom(file, run, body, update.call, update);
  return 'refused' in removal ? removal : withRun(file, position, splice(run, removal));
}

/** The file without an update that ends a RUN; its comments go where it is made now. */
function withoutUpdate(
  file: Dockerfile,
  position: Position,
  reader: RunInstruction,
  facts: Facts,
): Dockerfile | Refusal {
  const run = runAt(file, position);
  const { body } = contextOf(file, file.stages[position.stage]!, run, facts);
  if (body.kind !== 'script') return { refused: 'its code is not understood' };
  const { links } = body.chains[0]!;
  const [last, before] = [links.at(-1)!, links.at(-2)];
  if (before) {
    const gap = run.text.slice(before.end, last.start);
    if (last.operator !== '&&' || gap.includes('#')) {
      return { refused: 'the update cannot be taken out of its RUN' };
    }
    const cut = { start: before.end, end: last.end, insert: '' };
    return withRun(file, position, splice(run, [cut]));
  }
  const at = file.stages[position.stage]!.instructions.findIndex(
    ({ origin }) => origin[0] === reader.origin[0],
  );
  if (at < 0) return { refused: 'the install is in another stage' };
  const place = { ...position, at };
  const below = runAt(file, place);
  const indentation = below.lead.slice(below.lead.lastIndexOf('\n') + 1);
  const blank = /^(\s*\n)*/.exec(below.lead)![0];
  const comments = commentsAbove(run).map((line) => indentation + line + styleOf(file).eol);
  const lead = blank + comments.join('') + below.lead.slice(blank.length);
  const moved = withRun(file, place, { ...below, lead });
  return mapStages(moved, (each) =>
    each.index === position.stage ? each.instructions.toSpliced(position.at, 1) : each.instructions,
  );
}
