/** The smallest image on which a shipped stage can stand, and what it then must be given. */
import { baseConfiguration, type BaseConfiguration } from '../analysis/base-configuration.ts';
import { filesAtEnd } from '../analysis/image-files.ts';
import {
  imageOf,
  imagesBelow,
  isOfKind,
  originOf,
  plainImages,
  runtimeImages,
  siblings,
} from '../analysis/images.ts';
import { isWithin } from '../analysis/context.ts';
import { baseName } from '../analysis/go-paths.ts';
import { onAlpine, sharedLibraries, sharedLibrariesOnAlpine } from '../analysis/system-packages.ts';
import { imageName } from '../analysis/stages.ts';
import { matchesAny, matchesWhole } from '../analysis/patterns.ts';
import { isCopy, type Dockerfile, type Stage } from '../dockerfile/model.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import { madeBy, type Made } from '../needs/made-by.ts';
import type { Doubt, Need, Needs } from '../needs/need.ts';
import { needsOf } from '../needs/needs.ts';
import { provision, type Provision } from '../needs/provide.ts';
import { asksOf } from '../needs/shell-less.ts';
import { startedPrograms } from '../needs/source-code.ts';
import { builtFrom } from './built-code.ts';
import type { Carried } from './carried.ts';
import type { Division } from './divide.ts';
import type { StageScope } from './steps.ts';

export interface Chosen {
  readonly image: Image;
  /** As FROM names it. */
  readonly reference: string;
  readonly provides: Provision;
  /** Packages that it must be given, with what asks for them. */
  readonly packages: readonly { readonly name: string; readonly by: string }[];
  /** Variables of the old base that something reads, and that this one does not set. */
  readonly variables: readonly (readonly [string, string])[];
  readonly needs: Needs;
  readonly assumptions: readonly string[];
  /** Why a smaller one was not chosen, where it is the old one: a sentence without a full stop. */
  readonly refused?: string;
}

export type Choice = Chosen | { readonly why: string };

/** The stages as they would be, both on the old base, and what is asked of the second. */
export interface Draft {
  readonly file: Dockerfile;
  readonly build: Stage;
  readonly shipped: Stage;
}

export function chooseBase(draft: Draft, division: Division, scope: StageScope): Choice {
  const asked = askedOf(draft, division, scope);
  const candidates = candidatesFor(scope, asked);
  let refused: string | undefined;
  for (const image of candidates) {
    const choice = tried(image, draft, scope, asked);
    if (!('why' in choice)) {
      return { ...choice, ...(image === scope.image && refused !== undefined && { refused }) };
    }
    // What an image without the runtime lacks is not what people want to know.
    if (refused === undefined || /^\S+ has no (ruby|php|python|node|java)$/.test(refused)) {
      refused = choice.why;
    }
  }
  return { why: refused ?? 'no smaller image is known' };
}

interface AskedOf {
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

function askedOf({ file, build, shipped }: Draft, division: Division, scope: StageScope): AskedOf {
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
    for (const { what, names } of work.packages ?? []) {
      needs.push({ kind: 'packages', what, names, when: 'run', by: `/${path}` });
    }
  }
  const isClosed = division.carried.some(({ work }) => work.runsOn !== undefined);
  const built = division.carried.filter(({ work }) => work.libraries !== undefined);
  if (built[0]) needs.push(...programNeeds(built[0], builtFrom(build, scope), shipped, scope));
  if ((programs.length > 0 || isClosed || built.length > 0) && context) {
    const { files } = filesAtEnd(file, build, context, facts);
    const started = startedPrograms(files, isProgram, facts);
    for (const { program, by } of started.programs) {
      needs.push({ kind: 'command', name: program, when: 'run', by });
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
  for (const { work } of division.carried) {
    if (work.links !== 'by headers') continue;
    for (const name of work.libraries ?? ['libstdc++6', 'libgcc-s1']) libraries.add(name);
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
    libraries: [...libraries],
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

const TIME_ZONES = 'time zones';

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

/** Images of the same publisher, smallest first; the old base is the last. */
function candidatesFor({ image, facts }: StageScope, asked: AskedOf): readonly Image[] {
  const sizeOf = (each: Image): number => roughSize(each, facts)?.bytes ?? Infinity;
  const suite = image.distribution?.suite ?? '';
  // Another vendor's build of the same runtime is another program.
  const families = new Set([
    ...[image, ...imagesBelow(image, facts)].map(({ family }) => family),
    ...[...image.runtimes.keys()].flatMap((id) => originOf(image, id, facts) ?? []),
  ]);
  const found = [
    image,
    ...siblings(image, facts),
    ...plainImages(suite, facts),
    ...[...image.runtimes].flatMap(([runtime, version]) =>
      version === undefined
        ? []
        : runtimeImages({ publisher: image.publisher, runtime, version, suite }, facts).filter(
            ({ family }) => families.has(family),
          ),
    ),
    ...publisherImages(image, facts),
    ...(asked.isStatic ? alpineImages(facts) : []),
  ];
  // Docker's official images count as one publisher's; who makes none of his own stands on them.
  const hasOwn = found.some(
    (each) => each !== image && each.publisher === image.publisher && isSmaller(each, image, facts),
  );
  const known = new Set<string>();
  return found
    .filter((each) => {
      const key = `${each.name}:${each.tag}`;
      if (known.has(key)) return false;
      known.add(key);
      if (each === image) return true;
      return (
        each.hasShell === 'yes' &&
        each.os === image.os &&
        (each.publisher === image.publisher || (!hasOwn && each.publisher === 'docker')) &&
        isSmaller(each, image, facts) &&
        isAnotherImage(each, image) &&
        isSameSystem(each, image, asked)
      );
    })
    .filter((each, _, all) => hasFormOfTag(each, image, all, asked))
    .toSorted(
      (a, b) =>
        Number(a === image) - Number(b === image) ||
        sizeOf(a) - sizeOf(b) ||
        a.tag.length - b.tag.length,
    );
}

/** Of two tags of one repository that rows do not tell apart, nobody knows which one is smaller. */
function isAnotherImage(each: Image, image: Image): boolean {
  return each.name !== image.name || each.size !== undefined || each.variant !== image.variant;
}

/** Whether it names its suite as the tag of the old base does, where there is one that does. */
function hasFormOfTag(
  each: Image,
  image: Image,
  all: readonly Image[],
  { isPortable }: AskedOf,
): boolean {
  if (each === image || each.isSuiteInTag === image.isSuiteInTag) return true;
  if (!isPortable && !image.isSuiteInTag) return true;
  return !all.some(
    (other) =>
      other !== image &&
      other.name === each.name &&
      other.variant === each.variant &&
      other.isSuiteInTag === image.isSuiteInTag,
  );
}

/** Whether it has the same runtimes in the same versions, and fewer of them: a JRE beside its JDK. */
function isPart(each: Image, than: Image, facts: Facts): boolean {
  const isKin = [than, ...imagesBelow(than, facts)].some(({ family }) => family === each.family);
  return (
    isKin &&
    each.libc?.kind === than.libc?.kind &&
    each.runtimes.size > 0 &&
    each.runtimes.size < than.runtimes.size &&
    [...each.runtimes].every(([id, version]) => than.runtimes.get(id) === version)
  );
}

function isSmaller(each: Image, than: Image, facts: Facts): boolean {
  if (isPart(each, than, facts)) {
    return each.size !== undefined && (!than.size || each.size.bytes < than.size.bytes);
  }
  const [one, other] = [roughSize(each, facts), roughSize(than, facts)];
  if (one === undefined) return false;
  return other === undefined || one.high < other.low;
}

/** Its size, or that of the image below it, which is the larger part. */
function roughSize(image: Image, facts: Facts): Image['size'] {
  return image.size ?? imagesBelow(image, facts).find(({ size }) => size !== undefined)?.size;
}

function isSameSystem(
  each: Image,
  image: Image,
  { isLinked, isStatic, isPortable }: AskedOf,
): boolean {
  if (isStatic) return each.libc !== undefined;
  // Archives of Java run on any; which system is below a tag of Maven, rows do not say of all.
  if (isPortable) return each.libc?.kind === (image.libc?.kind ?? 'glibc');
  if (each.libc?.kind !== image.libc?.kind) return false;
  // An image of the same name on another system is not only smaller.
  if (!isLinked && each.name !== image.name) return true;
  return (
    each.distribution?.id === image.distribution?.id &&
    each.distribution?.suite === image.distribution?.suite
  );
}

/** Other images of a publisher that makes its own, such as one of a book. */
function publisherImages({ publisher }: Image, facts: Facts): readonly Image[] {
  if (publisher === 'docker') return [];
  return facts.images.repositories.flatMap((repository) =>
    repository.publisher === publisher
      ? repository.names.flatMap((name) => imageOf(imageName(name), facts) ?? [])
      : [],
  );
}

/** The newest Alpine that rows know. */
function alpineImages(facts: Facts): readonly Image[] {
  const versions = Object.values(facts.images.suites).flatMap((row) =>
    row.id === 'alpine' && /^\d+\.\d+$/.test(row.version) ? [row.version] : [],
  );
  const number = (text: string): number => {
    const [major = 0, minor = 0] = text.split('.').map(Number);
    return major * 1000 + minor;
  };
  const newest = versions.toSorted((a, b) => number(b) - number(a));
  for (const version of newest) {
    const image = imageOf(imageName(`alpine:${version}`), facts);
    if (image?.size) return [image];
  }
  return [];
}

/** Whether both have the runtime in the same version; one that nobody knows may be any. */
function hasSameRuntime(id: string, old: Image, image: Image, facts: Facts): boolean {
  if (old === image) return true;
  const version = image.runtimes.get(id);
  if (version !== old.runtimes.get(id)) return false;
  // Tags without a number move together: `node` and `node:slim`.
  const isSibling = ({ name, tag }: Image): boolean => name === image.name && tag === image.tag;
  if (version === undefined) return image.runtimes.has(id) && siblings(old, facts).some(isSibling);
  const [origin, other] = [originOf(old, id, facts), originOf(image, id, facts)];
  return origin === other && (origin !== undefined || isOfKind(old, image));
}

function tried(image: Image, draft: Draft, scope: StageScope, asked: AskedOf): Choice {
  const { facts, image: old } = scope;
  const { needs, libraries } = asked;
  const name = image.tag === 'latest' ? image.name : `${image.name}:${image.tag}`;
  const isOld = image === old;
  const changed = isOld ? [] : configured(image, draft.shipped, scope);
  if ('why' in changed) return { why: `${name}: ${changed.why}` };
  const lost = asked.runtimes.find(
    (id) => old.runtimes.has(id) && !hasSameRuntime(id, old, image, facts),
  );
  if (lost !== undefined) return { why: `${name} has no ${lost}` };
  const account = isOld ? undefined : lostAccount(image, draft.shipped);
  if (account !== undefined) return { why: `${name} has no account "${account}"` };
  const provides = provision(needs, old, image, facts, asked.hasLost);
  const [unmet] = provides.unmet;
  if (unmet) return { why: `${name}: ${unmet.need.by} needs more: ${unmet.why}` };
  const [unknown] = provides.unknown;
  if (unknown && !isOld) return { why: `${name}: ${unknown.need.by}: ${unknown.why}` };
  // What the base lacked all the time is missed by nobody, but what packages with headers brought along.
  const missing = provides.missing.filter(
    ({ need }) => !isOld || (need.kind === 'packages' && need.isLinked === true),
  );
  const packages = missing.map((each) => ({ name: each.name, by: each.need.by }));
  // Go brings time zones of its own, which its programs find where it lies.
  const zones = needs.needs.some((need) => need.kind === 'packages' && need.what === TIME_ZONES);
  const own = zones && old.runtimes.has('go') && !isOld ? ['tzdata'] : [];
  for (const each of [...libraries, ...own]) {
    const isThere = image.hasPackage(each) === 'yes' || needs.installed.includes(each);
    if (isThere || packages.some((other) => other.name === each)) continue;
    const there = image.packageManager === 'apk' ? onAlpine(each, facts) : undefined;
    if (image.packageManager !== 'apt' && there?.kind !== 'packages') {
      return { why: `${name} has no ${each}` };
    }
    for (const one of there?.kind === 'packages' ? there.names : [each]) {
      if (packages.some((other) => other.name === one)) continue;
      packages.push({ name: one, by: 'the program' });
    }
  }
  const unsure: string[] = [];
  for (const each of asked.headers) {
    const behind =
      image.packageManager === 'apk'
        ? sharedLibrariesOnAlpine(each, facts)
        : sharedLibraries(each, image.distribution?.suite ?? '', facts);
    if (!behind) unsure.push(`what is compiled links no library of ${each}`);
    for (const one of behind ?? []) {
      const isThere = image.hasPackage(one) === 'yes' || needs.installed.includes(one);
      if (isThere || packages.some((other) => other.name === one)) continue;
      packages.push({ name: one, by: 'what is compiled' });
    }
  }
  if (packages.length > 0 && image.packageManager === undefined) {
    return { why: `${name} has no package manager` };
  }
  const gone = packages.length > 0 && needs.installed.length === 0 && archivedOf(image, facts);
  if (gone) return { why: `the packages of ${name} ${gone}` };
  const doubts = isOld ? [] : needs.doubts;
  return {
    image,
    reference: isOld ? (scope.stage.from.image?.text ?? name) : name,
    provides,
    packages: packages.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    variables: changed,
    needs,
    assumptions: [
      ...asked.assumptions,
      ...unsure,
      ...shortened(doubts.map(({ by, why }) => `${by} needs nothing that ${name} lacks (${why})`)),
    ],
  };
}

/** What has become of the packages of a suite that is too old: nobody could install one any more. */
function archivedOf({ distribution }: Image, { advice }: Facts): string | undefined {
  return advice.archives.find(
    (row) => row.distribution === distribution?.id && row.suites.includes(distribution.suite ?? ''),
  )?.what;
}

/** More than that nobody reads. */
const MOST = 3;

function shortened(texts: readonly string[]): readonly string[] {
  const all = [...new Set(texts)];
  if (all.length <= MOST) return all;
  return [...all.slice(0, MOST), `the same of ${all.length - MOST} more`];
}

/** Variables whose mere presence changes what programs do. */
const ALWAYS_READ = /^(LANG|LANGUAGE|LC_\w+|TZ|TERM)$/;

const LISTENS: readonly string[] = ['ASPNETCORE_URLS', 'ASPNETCORE_HTTP_PORTS'];

/** What the new base must be told that the old one said; or in what they differ. */
export function configured(
  image: Image,
  shipped: Stage,
  scope: StageScope,
): readonly (readonly [string, string])[] | { readonly why: string } {
  const { facts } = scope;
  const old = baseConfiguration(scope.image, facts);
  const next = baseConfiguration(image, facts);
  if (!old || !next) return { why: 'what one of the images says of itself is not known' };
  const kinds = new Set(shipped.instructions.map(({ kind }) => kind));
  if (!kinds.has('entrypoint')) {
    if (!passesOn(scope.image, old, facts))
      return { why: 'the ENTRYPOINT of the old base may do something of its own' };
    if (!passesOn(image, next, facts)) return { why: 'its ENTRYPOINT may do something of its own' };
  }
  const { entrypoint, cmd } = old;
  const isInherited = !kinds.has('entrypoint') && !kinds.has('cmd');
  if (isInherited && [entrypoint, cmd].join() !== [next.entrypoint, next.cmd].join()) {
    return { why: 'it starts something else' };
  }
  const asRoot = (user: string | undefined): string =>
    /^(|root|0)$/.test(user ?? '') ? 'root' : user!;
  if (!kinds.has('user') && asRoot(old.user) !== asRoot(next.user)) {
    return { why: 'it runs as another user' };
  }
  if (!kinds.has('stopsignal') && (old.stopSignal ?? '') !== (next.stopSignal ?? '')) {
    return { why: 'it is stopped by another signal' };
  }
  const volumes = (old.volumes ?? []).filter((path) => !matchesAny(facts.work.leavings, path));
  if (volumes.join() !== (next.volumes ?? []).join()) return { why: 'it has other volumes' };
  if ((next.onbuild ?? []).length > 0) return { why: 'it has triggers' };
  const own = new Set(
    shipped.instructions.flatMap((each) =>
      each.kind === 'env' ? each.pairs.map((pair) => pair.name) : [],
    ),
  );
  // Where a server of .NET listens unless it is told: what the author says wins over both.
  const port = LISTENS.find(
    (name) => next.env.has(name) && next.env.get(name) !== old.env.get(name),
  );
  const isTold = shipped.instructions.some(({ text }) => /ASPNETCORE_URLS|--urls/.test(text));
  const unknown = LISTENS.find((name) => next.env.has(name) && next.env.get(name) === undefined);
  const differs = port ?? unknown;
  if (!isTold && differs !== undefined && image.runtimes.has('aspnetcore')) {
    return { why: `it sets another ${differs}, and a server would listen elsewhere` };
  }
  const variables: [string, string][] = [];
  for (const [name, value] of old.env) {
    if (name === 'PATH' || own.has(name) || (next.env.get(name) === value && next.env.has(name)))
      continue;
    const isRead = ALWAYS_READ.test(name) || isMentioned(name, shipped, scope);
    if (!isRead) continue;
    if (next.env.has(name) && value === undefined) continue;
    // Both stand on images of one vendor, whose rows leave it open: C.UTF-8 on all of their Debians.
    if (value === undefined && next.maybeEnv.has(name) && isSameVendor(scope.image, image, facts)) {
      continue;
    }
    if (value === undefined) return { why: `something reads ${name}, which it does not set` };
    variables.push([name, value]);
  }
  return variables;
}

function isSameVendor(one: Image, other: Image, facts: Facts): boolean {
  const isSlimOrFull = other.packageManager === 'apt';
  return (
    isSlimOrFull &&
    [...other.runtimes.keys()].some((id) => {
      const origin = originOf(one, id, facts);
      return origin !== undefined && origin === originOf(other, id, facts);
    })
  );
}

function isMentioned(
  name: string,
  shipped: Stage,
  { context, facts, file, stage }: StageScope,
): boolean {
  const word = new RegExp(`\\b${name}\\b`);
  const value = new RegExp(`\\$\\{?${name}\\b`);
  if (shipped.instructions.some(({ text }) => value.test(text))) return true;
  if (!context) return false;
  // Sources that are compiled are not shipped; who needs the tools' own variables, asks in a script.
  const isOfTools = matchesAny(facts.smallImages.versionVariables, name);
  const { files } = filesAtEnd(file, isOfTools ? shipped : stage, context, facts);
  return [...files.texts.values()].some((text) => (isOfTools ? value : word).test(text));
}

/** Whether what CMD says is what runs. */
function passesOn({ name, tag }: Image, { entrypoint }: BaseConfiguration, facts: Facts): boolean {
  if (entrypoint?.length === 0) return true;
  // Where it changed over time, it is the one of the rows or none.
  return facts.smallImages.passOn.some(
    (row) =>
      matchesWhole(row.images, `${name}:${tag}`) &&
      (entrypoint === undefined || row.entrypoint.join('\0') === entrypoint.join('\0')),
  );
}

/** Accounts of Debian and Ubuntu that programs run as. */
const SYSTEM_ACCOUNTS = new Set([
  'root',
  'nobody',
  'daemon',
  'www-data',
  'nogroup',
  'mail',
  'bin',
  'sys',
  'games',
  'man',
]);

/** A name that USER or a flag has and nothing makes. */
export function lostAccount(image: Image, { instructions }: Stage): string | undefined {
  const words = instructions.flatMap((each) => {
    if (each.kind === 'user') return [each.argsText];
    if (!isCopy(each)) return [];
    return each.flags.flatMap(({ name, value }) => (name === 'chown' ? [value ?? ''] : []));
  });
  const names = words.flatMap((word) => word.trim().split(':'));
  const runs = instructions.filter(({ kind }) => kind === 'run').map(({ text }) => text);
  const isSystem = (name: string): boolean =>
    image.packageManager === 'apt' ? SYSTEM_ACCOUNTS.has(name) : /^(root|nobody)$/.test(name);
  return names.find(
    (name) =>
      name !== '' &&
      !/^\d+$/.test(name) &&
      !isSystem(name) &&
      !image.users.some((user) => user.name === name) &&
      !runs.some((text) =>
        new RegExp(
          `(add(user|group)|(user|group)add)\\b[^]*\\b${name.replace(/\W/g, '.')}\\b`,
        ).test(text),
      ),
  );
}
