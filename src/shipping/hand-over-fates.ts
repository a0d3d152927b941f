/** What becomes of `chown` and `chmod` where the build makes what lies in a folder, or the folder. */
import { hasWildcards } from '../analysis/go-paths.ts';
import type { Place } from '../analysis/places.ts';
import { plainText } from '../analysis/values.ts';
import { copyOwner } from '../layers/change.ts';
import { meets } from './carried.ts';
import type { Fate, FateScope } from './fate.ts';
import type { Step } from './steps.ts';

/**
 * Whether a folder is handed over to the account of a container with all that is carried in it: a COPY
 * brings what lies in a folder with its owner, but makes the folder itself as root.
 */
export function handsOver(
  step: Step,
  places: readonly Place[],
  { carried, isForAccount }: FateScope,
): boolean {
  return (
    isForAccount &&
    isRecursive(step) &&
    places.some((place) =>
      carried.some(({ path }) => isAbove(place, path) || isFolderOf(place, path)),
    )
  );
}

/** Whether the place is a folder above the path, which a command reads for itself. */
export function isAbove(place: Place, path: string): boolean {
  const plain = plainText(place.path);
  return plain !== undefined && `/${path}`.startsWith(`${plain}/`) && !hasWildcards(plain);
}

/** Whether the place is the path itself, and that is a folder by its name. */
function isFolderOf({ path: of }: Place, path: string): boolean {
  return plainText(of) === `/${path}` && !/\.\w+$/.test(path);
}

function isRecursive({ command }: Step): boolean {
  return /^(-R|--recursive)$/.test(command?.words[1]?.literal ?? '');
}

/** Of `chown` and `chmod`: what is carried keeps its owners and modes, but not the folder itself. */
export function changeFate(
  step: Step,
  places: readonly Place[],
  scope: FateScope,
  also?: 'modes, too',
): Fate | { readonly why: string } {
  const { command } = step;
  const touchesCarried = places.some((place) =>
    scope.carried.some(({ path }) => meets(path, place)),
  );
  if (!touchesCarried) return { kind: 'ship' };
  const words = command?.words.map(({ literal }) => literal) ?? [];
  const [program, option, owner] = words;
  const isHandOver =
    (program === 'chown' || (program === 'chmod' && also !== undefined)) &&
    (option === '-R' || option === '--recursive') &&
    owner !== undefined &&
    words.length === 4 &&
    places.length === 1;
  const plain = places[0] && plainText(places[0].path);
  if (isHandOver && plain !== undefined)
    return {
      kind: 'folder only',
      owner: program === 'chown' ? copyOwner(owner) : undefined,
      folder: plain.replace(/^\//, ''),
    };
  return { why: `"${program ?? 'it'}" changes what is copied together with other files` };
}
