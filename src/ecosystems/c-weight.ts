/**
 * What the tools of C and C++ leave in a layer: programs, objects, and what CMake, Meson and configure
 * write for themselves. How large code comes out is told by the bytes of its sources, how it is
 * optimized, and of C++ by the headers that it includes.
 */
import { about, sum, times, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { entriesOf, isWithin, type BuildContext } from '../analysis/context.ts';
import { baseName, pathInside } from '../analysis/go-paths.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { binaryOf } from './binaries.ts';
import { textsBelow } from './c-libraries.ts';
import {
  at,
  cmakePlaces,
  cWork,
  generatedBy,
  makefileIn,
  MAKE_VALUES,
  operandsOf,
  optionOf,
} from './c-work.ts';
import { targetsOf } from './cmake-files.ts';
import {
  mannerOf,
  objectBytes,
  objectsOf,
  programBytes,
  readSource,
  SOURCE,
  type Manner,
  type Source,
} from './c-sizes.ts';
import { installs, programsIn, readMakefile } from './makefiles.ts';
import { amountOf, wider } from './spans.ts';
import type { Weight } from './weight.ts';
import { ownName, wordsOf, type WorkScope } from './work.ts';

export function cWeigh(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const name = ownName(call);
  switch (name) {
    case 'gcc':
    case 'g++':
    case 'cc':
    case 'c++':
    case 'clang':
    case 'clang++':
    case 'musl-gcc':
      return compilerWeights(call, scope);
    case 'make':
    case 'gmake':
    case 'ninja':
    case 'samu':
      return buildWeights(call, folderOfBuild(call), goalsOf(call), scope);
    case 'cmake':
      return cmakeWeights(call, scope);
    case 'meson':
      return mesonWeights(call, scope);
    case 'configure':
    case 'config':
    case 'autoreconf':
    case 'autogen.sh':
    case 'bootstrap':
    case 'bootstrap.sh':
    case 'buildconf':
      return [
        {
          path: pathInside(
            `${call.folder}/${name === 'configure' ? 'config.status' : 'configure'}`,
          ),
          kind: 'build',
          what: `what ${name} writes`,
          amount: amountOf(scope.facts.compiledWeights.c.autotools),
        },
      ];
    default:
      return undefined;
  }
}

function compilerWeights(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const { c } = scope.facts.compiledWeights;
  const words = wordsOf(call);
  const manner = mannerOf(words);
  const sources = namedSources(call, scope.files);
  if (call.args.some((arg) => arg === '-E' || arg === '--version' || arg === '-v')) return [];
  if (call.args.includes('-c')) {
    const output = optionOf(call, '-o');
    return sources.map((source): Weight => {
      const path = output ?? baseName(source.path).replace(SOURCE, '.o');
      const amount = about(objectBytes(source, manner, c), c.range);
      return { path: at(call.folder, path), kind: 'build', what: 'an object', amount };
    });
  }
  const output = binaryOf(call, scope)?.output ?? at(call.folder, optionOf(call, '-o') ?? 'a.out');
  // Objects that are linked were made of sources beside them.
  const linked = call.args.flatMap((arg) =>
    /\.(o|a)$/.test(arg ?? '') ? [at(call.folder, arg!)] : [],
  );
  const behind = scope.files
    ? sourcesIn(call.folder, scope.files).filter(({ path }) =>
        linked.some((each) => each === path.replace(SOURCE, '.o')),
      )
    : [];
  const all = [...sources, ...behind];
  const isSeen = all.length > 0 && linked.length <= behind.length;
  return [
    {
      path: output,
      kind: 'build',
      what: `the program ${baseName(output)}`,
      amount: isSeen ? programBytes(all, manner, c) : amountOf(c.unseen),
    },
  ];
}

/** Sources by the words of a call, wildcards among them. */
function namedSources(call: Call, files: BuildContext | undefined): readonly Source[] {
  if (!files) return [];
  const words = call.command.words.map(({ text }) => text.replace(/^["']|["']$/g, ''));
  return words
    .filter((word) => SOURCE.test(word) && !/[$`]/.test(word))
    .flatMap((word) => {
      const path = at(call.folder, word);
      if (!/[*?[]/.test(word)) return readSource(path, files);
      const pattern = path
        .replace(/[.+^${}()|\\]/g, '\\$&')
        .replace(/\*/g, '[^/]*')
        .replace(/\?/g, '[^/]');
      return entriesOf(files).flatMap((each) =>
        matchesWhole(pattern, each.path) ? readSource(each.path, files) : [],
      );
    });
}

/** All that a build may compile below a folder: tests and examples are mostly left out. */
function sourcesIn(folder: string, files: BuildContext | undefined): readonly Source[] {
  if (!files) return [];
  return entriesOf(files).flatMap(({ path, kind }) =>
    kind === 'file' &&
    SOURCE.test(path) &&
    isWithin(path, folder) &&
    !/(^|\/)(tests?|examples?|benchmarks?|docs?|CMakeFiles)\//.test(path.slice(folder.length))
      ? readSource(path, files)
      : [],
  );
}

function folderOfBuild(call: Call): string {
  return at(call.folder, optionOf(call, '-C', '--directory') ?? '.');
}

function goalsOf(call: Call): readonly string[] {
  return operandsOf(call, MAKE_VALUES).flatMap((each) =>
    each === undefined || each.includes('=') ? [] : [each],
  );
}

/** A build in a folder, by rules that are seen or that a generator wrote. */
function buildWeights(
  call: Call,
  folder: string,
  goals: readonly string[],
  scope: WorkScope,
): readonly Weight[] | undefined {
  if (goals.length > 0 && goals.every((each) => each.endsWith('clean'))) return [];
  const { c } = scope.facts.compiledWeights;
  const generator = generatedBy(folder, scope);
  const written = makefileIn(folder, optionOf(call, '-f', '--file'), scope.files);
  const source = generator?.source ?? folder;
  const sources = sourcesIn(source, scope.files);
  // A Makefile may be about anything.
  if (sources.length === 0 && written !== undefined && !generator) return undefined;
  if (sources.length === 0) {
    // Its sources were fetched, or nothing of it is in C.
    return [
      { path: folder, kind: 'build', what: `what ${ownName(call)} builds`, amount: undefined },
    ];
  }
  const isFirst = !scope.earlier.some(
    (each) =>
      each !== call &&
      /^(make|gmake|ninja|cmake|meson)$/.test(ownName(each)) &&
      builtBy(each, folder),
  );
  const given = givenBy(call);
  const makefile = written === undefined ? undefined : readMakefile(written, given);
  const manner = generator
    ? generatedManner(folder, source, scope)
    : mannerOf(flagsOf(makefile, written, given));
  const names =
    generator?.of === 'cmake' || generator?.of === 'meson'
      ? targetsOf(source, scope.files)
      : makefile
        ? programsIn(makefile, goals).flatMap((each) => makefile.filled(each)?.split(/\s+/) ?? [])
        : [];
  const own = names.filter((each) => each !== '' && !each.includes('$'));
  const one = programBytes(sources, manner, c);
  const programs = own.map((each): Weight => ({
    path: pathInside(each.startsWith('/') ? each : `${folder}/${each}`),
    kind: 'build',
    what: `the program ${baseName(each)}`,
    amount: own.length === 1 ? one : programBytes(partOf(sources, each, own), manner, c),
  }));
  const hasObjects = generator !== undefined || /\.o\b|%\.o|\bOBJS?\b/i.test(written ?? '');
  const notes =
    generator?.of === 'cmake' ? c.cmake.perSource * sources.length + c.cmake.perTarget : 0;
  const objects = hasObjects ? objectsOf(sources, manner, c, notes) : undefined;
  const objectsPath =
    generator?.of === 'cmake'
      ? `CMakeFiles/${own[0] ?? '*'}.dir`
      : generator?.of === 'meson'
        ? `${own[0] ?? 'objects'}.p`
        : '*.o';
  const made: readonly Weight[] = isFirst
    ? [
        ...(own.length > 0
          ? programs
          : [
              {
                path: folder,
                kind: 'build' as const,
                what: `what ${ownName(call)} builds`,
                amount: one,
              },
            ]),
        ...(objects && own.length > 0
          ? [
              {
                path: pathInside(`${folder}/${objectsPath}`),
                kind: 'build' as const,
                what: 'objects',
                amount: objects,
              },
            ]
          : []),
      ]
    : [];
  const isInstall =
    goals.some((each) => each.startsWith('install')) ||
    (makefile !== undefined && goals.length === 0 && installs(makefile, goals));
  return isInstall ? [...made, ...installed(call, scope, programs, one)] : made;
}

/** What an install puts elsewhere: the programs once more. */
function installed(
  call: Call,
  scope: WorkScope,
  programs: readonly Weight[],
  all: Amount,
): readonly Weight[] {
  const work = cWork(call, scope);
  const whole = programs.length > 0 ? sum(programs.flatMap(({ amount }) => amount ?? [])) : all;
  if (!work || !('makes' in work)) {
    return [
      { path: 'usr/local', kind: 'build', what: 'what is installed', amount: wider(whole, 0.7, 3) },
    ];
  }
  return work.makes.flatMap(({ path }): Weight[] => {
    const own = programs.find((each) => baseName(each.path) === baseName(path));
    if (own) return [{ ...own, path }];
    if (/(^|\/)(share|etc|include|man)\//.test(path)) return [];
    return [{ path, kind: 'build', what: 'what is installed', amount: wider(whole, 0.7, 3) }];
  });
}

/** Of several programs, the sources that have the name of one, or of none of them. */
function partOf(
  sources: readonly Source[],
  program: string,
  all: readonly string[],
): readonly Source[] {
  const stem = (path: string): string => baseName(path).replace(SOURCE, '');
  const others = new Set(all.filter((each) => each !== program).map((each) => baseName(each)));
  return sources.filter(({ path }) => !others.has(stem(path)));
}

function builtBy(call: Call, folder: string): boolean {
  const name = ownName(call);
  if (name === 'cmake') return at(call.folder, optionOf(call, '--build') ?? '?') === folder;
  if (name === 'meson') {
    return (
      /compile|install/.test(call.args[0] ?? '') &&
      at(call.folder, optionOf(call, '-C') ?? '.') === folder
    );
  }
  return folderOfBuild(call) === folder && !goalsOf(call).some((each) => each.endsWith('clean'));
}

function givenBy(call: Call): ReadonlyMap<string, string> {
  const words = [
    ...call.args,
    ...call.command.assignments.map(({ name, value }) => `${name}=${value ?? ''}`),
  ];
  return new Map(
    words.flatMap((each) => {
      const [, name, value] = /^([\w.-]+)[:?+]?=(.*)$/s.exec(each ?? '') ?? [];
      return name === undefined ? [] : [[name, value!.replace(/^(["'])(.*)\1$/s, '$2')] as const];
    }),
  );
}

/** The flags of a Makefile's own variables, and of its recipes. */
function flagsOf(
  makefile: ReturnType<typeof readMakefile> | undefined,
  text: string | undefined,
  given: ReadonlyMap<string, string>,
): string {
  if (!makefile) return [...given.values()].join(' ');
  const names = ['CFLAGS', 'CXXFLAGS', 'LDFLAGS', 'LDLIBS', 'OPT', 'OPTIMIZE', 'CPPFLAGS'];
  const recipes = (text ?? '')
    .split('\n')
    .filter((line) => line.startsWith('\t'))
    .join(' ');
  return [...names.map((name) => makefile.filled(`$(${name})`) ?? ''), recipes].join(' ');
}

function generatedManner(folder: string, source: string, scope: WorkScope): Manner {
  const words = scope.earlier
    .filter((each) => /^(cmake|meson|configure)$/.test(ownName(each)))
    .map(wordsOf)
    .join(' ');
  const texts = textsBelow(source, scope.files).join('\n');
  const type =
    /CMAKE_BUILD_TYPE(?::\w+)?=(\w+)/.exec(words)?.[1] ??
    /\bset\s*\(\s*CMAKE_BUILD_TYPE\s+"?(\w+)/.exec(texts)?.[1] ??
    /buildtype[= ]'?(\w+)/.exec(`${words} ${texts}`)?.[1] ??
    (generatedBy(folder, scope)?.of === 'cmake' ? '' : 'relwithdebinfo');
  const flags: Readonly<Record<string, string>> = {
    debug: '-g -O0',
    release: '-O3',
    relwithdebinfo: '-O2 -g',
    minsizerel: '-Os',
    debugoptimized: '-O2 -g',
  };
  const isStatic = /-static(\s|"|\)|$)/m.test(`${words} ${texts}`) ? ' -static' : '';
  return mannerOf(`${flags[type.toLowerCase()] ?? ''}${isStatic}`);
}

function cmakeWeights(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const built = optionOf(call, '--build');
  const installedFrom = optionOf(call, '--install');
  if (built !== undefined) {
    const target = optionOf(call, '--target', '-t');
    return buildWeights(call, at(call.folder, built), target === undefined ? [] : [target], scope);
  }
  if (installedFrom !== undefined) {
    return buildWeights(call, at(call.folder, installedFrom), ['install'], scope);
  }
  const places = cmakePlaces(call);
  if (!places) return [];
  const { cmake } = scope.facts.compiledWeights.c;
  const texts = textsBelow(places.source, scope.files).join('\n');
  const targets = texts.match(/\badd_(executable|library|custom_target)\b/gi)?.length ?? 1;
  const project = /\bproject\s*\(([^)]*)\)/i.exec(texts)?.[1] ?? '';
  const languages = /\bC\b/.test(project) !== /\bCXX\b/.test(project) ? 1 : 2;
  const first = cmake.first * (languages === 1 ? 1 : 1.6) + cmake.files + cmake.perTarget * targets;
  return [
    {
      path: pathInside(`${places.build}/CMakeFiles/[0-9]*`),
      kind: 'build',
      what: 'what CMake writes for itself',
      amount: wider(about(first, 0.15), 0, 0.5),
    },
  ];
}

function mesonWeights(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const [action, ...rest] = operandsOf(call, ['-C']);
  const folder = at(call.folder, optionOf(call, '-C') ?? '.');
  if (action === 'compile' || action === 'test') return buildWeights(call, folder, [], scope);
  if (action === 'install') return buildWeights(call, folder, ['install'], scope);
  const build = at(call.folder, (action === 'setup' ? rest[0] : action) ?? 'build');
  const amount = times(about(scope.facts.compiledWeights.c.meson, 0.15), 1);
  return [
    {
      path: pathInside(`${build}/meson-private`),
      kind: 'build',
      what: 'what Meson writes for itself',
      amount,
    },
  ];
}
