/**
 * What tells how the images of a repository are used, from the disk: files in the folders from its top
 * down to a build context, and where such folders keep them. What cannot be read tells nothing.
 */
import { lstatSync, type Dirent } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { downTo, USE_LIMITS, usesAmong } from '../analysis/context-texts.ts';
import type { UseTexts } from '../analysis/context.ts';
import type { ContextRows } from '../facts/types.ts';
import { repositoriesOf, repositoryOf } from './find-files.ts';
import { foldersOnce, type Folders } from './folders.ts';
import type { Stamped } from './stamp.ts';
import { readText } from './read-text.ts';

export interface UsesRead {
  readonly uses: UseTexts;
  /** The files that were read, or would be. */
  readonly stamped: readonly Stamped[];
  /** In milliseconds: none of them was looked at before. */
  readonly since: number;
}

export interface UsesReader {
  /** @param isStampOnly texts are left out */
  readonly of: (folder: string, isStampOnly: boolean) => UsesRead;
  /** What was read may have changed. */
  readonly forget: () => void;
}

/**
 * Folders above many contexts are looked into once.
 *
 * @param folders as a run listed them; default: as they are when they are looked at
 */
export function usesReader(manifests: ContextRows, folders?: Folders): UsesReader {
  const repositories = folders && repositoriesOf(folders);
  let since = Date.now();
  const listings = new Map<string, readonly Stamped[]>();
  const texts = new Map<string, string | undefined>();
  /** Of each folder in which they may lie the name that comes first, in lower case. */
  const heads = manifests.uses.folders.map((each) => each.split('/')[0]!.toLowerCase());
  const listed = (top: string, at: string): readonly Stamped[] => {
    const key = join(top, at);
    const before = listings.get(key);
    if (before) return before;
    const around = folders ?? foldersOnce();
    // Few have any of them: what a folder does not name is not looked for in it.
    const below = around.mayHave(key, heads)
      ? manifests.uses.folders.filter((_, index) => around.mayHave(key, [heads[index]!]))
      : [];
    const all = filesIn(top, at, around);
    for (const each of below) all.push(...filesIn(top, inside(at, each), around));
    const found = usesAmong(all, at, manifests).flatMap((path): Stamped[] => {
      const stats = lstatSync(join(top, path), { throwIfNoEntry: false });
      return stats?.isFile() === true && stats.size <= USE_LIMITS.textBytes
        ? [{ path, stats }]
        : [];
    });
    listings.set(key, found);
    return found;
  };
  const textAt = (place: string): string | undefined => {
    if (!texts.has(place)) {
      const read = readText(place, USE_LIMITS.textBytes);
      texts.set(place, read.kind === 'text' ? read.text : undefined);
    }
    return texts.get(place);
  };
  return {
    of: (folder, isStampOnly) => {
      const top = (repositories ?? repositoryOf)(folder) ?? folder;
      const at = relative(top, folder).split(sep).join('/');
      const stamped = downTo(at)
        .flatMap((each) => listed(top, each))
        .slice(0, USE_LIMITS.files);
      const read = new Map<string, string>();
      for (const { path } of isStampOnly ? [] : stamped) {
        const text = textAt(join(top, path));
        if (text !== undefined) read.set(path, text);
      }
      return { uses: { at, texts: read }, stamped, since };
    },
    forget: () => {
      since = Date.now();
      listings.clear();
      texts.clear();
    },
  };
}

function inside(folder: string, path: string): string {
  return folder === '' ? path : path === '' ? folder : `${folder}/${path}`;
}

/** Names in order. */
function filesIn(top: string, folder: string, folders: Folders): string[] {
  let entries: readonly Dirent[];
  try {
    entries = folders.entries(join(top, folder));
  } catch {
    return [];
  }
  const files: string[] = [];
  for (const entry of entries) if (entry.isFile()) files.push(inside(folder, entry.name));
  return files;
}
