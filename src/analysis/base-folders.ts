/** What lies in a folder of an image before the Dockerfile puts anything there. */
import type { Facts } from '../facts/types.ts';
import { isAtOrBelow } from './copy-place.ts';
import { matchesAny } from './patterns.ts';
import type { ImageName } from './stages.ts';
import type { State } from './state.ts';

/** Where packages write and package managers read; what lies elsewhere is the application's. */
const SYSTEM_FOLDER =
  /^\/($|(bin|boot|dev|etc|home|lib\w*|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)(\/|$))/;

/** Folders of which a package of a web server brings the first page. */
const WEB_FOLDER = /^\/var\/www\/(html|localhost|default)$/;

/** Folders in which applications are put although packages own the folder above. */
const APPLICATION_FOLDER =
  /^\/(usr\/src|usr\/app|usr\/local\/app|opt|srv|var\/app|var\/www|home\/[^/]+)\/[^./]/;

/** Folders that are there in every image with a distribution. */
const STANDARD_FOLDERS = new Set(
  (
    '/ /bin /dev /etc /home /lib /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /var ' +
    '/usr/bin /usr/lib /usr/local /usr/local/bin /usr/local/lib /usr/local/share /usr/sbin ' +
    '/usr/share /var/cache /var/lib /var/log /var/tmp /etc/init.d /etc/profile.d'
  ).split(' '),
);

/** Whether packages keep out of it. */
export function isApplicationFolder(path: string): boolean {
  if (WEB_FOLDER.test(path)) return false;
  return APPLICATION_FOLDER.test(path) || !SYSTEM_FOLDER.test(path);
}

export function isStandardFolder(path: string): boolean {
  return STANDARD_FOLDERS.has(path);
}

/**
 * What the base has at a place: `nothing`, not even the folder; an `empty` folder; `something`, perhaps;
 * or nobody knows.
 */
export function baseHas(
  path: string,
  { base }: State,
  image: ImageName | undefined,
  facts: Facts,
): 'nothing' | 'empty' | 'something' | 'unknown' {
  const empty = facts.commands.emptyFolders.find(
    ({ images, folder }) =>
      image && matchesAny(images, `${image.name}:${image.tag}`) && isAtOrBelow(path, folder),
  );
  if (empty) return path === empty.folder ? 'empty' : 'nothing';
  if (!isApplicationFolder(path)) return 'something';
  const { usual } = base;
  if (!usual) return 'unknown';
  if (usual.onbuild === undefined || usual.onbuild.length > 0) return 'unknown';
  const values = [...usual.env.values()].flatMap((value) => value?.split(':') ?? []);
  const mentioned = [usual.workdir ?? '', ...(usual.volumes ?? []), ...values].filter(
    (each) => each.startsWith('/') && !STANDARD_FOLDERS.has(each),
  );
  const isMentioned = mentioned.some((each) => isAtOrBelow(each, path) || isAtOrBelow(path, each));
  return isMentioned ? 'something' : 'nothing';
}
