/** Where tools of Node keep their downloads while a command of a build runs. */
import { matchesWhole } from '../analysis/patterns.ts';
import { pathInside } from '../analysis/go-paths.ts';
import type { WorkScope } from './work.ts';

/** The account's home folder, without a slash in front. */
export function homeOf({ variable, user, image, facts }: WorkScope): string {
  const given = variable('HOME');
  if (given !== undefined && given !== '') return pathInside(given);
  const name = (user ?? '').replace(/:.*$/, '');
  if (name === '' || isRoot(name)) return 'root';
  const account = facts.caches.accounts.find(
    (row) =>
      image !== undefined &&
      matchesWhole(row.images, `${image.name}:${image.tag}`) &&
      (row.name === name || String(row.uid) === name),
  );
  return pathInside(account?.home ?? `/home/${name}`);
}

function isRoot(name: string): boolean {
  return name === 'root' || name === '0';
}

/**
 * The folder of a cache, by its row; without a slash in front.
 *
 * @param id of a row of caches
 * @returns `undefined` where nobody knows
 */
export function cacheFolder(id: string, scope: WorkScope): string | undefined {
  const folder = scope.facts.caches.rows.find((row) => row.id === id)?.folders[0];
  if (!folder) return undefined;
  for (const each of folder.movedBy) {
    const [name = '', ...rest] = each.split('/');
    const value = scope.variable(name);
    if (value === undefined || value === '') continue;
    return pathInside([value, ...rest].join('/'));
  }
  const name = (scope.user ?? '').replace(/:.*$/, '');
  const isOfRoot = name === '' || isRoot(name);
  const path = isOfRoot ? (folder.rootPath ?? folder.path) : folder.path;
  return path && pathInside(path.replace(/^~/, homeOf(scope)));
}
