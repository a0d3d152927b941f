/** Which files of the build context an image holds, also those that come to it through other stages. */
import type { CopyInstruction, Dockerfile, Stage } from '../dockerfile/model.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { Facts } from '../facts/types.ts';
import {
  entryAt,
  isWithin,
  makeContext,
  type BuildContext,
  type ContextEntry,
  type Gap,
} from './context.ts';
import { baseName, pathInside } from './go-paths.ts';
import { filesAtEnd, imagePath, isSameIn, type Whole } from './image-files.ts';
import { fromOf, stageBelow, stageNamed } from './stages.ts';
import { heldBefore, resolveWord, type Held } from './state.ts';
import { plainText } from './values.ts';

/**
 * All files of the build context that the stage's image holds when it ends, by their paths there, also
 * those that come through other stages.
 */
export function filesOfImage(
  file: Dockerfile,
  stage: Stage,
  context: BuildContext,
  facts: Facts,
): BuildContext {
  const of: Whole = { file, context, facts };
  const last = ofImages.get(stage);
  if (last && isSameIn(last.of, of)) return last.files;
  const files = findFilesOfImage(stage, of);
  ofImages.set(stage, { of, files });
  return files;
}

const ofImages = new RunMemory<Stage, { readonly of: Whole; readonly files: BuildContext }>();

function findFilesOfImage(stage: Stage, { file, context, facts }: Whole): BuildContext {
  const { files: own, folders } = filesAtEnd(file, stage, context, facts);
  const moves: Move[] = [];
  const collect = (its: Stage): void => {
    const below = stageBelow(file, its);
    if (below) collect(below);
    for (const each of its.instructions) {
      const source = each.kind === 'copy' ? stageNamed(fromOf(each), file, its) : undefined;
      if (each.kind !== 'copy' || !source) continue;
      const inner = filesOfImage(file, source, context, facts);
      moves.push({ copy: each, state: heldBefore(file, its, each, facts), inner });
    }
  };
  collect(stage);
  if (moves.length === 0) return own;
  let all = joined.get(own);
  if (!all) joined.set(own, (all = []));
  const asked = all.find((each) => isSameMoves(each.moves, moves));
  if (asked) return asked.files;
  const files = joinedFiles(own, folders, moves);
  all.push({ moves, files });
  return files;
}

/** A COPY from another stage, and what lies in that one's image. */
interface Move {
  readonly copy: CopyInstruction;
  readonly state: Held;
  readonly inner: BuildContext;
}

// By the files of the stage's own, and what is copied to them.
const joined = new RunMemory<BuildContext, { moves: readonly Move[]; files: BuildContext }[]>();

function isSameMoves(one: readonly Move[], other: readonly Move[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ copy, state, inner }, index) => {
      const its = other[index]!;
      return copy === its.copy && inner === its.inner && saysSame(copy, state, its.state);
    })
  );
}

/** Whether a COPY takes the same to the same place in both: another base below it mostly changes neither. */
function saysSame(copy: CopyInstruction, one: Held, other: Held): boolean {
  if (one === other) return true;
  const { sources, destination, escape } = copy;
  const to = destination?.text ?? '';
  return (
    imagePath(one, to, escape) === imagePath(other, to, escape) &&
    sources.every(
      ({ text }) =>
        plainText(resolveWord(one, text, escape).usual) ===
        plainText(resolveWord(other, text, escape).usual),
    )
  );
}

function joinedFiles(
  own: BuildContext,
  folders: ReadonlySet<string>,
  moves: readonly Move[],
): BuildContext {
  const copied = moves.flatMap(({ copy, state, inner }) => {
    const text = copy.destination?.text ?? '';
    const target = imagePath(state, text, copy.escape);
    const intoFolder = /(^|\/)\.?$/.test(text) || copy.sources.length > 1 || folders.has(target);
    return copy.sources.map((word) => {
      const from = pathInside(plainText(resolveWord(state, word.text, copy.escape).usual) ?? '?');
      return movedFiles(inner, from, target, intoFolder);
    });
  });
  const byPath = new Map<string, ContextEntry>();
  const texts = new Map<string, string>();
  const unread = new Map<string, string>();
  const gaps: Gap[] = [];
  for (const part of [...copied, own]) {
    for (const each of part.entries) byPath.set(each.path, each);
    for (const [path, text] of part.texts) texts.set(path, text);
    for (const [path, why] of part.unread) unread.set(path, why);
    gaps.push(...part.gaps);
  }
  return makeContext({ entries: [...byPath.values()], texts, unread, gaps });
}

/** What lies at or below a path, at another place. */
function movedFiles(
  files: BuildContext,
  from: string,
  target: string,
  intoFolder: boolean,
): Pick<BuildContext, 'entries' | 'texts' | 'unread' | 'gaps'> {
  const entry = entryAt(files, from);
  const isFile = entry !== undefined && entry.kind !== 'folder';
  const top = isFile && intoFolder ? pathInside(`${target}/${baseName(from)}`) : target;
  // All of these paths are clean.
  const place = (path: string): string | undefined => {
    if (!isWithin(path, from)) return undefined;
    const below = from === '' ? path : path.slice(from.length + 1);
    return below === '' ? top : top === '' ? below : `${top}/${below}`;
  };
  const moved = <T>(all: ReadonlyMap<string, T>): Map<string, T> => {
    const there = new Map<string, T>();
    for (const [path, value] of all) {
      const to = place(path);
      if (to !== undefined) there.set(to, value);
    }
    return there;
  };
  const entries: ContextEntry[] = [];
  for (const each of files.entries) {
    const path = place(each.path);
    if (path !== undefined && path !== '') entries.push(Object.assign({ ...each }, { path }));
  }
  return {
    entries,
    texts: moved(files.texts),
    unread: moved(files.unread),
    gaps: files.gaps.flatMap((gap) => {
      const path = place(gap.path) ?? (isWithin(from, gap.path) ? top : undefined);
      return path === undefined ? [] : [{ ...gap, path }];
    }),
  };
}
