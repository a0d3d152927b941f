/** Which files that lie where a build puts what it makes came with the sources. */
import { entryAt, type BuildContext } from '../analysis/context.ts';
import { baseName } from '../analysis/go-paths.ts';
import type { ImageFiles } from '../analysis/image-files.ts';
import type { Made } from './carried.ts';

/** What says what a build makes. */
const BUILD_FILE =
  /(^|\/)([^/]*[Mm]akefile[^/]*|[^/]*\.(mk|cmake|gradle(\.kts)?|sh|bash|toml|csproj|cabal)|CMakeLists\.txt|meson\.build|pom\.xml|package\.json|justfile|mix\.exs)$/;

/** Whether a file was copied there before, and nothing that says what the build makes has its name. */
export function isOfAuthor(
  path: string,
  made: readonly Made[],
  image: ImageFiles | undefined,
  context: BuildContext | undefined,
): boolean {
  const source = image?.supplies.get(path)?.path;
  if (!context || source === undefined || made.some((each) => each.path === path)) return false;
  if (entryAt(context, source)?.kind !== 'file') return false;
  const name = baseName(path);
  return ![...context.texts].some(
    ([each, text]) => BUILD_FILE.test(each) && text.split(/[^\w.-]+/).includes(name),
  );
}
