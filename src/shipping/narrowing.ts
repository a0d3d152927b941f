/** What a container needs of a folder that the shipped stage copies from another stage as a whole. */
import { entryAt, gapsOf, isWithin } from '../analysis/context.ts';
import { type Carried } from './carried.ts';
import { baseName, hasWildcards, pathInside } from '../analysis/go-paths.ts';
import { matchesAny } from '../analysis/patterns.ts';
import { filesAtEnd } from '../analysis/image-files.ts';
import { placeCovers, placesMeet, plainPlace, type Place } from '../analysis/places.ts';
import { stateBefore } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import { isCopy } from '../dockerfile/model.ts';
import { isCheck } from '../ecosystems/work.ts';
import { stepsIn, type Building, type BuildingScope } from './building.ts';
import type { CopiedFolder } from './copied-folders.ts';
import { MOST, names } from './copies.ts';
import { partsOf, type Part } from './parts.ts';
import type { Running } from './running.ts';
import type { RunSteps, Step } from './steps.ts';

/** Paths of the building stage, without a slash in front. */
export interface Narrowing {
  /** What is copied, by instruction: dependencies, what was made of the sources, what else is there. */
  readonly parts: readonly Part[];
  /** What stays behind. */
  readonly left: readonly string[];
  readonly assumptions: readonly string[];
}

export type NarrowingAnswer = Narrowing | { readonly why: string };

/** @returns nothing where all of the folder is needed as far as anybody knows, or it is no project */
export function narrowingOf(
  { copy, stage, from, to }: CopiedFolder,
  building: Building,
  running: Running,
  own: readonly RunSteps[],
  scope: BuildingScope,
): NarrowingAnswer | undefined {
  const { made, image } = building;
  const inside = (path: string): boolean => path !== from && isWithin(path, from);
  const isProject = made.some(({ path }) => inside(path) || isWithin(from, path));
  if (from === '' || !isProject) return undefined;
  // What the author names as a whole is meant so, unless it is full of half-made things. A path in it
  // may be a file.
  const isProduct = made.some(({ path }) => isWithin(from, path));
  const isHalfMade =
    made.some(({ path, isNamed }) => path === from && isNamed === true) &&
    building.isInput(`${from}/a`, `${from}/a`);
  if (isProduct && !isHalfMade) return undefined;
  if (running.why !== undefined) return { why: running.why };
  const { carried } = building;
  if ('why' in carried) return carried;
  // It is a product, or all of it is what was made.
  if (carried.some(({ path }) => isWithin(from, path))) return undefined;
  const asked = readByOwn(own, to, scope);
  if ('why' in asked) return asked;
  const changed = changedIn(building, from);
  if ('why' in changed) return changed;
  const unknown = unknownIn(building, from);
  if (unknown !== undefined) return { why: unknown };
  const others = building.foreign.filter(inside);
  const files = [...image.supplies].filter(
    ([path, supply]) =>
      inside(path) &&
      entryAt(scope.context, supply.path)?.kind !== 'folder' &&
      !changed.deleted.some((place) => placeCovers(place, plainPlace(`/${path}`)) === 'yes'),
  );
  const products = carried.filter(({ path }) => inside(path));
  const isTaken = (path: string): boolean =>
    [...products.map((each) => each.path), ...others, ...changed.written].some((each) =>
      isWithin(path, each),
    );
  const isDropped = (path: string, source: string): boolean =>
    building.isInput(source, path) &&
    !running.named.has(path) &&
    !changed.written.includes(path) &&
    !isTaken(path);
  const texts = files.flatMap(([, { path }]) => scope.context.texts.get(path) ?? []);
  // Nobody starts a program to read these, unless something that is copied speaks of them.
  const isPaper = (path: string): boolean =>
    matchesAny(scope.facts.work.papers, path) &&
    !running.named.has(path) &&
    !texts.some((text) => names(text, baseName(path)));
  const dropped = files.filter(([path, { path: source }]) => isDropped(path, source));
  const kept = files.filter(([path, { path: source }]) => !isDropped(path, source));
  const papers = kept.filter(([path]) => !isTaken(path) && isPaper(path));
  const lost = made.filter(
    ({ path, isGone }) =>
      isWithin(path, from) &&
      isGone !== true &&
      !isTaken(path) &&
      !kept.some(([each]) => each === path),
  );
  const lostPaths = [...new Set([...(isProduct ? [from] : []), ...lost.map(({ path }) => path)])];
  const alone = products.find((each) => isOneOfMany(each, made));
  if (alone) return { why: `nobody can see what /${alone.path} needs beside it` };
  const left = [
    ...lostPaths.map((path) =>
      products.some((each) => isWithin(each.path, path)) ? `the rest of /${path}` : `/${path}`,
    ),
    ...(dropped.length > 0 ? ['the sources of what is compiled'] : []),
  ];
  // Nobody asks why where nothing would be saved.
  if (left.length === 0 && building.works.every(({ thins }) => !thins)) return undefined;
  const later = filesAtEnd(scope.file, stage, scope.context, scope.facts).supplies;
  const isBrought = (path: string): boolean =>
    later.has(pathInside(`${to}/${path.slice(from.length)}`));
  const missing = missingOf(
    products,
    lost,
    building,
    running,
    from,
    (path) => isTaken(path) || isBrought(path) || kept.some(([each]) => isWithin(each, path)),
  );
  if (missing !== undefined) return { why: missing };
  const mentioned = lost.find(
    (each) =>
      each.of === 'dependencies' &&
      kept.some(([, { path }]) => scope.context.texts.get(path)?.includes(baseName(each.path))),
  );
  if (mentioned) return { why: `something that is copied speaks of ${baseName(mentioned.path)}` };
  const owner = ownerOf(
    building,
    copy.flags.some(({ name }) => name === 'chown'),
    from,
    scope,
  );
  if (owner !== undefined) return { why: owner };
  const parts = partsOf(from, {
    kept: kept.map(([path]) => path),
    papers: papers.map(([path]) => path),
    dropped: dropped.map(([path]) => path),
    lost: lostPaths,
    products,
    others: [...new Set([...others, ...changed.written])].filter(
      (path) => !products.some((each) => isWithin(path, each.path)),
    ),
  });
  const covered = (path: string): boolean =>
    parts.some((part) => part.paths.some((each) => isWithin(path, each)));
  const absent = asked.paths
    .map((path) => pathInside(`${from}/${path.slice(to.length)}`))
    .find((path) => !covered(path) && !isNew(path, building));
  if (absent !== undefined) return { why: `a step behind it reads /${absent}` };
  const link = parts
    .flatMap(({ paths }) => paths)
    .find((path) => {
      const source = image.supplies.get(path)?.path;
      return source !== undefined && entryAt(scope.context, source)?.target !== undefined;
    });
  if (link !== undefined) return { why: `/${link} is a symbolic link` };
  const words = parts.flatMap(({ paths }) => paths);
  if (words.some((word) => /[\s"'$\\?[\]#]/.test(word)))
    return { why: 'a name of it needs quotes' };
  const further = words.filter((word) => !products.some(({ path }) => path === word));
  if (further.length > MOST)
    return { why: `${words.length} parts of /${from} would have to be named` };
  if (parts.length === 0) return { why: `nobody can see what of /${from} the program needs` };
  return {
    parts,
    left,
    assumptions: [...new Set(products.flatMap(({ work }) => work.assumptions ?? []))],
  };
}

/** Whether it is one file of many that a build puts into a folder, and neither a program nor an archive. */
function isOneOfMany({ path, work }: Carried, made: Building['made']): boolean {
  const isClosed = work.links !== undefined || work.libraries !== undefined;
  return (
    !isClosed &&
    !/\.[jw]ar$/.test(path) &&
    made.every((each) => each.path !== path) &&
    made.some((each) => each.isNamed === true && isWithin(path, each.path))
  );
}

/** Whether nothing brought or made it: a step behind the COPY makes it. */
function isNew(path: string, { made, image }: Building): boolean {
  return (
    !made.some((each) => isWithin(path, each.path) || isWithin(each.path, path)) &&
    ![...image.supplies.keys()].some((each) => isWithin(each, path))
  );
}

/** What the shipped stage's own steps read in the folder that it copied, by its own paths. */
export function readByOwn(
  own: readonly RunSteps[],
  to: string,
  { facts }: Pick<BuildingScope, 'facts'>,
): { readonly paths: readonly string[] } | { readonly why: string } {
  const folder = plainPlace(`/${to}`);
  const paths: string[] = [];
  for (const step of stepsIn(own)) {
    const { role, call } = step;
    if (role.kind === 'packages' || role.kind === 'setting') continue;
    if (role.kind === 'unknown') return { why: role.why };
    if (role.kind === 'work') {
      if (role.work.makes.length === 0 && role.work.within === undefined) continue;
      return { why: 'the stage that copies it builds something itself' };
    }
    if (role.kind === 'check') {
      if (call && isCheck(call, facts) && !/^-{0,2}(v|version)$/i.test(call.args.join(' '))) {
        return { why: `"${call.program}" may read what is copied` };
      }
      continue;
    }
    const { reads, writes, deletes, changes } = role.effects;
    for (const place of [...reads, ...deletes, ...(changes === undefined ? [] : writes)]) {
      if (placesMeet(folder, place) === 'no') continue;
      // All of it gets an owner: so does what is left of it.
      if (changes !== undefined && placeCovers(place, folder) === 'yes') continue;
      const path = plainOf(place);
      if (path === undefined || deletes.includes(place)) {
        return { why: 'a step behind it reads or deletes what is copied' };
      }
      paths.push(path);
    }
  }
  return { paths };
}

/** Where it is one path, and all of that is known. */
function plainOf(place: Place): string | undefined {
  const path = place.isGuess || place.isPattern ? undefined : plainText(place.path);
  return path === undefined ? undefined : pathInside(path);
}

interface Changed {
  /** Of the folder, by steps of which all is known: files and folders that are to be copied. */
  readonly written: readonly string[];
  readonly deleted: readonly Place[];
}

function changedIn(
  { runs, made, image }: Building,
  from: string,
): Changed | { readonly why: string } {
  const folder = plainPlace(`/${from}`);
  const written = new Set<string>();
  const deleted: Place[] = [];
  const isMade = (place: Place): boolean =>
    made.some((each) => placeCovers(plainPlace(`/${each.path}`), place) === 'yes');
  for (const { role } of stepsIn(runs)) {
    if (role.kind !== 'change') continue;
    const isSure = role.effects.certainty !== 'may run';
    for (const place of role.effects.deletes) {
      if (placesMeet(folder, place) === 'no' || isMade(place)) continue;
      if (!isSure || plainOf(place) === undefined) {
        return { why: 'nobody can see all that a step deletes' };
      }
      deleted.push(place);
      for (const path of written) {
        if (placeCovers(place, plainPlace(`/${path}`)) === 'yes') written.delete(path);
      }
    }
    for (const place of role.effects.writes) {
      if (placesMeet(folder, place) === 'no' || placeCovers(place, folder) === 'yes') continue;
      if (role.effects.changes !== undefined || isMade(place)) continue;
      const path = plainOf(place);
      // What is already there is copied with what it lies in.
      if (path !== undefined && image.supplies.has(path)) continue;
      if (!isSure || path === undefined) return { why: 'nobody can see all that a step writes' };
      written.add(path);
    }
  }
  return { written: [...written], deleted };
}

/** Why nobody can say all that lies in the folder. */
function unknownIn({ runs, image, foreign, lineage }: Building, from: string): string | undefined {
  const unknown = stepsIn(runs).find(({ role }) => role.kind === 'unknown');
  if (unknown?.role.kind === 'unknown') return unknown.role.why;
  const gap = gapsOf(image.files).find(
    ({ path }) =>
      (isWithin(path, from) || isWithin(from, path)) &&
      (!foreign.includes(path) || isWithin(from, path)),
  );
  if (gap) return `nobody can see all that lies in /${from}: it ${gap.why}`;
  const isOther = lineage.some(([{ kind }]) => kind === 'onbuild' || kind === 'unknown');
  return isOther ? 'an instruction of the build is not understood' : undefined;
}

/** What the start names and nobody knows of, or a build of which nothing that it made shows. */
function missingOf(
  products: readonly Carried[],
  lost: readonly { readonly path: string; readonly isNamed?: true }[],
  { made, works }: Building,
  { programs, named }: Running,
  from: string,
  isKept: (path: string) => boolean,
): string | undefined {
  const inside = (path: string): boolean => path !== from && isWithin(path, from);
  const absent = [...programs, ...[...named].filter((path) => CODE.test(path))].find(
    (path) =>
      inside(path) &&
      !isKept(path) &&
      !hasWildcards(path) &&
      // On PATH it is looked for in all folders.
      (made.some((each) => isWithin(path, each.path)) || CODE.test(path)),
  );
  if (absent !== undefined) return `nobody can see where /${absent} comes from`;
  const unseen = lost.find(
    ({ path, isNamed }) =>
      isNamed === true &&
      !products.some((each) => isWithin(each.path, path)) &&
      works.every((work) => work.makes.every((each) => each.path !== path || each.isNamed)),
  );
  const isNone = products.every(({ of }) => of === 'dependencies');
  return unseen && isNone ? `nobody can see what of /${unseen.path} the program needs` : undefined;
}

/** Code that a runtime is given. */
const CODE = /\.(jar|war|[cm]?js|py|rb|php|dll|sh|phar)$/;

/** Why folders that are copied one by one would not belong to whom they do now. */
function ownerOf(
  { lineage, runs, made, image }: Building,
  hasOwner: boolean,
  from: string,
  { file, facts }: BuildingScope,
): string | undefined {
  const folder = plainPlace(`/${from}`);
  for (const step of stepsIn(runs)) {
    const { role } = step;
    if (role.kind !== 'change' || role.effects.changes === undefined) continue;
    if (role.effects.changes === 'owner' && hasOwner) continue;
    const isWide = role.effects.writes.some(
      (place) => placesMeet(folder, place) !== 'no' && !isOfFile(place, step, made, image.supplies),
    );
    if (isWide) return `a step of the build sets the ${role.effects.changes} of folders`;
  }
  if (hasOwner) return undefined;
  const hasAccount = lineage.some(([each, stage]) => {
    if (isCopy(each)) {
      const chown = each.flags.find(({ name }) => name === 'chown')?.value ?? 'root';
      return !/^(root|0)(:(root|0))?$/.test(chown);
    }
    if (each.kind !== 'run') return false;
    const user = plainText(stateBefore(file, stage, each, facts).user.usual);
    return user === undefined || !/^(|root|0)(:.*)?$/.test(user);
  });
  return hasAccount ? 'folders of it belong to an account' : undefined;
}

/** Whether a mode or owner is set of a file, which keeps it. */
function isOfFile(
  place: Place,
  { role }: Step,
  made: Building['made'],
  supplies: ReadonlyMap<string, unknown>,
): boolean {
  const inside = plainOf(place);
  if (inside === undefined || role.kind !== 'change') return false;
  const isFolder = [...supplies.keys()].some((each) => each.startsWith(`${inside}/`));
  const isBelow = made.some((each) => each.path !== inside && isWithin(inside, each.path));
  return (
    (supplies.has(inside) && !isFolder) ||
    isBelow ||
    made.some((each) => each.path === inside && each.work.links !== undefined)
  );
}
