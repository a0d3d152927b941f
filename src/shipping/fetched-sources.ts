/**
 * Whether a step only brings what the build itself is made with: sources of others, as archives and downloads
 * of them, and scripts that the build alone starts.
 */
import { isWithin } from '../analysis/context.ts';
import { baseName, pathInside } from '../analysis/go-paths.ts';
import { matchesAny } from '../analysis/patterns.ts';
import { placesMeet, plainPlace, type Place } from '../analysis/places.ts';
import { plainText } from '../analysis/values.ts';
import { ownName } from '../ecosystems/work.ts';
import { isLeaving } from './carried.ts';
import { names } from './copies.ts';
import type { FateScope } from './fate.ts';
import type { Step } from './steps.ts';

/** Programs that unpack archives. */
export const UNPACKING = /^(bsd|g)?tar$|^unzip$/;
const FETCHING = /^(curl|wget|aria2c)$/;

/** @param all the steps of the stage */
export function isOfSources(step: Step, all: readonly Step[], scope: FateScope): boolean {
  const { call } = step;
  const places = writesOf(step);
  if (!call || places.length === 0) return false;
  const name = ownName(call);
  if (UNPACKING.test(name)) {
    return places.every(
      (place) => isBuiltIn(place, scope) && !isSharedWithOthers(place, step, all),
    );
  }
  return (
    FETCHING.test(name) &&
    places.every(
      (place) =>
        isLeaving(place, scope.facts) ||
        isUnpacked(place, step, all, scope) ||
        isRunByBuild(place, step, all, scope),
    )
  );
}

function writesOf({ role }: Step): readonly Place[] {
  return role.kind === 'change'
    ? role.effects.writes.filter(({ isGuess }) => isGuess !== true)
    : [];
}

/** Whether a build works in folders below, and nothing is started in them. */
function isBuiltIn(place: Place, { made, carried, isStartedIn }: FateScope): boolean {
  const path = plainText(place.path);
  if (path === undefined) return false;
  const builds = made.filter(
    (each) => each.isNamed === true && isWithin(each.path, pathInside(path)),
  );
  return (
    builds.length > 0 &&
    builds.every(
      (each) =>
        !isStartedIn(plainPlace(`/${each.path}`)) &&
        !carried.some((other) => isWithin(other.path, each.path)),
    )
  );
}

/** Whether another archive is unpacked there: nobody knows which of both is built. */
function isSharedWithOthers(place: Place, step: Step, all: readonly Step[]): boolean {
  return all.some(
    (other) =>
      other !== step &&
      other.call !== undefined &&
      UNPACKING.test(ownName(other.call)) &&
      writesOf(other).some((each) => plainText(each.path) === plainText(place.path)),
  );
}

function isUnpacked(place: Place, step: Step, all: readonly Step[], scope: FateScope): boolean {
  const readers = all
    .slice(all.indexOf(step) + 1)
    .filter(
      ({ role }) =>
        role.kind === 'change' &&
        role.effects.reads.some((each) => placesMeet(each, place) === 'yes'),
    );
  return (
    readers.length > 0 &&
    readers.every((each) => isOfSources(each, all, scope)) &&
    !scope.isStartedIn(place)
  );
}

/** Whether it is a script that makes what is copied, as `python get-pip.py` does, and that nothing else speaks of. */
function isRunByBuild(
  place: Place,
  step: Step,
  all: readonly Step[],
  { context, facts, isStartedIn }: FateScope,
): boolean {
  const path = place.isPattern ? undefined : plainText(place.path);
  if (path === undefined || isStartedIn(place)) return false;
  const name = baseName(path);
  const readers = all.slice(all.indexOf(step) + 1).filter((each) => isGiven(each, name));
  const isDeleted = ({ role }: Step): boolean =>
    role.kind === 'change' &&
    role.effects.writes.length === 0 &&
    role.effects.deletes.some((each) => placesMeet(each, place) === 'yes');
  return (
    readers.some((each) => worksBy(each, name)) &&
    readers.every((each) => isWork(each) || isDeleted(each)) &&
    ![...(context?.texts ?? [])].some(
      ([each, text]) => !matchesAny(facts.work.papers, each) && names(text, name),
    )
  );
}

function isGiven({ call }: Step, name: string): boolean {
  return call?.args.some((arg) => arg !== undefined && baseName(arg) === name) === true;
}

function isWork({ role }: Step): boolean {
  return role.kind === 'work' && role.work.isRepeated !== true;
}

/** Whether a step makes something by a script of that name. */
export function worksBy(step: Step, script: string): boolean {
  return SCRIPT.test(script) && isWork(step) && isGiven(step, script);
}

const SCRIPT = /\.(py|sh|bash|pl|rb|php)$/;
