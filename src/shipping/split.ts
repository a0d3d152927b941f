/** A stage of a file divided into a build and what is shipped, on the base that the second one needs. */
import type { Draft } from './asked.ts';
import { isApplicationFolder } from '../analysis/base-folders.ts';
import { entryAt, isWithin, type BuildContext } from '../analysis/context.ts';
import { baseConfiguration } from '../analysis/base-configuration.ts';
import { baseName, folderOf, hasWildcards, pathInside } from '../analysis/go-paths.ts';
import { filesAtEnd } from '../analysis/image-files.ts';
import { imageOf } from '../analysis/images.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { baseOf } from '../analysis/stages.ts';
import {
  instructionsOf,
  type Dockerfile,
  type Instruction,
  type Stage,
} from '../dockerfile/model.ts';
import { withText } from '../dockerfile/parse.ts';
import { styleOf } from '../dockerfile/style.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import { needsOf } from '../needs/needs.ts';
import { provision } from '../needs/provide.ts';
import { chooseBase, type Chosen } from './base.ts';
import { liesAt } from './carried.ts';
import { onBase } from './on-base.ts';
import { divided, type Division } from './divide.ts';
import { overlaid } from '../split/overlaid.ts';
import { stepsOf, type StageScope } from './steps.ts';

export interface Split {
  readonly file: Dockerfile;
  readonly build: Stage;
  readonly shipped: Stage;
  readonly image: Image;
  readonly division: Division;
  readonly chosen: Chosen;
  /** What the .dockerignore must say with it; `undefined` where it stays. */
  readonly ignore: string | undefined;
  /** Nobody names an ENTRYPOINT, and those of the two bases differ. */
  readonly hasOtherEntrypoint: boolean;
}

export interface SplitScope {
  readonly context: BuildContext | undefined;
  readonly facts: Facts;
}

/**
 * @param only on the base that is there, where another one is not allowed
 * @returns nothing where there is nothing to divide, or nothing to gain
 */
export function splitOf(
  file: Dockerfile,
  stage: Stage,
  { context, facts }: SplitScope,
  only?: 'the old base',
): Split | { readonly why: string } | undefined {
  const base = baseOf(file, stage);
  if (base.kind !== 'image') return undefined;
  const image = imageOf(base.image, facts);
  if (image?.os === 'windows') return undefined;
  if (!image) {
    const runs = stepsOf({ file, stage, image, context, facts });
    const isBuild = runs.some(({ steps }) => steps.some(({ role }) => role.kind === 'work'));
    if (!isBuild) return undefined;
    return {
      why: `nothing is known of ${base.image.name}:${base.image.tag}: a row given with --images would tell`,
    };
  }
  const scope: StageScope = { file, stage, image, context, facts };
  const nameOf = (): string => ownBuildName(file, stage, context) ?? newName(file);
  const division = divided(scope, nameOf);
  if (!division || 'why' in division) return division;
  const draft = drafted(file, stage, nameOf(), division);
  const chosen = chooseBase(draft, division, scope, only);
  if ('why' in chosen) return chosen;
  if (!isWorthIt(division, chosen, scope)) return undefined;
  if (isOnToolchain(division, chosen, scope)) {
    return { why: chosen.refused ?? 'no smaller image is known' };
  }
  const shipped = onBase(draft, chosen, scope);
  if ('why' in shipped) return shipped;
  const ignore = ignored(division, scope);
  if (ignore && 'why' in ignore) return ignore;
  return {
    file: withStages(file, stage, draft.build, shipped),
    build: draft.build,
    shipped,
    image,
    division,
    chosen,
    ignore: ignore?.text,
    hasOtherEntrypoint: hasOtherEntrypoint(stage, image, chosen.image, facts),
  };
}

function hasOtherEntrypoint(
  { instructions }: Stage,
  from: Image,
  to: Image,
  facts: Facts,
): boolean {
  if (instructions.some(({ kind }) => kind === 'entrypoint')) return false;
  const said = [from, to].map((image) => baseConfiguration(image, facts)?.entrypoint?.join('\0'));
  return said[0] !== said[1];
}

/** Whether compiled programs alone would be shipped, on the base with the compiler all the same. */
function isOnToolchain(
  { left, carried }: Division,
  { image }: Chosen,
  { image: old }: StageScope,
): boolean {
  return (
    image === old &&
    left.length === 0 &&
    old.runtimes.size > 0 &&
    carried.every(({ work }) => work.links === 'as the call shows')
  );
}

/**
 * Whether two stages ship less than one does: something is left behind, or the smaller base lacks
 * what the build needs. Else the one stage can stand on that base as it is.
 */
function isWorthIt(
  { left, leavesMore }: Division,
  { image, packages, needs }: Chosen,
  { file, stage, image: old, context, facts }: StageScope,
): boolean {
  // What the base has anyway is not left behind by leaving an install of it out.
  const isLeft = left.some((each) => image.hasPackage(each.replace(/[=/:].*$/, '')) !== 'yes');
  if (isLeft || leavesMore) return true;
  if (image === old) return false;
  if (image.name !== old.name) return true;
  const libc = old.libc?.kind === 'musl' ? 'musl' : 'glibc';
  const isProgram = (word: string): boolean => old.hasCommand(word) === 'yes';
  const { runtimes } = old;
  const all = needsOf([stage], { file, context, facts, libc, runtimes, isProgram });
  const { missing, unmet, unknown } = provision(all, old, image, facts);
  const isMore = missing.some(({ name }) => packages.every((each) => each.name !== name));
  return (
    isMore || unmet.length > 0 || unknown.length > 0 || all.doubts.length > needs.doubts.length
  );
}

/** What the .dockerignore must say, so that nothing of the build context lies over what is copied. */
function ignored(
  { carried, repeated, ofAuthor }: Division,
  { file, stage, context, facts }: StageScope,
): { readonly text: string | undefined } | { readonly why: string } | undefined {
  if (!context) return undefined;
  const image = filesAtEnd(file, stage, context, facts);
  // Nobody keeps a tree of the system beside sources, unless it is there for all to see.
  const isStray = (path: string): boolean =>
    /^(bin|etc|lib|opt|usr|var)\//.test(path) &&
    !isApplicationFolder(`/${path}`) &&
    ![...image.supplies.keys()].some((place) => isWithin(place, path.slice(0, path.indexOf('/'))));
  const writes = carried.flatMap(({ path, to = path, isShared }) => {
    if (isShared || isStray(to)) return [];
    if (!hasWildcards(to)) return [to];
    // What else has such a name lies where only builds put something.
    const folder = folderOf(to.slice(0, to.search(/[*?[]/)));
    const isMissing = folder !== '' && missingFolder(to, context) !== undefined;
    return isMissing ? [folder] : [];
  });
  // A file that is copied by its name brings nothing else with it.
  const brings = repeated.filter((copy) => {
    const written = [...(image.written.get(copy) ?? [])].map(([place]) => place);
    const isByName = copy.sources.every(
      ({ text }) => entryAt(context, pathInside(text))?.kind === 'file',
    );
    return !isByName || written.some((place) => writes.some((path) => isWithin(place, path)));
  });
  // The build needs it, so that it cannot be kept out.
  const ofOthers = ofAuthor.find((path) =>
    repeated.some((copy) => image.written.get(copy)?.has(path) === true),
  );
  if (ofOthers !== undefined) return { why: `/${ofOthers} is in the way` };
  // A folder with sources cannot be kept out: the build needs them.
  const whole = carried.find(
    ({ path, to = path, work }) =>
      work.within === path &&
      brings.some((copy) =>
        [...(image.written.get(copy) ?? [])].some(([place]) => isWithin(place, to)),
      ),
  );
  if (whole) return { why: `/${whole.to ?? whole.path} is in the way` };
  // Which of the files that a pattern names the build makes itself, nobody can see.
  const inTheWay = [...image.supplies].find(
    ([place, { copy }]) =>
      repeated.includes(copy) &&
      carried.some(({ path, to = path }) => hasWildcards(to) && liesAt(place, to)),
  );
  if (inTheWay) return { why: `/${inTheWay[0]} is in the way` };
  // The build made it anew wherever one lay, so that none from outside was ever shipped.
  const keepsOut = (path: string): string | undefined => {
    const folder = missingFolder(path, context);
    if (folder !== undefined) return folder;
    const isOfProject = facts.manifests.files.some((row) => matchesWhole(row.path, baseName(path)));
    return isOfProject ? undefined : path;
  };
  const installs = [{ writes }];
  const found = overlaid({ file, context }, image, { installs }, brings, new Set(), keepsOut);
  if ('why' in found) return found;
  const own = keptBy(context.ignore?.text ?? '', found.patterns);
  return own === undefined
    ? { text: found.text }
    : { why: `"${own}" of .dockerignore is in the way` };
}

/** A line that sends what the patterns keep out. */
function keptBy(ignore: string, patterns: readonly string[]): string | undefined {
  return ignore
    .split(/\r?\n/)
    .map((line) => line.trim())
    .find(
      (line) =>
        line.startsWith('!') &&
        patterns.some((each) => isWithin(pathInside(line.slice(1).trim()), each)),
    );
}

/** The uppermost folder above a file that the build context does not have. */
function missingFolder(path: string, context: BuildContext): string | undefined {
  const folders = path.split('/').slice(0, -1);
  const all = folders.map((_, index) => folders.slice(0, index + 1).join('/'));
  return all.find((folder) => entryAt(context, folder) === undefined);
}

const NAMES = ['build', 'builder', 'compile', 'build-stage'];

/** A name that nothing in the file means, be it a stage, an image, or a build context from outside. */
function newName(file: Dockerfile): string {
  const text = instructionsOf(file)
    .map((each) => each.text)
    .join('\n');
  const isFrom = /\bfrom=/i.test(text);
  const isTaken = (name: string): boolean =>
    file.stages.some(
      ({ from }) => from.stageName === name || from.image?.text.toLowerCase() === name,
    ) ||
    (isFrom && new RegExp(`\\bfrom=["']?${name}(["',\\s]|$)`, 'i').test(text));
  return NAMES.find((name) => !isTaken(name)) ?? `build-${file.stages.length}`;
}

/** Names that people give to what builds. */
const BUILD_NAME =
  /^(build|builder|builds|compile|compiler)([-_.].*)?$|[-_](build|builder|compile)$|^(sdk|publish|maven|gradle|install|installer|dependencies|deps)$/;

/** The stage's own name where it is that of a build: it stays there, unless somebody builds it by that name. */
function ownBuildName(
  file: Dockerfile,
  { from }: Stage,
  context: BuildContext | undefined,
): string | undefined {
  const name = from.stageName;
  if (name === undefined || !BUILD_NAME.test(name)) return undefined;
  if (file.stages.some((each) => each.from !== from && each.from.stageName === name))
    return undefined;
  const own = name.replaceAll(/\W/g, '\\$&');
  const target = new RegExp(`\\btarget["']?\\s*[:= ]\\s*["']?${own}(?![\\w.-])`, 'i');
  return [...(context?.texts ?? [])].some(([, text]) => target.test(text)) ? undefined : name;
}

function drafted(file: Dockerfile, stage: Stage, name: string, division: Division): Draft {
  const { from } = stage;
  const style = styleOf(file);
  const ended = (each: Instruction): Instruction =>
    each.eol === '' ? { ...each, eol: style.eol } : each;
  const as = from.keyword === from.keyword.toLowerCase() ? 'as' : 'AS';
  const bare = from.text.slice(0, from.image!.end);
  const isOwnName = from.stageName === name;
  const named =
    from.stageName === undefined || isOwnName ? '' : from.text.slice(from.image!.end).trim();
  const build: Stage = {
    index: stage.index,
    from: {
      ...(isOwnName ? from : withText(from, `${bare} ${as} ${name}`)),
      eol: style.eol,
    },
    instructions: division.build.map(ended),
  };
  const plain = withText(from, named === '' ? bare.trimEnd() : `${bare} ${named}`);
  const last = stage.instructions.at(-1)!;
  const all = division.shipped.map(ended);
  const shipped: Stage = {
    index: stage.index + 1,
    from: { ...plain, lead: style.eol, eol: style.eol },
    instructions: all.map((each, at) =>
      at === all.length - 1 ? { ...each, eol: last.eol } : each,
    ),
  };
  return { file: withStages(file, stage, build, shipped), build, shipped };
}

function withStages(file: Dockerfile, stage: Stage, build: Stage, shipped: Stage): Dockerfile {
  const stages = file.stages.flatMap((each) => (each === stage ? [build, shipped] : [each]));
  return {
    ...file,
    stages: stages.map((each, index) => (each.index === index ? each : { ...each, index })),
  };
}
