/** Which files that lie where a build puts what it makes came with the sources. */
import { entriesIn, entryAt, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf } from '../analysis/go-paths.ts';
import type { ImageFiles } from '../analysis/image-files.ts';
import type { Made } from './carried.ts';

/** What says what a build makes. */
const BUILD_FILE =
  /(^|\/)([^/]*[Mm]akefile[^/]*|[^/]*\.(mk|cmake|gradle(\.kts)?|sh|bash|toml|csproj|cabal)|CMakeLists\.txt|meson\.build|pom\.xml|package\.json|justfile|mix\.exs)$/;

/** What lies at the top of a project. */
const MANIFEST =
  /^(go\.mod|Cargo\.toml|package\.json|pom\.xml|build\.gradle(\.kts)?|[^/]*[Mm]akefile|CMakeLists\.txt)$/;

/**
 * Whether a file was copied there before, and nothing that says what the build makes has its name. What
 * lies in a folder of its own, or is ignored by Git, somebody's own build has left there.
 */
export function isOfAuthor(
  path: string,
  made: readonly Made[],
  image: ImageFiles | undefined,
  context: BuildContext | undefined,
): boolean {
  const source = image?.supplies.get(path)?.path;
  if (!context || source === undefined || entryAt(context, source)?.kind !== 'file') return false;
  const name = baseName(path);
  const isMade = made.some((each) => each.path === path || each.names?.includes(name) === true);
  const folder = folderOf(source);
  const isAtTop = entriesIn(context, folder).some((each) => MANIFEST.test(baseName(each.path)));
  const isIgnored = (context.texts.get('.gitignore') ?? '')
    .split(/\r?\n/)
    .some((line) => [name, `/${source}`, source].includes(line.trim()));
  if (isMade || !isAtTop || isIgnored) return false;
  return ![...context.texts].some(
    ([each, text]) => BUILD_FILE.test(each) && text.split(/[^\w.-]+/).includes(name),
  );
}
