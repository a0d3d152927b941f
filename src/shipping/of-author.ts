/** Which files that lie where a build puts what it makes came with the sources. */
import { entriesIn, entryAt } from '../analysis/context.ts';
import { baseName, folderOf } from '../analysis/go-paths.ts';
import type { ImageFiles } from '../analysis/image-files.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import type { Made } from './carried.ts';
import type { StageScope } from './steps.ts';

/**
 * Whether a file was copied there before, and nothing that says what the build makes has its name. What
 * lies in a folder of its own, or is ignored by Git, somebody's own build has left there.
 */
export function isOfAuthor(
  path: string,
  made: readonly Made[],
  image: ImageFiles | undefined,
  { context, facts }: Pick<StageScope, 'context' | 'facts'>,
): boolean {
  const isRow = (each: string, roles: readonly string[]): boolean =>
    facts.manifests.files.some(
      (row) => roles.includes(row.role) && matchesWhole(row.path, baseName(each)),
    );
  const source = image?.supplies.get(path)?.path;
  if (!context || source === undefined || entryAt(context, source)?.kind !== 'file') return false;
  const name = baseName(path);
  const isMade = made.some((each) => each.path === path || each.names?.includes(name) === true);
  const folder = folderOf(source);
  const isAtTop = entriesIn(context, folder).some((each) => isRow(each.path, ['manifest']));
  const isIgnored = (context.texts.get('.gitignore') ?? '')
    .split(/\r?\n/)
    .some((line) => [name, `/${source}`, source].includes(line.trim()));
  if (isMade || !isAtTop || isIgnored) return false;
  return ![...context.texts].some(
    ([each, text]) => text.split(/[^\w.-]+/).includes(name) && isRow(each, ['manifest', 'script']),
  );
}
