/**
 * One stage as two: the build, which keeps its base and its instructions in order, and the shipped
 * image, which repeats what belongs to it and copies what the build made. On which base the second
 * one stands is asked elsewhere.
 */
import { fromOf } from '../analysis/stages.ts';
import { entryAt, isWithin } from '../analysis/context.ts';
import { copyPlace } from '../analysis/copy-place.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { filesAtEnd, imagePath } from '../analysis/image-files.ts';
import { matchesAny } from '../analysis/patterns.ts';
import { placeCovers, placesMeet, plainPlace, type Place } from '../analysis/places.ts';
import { stateBefore } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import {
  isCopy,
  type CopyInstruction,
  type Instruction,
  type RunInstruction,
} from '../dockerfile/model.ts';
import { inPlaceOf } from '../dockerfile/parse.ts';
import { keywordIn, styleOf } from '../dockerfile/style.ts';
import { type Thinning } from '../ecosystems/work.ts';
import { needsOf } from '../needs/needs.ts';
import type { Facts } from '../facts/types.ts';
import { carriedOf, covers, fetchedIn, madeIn, type Carried, type Made } from './carried.ts';
import { buildPart } from './build-part.ts';
import { foldersInCode, placesInCode } from './code-paths.ts';
import { isBuildTool, isCalledBy } from './build-tools.ts';
import {
  areData,
  comesWithBuild,
  fateOfCopy,
  fateOfForeign,
  isCopied,
  isCopiedAgain,
  isForProgram,
  leaveOverwritten,
  placesGone,
  repeatedPlaces,
  type CopyScope,
} from './copy-fates.ts';
import { ONLY_SHIPPED, ownersOf, Shipped } from './shipped-stage.ts';
import { closedEcosystems, inputTest, narrowed, type InputTest, type Narrowed } from './copies.ts';
import { fatesOf, leftBy, type Fates } from './fates.ts';
import { fetchedScript } from './fetched-script.ts';
import { fromOutside } from './from-outside.ts';
import { addedInputs, isForAccount, isForRuntimes } from './traits.ts';
import { isOfAuthor } from './of-author.ts';
import { runtimePackage } from './runtime-packages.ts';
import { runningOf, type Running } from './running.ts';
import { shippedPart, sidesOf, type Part } from './run-part.ts';
import { stepsOf, type RunSteps, type StageScope, type Step } from './steps.ts';
import { thinningCode, thinningsIn } from './thinnings.ts';

export interface Division {
  readonly running: Running;
  readonly carried: readonly Carried[];
  /** Instructions of the build, the author's but for some that only the shipped image needs. */
  readonly build: readonly Instruction[];
  readonly shipped: readonly Instruction[];
  /** COPYs of the author's that stand in the shipped stage, whole or in part. */
  readonly repeated: readonly CopyInstruction[];
  /** What came with the sources and was changed by the build, of what is carried. */
  readonly ofAuthor: readonly string[];
  /** Packages that are not in the shipped image any more. */
  readonly left: readonly string[];
  /** Whether something else stays in the build: sources, half-made things, tools. */
  readonly leavesMore: boolean;
  /** RUNs of the build that make less of what is copied. */
  readonly thinned: readonly Thinning[];
  readonly assumptions: readonly string[];
  /** RUNs of the author's of which some is left to the build. */
  readonly behind: readonly RunInstruction[];
}

export type Divided = Division | { readonly why: string };

/** What people write; programs and archives are what builds make. */
const OF_PEOPLE = /\.(?!(jar|war|ear|so|dll|exe|class|o|a)$)\w+$/;

/**
 * @param nameOf the name of the build
 * @returns nothing where no step of the stage is work that a container does without
 */
export function divided(scope: StageScope, nameOf: () => string): Divided | undefined {
  if (!scope.stage.instructions.some(({ kind }) => kind === 'run')) return undefined;
  const running = runningOf(scope);
  const runs = stepsOf(scope, running.calls);
  if (!hasWork(runs, scope.facts) || isOneEnough(runs, scope)) return undefined;
  if (running.why !== undefined) return { why: running.why };
  return new Divider(scope, nameOf(), runs, running).divided();
}

/** Whether anything in it is of use to a build alone. */
export function hasWork(runs: readonly RunSteps[], facts: Facts): boolean {
  return runs.some(({ steps }) =>
    steps.some(
      ({ role }) =>
        role.kind === 'work' ||
        (role.kind === 'unknown' && role.isBuild === true) ||
        (role.kind === 'packages' &&
          role.packages.action === 'install' &&
          role.packages.operands.some(({ literal }) =>
            matchesAny(facts.work.buildPackages, literal ?? ''),
          )),
    ),
  );
}

/** Whether all that the steps make is shipped, and takes no compiler: then one stage is enough. */
function isOneEnough(runs: readonly RunSteps[], scope: StageScope): boolean {
  const isKept = runs.every(({ steps }) =>
    steps.every(({ role }) => role.kind !== 'work' || role.work.isKept === true),
  );
  if (!isKept) return false;
  const bare = runs.map(({ run, body, steps }) => ({
    run,
    body,
    steps: steps.filter(({ role }) => role.kind !== 'work'),
  }));
  return !hasWork(bare, scope.facts) && !compiles(scope);
}

/** Whether a package of a language is compiled, or fetched by a tool that only installs need. */
function compiles({ file, stage, image, context, facts }: StageScope): boolean {
  const libc = image.libc?.kind === 'musl' ? 'musl' : 'glibc';
  const { runtimes } = image;
  const found = needsOf([stage], { file, context, facts, libc, runtimes, isProgram: () => false });
  return found.needs.some(({ when, by }) => when === 'build' && !/^line \d+$/.test(by));
}

class Divider implements CopyScope {
  readonly scope: StageScope;
  private readonly name: string;
  readonly runs: readonly RunSteps[];
  readonly running: Running;
  readonly narrowings = new Map<CopyInstruction, Narrowed>();
  readonly gone = new Map<CopyInstruction, boolean>();
  closed: ReadonlySet<string> = new Set();
  isInputPath: InputTest = () => false;
  /** Folders of which nothing is shipped but what is made in them. */
  readonly onlyBuild: readonly string[];

  constructor(scope: StageScope, name: string, runs: readonly RunSteps[], running: Running) {
    this.scope = scope;
    this.name = name;
    this.runs = runs;
    this.running = running;
    this.onlyBuild = runs.flatMap(({ steps }) =>
      steps.flatMap(({ role }) => (role.kind === 'work' ? (role.work.onlyBuild ?? []) : [])),
    );
  }

  /** Whether a step makes a file executable, or writes in it. */
  private isChanged(path: string): boolean {
    return this.runs.some(({ steps }) =>
      steps.some(
        ({ role }) =>
          role.kind === 'change' &&
          role.effects.writes.some((place) => placesMeet(plainPlace(`/${path}`), place) !== 'no'),
      ),
    );
  }

  divided(): Divided | undefined {
    const { file, stage, context, facts } = this.scope;
    const wrong = stage.instructions.find(({ kind }) => kind === 'onbuild' || kind === 'unknown');
    if (wrong) return { why: `${wrong.keyword} needs the stage as it is` };
    this.closed = closedEcosystems(this.runs, facts);
    const { closed } = this;
    const image = context && filesAtEnd(file, stage, context, facts);
    if (context && image && closed.size > 0) {
      const isLikely = inputTest(closed, context, facts, this.running);
      const read = new Set(placesInCode(image, isLikely, { ...this.scope, context }));
      const isInputFile: InputTest = (path, place = path) =>
        isLikely(path, place) && !read.has(place);
      this.isInputPath = (path, place = path) =>
        isInputFile(path, place) ||
        (this.onlyBuild.some((folder) => isWithin(place, folder)) &&
          !this.running.named.has(place));
    }
    for (const each of stage.instructions) {
      if (!isCopy(each) || fromOf(each) !== undefined || !image) continue;
      this.narrowings.set(
        each,
        closed.size > 0 ? narrowed(each, image, this.scope, this.isInputPath) : { kind: 'same' },
      );
    }
    const supplies = [...(image?.supplies ?? [])];
    const inputPlaces = supplies.flatMap(([place, { path }]) =>
      this.isInputPath(path, place) ? [place] : [],
    );
    const gone = image ? placesGone(this, image) : [];
    const isGone = (place: Place): boolean =>
      gone.some((path) => placesMeet(plainPlace(`/${path}`), place) === 'yes');
    const isAdded = image ? addedInputs(inputPlaces, image, this.isInputPath) : () => false;
    const isInput = (place: Place): boolean =>
      isGone(place) ||
      this.onlyBuild.some((path) => covers(path, place)) ||
      isAdded(place) ||
      inputPlaces.some((path) => placesMeet(plainPlace(`/${path}`), place) === 'yes');
    const isOnlyInput = (place: Place): boolean =>
      this.onlyBuild.some((path) => covers(path, place)) ||
      ((isGone(place) || isInput(place)) &&
        !supplies.some(
          ([path, supply]) =>
            !gone.includes(path) &&
            !this.isInputPath(supply.path, path) &&
            // Of a folder its files tell.
            entryAt(context!, supply.path)?.kind !== 'folder' &&
            placesMeet(plainPlace(`/${path}`), place) === 'yes',
        ));
    const made = madeIn(this.runs, isInput, (place) => isGone(place) && areData(gone, place));
    const all = carriedOf(made, this.running, image ? foldersInCode(made, image, this.scope) : []);
    if ('why' in all) return all;
    // A file that is copied behind a step is nothing that the step makes; one that is copied before it,
    // and that no build speaks of, is none either.
    const carried = all.filter(
      ({ path, run }) =>
        (this.isChanged(path) || !isOfAuthor(path, made, image, this.scope)) &&
        (!OF_PEOPLE.test(path) ||
          made.some((each) => each.path === path) ||
          this.isChanged(path) ||
          !stage.instructions
            .slice(run ? stage.instructions.indexOf(run) : 0)
            .some((each) => isCopy(each) && image?.written.get(each)?.has(path) === true)),
    );
    const strange = image && fromOutside(this, image, made, 'programs');
    if (strange !== undefined) return { why: `nobody can see where /${strange} comes from` };
    const fetched = fetchedScript(this.runs, this.running, this.scope);
    if (fetched !== undefined) {
      return { why: `nobody can see what /${fetched} calls, a script that the build downloads` };
    }
    if (image) leaveOverwritten(this, image, carried);
    const repeated = repeatedPlaces(this, carried);
    const fates = fatesOf(this.runs, {
      ...this.scope,
      made,
      carried,
      fetched: fetchedIn(this.runs),
      isInput: isOnlyInput,
      isGone,
      isCopied: (place) => isCopied(this, place, carried),
      isRepeated: (place) =>
        repeated.some((path) => placesMeet(plainPlace(`/${path}`), place) !== 'no'),
      isStartedIn: (place) => this.isStartedIn(place),
      isMadeAnyway: (place) =>
        this.isMadeAnyway(place, [...repeated, ...carried.map((each) => each.to ?? each.path)]),
      isCalled: (packageName) => isCalledBy(this, packageName, this.running.calls),
      isCalledBy: (packageName, calls) => isCalledBy(this, packageName, calls),
      isBuildTool: (packageName, shipped) => isBuildTool(this, packageName, shipped),
      runtimePackage: (packageName) =>
        runtimePackage(packageName, {
          image: this.scope.image,
          facts,
          calls: this.running.calls,
          carried,
          runs: this.runs,
        }),
      isForAccount: isForAccount(this.scope.stage, this.running),
      isWithoutHeaders: isForRuntimes(this.runs),
      linksByHeaders: carried.some(({ work }) => work.links === 'by headers'),
    });
    if ('why' in fates) return fates;
    const missing = image && fromOutside(this, image, made, 'scripts');
    if (missing !== undefined) return { why: `nobody can see where /${missing} comes from` };
    return this.assembled(carried, fates, made);
  }

  private isStartedIn(place: Place): boolean {
    const { calls, named } = this.running;
    return [...named, ...calls.map(({ folder }) => folder)].some(
      (path) => placeCovers(place, plainPlace(`/${path}`)) === 'yes',
    );
  }

  /** Whether a folder is a WORKDIR of root, or above one, or above what is copied. */
  private isMadeAnyway(place: Place, copied: readonly string[]): boolean {
    const { file, stage, facts } = this.scope;
    const path = plainText(place.path);
    if (path === undefined) return false;
    const inside = pathInside(path);
    const isRoot = stage.instructions.every(
      (each) =>
        each.kind !== 'workdir' ||
        /^(|root|0)(:.*)?$/.test(
          plainText(stateBefore(file, stage, each, facts).user.usual) ?? '?',
        ),
    );
    const folders = stage.instructions.flatMap((each) =>
      each.kind === 'workdir'
        ? [imagePath(stateBefore(file, stage, each, facts), each.argsText, each.escape)]
        : [],
    );
    return (
      isRoot &&
      [...folders, ...copied].some((other) => isWithin(other, inside)) &&
      !this.isCountedOn(inside)
    );
  }

  /** Whether something counts on the folder before a WORKDIR makes it: what is copied into it by one name. */
  private isCountedOn(inside: string): boolean {
    const { file, stage, facts, context } = this.scope;
    for (const each of stage.instructions) {
      const state = stateBefore(file, stage, each, facts);
      if (each.kind === 'workdir') {
        if (isWithin(imagePath(state, each.argsText, each.escape), inside)) return false;
      } else if (isCopy(each) && fromOf(each) === undefined) {
        const place = copyPlace(each, state, context, 'usual');
        const isFileAs = place?.file !== undefined && !place.isFolder;
        if (isFileAs && pathInside(place.path) === inside) return true;
      } else if (each.kind === 'run') {
        const name = inside.replaceAll(/\W/g, '\\$&');
        // `mkdir /app/data` fails where there is no /app.
        if (new RegExp(`\\bmkdir\\s+(?!-p|--parents)\\S*/${name}/`).test(each.text)) return true;
      }
    }
    return false;
  }

  private ofAuthor(carried: readonly Carried[], made: readonly Made[]): readonly string[] {
    const { file, stage, context, facts } = this.scope;
    const image = context && filesAtEnd(file, stage, context, facts);
    return carried.flatMap(({ path }) => (isOfAuthor(path, made, image, this.scope) ? [path] : []));
  }

  private assembled(
    carried: readonly Carried[],
    fates: Fates,
    made: readonly Made[],
  ): Divided | undefined {
    const { file, stage } = this.scope;
    const style = styleOf(file);
    const parts = new Map<Instruction, Part>();
    for (const each of this.runs) {
      const part = shippedPart(each, fates, style);
      if (part.kind === 'refused') return { why: part.why };
      parts.set(each.run, part);
    }
    const { instructions } = stage;
    const lastBuild = instructions.findLastIndex((each) => {
      if (isCopy(each) && fromOf(each) === undefined && comesWithBuild(this, each, carried)) {
        return true;
      }
      const own = this.runs.find(({ run }) => run === each);
      return own !== undefined && sidesOf(own, fates).isBuild;
    });
    if (carried.length === 0) return undefined;
    const isInstall = (each: Instruction): boolean => {
      const own = this.runs.find(({ run }) => run === each);
      return own !== undefined && onlyInstalls(own, fates);
    };
    const isReader = (each: Instruction): boolean =>
      parts.get(each)?.kind === 'run' && !isInstall(each);
    const owners = ownersOf(this.runs, fates);
    const shipped = new Shipped(this.scope, this.name, carried, owners);
    for (const [index, each] of instructions.entries()) {
      const isLate = index > lastBuild;
      const part = parts.get(each);
      shipped.at(each);
      if (part) {
        // An install that is left of it comes first: it changes less often than what the build makes.
        const isFirst = isInstall(each);
        if (part.kind === 'run' && isFirst) shipped.run(part.run, each, isLate);
        shipped.products(each);
        if (part.kind === 'run' && !isFirst) shipped.run(part.run, each, isLate);
        continue;
      }
      if (isCopy(each)) {
        const kind =
          fromOf(each) === undefined
            ? fateOfCopy(this, each, carried)
            : fateOfForeign(this, each, fates);
        if (kind === 'none' || isCopiedAgain(this, each, carried, isReader)) {
          continue;
        }
        shipped.productsBefore(each);
        if (kind === 'same') shipped.repeat(each, isLate);
        else shipped.some(each, this.narrowings.get(each)!);
        continue;
      }
      shipped.other(each, isLate);
    }
    const result = shipped.finished(made);
    if ('why' in result) return result;
    const build = this.built(lastBuild, carried, fates);
    return {
      running: this.running,
      carried,
      build,
      shipped: result.instructions,
      repeated: result.repeated,
      ofAuthor: this.ofAuthor(carried, made),
      left: leftBy(fates),
      leavesMore: this.leavesMore(carried, made),
      thinned: this.thinnings(carried),
      assumptions: [...new Set(carried.flatMap(({ work }) => work.assumptions ?? []))],
      behind: this.runs.filter((each) => sidesOf(each, fates).isBuild).map(({ run }) => run),
    };
  }

  /** The build: without what says something of the image alone, or copies what no step reads. */
  private built(
    lastBuild: number,
    carried: readonly Carried[],
    fates: Fates,
  ): readonly Instruction[] {
    const { stage } = this.scope;
    const kept = stage.instructions
      .filter((each, index) => index <= lastBuild && !ONLY_SHIPPED.has(each.kind))
      .filter((each) => !isCopy(each) || !isForProgram(this, each))
      .map((each) => (each.kind === 'run' ? buildPart(each, this, fates) : each));
    const last = kept.at(-1)!;
    const folder = this.folderAt(stage.instructions[lastBuild]!);
    const keyword = keywordIn(this.scope.file, 'RUN');
    const added = this.thinnings(carried).map((each) =>
      // It sees what the last step of the build saw.
      inPlaceOf(
        { ...last, lead: '', eol: stage.from.eol },
        `${keyword} ${thinningCode(each, folder)}`,
      ),
    );
    return [...kept, ...added];
  }

  /** What makes less of what is carried, or of what lies in it. */
  private thinnings(carried: readonly Carried[]): readonly Thinning[] {
    return thinningsIn(this.runs, (path) => carried.some((each) => isWithin(path, each.path))).map(
      ({ thinning }) => thinning,
    );
  }

  /** Whether something that the stage has stays behind, beside packages of the system. */
  private leavesMore(carried: readonly Carried[], made: readonly Made[]): boolean {
    const isCarried = (path: string): boolean => carried.some((each) => isWithin(path, each.path));
    const isBuilt = made.some(({ of }) => of === 'sources');
    const works = this.runs.flatMap(({ steps }) => steps.map(({ role }) => role));
    return (
      made.some(({ path, isGone }) => isGone !== true && !isCarried(path)) ||
      (isBuilt && this.thinnings(carried).length > 0) ||
      works.some((role) => role.kind === 'work' && (role.work.leaves?.length ?? 0) > 0) ||
      [...this.narrowings.values()].some(({ kind }) => kind === 'none' || kind === 'some')
    );
  }

  private folderAt(each: Instruction): string {
    const { file, stage, facts } = this.scope;
    return pathInside(plainText(stateBefore(file, stage, each, facts).workdir.usual) ?? '?');
  }
}

/** Whether what runs of it for the shipped image only installs packages. */
function onlyInstalls({ steps }: RunSteps, fates: Fates): boolean {
  return steps.every((step) => {
    const { kind } = fates.get(step)!;
    const isShipped = kind === 'ship' || kind === 'fewer' || kind === 'folder only';
    const isRepeated = step.role.kind === 'work' && step.role.work.isRepeated === true;
    return !isShipped || isRepeated || step.role.kind === 'packages' || isCleanUp(step);
  });
}

function isCleanUp({ role }: Step): boolean {
  return role.kind === 'change' && role.effects.writes.length === 0;
}
