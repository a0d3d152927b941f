/** Which packages an install puts in place: what its lockfiles say, or its manifests where there are none. */
import { textOf, type BuildContext } from '../analysis/context.ts';
import { baseName } from '../analysis/go-paths.ts';
import { nodeLock, nodeManifest } from './node-dependencies.ts';
import { pythonLock, requirementsList } from './python-dependencies.ts';
import { composerLock, gemfileLock } from './other-dependencies.ts';

/** Where packages of a language come from; rows about packages name it. */
export type Registry = 'npm' | 'pypi' | 'rubygems' | 'packagist';

export interface Dependency {
  /** As its registry has it; for Python in its normal form: lower case, with dashes. */
  readonly name: string;
  /** `undefined` where it is not fixed. */
  readonly version: string | undefined;
  /** Only for development; `undefined` where the lockfile does not say. */
  readonly isDevelopment: boolean | undefined;
  /** Whether the install runs a script of it, which may compile; `undefined` where nobody says. */
  readonly hasInstallScript: boolean | undefined;
  /** Files that are offered ready to use, by their names; `undefined` where nobody says. */
  readonly ready: readonly string[] | undefined;
  /** Where it comes from, when that is not its registry: `git+https://…`. */
  readonly from: string | undefined;
}

export interface Dependencies {
  readonly registry: Registry;
  readonly packages: readonly Dependency[];
  /** Whether it is all of them: what others ask for included. */
  readonly isComplete: boolean;
  /** Of which file this is. */
  readonly path: string;
}

type Reader = (text: string) => Omit<Dependencies, 'path'> | undefined;

/** The first of a registry that is there says it; those behind it know less. */
const READERS: readonly (readonly [RegExp, Reader])[] = [
  [/^npm-shrinkwrap\.json$/, nodeLock.npm],
  [/^package-lock\.json$/, nodeLock.npm],
  [/^yarn\.lock$/, nodeLock.yarn],
  [/^pnpm-lock\.yaml$/, nodeLock.pnpm],
  [/^package\.json$/, nodeManifest],
  [/^uv\.lock$/, pythonLock.uv],
  [/^poetry\.lock$/, pythonLock.poetry],
  [/^Pipfile\.lock$/, pythonLock.pipenv],
  [/\.(txt|in|pip)$/, requirementsList],
  [/^(Gemfile|gems)\.(lock|locked)$/, gemfileLock],
  [/^composer\.lock$/, composerLock],
];

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
    const rank = READERS.findIndex(([name]) => name.test(baseName(path)));
    if (rank < 0) continue;
    const text = textOf(files, path);
    const read =
      text.kind === 'text' ? READERS[rank]![1](text.text.replace(/^\ufeff/, '')) : undefined;
    if (!read) continue;
    const before = found.get(read.registry);
    if (!before || rank < before.rank) found.set(read.registry, { rank, all: [{ ...read, path }] });
    else if (rank === before.rank) before.all.push({ ...read, path });
  }
  return [...found.values()].flatMap(({ all }) => all);
}
