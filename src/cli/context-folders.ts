/** Which folder is the build context of a Dockerfile, and what is in it; without reading Dockerfiles. */
import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { withIgnore, type BuildContext } from '../analysis/context.ts';
import {
  builtElsewhere,
  gapWarnings,
  takenFor,
  unknownContext,
  type Source,
} from '../analysis/context-place.ts';
import type { Diagnostic } from '../dockerfile/model.ts';
import type { ContextRows } from '../facts/types.ts';
import { repositoryOf } from '../sources/find-files.ts';
import { foldersOnce, type Folders } from '../sources/folders.ts';
import { mayBeThere, readContext, type ContextRead } from '../sources/read-context.ts';
import type { Seen } from '../sources/read-file.ts';
import { usesReader } from '../sources/read-uses.ts';
import type { Stamp } from '../sources/stamp.ts';
import { isFolder } from '../sources/what-is-there.ts';

export interface Found {
  /** Missing: nothing is known of it, or the Dockerfile reads nothing from it. */
  readonly context?: BuildContext;
  /** What the user must know of it. */
  readonly diagnostics: readonly Diagnostic[];
  /** Where a path from the top of the context is on the disk. */
  readonly at: (path: string) => string;
  /** The ignore file in force as it was read. */
  readonly ignoreSeen?: Seen;
  /** Of the context's texts; missing without a context. */
  readonly stamp?: Stamp;
}

/** By the place of an ignore file on the disk: the text that it will have. */
export type IgnoreEdits = ReadonlyMap<string, string>;

/** Where the files of a repository say that a Dockerfile is built from; see uses/build-context.ts. */
export type NamedContexts = (
  files: readonly { readonly path: string; readonly text: string }[],
  dockerfile: string,
) => readonly string[];

export interface ContextFolders {
  /** Whether what is around the Dockerfile must be asked from where it is built. */
  readonly mayBeElsewhere: (path: string | undefined, sources: readonly Source[]) => boolean;
  /**
   * @param path the Dockerfile's, absolute; `undefined` where it has no place
   * @param sources what it names
   */
  readonly of: (path: string | undefined, sources: readonly Source[], edits?: IgnoreEdits) => Found;
  /** The same without the texts of a context. */
  readonly stampOf: (path: string | undefined, sources: readonly Source[]) => Found;
  /** What was read may have changed. */
  readonly forget: () => void;
}

const NOTHING: Found = { diagnostics: [], at: (path) => path };

/**
 * @param given the folder that the user names, absolute; default the one that files around it name, or
 *   each Dockerfile's own
 * @param named who reads these files; where it is not there yet, nobody asks `of` what may be elsewhere
 * @param folders as a run listed them; default: as they are when they are looked at
 */
export function contextFolders(
  given: string | undefined,
  manifests: ContextRows,
  named: () => NamedContexts | undefined,
  folders?: Folders,
): ContextFolders {
  const uses = usesReader(manifests, folders);
  const isAsked = given !== undefined;
  const mayBeElsewhere: ContextFolders['mayBeElsewhere'] = (path, sources) =>
    given === undefined &&
    path !== undefined &&
    sources.length > 0 &&
    isDoubtful(dirname(path), sources, folders ?? foldersOnce());
  /** The one other folder from which it is built, if that is written down. */
  const namedFor = (path: string): string | undefined => {
    const own = dirname(path);
    const top = repositoryOf(own);
    const read = named();
    if (top === undefined || !read) return undefined;
    const { texts, at } = uses.of(own, false).uses;
    const files = [...texts].map(([name, text]) => ({ path: name, text }));
    const found = read(files, relative(top, path).split(sep).join('/'));
    const [only, ...more] = found;
    if (only === undefined || more.length > 0 || only === at) return undefined;
    const folder = join(top, only);
    return isFolder(folder) ? folder : undefined;
  };
  const look = (isStampOnly: boolean): Pick<ContextFolders, 'of' | 'forget'> => {
    // Dockerfiles of one folder come one after the other.
    let last: { readonly folder: string; readonly read: ContextRead } | undefined;
    const read = (folder: string, dockerfile: string | undefined, around: Folders): ContextRead => {
      const common = { folder, manifests, isStampOnly, uses, isAsked, folders: around };
      const readFor = (placed: string | undefined): ContextRead =>
        readContext({ ...common, dockerfile: placed });
      const own = `${dockerfile}.dockerignore`;
      const hasOwn = dockerfile !== undefined && mayBeThere(own, around) && existsSync(own);
      if (hasOwn) return readFor(dockerfile);
      if (last?.folder !== folder) last = { folder, read: readFor(undefined) };
      if (last.read.kind === 'refused' || dockerfile === undefined) return last.read;
      const name = relative(folder, dockerfile).split(sep).join('/');
      const inside = name.startsWith('..') ? undefined : name;
      return { ...last.read, context: { ...last.read.context, dockerfile: inside } };
    };
    return {
      of: (path, sources, edits) => {
        const own = given ?? (path === undefined ? undefined : dirname(path));
        if (own === undefined || sources.length === 0) return NOTHING;
        const around = folders ?? foldersOnce();
        const other =
          path !== undefined && mayBeElsewhere(path, sources) ? namedFor(path) : undefined;
        const folder = other ?? own;
        const better =
          given === undefined && other === undefined
            ? elsewhere(folder, sources, around)
            : undefined;
        if (better !== undefined) return { ...NOTHING, diagnostics: [better] };
        const found = read(folder, path, around);
        if (found.kind === 'refused')
          return { ...NOTHING, diagnostics: [unknownContext(found.why)] };
        const at = (name: string): string => join(folder, name);
        const edited = edits?.get(at(found.context.ignore?.path ?? '.dockerignore'));
        const context = edited === undefined ? found.context : withIgnore(found.context, edited);
        const { ignoreSeen, stamp } = found;
        const diagnostics = [
          ...(other === undefined ? [] : [takenFor(relative(own, other).split(sep).join('/'))]),
          ...gapWarnings(context),
        ];
        return { context, diagnostics, at, stamp, ...(ignoreSeen && { ignoreSeen }) };
      },
      forget: () => {
        last = undefined;
      },
    };
  };
  const [whole, stampOnly] = [look(false), look(true)];
  return {
    mayBeElsewhere,
    of: whole.of,
    stampOf: stampOnly.of,
    forget: () => {
      folders?.forget();
      uses.forget();
      whole.forget();
      stampOnly.forget();
    },
  };
}

/** Whether something that it copies is missing in a folder, or the folder holds nothing but its Dockerfiles. */
function isDoubtful(folder: string, sources: readonly Source[], folders: Folders): boolean {
  if (sources.some(({ path, isPlain }) => isPlain && !folders.has(folder, path))) return true;
  if (sources.every(({ path }) => path !== '')) return false;
  try {
    return folders.entries(folder).every((each) => each.isFile() && OF_IMAGES.test(each.name));
  } catch {
    return false;
  }
}

const OF_IMAGES =
  /^(\.env.*|\.gitignore|.*dockerfile.*|.*\.dockerignore|.*compose.*|.*\.(sh|conf|cfg|ini|ya?ml|md|template))$/i;

/**
 * Many Dockerfiles are built from a folder above their own. That one is not taken instead: what is
 * missing here may also be something that is built before the image.
 */
function elsewhere(
  folder: string,
  sources: readonly Source[],
  folders: Folders,
): Diagnostic | undefined {
  const named = sources.filter(({ isPlain }) => isPlain);
  const missing = named.find(({ path }) => !folders.has(folder, path));
  if (!missing) return undefined;
  const better = foldersAbove(folder).find((above) =>
    named.every(({ path }) => existsSync(join(above, path))),
  );
  if (better === undefined) return undefined;
  const name = relative(folder, better).split(sep).join('/');
  return builtElsewhere(missing.line, name);
}

/** Up to the top of the repository, the nearest first; none outside of one. */
function foldersAbove(folder: string): string[] {
  const top = repositoryOf(folder);
  if (top === undefined || top === folder) return [];
  const above = dirname(folder);
  return [above, ...foldersAbove(above)];
}
