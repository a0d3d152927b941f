/** Which names are in folders; each folder is listed once, for questions that are asked of many files. */
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';

export interface FolderNames {
  /**
   * Whether one of the names may be in the folder, in whatever case: what cannot be listed may have
   * everything.
   *
   * @param names in lower case
   */
  readonly mayHave: (folder: string, names: readonly string[]) => boolean;
  /** The folder itself or the nearest above it that may have one of the names. */
  readonly nearest: (folder: string, names: readonly string[]) => string | undefined;
}

export function folderNames(): FolderNames {
  const known = new Map<string, ReadonlySet<string> | undefined>();
  const namesIn = (folder: string): ReadonlySet<string> | undefined => {
    if (known.has(folder)) return known.get(folder);
    const names = list(folder);
    known.set(folder, names);
    return names;
  };
  const mayHave: FolderNames['mayHave'] = (folder, names) => {
    const there = namesIn(folder);
    return !there || names.some((name) => there.has(name));
  };
  const nearest: FolderNames['nearest'] = (folder, names) => {
    if (mayHave(folder, names)) return folder;
    const above = dirname(folder);
    return above === folder ? undefined : nearest(above, names);
  };
  return { mayHave, nearest };
}

function list(folder: string): ReadonlySet<string> | undefined {
  try {
    return new Set(readdirSync(folder).map((name) => name.toLowerCase()));
  } catch {
    return undefined;
  }
}
