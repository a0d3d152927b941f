/** Names of the bot's own branches: one for each Dockerfile, as `git check-ref-format` takes them. */
import { textName } from './marker.ts';

/** Branches of the bot's own begin so. */
export const OWN_BRANCH = 'dfopt/';

/** No file can be called so and lie in the way: the name of a Dockerfile with something behind it. */
const ALL = 'all-dockerfiles';

/** Longer ones make trouble as files of a clone. */
const MOST_LETTERS = 120;

/** @param path from the top of the repository */
export function branchOf(path: string, grouping: 'each' | 'all'): string {
  if (grouping === 'all') return OWN_BRANCH + ALL;
  const plain = path
    .replace(/[^A-Za-z0-9._/-]+/g, '-')
    .replace(/\.{2,}/g, '-')
    .split('/')
    .map((part) => part.replace(/^\.+/, '').replace(/(\.lock|\.)+$/i, ''))
    .filter((part) => part !== '')
    .join('/')
    .slice(0, MOST_LETTERS)
    .replace(/[./]+$/, '');
  // What had to be changed could be the name of another file; what looks as if it had been, too.
  const isSame = plain === path && plain !== ALL && !/-[0-9a-f]{8}$/.test(plain);
  return `${OWN_BRANCH}${plain}${isSame ? '' : `-${textName(path).slice(0, 8)}`}`;
}
