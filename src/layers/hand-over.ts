/**
 * Whether COPYs can give files the owner or mode that a RUN below gives them: what they copy is all
 * that the RUN changes but empty folders, and nothing between can see the difference.
 */
import { baseHas } from '../analysis/base-folders.ts';
import { entryAt, gapAt } from '../analysis/context.ts';
import { copyRelation, isAtOrBelow, isDownload, type CopyPlace } from '../analysis/copy-place.ts';
import { effectsOf, type CommandEffects } from '../analysis/effects.ts';
import { filesBefore } from '../analysis/image-files.ts';
import { baseImage } from '../analysis/stages.ts';
import { resolveWord, stateBefore } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import { isCopy, type CopyInstruction, type RunInstruction } from '../dockerfile/model.ts';
import { modeAfter, ownerFlag, type Change, type Target } from './change.ts';
import type { Why, Where } from './creation.ts';
import {
  commandInTheWay,
  earlierThan,
  commandsOf,
  inTheWay,
  isThere,
  lineOf,
  upTo,
  type Earlier,
  type Made,
} from './in-the-way.ts';
import { modesOf } from './modes.ts';

/** What the builder makes of flags. */
export interface BuilderSays {
  /** `--chown=user` alone is the user's own group. */
  readonly isBuildKit: boolean;
  /** It knows `--chmod`. */
  readonly canChmod: boolean;
}

/** What becomes of a change. */
export interface HandOver {
  /** For each COPY that gets one, the flag: `--chown=node:node`. */
  readonly flags: ReadonlyMap<CopyInstruction, string>;
  /** The COPYs that bring what is changed, whether they get a flag or have it already. */
  readonly copies: readonly CopyInstruction[];
  /** What the command still changes as before. */
  readonly kept: readonly Target[];
  /** Folders that it still changes, but nothing in them. */
  readonly folders: readonly string[];
  /** What is handed over, for a remark. */
  readonly what: readonly string[];
  readonly assumptions: readonly string[];
  readonly needsContext: boolean;
}

/** @returns nothing where no COPY brings what is changed, so that nothing could be gained */
export function handOver(
  where: Where,
  at: number,
  change: Change,
  builder: BuilderSays,
): HandOver | Why | undefined {
  const run = where.stage.instructions[at] as RunInstruction;
  const earlier = earlierThan(where, run);
  const own = commandsOf(where, where.stage, run).slice(0, change.index);
  // What lies in another target would be changed twice.
  const isNested = change.targets.some((one) =>
    change.targets.some((other) => one !== other && isAtOrBelow(one.path, other.path)),
  );
  if (isNested) return undefined;
  const handed: Handed[] = [];
  const kept: Target[] = [];
  const reasons: string[] = [];
  const flags = new Map<CopyInstruction, string>();
  for (const target of change.targets) {
    const result = handTarget(where, earlier, own, change, target, builder);
    const named =
      result && !('why' in result)
        ? flagsFor(where, run, earlier, change, result, builder)
        : result;
    const isOther =
      named &&
      !('why' in named) &&
      [...named.flags].some(([copy, flag]) => (flags.get(copy) ?? flag) !== flag);
    if (!named || 'why' in named || isOther) {
      kept.push(target);
      if (named && 'why' in named) reasons.push(named.why);
      continue;
    }
    for (const [copy, flag] of named.flags) flags.set(copy, flag);
    handed.push(named.handed);
  }
  if (handed.length === 0) return reasons[0] === undefined ? undefined : { why: reasons[0] };
  return {
    flags,
    copies: [...new Set(handed.flatMap((each) => each.copies))],
    kept,
    folders: [...new Set(handed.flatMap((each) => each.folders))].toSorted(),
    what: handed.map(({ path }) => path),
    assumptions: [...new Set(handed.flatMap((each) => each.assumptions))],
    needsContext: handed.some((each) => each.needsContext),
  };
}

interface Handed {
  readonly path: string;
  readonly copies: readonly CopyInstruction[];
  readonly folders: readonly string[];
  readonly assumptions: readonly string[];
  readonly needsContext: boolean;
  /** It has the right mode as it is copied. */
  readonly isIdle?: true;
}

function handTarget(
  where: Where,
  earlier: readonly Earlier[],
  own: readonly CommandEffects[],
  change: Change,
  { path }: Target,
  { isBuildKit }: BuilderSays,
): Handed | Why | undefined {
  const copiesThere = earlier.filter(
    ({ each, place }) => isCopy(each) && (!place || copyRelation(place, path) !== 'apart'),
  );
  const last = copiesThere.at(-1);
  if (!last) return undefined;
  const line = lineOf(last.each);
  if (!last.place) return { why: `nobody knows where ${line} copies to` };
  const isForeign = last.each.flags.some(({ name }) => name === 'from');
  const file = fileAt(
    last.place,
    path,
    where,
    isForeign,
    change.recursive !== undefined,
    earlier.filter(({ each }) => each !== last.each),
  );
  const isFile = file !== undefined;
  const idle = isFile ? undefined : idleAt(where, earlier, own, change, path);
  if (idle) return idle;
  // A folder alone costs nothing.
  if (!isFile && !change.recursive) {
    return /\.\w+$/.test(path)
      ? { why: `${path} is only a part of what ${line} copies` }
      : undefined;
  }
  const part = copiesThere.find(({ place }) => !place || copyRelation(place, path) === 'part');
  if (!isFile && part) {
    return { why: `${path} is only a part of what ${lineOf(part.each)} copies` };
  }
  const brought = isFile ? [last] : copiesThere;
  const foreign = brought.find(({ stage }) => stage !== where.stage);
  if (foreign) return { why: `${lineOf(foreign.each)} copies it in another stage` };
  const first = earlier.indexOf(brought[0]!);
  const baseHasAt = (folder: string): ReturnType<typeof baseHas> =>
    baseHas(folder, brought[0]!.state, baseImage(where.file, where.stage), where.facts);
  const made: Made = { folders: [], homes: [], isOwn: baseHasAt(path) === 'empty' };
  const assumptions: string[] = [];
  const from = isFile ? first + 1 : 0;
  for (const [order, one] of earlier.entries()) {
    if (order < from) continue;
    const found = inTheWay(where, one, path, change, order > first, made);
    if (found === undefined) continue;
    if ('why' in found) return found;
    assumptions.push(found.assumption);
  }
  const before = own.map((each) => commandInTheWay(each, path, change, true, made));
  if (before.some((each) => each !== undefined)) {
    return { why: 'a command before it in the same RUN may write there, or look at it' };
  }
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  const isParentThere =
    [path, parent].some((each) => baseHasAt(each) === 'empty') ||
    isThere(parent, earlier.slice(0, first));
  if (change.kind === 'owner' && !isParentThere) {
    assumptions.push(`${parent} is there before ${lineOf(brought[0]!.each)}`);
  }
  const copies = brought.map(({ each }) => each as CopyInstruction);
  const needsContext = file === 'likely';
  if (isFile) return { path, copies, folders: [], assumptions, needsContext };
  // A home folder that was made for the account was not there before.
  const { folders, homes } = made;
  const has = homes.includes(path) ? 'empty' : baseHasAt(path);
  if (has === 'something') return { why: `the base image may have files in ${path}` };
  if (has === 'unknown') assumptions.push(`the base image has nothing in ${path}`);
  // COPY makes the folders that are missing: with mode 755, and by BuildKit with its owner.
  const parents = brought.flatMap(({ place }) => {
    const isOne = place!.file !== undefined && !place!.isFolder;
    const at = place!.path;
    return upTo(isOne ? at.slice(0, at.lastIndexOf('/')) : at, path);
  });
  const isNew = has === 'nothing' && !folders.some((each) => isAtOrBelow(each, path));
  const missing = change.kind === 'owner' && isBuildKit ? [] : parents;
  const isOwned = isNew && change.kind === 'owner' && isBuildKit;
  const all = [...(isOwned ? [] : [path]), ...folders, ...missing];
  return { path, copies, folders: all, assumptions, needsContext };
}

/** A file among others that has the mode as it is copied. */
function idleAt(
  where: Where,
  earlier: readonly Earlier[],
  own: readonly CommandEffects[],
  change: Change,
  path: string,
): Handed | undefined {
  const { kind, value } = change;
  const { file, stage, facts, context } = where;
  if (kind !== 'mode' || value.literal === undefined || !context) return undefined;
  const last = earlier.findLast(({ place }) => place && copyRelation(place, path) === 'part');
  if (!last || last.stage !== stage) return undefined;
  const { files, supplies } = filesBefore(
    file,
    stage,
    stage.instructions[stage.instructions.indexOf(last.each) + 1]!,
    context,
    facts,
  );
  const supply = supplies.get(path.slice(1));
  const entry = supply?.copy === last.each ? entryAt(context, supply.path) : undefined;
  if (entry?.kind !== 'file' || entry.mode !== undefined || gapAt(files, path)) return undefined;
  if (entry.hasUnknownMode) return undefined;
  const mode = entry.isExecutable ? 0o755 : 0o644;
  const later = earlier.slice(earlier.indexOf(last) + 1);
  const isChanged =
    modeAfter(value.literal, mode, false) !== mode ||
    last.each.flags.some(({ name }) => name === 'chmod') ||
    later.some((each) =>
      inTheWay(where, each, path, change, true, { folders: [], homes: [], isOwn: false }),
    ) ||
    own.some((each) =>
      commandInTheWay(each, path, change, true, { folders: [], homes: [], isOwn: false }),
    );
  if (isChanged) return undefined;
  return {
    path,
    copies: [last.each as CopyInstruction],
    folders: [],
    assumptions: [],
    needsContext: true,
    isIdle: true,
  };
}

/** Whether the path is the one file that is copied: `likely` by its name, where nothing is known of it. */
function fileAt(
  { path, file, names, isFolder }: CopyPlace,
  target: string,
  { context }: Where,
  isForeign: boolean,
  isRecursive: boolean,
  earlier: readonly Earlier[],
): 'sure' | 'likely' | undefined {
  const [name, ...others] = names;
  const isNamed = others.length === 0 && /[^.]\.[a-z]+$/i.test(name ?? '');
  // Of a folder only what is in it would lie there: what has its name is the file itself.
  const known = file ?? (isNamed && (isForeign || !context) ? name : undefined);
  if (known === undefined) return undefined;
  const inFolder = path === '/' ? `/${known}` : `${path}/${known}`;
  // `COPY a.sh /scripts` may name a folder that is there.
  const ending = /\.\w+$/.exec(known)?.[0] ?? known;
  const isNew = file !== undefined && !isRecursive && !isThere(target, earlier);
  const isIt =
    target === inFolder || (target === path && !isFolder && (isNew || target.endsWith(ending)));
  if (!isIt) return undefined;
  return file === undefined && !isForeign ? 'likely' : 'sure';
}

interface Flags {
  readonly flags: ReadonlyMap<CopyInstruction, string>;
  readonly handed: Handed;
}

/** Flags of COPY beside which no owner or mode is added: what they do to folders is their own. */
const OWN_FOLDERS = /^(link|parents)$/;

function flagsFor(
  where: Where,
  run: RunInstruction,
  earlier: readonly Earlier[],
  change: Change,
  handed: Handed,
  { isBuildKit, canChmod }: BuilderSays,
): Flags | Why {
  const flags = new Map<CopyInstruction, string>();
  if (handed.isIdle) return { flags, handed };
  const { copies, folders } = handed;
  const name = change.kind === 'owner' ? 'chown' : 'chmod';
  const mode =
    change.kind === 'mode'
      ? modesOf(where, change, copies, folders.length > 0, earlier)
      : undefined;
  if (mode && 'why' in mode) return mode;
  const needsContext = handed.needsContext || (mode?.needsContext ?? false);
  // The flag also helps where the file comes without its mode, as from Windows or a ZIP.
  const isFlagged = canChmod && !change.recursive && mode?.flag !== '';
  if (mode?.isIdle && !isFlagged)
    return { flags, handed: { ...handed, folders: [], needsContext } };
  for (const copy of copies) {
    const line = lineOf(copy);
    const own = copy.flags.find((flag) => OWN_FOLDERS.test(flag.name));
    if (own) return { why: `${line} has --${own.name}` };
    if (copy.kind === 'add' && !copy.sources.every(({ text }) => isDownload(text))) {
      return { why: `${line} may unpack an archive` };
    }
    const isFromContext = !copy.flags.some((flag) => flag.name === 'from');
    const owner = mode ? undefined : ownerFlag(change, isFromContext, isBuildKit);
    if (owner && 'why' in owner) return owner;
    if (owner && !isSameThere(where, run, copy, earlier, owner.flag)) {
      return { why: `a variable may have another value at ${line}` };
    }
    const value = mode ? mode.flag : owner!.flag;
    const there = copy.flags.find((flag) => flag.name === name);
    if ((there?.value ?? '') === value) continue;
    if (there) return { why: `${line} has --${name}=${there.value ?? ''}` };
    flags.set(copy, `--${name}=${value}`);
  }
  return { flags, handed: { ...handed, needsContext } };
}

/** Whether variables in the owner stand for the same where the files are copied. */
function isSameThere(
  { file, stage, facts }: Where,
  run: RunInstruction,
  copy: CopyInstruction,
  earlier: readonly Earlier[],
  flag: string,
): boolean {
  if (!flag.includes('$')) return true;
  const here = resolveWord(stateBefore(file, stage, run, facts), flag, run.escape);
  const there = resolveWord(earlier.find(({ each }) => each === copy)!.state, flag, copy.escape);
  const plain = plainText(here.usual);
  const { leaks } = effectsOf(run, stateBefore(file, stage, run, facts), facts, 'usual');
  // The shell may have given it a value of its own.
  if (leaks.some(({ kind }) => kind === 'variable' || kind === 'sourced')) return false;
  return (
    plain !== undefined &&
    /^[^:]+:[^:]+$/.test(plain) &&
    JSON.stringify(here) === JSON.stringify(there)
  );
}
