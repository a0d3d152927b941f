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
  /** Ends of tags with what they say, longest first. */
  readonly tails: readonly Tail[];
  /** Answers that were given before: the same few tags are asked for again and again. */
  readonly partsOfTags: Map<string, TagParts | undefined>;
  readonly tailsOfHeads: Map<string, ReadonlyMap<string, TagParts>>;
}

interface Tail {
  readonly tail: string;
  readonly kind: string;
  readonly isSuiteInTag: boolean;
  /** Sets of beginnings, packed, by suite. */
  readonly sets: readonly (readonly [suite: string, tokens: readonly string[]])[];
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
  const { partsOfTags } = indexOf(repository, images);
  const known = partsOfTags.get(tag);
  if (known || partsOfTags.has(tag)) return known;
  const parts = readTag(tag, repository, images);
  partsOfTags.set(tag, parts);
  return parts;
}

function readTag(tag: string, repository: ImageRepository, images: Images): TagParts | undefined {
  const index = indexOf(repository, images);
  // A day in the tag picks one build of what the tag without it stands for.
  const plain = repository.hasDays === true ? tag.replace(/-20\d{6}(?:\.\d+)?(?=-|$)/, '') : tag;
  const found = listed(plain, index);
  if (!found) {
    if (plain !== tag) return undefined;
    return guessed(tag, index) ?? (repository.isCoarse ? asLine(tag, index) : undefined);
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
  const { tailsOfHeads } = indexOf(repository, images);
  let tails = tailsOfHeads.get(head);
  if (!tails) tailsOfHeads.set(head, (tails = readTails(head, repository, images)));
  return tails;
}

function readTails(
  head: string,
  repository: ImageRepository,
  images: Images,
): ReadonlyMap<string, TagParts> {
  const found = new Map<string, TagParts>();
  const { tails } = indexOf(repository, images);
  const of = (tail: Tail): TagParts | undefined => {
    // `python` is `python:latest`, and what goes with it is `python:slim`.
    const start = head === LATEST && tail.tail !== '' ? '' : head;
    return partsOf(start, tail);
  };
  for (const tail of tails) {
    const parts = of(tail);
    if (parts) found.set(tail.tail, parts);
  }
  if (found.size > 0) return found;
  // Guesses only where the head is in no list at all.
  for (const { tail } of tails) {
    const parts = tagParts(tagOf(head, tail), repository, images);
    if (parts?.tail === tail && parts.head === head) found.set(tail, parts);
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
  const tails = Object.entries(tags).map(([tail, suites]) => ({
    tail,
    kind: kindOf(tail, images),
    isSuiteInTag: suiteInTail(tail, images) !== undefined,
    sets: Object.entries(
      typeof suites === 'number' ? { [suiteInTail(tail, images) ?? '-']: suites } : suites,
    ).map(([suite, set]) => [suite, (heads[set] ?? '').split(' ')] as const),
  }));
  return {
    tails: tails.toSorted((a, b) => b.tail.length - a.tail.length),
    partsOfTags: new Map<string, TagParts | undefined>(),
    tailsOfHeads: new Map<string, ReadonlyMap<string, TagParts>>(),
  };
}

/** The parts of a tag that is in the list. */
function listed(tag: string, { tails }: TagIndex): TagParts | undefined {
  for (const tail of tails) {
    const head = headBefore(tag, tail.tail);
    const parts = head === undefined ? undefined : partsOf(head, tail);
    if (parts) return parts;
  }
  return undefined;
}

/** `slim` is an end without a beginning. */
function headBefore(tag: string, tail: string): string | undefined {
  if (tail !== '' && tag === tail.slice(1)) return '';
  if (!tag.endsWith(tail) || tag.length === tail.length) return undefined;
  return tag.slice(0, tag.length - tail.length);
}

function partsOf(head: string, { tail, kind, isSuiteInTag, sets }: Tail): TagParts | undefined {
  for (const [key, tokens] of sets) {
    for (const token of tokens) {
      if (!isIn(head, token)) continue;
      const suite = key === '-' ? undefined : key;
      return { head, tail, kind, suite, isSuiteInTag, isGuess: false };
    }
  }
  return undefined;
}

/** Whether 3.12.1 is one of `3.12.0..2`. */
function isIn(head: string, token: string): boolean {
  if (token === head) return true;
  if (token === '*') return head === '';
  const at = token.search(/\[|\d+\.\./);
  // Most tokens begin otherwise: they need not be unpacked.
  return at >= 0 && head.startsWith(token.slice(0, at)) && unpacked(token).includes(head);
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
  const alpine = /-alpine-?(3\.\d+)/.exec(tail)?.[1];
  if (alpine !== undefined) return `alpine${alpine}`;
  return tail.split('-').find((word) => Object.hasOwn(suites, word));
}

/** `3.12.0..2` → 3.12.0, 3.12.1, 3.12.2; `20.[0..1,4].0` → 20.0.0, 20.1.0, 20.4.0 */
function unpacked(token: string): string[] {
  if (token === '*') return [''];
  const middle = /^(.*)\[(.*)\](.*)$/.exec(token);
  if (!middle) return range(token);
  return middle[2]!
    .split(',')
    .flatMap(range)
    .flatMap((number) => range(`${middle[1]}${number}${middle[3]}`));
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
function guessed(tag: string, { tails }: Pick<TagIndex, 'tails'>): TagParts | undefined {
  const tail = tails.find((each) => /\d$/.test(headBefore(tag, each.tail) ?? ''));
  const head = tail && headBefore(tag, tail.tail);
  const numbers = numbersOf(head ?? '');
  if (!tail || !numbers || numbers.length < 2) return undefined;
  const sorted = versionsOf(tail)
    .filter(({ at }) => at.length === numbers.length && at[0] === numbers[0])
    .toSorted((one, other) => compareNumbers(one.at, other.at));
  const before = sorted.findLast(({ at }) => compareNumbers(at, numbers) < 0);
  const after = sorted.find(({ at }) => compareNumbers(at, numbers) > 0);
  if (!before) return undefined;
  // What is far from all that is known is no neighbour: such images have ended long ago.
  const isNear = (at: readonly number[]): boolean => Math.abs(at[1]! - numbers[1]!) <= NEAR;
  const isSameLine = numbers.length > 2 && before.at[1] === numbers[1];
  const isLikely = after
    ? isNear(before.at) && isNear(after.at)
    : isSameLine || isNewest(before.at, tails);
  if (!isLikely) return undefined;
  const suite = after && after.suite !== before.suite ? '-' : before.suite;
  const { kind, isSuiteInTag } = tail;
  return {
    head: head!,
    tail: tail.tail,
    kind,
    suite: suite === '-' ? undefined : suite,
    isSuiteInTag,
    isGuess: true,
  };
}

function versionsOf({
  sets,
}: Tail): readonly { readonly at: readonly number[]; readonly suite: string }[] {
  return sets.flatMap(([suite, tokens]) =>
    tokens.flatMap(unpacked).flatMap((head) => {
      const at = numbersOf(head);
      return at ? [{ at, suite }] : [];
    }),
  );
}

/** Of repositories with very many tags only whole versions are listed. */
function asLine(tag: string, { tails }: TagIndex): TagParts | undefined {
  const tail = tails.find((each) => /\d$/.test(headBefore(tag, each.tail) ?? ''));
  const head = tail && headBefore(tag, tail.tail);
  // A word in it may be another system: `8.0.100-nanoserver-1809`.
  if (!tail || head === undefined || /-(?!ea\b)[a-z]/.test(head)) return undefined;
  for (const shorter of shorterHeads(head)) {
    const line = partsOf(shorter, tail);
    // Which suite it stood on when that patch was new is not known.
    const suite = tail.isSuiteInTag ? line?.suite : undefined;
    if (line) return { ...line, head, suite, isGuess: true };
  }
  return undefined;
}

/** 17.0.6_10 → 17.0.6, 17.0, 17 */
function shorterHeads(head: string): readonly string[] {
  const ends = [...head.matchAll(/[._+u-]/g)].map(({ index }) => head.slice(0, index));
  return ends.toReversed();
}

/** Whether no kind of image has a newer one of the same line: then the list may just be too old. */
function isNewest(version: readonly number[], tails: readonly Tail[]): boolean {
  return tails
    .flatMap(versionsOf)
    .every(({ at }) => at[0] !== version[0] || compareNumbers(at, version) <= 0);
}

/** Which of two versions is older, as for sorting. */
export function compareNumbers(one: readonly number[], other: readonly number[]): number {
  for (let at = 0; at < one.length; at++) {
    if (one[at] !== other[at]) return one[at]! - (other[at] ?? -1);
  }
  return one.length - other.length;
}

/** `3.12.4` → 3, 12, 4 */
export function numbersOf(head: string): number[] | undefined {
  return /^\d+(?:\.\d+)*$/.test(head) ? head.split('.').map(Number) : undefined;
}
