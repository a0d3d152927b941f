/**
 * What is in folders. Each is listed once, for all that a run asks of it: where Dockerfiles are, which
 * configuration is in force, what a build context has.
 */
import { existsSync, readdirSync, type Dirent } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

export interface Folders {
  /**
   * In the order of their names.
   *
   * @throws what the system says of a folder that cannot be listed
   */
  readonly entries: (folder: string) => readonly Dirent[];
  /**
   * Whether one of the names may be in the folder, in whatever case: what cannot be listed may have
   * everything.
   *
   * @param names in lower case
   */
  readonly mayHave: (folder: string, names: readonly string[]) => boolean;
  /** The folder itself or the nearest above it that may have one of the names. */
  readonly nearest: (folder: string, names: readonly string[]) => string | undefined;
  /** Whether there is something at a path in the folder, a link that leads nowhere not counted. */
  readonly has: (folder: string, path: string) => boolean;
  /** They may have changed. */
  readonly forget: () => void;
}

/** In all folders together: what has more is listed each time, so that memory does not fill up. */
const MOST_ENTRIES = 200_000;

interface Listed {
  readonly entries: readonly Dirent[];
  /** In lower case; made when they are asked for. */
  names?: ReadonlySet<string>;
  /** Of files and folders, as they are; made when they are asked for. */
  places?: ReadonlySet<string>;
}

export function foldersOnce(mostEntries = MOST_ENTRIES): Folders {
  const known = new Map<string, Listed | { readonly error: unknown }>();
  let count = 0;
  const list = (folder: string): Listed | { readonly error: unknown } => {
    const before = known.get(folder);
    if (before) return before;
    const now = listedNow(folder);
    const more = 'entries' in now ? now.entries.length : 0;
    if (count + more <= mostEntries) {
      known.set(folder, now);
      count += more;
    }
    return now;
  };
  const mayHave: Folders['mayHave'] = (folder, names) => {
    const listed = list(folder);
    if ('error' in listed) return true;
    listed.names ??= new Set(listed.entries.map(({ name }) => name.toLowerCase()));
    const there = listed.names;
    return names.some((name) => there.has(name));
  };
  const nearest: Folders['nearest'] = (folder, names) => {
    if (mayHave(folder, names)) return folder;
    const above = dirname(folder);
    return above === folder ? undefined : nearest(above, names);
  };
  return {
    entries: (folder) => {
      const listed = list(folder);
      if ('error' in listed) throw listed.error;
      return listed.entries;
    },
    mayHave,
    nearest,
    has: (folder, path) => {
      const place = join(folder, path);
      const listed = known.get(dirname(place));
      // Only what needs no second look is taken from a list: where links lead, the system knows.
      if (listed === undefined || 'error' in listed) return existsSync(place);
      listed.places ??= new Set(
        listed.entries.flatMap((entry) =>
          entry.isFile() || entry.isDirectory() ? [entry.name] : [],
        ),
      );
      return listed.places.has(basename(place)) || existsSync(place);
    },
    forget: () => {
      known.clear();
      count = 0;
    },
  };
}

function listedNow(folder: string): Listed | { readonly error: unknown } {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return { entries: entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
  } catch (error) {
    return { error };
  }
}

/** The path of what is in a folder by that name. @param folder as `join` would write it */
export function inFolder(folder: string, name: string): string {
  return folder.endsWith(sep) ? folder + name : folder + sep + name;
}
