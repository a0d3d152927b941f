/** Which packages and programs an image holds, as far as the rows of its stack tell. */
import type { ImageKind, ImageSuite, Images } from '../facts/image-rows.ts';
import type { Answer } from '../facts/image-types.ts';
import type { ImageLayer } from './image-stack.ts';
import { occurring } from './patterns.ts';

export interface Contents {
  readonly packages: () => ReadonlySet<string> | undefined;
  readonly hasCommand: (name: string) => Answer;
  readonly hasPackage: (name: string) => Answer;
}

/** So many names of commands are kept for each image; most are asked for again and again. */
const MOST_COMMANDS = 256;

export function contentsOf(
  stack: readonly ImageLayer[],
  runtimes: ReadonlyMap<string, string | undefined>,
  images: Images,
): Contents {
  let held: Packages | undefined;
  let called: Programs | undefined;
  let sure: ReadonlySet<string> | undefined;
  let others: ReadonlySet<string> | undefined;
  const hasCommands = new Map<string, Answer>();
  // Most images are only asked for a package or two.
  const packagesOf = (): Packages => (held ??= packagesIn(stack, images));
  const programsOf = (): Programs =>
    (called ??= programsIn(stack, runtimes, packagesOf().packages, images));
  const isHeld = (name: string): Answer => {
    const { commands, open, areProgramsOwn } = programsOf();
    if (commands.has(name)) return 'yes';
    // The compiler of a JDK, in the JRE of the same repository.
    others ??= commandsOf(stack.flatMap(({ repository }) => repository.kinds));
    if (others.has(name)) return 'no';
    const isKnown = packagesOf().arePackagesKnown;
    if (!isKnown || open.some((pattern) => pattern.test(name))) return 'unknown';
    // Of an older suite: "no" for what is known to come from a package that is not there.
    return areProgramsOwn || allCommands(images).has(name) ? 'no' : 'unknown';
  };
  return {
    packages: () => {
      const { packages, maybePackages, arePackagesKnown } = packagesOf();
      if (!arePackagesKnown) return undefined;
      if (maybePackages.size === 0) return packages;
      return (sure ??= new Set([...packages].filter((name) => !maybePackages.has(name))));
    },
    hasPackage: (name) => {
      held ??= packagesIn(stack, images);
      if (held.maybePackages.has(name)) return 'unknown';
      if (held.packages.has(name)) return 'yes';
      return held.arePackagesKnown ? 'no' : 'unknown';
    },
    hasCommand: (name) => {
      let answer = hasCommands.get(name);
      if (answer === undefined) {
        if (hasCommands.size >= MOST_COMMANDS) hasCommands.clear();
        hasCommands.set(name, (answer = isHeld(name)));
      }
      return answer;
    },
  };
}

function commandsOf(kinds: readonly ImageKind[]): ReadonlySet<string> {
  return new Set(kinds.flatMap(({ commands }) => commands?.split(' ') ?? []));
}

export function hasOneOf(has: Contents['hasPackage'], names: readonly string[]): Answer {
  const answers = names.map(has);
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}

interface Packages {
  readonly packages: ReadonlySet<string>;
  readonly maybePackages: ReadonlySet<string>;
  readonly arePackagesKnown: boolean;
}

interface Programs {
  readonly commands: ReadonlySet<string>;
  /** Names of programs that it may have, or of which the version is not known. */
  readonly open: readonly RegExp[];
  /** Else programs may have been in other packages at that time. */
  readonly areProgramsOwn: boolean;
}

function packagesIn(stack: readonly ImageLayer[], images: Images): Packages {
  const packages = new Set<string>();
  const maybePackages = new Set<string>();
  let arePackagesKnown = stack.at(-1)!.kind.on === undefined;
  for (const { kind, parts } of stack.toReversed()) {
    const listed = kind.packages?.[parts.suite ?? '-'];
    if (listed !== undefined) applyList(packages, images.lists[listed]!, images);
    else if (kind.isWhole !== true && (kind.installs !== undefined || kind.on === undefined)) {
      arePackagesKnown = false;
    }
    // The list has them too, by the names of those that provide what was asked for.
    if (listed === undefined) for (const name of words(kind.installs)) packages.add(name);
    for (const name of words(kind.maybePackages)) maybePackages.add(name);
    if (kind.isOpen === true) arePackagesKnown = false;
  }
  return { packages, maybePackages, arePackagesKnown };
}

function programsIn(
  stack: readonly ImageLayer[],
  runtimes: ReadonlyMap<string, string | undefined>,
  packages: ReadonlySet<string>,
  images: Images,
): Programs {
  const commands = new Set<string>();
  const open: RegExp[] = [];
  for (const { kind } of stack.toReversed()) {
    const version = Object.keys(kind.runtimes ?? {}).map((each) => runtimes.get(each))[0];
    for (const name of words(kind.commands).map((each) => versioned(each, version))) {
      if (name.startsWith('@'))
        words(images.commands[name.slice(1)]).forEach((each) => commands.add(each));
      else if (name.includes('{')) open.push(patternOf(name));
      else commands.add(name);
    }
    for (const name of words(kind.maybeCommands)) open.push(patternOf(versioned(name, version)));
  }
  const suite = stack.find(({ parts }) => parts.suite !== undefined)?.parts.suite;
  const row: ImageSuite | undefined = suite === undefined ? undefined : images.suites[suite];
  // Of a thousand packages few have programs: those are looked for, and not the others.
  for (const [name, { everywhere, bySuite }] of programsOfPackages(images)) {
    if (!packages.has(name)) continue;
    const listed =
      bySuite.get(suite) ??
      (row?.hasOwnPrograms === true ? undefined : bySuite.get('bookworm')) ??
      bySuite.get(row?.id) ??
      everywhere;
    for (const command of words(listed)) commands.add(command);
  }
  if (row?.manager === 'apt' || row?.manager === 'apk') commands.add('sh');
  const areProgramsOwn = row?.manager !== 'apt' || row.hasOwnPrograms === true;
  return { commands, open, areProgramsOwn };
}

interface PackagePrograms {
  everywhere?: string;
  /** By a suite, or a distribution. */
  readonly bySuite: Map<string | undefined, string>;
}

const byPackages = new WeakMap<Images, ReadonlyMap<string, PackagePrograms>>();

/** Programs by the package that has them: `apt`, `apt@bookworm`. */
function programsOfPackages(images: Images): ReadonlyMap<string, PackagePrograms> {
  const known = byPackages.get(images);
  if (known) return known;
  const byPackage = new Map<string, PackagePrograms>();
  for (const [key, text] of Object.entries(images.commands)) {
    const [name = '', suite] = key.split('@');
    let own = byPackage.get(name);
    if (!own) byPackage.set(name, (own = { bySuite: new Map<string, string>() }));
    if (suite === undefined) own.everywhere = text;
    else own.bySuite.set(suite, text);
  }
  byPackages.set(images, byPackage);
  return byPackage;
}

const programs = new WeakMap<Images, ReadonlySet<string>>();

function allCommands(images: Images): ReadonlySet<string> {
  let all = programs.get(images);
  if (!all)
    programs.set(
      images,
      (all = new Set(Object.values(images.commands).flatMap((text) => words(text)))),
    );
  return all;
}

interface PackageList {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

// A list is that of all images of a kind on a suite.
const read = new WeakMap<Images, Map<string, PackageList>>();

function applyList(packages: Set<string>, listed: string, images: Images): void {
  let byText = read.get(images);
  if (!byText) read.set(images, (byText = new Map<string, PackageList>()));
  let list = byText.get(listed);
  if (!list) byText.set(listed, (list = listOf(listed, images)));
  for (const name of list.added) packages.add(name);
  for (const name of list.removed) packages.delete(name);
}

/** `0..4 9 - 7`: places of names that are added, and of those that are removed. */
function listOf(listed: string, images: Images): PackageList {
  const names = namesOf(images);
  const [added = '', removed = ''] = listed.split('-');
  const named = (text: string): string[] => places(text).map((at) => names[at]!);
  return { added: named(added), removed: named(removed) };
}

function places(text: string): number[] {
  return words(text).flatMap((word) => {
    const [from = '', to = from] = word.split('..');
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => Number(from) + at);
  });
}

const split = new WeakMap<Images, readonly string[]>();

function namesOf(images: Images): readonly string[] {
  let names = split.get(images);
  if (!names) split.set(images, (names = images.packages.split(' ')));
  return names;
}

function words(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.trim().split(/\s+/).filter(Boolean);
}

/** `python{minor}` of 3.12.4 → `python3.12` */
function versioned(name: string, version: string | undefined): string {
  const [major, minor] = version?.split('.') ?? [];
  return name
    .replace('{major}', major ?? '{major}')
    .replace(
      '{minor}',
      major !== undefined && minor !== undefined ? `${major}.${minor}` : '{minor}',
    );
}

function patternOf(name: string): RegExp {
  const literal = name.replace(/[.+*?^$()[\]|\\]/g, '\\$&').replace(/\{\w+\}/g, '[\\d.]+');
  return occurring(`^${literal}$`);
}
