/** Which images of another distribution could take the place of one. */
import { imageOf, isOfKind, siblings } from '../../analysis/images.ts';
import { compareNumbers, numbersOf } from '../../analysis/image-tags.ts';
import { imageName } from '../../analysis/stages.ts';
import type { Image } from '../../facts/image-types.ts';
import type { Facts } from '../../facts/types.ts';
import { crossingOf } from './crossing.ts';

/** How much of the size must go to be worth another libc. */
const SHARE = 0.9;

const known = new WeakMap<Image, { readonly facts: Facts; readonly targets: readonly Image[] }>();

/** Smallest first; found once for each image. */
export function targetsOf(image: Image, facts: Facts): readonly Image[] {
  const last = known.get(image);
  if (last?.facts === facts) return last.targets;
  const targets = findTargets(image, facts);
  known.set(image, { facts, targets });
  return targets;
}

function findTargets(image: Image, facts: Facts): readonly Image[] {
  const isPlain = image.runtimes.size === 0 && image.family === image.distribution?.id;
  const others = isPlain
    ? plainTargets(facts)
    : siblings(image, facts).filter((each) => isOfKind(each, image));
  return others
    .filter(
      (each) =>
        each.libc !== undefined &&
        each.libc.kind !== image.libc?.kind &&
        each.hasShell === 'yes' &&
        each.size !== undefined &&
        image.size !== undefined &&
        each.size.bytes < image.size.bytes * SHARE &&
        crossingOf(image, each, facts) !== undefined,
    )
    .toSorted((one, other) => one.size!.bytes - other.size!.bytes);
}

/** The newest image of each distribution that can be moved to, with nothing on it. */
function plainTargets(facts: Facts): readonly Image[] {
  return facts.crossings.crossings.flatMap(({ distribution }) => {
    const versions = Object.values(facts.images.suites).flatMap(({ id, version }) => {
      const numbers = id === distribution ? numbersOf(version) : undefined;
      return numbers ? [{ version, numbers }] : [];
    });
    const newest = versions.toSorted((a, b) => compareNumbers(a.numbers, b.numbers)).at(-1);
    return newest ? (imageOf(imageName(`${distribution}:${newest.version}`), facts) ?? []) : [];
  });
}
