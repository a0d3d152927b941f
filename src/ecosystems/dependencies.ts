/** Which packages an install puts in place: what its lockfiles say, or its manifests where there are none. */
import { foundOnce } from '../dockerfile/found-once.ts';
import { textOf, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf } from '../analysis/go-paths.ts';
import type { Dependencies, DependencyList, Registry } from './dependency.ts';
import { nodeLock, nodeManifest } from './node-dependencies.ts';
import { keptByYarn } from './node-locked.ts';
import { pythonLock, requirementsList } from './python-dependencies.ts';
import { composerLock, gemfileLock } from './other-dependencies.ts';

type Reader = (text: string) => DependencyList | undefined;

/** The first of a registry that is there says it; those behind it know less. */
const READERS: readonly (readonly [RegExp, Reader])[] = [
  [/^npm-shrinkwrap\.json$/, remembered(nodeLock.npm)],
  [/^package-lock\.json$/, remembered(nodeLock.npm)],
  [/^yarn\.lock$/, remembered(nodeLock.yarn)],
  [/^pnpm-lock\.yaml$/, remembered(nodeLock.pnpm)],
  [/^package\.json$/, remembered(nodeManifest)],
  [/^uv\.lock$/, remembered(pythonLock.uv)],
  [/^poetry\.lock$/, remembered(pythonLock.poetry)],
  [/^Pipfile\.lock$/, remembered(pythonLock.pipenv)],
  [/\.(txt|in|pip)$/, remembered(requirementsList)],
  [/^(Gemfile|gems)\.(lock|locked)$/, remembered(gemfileLock)],
  [/^composer\.lock$/, remembered(composerLock)],
];

/** So many lists are kept of each kind. */
const MOST = 24;

/**
 * Each base that is thought of asks for the packages again, and in a monorepo so does one Dockerfile
 * after the other. One text gives one list, so that answers can be remembered by it.
 */
function remembered(read: Reader): Reader {
  const known = new Map<string, DependencyList | undefined>();
  return (text) => {
    if (known.has(text)) return known.get(text);
    const list = read(text.replace(/^\ufeff/, ''));
    const oldest = known.keys().next();
    if (known.size >= MOST && oldest.done === false) known.delete(oldest.value);
    known.set(text, list);
    return list;
  };
}

/**
 * The packages that files tell of.
 *
 * @param paths what the install reads, in any order; several of one registry are put together only
 *   where they are of one kind, such as requirements that name each other
 */
export function dependenciesIn(
  paths: readonly string[],
  files: BuildContext,
): readonly Dependencies[] {
  const found = new Map<Registry, { rank: number; all: Dependencies[] }>();
  for (const path of paths) {
    const file = baseName(path);
    const rank = rankOf(file);
    if (rank < 0) continue;
    const text = textOf(files, path);
    const list = text.kind === 'text' ? READERS[rank]![1](text.text) : undefined;
    if (!list || text.kind !== 'text') continue;
    const read = file === 'yarn.lock' ? toldByManifest(list, text.text, path, files) : list;
    const before = found.get(read.registry);
    if (!before || rank < before.rank) found.set(read.registry, { rank, all: [{ ...read, path }] });
    else if (rank === before.rank) before.all.push({ ...read, path });
  }
  return [...found.values()].flatMap(({ all }) => all);
}

/** The place of what reads a file of this name, or -1; most have one of a dozen names. */
const rankOf = foundOnce(200, (file) => READERS.findIndex(([name]) => name.test(file)));

const told = new WeakMap<
  DependencyList,
  { readonly manifest: string; readonly list: DependencyList }
>();

/** Yarn's lockfile does not say which packages are for development: the manifest beside it does, if it is one project. */
function toldByManifest(
  list: DependencyList,
  lock: string,
  path: string,
  files: BuildContext,
): DependencyList {
  const folder = folderOf(path);
  const manifest = textOf(files, folder === '' ? 'package.json' : `${folder}/package.json`);
  if (manifest.kind !== 'text') return list;
  const before = told.get(list);
  if (before?.manifest === manifest.text) return before.list;
  const kept = keptByYarn(lock, manifest.text);
  if (!kept) return list;
  const packages = list.packages.map((each) => ({ ...each, isDevelopment: !kept.has(each.name) }));
  const found = { ...list, packages };
  told.set(list, { manifest: manifest.text, list: found });
  return found;
}
