/**
 * How many bytes does `apt-get install` add to an image?
 *
 * Bytes are what the image grows by in `docker image inspect`, lists and archives of packages left out:
 * files of the packages, what their scripts are known to make, dpkg's records, logs. Figures come from
 * `facts/apt-packages.json`: the packages' own sizes, corrected by models that were fitted to real files
 * (README there); `corpus/measured-apt.json` holds real installs that the estimate is tested against.
 */
import type { Amount } from '../analysis/amounts.ts';
import type { AptPackages } from '../facts/apt-types.ts';
import type { Answer } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';

export interface AptInstall {
  /** Words of the command, with or without version, suite and architecture. */
  readonly names: readonly string[];
  /** A code name: `bookworm`. */
  readonly suite: string;
  readonly withRecommends: boolean;
  /** Whether the image has a package before the install; see `Image.hasPackage`. */
  readonly isThere: (name: string) => Answer;
  /** Whether dpkg leaves out documentation and translations, as on Debian's slim images. */
  readonly isSlim: boolean;
}

export interface AptEstimate extends Amount {
  /** All that is installed, the largest first. Their sum is less than `bytes`: dpkg's records come on top. */
  readonly packages: readonly { readonly name: string; readonly bytes: number }[];
  /** Words of the command of which no row tells; each counts as the median of those that Dockerfiles install. */
  readonly unknown: readonly string[];
}

/**
 * A package of which nothing is known, in bytes: quantiles 0.1, 0.5 and 0.9 of what one name brings
 * along on a minimal Debian 12, over the names that Dockerfiles install, by how often they do.
 */
const UNKNOWN = {
  withRecommends: { low: 1_300_000, bytes: 38_700_000, high: 357_000_000 },
  without: { low: 1_300_000, bytes: 21_900_000, high: 232_000_000 },
};

/**
 * How far an estimate may be off, in nine of ten: a share, and bytes. Wider than measured installs ask
 * for: those are of packages whose real files were looked at more often than others.
 */
const DEVIATION = { share: 0.06, bytes: 500_000 };

/** The same where the figures are of another suite: nine of ten popular names differ less between bookworm and trixie. */
const OTHER_SUITE = 0.7;

/** The same where it is known which part of the sizes holds: installs in public build logs, corpus/logged-apt.json. */
const AGED_SUITE = 0.45;

/** One package of one suite. */
interface Row {
  readonly name: string;
  readonly bytes: number;
  readonly leftOut: number;
  readonly hasQuestions: boolean;
  readonly needs: readonly (readonly string[])[];
  readonly recommends: readonly (readonly string[])[];
}

/** What a name stands for: the package itself, or the one that provides it. */
type Rows = (name: string) => Row | undefined;

/** Names of packages and where each stands, read as far as somebody has asked: the same for all suites. */
interface Names {
  readonly perPart: number;
  readonly at: (place: number) => string;
  readonly placeOf: (name: string) => number | undefined;
}

interface Decoded {
  readonly names: Names;
  readonly bySuite: Map<string, Rows>;
}

const decoded = new WeakMap<AptPackages, Decoded>();

function rowsOf(facts: AptPackages, suite: string): Rows {
  let all = decoded.get(facts);
  if (!all) decoded.set(facts, (all = { names: namesOf(facts), bySuite: new Map() }));
  let rows = all.bySuite.get(suite);
  if (!rows) all.bySuite.set(suite, (rows = decode(facts, suite, all.names)));
  return rows;
}

function namesOf({ names }: AptPackages): Names {
  const parts: (readonly string[])[] = [];
  const perPart = names[0]!.split(' ').length;
  const places = new Map<string, number>();
  /** Reads one part more. */
  const read = (): void => {
    const part = names[parts.length]!.split(' ');
    let place = parts.length * perPart;
    for (const name of part) places.set(name, place++);
    parts.push(part);
  };
  return {
    perPart,
    at: (place) => {
      const part = Math.floor(place / perPart);
      while (parts.length <= part) read();
      return parts[part]![place % perPart]!;
    },
    placeOf: (name) => {
      while (!places.has(name) && parts.length < names.length) read();
      return places.get(name);
    },
  };
}

function decode({ suites }: AptPackages, suite: string, names: Names): Rows {
  const { rows } = suites[suite]!;
  const { perPart, at: nameAt } = names;
  const rowParts = new Map<number, readonly string[]>();
  const cache = new Map<number, Row | undefined>();
  const lineAt = (place: number): string => {
    const part = Math.floor(place / perPart);
    let lines = rowParts.get(part);
    if (!lines) rowParts.set(part, (lines = rows[part]!.split('\n')));
    return lines[place % perPart]!;
  };
  const relations = (text: string | undefined): string[][] =>
    text
      ? text
          .split(' ')
          .map((group) => group.split('|').map((place) => nameAt(Number.parseInt(place, 36))))
      : [];
  const at = (place: number): Row | undefined => {
    if (cache.has(place)) return cache.get(place);
    const line = lineAt(place);
    let row: Row | undefined;
    if (line.startsWith('=')) row = at(Number.parseInt(line.slice(1), 36));
    else if (line !== '') {
      const [head = '', needs, recommends] = line.split(',');
      const [size = '', leftOut = '0'] = head.replace('!', '').split('-');
      row = {
        name: nameAt(place),
        bytes: Number.parseInt(size, 36) * 1000,
        leftOut: Number.parseInt(leftOut, 36) * 1000,
        hasQuestions: head.endsWith('!'),
        needs: relations(needs),
        recommends: relations(recommends),
      };
    }
    cache.set(place, row);
    return row;
  };
  const byName = new Map<string, Row | undefined>();
  return (name) => {
    if (byName.has(name)) return byName.get(name);
    const place = names.placeOf(name);
    if (place === undefined) return undefined;
    const row = at(place);
    byName.set(name, row);
    return row;
  };
}

type AptFacts = Pick<Facts, 'aptPackages' | 'aptSuites'>;

/** The suite whose rows are taken, whether it is the one that was asked for, and which part of its sizes holds. */
function nearestSuite(suite: string, { aptPackages: { suites, nearest }, aptSuites }: AptFacts) {
  if (suites[suite]) return { suite, isExact: true, holds: 1 };
  return {
    suite: nearest[suite] ?? aptSuites.nearest[suite] ?? Object.keys(suites).at(-1)!,
    isExact: false,
    holds: aptSuites.shares[suite] ?? 1,
  };
}

/** `curl=8.1-2`, `curl/bookworm-backports`, `curl:amd64`. */
const plainName = (word: string): string => word.replace(/[=/:].*$/, '');

/**
 * What installing packages adds. A package of which the image may have it counts, and the range begins
 * below it; what no row tells counts as the median of what Dockerfiles install, and the range says so.
 */
export function aptInstall(install: AptInstall, facts: AptFacts): AptEstimate {
  const { suite, isExact, holds } = nearestSuite(install.suite, facts);
  const rows = rowsOf(facts.aptPackages, suite);
  const known: Row[] = [];
  for (const name of install.names) {
    const row = rows(plainName(name));
    if (row) known.push(row);
  }
  const unknown = install.names.filter(
    (name) => rows(plainName(name)) === undefined && install.isThere(plainName(name)) !== 'yes',
  );
  let isAllKnown = true;
  const most = closureOf(known, install, rows, (name) => {
    const answer = install.isThere(name);
    if (answer === 'unknown') isAllKnown = false;
    return answer === 'yes';
  });
  const least = isAllKnown
    ? most
    : closureOf(known, install, rows, (name) => install.isThere(name) !== 'no');
  const bytes = holds * sumOf(most, install.isSlim, suite, facts.aptPackages);
  const lower =
    least.length === most.length
      ? bytes
      : holds * sumOf(least, install.isSlim, suite, facts.aptPackages);
  const other = facts.aptSuites.shares[install.suite] === undefined ? OTHER_SUITE : AGED_SUITE;
  const share = isExact ? DEVIATION.share : other;
  const each = install.withRecommends ? UNKNOWN.withRecommends : UNKNOWN.without;
  return {
    packages: most
      .map((row) => ({ name: row.name, bytes: holds * bytesOf(row, install.isSlim) }))
      .toSorted((a, b) => b.bytes - a.bytes),
    unknown,
    bytes: bytes + unknown.length * each.bytes,
    low: Math.max(0, lower * (1 - share) - DEVIATION.bytes) + unknown.length * each.low,
    high: bytes * (1 + share) + DEVIATION.bytes + unknown.length * each.high,
    basis: 'model',
  };
}

/** Package lists grow and shrink with the archive; those of another suite are another archive's. */
const LISTS_RANGE = { exact: 0.15, other: 0.6 };

/** Archives of packages by what they become on disk: all packages of the rows together, 0.28. */
const ARCHIVE = { low: 0.18, share: 0.28, high: 0.4 };

/** What `apt-get update` leaves in `/var/lib/apt/lists` where nobody deletes it. */
export function aptLists(suite: string, facts: AptFacts): Amount {
  const measured = facts.aptSuites.lists[suite];
  if (measured) return around(measured.bytes, LISTS_RANGE.exact, true);
  const nearest = nearestSuite(suite, facts);
  const { aptPackages } = facts;
  const bytes = aptPackages.install.suites[nearest.suite]!.lists;
  return around(bytes, nearest.isExact ? LISTS_RANGE.exact : LISTS_RANGE.other, nearest.isExact);
}

/**
 * What installs leave in `/var/cache/apt` where nobody deletes it: apt's binary caches and the archives.
 *
 * @param cleansItself whether apt deletes them after each install, as official images of Debian and
 * Ubuntu tell it to
 * @param installed bytes of the packages that were installed, for their archives
 */
export function aptCaches(
  suite: string,
  facts: AptFacts,
  cleansItself: Answer = 'yes',
  installed = 0,
): Amount {
  if (cleansItself === 'yes') return { bytes: 0, low: 0, high: 0, basis: 'catalogue' };
  const nearest = nearestSuite(suite, facts);
  const caches = facts.aptPackages.install.suites[nearest.suite]!.caches;
  const share = nearest.isExact ? LISTS_RANGE.exact : LISTS_RANGE.other;
  return {
    bytes: caches + installed * ARCHIVE.share,
    low: cleansItself === 'no' ? caches * (1 - share) + installed * ARCHIVE.low : 0,
    high: caches * (1 + share) + installed * ARCHIVE.high,
    basis: 'model',
  };
}

function around(bytes: number, share: number, isMeasured: boolean): Amount {
  const basis = isMeasured ? 'catalogue' : 'model';
  return { bytes, low: bytes * (1 - share), high: bytes * (1 + share), basis };
}

const bytesOf = ({ bytes, leftOut }: Row, isSlim: boolean): number =>
  isSlim ? bytes - leftOut : bytes;

function sumOf(
  rows: readonly Row[],
  isSlim: boolean,
  suite: string,
  { install }: AptPackages,
): number {
  if (rows.length === 0) return 0;
  const { bytes, debconf } = install.suites[suite]!;
  return rows.reduce(
    (sum, row) => sum + bytesOf(row, isSlim) + install.package,
    bytes + (rows.some((row) => row.hasQuestions) ? debconf : 0),
  );
}

/**
 * What is needed goes before what is recommended, and relations with alternatives wait until the plain
 * ones are in: one of those may satisfy them.
 */
function closureOf(
  roots: readonly Row[],
  { withRecommends }: AptInstall,
  rows: Rows,
  isThere: (name: string) => boolean,
): Row[] {
  const found = new Map<string, Row>();
  const queue = [...roots];
  const needed: (readonly string[])[] = [];
  const recommended: (readonly string[])[] = [];
  const has = (name: string): boolean => found.has(name) || isThere(name);
  /** What apt takes of alternatives that nothing satisfies yet. */
  const take = (group: readonly string[]): void => {
    for (const name of group) {
      const row = rows(name);
      if (row) return void queue.push(row);
    }
  };
  for (;;) {
    const row = queue.shift();
    if (row) {
      if (has(row.name)) continue;
      found.set(row.name, row);
      for (const group of row.needs) {
        if (group.length > 1) needed.push(group);
        else take(group);
      }
      if (withRecommends) recommended.push(...row.recommends);
      continue;
    }
    const group = needed.shift() ?? recommended.shift();
    if (!group) return [...found.values()];
    if (!group.some(has)) take(group);
  }
}
