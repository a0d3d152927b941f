/** Which files the arguments of a command mean. */
import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { findDockerfiles, repositoryOf } from '../sources/find-files.ts';
import type { Folders } from '../sources/folders.ts';
import { isFolder } from '../sources/what-is-there.ts';

export interface Target {
  /** Absolute. */
  readonly path: string;
  /** As its user would type it, with `/` between folders. */
  readonly name: string;
  /** Why a folder could not be searched. */
  readonly failure?: string;
}

/**
 * Files as they are named, folders searched; each file once.
 *
 * @param onFound is told how many there are so far
 */
export function targetsOf(
  args: readonly string[],
  cwd: string,
  folders?: Folders,
  onFound?: (count: number) => void,
): Target[] {
  let before = 0;
  const found = (args.length === 0 ? ['.'] : args).map((arg) => {
    const one = targetsOfOne(arg, cwd, folders, (count) => onFound?.(before + count));
    before += one.targets.length;
    return one;
  });
  const all = found.flatMap(({ targets }) => targets);
  // A search that meets no link meets no file twice.
  if (found.length === 1 && !found[0]!.hasLinks) return all;
  const seen = new Set<string>();
  return all.filter(({ path }) => {
    const real = realPath(path);
    if (seen.has(real)) return false;
    seen.add(real);
    return true;
  });
}

interface FoundTargets {
  readonly targets: readonly Target[];
  readonly hasLinks: boolean;
}

function targetsOfOne(
  arg: string,
  cwd: string,
  folders: Folders | undefined,
  onFound: (count: number) => void,
): FoundTargets {
  const start = resolve(cwd, arg);
  if (!isFolder(start)) {
    onFound(1);
    return { targets: [{ path: start, name: nameOf(start, arg, start, cwd) }], hasLinks: false };
  }
  const { paths, failures, hasLinks } = findDockerfiles(start, folders, onFound);
  const targets = [
    ...paths.map((path) => ({ path, name: nameOf(path, arg, start, cwd) })),
    ...failures.map(({ path, why }) => ({
      path,
      name: nameOf(path, arg, start, cwd),
      failure: `cannot be searched: ${why}`,
    })),
  ];
  return { targets, hasLinks };
}

function nameOf(path: string, arg: string, start: string, cwd: string): string {
  const name = nameInside(cwd, path) ?? join(arg, relative(start, path));
  return name.split(sep).join('/') || '.';
}

/** As its user would type it. */
export function nameOfFile(path: string, cwd: string): string {
  return nameOf(path, path, path, cwd);
}

/** `undefined` where the path is not inside the folder. */
function nameInside(folder: string, path: string): string | undefined {
  const name = relative(folder, path);
  const isOutside = name === '..' || name.startsWith(`..${sep}`) || isAbsolute(name);
  return isOutside ? undefined : name;
}

/**
 * The name of a file in a diff: from the repository's top, as git writes it. `git apply` takes a
 * name that begins like the folder in which it runs for one from the top, so that in `app` a diff of
 * `app/Dockerfile` would change the Dockerfile above.
 */
export function diffNames(cwd: string): (target: Target) => string {
  const top = repositoryOf(cwd) ?? cwd;
  return ({ path, name }) => nameInside(top, path)?.split(sep).join('/') ?? name;
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
