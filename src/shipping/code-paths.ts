/**
 * What the code of a compiled program says that it needs of its build: files that look like sources, and
 * compilers.
 */
import { entryAt, isWithin, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';
import { startFolder, type ImageFiles } from '../analysis/image-files.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { Made } from './carried.ts';
import type { InputTest } from './copies.ts';
import type { StageScope } from './steps.ts';

/** Code of programs, not of what tries them out or is only compiled for the build. */
const CODE = /(?<!_test)\.(go|rs|c|cc|cpp|cxx|h|hh|hpp)$/;
const OF_TESTS =
  /(^|\/)(tests?|benches|vendor|third_party|node_modules|target|xtask)\/|(^|\/)build\.rs$/;

/** What the compiler reads: imports, headers, files that go into the program. */
const COMPILED =
  /^import\s*\([^)]*\)|^import\s+(?:[\w.]+\s+)?"[^"]*"|^\s*#\s*include\b.*|\binclude\w*!\s*\([^;]*\)|^\s*#!?\[.*\]|^\s*\/\/.*|^#\[cfg\(test\)\][^]*/gm;

/** A path in quotes, as far as no pattern begins; the mark in front says that it is one. */
const QUOTED = /["`](\.\/)?([\w.@-]+(?:\/[\w.@-]+)*)\/?(\/[\w.@-]*[*?{][^"`\n]*)?["`]/g;

interface WithContext {
  readonly context: BuildContext;
}

interface Said {
  /** Of the image, without a slash in front. */
  readonly place: string;
  /** A word that may mean anything. */
  readonly isBare: boolean;
  /** It says itself that it is a path: `./examples`. */
  readonly isMarked: boolean;
}

/**
 * @param isInput whether a file looks as if only the build read it
 * @returns places of the image
 */
export function placesInCode(
  { files, supplies }: ImageFiles,
  isInput: InputTest,
  { file, stage, context, facts }: Pick<StageScope, 'file' | 'stage' | 'facts'> & WithContext,
): readonly string[] {
  const folder = startFolder(file, stage, facts);
  const wanted = saidIn(files, folder);
  if (wanted.length === 0) return [];
  const imported = importsOf(files);
  const isSaid = (place: string): boolean =>
    wanted.some((each) => {
      if (each.place === place) return !each.isBare || !IS_SOURCE.test(place);
      if (!isWithin(place, each.place)) return false;
      if (IS_SOURCE.test(place)) return each.isMarked && !imported.has(baseName(folderOf(place)));
      return !each.isBare || baseName(each.place) === 'testdata';
    });
  return [...supplies].flatMap(([place, { path }]) => {
    const isFile = entryAt(context, path)?.kind !== 'folder';
    return isFile && isInput(path, place) && isSaid(place) ? [place] : [];
  });
}

/** Files that compilers and their tools read, and that a program seldom reads by a bare name. */
const IS_SOURCE =
  /\.(go|rs|c|cc|cpp|cxx|h|hh|hpp|mod|sum|lock|toml|cmake|proto)$|(^|\/)(Makefile|CMakeLists\.txt|configure)$/;

/** What code names below the folder in which the program starts. */
export function saidIn(files: BuildContext, folder: string): readonly Said[] {
  let byFolder = said.get(files);
  if (!byFolder) said.set(files, (byFolder = new Map<string, readonly Said[]>()));
  let all = byFolder.get(folder);
  if (!all) byFolder.set(folder, (all = findSaid(files, folder)));
  return all;
}

// All code of the image is read for it.
const said = new RunMemory<BuildContext, Map<string, readonly Said[]>>();

function findSaid({ texts }: BuildContext, folder: string): readonly Said[] {
  return [...texts].flatMap(([path, text]) => {
    if (!CODE.test(path) || OF_TESTS.test(path)) return [];
    return [...text.replace(COMPILED, '').matchAll(QUOTED)].map(([, mark, name, pattern]) => {
      const isMarked = mark !== undefined || pattern?.includes('*') === true;
      const isBare = !isMarked && !name!.includes('/');
      return { place: pathInside(`${folder}/${name!}`), isBare, isMarked };
    });
  });
}

/** The last parts of what Go imports: a folder of that name is a package. */
function importsOf({ texts }: BuildContext): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [path, text] of texts) {
    if (!path.endsWith('.go')) continue;
    for (const [block] of text.matchAll(/^import\s*\([^)]*\)|^import\s+[^\n]*/gm)) {
      for (const [, each] of block.matchAll(/"([^"\n]+)"/g)) found.add(baseName(each!));
    }
  }
  return found;
}

/**
 * Folders that steps fill beside code, and in which code names a file: pages that a generator writes. The
 * folder in which the program starts has all.
 */
export function foldersInCode(
  made: readonly Pick<Made, 'path' | 'isNamed' | 'work'>[],
  { files }: ImageFiles,
  { file, stage, facts }: Pick<StageScope, 'file' | 'stage' | 'facts'>,
): readonly string[] {
  const folder = startFolder(file, stage, facts);
  const folders = made.filter(
    ({ path, isNamed, work }) =>
      isNamed === true && work.links === undefined && !isWithin(folder, path),
  );
  if (folders.length === 0) return [];
  const plain = saidIn(files, folder).filter(({ isBare }) => !isBare);
  return folders.flatMap(({ path }) =>
    plain.some(({ place }) => place !== path && isWithin(place, path)) ? [path] : [],
  );
}
