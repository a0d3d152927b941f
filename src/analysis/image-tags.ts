/** Which tags a repository has, and what each one says: version, kind, suite. */
import type { ImageRepository, Images } from '../facts/image-rows.ts';

/** The parts of a tag. */
export interface TagParts {
  /** What it begins with, a version mostly; may be empty. */
  readonly head: string;
  /** The rest, with its dash: `-slim-bookworm`. */
  readonly tail: string;
  /** The words of the rest without the suite: `slim`. */
  readonly kind: string;
  /** A key of the rows of suites; undefined where it is not known. */
  readonly suite: string | undefined;
  /** Whether the rest names the suite. */
  readonly isSuiteInTag: boolean;
  /** Not in the list: between two tags that are, or newer than all. */
  readonly isGuess: boolean;
}

interface TagIndex {
  readonly parts: ReadonlyMap<string, TagParts>;
  /** Ends of tags by length, longest first. */
  readonly tails: readonly string[];
  /** Beginnings and their suite by end, as numbers where they are versions. */
  readonly heads: ReadonlyMap<string, readonly (readonly [head: string, suite: string])[]>;
}

const LATEST = 'latest';

/** How many minor releases a tag that is in no list may lie beside one that is. */
const NEAR = 2;

const indices = new WeakMap<ImageRepository, TagIndex>();

/** The parts of one of the repository's tags; undefined for a tag that it never had. */
export function tagParts(
  tag: string,
  repository: ImageRepository,
  images: Images,
): TagParts | undefined {
  const index = indexOf(repository, images);
  // A day in the tag picks one build of what the tag without it stands for.
  const plain = repository.hasDays === true ? tag.replace(/-20\d{6}(?:\.\d+)?(?=-|$)/, '') : tag;
  const found = index.parts.get(plain);
  if (!found) {
    return plain === tag ? (guessed(plain, index, images) ?? asLine(plain, index)) : undefined;
  }
  if (plain === tag) return found;
  const head = tag.slice(0, tag.length - (found.kind === '' ? 0 : found.kind.length + 1));
  const tail = tag.slice(head.length);
  return { ...found, head, tail, isSuiteInTag: true };
}

/** All tags with this beginning, by their end. */
export function tailsOf(
  head: string,
  repository: ImageRepository,
  images: Images,
): ReadonlyMap<string, TagParts> {
  const found = new Map<string, TagParts>();
  const { tails, parts } = indexOf(repository, images);
  for (const find of [
    (tag: string) => parts.get(tag),
    (tag: string) => tagParts(tag, repository, images),
  ]) {
    for (const tail of tails) {
      // `python` is `python:latest`, and what goes with it is `python:slim`.
      const start = head === LATEST && tail !== '' ? '' : head;
      const other = find(tagOf(start, tail));
      if (other?.tail === tail && other.head === start) found.set(tail, other);
    }
    // Guesses only where the head is in no list at all.
    if (found.size > 0) break;
  }
  return found;
}

export function tagOf(head: string, tail: string): string {
  if (head !== '') return `${head}${tail}`;
  return tail.slice(1);
}

function indexOf(repository: ImageRepository, images: Images): TagIndex {
  let index = indices.get(repository);
  if (!index) indices.set(repository, (index = makeIndex(repository, images)));
  return index;
}

function makeIndex({ heads = [], tags = {} }: ImageRepository, images: Images): TagIndex {
  const parts = new Map<string, TagParts>();
  const byTail = new Map<string, (readonly [string, string])[]>();
  for (const [tail, suites] of Object.entries(tags)) {
    const kind = kindOf(tail, images);
    const isSuiteInTag = suiteInTail(tail, images) !== undefined;
    const list: (readonly [string, string])[] = [];
    for (const [suite, set] of Object.entries(suites)) {
      for (const head of unpacked(heads[set] ?? '')) {
        list.push([head, suite]);
        parts.set(tagOf(head, tail), {
          head,
          tail,
          kind,
          suite: suite === '-' ? undefined : suite,
          isSuiteInTag,
          isGuess: false,
        });
      }
    }
    byTail.set(tail, list);
  }
  const tails = Object.keys(tags).toSorted((a, b) => b.length - a.length);
  return { parts, tails, heads: byTail };
}

/** `-slim-bookworm` → `slim`, `-jre-alpine-3.21` → `jre-alpine` */
function kindOf(tail: string, { suites }: Images): string {
  return tail
    .replace(/-alpine-?3\.\d+/, '-alpine')
    .split('-')
    .filter((word) => word !== '' && !Object.hasOwn(suites, word))
    .join('-');
}

function suiteInTail(tail: string, { suites }: Images): string | undefined {
  if (/-alpine-?3\.\d+/.test(tail)) return tail;
  return tail.split('-').find((word) => Object.hasOwn(suites, word));
}

/** `3.9 3.12.0..2 20.[0..1,4].0` → 3.9, 3.12.0, 3.12.1, 3.12.2, 20.0.0, 20.1.0, 20.4.0 */
function unpacked(set: string): string[] {
  return set.split(' ').flatMap((each) => {
    if (each === '*') return [''];
    const middle = /^(.*)\[(.*)\](.*)$/.exec(each);
    if (!middle) return range(each);
    return middle[2]!
      .split(',')
      .flatMap(range)
      .flatMap((number) => range(`${middle[1]}${number}${middle[3]}`));
  });
}

function range(each: string): string[] {
  const [, start = '', from, to] = /^(.*?)(\d+)\.\.(\d+)$/.exec(each) ?? [];
  if (from === undefined) return [each];
  const count = Number(to) - Number(from) + 1;
  return Array.from({ length: count }, (_, at) => `${start}${Number(from) + at}`);
}

/**
 * A version that is not in the list: one that came after the list was made, or that no state of it
 * showed. It is taken to be like its nearest neighbours of the same line, if there are any.
 */
function guessed(tag: string, { tails, heads }: TagIndex, images: Images): TagParts | undefined {
  const tail = tails.find(
    (each) => tag.endsWith(each) && /\d$/.test(tag.slice(0, -each.length || undefined)),
  );
  if (tail === undefined) return undefined;
  const head = tag.slice(0, tag.length - tail.length);
  const numbers = numbersOf(head);
  if (!numbers || numbers.length < 2) return undefined;
  const sorted = (heads.get(tail) ?? [])
    .flatMap(([other, suite]) => {
      const at = numbersOf(other);
      return at?.length === numbers.length && at[0] === numbers[0] ? [{ at, suite }] : [];
    })
    .toSorted((one, other) => compareNumbers(one.at, other.at));
  const before = sorted.findLast(({ at }) => compareNumbers(at, numbers) < 0);
  const after = sorted.find(({ at }) => compareNumbers(at, numbers) > 0);
  // What is far from all that is known is no neighbour: such images have ended long ago.
  const isNear = (at: readonly number[]): boolean =>
    at.length < 3 || Math.abs(at[1]! - numbers[1]!) <= NEAR;
  if (!before || (after && !(isNear(before.at) && isNear(after.at)))) return undefined;
  if (!after && !isNear(before.at) && !isNewest(before.at, heads)) return undefined;
  const suite = after && after.suite !== before.suite ? '-' : before.suite;
  return {
    head,
    tail,
    kind: kindOf(tail, images),
    suite: suite === '-' ? undefined : suite,
    isSuiteInTag: suiteInTail(tail, images) !== undefined,
    isGuess: true,
  };
}

/** Of repositories with very many tags only whole versions are listed: 9.0.54-jdk11 is as 9.0-jdk11. */
function asLine(tag: string, { tails, parts }: TagIndex): TagParts | undefined {
  const tail = tails.find(
    (each) => tag.endsWith(each) && /\d$/.test(tag.slice(0, tag.length - each.length)),
  );
  if (tail === undefined) return undefined;
  const head = tag.slice(0, tag.length - tail.length);
  for (const shorter of shorterHeads(head)) {
    const line = parts.get(tagOf(shorter, tail));
    // Which suite it stood on when that patch was new is not known.
    if (line)
      return { ...line, head, suite: line.isSuiteInTag ? line.suite : undefined, isGuess: true };
  }
  return undefined;
}

/** 17.0.6_10 → 17.0.6, 17.0, 17 */
function shorterHeads(head: string): readonly string[] {
  const ends = [...head.matchAll(/[._+u-]/g)].map(({ index }) => head.slice(0, index));
  return ends.reverse();
}

/** Whether no kind of image has a newer one of the same line: then the list may just be too old. */
function isNewest(version: readonly number[], heads: TagIndex['heads']): boolean {
  return [...heads.values()].flat().every(([head]) => {
    const other = numbersOf(head);
    return other?.[0] !== version[0] || !other || compareNumbers(other, version) <= 0;
  });
}

/** Which of two versions is older, as for sorting. */
export function compareNumbers(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((number, index) => number !== other[index]);
  return at < 0 ? one.length - other.length : one[at]! - (other[at] ?? -1);
}

/** `3.12.4` → 3, 12, 4 */
export function numbersOf(head: string): number[] | undefined {
  return /^\d+(?:\.\d+)*$/.test(head) ? head.split('.').map(Number) : undefined;
}
