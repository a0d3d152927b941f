/**
 * Puts an image on the small sibling of its base, with the packages that it then lacks by name.
 * Refuses where no sibling provides what is needed, and offers where that cannot be shown.
 */
import { configurationsToCompare } from '../src/analysis/base-configuration.ts';
import { imageOf, siblings } from '../src/analysis/images.ts';
import { baseOf, descendants, shippedStages } from '../src/analysis/stages.ts';
import type { Dockerfile, Stage } from '../src/dockerfile/model.ts';
import { withText } from '../src/dockerfile/parse.ts';
import type { Image } from '../src/facts/image-types.ts';
import { addPackages } from '../src/needs/add-packages.ts';
import { configurationChange } from '../src/needs/configuration.ts';
import { assumptionsOf, messageOf, readsContext, whyUnmet } from '../src/needs/explain.ts';
import { needsOf } from '../src/needs/needs.ts';
import { provision, type Provision } from '../src/needs/provide.ts';
import type { Needs } from '../src/needs/need.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'use-slim-base',
  summary: 'Stand on the small image of the same program, suite and version.',
  why: 'The full images carry compilers, headers and version control for whoever may want them: mostly three quarters of the image, which the program never opens.',
  refuses: [
    'a variable or a digest chooses the base',
    'the small image lacks something that is needed, and no package brings it',
    'the images say different things of themselves, such as another ENV',
    'something may need more than is seen: then it is offered at level aggressive',
    'a stage that is not shipped stands on the same base and needs what the small image lacks',
  ],
  level: 'standard',
  improves: ['size', 'security'],
  references: [
    'https://docs.docker.com/build/building/best-practices/#choose-the-right-base-image',
  ],
  run: (file, scope) => {
    const stage = bottomOf(file);
    if (!stage) return file;
    const base = baseOf(file, stage);
    const image = base.kind === 'image' ? imageOf(base.image, scope.facts) : undefined;
    if (!image || image.os === 'windows') return file;
    const smaller = siblings(image, scope.facts).filter((each) => isSmaller(each, image));
    if (smaller.length === 0) return file;
    const written = stage.from.image?.text ?? '';
    if (/[$@]/.test(written)) {
      const what = written.includes('$') ? 'a variable' : 'a digest';
      scope.missed(stage.from, `${what} chooses the base: ${smaller[0]!.tag} would be smaller`);
      return file;
    }
    return rebased(file, stage, image, smaller, scope);
  },
});

/** The stage of the shipped image that stands on an image from outside. */
function bottomOf(file: Dockerfile): Stage | undefined {
  const shipped = shippedStages(file);
  return file.stages.find(({ index }) => shipped.has(index));
}

/** The same program without what only builds need; other kinds are other programs, such as `fpm`. */
const SMALL: ReadonlySet<Image['variant']> = new Set(['slim', 'jre']);

/** Of the same system, and known to be smaller. */
function isSmaller(image: Image, than: Image): boolean {
  return (
    SMALL.has(image.variant) &&
    image.publisher === than.publisher &&
    image.libc?.kind === than.libc?.kind &&
    image.distribution?.suite === than.distribution?.suite &&
    image.hasShell === 'yes' &&
    image.size !== undefined &&
    than.size !== undefined &&
    image.size.high < than.size.low
  );
}

interface Candidate {
  readonly image: Image;
  readonly provides: Provision;
}

function rebased(
  file: Dockerfile,
  stage: Stage,
  image: Image,
  smaller: readonly Image[],
  scope: PassScope,
): Dockerfile {
  const { context, facts } = scope;
  const shipped = shippedStages(file);
  const onIt = [stage, ...descendants(file, stage)];
  const change = configurationChange(...configurationsToCompare(image, smaller[0]!, facts), onIt);
  if (change !== undefined) {
    scope.missed(stage.from, `${smaller[0]!.tag} would be smaller, but ${change}`);
    return file;
  }
  const isProgram = (word: string): boolean =>
    image.hasCommand(word) === 'yes' && smaller.some((each) => each.hasCommand(word) !== 'yes');
  const { runtimes } = image;
  const libc = image.libc?.kind === 'musl' ? 'musl' : 'glibc';
  const needScope = { file, context, facts, libc, runtimes, isProgram } as const;
  const needs = needsOf(onIt, needScope);
  let first: Candidate | undefined;
  let candidate: Candidate | undefined;
  for (const each of smaller.toSorted((a, b) => a.size!.bytes - b.size!.bytes)) {
    const found = { image: each, provides: provision(needs, image, each, facts) };
    first ??= found;
    if (found.provides.unmet.length > 0) continue;
    candidate = found;
    break;
  }
  if (!candidate) {
    scope.missed(stage.from, whyUnmet(first!.image, first!.provides));
    return file;
  }
  const { provides } = candidate;
  const others = onIt.filter(({ index }) => !shipped.has(index));
  const own = (): Needs =>
    needsOf(
      onIt.filter(({ index }) => shipped.has(index)),
      needScope,
    );
  if (others.length > 0 && hasMore(provides, own(), image, candidate.image, scope)) {
    scope.missed(
      stage.from,
      `a stage that is not shipped stands on it and needs ${provides.missing[0]!.name}`,
    );
    return file;
  }
  const instructions = withPackages(file, stage, candidate, scope);
  if ('why' in instructions) {
    scope.missed(stage.from, instructions.why);
    return file;
  }
  const assumptions = assumptionsOf(needs, image, candidate.image, provides);
  return scope.propose(
    stage.from,
    {
      level: assumptions.length > 0 ? 'aggressive' : 'standard',
      message: messageOf(image, candidate.image, provides),
      assumptions,
      needsContext: readsContext(onIt),
      also: stage.instructions.filter((each) => !instructions.includes(each)),
      newBase: onImage(stage, candidate.image).image!.text,
    },
    file,
    () => ({
      ...file,
      stages: file.stages.map((each) =>
        each === stage ? { ...stage, from: onImage(stage, candidate.image), instructions } : each,
      ),
    }),
  );
}

/** Whether packages are missing that no shipped stage asks for. */
function hasMore(
  { missing }: Provision,
  own: Needs,
  from: Image,
  to: Image,
  { facts }: PassScope,
): boolean {
  const asked = new Set(provision(own, from, to, facts).missing.map(({ name }) => name));
  return missing.some(({ name }) => !asked.has(name));
}

function withPackages(
  file: Dockerfile,
  stage: Stage,
  { image, provides }: Candidate,
  { facts }: PassScope,
): Stage['instructions'] | { readonly why: string } {
  if (provides.missing.length === 0) return stage.instructions;
  const lines = new Set(
    provides.missing.flatMap(({ need }) => {
      const line = /^line (\d+)$/.exec(need.by)?.[1];
      return line === undefined ? [] : [Number(line)];
    }),
  );
  const names = provides.missing.map(({ name }) => name);
  return addPackages(file, stage, { names, manager: image.packageManager ?? '', lines }, facts);
}

/** The FROM with another tag; how the registry is written stays. */
function onImage({ from }: Stage, { tag }: Image): Stage['from'] {
  const word = from.image!;
  const plain = word.text.replace(/:[^:/]*$/, '');
  return withText(
    from,
    `${from.text.slice(0, word.start)}${plain}:${tag}${from.text.slice(word.end)}`,
  );
}
