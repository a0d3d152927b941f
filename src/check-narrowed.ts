/**
 * Where a folder of another stage was copied as a whole and now in parts: is all there that a container
 * needs, at the same places? And does what was put behind the build take nothing from anybody else?
 */
import { entryAt, isWithin, type BuildContext } from './analysis/context.ts';
import { hasWildcards, pathInside } from './analysis/go-paths.ts';
import { imageOf } from './analysis/images.ts';
import { imagePath } from './analysis/image-files.ts';
import { matchesAny } from './analysis/patterns.ts';
import { plainPlace, placeCovers } from './analysis/places.ts';
import { baseImage } from './analysis/stages.ts';
import { resolveWord, stateBefore } from './analysis/state.ts';
import { plainText } from './analysis/values.ts';
import {
  isCopy,
  type CopyInstruction,
  type Dockerfile,
  type Instruction,
  type Stage,
} from './dockerfile/model.ts';
import { placeOf } from './dockerfile/place.ts';
import type { Facts } from './facts/types.ts';
import type { Remark } from './pass.ts';
import { buildingOf, stepsIn, type Building } from './shipping/building.ts';
import { liesAt } from './shipping/carried.ts';
import { copiedFolders, runningBefore, type CopiedFolder } from './shipping/copied-folders.ts';
import { runningOf, type Running } from './shipping/running.ts';
import { readerOf, thinningsIn } from './shipping/thinnings.ts';

/** The places of COPYs that applied edits mean to bring less. */
export function narrowedPlaces(remarks: readonly Remark[]): ReadonlySet<string> {
  const places = new Set<string>();
  for (const { outcome, narrows, origin } of remarks) {
    if (outcome === 'applied' && narrows) places.add(placeOf(origin));
  }
  return places;
}

export function narrowedFindings(
  before: Dockerfile,
  after: Dockerfile,
  context: BuildContext | undefined,
  facts: Facts,
  remarks: readonly Remark[],
): readonly string[] {
  const thinned = thinnedFindings(before, after, context, facts, remarks);
  const places = narrowedPlaces(remarks);
  if (places.size === 0 || thinned.length > 0) return thinned;
  const found: string[] = [];
  const was = before.stages.find(({ instructions }) =>
    instructions.some((each) => places.has(placeOf(each.origin[0]!))),
  );
  const is = after.stages.at(-1);
  if (!was || !is || was !== before.stages.at(-1))
    return ['a COPY brings less, and not for the image'];
  if (!context) return ['nobody knows what a COPY brings'];
  for (const folder of copiedFolders(before, was, facts)) {
    const place = placeOf(folder.copy.origin[0]!);
    if (!places.has(place)) continue;
    const parts = is.instructions.filter(
      (each): each is CopyInstruction => isCopy(each) && placeOf(each.origin[0]!) === place,
    );
    const where = `line ${folder.copy.origin[0]!.line}`;
    const moved = parts.map((part) => movedBy(after, is, part, facts));
    const scope = { file: before, context, facts };
    const name = baseImage(before, was);
    const image = name && imageOf(name, facts);
    const running = runningBefore(runningOf({ ...scope, stage: was, image }), folder, scope);
    const building = buildingOf(folder.build, running, scope);
    const isThere = (path: string): boolean =>
      moved.some((all) => all.some(({ from }) => liesAt(path, from)));
    found.push(
      ...parts.flatMap((part) => flagFindings(folder.copy, part)),
      ...moved.flat().flatMap((one) => placeFindings(folder, one, building)),
      ...[...needed(folder, building, running, context, facts)]
        .filter((path) => !isThere(path))
        .slice(0, 1)
        .map((path) => `/${path} is left behind`),
    );
    if (found.length > 0) return found.map((each) => `${where}: ${each}`);
  }
  return found;
}

interface MovedPart {
  readonly from: string;
  readonly to: string;
}

function movedBy(
  file: Dockerfile,
  stage: Stage,
  copy: CopyInstruction,
  facts: Facts,
): readonly MovedPart[] {
  const state = stateBefore(file, stage, copy, facts);
  const text = copy.destination?.text ?? '';
  const target = imagePath(state, text, copy.escape);
  const isFolder = /(^|\/)\.?$/.test(text);
  return copy.sources.map((source) => {
    const path = pathInside(plainText(resolveWord(state, source.text, copy.escape).usual) ?? '?');
    const name = path.slice(path.lastIndexOf('/') + 1);
    return { from: path, to: isFolder ? pathInside(`${target}/${name}`) : target };
  });
}

function flagFindings(was: CopyInstruction, is: CopyInstruction): readonly string[] {
  const flags = ({ flags: all }: CopyInstruction): string =>
    all.map(({ name, value }) => `${name}=${value ?? ''}`).join(' ');
  return flags(was) === flags(is) ? [] : [`${is.text}: the flags were ${flags(was)}`];
}

/** What is copied lies in the folder, keeps its place, and is made or brought there by something. */
function placeFindings(
  { from, to }: CopiedFolder,
  part: MovedPart,
  { made, image, foreign, runs }: Building,
): readonly string[] {
  if (!isWithin(part.from, from)) return [`/${part.from} does not lie in /${from}`];
  if (made.some(({ path }) => path !== from && isWithin(from, path))) {
    return [`/${from} may be a file`];
  }
  const there = pathInside(`${to}/${part.from.slice(from.length)}`);
  if (there !== part.to) return [`/${part.from} comes to lie at /${part.to}, not at /${there}`];
  const isChanged = stepsIn(runs).some(
    ({ role }) =>
      role.kind === 'change' &&
      role.effects.writes.some(
        (place) => placeCovers(plainPlace(`/${part.from}`), place) === 'yes',
      ),
  );
  const isKnown =
    isChanged ||
    hasWildcards(part.from) ||
    made.some(({ path }) => isWithin(part.from, path) || isWithin(path, part.from)) ||
    foreign.some((path) => isWithin(part.from, path) || isWithin(path, part.from)) ||
    [...image.supplies.keys()].some((path) => isWithin(path, part.from));
  return isKnown ? [] : [`nothing puts /${part.from} there`];
}

/** Paths of the folder without which the program may not run. */
function needed(
  { from }: CopiedFolder,
  { made, carried, image, works, runs }: Building,
  { named, programs }: Running,
  context: BuildContext,
  facts: Facts,
): ReadonlySet<string> {
  const inside = (path: string): boolean => path !== from && isWithin(path, from);
  const found = new Set<string>();
  if (!('why' in carried)) for (const { path } of carried) if (inside(path)) found.add(path);
  const isMade = (path: string): boolean => made.some((each) => isWithin(path, each.path));
  for (const path of [...programs, ...named]) {
    if (inside(path) && (image.supplies.has(path) || (programs.has(path) && isMade(path)))) {
      found.add(path);
    }
  }
  const inputs = facts.work.inputs
    .filter(({ ecosystem }) => works.some((work) => work.ecosystem === ecosystem))
    .flatMap(({ files }) => files);
  const isForBuild = (path: string): boolean =>
    matchesAny(inputs, path) || matchesAny(facts.work.papers, path);
  const isDeleted = (path: string): boolean =>
    stepsIn(runs).some(
      ({ role }) =>
        role.kind === 'change' &&
        role.effects.deletes.some((place) => placeCovers(place, plainPlace(`/${path}`)) !== 'no'),
    );
  for (const { role } of stepsIn(runs)) {
    if (role.kind !== 'change' || role.effects.changes !== undefined) continue;
    for (const { path: text, isPattern, isGuess } of role.effects.writes) {
      const path = isPattern || isGuess ? undefined : plainText(text);
      if (path === undefined) continue;
      const place = pathInside(path);
      if (inside(place) && !isMade(place) && !isDeleted(place)) found.add(place);
    }
  }
  for (const [path, supply] of image.supplies) {
    const isFile = entryAt(context, supply.path)?.kind !== 'folder';
    const isOnlyBuild = works.some(({ onlyBuild = [] }) =>
      onlyBuild.some((each) => isWithin(path, each)),
    );
    if (!isFile || !inside(path) || isDeleted(path) || isOnlyBuild) continue;
    if (!isForBuild(supply.path) || !isForBuild(path)) found.add(path);
  }
  return found;
}

/** RUNs that were put behind a build to make less of what it installed: nobody else may miss it. */
function thinnedFindings(
  before: Dockerfile,
  after: Dockerfile,
  context: BuildContext | undefined,
  facts: Facts,
  remarks: readonly Remark[],
): readonly string[] {
  const thinning: Remark[] = [];
  for (const each of remarks) if (each.outcome === 'applied' && each.thins) thinning.push(each);
  if (thinning.length === 0) return [];
  if (!context) return ['nobody knows what is installed'];
  const shipped = before.stages.at(-1)!;
  const scope = { file: before, context, facts };
  return thinning.flatMap(({ origin, origins }) => {
    const where = `line ${origin.line}`;
    const folder = copiedFolders(before, shipped, facts).find(
      ({ copy }) => placeOf(copy.origin[0]!) === placeOf(origin),
    );
    if (!folder) return [`${where}: nobody knows what is copied`];
    const name = baseImage(before, shipped);
    const stage = { ...scope, stage: shipped, image: name && imageOf(name, facts) };
    const running = runningBefore(runningOf(stage), folder, scope);
    const building = buildingOf(folder.build, running, scope);
    const places = new Set(origins.map(placeOf));
    const all = after.stages[folder.build.index]!.instructions;
    // A RUN of the author's may have been cut into several.
    const isPart = ({ origin: from, argsText }: Instruction): boolean =>
      folder.build.instructions.some(
        (own) => placeOf(own.origin[0]!) === placeOf(from[0]!) && own.argsText.includes(argsText),
      );
    // The first of a place is the author's own.
    const added = all.filter((each, index) => {
      const place = placeOf(each.origin[0]!);
      const isFirst = all.findIndex((other) => placeOf(other.origin[0]!) === place) === index;
      return each.kind === 'run' && places.has(place) && !isFirst && !isPart(each);
    });
    const allowed = thinningsIn(building.own, () => true);
    return added.flatMap(({ text }) => {
      const found = allowed.find((each) => text.endsWith(each.thinning.command));
      if (!found) return [`${where}: "${text}" is no step that leaves packages out`];
      const reader = readerOf(found, folder.build, shipped, scope);
      return reader === undefined ? [] : [`${where}: ${reader}, which "${text}" changes`];
    });
  });
}
