/**
 * What is known of the image that a reference stands for, and which other images could take its place.
 * The rows say what an image adds to the one below; here the stack is put together.
 */
import type { ImageKind, Images } from '../facts/image-rows.ts';
import type { Answer, EndOfLife, Image, ImageUser } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import { matchesWhole } from './patterns.ts';
import { contentsOf, hasOneOf } from './image-contents.ts';
import { sizeOf } from './image-sizes.ts';
import { filled, repositoryNamed, stackOf, type ImageLayer } from './image-stack.ts';
import { tagOf, tailsOf, type TagParts } from './image-tags.ts';
import { imageName, type ImageName } from './stages.ts';

const CERTIFICATES = ['ca-certificates', 'ca-certificates-bundle', 'ca-certificates-cacert'];

const assembledImages = new WeakMap<Images, Map<string, Image | undefined>>();
const stacks = new WeakMap<Image, readonly ImageLayer[]>();

/** The image; undefined where no row speaks of it. */
export function imageOf(
  { name, tag }: ImageName,
  { baseImages, images }: Facts,
): Image | undefined {
  let byName = assembledImages.get(images);
  if (!byName) assembledImages.set(images, (byName = new Map<string, Image | undefined>()));
  const key = `${name}:${tag}`;
  if (!byName.has(key)) {
    const stack = stackOf({ name, tag }, images, baseImages.mirrors);
    const image = stack && assembled({ name, tag }, stack, images);
    if (image) stacks.set(image, stack);
    byName.set(key, image);
  }
  return byName.get(key);
}

const familiar = new WeakMap<Image, { facts: Facts; gone: Gone; images: readonly Image[] }[]>();

type Gone = 'never' | 'beside one that is gone';

/**
 * Images of the same repository that hold the same version of the same program in another way. Their
 * tags have the form of this one's: without a suite if it has none, else with the same, as far as such
 * tags exist. Of a tag that is gone those may be told as well that are.
 */
export function siblings(image: Image, facts: Facts, gone: Gone = 'never'): readonly Image[] {
  let all = familiar.get(image);
  if (!all) familiar.set(image, (all = []));
  let known = all.find((each) => each.facts === facts && each.gone === gone);
  if (!known) all.push((known = { facts, gone, images: readSiblings(image, facts, gone) }));
  return known.images;
}

function readSiblings(image: Image, facts: Facts, gone: Gone): readonly Image[] {
  const layer = stacks.get(image)?.[0];
  if (!layer) return [];
  const { repository, parts } = layer;
  const choice = new Map<string, TagParts>();
  for (const other of tailsOf(parts.head, repository, facts.images).values()) {
    if (other.kind === parts.kind || (other.isGuess && !parts.isGuess)) continue;
    const isSame = other.isSuiteInTag && other.suite === parts.suite;
    if (parts.isSuiteInTag ? isSame : !other.isSuiteInTag) choice.set(other.kind, other);
    // There is no Alpine of the suite bookworm: then the tag without a suite.
    else if (parts.isSuiteInTag && !other.isSuiteInTag && !choice.has(other.kind)) {
      if (distributionId(other, facts) !== image.distribution?.id) choice.set(other.kind, other);
    }
  }
  const found = new Map<string, Image>();
  // `17-alpine` and `17-jdk-alpine` are one image: the name that shares more words with this one.
  const sorted = [...choice.values()].toSorted(
    (one, other) =>
      wordsInCommon(other, parts) - wordsInCommon(one, parts) ||
      one.kind.length - other.kind.length,
  );
  for (const { head, tail } of sorted) {
    const other = imageOf({ name: image.name, tag: tagOf(head, tail) }, facts);
    const key = other && sameness(other);
    if (!other || key === sameness(image) || found.has(key!)) continue;
    // Whoever still has the one may have the other from the same place.
    const isThere = !isGone(other, facts) || (gone !== 'never' && isGone(image, facts));
    if (hasSameVersions(image, other) && isThere) found.set(key!, other);
  }
  return [...found.values()];
}

/** Words of a tag that say how small an image is, and not which program it holds. */
const PACKAGING = new Set(['slim', 'alpine', 'full', 'jdk']);

/** Whether both hold the same program in the same way of running it: `fpm` is no `cli`. */
export function isOfKind(one: Image, other: Image): boolean {
  const [a, b] = [one, other].map((image) =>
    stacks
      .get(image)?.[0]
      ?.parts.kind.split('-')
      .filter((word) => word !== '' && !PACKAGING.has(word))
      .join(' '),
  );
  return a !== undefined && a === b;
}

function wordsInCommon(one: TagParts, other: TagParts): number {
  return one.kind.split('-').filter((word) => other.kind.split('-').includes(word)).length;
}

/** What is the same for tags that are two names of one image. */
function sameness(image: Image): string {
  const { repository, kind, parts } = stacks.get(image)![0]!;
  // A pattern for the rest of the kinds does not say that they are the same.
  const row = kind.kind?.startsWith('.*') ? parts.kind : repository.kinds.indexOf(kind);
  return `${row} ${parts.suite} ${[...image.runtimes.values()].join(' ')}`;
}

/** The same image by the tag that names its suite; itself where the tag does so already. */
export function withSuite(image: Image, facts: Facts): Image | undefined {
  if (image.isSuiteInTag) return image;
  const layer = stacks.get(image)?.[0];
  if (!layer) return undefined;
  const { repository, parts } = layer;
  // `stable` of a distribution is no version that stands beside a suite.
  const isMoving = /^[a-z]+$/.test(parts.head) && repository.family === image.distribution?.id;
  const found = [parts.head, ...(isMoving ? [''] : [])]
    .flatMap((head) => [...tailsOf(head, repository, facts.images).values()])
    .find(
      (other) => other.isSuiteInTag && other.kind === parts.kind && other.suite === parts.suite,
    );
  const named = found && imageOf({ name: image.name, tag: tagOf(found.head, found.tail) }, facts);
  return named && !isGone(named, facts) ? named : undefined;
}

/** Whether nobody can pull it any more, so that nothing may be put on it. */
export function isGone({ name, tag }: Image, { advice }: Facts): boolean {
  return advice.gone.some((row) => matchesWhole(row.images, name) && matchesWhole(row.tags, tag));
}

/** What a final stage asks for. */
export interface RuntimeWish {
  readonly publisher: string;
  /** `java`, `python`; a key of an image's runtimes. */
  readonly runtime: string;
  /** As exact as it shall be in the tag: `17`. */
  readonly version: string;
  /** Also tags that name this suite. */
  readonly suite?: string;
  /** The name of an image: of several names of one repository, the one beside it. */
  readonly beside?: string;
}

const wished = new WeakMap<Facts, Map<string, readonly Image[]>>();

/** All images of a publisher that provide a version of a runtime. */
export function runtimeImages(wish: RuntimeWish, facts: Facts): readonly Image[] {
  let byWish = wished.get(facts);
  if (!byWish) wished.set(facts, (byWish = new Map<string, readonly Image[]>()));
  const { publisher, runtime, version, suite, beside } = wish;
  const key = JSON.stringify([publisher, runtime, version, suite, beside]);
  let images = byWish.get(key);
  if (!images) byWish.set(key, (images = readRuntimeImages(wish, facts)));
  return images;
}

function readRuntimeImages(wish: RuntimeWish, facts: Facts): readonly Image[] {
  const { publisher, runtime, version, suite, beside = '' } = wish;
  const folderOf = (name: string): string => name.slice(0, name.lastIndexOf('/') + 1);
  return facts.images.repositories.flatMap((repository) => {
    if (repository.publisher !== publisher) return [];
    const isMeant = repository.kinds.some((kind) => kind.runtimes?.[runtime] === '{head}');
    if (!isMeant || !repository.tags) return [];
    const { names } = repository;
    const name = names.find((each) => folderOf(each) === folderOf(beside)) ?? names[0]!;
    return [...tailsOf(version, repository, facts.images).values()].flatMap((other) => {
      if (other.isSuiteInTag && other.suite !== suite) return [];
      const tag = tagOf(other.head, other.tail);
      const image = imageOf({ name, tag }, facts);
      return image?.runtimes.has(runtime) === true && !isGone(image, facts) ? [image] : [];
    });
  });
}

/** Images without a runtime for what runs by itself; all of one suite, but those without a libc. */
export function plainImages(suite: string, facts: Facts): readonly Image[] {
  // Alpine's suites are numbers, under which rows would be those of anyone.
  const row = facts.images.suites[suite] ?? facts.images.suites[`alpine${suite}`];
  const references = [
    'scratch',
    ...(row?.id === 'debian'
      ? [
          `debian:${suite}-slim`,
          `debian:${suite}`,
          ...['static', 'base', 'cc'].map(
            (kind) => `gcr.io/distroless/${kind}-debian${row.version}`,
          ),
        ]
      : []),
    ...(row?.id === 'ubuntu' ? [`ubuntu:${row.version}`] : []),
    ...(row?.id === 'alpine' ? [`alpine:${row.version}`] : []),
  ];
  return references.flatMap((reference) => imageOf(imageName(reference), facts) ?? []);
}

function hasSameVersions(one: Image, other: Image): boolean {
  return [...one.runtimes].every(
    ([runtime, version]) => !other.runtimes.has(runtime) || other.runtimes.get(runtime) === version,
  );
}

function distributionId({ suite }: TagParts, { images }: Facts): string | undefined {
  return suite === undefined ? undefined : images.suites[suite]?.id;
}

/** What takes time is found when it is asked for: of most images it never is. */
function assembled({ name, tag }: ImageName, stack: readonly ImageLayer[], images: Images): Image {
  const [top] = stack as readonly [ImageLayer];
  // A tag that says nothing of its suite stands on what the image below does.
  const suite = stack.find(({ parts }) => parts.suite !== undefined)?.parts.suite;
  const row = suite === undefined ? undefined : images.suites[suite];
  const first = <T>(get: (kind: ImageKind) => T | undefined): T | undefined =>
    stack.map(({ kind }) => get(kind)).find((value) => value !== undefined);
  const hasShell = first((kind) => kind.hasShell) ?? (row ? 'yes' : 'unknown');
  const runtimes = runtimesOf(stack);
  const contents = contentsOf(stack, runtimes, images);
  let measured: ReturnType<typeof sizeOf> | undefined;
  let certificates: Answer | undefined;
  let zones: Answer | undefined;
  const sizes = (): ReturnType<typeof sizeOf> => (measured ??= sizeOf(stack, images));
  const distribution = row && {
    id: row.id,
    suite: row.name ?? (/^[a-z]+$/.test(suite!) ? suite! : row.version),
    version: row.version,
  };
  return {
    name,
    tag,
    publisher: top.repository.publisher,
    family: top.repository.family,
    variant: top.kind.variant,
    os: first((kind) => kind.os) ?? 'linux',
    distribution,
    isSuiteInTag: namesSuite(top),
    libc: libcOf(stack, images),
    hasShell,
    packageManager: hasShell === 'no' ? undefined : row?.manager,
    runtimes,
    hasCommand:
      row?.manager === 'apt' && hasShell === 'yes'
        ? orEssential(contents.hasCommand, images)
        : contents.hasCommand,
    hasPackage: contents.hasPackage,
    get packages() {
      return contents.packages();
    },
    get hasCertificates() {
      return (certificates ??=
        first((kind) => kind.hasCertificates) ?? hasOneOf(contents.hasPackage, CERTIFICATES));
    },
    get hasTimeZones() {
      return (zones ??= first((kind) => kind.hasTimeZones) ?? contents.hasPackage('tzdata'));
    },
    hasLocales: first((kind) => kind.hasLocales) ?? 'unknown',
    users: stack.flatMap(({ kind }) => (kind.users ?? []).map(user)),
    get size() {
      return sizes().size;
    },
    get compressed() {
      return sizes().compressed;
    },
    get platforms() {
      return sizes().platforms;
    },
    endsOfLife: endsOfLife(runtimes, distribution, images),
    notes: notesOf(top, images),
  };
}

/** Packages that every Debian and Ubuntu has: those marked as essential, and apt, which images need. */
const ESSENTIAL =
  'apt base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils grep gzip hostname libc-bin ncurses-bin perl-base sed sysvinit-utils tar util-linux'.split(
    ' ',
  );

const essentials = new WeakMap<Images, ReadonlySet<string>>();

/** Of suites whose packages nobody has listed yet, at least the essential ones are known. */
function orEssential(hasCommand: Image['hasCommand'], images: Images): Image['hasCommand'] {
  return (name) => {
    const found = hasCommand(name);
    if (found !== 'unknown') return found;
    let own = essentials.get(images);
    if (!own) {
      own = new Set(ESSENTIAL.flatMap((each) => images.commands[each]?.split(' ') ?? []));
      essentials.set(images, own);
    }
    return own.has(name) ? 'yes' : 'unknown';
  };
}

/** The first of the stack that says it: by itself, or by its suite. */
function libcOf(stack: readonly ImageLayer[], images: Images): Image['libc'] {
  for (const { kind, parts } of stack) {
    const row = parts.suite === undefined ? undefined : images.suites[parts.suite];
    if (kind.libc === 'none' || (kind.libc && !row)) return { kind: kind.libc, version: undefined };
    if (row) return { kind: kind.libc ?? row.libc, version: row.libcVersion };
  }
  return undefined;
}

/** `debian:12` names its suite as `node:20-bookworm` does; `debian:stable` does not. */
function namesSuite({ parts, repository, kind }: ImageLayer): boolean {
  if (parts.isSuiteInTag) return true;
  if (kind.on !== undefined || repository.tags === undefined || kind.isSuiteInTag !== undefined) {
    return kind.isSuiteInTag ?? false;
  }
  return repository.family === 'alpine' ? /^\d+\.\d/.test(parts.head) : /^\d/.test(parts.head);
}

function runtimesOf(stack: readonly ImageLayer[]): Map<string, string | undefined> {
  const runtimes = new Map<string, string | undefined>();
  for (const { kind, values } of stack.toReversed()) {
    for (const [runtime, text] of Object.entries(kind.runtimes ?? {})) {
      const version = /^\d+(?:\.\d+)*/.exec(filled(text, values) ?? '')?.[0];
      runtimes.set(runtime, version ?? runtimes.get(runtime));
    }
  }
  return runtimes;
}

function user(text: string): ImageUser {
  const [name = '', uid, gid, home = ''] = text.split(' ');
  return { name, uid: Number(uid), gid: Number(gid), home };
}

function endsOfLife(
  runtimes: ReadonlyMap<string, string | undefined>,
  distribution: Image['distribution'],
  images: Images,
): readonly EndOfLife[] {
  const versions = [...runtimes, [distribution?.id ?? '', distribution?.version] as const];
  return versions.flatMap(([id, version]) => {
    const row = images.endsOfLife[id];
    if (!row || version === undefined) return [];
    const cycle = Object.keys(row.dates)
      .filter((each) => version === each || version.startsWith(`${each}.`))
      .toSorted((a, b) => b.length - a.length)[0];
    if (cycle === undefined) return [];
    const source = images.sources[row.source] ?? row.source;
    return [{ what: `${row.what} ${cycle}`, date: row.dates[cycle]!, source }];
  });
}

function notesOf({ repository, kind, parts }: ImageLayer, images: Images): readonly string[] {
  const moves = repository.moves?.[parts.tail]?.[parts.head];
  return [
    ...(repository.note === undefined ? [] : [repository.note]),
    ...(kind.notes ?? []),
    ...(parts.isGuess ? ['The tag is in no list; it is taken to be like its neighbours.'] : []),
    ...(moves === undefined ? [] : [`It has stood on ${moves.replace(/ (?=\d)/g, ' since ')}.`]),
    `What it holds: ${images.sources[kind.source] ?? kind.source}.`,
  ];
}

/**
 * The repository that a runtime of this one comes from: `eclipse-temurin` of
 * `maven:3.9-eclipse-temurin-21`. `undefined` where rows leave that open.
 */
export function originOf(image: Image, runtime: string, facts: Facts): string | undefined {
  const stack = stacks.get(image) ?? [];
  const own = [image, ...imagesBelow(image, facts)].findLast((each) => each.runtimes.has(runtime));
  // The reference below may lack its suite, but has its name.
  const name = stack.at(-1)?.kind.on?.split(':')[0];
  const below = repositoryNamed(name ?? '', facts.images);
  if (below?.kinds.some(({ runtimes }) => runtimes?.[runtime] !== undefined)) return below.names[0];
  if (own === undefined || own.runtimes.has(own.family)) return undefined;
  return stacks.get(own)?.[0]?.repository.names[0];
}

/** The images that it is built on, as far as rows know them, the nearest first. */
export function imagesBelow(image: Image, facts: Facts): readonly Image[] {
  let known = below.get(image);
  if (known?.facts !== facts) {
    const layers = (stacks.get(image) ?? []).slice(1);
    const images = layers.flatMap(({ name, tag }) => imageOf({ name, tag }, facts) ?? []);
    below.set(image, (known = { facts, images }));
  }
  return known.images;
}

const below = new WeakMap<Image, { readonly facts: Facts; readonly images: readonly Image[] }>();
