/** Images on which a shipped stage may stand: of the same publisher, and smaller than the one that it stood on. */
import {
  imageOf,
  imagesBelow,
  originOf,
  plainImages,
  runtimeImages,
  siblings,
} from '../analysis/images.ts';
import { imageName } from '../analysis/stages.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import type { StageScope } from './steps.ts';
import { type AskedOf } from './asked.ts';

/** What of all that is asked decides which images come into question. */
type Asking = Pick<AskedOf, 'isLinked' | 'isStatic' | 'isPortable'>;

interface Known extends Asking {
  readonly facts: Facts;
  readonly images: readonly Image[];
}

const known = new WeakMap<Image, Known[]>();

/** Images of the same publisher, smallest first; the old base is the last. Found once for each image. */
export function candidatesFor({ image, facts }: StageScope, asked: AskedOf): readonly Image[] {
  const { isLinked, isStatic, isPortable } = asked;
  let all = known.get(image);
  if (!all) known.set(image, (all = []));
  const before = all.find(
    (each) =>
      each.facts === facts &&
      each.isLinked === isLinked &&
      each.isStatic === isStatic &&
      each.isPortable === isPortable,
  );
  if (before) return before.images;
  const own = { isLinked, isStatic, isPortable };
  const images = findCandidates(image, facts, own);
  all.push({ facts, ...own, images });
  return images;
}

function findCandidates(image: Image, facts: Facts, asked: Asking): readonly Image[] {
  const sizeOf = (each: Image): number => roughSize(each, facts)?.bytes ?? Infinity;
  const suite = image.distribution?.suite ?? '';
  // Another vendor's build of the same runtime is another program; a publisher of his own is one vendor.
  const isOneVendor = image.publisher !== 'docker';
  const families = new Set([
    ...[image, ...imagesBelow(image, facts)].map(({ family }) => family),
    ...[...image.runtimes.keys()].flatMap((id) => originOf(image, id, facts) ?? []),
  ]);
  const found = [
    image,
    ...siblings(image, facts, 'beside one that is gone'),
    ...plainImages(suite, facts),
    ...[...image.runtimes].flatMap(([runtime, version]) =>
      version === undefined
        ? []
        : runtimeImages(
            { publisher: image.publisher, runtime, version, suite, beside: image.name },
            facts,
          ).filter(
            ({ family, variant }) =>
              (isOneVendor || families.has(family)) &&
              (variant !== 'other' || image.variant === 'other'),
          ),
    ),
    ...publisherImages(image, facts),
    ...(asked.isStatic ? alpineImages(facts) : []),
  ];
  // Docker's official images count as one publisher's; who makes none of his own stands on them.
  const hasOwn =
    isOneVendor &&
    found.some(
      (each) =>
        each !== image && each.publisher === image.publisher && isSmaller(each, image, facts),
    );
  const taken = new Set<string>();
  return found
    .filter((each) => {
      const key = `${each.name}:${each.tag}`;
      if (taken.has(key)) return false;
      taken.add(key);
      if (each === image) return true;
      // The size of an image is put together when it is asked for: last, of the few that are left.
      return (
        each.hasShell === 'yes' &&
        each.os === image.os &&
        (each.publisher === image.publisher || (!hasOwn && each.publisher === 'docker')) &&
        isSameSystem(each, image, asked) &&
        isAnotherImage(each, image) &&
        isSmaller(each, image, facts)
      );
    })
    .filter((each, _, all) => hasFormOfTag(each, image, all, asked))
    .toSorted(
      (a, b) =>
        Number(a === image) - Number(b === image) ||
        sizeOf(a) - sizeOf(b) ||
        a.tag.length - b.tag.length,
    );
}

/** Of two tags of one repository that rows do not tell apart, nobody knows which one is smaller. */
function isAnotherImage(each: Image, image: Image): boolean {
  return each.name !== image.name || each.variant !== image.variant || each.size !== undefined;
}

/** Whether it names its suite as the tag of the old base does, where there is one that does. */
function hasFormOfTag(
  each: Image,
  image: Image,
  all: readonly Image[],
  { isPortable }: Asking,
): boolean {
  if (each === image || each.isSuiteInTag === image.isSuiteInTag) return true;
  if (!isPortable && !image.isSuiteInTag) return true;
  return !all.some(
    (other) =>
      other !== image &&
      other.name === each.name &&
      other.variant === each.variant &&
      other.isSuiteInTag === image.isSuiteInTag,
  );
}

/** Whether it has the same runtimes in the same versions, and fewer of them: a JRE beside its JDK. */
function isPart(each: Image, than: Image, facts: Facts): boolean {
  return (
    each.runtimes.size > 0 &&
    each.runtimes.size < than.runtimes.size &&
    each.libc?.kind === than.libc?.kind &&
    [...each.runtimes].every(([id, version]) => than.runtimes.get(id) === version) &&
    [than, ...imagesBelow(than, facts)].some(({ family }) => family === each.family)
  );
}

function isSmaller(each: Image, than: Image, facts: Facts): boolean {
  if (isPart(each, than, facts)) {
    return each.size !== undefined && (!than.size || each.size.bytes < than.size.bytes);
  }
  const [one, other] = [roughSize(each, facts), roughSize(than, facts)];
  if (one === undefined) return false;
  return other === undefined || one.high < other.low;
}

/** Its size, or that of the image below it, which is the larger part. */
function roughSize(image: Image, facts: Facts): Image['size'] {
  return image.size ?? imagesBelow(image, facts).find(({ size }) => size !== undefined)?.size;
}

function isSameSystem(
  each: Image,
  image: Image,
  { isLinked, isStatic, isPortable }: Asking,
): boolean {
  if (isStatic) return each.libc !== undefined;
  // Archives of Java run on any; which system is below a tag of Maven, rows do not say of all.
  if (isPortable) return each.libc?.kind === (image.libc?.kind ?? 'glibc');
  if (each.libc?.kind !== image.libc?.kind) return false;
  // An image of the same name on another system is not only smaller.
  if (!isLinked && each.name !== image.name) return true;
  return (
    each.distribution?.id === image.distribution?.id &&
    each.distribution?.suite === image.distribution?.suite
  );
}

/** Other images of a publisher that makes its own, such as one of a book. */
function publisherImages({ publisher }: Image, facts: Facts): readonly Image[] {
  if (publisher === 'docker') return [];
  return facts.images.repositories.flatMap((repository) =>
    repository.publisher === publisher
      ? repository.names.flatMap((name) => imageOf(imageName(name), facts) ?? [])
      : [],
  );
}

/** The newest Alpine that rows know. */
function alpineImages(facts: Facts): readonly Image[] {
  const versions = Object.values(facts.images.suites).flatMap((row) =>
    row.id === 'alpine' && /^\d+\.\d+$/.test(row.version) ? [row.version] : [],
  );
  const number = (text: string): number => {
    const [major = 0, minor = 0] = text.split('.').map(Number);
    return major * 1000 + minor;
  };
  const newest = versions.toSorted((a, b) => number(b) - number(a));
  for (const version of newest) {
    const image = imageOf(imageName(`alpine:${version}`), facts);
    if (image?.size) return [image];
  }
  return [];
}
