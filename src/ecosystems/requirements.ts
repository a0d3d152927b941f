/** Requirements files of pip, followed through those that they name. */
import {
  hasEntry,
  isFolder,
  leavesFiles,
  read,
  readText,
  refuse,
  under,
  type Findings,
} from './findings.ts';
import { folderOf } from '../analysis/go-paths.ts';

/** Options that name another file, or a folder of archives. */
const INCLUDES = /^(?:-r|--requirements?|-c|--constraints?)(?:[= ]\s*|(?=[^-\s]))(.+)$/;
const FINDS = /^(?:-f|--find-links)(?:[= ]\s*|(?=[^-\s]))(.+)$/;
const EDITABLE = /^(?:-e|--editable)(?:[= ]\s*|(?=[^-\s]))(.+)$/;

/**
 * @param path of the file, from the top of the files
 * @param folder in which pip runs: local paths count from there
 */
export function readRequirements(
  found: Findings,
  path: string,
  folder: string,
  seen: readonly string[] = [],
): void {
  if (seen.includes(path)) return;
  if (!hasEntry(found.project.files, path)) {
    // Asked all the same: a gap says more than that nothing is known of it.
    read(found, path);
    return refuse(found, `nothing that is copied before it is /${path}`);
  }
  const text = readText(found, path);
  if (text === undefined) return;
  if (text.includes('\0')) return refuse(found, `${path} is not UTF-8`);
  const lines = text.replace(/\\\r?\n/g, ' ').split(/\r?\n/);
  for (const raw of lines) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    const include = INCLUDES.exec(line)?.[1]?.trim();
    if (include !== undefined) {
      if (isRemote(include)) continue;
      const inner = under(folderOf(path), include.replace(/^file:/, ''));
      readRequirements(found, inner, folder, [...seen, path]);
      continue;
    }
    readRequirement(found, line, folder, folderOf(path));
  }
}

/**
 * One requirement, as it stands in a file or behind `pip install`.
 *
 * @param base the folder of the file: archives are looked for there as well
 */
export function readRequirement(
  found: Findings,
  requirement: string,
  folder: string,
  base = folder,
): void {
  const line = requirement.trim();
  const finds = FINDS.exec(line)?.[1]?.trim();
  if (finds !== undefined) {
    if (!isRemote(finds)) read(found, under(base, finds), under(folder, finds));
    return;
  }
  const editable = EDITABLE.exec(line)?.[1]?.trim();
  if (editable !== undefined) return readEditable(found, editable, folder);
  if (line === '' || line.startsWith('-')) return;
  const url = /@\s*(\S+)/.exec(line)?.[1] ?? line;
  const path = localPath(url);
  if (path === undefined) return;
  const target = under(folder, path);
  if (leavesFiles(folder, path) || isFolder(found.project.files, target)) {
    return refuse(found, `"${shown(line)}" installs from the sources of the project`);
  }
  if (!hasEntry(found.project.files, target)) return refuse(found, `${path} is not known`);
  read(found, target);
}

function shown(line: string): string {
  return line.split(/[;\s]/)[0]!;
}

function readEditable(found: Findings, what: string, folder: string): void {
  const repository = /^(?:git|hg|svn|bzr)\+(?!file)/.test(what);
  if (!repository)
    return refuse(found, `"-e ${shown(what)}" installs from the sources of the project`);
  const name = /[#&]egg=([\w.-]+)/.exec(what)?.[1];
  if (name === undefined)
    return refuse(found, `"-e ${shown(what)}" is cloned to a folder without a name`);
  found.writes.add(under(folder, `src/${name.toLowerCase()}`));
  found.writes.add(under(folder, `src/${name}`));
}

function isRemote(text: string): boolean {
  return /^[a-z][a-z+.-]*:\/\//i.test(text) && !text.startsWith('file:');
}

/** What pip takes for a path; `undefined` for a name, a URL or a repository. */
function localPath(url: string): string | undefined {
  if (url.startsWith('file:')) return url.replace(/^file:(\/\/(localhost)?(?=\/))?/, '');
  if (/^[a-z][a-z+.-]*:/i.test(url)) return undefined;
  const plain = url.split(/[;\s[]/)[0]!;
  if (/^(\.{1,2}(\/|$)|\/|~\/)/.test(plain)) return plain;
  return plain.includes('/') || /\.(whl|zip|tar\.gz|tgz|tar\.bz2)$/.test(plain) ? plain : undefined;
}
