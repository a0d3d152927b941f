/** Where the caches of a language's tools lie for a call of a build, by the rows about caches. */
import { pathInside } from '../analysis/go-paths.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import type { WorkScope } from './work.ts';

/**
 * The first folder of a cache, without a slash in front. Where nobody knows the account or what a
 * variable says, the one that root has.
 *
 * @param id of a row of caches.json
 */
export function cacheFolder(id: string, scope: WorkScope): string {
  const row = scope.facts.caches.rows.find((each) => each.id === id);
  const [folder] = row?.folders ?? [];
  if (!row || !folder) throw new Error(`no row says where ${id} is`);
  for (const each of folder.movedBy) {
    const [name = '', ...rest] = each.split('/');
    const value = scope.variable(name);
    if (value?.startsWith('/') === true) return pathInside([value, ...rest].join('/'));
  }
  const home = homeFolder(scope, row.homeIsOfAccount === true);
  return pathInside((folder.rootPath ?? folder.path ?? '~').replace(/^~/, home));
}

function homeFolder(
  { facts, image, user = '', variable }: WorkScope,
  isOfAccount: boolean,
): string {
  const home = variable('HOME') ?? '';
  if (!isOfAccount && home.startsWith('/')) return home;
  const [name = ''] = user.split(':');
  if (/^(root|0)?$/.test(name)) return '/root';
  const account = facts.caches.accounts.find(
    (each) =>
      (each.name === name || String(each.uid) === name) &&
      image !== undefined &&
      matchesWhole(each.images, `${image.name}:${image.tag}`),
  );
  return account?.home ?? `/home/${name}`;
}
