/**
 * Files of code that a program reads as its data: rules that it runs, templates of what it compiles. Code
 * that is built for a runtime names them in quotes, or the folder that it lists.
 */
import type { BuildContext } from '../analysis/context.ts';
import { baseName, folderOf } from '../analysis/go-paths.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { Facts } from '../facts/types.ts';
import { byPath } from '../needs/by-path.ts';

interface Quoted {
  /** Names of files, without folders. */
  readonly names: ReadonlySet<string>;
  /** Folders that are listed, without `./` in front. */
  readonly folders: readonly string[];
}

const NAMED = /["'`](?:[^"'`\n]*[\\/])?([\w.-]*\w\.[A-Za-z]\w*)["'`]/g;

const LISTED =
  /\b(?:(?:GetFiles|EnumerateFiles|GetDirectories|EnumerateDirectories|DirectoryInfo|File|of|get)\(|(?:listFiles|newDirectoryStream|walk|list)\b)[^\n;]*?["'`](?:\.[\\/])?([A-Za-z][\w./\\-]*)["'`]/g;

const known = new RunMemory<BuildContext, Quoted>();

/** Whether code that is built for a runtime reads a file, by its path in the context. */
export function isReadByCode(path: string, context: BuildContext, facts: Facts): boolean {
  let quoted = known.get(context);
  if (!quoted) known.set(context, (quoted = quotedIn(context, facts)));
  const { names, folders } = quoted;
  const folder = folderOf(path);
  if (PACKED.test(path)) return false;
  return (
    names.has(baseName(path)) ||
    folders.some((each) => folder === each || folder.startsWith(`${each}/`))
  );
}

/** What lies there is compiled, or packed with what is, and found by its name inside; or belongs to a tool. */
const PACKED = /(^|\/)(src\/(main|test)|\.\w+|gradle)\//;

const isClosedCode = byPath(
  (path, { spawners, testFiles }: Facts['programs']) =>
    spawners.some((row) => row.isClosed === true && matchesWhole(row.files, path)) &&
    !matchesWhole(testFiles, path) &&
    !/(^|\/)\.\w+\//.test(path),
);

function quotedIn(context: BuildContext, { programs }: Facts): Quoted {
  const names = new Set<string>();
  const folders = new Set<string>();
  for (const [path, text] of context.texts) {
    if (!isClosedCode(path, programs)) continue;
    for (const [, name] of text.matchAll(NAMED)) names.add(name!);
    for (const [, each] of text.matchAll(LISTED)) {
      folders.add(each!.replaceAll('\\', '/').replace(/\/$/, ''));
    }
  }
  return { names, folders: [...folders] };
}
