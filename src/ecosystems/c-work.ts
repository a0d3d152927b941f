/**
 * What the tools of C and C++ make: `make`, CMake, Meson and autotools. Of what they install is known
 * what their files say, or the whole folder into which they install, where nothing else is in it.
 */
import type { Call } from '../analysis/calls.ts';
import { isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { textsBelow, linkedBy } from './c-libraries.ts';
import { cmakeInstalls, targetsOf } from './cmake-files.ts';
import {
  callsOthers,
  installerIn,
  installedBy,
  installs,
  makesMore,
  readMakefile,
  type Makefile,
} from './makefiles.ts';
import { ownName, type Product, type WorkAnswer, type WorkScope } from './work.ts';

export function cWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const name = ownName(call);
  switch (name) {
    case 'make':
    case 'gmake':
      return makeWork(call, scope);
    case 'ninja':
    case 'samu':
      return goalsWork(call, scope, optionOf(call, '-C'), operandsOf(call, NINJA_VALUES));
    case 'cmake':
      return cmakeWork(call, scope);
    case 'meson':
      return mesonWork(call, scope);
    case 'configure':
    case 'config':
    case 'autogen.sh':
    case 'bootstrap':
    case 'bootstrap.sh':
    case 'buildconf':
    case 'autoreconf':
    case 'autoconf':
    case 'autoheader':
    case 'automake':
    case 'aclocal':
    case 'libtoolize':
      return inFolder(call.folder, call, scope);
    case 'gcc':
    case 'g++':
    case 'cc':
    case 'c++':
    case 'clang':
    case 'clang++':
    case 'ar':
    case 'as':
    case 'nasm':
      return call.args.includes('-o') && !call.args.includes('-c')
        ? undefined
        : inFolder(call.folder, call, scope);
    default:
      return undefined;
  }
}

export const MAKE_VALUES = ['-C', '-f', '-j', '-l', '-I', '-o', '-W', '--directory', '--file'];
const NINJA_VALUES = ['-C', '-f', '-j', '-k', '-l', '-d', '-t', '-w'];

/** The value behind an option, in a word of its own, behind `=`, or at its end. */
export function optionOf({ args }: Call, ...names: readonly string[]): string | undefined {
  for (const [index, arg] of args.entries()) {
    if (arg === undefined) continue;
    if (names.includes(arg)) return args[index + 1];
    const name = names.find((each) =>
      each.startsWith('--') ? arg.startsWith(`${each}=`) : arg.startsWith(each),
    );
    if (name !== undefined) return arg.slice(name.length).replace(/^=/, '');
  }
  return undefined;
}

/** `undefined` for a word that nobody knows. */
export function operandsOf(
  { args }: Call,
  values: readonly string[],
): readonly (string | undefined)[] {
  return args.filter((arg, index) => {
    if (arg?.startsWith('-') === true) return false;
    const before = args[index - 1];
    // `make -j install`: a number or nothing follows.
    if (before === '-j') return !/^\d+$/.test(arg ?? '0');
    return before === undefined || !values.includes(before);
  });
}

export function at(folder: string, path: string): string {
  return pathInside(path.startsWith('/') ? path : `${folder}/${path}`);
}

/** A step of a build that writes into a folder, of which a program is perhaps started in place. */
function inFolder(
  folder: string,
  call: Call,
  scope: WorkScope,
  source = generatedBy(folder, scope)?.source ?? folder,
): WorkAnswer {
  const product: Product = { path: folder, of: 'sources', isNamed: true };
  return made([product], source, call, scope);
}

function made(makes: readonly Product[], folder: string, call: Call, scope: WorkScope): WorkAnswer {
  const linked = linkedBy(folder, call, scope);
  if (linked.why !== undefined) return { why: linked.why };
  const { assumptions } = linked;
  return {
    ecosystem: 'c',
    makes,
    links: 'by headers',
    libraries: linked.libraries,
    ...(assumptions.length > 0 && { assumptions }),
  };
}

function makeWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const folder = at(call.folder, optionOf(call, '-C', '--directory') ?? '.');
  const operands = operandsOf(call, MAKE_VALUES);
  if (operands.includes(undefined)) return { why: 'a variable says what make does' };
  const given = new Map<string, string>();
  const goals: string[] = [];
  for (const each of operands as readonly string[]) {
    const [, name, value] = /^([\w.-]+)[:?+]?=(.*)$/s.exec(each) ?? [];
    if (name === undefined) goals.push(each);
    else given.set(name, value!);
  }
  if (goals.length > 0 && goals.every((each) => /^(dist|mostly)?clean$/.test(each))) {
    return inFolder(folder, call, scope);
  }
  const written = makefileIn(folder, optionOf(call, '-f', '--file'), scope.files);
  // `cmake -E make`-like calls name PREFIX in front: `PREFIX=/usr make install`.
  for (const { name, value } of call.command.assignments) {
    const plain = value?.replace(/^(["'])(.*)\1$/s, '$2');
    if (plain !== undefined && /[$`]/.test(plain)) return { why: 'a variable says what make does' };
    if (plain !== undefined && !given.has(name)) given.set(name, plain);
  }
  const makefile = written === undefined ? undefined : readMakefile(written, given);
  const installer = makefile && installerIn(makefile, goals);
  if (installer !== undefined) return { why: `make calls "${installer}"` };
  const isInstall = makefile ? installs(makefile, goals) : goals.some((each) => INSTALL.test(each));
  if (!isInstall) {
    const generated = generatedBy(folder, scope);
    const isShown = makefile !== undefined || generated !== undefined || !hasGaps(scope.files);
    if (isShown && (makefile ?? generated) === undefined) {
      return { why: `there is no Makefile in /${folder}` };
    }
    const isMore =
      makefile !== undefined && (makesMore(makefile, goals) || callsOthers(makefile, goals));
    return buildsIn(folder, call, scope, isMore);
  }
  const target = given.get('DESTDIR') ?? '';
  const generator = generatedBy(folder, scope);
  if (generator) return installWork(generator, target, folder, call, scope);
  if (makefile) return makefileInstall(makefile, folder, call, scope);
  return { why: 'nobody can see all that "make install" writes' };
}

const INSTALL = /^install([-_/.]|$)/;

function hasGaps(files: BuildContext | undefined): boolean {
  return files === undefined || files.gaps.length > 0;
}

export function makefileIn(
  folder: string,
  named: string | undefined,
  files: BuildContext | undefined,
): string | undefined {
  if (!files) return undefined;
  const names = named === undefined ? ['GNUmakefile', 'makefile', 'Makefile'] : [named];
  for (const name of names) {
    const read = textOf(files, at(folder, name));
    if (read.kind === 'text') return read.text;
  }
  return undefined;
}

/** A build in a folder: shared libraries of its own are loaded from there, so that all of it goes along. */
function buildsIn(folder: string, call: Call, scope: WorkScope, isMore = false): WorkAnswer {
  const work = inFolder(folder, call, scope);
  if ('why' in work) return work;
  const isStarted = scope.started.some(({ program, folder: own }) =>
    isWithin(at(own, program), folder),
  );
  const source = generatedBy(folder, scope)?.source ?? folder;
  // Other programs of the build may be started as well, by files that lie elsewhere.
  const programs = targetsOf(source, scope.files).filter(
    (each) => !/test|example|bench/i.test(each),
  );
  const texts = [source, folder].flatMap((each) => textsBelow(each, scope.files));
  const loads =
    isStarted &&
    (isMore || programs.length > 1 || texts.some((text) => SHARED.test(text) || COPIES.test(text)));
  return loads ? { ...work, makes: [], within: folder } : work;
}

/** Signs of libraries that are loaded when the program starts. */
const SHARED =
  /\badd_library\s*\([^)]*\b(SHARED|MODULE)\b|BUILD_SHARED_LIBS\s+(ON|TRUE|1)|(^|\s)-shared\b|\bshared_(library|module)\s*\(/;

/** Signs of files that CMake puts beside the program, which it may open. */
const COPIES =
  /\bPOST_BUILD\b[^)]*-E\s+(copy|create_symlink)|\bconfigure_file\s*\([^)]*\bCOPYONLY\b|\bfile\s*\(\s*(COPY|INSTALL)\b/i;

interface Generator {
  readonly prefix: string;
  /** Its sources' folder, where that shows. */
  readonly source: string | undefined;
  readonly of: 'cmake' | 'autotools' | 'meson';
}

/** Whether an option of `configure` sends some of what is installed out of the prefix: `--conf-path` of nginx. */
function isElsewhere(arg: string | undefined, prefix: string): boolean {
  if (/^--\w+dir=/.test(arg ?? '')) return true;
  const place = /^--(?!with-|add-)[\w-]+-path=(\/.*)/.exec(arg ?? '')?.[1];
  return place !== undefined && !isWithin(pathInside(place), pathInside(prefix));
}

/** The call that wrote the files with which a folder is built. */
export function generatedBy(
  folder: string,
  { earlier, variable }: WorkScope,
): Generator | undefined {
  for (const each of earlier.toReversed()) {
    const name = ownName(each);
    if (name === 'configure' || name === 'config') {
      if (each.folder !== folder) continue;
      const prefix = each.args.includes(undefined)
        ? optionOf(each, '--prefix')
        : (optionOf(each, '--prefix') ?? '/usr/local');
      if (prefix === undefined || each.args.some((arg) => isElsewhere(arg, prefix))) {
        return undefined;
      }
      return {
        prefix,
        source: at(each.folder, each.program.replace(/[^/]*$/, '.')),
        of: 'autotools',
      };
    }
    if (name === 'cmake') {
      const places = cmakePlaces(each);
      if (!places || places.build !== folder) continue;
      const given = each.args
        .map((arg) => /^-DCMAKE_INSTALL_PREFIX(?::\w+)?=(.*)$/.exec(arg ?? '')?.[1])
        .findLast((value) => value !== undefined);
      const named = given ?? optionOf(each, '--install-prefix') ?? '/usr/local';
      const prefix = hasUnknownPrefix(each) ? (prefixIn(each, variable) ?? UNKNOWN) : named;
      return { prefix, source: places.source, of: 'cmake' };
    }
    if (name === 'meson') {
      const words = operandsOf(each, ['-C']);
      // `meson compile -C build` writes no such files.
      if (/^(compile|install|test|dist|introspect|configure)$/.test(words[0] ?? '')) continue;
      const operands = words.filter((arg) => arg !== 'setup');
      const build = operands.find((arg) => at(each.folder, arg ?? '?') === folder);
      if (build === undefined) continue;
      return {
        prefix: hasUnknownPrefix(each) ? UNKNOWN : (optionOf(each, '--prefix') ?? '/usr/local'),
        source: each.folder,
        of: 'meson',
      };
    }
  }
  return undefined;
}

/** A prefix of which nobody knows the place. */
const UNKNOWN = '?';

/** Where CMake is told to install to by the value of one variable. */
function prefixIn({ command }: Call, variable: WorkScope['variable']): string | undefined {
  const code = command.words.map(({ text }) => text.replaceAll('"', '')).join(' ');
  const [, name, rest] =
    /(?:^| )-DCMAKE_INSTALL_PREFIX(?::\w+)?=\$\{?(\w+)\}?([\w./-]*)(?= |$)/.exec(code) ?? [];
  const value = name === undefined ? '' : (variable(name) ?? '');
  return value === '' ? undefined : `${value}${rest!}`;
}

/** Whether a variable says where things are installed to, or what options there are at all. */
function hasUnknownPrefix({ args, command }: Call): boolean {
  const words = command.words.slice(-args.length).map(({ text }) => text.replaceAll('"', ''));
  return args.some(
    (arg, index) =>
      arg === undefined &&
      (/prefix/i.test(words[index] ?? '') ||
        /prefix$/i.test(args[index - 1] ?? '') ||
        /^\$\{?\w*(ARGS|FLAGS|OPT(ION)?S?)\}?$/i.test(words[index] ?? '')),
  );
}

/** What `install` of a generated build writes. */
function installWork(
  { prefix, source, of }: Generator,
  destination: string,
  folder: string,
  call: Call,
  scope: WorkScope,
): WorkAnswer {
  if (destination !== '' && !destination.startsWith('/')) {
    return { why: 'it installs into a folder of the build' };
  }
  if (!prefix.startsWith('/')) return { why: 'nobody knows where it installs to' };
  const root = pathInside(`${destination}${prefix}`);
  const from = source ?? folder;
  if (of === 'cmake') {
    const found = cmakeInstalls(from, scope.files, root);
    if (found === 'elsewhere') return { why: 'its CMakeLists.txt installs outside of the prefix' };
    if (found !== 'unknown' && !isOwn(root, scope)) return done(found);
  }
  if (of === 'meson' && textsBelow(from, scope.files).some((text) => OUTSIDE.test(text))) {
    return { why: 'its meson.build installs outside of the prefix' };
  }
  if (!isOwn(root, scope)) {
    return { why: `nobody can see which files of /${root} it installs` };
  }
  return done([root]);

  function done(paths: readonly string[]): WorkAnswer {
    const products = paths.map((path): Product => ({
      path,
      of: 'sources',
      ...(path === root && { isFolder: true }),
    }));
    return made(products, from, call, scope);
  }
}

/** A folder that Meson does not look for below the prefix. */
const OUTSIDE = /\binstall_dir\s*:\s*'\//;

/** Whether all that is in the folder comes from the stage's own steps. */
function isOwn(root: string, { image }: WorkScope): boolean {
  if (root === 'usr/local') return EMPTY_LOCAL.has(image?.family ?? '');
  return !SHARED_FOLDERS.test(root);
}

/** Families of images whose /usr/local has nothing but empty folders. */
const EMPTY_LOCAL = new Set(['debian', 'ubuntu', 'alpine', 'buildpack-deps']);

/** Folders in which the base has files. */
const SHARED_FOLDERS =
  /^(|bin|sbin|lib\w*|etc|usr(\/(bin|sbin|lib\w*|share|local(\/(bin|sbin|lib\w*|share))?))?|var|opt|home|root|tmp|srv)$/;

function makefileInstall(
  makefile: Makefile,
  folder: string,
  call: Call,
  scope: WorkScope,
): WorkAnswer {
  const found = installedBy(makefile, folder);
  if (found?.isAll === true && found.paths.length > 0) {
    return made(
      found.paths.map((path): Product => ({ path, of: 'sources' })),
      folder,
      call,
      scope,
    );
  }
  const isLocal =
    found !== undefined &&
    found.folders.length > 0 &&
    isOwn('usr/local', scope) &&
    found.folders.every((path) => isWithin(path, 'usr/local'));
  if (!isLocal) return { why: 'nobody can see all that "make install" writes' };
  return made([{ path: 'usr/local', of: 'sources' }], folder, call, scope);
}

interface CmakePlaces {
  readonly source: string;
  readonly build: string;
}

/** Where a call of cmake that generates finds the sources, and builds. */
export function cmakePlaces(call: Call): CmakePlaces | undefined {
  const { args, folder } = call;
  if (args.some((arg) => /^--(build|install|open|workflow)$|^-[EPN]$/.test(arg ?? ''))) {
    return undefined;
  }
  const named = optionOf(call, '-S');
  const build = optionOf(call, '-B');
  const [operand] = operandsOf(call, ['-S', '-B', '-G', '-D', '-C', '-T', '-A', '-U', '--preset']);
  const source = at(folder, named ?? operand ?? '.');
  return { source, build: build === undefined ? folder : at(folder, build) };
}

function cmakeWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const { args, folder } = call;
  const built = optionOf(call, '--build');
  const installed = optionOf(call, '--install');
  if (built !== undefined) {
    const target = optionOf(call, '--target', '-t');
    return goalsWork(call, scope, built, target === undefined ? [] : [target]);
  }
  if (installed !== undefined) {
    const build = at(folder, installed);
    const generator = generatedBy(build, scope);
    const prefix = optionOf(call, '--prefix') ?? generator?.prefix;
    if (prefix === undefined || hasUnknownPrefix(call) || args.includes('--component')) {
      return { why: 'nobody knows where cmake installs to' };
    }
    const source = generator?.source;
    const destination = scope.variable('DESTDIR') ?? '';
    return installWork({ prefix, source, of: 'cmake' }, destination, build, call, scope);
  }
  const places = cmakePlaces(call);
  if (!places) return undefined;
  return inFolder(places.build, call, scope, places.source);
}

/** A build tool that is told a folder and goals. */
function goalsWork(
  call: Call,
  scope: WorkScope,
  named: string | undefined,
  goals: readonly (string | undefined)[],
): WorkAnswer {
  const folder = at(call.folder, named ?? '.');
  const isInstall = goals.some((each) => INSTALL.test(each ?? ''));
  if (!isInstall) return buildsIn(folder, call, scope);
  const generator = generatedBy(folder, scope);
  if (!generator) return { why: 'nobody knows where it installs to' };
  const destination = scope.variable('DESTDIR') ?? '';
  return installWork(generator, destination, folder, call, scope);
}

function mesonWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const [action, ...rest] = operandsOf(call, ['-C']);
  const folder = optionOf(call, '-C') ?? '.';
  if (action === 'compile' || action === 'test') return goalsWork(call, scope, folder, []);
  if (action === 'install') return goalsWork(call, scope, folder, ['install']);
  const [build] = action === 'setup' ? rest : [action];
  return inFolder(at(call.folder, build ?? 'build'), call, scope);
}
