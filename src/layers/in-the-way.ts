/**
 * What ran before a change of owner or mode, and what of it stands in the way of making the change as
 * the files are copied.
 */
import { copyPlace, copyRelation, isAtOrBelow, type CopyPlace } from '../analysis/copy-place.ts';
import { isApplicationFolder, isStandardFolder } from '../analysis/base-folders.ts';
import { effectsOf, type CommandEffects } from '../analysis/effects.ts';
import { anyOf, placesMeet, plainPlace } from '../analysis/places.ts';
import { resolvePath } from '../analysis/paths.ts';
import { baseOf } from '../analysis/stages.ts';
import { resolveWord, stateBefore, type State } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import { isCopy, type Instruction, type RunInstruction, type Stage } from '../dockerfile/model.ts';
import type { Change } from './change.ts';
import type { Where, Why } from './creation.ts';
import { isReadByOthers, makesHome, writesAt } from './may-see.ts';

/** Folders below a path that something other than a COPY makes, and homes of the account. */
export interface Made {
  readonly folders: string[];
  readonly homes: string[];
  /** The base made the folder for the application: packages keep out of it. */
  readonly isOwn: boolean;
}

/** An instruction that ran before the change in the same image. */
export interface Earlier {
  readonly each: Instruction;
  readonly stage: Stage;
  readonly state: State;
  /** Of a COPY or ADD: where it copies to; `undefined` where nobody knows. */
  readonly place: CopyPlace | undefined;
}

export function commandsOf(
  { file, facts }: Where,
  stage: Stage,
  run: RunInstruction,
): readonly CommandEffects[] {
  return effectsOf(run, stateBefore(file, stage, run, facts), facts, 'usual').commands;
}

/** The instructions that ran before, oldest first. */
export function earlierThan(where: Where, run: RunInstruction): readonly Earlier[] {
  const { file, stage, facts, context } = where;
  const lineage = (of: Stage): [Instruction, Stage][] => {
    const base = baseOf(file, of);
    const below = base.kind === 'stage' ? lineage(base.stage) : [];
    return [...below, ...of.instructions.map((each): [Instruction, Stage] => [each, of])];
  };
  const all = lineage(stage);
  return all
    .slice(
      0,
      all.findIndex(([each]) => each === run),
    )
    .map(([each, its]) => {
      const state = stateBefore(file, its, each, facts);
      const place =
        each.kind === 'copy' || each.kind === 'add'
          ? copyPlace(each, state, context, 'usual')
          : undefined;
      return { each, stage: its, state, place };
    });
}

export function lineOf({ origin }: Instruction): string {
  return `line ${origin[0]!.line}`;
}

/** The folder and those above it, up to and without the other. */
export function upTo(folder: string, top: string): string[] {
  const list: string[] = [];
  let at = folder;
  while (at !== top && at !== '' && isAtOrBelow(at, top)) {
    list.push(at);
    at = at.slice(0, at.lastIndexOf('/'));
  }
  return list;
}

export function isThere(folder: string, earlier: readonly Earlier[]): boolean {
  if (isStandardFolder(folder)) return true;
  return earlier.some(({ each, state, place }) => {
    const made =
      each.kind === 'workdir'
        ? plainText(
            resolvePath(state.workdir.usual, resolveWord(state, each.argsText, each.escape).usual),
          )
        : place?.path;
    return made !== undefined && isAtOrBelow(made, folder);
  });
}

const ACCOUNT_FILES = ['/etc/passwd', '/etc/group'];

type Found = Why | { readonly assumption: string };

/** What keeps the change from being made earlier: a writer, or somebody who could see it. */
export function inTheWay(
  where: Where,
  { each, stage, state, place }: Earlier,
  path: string,
  change: Change,
  isBehindCopy: boolean,
  made: Made,
): Found | undefined {
  const line = lineOf(each);
  if (each.kind === 'run') {
    for (const command of commandsOf(where, stage, each)) {
      const found = commandInTheWay(command, path, change, isBehindCopy, made);
      if (found === 'assume') return { assumption: `${line} writes nothing below ${path}` };
      if (found === 'account') return { why: `${line} may make the account` };
      if (found === 'sees') return { why: `${line} may look at what is copied to ${path}` };
      if (found !== undefined) return { why: `${line} may write to ${path}, too` };
    }
    return undefined;
  }
  if (isCopy(each)) {
    if (!place) return { why: `nobody knows where ${line} copies to` };
    const isAccount = ACCOUNT_FILES.some((one) => copyRelation(place, one) !== 'apart');
    if (isBehindCopy && change.kind === 'owner' && isAccount) {
      return { why: `${line} may bring the account` };
    }
    return copyRelation(place, path) === 'part'
      ? { why: `${line} may copy to ${path}, too` }
      : undefined;
  }
  if (each.kind === 'workdir') {
    const word = resolveWord(state, each.argsText, each.escape).usual;
    const folder = plainText(resolvePath(state.workdir.usual, word));
    if (folder === undefined) return { why: `nobody knows the folder of ${line}` };
    if (isAtOrBelow(folder, path)) made.folders.push(...upTo(folder, path), path);
    return undefined;
  }
  const isVolume =
    each.kind === 'volume' &&
    each.words.some((word) => isAtOrBelow(word, path) || isAtOrBelow(path, word));
  if (isVolume) return { why: `${line} makes a volume of it` };
  return each.kind === 'unknown' ? { why: `${line} is not known` } : undefined;
}

/** Why a command stands in the way of the change, and whether that is only not known. */
export function commandInTheWay(
  command: CommandEffects,
  path: string,
  change: Change,
  isBehindCopy: boolean,
  made: Made,
): 'writes' | 'sees' | 'account' | 'assume' | undefined {
  const { kind, value } = change;
  if (command.changes) {
    const isSame = command.changes === kind && isBehindCopy;
    const meets = anyOf(command.writes.map((each) => placesMeet(each, plainPlace(path))));
    return isSame && meets !== 'no' ? 'writes' : undefined;
  }
  if (command.program === 'mkdir' && command.knowledge === 'complete') {
    const paths = command.writes.map((each) => plainText(each.path));
    const below = paths.filter((each) => each !== undefined && isAtOrBelow(each, path)) as string[];
    made.folders.push(...below.flatMap((each) => [...upTo(each, path), path]));
    return paths.includes(undefined) ? 'writes' : undefined;
  }
  const writes = writesAt(command, path, made.isOwn || isApplicationFolder(path));
  if (writes === 'yes' && !isBehindCopy && kind === 'owner' && makesHome(command, value.text)) {
    made.homes.push(path);
    return undefined;
  }
  if (writes === 'yes') return 'writes';
  if (writes === 'unknown') return isBehindCopy ? 'writes' : 'assume';
  if (!isBehindCopy) return undefined;
  const isAccount = ACCOUNT_FILES.some((one) => writesAt(command, one) !== 'no');
  if (kind === 'owner' && isAccount) return 'account';
  return isReadByOthers(command, path) ? 'sees' : undefined;
}
