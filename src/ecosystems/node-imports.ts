/** Which files of a project a source of it names, as `import` and `require` do. */
import { folderOf } from '../analysis/go-paths.ts';
import { under } from './findings.ts';

/** A path in quotes. */
const PATH = /['"`]((?:\.{1,2}|[@~]?[\w.-]+)(?:\/[\w.@-]+)*\/?)['"`]/g;

/** What may stand for the ending of a module, and for the file of a folder. */
const ENDING = /(?:\/index)?(?:\.d)?\.(?:[cm]?[jt]sx?|vue|svelte)$/;

/**
 * @param path of the source
 * @param others the files that count
 * @returns those of them that it names, from its own folder or from that of the sources
 */
export function importedPaths(
  path: string,
  text: string,
  others: ReadonlyMap<string, unknown>,
): readonly string[] {
  if (others.size === 0) return [];
  const found: string[] = [];
  const names = [...text.matchAll(PATH)].flatMap(([, name]) =>
    name!.includes('/') || name!.startsWith('.') ? [name!] : [],
  );
  for (const other of others.keys()) {
    const stem = other.replace(ENDING, '');
    const isNamed = names.some((name) => {
      const plain = name.replace(/\/$/, '');
      if (plain.startsWith('.')) {
        const place = under(folderOf(path), plain);
        return place === other || place === stem || place.replace(ENDING, '') === stem;
      }
      // `src/config/database.config`, `@/config/database.config`: from a folder that settings name.
      return stem.endsWith(`/${plain}`) || (/^[@~]/.test(plain) && stem.endsWith(below(plain)));
    });
    if (isNamed) found.push(other);
  }
  return found;
}

function below(path: string): string {
  return path.slice(path.indexOf('/'));
}
