/** Which Dockerfiles are in a folder: by their names, without what Git ignores. */
import { existsSync, readFileSync, statSync, type Dirent } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { isDockerfileName } from '../analysis/context-texts.ts';
import { foldersOnce, inFolder, type Folders } from './folders.ts';
import { whyNot } from './why-not.ts';

export interface Found {
  /** In the order of their names. */
  readonly paths: readonly string[];
  /** Folders that could not be looked into. */
  readonly failures: readonly { readonly path: string; readonly why: string }[];
  /** Some of the paths are links. */
  readonly hasLinks: boolean;
}

const SKIPPED_FOLDERS = new Set(['.git', 'node_modules']);

/** Rules of one .gitignore, which hold below the folder that it is in. */
interface Rules {
  readonly folder: string;
  readonly ignore: Ignore;
}

/**
 * @param folder an absolute path
 * @param onFound is told for each how many there are so far
 */
export function findDockerfiles(
  folder: string,
  folders: Folders = foldersOnce(),
  onFound?: (count: number) => void,
): Found {
  const above = rulesAbove(folder);
  // Who names an ignored folder wants it searched.
  const rules = isIgnored(folder, true, above) ? [] : above;
  const found: Finding = {
    folders,
    paths: [],
    failures: [],
    hasLinks: false,
    ...(onFound && { onFound }),
  };
  search(folder, rules, found);
  return found;
}

interface Finding extends Found {
  readonly folders: Folders;
  readonly paths: string[];
  readonly failures: { path: string; why: string }[];
  readonly onFound?: (count: number) => void;
  hasLinks: boolean;
}

function search(folder: string, outer: readonly Rules[], found: Finding): void {
  const { folders, paths, failures } = found;
  let entries: readonly Dirent[];
  try {
    entries = folders.entries(folder);
  } catch (error) {
    failures.push({ path: folder, why: whyNot(error) });
    return;
  }
  const hasRules = entries.some(({ name }) => name === '.gitignore');
  const rules = hasRules ? [...outer, ...rulesIn(folder)] : outer;
  for (const entry of entries) {
    const path = inFolder(folder, entry.name);
    if (entry.isDirectory()) {
      if (SKIPPED_FOLDERS.has(entry.name) || isIgnored(path, true, rules)) continue;
      search(path, rules, found);
    } else if (isDockerfileName(entry.name) && !isIgnored(path, false, rules)) {
      // A link to a folder is not followed: it may lead back up.
      if (!entry.isFile() && !(entry.isSymbolicLink() && leadsToFile(path))) continue;
      paths.push(path);
      found.onFound?.(paths.length);
      found.hasLinks ||= !entry.isFile();
    }
  }
}

function leadsToFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // It leads nowhere, in a circle, or where this user may not look.
    return false;
  }
}

/** The innermost .gitignore that says anything about a path decides. */
function isIgnored(path: string, isFolder: boolean, rules: readonly Rules[]): boolean {
  for (const { folder, ignore: matcher } of rules.toReversed()) {
    const name = nameBelow(folder, path);
    const { ignored, unignored } = matcher.test(isFolder ? `${name}/` : name);
    // This folder is searched, so an inner .gitignore took it back in; what is in it is too.
    if (ignored && isFolderIgnored(matcher, name)) continue;
    if (ignored || unignored) return ignored;
  }
  return false;
}

/** @param folder one that the path is in */
function nameBelow(folder: string, path: string): string {
  return path
    .slice(folder.endsWith(sep) ? folder.length : folder.length + 1)
    .split(sep)
    .join('/');
}

function isFolderIgnored(matcher: Ignore, name: string): boolean {
  const end = name.lastIndexOf('/');
  return end > 0 && matcher.test(name.slice(0, end + 1)).ignored;
}

/** The .gitignore files from the repository's top down to the folder above this one. */
function rulesAbove(folder: string): Rules[] {
  const top = repositoryOf(folder);
  // Not in a repository: what lies above is none of this folder's business.
  if (top === undefined) return [];
  const folders: string[] = [];
  for (let at = folder; at !== top; at = dirname(at)) folders.unshift(dirname(at));
  return folders.flatMap(rulesIn);
}

/** The top of the Git repository in which a folder lies. */
export function repositoryOf(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : repositoryOf(above);
}

/** The same for many folders, as a run listed them. */
export function repositoriesOf(folders: Folders): (folder: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (folder) => {
    const nearest = folders.nearest(folder, ['.git']);
    if (nearest === undefined) return undefined;
    if (!known.has(nearest)) known.set(nearest, repositoryOf(nearest));
    return known.get(nearest);
  };
}

function rulesIn(folder: string): Rules[] {
  try {
    const text = readFileSync(join(folder, '.gitignore'), 'utf8').replace(/^\ufeff/, '');
    return [{ folder, ignore: ignore({ ignorecase: false }).add(text) }];
  } catch {
    // There is none, or none that Git could read.
    return [];
  }
}
