/** Which Dockerfiles are in a folder: by their names, without what Git ignores. */
import { existsSync, readdirSync, readFileSync, statSync, type Dirent } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { isDockerfileName } from '../analysis/context-texts.ts';
import { whyNot } from './why-not.ts';

export interface Found {
  /** In the order of their names. */
  readonly paths: readonly string[];
  /** Folders that could not be looked into. */
  readonly failures: readonly { readonly path: string; readonly why: string }[];
}

const SKIPPED_FOLDERS = new Set(['.git', 'node_modules']);

/** Rules of one .gitignore, which hold below the folder that it is in. */
interface Rules {
  readonly folder: string;
  readonly ignore: Ignore;
}

/** @param folder an absolute path */
export function findDockerfiles(folder: string): Found {
  const above = rulesAbove(folder);
  // Who names an ignored folder wants it searched.
  const rules = isIgnored(folder, true, above) ? [] : above;
  const paths: string[] = [];
  const failures: { path: string; why: string }[] = [];
  search(folder, rules, paths, failures);
  return { paths, failures };
}

function search(
  folder: string,
  outer: readonly Rules[],
  paths: string[],
  failures: { path: string; why: string }[],
): void {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    failures.push({ path: folder, why: whyNot(error) });
    return;
  }
  const hasRules = entries.some(({ name }) => name === '.gitignore');
  const rules = hasRules ? [...outer, ...rulesIn(folder)] : outer;
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (SKIPPED_FOLDERS.has(entry.name) || isIgnored(path, true, rules)) continue;
      search(path, rules, paths, failures);
    } else if (isDockerfileName(entry.name) && !isIgnored(path, false, rules)) {
      // A link to a folder is not followed: it may lead back up.
      if (entry.isFile() || (entry.isSymbolicLink() && leadsToFile(path))) paths.push(path);
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
    const name = relative(folder, path).split(sep).join('/');
    const { ignored, unignored } = matcher.test(isFolder ? `${name}/` : name);
    // This folder is searched, so an inner .gitignore took it back in; what is in it is too.
    if (ignored && isFolderIgnored(matcher, name)) continue;
    if (ignored || unignored) return ignored;
  }
  return false;
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

function rulesIn(folder: string): Rules[] {
  try {
    const text = readFileSync(join(folder, '.gitignore'), 'utf8').replace(/^\ufeff/, '');
    return [{ folder, ignore: ignore({ ignorecase: false }).add(text) }];
  } catch {
    // There is none, or none that Git could read.
    return [];
  }
}
