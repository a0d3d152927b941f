/** Names of system packages: the shared libraries behind headers, and the same purpose on Alpine. */
import type { Facts } from '../facts/types.ts';

/**
 * The packages with the shared libraries that a program needs when it runs, after it was linked
 * with what a package with headers brings. Empty where there are none (a library of headers only);
 * `undefined` where no row tells, or the suite does not have the package.
 */
export function sharedLibraries(
  name: string,
  suite: string,
  { debianLibraries: { names, packages } }: Pick<Facts, 'debianLibraries'>,
): readonly string[] | undefined {
  const row = Object.hasOwn(packages, name) ? packages[name]! : {};
  const entry = Object.entries(row).find(([suites]) => suites.split(' ').includes(suite));
  return entry?.[1].map((index) => names[index]!).filter((each) => !OF_COMPILERS.test(each));
}

/**
 * What comes with every compiler and little links: code that is compiled to be tested, and of Fortran
 * (whose own library brings it). Not all of them are there on each architecture.
 */
const OF_COMPILERS = /^lib(asan|hwasan|itm|lsan|quadmath|tsan|ubsan)\d+$/;

const suites = new WeakMap<Facts['debianLibraries'], ReadonlyMap<string, ReadonlySet<string>>>();

/** The suites that call a library so; empty where no row has it. */
export function suitesOf(
  name: string,
  { debianLibraries }: Pick<Facts, 'debianLibraries'>,
): ReadonlySet<string> {
  let all = suites.get(debianLibraries);
  if (!all) suites.set(debianLibraries, (all = readSuites(debianLibraries)));
  return all.get(name) ?? new Set();
}

function readSuites({
  names,
  packages,
}: Facts['debianLibraries']): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const row of Object.values(packages)) {
    for (const [own, indices] of Object.entries(row)) {
      for (const index of indices) {
        const name = names[index]!;
        const known = found.get(name) ?? new Set<string>();
        found.set(name, known);
        for (const suite of own.split(' ')) known.add(suite);
      }
    }
  }
  return found;
}

/** The same for a package with headers of Alpine, in one of its releases. */
export function sharedLibrariesOnAlpine(
  name: string,
  release: string,
  facts: Pick<Facts, 'alpineNames'>,
): readonly string[] | undefined {
  const { libraries } = facts.alpineNames;
  const names = Object.hasOwn(libraries, name) ? libraries[name]! : undefined;
  return names && inAlpineRelease(names, release, facts);
}

/**
 * Packages of recent Alpine under the names that a release has for them; `undefined` where one of them is
 * not known there.
 */
export function inAlpineRelease(
  names: readonly string[],
  release: string,
  { alpineNames: { older } }: Pick<Facts, 'alpineNames'>,
): readonly string[] | undefined {
  const minor = minorOf(release);
  const row = older.find(({ before }) => minor < minorOf(before));
  if (!row) return names;
  const found = names.map((name) => (Object.hasOwn(row.names, name) ? row.names[name]! : name));
  return found.every((name) => name !== null) ? found : undefined;
}

/** Of `3.17` and `3.17.2`; larger than all of them for `edge`. */
function minorOf(release: string): number {
  return Number(/^3\.(\d+)/.exec(release)?.[1] ?? Infinity);
}

export type OnAlpine =
  | { readonly kind: 'packages'; readonly names: readonly string[] }
  /** Alpine does without. */
  | { readonly kind: 'needless' }
  /** Alpine has nothing for it. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'unknown' };

/** What takes the place of a package of Debian or Ubuntu on Alpine. */
export function onAlpine(name: string, { alpineNames }: Pick<Facts, 'alpineNames'>): OnAlpine {
  const { packages, needless, missing } = alpineNames;
  if (Object.hasOwn(packages, name)) return { kind: 'packages', names: packages[name]! };
  if (needless.includes(name)) return { kind: 'needless' };
  return { kind: missing.includes(name) ? 'missing' : 'unknown' };
}
