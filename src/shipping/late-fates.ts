/** What becomes of steps that is only seen once it is known what becomes of the others. */
import { isWithin } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { imagePath } from '../analysis/image-files.ts';
import { stateBefore } from '../analysis/state.ts';
import { placeCovers, plainPlace, type Place } from '../analysis/places.ts';
import { plainText } from '../analysis/values.ts';
import { ownName } from '../ecosystems/work.ts';
import { meets } from './carried.ts';
import type { Fate, FateScope } from './fate.ts';
import type { Step } from './steps.ts';

/**
 * A folder of which only the folder itself was left to be handed over, as all that lies in it is copied
 * with its owner: not where a step of the shipped image has put something into it before.
 */
export function settleHandOvers(
  all: readonly Step[],
  fates: Map<Step, Fate>,
  { carried }: Pick<FateScope, 'carried'>,
): void {
  for (const [index, step] of all.entries()) {
    const fate = fates.get(step)!;
    if (fate.kind !== 'folder only') continue;
    const isAdded = writtenBefore(all, index, fates).some(
      (path) => path !== fate.folder && isWithin(path, fate.folder),
    );
    const isAll = carried.some(({ path, work }) => path === fate.folder && work.within === path);
    if (isAdded && !isAll) fates.set(step, { kind: 'ship' });
  }
}

/**
 * A folder that would be there without being made, by a WORKDIR or a COPY: it is made where the shipped
 * image hands it over, or puts something into it, before that.
 */
export function settleFolders(
  all: readonly Step[],
  fates: Map<Step, Fate>,
  { file, stage, facts }: Pick<FateScope, 'file' | 'stage' | 'facts'>,
): void {
  for (const [index, step] of all.entries()) {
    if (fates.get(step)!.kind !== 'build' || !step.call || ownName(step.call) !== 'mkdir') continue;
    const folders = writtenBy(step);
    const at = stage.instructions.findIndex(
      (each) =>
        each.kind === 'workdir' &&
        folders.includes(
          imagePath(stateBefore(file, stage, each, facts), each.argsText, each.escape),
        ),
    );
    const isUsed = all
      .slice(index + 1)
      .filter(({ run }) => at < 0 || stage.instructions.indexOf(run) < at)
      .filter((each) => /^(ship|folder only)$/.test(fates.get(each)!.kind))
      .some((each) =>
        writtenBy(each).some((path) =>
          // `mkdir -p` makes the folders above as well, of which one may be handed over.
          folders.some(
            (folder) => isWithin(path, folder) || (isChange(each) && isWithin(folder, path)),
          ),
        ),
      );
    if (isUsed) fates.set(step, { kind: 'ship' });
  }
}

/** What only the build has is deleted there: in the shipped image `rm` would not find it. */
export function settleDeletes(
  all: readonly Step[],
  fates: Map<Step, Fate>,
  { carried, isCopied }: Pick<FateScope, 'carried' | 'isCopied'>,
): void {
  for (const [index, step] of all.entries()) {
    if (fates.get(step)!.kind !== 'ship' || step.role.kind !== 'change') continue;
    const { writes, deletes } = step.role.effects;
    const before = all.slice(0, index);
    const isOfBuild = (place: Place): boolean => {
      const writers = before.filter((each) =>
        writtenBy(each).some((path) => placeCovers(place, plainPlace(`/${path}`)) === 'yes'),
      );
      return (
        writers.length > 0 &&
        writers.every((each) => fates.get(each)!.kind === 'build') &&
        !carried.some(({ path }) => meets(path, place)) &&
        !isCopied(place)
      );
    };
    if (writes.length > 0 || deletes.length === 0 || !deletes.every(isOfBuild)) continue;
    fates.set(step, { kind: 'build' });
  }
}

/** Whether a step reads what the shipped image does not get, as it is deleted in the end. */
export function readsGone({ role }: Step, { isGone }: Pick<FateScope, 'isGone'>): boolean {
  if (role.kind !== 'change') return false;
  const { reads, writes, deletes } = role.effects;
  return (
    reads.some((place) => place.isGuess !== true && !deletes.includes(place) && isGone(place)) ||
    writes.some((place) => reads.includes(place) && isGone(place))
  );
}

/** A check of a file, by its path, that a step of the shipped image writes: it stays with that step. */
export function settleChecks(
  all: readonly Step[],
  fates: Map<Step, Fate>,
  { carried }: Pick<FateScope, 'carried'>,
): void {
  for (const [index, step] of all.entries()) {
    if (step.role.kind !== 'check' || !step.command) continue;
    const link = all.filter(
      ({ run, command }) =>
        run === step.run &&
        command?.chain === step.command!.chain &&
        command.link === step.command!.link,
    );
    const words = link.flatMap(({ command }) => command!.words.map(({ text }) => text));
    const isNamed = writtenBefore(all, index, fates)
      .filter((path) => !carried.some((each) => isWithin(path, each.path)))
      .some((path) => words.some((word) => speaksOf(word, path)));
    if (isNamed) fates.set(step, { kind: 'ship' });
  }
}

/** Whether it names just this path, and nothing in it. */
function speaksOf(word: string, path: string): boolean {
  const at = word.indexOf(`/${path}`);
  return at >= 0 && !/^[\w./*-]/.test(word.slice(at + path.length + 1));
}

/** What steps of the shipped image write before one of the steps. */
function writtenBefore(
  all: readonly Step[],
  index: number,
  fates: ReadonlyMap<Step, Fate>,
): readonly string[] {
  return all
    .slice(0, index)
    .flatMap((each) => (fates.get(each)!.kind === 'ship' ? writtenBy(each) : []));
}

/** Whether it gives what is there another owner, or other rights. */
function isChange({ role }: Step): boolean {
  return role.kind === 'change' && role.effects.changes !== undefined;
}

/** Paths without a slash in front, as far as they are known. */
function writtenBy({ role }: Step): readonly string[] {
  if (role.kind !== 'change') return [];
  return role.effects.writes.flatMap((place) => {
    const path = place.isGuess || place.isPattern ? undefined : plainText(place.path);
    return path === undefined ? [] : [pathInside(path)];
  });
}
