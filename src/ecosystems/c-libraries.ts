/** Which libraries of the system a program of C or C++ links, as far as the files of its build say. */
import type { Call } from '../analysis/calls.ts';
import { entriesOf, entryAt, gapsOf, isWithin, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';
import { sharedLibraries } from '../analysis/system-packages.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import { ownName, wordsOf, type WorkScope } from './work.ts';

export interface Linked {
  /** Packages of Debian. */
  readonly libraries: readonly string[];
  readonly assumptions: readonly string[];
  /** Why no other image has what it links: a sentence without a full stop. */
  readonly why?: string;
}

/** Files of builds in which libraries are named. */
const BUILD_FILES =
  /(^|\/)((GNUm|[Mm])akefile(\.(am|in))?|CMakeLists\.txt|meson\.build|configure\.(ac|in)|[^/]+\.(mk|cmake))$/;

/** The texts of build files in and below a folder. */
export function textsBelow(folder: string, files: BuildContext | undefined): readonly string[] {
  return files
    ? [...files.texts].flatMap(([path, text]) =>
        isWithin(path, folder) && BUILD_FILES.test(path) ? [text] : [],
      )
    : [];
}

/** What is linked by a build whose sources lie in the folder; headers that the stage installs are not asked for here. */
export function linkedBy(folder: string, call: Call, { files, image, facts }: WorkScope): Linked {
  const texts = [...textsBelow(folder, files), `${ownName(call)} ${wordsOf(call)}`];
  const sanitized = texts.some((text) => SANITIZED.test(text));
  if (sanitized) return { libraries: [], assumptions: [], why: OF_SANITIZER };
  const unseen = sourcesFromOutside(folder, files);
  if (unseen !== undefined) return { libraries: [], assumptions: [], why: unseen };
  const languages = languagesOf(folder, files, call);
  const libraries = new Set<string>();
  if (languages.has('c++')) for (const each of ['libstdc++6', 'libgcc-s1']) libraries.add(each);
  if (languages.has('fortran')) libraries.add('libgfortran5');
  const hasThreads = texts.some((text) => /-fopenmp\b|OpenMP::|openmp/i.test(text));
  if (hasThreads) libraries.add('libgomp1');
  const isOfCompiler = libraries.size > 0;
  const why = isOfCompiler && image ? newerThanSystem(image) : undefined;
  if (why !== undefined) return { libraries: [], assumptions: [], why };
  // Where the base has no headers, those that the stage installs say what is linked.
  if (!image || image.hasPackage('zlib1g-dev') === 'no' || image.packageManager !== 'apt') {
    return { libraries: [...libraries], assumptions: [] };
  }
  if (files === undefined || texts.length === 1) {
    const assumptions = [`/${folder} links no library of ${image.name}:${image.tag} but the libc`];
    return { libraries: [...libraries], assumptions };
  }
  const assumptions: string[] = [];
  for (const name of new Set(texts.flatMap(namesIn))) {
    const found = packagesOf(name, image, facts);
    if (found === undefined) assumptions.push(`${name} is no library that debian lacks`);
    else for (const each of found) libraries.add(each);
  }
  return { libraries: [...libraries], assumptions };
}

/** Why a build has more sources than the build context: it fetches them, or a step before it did. */
function sourcesFromOutside(folder: string, files: BuildContext | undefined): string | undefined {
  for (const [path, text] of files?.texts ?? []) {
    if (!isWithin(path, folder) || baseName(path) !== 'CMakeLists.txt') continue;
    const code = text.replace(/#.*/g, '');
    if (/\b(FetchContent_|ExternalProject_Add|CPMAddPackage)/i.test(code)) {
      return `/${path} fetches sources, and nobody sees what they link`;
    }
    for (const [, name = ''] of code.matchAll(/\badd_subdirectory\s*\(\s*"?([\w./-]+)"?/gi)) {
      const below = pathInside(`${folderOf(path)}/${name}`);
      if (!entryAt(files!, below)) return `nobody sees the sources in /${below}`;
    }
  }
  return undefined;
}

/** A flag of all that is built, and not of a rule or an option for tests. */
const SANITIZED =
  /^\s*(override\s+|export\s+)?(C|CXX|CPP|LD)?FLAGS\s*[:+?]?=[^#\n]*-fsanitize=|^(gcc|g\+\+|cc|c\+\+|clang(\+\+)?) (.* )?-fsanitize=/m;

export const OF_SANITIZER = 'it links the library of a sanitizer, which comes with the compiler';

function languagesOf(
  folder: string,
  files: BuildContext | undefined,
  call: Call,
): ReadonlySet<'c++' | 'fortran'> {
  const found = new Set<'c++' | 'fortran'>();
  if (ownName(call).endsWith('++')) found.add('c++');
  const paths = files ? entriesOf(files).filter(({ path }) => isWithin(path, folder)) : [];
  const has = (pattern: RegExp): boolean => paths.some(({ path }) => pattern.test(path));
  const isSeen = files !== undefined && has(/\.(c|cc|cpp|cxx|f\d*)$/i);
  if (
    has(/\.(cc|cpp|cxx|C)$/) ||
    !isSeen ||
    gapsOf(files).some(({ path }) => isWithin(path, folder) || isWithin(folder, path))
  )
    found.add('c++');
  if (has(/\.(f|for|f\d\d)$/i)) found.add('fortran');
  return found;
}

/** The version of GCC whose libstdc++ a suite has: packages libstdc++6 of Debian and Ubuntu, November 2026. */
const COMPILER_OF_SUITE: Readonly<Record<string, number>> = {
  jessie: 4,
  stretch: 6,
  buster: 8,
  bullseye: 10,
  bookworm: 12,
  trixie: 14,
};

/** Why a program that the image's own compiler links does not run on its distribution's libraries. */
export function newerThanSystem(image: Image): string | undefined {
  const version = image.runtimes.get('gcc');
  if (image.family !== 'gcc') return undefined;
  const suite = image.distribution?.suite ?? '';
  const own = COMPILER_OF_SUITE[suite];
  const major = Number(/^\d+/.exec(version ?? '')?.[0] ?? Number.NaN);
  if (own !== undefined && major <= own) return undefined;
  return `${image.name}:${image.tag} links a newer libstdc++ than its distribution has`;
}

/** What build files link: `-lz`, `target_link_libraries`, `find_package`, `pkg_check_modules`, `dependency`. */
function namesIn(text: string): readonly string[] {
  const plain = text.replaceAll(/(^|\s)#[^\n]*/g, '$1');
  return [
    ...[...plain.matchAll(/(?<![\w-])-l([\w+.-]+)/g)].map(([, name]) => name!),
    ...[...plain.matchAll(/\bfind_package\s*\(\s*(\w+)/gi)].map(([, name]) => name!),
    ...[...plain.matchAll(/\bpkg_check_modules\s*\(\s*\w+([^)]*)\)/gi)].flatMap(([, words]) =>
      words!.split(/\s+/).filter((word) => /^[a-z][\w.+-]*$/.test(word)),
    ),
    ...[...plain.matchAll(/\bpkg-config\s+(?:--\w+\s+)*([\w.+ -]+?)(?=[)`"\n]|$)/g)].flatMap(
      ([, words]) => words!.split(/\s+/).filter((word) => /^[a-z][\w.+-]*$/.test(word)),
    ),
    ...[...plain.matchAll(/\bdependency\s*\(\s*'([\w.+-]+)'/g)].map(([, name]) => name!),
    ...[
      ...plain.matchAll(/\b(?:AC_CHECK_LIB|AC_SEARCH_LIBS|PKG_CHECK_MODULES)\s*\(\s*\[?(\w+)/g),
    ].map(([, name]) => name!.toLowerCase()),
  ];
}

/** Packages with headers by the names under which their libraries are linked or looked for. */
const HEADERS: readonly (readonly [RegExp, string])[] = [
  [
    /^(c|m|pthread|dl|rt|util|resolv|threads|git|pkgconfig|doxygen|gtest|gtest_main|stdc\+\+|stdc\+\+fs|gcc|gcc_s|python3?|python3?interp|openmp|gomp|gfortran|catch2)$/,
    '',
  ],
  [/^(z|zlib)$/, 'zlib1g-dev'],
  [/^(ssl|crypto|openssl|libssl|libcrypto)$/, 'libssl-dev'],
  [/^(curl|libcurl)$/, 'libcurl4-openssl-dev'],
  [/^(pq|libpq|postgresql)$/, 'libpq-dev'],
  [/^(sqlite3|sqlite|sqlite3)$/, 'libsqlite3-dev'],
  [/^((n?curses|menu|panel|form)(w|w6)?|tinfo)$/, 'libncurses-dev'],
  [/^(xml2|libxml2|libxml-2.0)$/, 'libxml2-dev'],
  [/^(yaml|yaml-0.1)$/, 'libyaml-dev'],
  [/^(png|png16|libpng)$/, 'libpng-dev'],
  [/^jpeg$/, 'libjpeg-dev'],
  [/^(webp|libwebp)$/, 'libwebp-dev'],
  [/^(bz2|bzip2)$/, 'libbz2-dev'],
  [/^(lzma|liblzma)$/, 'liblzma-dev'],
  [/^(event|event_core|event_pthreads|libevent)$/, 'libevent-dev'],
  [/^(ffi|libffi)$/, 'libffi-dev'],
  [/^(gmp|gmpxx)$/, 'libgmp-dev'],
  [/^readline$/, 'libreadline-dev'],
  [/^geos(_c)?$/, 'libgeos-dev'],
  [/^(glib-2.0|gobject-2.0|gio-2.0|gthread-2.0)$/, 'libglib2.0-dev'],
  [/^(mysqlclient|mariadb|mysql)$/, 'default-libmysqlclient-dev'],
];

/** Packages with the shared libraries behind a name; empty for what every system has. */
export function packagesOf(
  name: string,
  image: Image,
  facts: Facts,
): readonly string[] | undefined {
  const header = headersOf(name);
  if (header === '') return [];
  return sharedLibraries(header, image.distribution?.suite ?? '', facts);
}

/** The package with the headers of a library; empty for what every system has. */
export function headersOf(name: string): string {
  const small = baseName(name).toLowerCase();
  return HEADERS.find(([pattern]) => pattern.test(small))?.[1] ?? `lib${small}-dev`;
}
