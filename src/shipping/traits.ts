/** Traits of a stage as a whole that decide about many of its steps. */
import { isWithin } from '../analysis/context.ts';
import { folderOf, pathInside } from '../analysis/go-paths.ts';
import type { ImageFiles } from '../analysis/image-files.ts';
import type { Place } from '../analysis/places.ts';
import { plainText } from '../analysis/values.ts';
import type { Stage } from '../dockerfile/model.ts';
import { ownName } from '../ecosystems/work.ts';
import type { InputTest } from './copies.ts';
import type { Running } from './running.ts';
import type { RunSteps } from './steps.ts';

/** Whether a container runs as another account than root, as far as that shows. */
export function isForAccount({ instructions }: Stage, { calls }: Running): boolean {
  const user = instructions.findLast(({ kind }) => kind === 'user');
  return (
    (user !== undefined && !/^(root|0)(:.*)?$/.test(user.argsText.trim())) ||
    calls.some((each) => /^(gosu|su-exec|su|setpriv|runuser)$/.test(ownName(each)))
  );
}

/** Whether all that works on the sources makes code for a runtime. */
export function isForRuntimes(runs: readonly RunSteps[]): boolean {
  const works = runs.flatMap(({ steps }) =>
    steps.flatMap(({ role }) => (role.kind === 'work' ? [role.work] : [])),
  );
  return works.length > 0 && works.every(({ runsOn }) => runsOn !== undefined);
}

/**
 * Whether a step adds a file to the sources: it lies where they do, and is read as they are.
 *
 * @param inputs places of the image with sources
 */
export function addedInputs(
  inputs: readonly string[],
  image: ImageFiles,
  isInputPath: InputTest,
): (place: Place) => boolean {
  // Where the folder of the context came to lie, with a slash behind.
  const roots = new Set(
    [...image.supplies].flatMap(([place, { path }]) =>
      place.endsWith(`/${path}`) ? [place.slice(0, -path.length)] : [],
    ),
  );
  return ({ path, isPattern }) => {
    const inside = pathInside(plainText(path) ?? '');
    return (
      !isPattern &&
      inputs.some((each) => isWithin(each, folderOf(folderOf(inside)))) &&
      !image.supplies.has(inside) &&
      [...roots].some((each) => inside.startsWith(each) && isInputPath(inside.slice(each.length)))
    );
  };
}
