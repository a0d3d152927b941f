/** Which of what a build makes the shipped image needs, and which files only the build reads. */
import type { Call } from '../analysis/calls.ts';
import { isWithin } from '../analysis/context.ts';
import { baseName, folderOf, hasWildcards, matchPath, pathInside } from '../analysis/go-paths.ts';
import { matchesAny, matchesWhole } from '../analysis/patterns.ts';
import { placeCovers, placesMeet, plainPlace, type Place } from '../analysis/places.ts';
import { plainText } from '../analysis/values.ts';
import type { RunInstruction } from '../dockerfile/model.ts';
import { ownName, type Product, type Work } from '../ecosystems/work.ts';
import type { Facts } from '../facts/types.ts';
import { copyTargets } from './copy-targets.ts';
import type { Running } from './running.ts';
import type { RunSteps, Step } from './steps.ts';

/** Something that the build makes, with where that happens. */
export interface Made extends Product {
  readonly run: RunInstruction;
  readonly work: Work;
  /** A command copied it from another product. */
  readonly isCopy?: true;
  /** The path of that product, where it was one. */
  readonly copyOf?: string;
  /** A command behind it deletes it. */
  readonly isGone?: boolean;
}

export interface Carried {
  /** Of the image, without a slash in front; perhaps a pattern of files. */
  readonly path: string;
  /** Where it comes to lie, where that is another place. */
  readonly to?: string;
  readonly of: Product['of'];
  /** The last RUN that makes it; `undefined` where another stage does. */
  readonly run: RunInstruction | undefined;
  /** Others that put something into it. */
  readonly also?: readonly RunInstruction[];
  readonly isShared?: true;
  readonly owner?: string;
  readonly work: Work;
}

/**
 * All that work steps make, and what copies make of it.
 *
 * @param isData whether the inputs in a place are files of data, which need nothing of the system
 */
export function madeIn(
  runs: readonly RunSteps[],
  isInput: (place: Place) => boolean,
  isData: (place: Place) => boolean = () => false,
): readonly Made[] {
  const made: Made[] = [];
  const fetched = fetchedIn(runs);
  const isRaw = (place: Place): boolean =>
    isInput(place) || fetched.some((path) => covers(path, place));
  for (const { steps } of runs) {
    for (const step of steps) {
      const { role, run } = step;
      if (role.kind === 'work') {
        for (const each of role.work.makes) made.push({ ...each, run, work: role.work });
        const { within } = role.work;
        if (within !== undefined) made.push({ path: within, of: 'sources', run, work: role.work });
      }
      if (role.kind !== 'change') continue;
      // What it deletes, such as packages that only a build needs, cannot be copied any more.
      for (const [index, each] of made.entries()) {
        const isGone = role.effects.deletes.some(
          (place) =>
            place.isGuess !== true && placeCovers(place, plainPlace(`/${each.path}`)) === 'yes',
        );
        if (isGone && role.effects.certainty !== 'may run') made[index] = { ...each, isGone };
      }
      const from = sourceOf(step, made, isRaw, isData);
      if (!from) continue;
      for (const path of targetsOf(step)) {
        if (!made.some((each) => isWithin(path, each.path))) {
          const { path: of } = from.made;
          made.push({
            path,
            of: from.made.of,
            run,
            work: from.isData ? { ecosystem: from.made.work.ecosystem, makes: [] } : from.made.work,
            isCopy: true,
            // What a link leads to is no raw material.
            ...(from.isProduct && !isLink(step.call) && { copyOf: of }),
          });
        }
      }
    }
  }
  return made;
}

/** Folders, without a slash in front, that git fetches and in which a step makes something. */
export function fetchedIn(runs: readonly RunSteps[]): readonly string[] {
  const clones: Step[] = [];
  for (const { steps } of runs) {
    for (const step of steps) {
      const { call } = step;
      if (call?.program.endsWith('git') && ownName(call) === 'git') clones.push(step);
    }
  }
  return clones.length === 0 ? [] : builtIn(clones, runs);
}

function builtIn(clones: readonly Step[], runs: readonly RunSteps[]): readonly string[] {
  const all = runs.flatMap(({ steps }) => steps);
  const made = all.flatMap(({ role }) => (role.kind === 'work' ? role.work.makes : []));
  return clones
    .flatMap((step) => targetsOf(step))
    .filter((path) => path !== '' && made.some((each) => isWithin(each.path, path)));
}

interface Source {
  readonly made: Made;
  /** It is read itself, and not sources of the same build. */
  readonly isProduct: boolean;
  readonly isData: boolean;
}

/** What a change takes from the build: the product or the sources that it reads. */
function sourceOf(
  { role, call }: Step,
  made: readonly Made[],
  isInput: (place: Place) => boolean,
  isData: (place: Place) => boolean,
): Source | undefined {
  if (role.kind !== 'change' || (call && isIndexer(call))) return undefined;
  const { effects } = role;
  if (effects.changes !== undefined) return undefined;
  const reads = effects.reads.filter((place) => !effects.writes.includes(place));
  const found = made.findLast((each) =>
    reads.some((place) => placesMeet(plainPlace(`/${each.path}`), place) === 'yes'),
  );
  // What lies in a folder that is read need not be what is read there: git asks for all around it.
  if (found) {
    const isProduct = reads.some((place) => covers(found.path, place));
    return { made: found, isProduct, isData: false };
  }
  const last = made.at(-1);
  const inputs = reads.filter(isInput);
  return last && inputs.length > 0
    ? { made: last, isProduct: false, isData: inputs.every(isData) }
    : undefined;
}

function isLink(call: Call | undefined): boolean {
  return call !== undefined && ownName(call) === 'ln';
}

/** Whether a call lists the libraries of the system where it runs, and makes nothing of them. */
export function isIndexer(call: Call): boolean {
  return ownName(call) === 'ldconfig';
}

/** The plain paths that a change writes. */
function targetsOf({ role, call }: Step): readonly string[] {
  if (role.kind !== 'change') return [];
  return role.effects.writes.flatMap((place) => {
    const path = place.isGuess || place.isPattern ? undefined : plainText(place.path);
    return path === undefined ? [] : copyTargets(call, pathInside(path));
  });
}

/** Folders that are mostly the base's: what the build has put there cannot be told from that. */
const OF_THE_SYSTEM = /^((s?bin|lib(64)?|etc|usr|var)?|usr\/(s?bin|lib|share))$/;

/**
 * What must be copied out of the build, folders before what is in them; or why that cannot be told.
 *
 * @param inCode products in which the program's own code names files
 */
export function carriedOf(
  made: readonly Made[],
  running: Running,
  inCode: readonly string[],
): readonly Carried[] | { readonly why: string } {
  const carried: Carried[] = [];
  let mounted: string | undefined;
  let lost: string | undefined;
  const add = ({ of, run, work, isShared, isFolder, owner }: Made, path: string): void => {
    if (isMounted(run, path)) {
      if ([...running.named].some((each) => isWithin(each, path))) mounted ??= path;
      return;
    }
    const isProgram = of === 'sources' && isFolder !== true;
    const found = isProgram ? onPath(path, work, running) : undefined;
    if (found === 'also by its path') lost ??= path;
    const place = work.redirects?.to ?? (found === 'also by its path' ? undefined : found);
    const to = place !== undefined && { to: place };
    const shared = { ...(isShared && { isShared }), ...(owner !== undefined && { owner }) };
    const at = carried.findIndex((each) => each.path === path);
    if (at < 0) carried.push({ path, of, run, work, ...to, ...shared });
    else carried[at] = together(carried[at]!, run, work);
  };
  const whole = made.filter(({ path, work }) => work.within === path);
  for (const each of made) {
    if (each.isGone === true || !isRead(each.work, running)) continue;
    if (whole.some((other) => isWithin(each.path, other.path))) continue;
    if (each.isNamed !== true) {
      if (!isConsumed(each, made, running)) add(each, each.path);
      continue;
    }
    // Words of a program's own, such as `serve`, are no files that a compiler makes.
    if (inCode.includes(each.path)) {
      add(each, each.path);
      continue;
    }
    const isCompiled = each.work.links === 'as the call shows' || each.work.libraries !== undefined;
    for (const path of isCompiled ? running.programs : running.named) {
      const isHere =
        path !== each.path &&
        isWithin(path, each.path) &&
        // A build in the root folder makes none of the programs of the system.
        !(each.path === '' && COMMON.test(path)) &&
        each.names?.includes(baseName(path)) !== false;
      if (
        isHere &&
        !isFolderOfOthers(path, made, each) &&
        !isMadeElsewhere(path, made, each, running)
      )
        add(each, path);
    }
  }
  for (const each of whole) add(each, each.path);
  if (lost !== undefined) {
    return {
      why: `/${lost} is started by its path and by its name, which others do not look for there`,
    };
  }
  if (mounted !== undefined) return { why: `/${mounted} lies in a mount, and in no layer` };
  const shared = carried.find(({ path }) => OF_THE_SYSTEM.test(path));
  if (shared) return { why: `nobody can see which files of /${shared.path} the build makes` };
  return carried.filter(
    (each) =>
      !carried.some(
        (other) => other !== each && each.path !== other.path && isWithin(each.path, other.path),
      ),
  );
}

/** What several steps put into one place needs what each of them needs. */
function together(each: Carried, run: RunInstruction, { ...work }: Work): Carried {
  if (each.work.makes === work.makes) return each;
  const libraries = [...(each.work.libraries ?? []), ...(work.libraries ?? [])];
  const assumptions = [...(each.work.assumptions ?? []), ...(work.assumptions ?? [])];
  return {
    ...each,
    also: [...(each.also ?? []), run],
    work: {
      ...each.work,
      ...(libraries.length > 0 && { libraries }),
      ...(assumptions.length > 0 && { assumptions }),
      ...(work.isOpen && { isOpen: true as const }),
    },
  };
}

/** Whether what a RUN writes there is gone with its mount. */
function isMounted({ flags }: RunInstruction, path: string): boolean {
  return flags.some(({ name, value }) => {
    const target = /(?:^|,)(?:target|dst|destination)=([^,]*)/.exec(value ?? '')?.[1];
    return name === 'mount' && target !== undefined && isWithin(path, pathInside(target));
  });
}

/** Where a program must lie to be found by its name: PATH of another image names fewer folders. */
function onPath(
  path: string,
  { links, within }: Work,
  { calls, folders }: Running,
): string | undefined {
  if (links === undefined || within === path || COMMON.test(path) || folders.has(folderOf(path)))
    return undefined;
  const name = baseName(path);
  const isByName = calls.some(({ program }) => program === name);
  const isByPath = calls.some(
    ({ program, args }) =>
      (program.includes('/') && program.endsWith(`/${name}`)) ||
      args.some((arg) => arg?.endsWith(path) === true),
  );
  if (!isByName) return undefined;
  return isByPath ? 'also by its path' : `usr/local/bin/${name}`;
}

/** Folders of programs that PATH names in all images. */
const COMMON = /^(usr\/(local\/)?)?s?bin\/[^/]+$/;

function isRead({ readBy }: Work, { calls, isUnclear }: Running): boolean {
  if (readBy === undefined || isUnclear) return true;
  return calls.some((call) => matchesWhole(readBy, ownName(call)));
}

/** Whether it is only the raw material of another product, which is what the program names. */
function isConsumed(each: Made, made: readonly Made[], { named }: Running): boolean {
  if ([...named].some((path) => isWithin(path, each.path))) return false;
  const later = made.slice(made.indexOf(each) + 1);
  return later.some((other) => other.copyOf === each.path);
}

/**
 * Whether a program that is called by its name is another step's, which says so: a folder of which nobody
 * knows what is in it need not have one of that name as well.
 */
function isMadeElsewhere(
  path: string,
  made: readonly Made[],
  own: Made,
  { calls, programs }: Running,
): boolean {
  const name = baseName(path);
  if (own.names !== undefined || !calls.some(({ program }) => program === name)) return false;
  return made.some(
    (other) =>
      other !== own &&
      other.isGone !== true &&
      (other.isNamed === true
        ? other.names?.includes(name) === true && programs.has(`${other.path}/${name}`)
        : baseName(other.path) === name && programs.has(other.path)),
  );
}

/** Whether the path is not of this product but of one that lies deeper. */
function isFolderOfOthers(path: string, made: readonly Made[], own: Made): boolean {
  return made.some(
    (other) => other !== own && other.path.length > own.path.length && isWithin(path, other.path),
  );
}

/** Whether what lies there is of no use to a program: caches of tools, folders for what is temporary. */
export function isLeaving(place: Place, { work }: Facts): boolean {
  const path = plainText(place.path);
  if (path === undefined) return place.path.length > 0 && typeof place.path[0] !== 'string';
  return matchesAny(work.leavings, path.replace(/\/\*$/, ''));
}

/** Whether the place is the carried path, lies in it, or is one of the files that a pattern names. */
export function liesAt(place: string, path: string): boolean {
  return isWithin(place, path) || (hasWildcards(path) && matchPath(path, place) === true);
}

export function covers(path: string, place: Place): boolean {
  return placeCovers(plainPlace(`/${path}`), place) === 'yes';
}

export function meets(path: string, place: Place): boolean {
  return placesMeet(plainPlace(`/${path}`), place) !== 'no';
}
