/**
 * Writes the suite of a base into its tag where it would otherwise drift away from another stage.
 * Says where a version of a package is asked for of a suite that moves.
 */
import { baseConfiguration } from '../src/analysis/base-configuration.ts';
import { imageOf, withSuite } from '../src/analysis/images.ts';
import { observedImage } from '../src/analysis/observed.ts';
import { contextOf } from '../src/analysis/runs.ts';
import { baseImage, baseOf } from '../src/analysis/stages.ts';
import { suitesOf } from '../src/analysis/system-packages.ts';
import { isCopy, type Dockerfile, type Stage } from '../src/dockerfile/model.ts';
import { placeOf } from '../src/dockerfile/place.ts';
import { withText } from '../src/dockerfile/parse.ts';
import type { Image } from '../src/facts/image-types.ts';
import { exchangesIn, type Exchange } from '../src/needs/exchanged.ts';
import type { Facts } from '../src/facts/types.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'pin-suite',
  summary: 'Name the release of the distribution where two stages must have the same.',
  why: 'A tag such as "rust:1.80" moves to the next Debian some day. What is compiled there then asks for a newer libc than the stage has in which it runs.',
  refuses: [
    'the tag names its suite, or no version where the other stage floats as well, a variable or a digest chooses the base, or rows know no such tag',
    'both tags float together: they are of one repository',
    'what is handed over links nothing',
    'the stages stand on different suites already: then that is said where it cannot run',
    'nobody looked up the digest in a registry, though digests are wished',
  ],
  level: 'standard',
  improves: ['reliability'],
  references: ['https://docs.docker.com/build/building/best-practices/#pin-base-image-versions'],
  options: {
    all: {
      default: false,
      description: 'Write the suite into every tag that floats between suites',
    },
    digests: {
      default: false,
      description: 'Write the digest that a registry told behind every tag; it needs --online',
    },
  },
  run: (file, scope) => {
    let current = file;
    const exchanges = exchangesIn(
      { ...scope, file },
      (from, to) =>
        areLoose(from, to, file, scope) || olderLibc(from, to, file, scope) !== undefined,
    );
    for (const { index } of file.stages) {
      const stage = current.stages[index]!;
      const image = floating(current, stage, scope);
      const apart = image && exchanges.find((each) => driftsApart(index, each, file, scope));
      // Without a version, the suite is the least that moves, unless something else stays on it.
      const hasVersion = /\d/.test(baseTag(current, stage));
      const own = image && ownOfSuite(file, stage, scope);
      if (image && (hasVersion || own || (apart && isHeld(index, apart, file, scope)))) {
        const reason = apart
          ? `line ${apart.line} copies what ${apart.program} makes between stages that could drift apart`
          : own;
        current = pinned(current, stage, image, reason, scope);
        if (current.stages[index] === stage) advisePackages(current, stage, image, scope);
      }
      if (scope.options['digests'] === true) {
        current = withDigest(current, current.stages[index]!, scope);
      }
    }
    for (const exchange of exchanges) adviseOlder(exchange, file, scope);
    return current;
  },
});

/** The image of a stage whose tag leaves its suite open. */
function floating(file: Dockerfile, stage: Stage, { facts }: PassScope): Image | undefined {
  const base = baseOf(file, stage);
  if (base.kind !== 'image' || /[$@]/.test(stage.from.image?.text ?? '')) return undefined;
  const image = imageOf(base.image, facts);
  if (!image || image.os === 'windows' || image.isSuiteInTag) return undefined;
  let known = inSuites.get(image);
  if (known?.facts !== facts)
    inSuites.set(image, (known = { facts, named: inSuite(image, facts) }));
  return known.named;
}

const inSuites = new WeakMap<Image, { readonly facts: Facts; readonly named: Image | undefined }>();

/** The same image by the tag that names its suite. */
function inSuite(image: Image, facts: Facts): Image | undefined {
  const named = withSuite(image, facts);
  // Of a tag that no row describes, nobody knows that it is the same image.
  return named && baseConfiguration(named, facts) ? named : undefined;
}

/** The tag as it is written. */
function baseTag(file: Dockerfile, stage: Stage): string {
  const base = baseOf(file, stage);
  return base.kind === 'image' ? base.image.tag : '';
}

/** Whether the stage is one of two whose suites are the same today and need not be so tomorrow. */
function driftsApart(
  index: number,
  { from, to }: Exchange,
  file: Dockerfile,
  scope: PassScope,
): boolean {
  const isOne = [from, to].some((stage) => bottom(file, stage)?.index === index);
  return isOne && areLoose(from, to, file, scope);
}

/** Whether the suites of two stages are the same today and need not be so tomorrow. */
function areLoose(from: Stage, to: Stage, file: Dockerfile, { facts }: PassScope): boolean {
  const [one, other] = [from, to].map((stage) => {
    const name = baseImage(file, stage);
    return name && imageOf(name, facts);
  });
  if (!one?.distribution || one.distribution.suite !== other?.distribution?.suite) return false;
  // What floats with another tag of its repository moves on the same day.
  if (one.name === other.name && one.isSuiteInTag === other.isSuiteInTag) return false;
  return [one, other].every((image) => withSuite(image, facts)?.isSuiteInTag);
}

/** Whether the other one of two stages names its suite. */
function isHeld(
  index: number,
  { from, to }: Exchange,
  file: Dockerfile,
  { facts }: PassScope,
): boolean {
  const other = [from, to].find((stage) => bottom(file, stage)?.index !== index);
  const name = other && baseImage(file, other);
  return name !== undefined && imageOf(name, facts)?.isSuiteInTag === true;
}

/** The stage on an image that it stands on, through others. */
function bottom(file: Dockerfile, stage: Stage): Stage | undefined {
  const base = baseOf(file, stage);
  if (base.kind === 'stage') return bottom(file, base.stage);
  return base.kind === 'image' ? stage : undefined;
}

function pinned(
  file: Dockerfile,
  stage: Stage,
  { name, tag }: Image,
  given: string | undefined,
  scope: PassScope,
): Dockerfile {
  if (given === undefined && scope.options['all'] !== true) return file;
  const reason = given ?? 'the tag would move to another suite some day';
  const { from } = stage;
  const word = from.image!;
  const reference = `${word.text.replace(/:[^:/]*$/, '')}:${tag}`;
  const text = from.text.slice(0, word.start) + reference + from.text.slice(word.end);
  const message = `name the suite by ${name}:${tag}: ${reason}`;
  return scope.propose(from, { level: 'standard', message, newBase: reference }, file, () =>
    withFrom(file, stage, withText(from, text)),
  );
}

/** Folders that bear the version of the distribution's own interpreter. */
const OF_ONE_SUITE = /(^|\/)lib\/python3\.\d+\/dist-packages(\/|$)|^\/var\/lib\/gems\/\d/;

/**
 * Where a stage was divided in this run, the shipped part names libraries that the author did not name,
 * some of which one of Debian's last two suites calls otherwise, or folders: both parts must stay on this
 * one.
 */
function ownOfSuite(file: Dockerfile, stage: Stage, scope: PassScope): string | undefined {
  const isDivided = ({ from }: Stage): boolean =>
    scope.remarks.some(
      ({ outcome, splits, origin }) =>
        outcome === 'applied' &&
        splits !== undefined &&
        placeOf(origin) === placeOf(from.origin[0]!),
    );
  if (!isDivided(stage)) return undefined;
  const parts = file.stages.filter(
    ({ from }) => placeOf(from.origin[0]!) === placeOf(stage.from.origin[0]!),
  );
  const [build, shipped] = parts;
  if (!build || !shipped) return undefined;
  const [one, other] = [build, shipped].map((part) => {
    const name = baseImage(file, part);
    return name && imageOf(name, scope.facts);
  });
  const isOfOne =
    one?.name === other?.name && one?.distribution?.suite === other?.distribution?.suite;
  if (isOfOne && other?.isSuiteInTag === true)
    return `what is built here runs on ${other.name}:${other.tag}`;
  const named = build.instructions.map(({ text }) => text).join('\n');
  for (const each of shipped.instructions) {
    const folder = isCopy(each) && each.sources.find(({ text }) => OF_ONE_SUITE.test(text));
    if (folder) return `another suite has no ${folder.text}`;
    if (each.kind !== 'run') continue;
    const found = contextOf(file, shipped, each, scope.facts)
      .calls.filter(({ action, manager }) => action === 'install' && manager.id === 'apt')
      .flatMap(({ operands }) => operands)
      .find(
        ({ literal }) =>
          literal !== undefined && !named.includes(literal) && isOfOneSuite(literal, scope),
      );
    if (found) return `another suite has no ${found.text}`;
  }
  return undefined;
}

function isOfOneSuite(name: string, { facts }: PassScope): boolean {
  const suites = suitesOf(name, facts);
  return suites.size > 0 && !(suites.has('bookworm') && suites.has('trixie'));
}

function withDigest(file: Dockerfile, stage: Stage, scope: PassScope): Dockerfile {
  const base = baseOf(file, stage);
  const { from } = stage;
  const word = from.image;
  if (base.kind !== 'image' || !word || /[$@]/.test(word.text)) return file;
  const digest = observedImage(base.image, scope.facts)?.digest;
  if (digest === undefined) {
    scope.missed(from, `the digest of "${word.text}" was not looked up: use --online`);
    return file;
  }
  const reference = `${word.text}@${digest}`;
  const text = from.text.slice(0, word.start) + reference + from.text.slice(word.end);
  const message = `name the image by its digest, which ${base.image.tag} stands for today`;
  return scope.propose(from, { level: 'standard', message, newBase: reference }, file, () =>
    withFrom(file, stage, withText(from, text)),
  );
}

function withFrom(file: Dockerfile, stage: Stage, from: Stage['from']): Dockerfile {
  return {
    ...file,
    stages: file.stages.map((each) => (each === stage ? { ...stage, from } : each)),
  };
}

/** Of a package with a version, another suite has another one. */
function advisePackages(file: Dockerfile, stage: Stage, image: Image, scope: PassScope): void {
  for (const each of stage.instructions) {
    if (each.kind !== 'run') continue;
    const { calls } = contextOf(file, stage, each, scope.facts);
    const found = calls
      .filter(({ action, manager }) => action === 'install' && manager.database !== undefined)
      .flatMap(({ operands }) => operands)
      .find(({ literal }) => /^[a-z0-9][\w.+-]*=[^=]/.test(literal ?? ''));
    if (!found) continue;
    scope.advise(
      stage.from,
      `"${found.text}" (line ${each.origin[0]!.line}) is of one suite, and the tag moves from suite to suite: name the suite in it, as in "${image.name}:${image.tag}"`,
    );
    return;
  }
}

/** What is compiled with a newer libc does not run with an older one. */
function adviseOlder(
  { from, to, program, line, isLinked }: Exchange,
  file: Dockerfile,
  scope: PassScope,
): void {
  const versions = isLinked ? olderLibc(from, to, file, scope) : undefined;
  if (!versions) return;
  const [one, other] = versions;
  scope.advise(
    to.from,
    `what ${program} makes with glibc ${one} mostly does not run with the ${other} of this image (line ${line}): build it on the same suite`,
  );
}

/** The versions of glibc of two stages, where the second one's is older. */
function olderLibc(
  from: Stage,
  to: Stage,
  file: Dockerfile,
  { facts }: PassScope,
): readonly [string, string] | undefined {
  const [one, other] = [from, to].map((stage) => {
    const name = baseImage(file, stage);
    return name && imageOf(name, facts)?.libc;
  });
  if (one?.kind !== 'glibc' || other?.kind !== 'glibc') return undefined;
  if (!one.version || !other.version) return undefined;
  const [a, b] = [one.version, other.version].map((text) => Number(text.split('.')[1]));
  return a! <= b! ? undefined : [one.version, other.version];
}
