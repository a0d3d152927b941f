/**
 * One stage as two: the build, which keeps its base and its instructions in order, and the shipped
 * image, which repeats what belongs to it and copies what the build made. On which base the second
 * one stands is asked elsewhere.
 */
import { fromOf } from '../analysis/stages.ts';
import { baseConfiguration } from '../analysis/base-configuration.ts';
import { copyPlace } from '../analysis/copy-place.ts';
import { entryAt, gapsOf, isWithin } from '../analysis/context.ts';
import { baseName, folderOf, hasWildcards, pathInside } from '../analysis/go-paths.ts';
import { filesAtEnd, imagePath, type ImageFiles } from '../analysis/image-files.ts';
import { matchesAny, matchesWhole } from '../analysis/patterns.ts';
import { placeCovers, placesMeet, plainPlace, type Place } from '../analysis/places.ts';
import { stateAfter, stateBefore } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import {
  isCopy,
  type CopyInstruction,
  type Instruction,
  type RunInstruction,
} from '../dockerfile/model.ts';
import { splice } from '../dockerfile/edit.ts';
import { inPlaceOf, withText } from '../dockerfile/parse.ts';
import { styleOf } from '../dockerfile/style.ts';
import { plainName, type Call } from '../analysis/calls.ts';
import { ownName, type Thinning, type Work } from '../ecosystems/work.ts';
import { installedCommands } from '../needs/command-packages.ts';
import { needsOf } from '../needs/needs.ts';
import { startedPrograms } from '../needs/source-code.ts';
import type { WorkRows } from '../facts/work-types.ts';
import type { Facts } from '../facts/types.ts';
import { carriedOf, covers, liesAt, madeIn, meets, type Carried, type Made } from './carried.ts';
import { inputTest, narrowed, type InputTest, type Narrowed, type NarrowedPart } from './copies.ts';
import { fatesOf, leftBy, type Fates } from './fates.ts';
import { runtimePackage } from './runtime-packages.ts';
import { runningOf, type Running } from './running.ts';
import { shippedPart, sidesOf, type Part } from './run-part.ts';
import { stepsOf, type RunSteps, type StageScope, type Step } from './steps.ts';

export interface Division {
  readonly running: Running;
  readonly carried: readonly Carried[];
  /** Instructions of the build, the author's but for some that only the shipped image needs. */
  readonly build: readonly Instruction[];
  readonly shipped: readonly Instruction[];
  /** COPYs of the author's that stand in the shipped stage, whole or in part. */
  readonly repeated: readonly CopyInstruction[];
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

/** @returns nothing where no step of the stage is work that a container does without */
export function divided(scope: StageScope, name: string): Divided | undefined {
  const running = runningOf(scope);
  const runs = stepsOf(scope, running.calls);
  if (!hasWork(runs, scope.facts) || isOneEnough(runs, scope)) return undefined;
  if (running.why !== undefined) return { why: running.why };
  return new Divider(scope, name, runs, running).divided();
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
  const bare = runs.map((run) => ({
    ...run,
    steps: run.steps.filter(({ role }) => role.kind !== 'work'),
  }));
  return isKept && !hasWork(bare, scope.facts) && !compiles(scope);
}

/** Whether a package of a language is compiled, or fetched by a tool that only installs need. */
function compiles({ file, stage, image, context, facts }: StageScope): boolean {
  const libc = image.libc?.kind === 'musl' ? 'musl' : 'glibc';
  const { runtimes } = image;
  const found = needsOf([stage], { file, context, facts, libc, runtimes, isProgram: () => false });
  return found.needs.some(({ when, by }) => when === 'build' && !/^line \d+$/.test(by));
}

class Divider {
  private readonly scope: StageScope;
  private readonly name: string;
  private readonly runs: readonly RunSteps[];
  private readonly running: Running;
  private readonly narrowings = new Map<CopyInstruction, Narrowed>();
  private closed: ReadonlySet<string> = new Set();
  private isInputPath: InputTest = () => false;
  /** Folders of which nothing is shipped but what is made in them. */
  private readonly onlyBuild: readonly string[];

  constructor(scope: StageScope, name: string, runs: readonly RunSteps[], running: Running) {
    this.scope = scope;
    this.name = name;
    this.runs = runs;
    this.running = running;
    this.onlyBuild = runs.flatMap(({ steps }) =>
      steps.flatMap(({ role }) => (role.kind === 'work' ? (role.work.onlyBuild ?? []) : [])),
    );
  }

  divided(): Divided | undefined {
    const { file, stage, context, facts } = this.scope;
    const wrong = stage.instructions.find(({ kind }) => kind === 'onbuild' || kind === 'unknown');
    if (wrong) return { why: `${wrong.keyword} needs the stage as it is` };
    this.closed = this.closedEcosystems();
    const { closed } = this;
    if (context && closed.size > 0) {
      this.isInputPath = inputTest(closed, context, facts, this.running.named);
    }
    const image = context && filesAtEnd(file, stage, context, facts);
    for (const each of stage.instructions) {
      if (!isCopy(each) || fromOf(each) !== undefined || !image) continue;
      this.narrowings.set(
        each,
        closed.size > 0 ? narrowed(each, image, this.scope, this.isInputPath) : { kind: 'same' },
      );
    }
    const inputPlaces = image
      ? [...image.supplies]
          .filter(([place, { path }]) => this.isInputPath(path, place))
          .map(([place]) => place)
      : [];
    const isInput = (place: Place): boolean =>
      this.onlyBuild.some((path) => covers(path, place)) ||
      inputPlaces.some((path) => placesMeet(plainPlace(`/${path}`), place) === 'yes');
    const isOnlyInput = (place: Place): boolean =>
      this.onlyBuild.some((path) => covers(path, place)) ||
      (isInput(place) &&
        ![...(image?.supplies ?? [])].some(
          ([path, supply]) =>
            !this.isInputPath(supply.path, path) &&
            placesMeet(plainPlace(`/${path}`), place) === 'yes',
        ));
    const made = madeIn(this.runs, isInput);
    const carried = carriedOf(made, this.running);
    if ('why' in carried) return carried;
    const strange = image && this.fromOutside(image, made);
    if (strange !== undefined) return { why: `nobody can see where /${strange} comes from` };
    if (image) this.leaveOverwritten(image, carried);
    const repeatedPlaces = this.repeatedPlaces(carried);
    const fates = fatesOf(this.runs, {
      ...this.scope,
      made,
      carried,
      isInput: isOnlyInput,
      isCopied: (place) => this.isCopied(place, carried),
      isRepeated: (place) =>
        repeatedPlaces.some((path) => placesMeet(plainPlace(`/${path}`), place) !== 'no'),
      isStartedIn: (place) => this.isStartedIn(place),
      isMadeAnyway: (place) =>
        this.isMadeAnyway(place, [
          ...repeatedPlaces,
          ...carried.map((each) => each.to ?? each.path),
        ]),
      isCalled: (packageName) => this.isCalledBy(packageName, this.running.calls),
      isCalledBy: (packageName, calls) => this.isCalledBy(packageName, calls),
      isBuildTool: (packageName) => this.isBuildTool(packageName),
      runtimePackage: (packageName) =>
        runtimePackage(packageName, {
          image: this.scope.image,
          facts,
          calls: this.running.calls,
          carried,
          runs: this.runs,
        }),
      linksByHeaders: carried.some(({ work }) => work.links === 'by headers'),
    });
    if ('why' in fates) return fates;
    return this.assembled(carried, fates, made);
  }

  /** What the build writes over need not be brought by a COPY of which only parts are repeated. */
  private leaveOverwritten(image: ImageFiles, carried: readonly Carried[]): void {
    for (const [copy, { kind }] of this.narrowings) {
      if (kind !== 'some') continue;
      const over = new Set(
        [...(image.written.get(copy) ?? [])].flatMap(([place, path]) =>
          carried.some((each) => liesAt(place, each.to ?? each.path)) ? [path] : [],
        ),
      );
      const isLeft: InputTest = (path, place) => this.isInputPath(path, place) || over.has(path);
      if (over.size > 0) this.narrowings.set(copy, narrowed(copy, image, this.scope, isLeft));
    }
  }

  /** A script that a container starts and that comes to it when it is started, as a mounted folder does. */
  private fromOutside({ files }: ImageFiles, made: readonly Made[]): string | undefined {
    const { stage } = this.scope;
    const isForeign = stage.instructions.some(
      (each) =>
        isCopy(each) && (fromOf(each) !== undefined || each.keyword.toUpperCase() === 'ADD'),
    );
    const isOwn = stage.instructions.some(({ kind }) => kind === 'cmd' || kind === 'entrypoint');
    if (!isOwn || isForeign || gapsOf(files).length > 0) return undefined;
    return this.running.calls
      .filter(
        ({ program, by }) => by === '' && program.includes('/') && plainName(program) === program,
      )
      .map(({ program, folder }) =>
        pathInside(program.startsWith('/') ? program : `${folder}/${program}`),
      )
      .find(
        (path) =>
          !hasWildcards(path) &&
          entryAt(files, path) === undefined &&
          !made.some((each) => isWithin(path, each.path)) &&
          /\.(sh|rb|py|js|php)$|-?entrypoint$/.test(path) &&
          !path.startsWith('docker-entrypoint') &&
          this.runs.every(({ run }) => !run.text.includes(baseName(path))),
      );
  }

  /** Ecosystems whose builds make closed programs, where that is all that runs. */
  private closedEcosystems(): ReadonlySet<string> {
    const works = this.runs.flatMap(({ steps }) =>
      steps.flatMap(({ role }) => (role.kind === 'work' ? [role.work] : [])),
    );
    const { inputs } = this.scope.facts.work;
    return new Set(
      works
        .filter(({ ecosystem }) => inputs.some((row) => row.ecosystem === ecosystem))
        .filter(
          (work) =>
            work.links !== undefined ||
            work.runsOn !== undefined ||
            work.makes.some(({ isNamed }) => isNamed),
        )
        .map(({ ecosystem }) => ecosystem),
    );
  }

  private repeatedPlaces(carried: readonly Carried[]): string[] {
    const { file, stage, facts, context } = this.scope;
    return stage.instructions.flatMap((each) => {
      if (!isCopy(each) || this.fateOfCopy(each, carried) === 'none') return [];
      const place = copyPlace(each, stateBefore(file, stage, each, facts), context, 'usual');
      return place ? [pathInside(place.path)] : [];
    });
  }

  /** Whether the place is a file that a repeated COPY puts into a folder which others share. */
  private isCopied(place: Place, carried: readonly Carried[]): boolean {
    const { file, stage, facts, context } = this.scope;
    const path = plainText(place.path);
    const isShared = carried.some(
      (each) => each.isShared === true && isWithin(pathInside(path ?? ''), each.to ?? each.path),
    );
    if (path === undefined || !isShared) return false;
    return stage.instructions.some((each) => {
      if (!isCopy(each) || this.fateOfCopy(each, carried) === 'none') return false;
      const to = copyPlace(each, stateBefore(file, stage, each, facts), context, 'usual');
      const inside = to && pathInside(to.path);
      if (!to || !isWithin(pathInside(path), inside!)) return false;
      const below = pathInside(path).slice(inside!.length);
      return below === '' || to.names.includes(below.slice(1));
    });
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
    return isRoot && [...folders, ...copied].some((other) => isWithin(other, inside));
  }

  /** Whether one of the calls is of a program that the package brings. */
  private isCalledBy(packageName: string, calls: readonly Call[]): boolean {
    const { image, facts } = this.scope;
    const commands = installedCommands(packageName, image, facts);
    return calls.some((call) => {
      const own = ownName(call);
      return own === packageName || commands.includes(own);
    });
  }

  /** Whether the build uses what the package brings, and neither a container nor the code does. */
  private isBuildTool(packageName: string): boolean {
    const { facts } = this.scope;
    const row = facts.work.buildTools.find(({ packages }) => matchesWhole(packages, packageName));
    if (!row) return false;
    const isOf = (pattern: string | undefined, calls: readonly Call[]): boolean =>
      pattern !== undefined && calls.some((call) => matchesWhole(pattern, ownName(call)));
    const calls = this.runs.flatMap(({ steps }) => steps.flatMap(({ call }) => call ?? []));
    const isUsed =
      isOf(row.programs, calls) || isOf(row.usedBy, calls) || this.isAskedFor(row, calls);
    if (!isUsed || (row.isNeverCalled === true && isOf(row.programs, calls))) return false;
    if (!this.isIdiom(row)) return false;
    return !isOf(row.programs, this.running.calls) && !this.isNamedInCode(row);
  }

  /** Whether it comes with what a build needs beside it, and nothing asks for it by name. */
  private isIdiom(row: WorkRows['buildTools'][number]): boolean {
    const { context } = this.scope;
    const installed = this.runs.flatMap(({ steps }) =>
      steps.flatMap(({ role }) =>
        role.kind === 'packages'
          ? role.packages.operands.flatMap(({ literal }) => literal ?? [])
          : [],
      ),
    );
    const { with: companions, except } = row;
    if (companions !== undefined && !installed.some((each) => matchesWhole(companions, each))) {
      return false;
    }
    return (
      !except ||
      ![...(context?.texts ?? [])].some(
        ([path, text]) => matchesWhole(except.files, path) && new RegExp(except.text).test(text),
      )
    );
  }

  /** Whether a manifest or a lockfile has something that one of the tools fetches with it. */
  private isAskedFor({ usedFor }: WorkRows['buildTools'][number], calls: readonly Call[]): boolean {
    const { context } = this.scope;
    if (!usedFor || !context) return false;
    if (!calls.some((call) => matchesWhole(usedFor.programs, ownName(call)))) return false;
    return [...context.texts].some(
      ([path, text]) =>
        matchesWhole(usedFor.files, path) && new RegExp(usedFor.text, 'm').test(text),
    );
  }

  private isNamedInCode({ programs, unless }: WorkRows['buildTools'][number]): boolean {
    const { file, stage, context, facts } = this.scope;
    if (!context) return true;
    const { files } = filesAtEnd(file, stage, context, facts);
    const started = startedPrograms(files, (word) => matchesWhole(programs, word), facts);
    if (started.programs.length > 0) return true;
    if (!unless) return false;
    return [...files.entries].some(({ path }) => {
      if (!matchesWhole(unless.files, path)) return false;
      const beside = files.texts.get(`${path.slice(0, path.lastIndexOf('/') + 1)}${unless.beside}`);
      return beside === undefined || new RegExp(unless.text).test(beside);
    });
  }

  private fateOfCopy(copy: CopyInstruction, carried: readonly Carried[]): 'same' | 'none' | 'some' {
    const { file, stage, facts, context } = this.scope;
    const place = copyPlace(copy, stateBefore(file, stage, copy, facts), context, 'usual');
    const inside = place && pathInside(place.path);
    if (
      inside !== undefined &&
      carried.some(
        (each) =>
          each.work.within === each.path &&
          isWithin(inside, each.path) &&
          // What comes into the folder itself may lie over what was made there.
          (inside === each.path || !this.isBehindWork(copy, inside)),
      )
    ) {
      return 'none';
    }
    if (inside !== undefined && this.onlyBuild.some((folder) => isWithin(inside, folder))) {
      return 'none';
    }
    const paths = place?.isFolder ? place.names.map((name) => `${inside}/${name}`) : [inside];
    const isGone = [[inside], paths].some(
      (all) =>
        all.length > 0 &&
        all.every((path) => path !== undefined && this.isDeletedLater(copy, path)),
    );
    if (isGone || (inside !== undefined && this.isForInstalls(inside))) return 'none';
    const narrowing = this.narrowings.get(copy);
    return narrowing === undefined || narrowing.kind === 'unknown' ? 'same' : narrowing.kind;
  }

  /** Whether no step of the build sees what it copies. */
  private isBehindWork(copy: CopyInstruction, inside: string): boolean {
    const { instructions } = this.scope.stage;
    const at = instructions.indexOf(copy);
    const isChanged = this.runs.some(
      ({ run, steps }) =>
        instructions.indexOf(run) > at &&
        steps.some(
          ({ role }) =>
            role.kind === 'change' &&
            [...role.effects.writes, ...role.effects.deletes].some((place) => meets(inside, place)),
        ),
    );
    if (isChanged) return false;
    const last = this.runs.findLast(({ steps }) =>
      steps.some(({ role }) => role.kind === 'work' && role.work.isRepeated !== true),
    );
    return last !== undefined && at > instructions.indexOf(last.run);
  }

  /** Whether another COPY brings the same files again, before anything in the shipped image reads them. */
  private isCopiedAgain(
    copy: CopyInstruction,
    carried: readonly Carried[],
    parts: ReadonlyMap<Instruction, Part>,
  ): boolean {
    const { file, stage, context, facts } = this.scope;
    const written = context && filesAtEnd(file, stage, context, facts).written;
    const own = written?.get(copy);
    const isPlain = (each: CopyInstruction): boolean =>
      each.flags.length === 0 &&
      fromOf(each) === undefined &&
      this.fateOfCopy(each, carried) === 'same';
    if (!own || own.size === 0 || !isPlain(copy)) return false;
    for (const each of stage.instructions.slice(stage.instructions.indexOf(copy) + 1)) {
      if (parts.get(each)?.kind === 'run' || each.kind === 'user') return false;
      if (!isCopy(each) || !isPlain(each)) continue;
      const others = written?.get(each);
      if ([...own].every(([place, path]) => others?.get(place) === path)) return true;
    }
    return false;
  }

  /** Whether it lies in a folder for what is temporary, and only the build speaks of it. */
  private isForInstalls(inside: string): boolean {
    if (!/^(var\/)?tmp(\/|$)/.test(inside)) return false;
    const { stage } = this.scope;
    const isBuild = ({ role }: Step): boolean =>
      role.kind === 'work' ||
      role.kind === 'check' ||
      role.kind === 'setting' ||
      (role.kind === 'change' && role.effects.writes.length === 0);
    return stage.instructions.every((each) => {
      if (isCopy(each) || !each.text.includes('/tmp')) return true;
      return this.runs.some(({ run, steps }) => run === each && steps.every(isBuild));
    });
  }

  /** Whether a step behind it deletes all that it copies. */
  private isDeletedLater(copy: CopyInstruction, inside: string): boolean {
    const { instructions } = this.scope.stage;
    const at = instructions.indexOf(copy);
    return this.runs.some(
      ({ run, steps }) =>
        instructions.indexOf(run) > at &&
        steps.some(
          ({ role }) =>
            role.kind === 'change' &&
            role.effects.program !== 'mv' &&
            role.effects.certainty !== 'may run' &&
            role.effects.deletes.some(
              (place) => place.isGuess !== true && deletesAll(place, inside),
            ),
        ),
    );
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
      const own = this.runs.find(({ run }) => run === each);
      return own !== undefined && sidesOf(own, fates).isBuild;
    });
    if (carried.length === 0) return undefined;
    const owners = ownersOf(this.runs, fates);
    const shipped = new Shipped(this.scope, this.name, carried, owners);
    for (const [index, each] of instructions.entries()) {
      const isLate = index > lastBuild;
      const part = parts.get(each);
      shipped.at(each);
      if (part) {
        // An install that is left of it comes first: it changes less often than what the build makes.
        const own = this.runs.find(({ run }) => run === each);
        const isInstall = own !== undefined && onlyInstalls(own, fates);
        if (part.kind === 'run' && isInstall) shipped.run(part.run, each, isLate);
        shipped.products(each, instructions, index);
        if (part.kind === 'run' && !isInstall) shipped.run(part.run, each, isLate);
        if (part.kind !== 'run') shipped.skip(each);
        continue;
      }
      if (isCopy(each)) {
        const kind =
          fromOf(each) === undefined
            ? this.fateOfCopy(each, carried)
            : this.fateOfForeign(each, fates);
        if (kind === 'none' || this.isCopiedAgain(each, carried, parts)) {
          shipped.skip(each);
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
    const build = this.built(lastBuild, carried);
    return {
      running: this.running,
      carried,
      build,
      shipped: result.instructions,
      repeated: result.repeated,
      left: leftBy(fates),
      leavesMore: this.leavesMore(carried, made),
      thinned: this.thinnings(carried),
      assumptions: [...new Set(carried.flatMap(({ work }) => work.assumptions ?? []))],
      behind: this.runs.filter((each) => sidesOf(each, fates).isBuild).map(({ run }) => run),
    };
  }

  /** The build: without what says something of the image alone, or copies what no step reads. */
  private built(lastBuild: number, carried: readonly Carried[]): readonly Instruction[] {
    const { stage } = this.scope;
    const kept = stage.instructions
      .filter((each, index) => index <= lastBuild && !ONLY_SHIPPED.has(each.kind))
      .filter((each) => !isCopy(each) || !this.isForProgram(each))
      .map((each) => (each.kind === 'run' ? redirected(each, this.runs) : each));
    const last = kept.at(-1)!;
    const folder = this.folderAt(stage.instructions[lastBuild]!);
    const added = this.thinnings(carried).map(({ command, folder: own }) => {
      const code = own === folder ? command : `cd /${own} && ${command}`;
      const keyword = stage.from.keyword === stage.from.keyword.toLowerCase() ? 'run' : 'RUN';
      // It sees what the last step of the build saw.
      const run = { ...last, lead: '', eol: stage.from.eol };
      return inPlaceOf(run, `${keyword} ${code}`);
    });
    return [...kept, ...added];
  }

  /** What makes less of what is carried, or of what lies in it. */
  private thinnings(carried: readonly Carried[]): readonly Thinning[] {
    const works = this.runs.flatMap(({ steps }) =>
      steps.flatMap(({ role }) => (role.kind === 'work' ? [role.work] : [])),
    );
    const isCarried = ({ makes }: Work): boolean =>
      makes.some(({ path }) => carried.some((each) => isWithin(path, each.path)));
    const found = works.filter(isCarried).flatMap(({ thins }) => thins ?? []);
    return found.filter(
      (each, index) => found.findIndex(({ folder }) => folder === each.folder) === index,
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

  /** Whether a COPY brings nothing that a build of closed programs reads. */
  private isForProgram(copy: CopyInstruction): boolean {
    const { context, file, stage, facts } = this.scope;
    if (!context || this.narrowings.get(copy)?.kind !== 'same' || this.closed.size === 0)
      return false;
    const image = filesAtEnd(file, stage, context, facts);
    const files = [...(image.written.get(copy) ?? [])].map(([, path]) => path);
    const texts = [...context.texts].filter(
      ([path]) => this.isInputPath(path) && path !== context.dockerfile,
    );
    return (
      files.length > 0 &&
      texts.every(([path, text]) => !takesIn(path, text, files)) &&
      this.runs.every(({ run }) => files.every((path) => !run.text.includes(path)))
    );
  }

  /** What comes from another image: a tool of the build, or a part of the program. */
  private fateOfForeign(copy: CopyInstruction, fates: Fates): 'same' | 'none' {
    const { file, stage, facts, context } = this.scope;
    const place = copyPlace(copy, stateBefore(file, stage, copy, facts), context, 'usual');
    if (!place) return 'same';
    const isProgram = /^\/(usr\/(local\/)?)?s?bin(\/|$)/.test(place.path);
    if (!isProgram) return 'same';
    const names = [...place.names, place.path.slice(place.path.lastIndexOf('/') + 1)];
    const isCalled = (calls: readonly { readonly program: string }[]): boolean =>
      calls.some(({ program }) => names.includes(program.slice(program.lastIndexOf('/') + 1)));
    const steps = this.runs.flatMap((each) => each.steps);
    const shipped = steps.filter((step) => fates.get(step)?.kind === 'ship');
    const callsOf = (some: readonly Step[]): readonly Call[] =>
      some.flatMap(({ call }) => call ?? []);
    const isOfImage = isCalled(this.running.calls) || isCalled(callsOf(shipped));
    return isCalled(callsOf(steps)) && !isOfImage ? 'none' : 'same';
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

function deletesAll(place: Place, path: string): boolean {
  return placeCovers(place, plainPlace(`/${path}`)) === 'yes';
}

/** Code that takes other files into the program while it is compiled. */
const EMBEDS = /go:(embed|generate)|\binclude(_str|_bytes|_dir)?!|\bincbin\b|#embed\b/;

/** Languages whose compilers read no file but those that such code names. */
const NAMES_NO_FILES = /\.(go|rs|java|kt)$/;

/** Whether a file of a build may read one of the others. */
function takesIn(path: string, text: string, files: readonly string[]): boolean {
  if (EMBEDS.test(text)) return true;
  if (NAMES_NO_FILES.test(path) && !/(^|\/)build\.rs$/.test(path)) return false;
  return files.some((each) => text.includes(each.slice(each.lastIndexOf('/') + 1)));
}

/** The RUN with what it installs put where it can be copied from as a whole. */
function redirected(run: RunInstruction, runs: readonly RunSteps[]): RunInstruction {
  const own = runs.find((each) => each.run === run);
  const splices = (own?.steps ?? []).flatMap(({ role }) => {
    const redirects = role.kind === 'work' ? role.work.redirects : undefined;
    return redirects
      ? [{ start: redirects.after, end: redirects.after, insert: redirects.text }]
      : [];
  });
  return splices.length > 0 ? splice(run, splices) : run;
}

/** What says something of the image alone. */
const ONLY_SHIPPED: ReadonlySet<Instruction['kind']> = new Set([
  'expose',
  'label',
  'volume',
  'healthcheck',
  'cmd',
  'entrypoint',
  'stopsignal',
  'maintainer',
]);

export interface Owner {
  /** As `chown` and `--chown` have it. */
  readonly owner: string;
  readonly folder: string;
  readonly run: RunInstruction;
}

function ownersOf(runs: readonly RunSteps[], fates: Fates): readonly Owner[] {
  return runs.flatMap(({ run, steps }) =>
    steps.flatMap((step): Owner[] => {
      const fate = fates.get(step)!;
      return fate.kind === 'folder only' && fate.owner !== undefined
        ? [{ owner: fate.owner, folder: fate.folder, run }]
        : [];
    }),
  );
}

/** The shipped stage while it grows. */
class Shipped {
  private readonly scope: StageScope;
  private readonly name: string;
  private readonly carried: readonly Carried[];
  private readonly owners: readonly Owner[];
  private readonly out: Instruction[] = [];
  private readonly repeated: CopyInstruction[] = [];
  private readonly done = new Set<Carried>();
  private blank = '';
  private why: string | undefined;
  /** The WORKDIR in force in the new stage, without a slash in front. */
  private folder: string;
  private hasOwnFolder = false;

  constructor(
    scope: StageScope,
    name: string,
    carried: readonly Carried[],
    owners: readonly Owner[],
  ) {
    this.scope = scope;
    this.name = name;
    this.carried = carried;
    this.owners = owners;
    this.folder = pathInside(baseConfiguration(scope.image, scope.facts)?.workdir ?? '');
  }

  at(each: Instruction): void {
    if (/^[ \t]*\r?\n/.test(each.lead)) this.blank = /^[ \t]*\r?\n/.exec(each.lead)![0];
  }

  skip(each: Instruction): void {
    void each;
  }

  /** What the RUN made, where it stood. */
  products(run: Instruction, all: readonly Instruction[], index: number): void {
    void all;
    void index;
    for (const each of this.carried) if (each.run === run) this.product(each, run);
  }

  /** Products that a COPY of the author's would otherwise come in front of: they change less often. */
  productsBefore(copy: CopyInstruction): void {
    const { file, stage, facts, context } = this.scope;
    const place = copyPlace(copy, stateBefore(file, stage, copy, facts), context, 'usual');
    // `COPY . /app` copies into a folder as well.
    const isContent = copy.sources.every(({ text }) => /(^|\/)\.?$/.test(text));
    if (!place || !(place.isFolder || isContent)) return;
    const inside = pathInside(place.path);
    for (const each of this.carried) {
      const isDeeper = isWithin(each.to ?? each.path, inside) && each.path !== inside;
      const isBelow = each.isShared === true && each.of === 'dependencies';
      if (isDeeper || isBelow) this.product(each, copy);
    }
  }

  private product(carried: Carried, near: Instruction): void {
    if (this.done.has(carried)) return;
    this.done.add(carried);
    const { path, to = path } = carried;
    const escape = /[\s"'$\\]/;
    if (escape.test(path) || escape.test(to)) {
      this.why ??= `"${path}" cannot be named in a COPY`;
      return;
    }
    const owner = this.owners.find(({ folder }) => isWithin(to, folder))?.owner ?? carried.owner;
    const chown = owner === undefined ? '' : ` --chown=${owner}`;
    const isPattern = hasWildcards(path);
    const folder = folderOf(to);
    const target = !isPattern ? to : folder === '' ? '' : `${folder}/`;
    const keyword = this.keyword('COPY');
    const text = `${keyword} --from=${this.name}${chown} /${path} ${this.shown(target)}`;
    const last = this.out.at(-1);
    if (last && isCopy(last)) this.blank = '';
    this.put(this.made(near, text));
  }

  /** As one names it from the folder in force. */
  private shown(path: string): string {
    if (this.folder === '' || !isWithin(path, this.folder)) return `/${path}`;
    if (path === this.folder) return './';
    return `./${path.slice(this.folder.length + 1)}`;
  }

  private keyword(upper: string): string {
    const { keyword } = this.scope.stage.from;
    return keyword === keyword.toLowerCase() ? upper.toLowerCase() : upper;
  }

  /** An instruction of dfopt's own; it comes from the FROM, whose flags are not its own. */
  private made(near: Instruction, text: string): Instruction {
    const { from } = this.scope.stage;
    return inPlaceOf({ ...near, lead: '', origin: from.origin, eol: from.eol }, text);
  }

  private put(each: Instruction, lead = ''): void {
    this.out.push({ ...each, lead: lead === '' ? this.blank : lead });
    this.blank = '';
  }

  run(run: RunInstruction, was: Instruction, isLate: boolean): void {
    this.put(run, isLate ? was.lead : '');
  }

  repeat(copy: CopyInstruction, isLate: boolean): void {
    this.repeated.push(copy);
    const owner = this.ownerOf(copy);
    const flag = copy.keyword.length;
    const text =
      owner === undefined
        ? copy.text
        : `${copy.text.slice(0, flag)} --chown=${owner}${copy.text.slice(flag)}`;
    this.put(withText({ ...copy }, text), isLate ? copy.lead : '');
  }

  private ownerOf(copy: CopyInstruction): string | undefined {
    const { file, stage, facts, context } = this.scope;
    if (copy.flags.some(({ name }) => name === 'chown')) return undefined;
    const place = copyPlace(copy, stateBefore(file, stage, copy, facts), context, 'usual');
    const inside = place && pathInside(place.path);
    const at = stage.instructions.indexOf(copy);
    return this.owners.find(
      ({ folder, run }) =>
        inside !== undefined && isWithin(inside, folder) && stage.instructions.indexOf(run) > at,
    )?.owner;
  }

  some(copy: CopyInstruction, narrowing: Narrowed): void {
    if (narrowing.kind !== 'some') return;
    if (this.holdsProduct(copy, narrowing.parts)) this.repeated.push(copy);
    const owner = this.ownerOf(copy);
    const flags = copy.flags.map(({ start, end }) => copy.text.slice(start, end));
    if (owner !== undefined) flags.push(`--chown=${owner}`);
    const written = (copy.destination?.text ?? './').replace(/\/+$/, '');
    for (const { sources, into } of narrowing.parts) {
      const folder =
        written === '' || written === '.'
          ? into === '' || !/^[./]/.test(written)
            ? '.'
            : written
          : written;
      const isOneFolder = into !== '' && !into.endsWith('/');
      const target =
        into === ''
          ? written === ''
            ? '/'
            : `${folder}/`
          : `${written === '' ? '' : folder}/${into}`;
      const text = [
        this.keyword('COPY'),
        ...flags,
        ...sources,
        isOneFolder ? target : target.endsWith('/') ? target : `${target}/`,
      ].join(' ');
      this.put(inPlaceOf({ ...copy, lead: '' }, text));
    }
  }

  /** Whether something that the build makes lies in a folder that is copied as a whole. */
  private holdsProduct(copy: CopyInstruction, parts: readonly NarrowedPart[]): boolean {
    const { file, stage, facts, context } = this.scope;
    const place = copyPlace(copy, stateBefore(file, stage, copy, facts), context, 'usual');
    return (
      !place ||
      parts.some(
        ({ into }) =>
          into !== '' &&
          !into.endsWith('/') &&
          this.carried.some(({ path, to = path }) =>
            isWithin(to, pathInside(`${place.path}/${into}`)),
          ),
      )
    );
  }

  other(each: Instruction, isLate: boolean): void {
    if (each.kind === 'workdir') return this.workdir(each, isLate);
    const isMoved = isLate || ONLY_SHIPPED.has(each.kind);
    this.put(each, isMoved ? each.lead : '');
  }

  private workdir(each: Instruction, isLate: boolean): void {
    const { file, stage, facts } = this.scope;
    const index = stage.instructions.indexOf(each);
    const next = stage.instructions[index + 1];
    const state = next ? stateBefore(file, stage, next, facts) : stateAfter(file, stage, facts);
    const path = plainText(state.workdir.usual);
    if (path === undefined) this.why ??= 'the WORKDIR of the base is not known';
    else this.folder = pathInside(path);
    const isRelative = !/^["']?[/$]/.test(each.argsText);
    const text =
      isRelative && !this.hasOwnFolder && path !== undefined
        ? `${each.keyword} ${path}`
        : each.text;
    if (!isRelative) this.hasOwnFolder = true;
    this.put(text === each.text ? each : withText(each as never, text), isLate ? each.lead : '');
  }

  /** Whether a WORKDIR is a folder in which the build alone does something. */
  private idle(made: readonly Made[]): (instruction: Instruction) => boolean {
    const { file, stage, facts } = this.scope;
    return (each) => {
      const was = stage.instructions.find((other) => other.origin[0] === each.origin[0]);
      if (!was) return false;
      const folder = imagePath(stateBefore(file, stage, was, facts), was.argsText, was.escape);
      return (
        folder !== '' &&
        made.some(
          ({ path, isNamed, run }) =>
            (isWithin(path, folder) &&
              (path !== folder ||
                (isNamed === true && !this.carried.some((one) => one.path === path)))) ||
            imagePath(stateBefore(file, stage, run, facts), '.') === folder,
        )
      );
    };
  }

  finished(made: readonly Made[]):
    | {
        readonly instructions: readonly Instruction[];
        readonly repeated: readonly CopyInstruction[];
      }
    | { readonly why: string } {
    for (const each of this.carried) {
      if (!this.done.has(each)) return { why: `nobody can see where /${each.path} belongs` };
    }
    if (this.why !== undefined) return { why: this.why };
    return { instructions: withoutIdle(this.out, this.idle(made)), repeated: this.repeated };
  }
}

/**
 * Without ARGs that nothing uses, and WORKDIRs in which nothing happens.
 *
 * @param isIdle whether a WORKDIR is one of the build
 */
function withoutIdle(
  all: readonly Instruction[],
  isIdle: (instruction: Instruction) => boolean,
): readonly Instruction[] {
  return all.filter((each, index) => {
    const later = all.slice(index + 1);
    if (each.kind === 'arg') {
      return each.pairs.some(({ name }) => later.some((other) => mentions(other, name)));
    }
    if (each.kind !== 'workdir') return true;
    const next = later.findIndex(({ kind }) => kind === 'workdir');
    if (next < 0 || !/^["']?[/$]/.test(later[next]!.argsText) || !isIdle(each)) return true;
    return later
      .slice(0, next)
      .some(
        (other) =>
          other.kind === 'run' ||
          (isCopy(other) && other.destination?.text.startsWith('/') !== true),
      );
  });
}

function mentions(instruction: Instruction, name: string): boolean {
  const isSilent =
    name === 'DEBIAN_FRONTEND' &&
    instruction.kind === 'run' &&
    /\b(apt|apt-get|dpkg)\b/.test(instruction.text);
  return isSilent || new RegExp(`\\$\\{?${name}\\b`).test(instruction.text);
}
