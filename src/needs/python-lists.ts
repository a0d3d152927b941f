/** What an install of Python reads beside the files that it names: lists in lists, projects, wheels. */
import { entryAt, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';
import type { Dependency } from '../ecosystems/dependency.ts';

export interface PythonLists {
  /** Files of requirements, those that they name included. */
  readonly lists: readonly string[];
  /** Folders of projects that are installed from their sources. */
  readonly projects: readonly string[];
  /** Names of the wheels in the folders in which it looks. */
  readonly wheels: readonly string[];
}

export interface PythonCall {
  readonly folder: string;
  readonly lists: readonly string[];
  readonly projects: readonly string[];
  /** Folders of archives. */
  readonly finds: readonly string[];
}

/** @param files by paths of the image */
export function pythonLists(call: PythonCall, files: BuildContext): PythonLists {
  const { folder } = call;
  const lists: string[] = [];
  const projects = call.projects.map((path) => under(folder, withoutExtras(path)));
  const finds = call.finds.map((path) => under(folder, path));
  const follow = (path: string): void => {
    if (lists.includes(path)) return;
    lists.push(path);
    const text = textOf(files, path);
    if (text.kind !== 'text') return;
    for (const raw of text.text.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) {
      const line = raw.replace(/(^|\s)#.*$/, '').trim();
      const list = /^(?:-r|--requirements?)[= ]*(\S+)$/.exec(line)?.[1];
      const find = /^(?:-f|--find-links)[= ]*(\S+)$/.exec(line)?.[1];
      const local = /^(?:(?:-e|--editable)[= ]*)?((?:file:)?\.{0,2}\/[^\s;]*|\.)(\s*;.*)?$/.exec(
        line,
      );
      if (list !== undefined && !list.includes('://')) follow(under(folderOf(path), list));
      // Where the list lies, or where pip runs.
      else if (find !== undefined) finds.push(under(folderOf(path), find), under(folder, find));
      else if (local && !/\.(whl|zip|gz)$/.test(local[1]!)) {
        projects.push(under(folder, withoutExtras(local[1]!.replace(/^file:(\/\/)?/, ''))));
      }
    }
  };
  for (const each of call.lists) follow(under(folder, each));
  const wheels =
    finds.length === 0
      ? []
      : files.entries.flatMap(({ path }) =>
          path.endsWith('.whl') && finds.some((place) => isWithin(path, place))
            ? [baseName(path)]
            : [],
        );
  return { lists, projects: [...new Set(projects)], wheels };
}

/** A package with the wheels that lie ready for it. */
export function withWheels(one: Dependency, wheels: readonly string[]): Dependency {
  if (wheels.length === 0 || one.ready !== undefined) return one;
  const ready = wheels.filter((file) => {
    const [name = '', version = ''] = file.split('-');
    const isOwn = name.toLowerCase().replace(/[-_.]+/g, '-') === one.name;
    return isOwn && (one.version === undefined || one.version === version);
  });
  return ready.length > 0 ? { ...one, ready } : one;
}

function under(folder: string, path: string): string {
  return path.startsWith('/') ? pathInside(path) : pathInside(`${folder}/${path}`);
}

function withoutExtras(path: string): string {
  return path.replace(/\[[^\]]*\]$/, '');
}

/** Whether an operand of pip is a folder of the image. */
export function isProjectFolder(operand: string, folder: string, files: BuildContext): boolean {
  if (!/^(\.{0,2}\/|\.{1,2}(\[|$))/.test(operand)) return false;
  const path = under(folder, withoutExtras(operand));
  return path === '' || entryAt(files, path)?.kind !== 'file';
}
