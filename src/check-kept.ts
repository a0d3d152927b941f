/**
 * Where a stage was divided: are the packages, files, owners and folders of the old image still there,
 * as far as no tool of the build alone asked for them?
 */
import type { Call } from './analysis/calls.ts';
import { entryAt, isWithin, type BuildContext } from './analysis/context.ts';
import { baseName, pathInside } from './analysis/go-paths.ts';
import { filesAtEnd, imagePath } from './analysis/image-files.ts';
import { matchesAny, matchesWhole } from './analysis/patterns.ts';
import { placeCovers, placesMeet, plainPlace, type Place } from './analysis/places.ts';
import { fromOf } from './analysis/stages.ts';
import { stateBefore } from './analysis/state.ts';
import { plainText } from './analysis/values.ts';
import { isCopy, type CopyInstruction, type Dockerfile, type Stage } from './dockerfile/model.ts';
import { placeOf } from './dockerfile/place.ts';
import type { Image } from './facts/image-types.ts';
import type { Facts } from './facts/types.ts';
import { copyOwner } from './layers/change.ts';
import { isLeaving, madeIn } from './shipping/carried.ts';
import { ownName } from './ecosystems/work.ts';
import { inputTest } from './shipping/copies.ts';
import { UNPACKING, worksBy } from './shipping/fetched-sources.ts';
import { stepsOf, type RunSteps, type Step } from './shipping/steps.ts';

/** One of the two stages, with what is known around it. */
export interface Side {
  readonly file: Dockerfile;
  readonly stage: Stage;
  readonly image: Image;
  readonly context: BuildContext | undefined;
  readonly facts: Facts;
}

/** What is copied out of the build: from where, and to where. */
export interface Moved {
  readonly from: string;
  readonly to: string;
}

/** @param calls what a container of the old image runs */
export function keptFindings(
  was: Side,
  calls: readonly Call[],
  shipped: Side,
  moved: readonly Moved[],
): string[] {
  const runs = stepsOf(was, calls);
  const own = stepsOf(shipped);
  return [
    ...lostPackages(runs, own, was.facts),
    ...lostFiles(was, shipped, runs, moved),
    ...lostFolders(was, shipped, runs, own, moved),
    ...lostOwners(was, shipped, runs, own),
    ...deletesOfNothing(shipped, runs, own, moved),
  ];
}

function allOf(runs: readonly RunSteps[]): readonly Step[] {
  return runs.flatMap(({ steps }) => steps);
}

function lostPackages(
  runs: readonly RunSteps[],
  own: readonly RunSteps[],
  { work }: Facts,
): string[] {
  const has = new Set(allOf(own).flatMap(installed));
  const isOfBuild = (name: string): boolean =>
    matchesAny(work.buildPackages, name) ||
    [...work.buildTools, ...work.runtimePackages].some(({ packages }) =>
      matchesWhole(packages, name),
    );
  const all = allOf(runs);
  const lost = all
    .flatMap((step, index) => {
      const later = all.slice(index + 1);
      return isTakenAway(step, later)
        ? []
        : installed(step).filter((name) => !later.some((each) => removes(each, name)));
    })
    .filter((name) => !has.has(name) && !isOfBuild(name));
  return [...new Set(lost)].map((name) => `the package ${name} is left behind`);
}

/** Whether a group of packages that is installed, as `apk add --virtual` does, is deleted again from there on. */
function isTakenAway({ role }: Step, all: readonly Step[]): boolean {
  if (role.kind !== 'packages') return false;
  const words = role.packages.args.map(({ literal }) => literal ?? '');
  const group = words.flatMap((word, index) =>
    /^(-t|--virtual)$/.test(words[index - 1] ?? '') ? word : word.split('--virtual=').slice(1),
  )[0];
  return group !== undefined && all.some((other) => removes(other, group));
}

function removes({ role }: Step, name: string): boolean {
  return (
    role.kind === 'packages' &&
    role.packages.action === 'remove' &&
    role.packages.operands.some(({ literal }) => literal === name)
  );
}

function installed({ role }: Step): readonly string[] {
  if (role.kind !== 'packages' || role.packages.action !== 'install') return [];
  return role.packages.operands.flatMap(({ literal }) => literal?.replace(/[=/:].*$/, '') ?? []);
}

/** Files of the build context that came to lie elsewhere, or nowhere though not only a build reads them. */
function lostFiles(
  was: Side,
  shipped: Side,
  runs: readonly RunSteps[],
  moved: readonly Moved[],
): string[] {
  const { context, facts } = was;
  if (!context) return [];
  const works = allOf(runs).flatMap(({ role }) => (role.kind === 'work' ? [role.work] : []));
  const isInput = inputTest(new Set(works.map(({ ecosystem }) => ecosystem)), context, facts);
  const isDeleted = (path: string): boolean =>
    allOf(runs).some(
      ({ role }) =>
        role.kind === 'change' &&
        role.effects.deletes.some((place) => placeCovers(place, plainPlace(`/${path}`)) !== 'no'),
    );
  const isMoved = (path: string): boolean =>
    moved.some(({ from, to }) => isWithin(path, from) || isWithin(path, to)) ||
    works.some(({ onlyBuild = [] }) => onlyBuild.some((each) => isWithin(path, each)));
  const had = filesAtEnd(was.file, was.stage, context, facts).supplies;
  const has = filesAtEnd(shipped.file, shipped.stage, context, facts).supplies;
  const isFile = (path: string): boolean => entryAt(context, path)?.kind !== 'folder';
  const lost = [...had].find(
    ([path, supply]) =>
      has.get(path)?.path !== supply.path &&
      isFile(supply.path) &&
      !isMoved(path) &&
      !isInput(supply.path) &&
      !isLeaving(plainPlace(`/${path}`), facts) &&
      !isDeleted(path),
  );
  const strange = [...has].find(([path, supply]) => !had.has(path) && isFile(supply.path));
  return [
    ...(lost ? [`/${lost[0]} is left behind`] : []),
    ...(strange ? [`/${strange[0]} was not there before`] : []),
  ];
}

/** What commands wrote that are no part of the build, and nothing writes any more. */
function lostFolders(
  was: Side,
  shipped: Side,
  runs: readonly RunSteps[],
  own: readonly RunSteps[],
  moved: readonly Moved[],
): string[] {
  const written = allOf(own).flatMap(writesOf);
  const made = madeIn(runs, () => true);
  const folders = shipped.stage.instructions.flatMap((each) => {
    if (each.kind !== 'workdir' && !isCopy(each)) return [];
    const state = stateBefore(shipped.file, shipped.stage, each, shipped.facts);
    const text = isCopy(each) ? (each.destination?.text ?? '') : each.argsText;
    return [imagePath(state, text, each.escape)];
  });
  const there = [...folders, ...moved.flatMap(({ from, to }) => [from, to])];
  const context = was.context && filesAtEnd(was.file, was.stage, was.context, was.facts);
  const isThere = (place: Place): boolean => {
    const path = plainText(place.path);
    if (path === undefined || place.isGuess || place.isPattern) return true;
    const inside = pathInside(path);
    return (
      isLeaving(place, was.facts) ||
      there.some((each) => isWithin(each, inside) || isWithin(inside, each)) ||
      made.some((each) => isWithin(each.path, inside) || isWithin(inside, each.path)) ||
      written.some((each) => placesMeet(each, place) !== 'no') ||
      [...(context?.supplies.keys() ?? [])].some((each) => isWithin(each, inside))
    );
  };
  // An archive that is unpacked is not asked for again.
  const isRaw = (place: Place): boolean =>
    allOf(runs).some(
      (step) =>
        step.role.kind === 'change' &&
        step.call !== undefined &&
        UNPACKING.test(ownName(step.call)) &&
        step.role.effects.reads.some((each) => placesMeet(each, place) === 'yes') &&
        writesOf(step).every(isThere),
    );
  // Nor is a script that made what is copied.
  const isBehind = (place: Place): boolean =>
    allOf(runs).some((step) => worksBy(step, baseName(plainText(place.path) ?? '')));
  const lost = allOf(runs)
    .flatMap(writesOf)
    .find((place) => !isThere(place) && !isRaw(place) && !isBehind(place));
  return lost ? [`nothing writes ${plainText(lost.path)!} any more`] : [];
}

/** Files that commands wrote, and that the shipped stage deletes though nothing brings them there: `rm` fails. */
function deletesOfNothing(
  { file, stage, context, facts }: Side,
  runs: readonly RunSteps[],
  own: readonly RunSteps[],
  moved: readonly Moved[],
): string[] {
  const supplied = context && filesAtEnd(file, stage, context, facts).supplies;
  const before: Place[] = [];
  for (const step of allOf(own)) {
    const { role, call, command } = step;
    if (role.kind !== 'change') {
      // Nobody sees all that it writes.
      if (role.kind === 'work' || role.kind === 'unknown') return [];
      continue;
    }
    const isStrict =
      call !== undefined &&
      /^(rm|rmdir|unlink)$/.test(ownName(call)) &&
      !command?.words.some(({ text }) => /^(["']?\$|-[a-zA-Z]*f|--force$)/.test(text));
    const absent = role.effects.deletes.find(
      (place) =>
        isStrict &&
        place.isGuess !== true &&
        allOf(runs).some((each) => writesOf(each).some((other) => isPlaceOf(other, place))) &&
        !before.some((other) => placesMeet(other, place) !== 'no') &&
        !moved.some(({ to }) => placesMeet(plainPlace(`/${to}`), place) !== 'no') &&
        ![...(supplied?.keys() ?? [])].some(
          (path) => placesMeet(plainPlace(`/${path}`), place) !== 'no',
        ),
    );
    if (absent) return [`nothing writes ${plainText(absent.path) ?? 'what'}, which is deleted`];
    before.push(...role.effects.writes);
  }
  return [];
}

/** Whether it is one file that is surely meant. */
function isPlaceOf(written: Place, place: Place): boolean {
  return written.isGuess !== true && !written.isPattern && placeCovers(place, written) === 'yes';
}

function writesOf({ role }: Step): readonly Place[] {
  return role.kind === 'change' ? role.effects.writes : [];
}

/** COPYs whose files were handed over to an account, and are not any more. */
function lostOwners(
  was: Side,
  shipped: Side,
  runs: readonly RunSteps[],
  own: readonly RunSteps[],
): string[] {
  const old = was.stage.instructions;
  return allOf(runs).flatMap((step) => {
    const { role, run, command } = step;
    const words = command?.words.map(({ literal }) => literal ?? '') ?? [];
    const isHandOver = words[0] === 'chown' && /^(-R|--recursive)$/.test(words[1] ?? '');
    if (!isHandOver || role.kind !== 'change') return [];
    const owner = copyOwner(words[2]!);
    const again = allOf(own).some(
      (each) =>
        each.command?.words[0]?.literal === 'chown' &&
        each.command.words.some(({ literal }) => /^(-R|--recursive)$/.test(literal ?? '')),
    );
    if (again) return [];
    const isBefore = (copy: CopyInstruction): boolean => {
      const origin = placeOf(copy.origin[0]!);
      const at = old.findIndex((each) => placeOf(each.origin[0]!) === origin);
      return at < old.indexOf(run);
    };
    return shipped.stage.instructions.flatMap((each) => {
      if (!isCopy(each) || !isBefore(each) || comesWith(each, run.text, shipped)) return [];
      const state = stateBefore(shipped.file, shipped.stage, each, shipped.facts);
      const target = plainPlace(`/${imagePath(state, each.destination?.text ?? '', each.escape)}`);
      const isHandedOver = role.effects.writes.some(
        (place) => placeCovers(place, target) === 'yes',
      );
      const has = each.flags.find(({ name }) => name === 'chown')?.value;
      return isHandedOver && has !== owner ? [`${each.text}: the owner was ${owner}`] : [];
    });
  });
}

/** Whether a COPY takes from a stage in which the command runs as well. */
function comesWith(copy: CopyInstruction, text: string, { file }: Side): boolean {
  return file.stages.some(
    ({ from, instructions }) =>
      from.stageName !== undefined &&
      from.stageName === fromOf(copy) &&
      instructions.some((each) => each.kind === 'run' && each.text === text),
  );
}

/** Whether the author means something else by the name: a build context that is given from outside. */
export function isNameTaken(name: string, { stages }: Dockerfile): boolean {
  return stages.some(({ instructions }) =>
    instructions.some(
      (each) =>
        (isCopy(each) && fromOf(each) === name) ||
        (each.kind === 'run' &&
          each.flags.some(
            (flag) =>
              flag.name === 'mount' && new RegExp(`(^|,)from=${name}(,|$)`).test(flag.value ?? ''),
          )),
    ),
  );
}
