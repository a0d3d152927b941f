/** What another stage of the file has built when the shipped one copies from it. */
import { gapsOf, isWithin } from '../analysis/context.ts';
import { filesAtEnd, imagePath, type ImageFiles } from '../analysis/image-files.ts';
import { imageOf } from '../analysis/images.ts';
import { placesMeet, plainPlace, type Place } from '../analysis/places.ts';
import { baseImage, baseOf, fromOf } from '../analysis/stages.ts';
import { stateBefore } from '../analysis/state.ts';
import { isCopy, type Dockerfile, type Instruction, type Stage } from '../dockerfile/model.ts';
import type { Work } from '../ecosystems/work.ts';
import type { BuildContext } from '../analysis/context.ts';
import type { Facts } from '../facts/types.ts';
import { carriedOf, covers, madeIn, type Carried, type Made } from './carried.ts';
import { foldersInCode, placesInCode } from './code-paths.ts';
import { closedEcosystems, inputTest, type InputTest } from './copies.ts';
import type { Running } from './running.ts';
import { stepsOf, type RunSteps, type Step } from './steps.ts';

export interface BuildingScope {
  readonly file: Dockerfile;
  readonly context: BuildContext;
  readonly facts: Facts;
}

export interface Building {
  readonly stage: Stage;
  /** Its instructions and those of the stages that it stands on, each with its stage, oldest first. */
  readonly lineage: readonly (readonly [Instruction, Stage])[];
  /** RUNs of the stage itself. */
  readonly own: readonly RunSteps[];
  /** The same with those of the stages that it stands on, oldest first. */
  readonly runs: readonly RunSteps[];
  readonly works: readonly Work[];
  /** Ecosystems whose builds make closed programs. */
  readonly closed: ReadonlySet<string>;
  readonly image: ImageFiles;
  readonly made: readonly Made[];
  /** What of it a container needs, or why that cannot be told. */
  readonly carried: readonly Carried[] | { readonly why: string };
  /** Whether only the build reads a file of the build context. */
  readonly isInput: InputTest;
  /** Where it copies from other stages and images to, or unpacks and downloads: by paths of the image. */
  readonly foreign: readonly string[];
}

/** @param running what a container runs, by paths of the building stage */
export function buildingOf(stage: Stage, running: Running, scope: BuildingScope): Building {
  const { file, context, facts } = scope;
  const stages = chainOf(file, stage);
  const steps = stages.map((each) => {
    const name = baseImage(file, each);
    const image = name && imageOf(name, facts);
    return stepsOf({ file, stage: each, image, context, facts }, running.calls);
  });
  const runs = steps.flat();
  const works = stepsIn(runs).flatMap(({ role }) => (role.kind === 'work' ? [role.work] : []));
  const image = filesAtEnd(file, stage, context, facts);
  const closed = closedEcosystems(runs, facts);
  const onlyBuild = works.flatMap((work) => work.onlyBuild ?? []);
  const isOnlyBuild = (place: string): boolean => onlyBuild.some((each) => isWithin(place, each));
  // Of most stages only products are asked for: what else there is is looked for when somebody asks.
  let test: InputTest | undefined;
  const isInput: InputTest = (path, place) =>
    (test ??= inputTestOf(stage, closed, image, running, scope))(path, place);
  let inputs: readonly Place[] | undefined;
  const isInputPlace = (place: Place): boolean =>
    onlyBuild.some((path) => covers(path, place)) ||
    (inputs ??= [...image.supplies].flatMap(([path, supply]) =>
      isInput(supply.path, path) ? [plainPlace(`/${path}`)] : [],
    )).some((each) => placesMeet(each, place) === 'yes');
  const made = madeIn(runs, isInputPlace);
  let carried: Building['carried'] | undefined;
  let foreign: Building['foreign'] | undefined;
  return {
    stage,
    lineage: stages.flatMap((each) => each.instructions.map((one) => [one, each] as const)),
    own: steps.at(-1) ?? [],
    runs,
    works,
    closed,
    image,
    made,
    get carried() {
      carried ??= carriedOf(made, running, foldersInCode(made, image, { file, stage, facts }));
      return carried;
    },
    isInput: (path, place) => isInput(path, place) || (place !== undefined && isOnlyBuild(place)),
    get foreign() {
      return (foreign ??= foreignIn(this.lineage, image, scope));
    },
  };
}

function inputTestOf(
  stage: Stage,
  closed: ReadonlySet<string>,
  image: ImageFiles,
  running: Running,
  { file, context, facts }: BuildingScope,
): InputTest {
  if (closed.size === 0) return () => false;
  const isLikely = inputTest(closed, context, facts, running);
  const read = new Set(placesInCode(image, isLikely, { file, stage, context, facts }));
  return (path, place = path) => isLikely(path, place) && !read.has(place);
}

function foreignIn(
  lineage: Building['lineage'],
  { files }: ImageFiles,
  { file, facts }: BuildingScope,
): readonly string[] {
  return lineage.flatMap(([each, its]) => {
    if (!isCopy(each)) return [];
    const state = stateBefore(file, its, each, facts);
    const target = imagePath(state, each.destination?.text ?? '', each.escape);
    const isGap = gapsOf(files).some(({ path }) => path === target);
    return fromOf(each) !== undefined || isGap ? [target] : [];
  });
}

/** The stages from the lowest to this one. */
function chainOf(file: Dockerfile, stage: Stage): readonly Stage[] {
  const base = baseOf(file, stage);
  return base.kind === 'stage' ? [...chainOf(file, base.stage), stage] : [stage];
}

export function stepsIn(runs: readonly RunSteps[]): readonly Step[] {
  return runs.flatMap(({ steps }) => steps);
}
