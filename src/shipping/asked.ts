/** What a shipped stage asks of its base: programs, packages, libraries, runtimes; and what nobody can see. */
import { filesAtEnd } from '../analysis/image-files.ts';
import { isWithin } from '../analysis/context.ts';
import { baseName } from '../analysis/go-paths.ts';
import type { Dockerfile, Stage } from '../dockerfile/model.ts';
import type { Image } from '../facts/image-types.ts';
import { madeBy, type Made } from '../needs/made-by.ts';
import type { Doubt, Need, Needs } from '../needs/need.ts';
import { needsOf } from '../needs/needs.ts';
import { asksOf } from '../needs/shell-less.ts';
import { startedNeeds, startedPrograms } from '../needs/source-code.ts';
import { builtFrom } from './built-code.ts';
import type { Carried } from './carried.ts';
import type { Division } from './divide.ts';
import type { StageScope } from './steps.ts';

/** The stages as they would be, both on the old base, and what is asked of the second. */
export interface Draft {
  readonly file: Dockerfile;
  readonly build: Stage;
  readonly shipped: Stage;
}

export interface AskedOf {
  readonly needs: Needs;
  /** Packages of Debian with the libraries that the programs link. */
  readonly libraries: readonly string[];
  /** What is carried or installed was made for this libc and this suite. */
  readonly isLinked: boolean;
  /** All that runs is a program by itself, which links nothing. */
  readonly isStatic: boolean;
  /** All of it is code for a virtual machine, and no package of the system goes with it. */
  readonly isPortable: boolean;
  /** Installs of the system are left out, in whole or in part. */
  readonly hasLost: boolean;
  /**
   * Packages with headers that are left out, where nobody knows what all that is installed was compiled
   * with.
   */
  readonly headers: readonly string[];
  /** Ids of runtimes that what is carried is code for. */
  readonly runtimes: readonly string[];
  readonly assumptions: readonly string[];
}

export function askedOf(
  { file, build, shipped }: Draft,
  division: Division,
  scope: StageScope,
): AskedOf {
  const { context, facts, image } = scope;
  const libc = image.libc?.kind === 'musl' ? 'musl' : 'glibc';
  const isProgram = (word: string): boolean => image.hasCommand(word) === 'yes';
  const { runtimes } = image;
  const found = needsOf([shipped], { file, context, facts, libc, runtimes, isProgram });
  const needs: Need[] = found.needs.filter((each) => !isCarried(each, division, image));
  const doubts: Doubt[] = found.doubts.filter(
    (each) => !isOfWork(each, division) && !isOfProgram(each, division),
  );
  const libraries = new Set<string>();
  const assumptions: string[] = [];
  let isLinked = false;
  const programs = division.carried.filter(({ work }) => work.links === 'as the call shows');
  let isStatic = programs.length > 0 && division.carried.length === programs.length;
  for (const each of programs) {
    const made = madeBy(each.path, build, { file, context, facts });
    if ('why' in made) {
      isStatic = false;
      isLinked = true;
      assumptions.push(`/${each.path} needs no library but the libc (${made.why})`);
      continue;
    }
    const { linkage } = made;
    if (linkage.kind !== 'static') {
      isStatic = false;
      isLinked = true;
    }
    if (linkage.kind === 'dynamic') for (const name of linkage.libraries) libraries.add(name);
    if (linkage.kind === 'unknown' && linkage.isMuslAtMost !== true) {
      assumptions.push(`/${each.path} needs no library but the libc (${linkage.why})`);
    }
    needs.push(...programNeeds(each, made, shipped, scope));
  }
  for (const { path, work } of division.carried) {
    for (const wish of work.packages ?? []) {
      needs.push({ kind: 'packages', ...wish, when: 'run', by: `/${path}` });
    }
  }
  const isClosed = division.carried.some(({ work }) => work.runsOn !== undefined);
  const built = division.carried.filter(({ work }) => work.libraries !== undefined);
  if (built[0]) needs.push(...programNeeds(built[0], builtFrom(build, scope), shipped, scope));
  if ((programs.length > 0 || isClosed || built.length > 0) && context) {
    const { files } = filesAtEnd(file, build, context, facts);
    const started = startedPrograms(files, isProgram, facts);
    for (const { program, by } of started.programs) {
      needs.push(...startedNeeds(program, by, facts));
    }
    for (const by of started.unclear.slice(0, 1)) {
      doubts.push({
        when: 'run',
        by,
        why: 'it starts programs that its text does not name',
        of: 'programs',
      });
    }
  }
  if (
    division.carried.some(
      ({ work, of }) =>
        work.links === 'by headers' ||
        (of === 'dependencies' && work.links === undefined && work.runsOn === undefined),
    )
  ) {
    isLinked = true;
  }
  for (const { of, work } of division.carried) {
    if (work.links !== 'by headers') continue;
    const usual = of === 'dependencies' ? ofCompilers(build, image) : OF_CXX;
    for (const name of work.libraries ?? usual) libraries.add(name);
  }
  // Which packages are compiled shows nowhere, as without a lockfile; Node brings the library itself.
  const isCompiling = division.left.some((name) => COMPILERS_OF_CXX.test(name));
  const isBare = image.packageManager === 'apk' && !image.runtimes.has('node');
  if (isUnsure(doubts, division) && isCompiling && isBare) {
    if (!found.installed.includes('libstdc++')) libraries.add('libstdc++6');
  }
  // The install of the headers brought along what the library recommends.
  const { names, packages } = facts.recommends;
  const recommended = [...libraries].flatMap((name) => packages[name] ?? []);
  const isPlainInstall = build.instructions.some(
    ({ kind, text }) =>
      kind === 'run' && /\binstall\b/.test(text) && !text.includes('no-install-recommends'),
  );
  if (
    (isPlainInstall || image.hasCertificates === 'yes') &&
    recommended.some((index) => names[index] === 'ca-certificates')
  ) {
    libraries.add('ca-certificates');
  }
  if (division.left.some((name) => /^(build-essential|gcc|g\+\+|gfortran)(-[\d.]+)?$/.test(name))) {
    for (const need of needs) {
      if (need.kind !== 'packages' || need.when !== 'run') continue;
      const asked = need.names(image.distribution?.suite ?? '', image.packageManager ?? '') ?? [];
      for (const each of asked) if (OF_COMPILERS.test(each)) libraries.add(each);
    }
  }
  return {
    needs: { ...found, needs, doubts },
    libraries: [...libraries].map((name) => inSuite(name, image.distribution?.suite ?? '')),
    isLinked,
    isStatic,
    isPortable:
      !isLinked &&
      found.installed.length === 0 &&
      division.carried.every(({ work }) => work.runsOn !== undefined),
    runtimes: division.carried.flatMap(
      ({ of, work }) =>
        work.runsOn ?? (of === 'dependencies' || work.within !== undefined ? [work.ecosystem] : []),
    ),
    hasLost: division.left.length > 0,
    headers: isUnsure(doubts, division) ? division.left.filter(isHeaders) : [],
    assumptions: [...division.assumptions, ...assumptions],
  };
}

const COMPILERS_OF_CXX = /^(build-base|alpine-sdk|build-essential|g\+\+|clang)(-[\d.]+)?$/;

/** Suites of before GCC 10, in which its library has another name. */
const OF_OLD_GCC = /^(jessie|stretch|buster|trusty|xenial|bionic)$/;

function inSuite(name: string, suite: string): string {
  return name === 'libgcc-s1' && OF_OLD_GCC.test(suite) ? 'libgcc1' : name;
}

/** What a program of C++ links, as Debian calls it. */
const OF_CXX: readonly string[] = ['libstdc++6', 'libgcc-s1'];

/**
 * What packages may link that are compiled in the build; those that come compiled for Alpine bring it
 * along.
 */
function ofCompilers(build: Stage, image: Image): readonly string[] {
  if (image.packageManager !== 'apk') return OF_CXX;
  const installs = build.instructions.filter(({ kind }) => kind === 'run').map(({ text }) => text);
  const isThere = (words: RegExp, command: string): boolean =>
    image.hasCommand(command) === 'yes' || installs.some((text) => words.test(text));
  if (isThere(/\b(g\+\+|build-base|alpine-sdk|clang|c\+\+)/, 'g++')) return OF_CXX;
  return isThere(/\b(cargo|rust|rustup|maturin)\b/, 'cargo') ? ['libgcc-s1'] : [];
}

export const TIME_ZONES = 'time zones';

/** Libraries that come with compilers, and that what they never saw may need. */
const OF_COMPILERS = /^lib(gomp1|gfortran\d|quadmath0|atomic1)$/;

/** Whether packages are carried of which some may have been compiled with anything. */
function isUnsure(doubts: readonly Doubt[], { carried }: Division): boolean {
  const hasPackages = carried.some(({ of, work }) => of === 'dependencies' && !work.links);
  return hasPackages && doubts.some(({ of }) => of !== 'programs');
}

function isHeaders(name: string): boolean {
  return (
    name.endsWith('-dev') &&
    !/^(musl|libc|libc6|linux-(libc|headers)|ruby[\d.]*|python3?[\d.]*|php[\d.]*)-dev$/.test(name)
  );
}

/** What a compiled program asks of the image beside libraries; where its code is not all seen, all. */
function programNeeds(
  { path }: Carried,
  made: Made,
  { instructions }: Stage,
  { image, facts }: StageScope,
): Need[] {
  const found = asksOf({ kind: 'binary', path, made }, image, facts);
  const asks = 'why' in found ? 'unknown' : found.asks;
  const who = { when: 'run', by: `/${path}` } as const;
  const needs: Need[] = [];
  if (asks === 'unknown' || asks.has('certificates')) needs.push({ kind: 'certificates', ...who });
  const isSet = instructions.some(
    (each) =>
      each.kind === 'env' &&
      each.pairs.some(
        ({ name, value }) => name === 'TZ' && !/^(Etc\/)?(UTC|GMT)?$/.test(value ?? ''),
      ),
  );
  if (asks === 'unknown' || asks.has('time zones') || isSet) {
    needs.push({ kind: 'packages', what: TIME_ZONES, names: () => ['tzdata'], ...who });
  }
  return needs;
}

/** Whether it is a program that is copied, or that a package which is copied brings. */
function isCarried(need: Need, { carried }: Division, image: Image): boolean {
  if (need.kind !== 'command') return false;
  const hasPackages = carried.some(({ of, work }) => of === 'dependencies' || work.within);
  return (
    carried.some(({ path }) => baseName(path) === need.name) ||
    (hasPackages && image.hasCommand(need.name) !== 'yes')
  );
}

/** Whether a doubt is about what a compiled program calls: its sources are asked for that. */
function isOfProgram({ why }: Doubt, { carried, running }: Division): boolean {
  const names = (path: string): string[] =>
    [...running.programs, path].flatMap((each) => (isWithin(each, path) ? [baseName(each)] : []));
  return carried.some(
    ({ path, work }) =>
      (work.links !== undefined || work.runsOn !== undefined) &&
      why.includes('calls') &&
      names(path).some((name) => why.includes(name)),
  );
}

/** Whether a doubt is about what a step makes of which all is known that matters here. */
function isOfWork({ by }: Doubt, { behind, carried }: Division): boolean {
  const isSettled = (own: readonly Carried[]): boolean =>
    own.every(
      (each) =>
        each.work.isOpen !== true && (each.work.links !== undefined || each.of === 'sources'),
    );
  const line = /^line (\d+)$/.exec(by)?.[1];
  const folder = / script of \/(.*)$/.exec(by)?.[1];
  if (folder !== undefined) return isSettled(carried.filter(({ path }) => isWithin(path, folder)));
  if (line === undefined) return false;
  const run = behind.find((each) => each.origin.some((origin) => origin.line === Number(line)));
  if (!run) return false;
  const own = carried.filter((each) => each.run === run || each.also?.includes(run) === true);
  return isSettled(own);
}
