/** What becomes of steps about whole folders: made, fetched by git, or handed over. */
import { isWithin } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { placeCovers, plainPlace, type Place } from '../analysis/places.ts';
import { plainText } from '../analysis/values.ts';
import { ownName } from '../ecosystems/work.ts';
import { covers, isLeaving, meets } from './carried.ts';
import type { Fate, FateScope } from './fate.ts';
import type { Step } from './steps.ts';

/** Whether folders are made in which a program writes, and no build: one tool works in all that is around. */
export function isForProgram(
  { call }: Step,
  places: readonly Place[],
  { made, carried, facts }: FateScope,
): boolean {
  if (!call || ownName(call) !== 'mkdir') return false;
  const paths = places.map((place) => pathInside(plainText(place.path) ?? ''));
  const others = places.filter((_, at) => !BUILD_FOLDER.test(paths[at]!));
  return (
    others.length > 0 &&
    others.every((place) => {
      const path = paths[places.indexOf(place)]!;
      if (path === '' || isLeaving(place, facts)) return false;
      const around = made.filter((each) => covers(each.path, place));
      return (
        around.length > 0 &&
        around.every(
          (each) => each.path !== path && (each.isNamed ?? each.work.within === each.path),
        ) &&
        !made.some((each) => isWithin(each.path, path)) &&
        !carried.some((each) => covers(each.path, place))
      );
    })
  );
}

/** Where builds put what they make, and halves of it. */
const BUILD_FOLDER =
  /(^|\/)(obj|objs|bin|build|builds|dist|out|output|target|lib|libs|include|deps|vendor|_build|cmake-build-\w+|\.\w+)$/;

/** Of sources that git fetches, and in which something is built: no context shows what else is in them. */
export function fetchedFate(
  places: readonly Place[],
  { made, carried, isStartedIn }: FateScope,
): Fate | { readonly why: string } | undefined {
  const isAround = (place: Place, path: string): boolean =>
    placeCovers(place, plainPlace(`/${path}`)) === 'yes';
  const isWhole = places.every((place) => carried.some(({ path }) => covers(path, place)));
  const isBuilt = places.some((place) => made.some(({ path }) => isAround(place, path)));
  if (places.length === 0 || isWhole || !isBuilt) return undefined;
  const isShipped = places.some(
    (place) => isStartedIn(place) || carried.some(({ path }) => isAround(place, path)),
  );
  return isShipped
    ? { why: 'nobody can see which of the files that git fetches a container needs' }
    : { kind: 'build' };
}

/** Of `chown` and `chmod` of a folder that is carried as a whole: COPY makes the folder itself anew. */
export function wholeFolderFate(
  { command }: Step,
  places: readonly Place[],
  { carried }: FateScope,
): Fate | { readonly why: string } | undefined {
  const folders = carried.flatMap(({ path, work }) => (work.within === path ? [path] : []));
  const own = places.flatMap((place) => plainText(place.path)?.replace(/^\//, '') ?? []);
  if (!own.some((path) => folders.includes(path))) return undefined;
  const [program, option] = command?.words.map(({ literal }) => literal) ?? [];
  if (option?.startsWith('-') !== true) return { kind: 'ship' };
  const isRecursive = option === '-R' || option === '--recursive';
  return isRecursive && own.length === 1 && places.length === 1
    ? { kind: 'folder only', owner: undefined, folder: own[0]! }
    : { why: `"${program ?? 'it'}" changes what is copied together with other files` };
}

/**
 * Of files put into the home folder of an account, wherever that is: the same commands put them there
 * again. Nothing for other steps, and where it holds caches.
 */
export function homeFate(
  { role }: Step,
  places: readonly Place[],
  { made, facts }: FateScope,
): Fate | { readonly why: string } | undefined {
  if (role.kind !== 'change' || places.length > 0) return undefined;
  const { effects } = role;
  const guessed = effects.writes.filter((place) => place.isGuess === true);
  if (guessed.length === 0 || !OF_FILES.test(effects.program ?? '')) return undefined;
  if (guessed.every((place) => isLeaving(place, facts))) return undefined;
  return effects.reads.some((place) => made.some(({ path }) => meets(path, place)))
    ? { why: 'nobody knows in which home folder it writes' }
    : { kind: 'ship' };
}

/** Programs that put files in place, and read nothing but what they are told. */
const OF_FILES = /^(mkdir|cp|mv|ln|install|touch|echo|printf|cat|tee|sed|chmod)$/;

/** Whether the places are a folder of the build, of which the shipped image has a part. */
export function folderHandedOver(places: readonly Place[], { made, carried }: FateScope): boolean {
  const [place] = places;
  const path = place && plainText(place.path);
  if (path === undefined || places.length > 1) return false;
  const inside = pathInside(path);
  return (
    made.some((each) => each.isNamed === true && each.path === inside) &&
    carried.some((each) => each.path !== inside && isWithin(each.path, inside))
  );
}
