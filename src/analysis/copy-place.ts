/** Where a COPY or ADD writes, as far as the instruction itself and the build context show it. */
import type { CopyInstruction } from '../dockerfile/model.ts';
import { entryAt, isSent, resolveLinks, type BuildContext } from './context.ts';
import { baseName, hasWildcards, pathInside } from './go-paths.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import { resolvePath } from './paths.ts';
import { resolveWord, type State } from './state.ts';
import { plainText, type World } from './values.ts';

/** Where all that an instruction copies lands. */
export interface CopyPlace {
  /** What the destination names, absolute. */
  readonly path: string;
  /** Only a folder can be meant: a slash behind it, or several sources. */
  readonly isFolder: boolean;
  /** The one source, where it is surely a file: a file of the context, a heredoc, a URL. */
  readonly file: string | undefined;
  /** The last names of all sources, as far as they are known. */
  readonly names: readonly string[];
}

interface Known {
  readonly state: State;
  readonly context: BuildContext | undefined;
  readonly world: World;
  readonly place: CopyPlace | undefined;
}

// Each step of a stage that is divided is held against where its COPYs write.
const known = new RunMemory<CopyInstruction, Known[]>();

/** `undefined` where it is not known. */
export function copyPlace(
  copy: CopyInstruction,
  state: State,
  context: BuildContext | undefined,
  world: World = 'certain',
): CopyPlace | undefined {
  let all = known.get(copy);
  if (!all) known.set(copy, (all = []));
  for (const each of all) {
    if (each.state === state && each.context === context && each.world === world) return each.place;
  }
  const place = findPlace(copy, state, context, world);
  all.push({ state, context, world, place });
  return place;
}

function findPlace(
  copy: CopyInstruction,
  state: State,
  context: BuildContext | undefined,
  world: World,
): CopyPlace | undefined {
  const { destination, sources, escape } = copy;
  if (!destination) return undefined;
  const word = plainText(resolveWord(state, destination.text, escape)[world]);
  const path =
    word === undefined ? undefined : plainText(resolvePath(state.workdir[world], [word]));
  if (word === undefined || path === undefined || !path.startsWith('/')) return undefined;
  const names = sources.map(({ text }) =>
    text.startsWith('<<') ? text : plainText(resolveWord(state, text, escape)[world]),
  );
  const [name] = names;
  const isOne = names.length === 1 && name !== undefined && !hasWildcards(name);
  const isFolder = /(^|\/)\.{0,2}$/.test(word) || names.length > 1;
  return {
    path,
    isFolder,
    file: isOne ? fileOf(copy, name, context) : undefined,
    names: names.flatMap((each) => (each === undefined ? [] : [baseName(each)])),
  };
}

/** The name that a single source has at the destination, where it is a file. */
function fileOf(
  { flags }: CopyInstruction,
  source: string,
  context: BuildContext | undefined,
): string | undefined {
  if (source.startsWith('<<')) return source.replace(/^<<-?["']?|["']$/g, '');
  if (isDownload(source)) return baseName(source.replace(/[?#].*$/, ''));
  if (!context || flags.some(({ name }) => name === 'from' || name === 'parents')) return undefined;
  const found = resolveLinks(context, pathInside(source));
  const isFile =
    found !== undefined && entryAt(context, found)?.kind === 'file' && isSent(context, found);
  return isFile ? baseName(pathInside(source)) : undefined;
}

/** A file from somewhere else, and no Git repository. */
export function isDownload(source: string): boolean {
  return /^https?:\/\//.test(source) && !/\.git(#.*)?$/.test(source);
}

/**
 * How what is copied lies to a path: all of it at or below; nothing there; only a part of it, or that
 * is not known.
 */
export function copyRelation(place: CopyPlace, path: string): 'within' | 'apart' | 'part' {
  const target = place.path;
  if (isAtOrBelow(target, path)) return 'within';
  if (!isAtOrBelow(path, target)) return 'apart';
  // A name below a file can only lie below a folder: then that is what the destination is.
  if (place.file !== undefined && path === joined(target, place.file)) return 'within';
  if (place.file !== undefined && !isAtOrBelow(path, joined(target, place.file))) return 'apart';
  return 'part';
}

export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || folder === '/' || path.startsWith(`${folder}/`);
}

function joined(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}
