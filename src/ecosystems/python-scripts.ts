/** What scripts of a project write that a build starts: whether it all lies in the project. */
import { entryAt, isWithin, type BuildContext } from '../analysis/context.ts';
import { folderOf, pathInside } from '../analysis/go-paths.ts';
import type { WorkScope } from './work.ts';

/** What it writes lies in no folder of the system; a sentence without a full stop where nobody can see that. */
export function writesElsewhere(
  script: string,
  project: string,
  { files, facts }: Pick<WorkScope, 'files' | 'facts'>,
): string | undefined {
  const text = files?.texts.get(script);
  if (!files || text === undefined) return `nobody can see where /${script} writes`;
  if (namesPlaces(text, project)) return `/${script} may write outside of /${project}`;
  const modules = new RegExp(`^(${facts.work.fetchingModules})(\\.|$)`);
  const calls = new RegExp(facts.work.fetchingCalls);
  for (const [path, code] of withImports(script, project, files)) {
    const isOwn = (name: string): boolean =>
      placesOf(name, path, project).some((place) => entryAt(files, place) !== undefined);
    const name = importsOf(code).find((each) => modules.test(each) && !isOwn(each));
    const fetching = name ?? calls.exec(code)?.[0];
    if (fetching !== undefined) {
      return `what ${fetching} fetches for /${path} may lie in the home of the account`;
    }
    const database = databaseIn(code, project);
    if (database !== undefined) return `/${path} has its data in /${database}`;
  }
  return undefined;
}

/** Places by their full names that are not the project's, and the home folder. */
function namesPlaces(text: string, project: string): boolean {
  if (/["'`]~\/|\bexpanduser\s*\(|\bPath\.home\s*\(/.test(text)) return true;
  return [...text.matchAll(/["'`](\/[\w.-][^"'`\s]*)["'`]/g)].some(([, place]) => {
    const path = pathInside(place!);
    return !/^(tmp|dev|proc|sys)(\/|$)/.test(path) && !isWithin(path, project);
  });
}

/** The data of SQLite outside of the project that code names, without a slash in front. */
export function databaseIn(code: string, project: string): string | undefined {
  const places = [
    ...code.matchAll(/sqlite(?:\+\w+)?:\/\/\/(\/[\w./-]+)/g),
    ...code.matchAll(/sqlite3?\.connect\(\s*[rf]?["'](\/[^"']+)/g),
  ];
  return places.map(([, place]) => pathInside(place!)).find((path) => !isWithin(path, project));
}

function importsOf(code: string): readonly string[] {
  const found = code.matchAll(/^[ \t]*(?:from\s+([\w.]+)\s+import\b|import\s+([\w., \t]+))/gm);
  return [...found].flatMap(([, from, list]) =>
    from !== undefined
      ? [from]
      : list!.split(',').map((each) => each.trim().replace(/\s+as\s.*$/, '')),
  );
}

/** So many files of a project are looked into. */
const MOST = 200;

/** The script with the project's own modules that it imports, and theirs. */
function withImports(
  script: string,
  project: string,
  { texts }: BuildContext,
): ReadonlyMap<string, string> {
  const found = new Map([[script, texts.get(script)!]]);
  for (const [path, code] of found) {
    if (found.size > MOST) break;
    const modules = importsOf(code).flatMap((name) => placesOf(name, path, project));
    const named = [...code.matchAll(/^[ \t]*from\s+(\.*[\w.]*)\s+import\s+\(?([\w, \t\n]+)/gm)];
    const members = named.flatMap(([, from, list]) =>
      list!.split(',').flatMap((each) => placesOf(`${from!}.${each.trim()}`, path, project)),
    );
    for (const each of [...modules, ...members]) {
      const text = texts.get(each);
      if (text !== undefined) found.set(each, text);
    }
  }
  return found;
}

/** Where a module may lie. */
function placesOf(name: string, importer: string, project: string): readonly string[] {
  const [, dots, rest] = /^(\.*)(.*)$/s.exec(name)!;
  const path = rest!.replaceAll('.', '/');
  const above = folderOf(importer);
  const roots = dots === '' ? [above, project, `${project}/src`] : [up(above, dots!.length - 1)];
  return roots.flatMap((root) => {
    const at = pathInside(`${root}/${path}`);
    return [`${at}.py`, `${at}/__init__.py`];
  });
}

function up(folder: string, count: number): string {
  return count <= 0 ? folder : up(folderOf(folder), count - 1);
}
