/**
 * How many bytes the files of an npm package take, by its row, by what a registry said, or, where
 * neither speaks of it, by the packages that look like it.
 */
import type { Amount } from '../analysis/amounts.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { NpmSizes } from '../facts/npm-types.ts';
import { isForPlatformByName } from './node-platform.ts';

/** A package in one release. */
export interface Release {
  readonly name: string;
  /** `undefined` where it is not fixed: the newest that is known counts. */
  readonly version: string | undefined;
}

/** All packages together. */
export interface PackagesAmount extends Amount {
  /** How many of them no row tells of. */
  readonly unknown: number;
}

interface Point {
  readonly version: string;
  readonly bytes: number;
}

interface Row {
  readonly name: string;
  /** The oldest first; never empty. */
  readonly points: readonly Point[];
  /** Names of what it needs. */
  readonly needs: readonly string[];
  /** Names of what it takes along where that fits the platform. */
  readonly optional: readonly string[];
  /** Bytes of the document about it; `undefined` where npm asked for none. */
  readonly document: number | undefined;
  /** Bytes of those about its optional packages for other platforms. */
  readonly beside: number;
  /** What releases that were asked for take. */
  readonly amounts: Map<string | undefined, Amount>;
}

/** What is known of a name at once: hundreds are asked about for each lockfile, and by several questions. */
export interface Named {
  readonly name: string;
  readonly row: Row | undefined;
  /** Whose sizes count, which may be another's: a program for musl is about as large as the same for glibc. */
  readonly sized: Row | undefined;
  readonly isBinary: boolean;
  /** Where no row tells. */
  likely: Amount | undefined;
}

/** As npm-sizes.json has it. */
const UNIT = 100;
const DOCUMENT_UNIT = 1000;
const BASE = 36;

interface Rows {
  readonly of: (name: string) => Named;
  /** Those that were asked for. */
  readonly known: ReadonlyMap<string, Named>;
  readonly names: readonly string[];
  /** Bytes of the newest release, by the place of the name: without all else of the row. */
  readonly newest: (place: number) => number;
  /** What those of which nothing is known may take, by their kind. */
  readonly averages: Map<string, Amount>;
}

const decoded = new WeakMap<object, Rows>();

function rowsOf(sizes: NpmSizes): Rows {
  let rows = decoded.get(sizes);
  if (!rows) decoded.set(sizes, (rows = decode(sizes)));
  return rows;
}

function decode({ names: joined, rows }: NpmSizes): Rows {
  const names = joined.split(' ');
  const lines = rows.split('\n');
  const places = new Map<string, number>();
  for (const [place, name] of names.entries()) places.set(name, place);
  const read = new Map<string, Row>();
  const known = new Map<string, Named>();
  const namesAt = (text = ''): string[] =>
    text === '' ? [] : text.split(' ').map((each) => names[Number.parseInt(each, BASE)]!);
  const bytesIn = (text: string): number => Number.parseInt(text, BASE) * UNIT;
  const rowOf = (name: string): Row | undefined => {
    const place = places.get(name);
    if (place === undefined) return undefined;
    let row = read.get(name);
    if (!row) {
      const [sizes = '', needs, optional, documents = ''] = lines[place]!.split(';');
      const points = sizes.split(' ').map((point): Point => {
        const at = point.lastIndexOf(':');
        return { version: point.slice(0, at), bytes: bytesIn(point.slice(at + 1)) };
      });
      const [document, beside = 0] =
        documents === ''
          ? []
          : documents.split(' ').map((each) => Number.parseInt(each, BASE) * DOCUMENT_UNIT);
      const brought = { needs: namesAt(needs), optional: namesAt(optional) };
      row = { name, points, ...brought, document, beside, amounts: new Map() };
      read.set(name, row);
    }
    return row;
  };
  return {
    names,
    newest: (place) => {
      const [points = ''] = lines[place]!.split(';', 1);
      return bytesIn(points.slice(points.lastIndexOf(':') + 1));
    },
    averages: new Map<string, Amount>(),
    known,
    of: (name) => {
      let own = known.get(name);
      if (!own) {
        const row = rowOf(name);
        const sized = row ?? (name.includes('musl') ? rowOf(forGlibc(name)) : undefined);
        own = { name, row, sized, isBinary: BINARY.test(name), likely: undefined };
        if (known.size >= MOST_NAMES) known.clear();
        known.set(name, own);
      }
      return own;
    },
  };
}

/** How far a figure may lie off, in nine of ten, by how far its release is from the one that is asked for. */
const RANGES = { exact: 0.1, major: 0.4, other: 0.8 };

/**
 * What a package took of what it takes some major versions later: the sums over all rows with several
 * majors, one step apart or more.
 */
const GROWTH = 0.78;

/** What one package takes: its files, without packages inside it. */
export function sizeOf(release: Release, sizes: NpmSizes): Amount {
  const rows = rowsOf(sizes);
  return ownSize(release, sizes, rows, rows.of(release.name));
}

function ownSize({ name, version }: Release, sizes: NpmSizes, rows: Rows, named: Named): Amount {
  const observed = sizes.observed?.get(`${name}@${version ?? ''}`);
  if (observed !== undefined) {
    return { bytes: observed, low: observed, high: observed, basis: 'metadata' };
  }
  const row = named.sized;
  if (!row) return (named.likely ??= ofKind(name, rows));
  let amount = row.amounts.get(version);
  if (!amount) {
    // A registry has no more releases than that of most packages.
    if (row.amounts.size >= MOST) row.amounts.clear();
    row.amounts.set(version, (amount = amountOf(row, version)));
  }
  return amount;
}

const MOST = 500;

function amountOf({ points }: Row, version: string | undefined): Amount {
  const { point, range } = nearest(points, version);
  if (version === undefined || range !== RANGES.other) return around(point.bytes, range);
  const isOlder = compare(numbersOf(version), numbersOf(point.version)) < 0;
  return around(point.bytes * (isOlder ? GROWTH : 1 / GROWTH), range);
}

function forGlibc(name: string): string {
  return name.replace(/-musl$/, '-gnu').replace(/-linuxmusl-/, '-linux-');
}

/** Bytes of files are never negative, and a package may have grown by more than it can have shrunk. */
function around(bytes: number, share: number): Amount {
  return { bytes, low: bytes / (1 + share), high: bytes * (1 + share), basis: 'catalogue' };
}

function nearest(
  points: readonly Point[],
  version: string | undefined,
): { readonly point: Point; readonly range: number } {
  const newest = points.at(-1)!;
  if (version === undefined) return { point: newest, range: RANGES.major };
  const asked = numbersOf(version);
  const sameMajor = points.filter((each) => numbersOf(each.version)[0] === asked[0]);
  const candidates = sameMajor.length > 0 ? sameMajor : ofNextMajor(points, asked[0]!);
  // A figure stands for its release and those behind it, up to the next figure, and for all of its minor
  // version that no figure is before: little changes in there, and the last one was counted.
  const before = candidates.findLast((each) => compare(numbersOf(each.version), asked) <= 0);
  const isAlike = ({ version: own }: Point): boolean =>
    compare([...numbersOf(own).slice(0, 2), 0], [...asked.slice(0, 2), 0]) === 0;
  const point =
    (before && isAlike(before) ? before : candidates.find(isAlike)) ?? before ?? candidates[0]!;
  if (sameMajor.length === 0) return { point, range: RANGES.other };
  const isExact = compare(numbersOf(point.version), asked) === 0;
  return { point, range: isExact ? RANGES.exact : RANGES.major };
}

/** Of the major versions that there are, that which comes nearest; the older of two. */
function ofNextMajor(points: readonly Point[], asked: number): readonly Point[] {
  const majorOf = ({ version }: Point): number => numbersOf(version)[0]!;
  let best = points[0]!;
  for (const each of points) {
    if (Math.abs(majorOf(each) - asked) < Math.abs(majorOf(best) - asked)) best = each;
  }
  return points.filter((each) => majorOf(each) === majorOf(best));
}

function numbersOf(version: string): readonly number[] {
  return version.split(/[.+-]/, 3).map((each) => Number.parseInt(each, 10) || 0);
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = [0, 1, 2].find((place) => one[place] !== other[place]);
  return at === undefined ? 0 : one[at]! - other[at]!;
}

/** Whether a release is another or newer; what is not fixed is the newest, as `22` is of its major version. */
export function isFrom(version: string | undefined, first: string): boolean {
  if (version === undefined) return true;
  const parts = version.split('.');
  const asked = [...numbersOf(version).slice(0, parts.length), NEWEST_MINOR, NEWEST_MINOR];
  return compare(asked, numbersOf(first)) >= 0;
}

/** Names of packages that hold a program for one platform. */
const BINARY = /[-/](linux|linuxmusl)-(x64|64|x86_64|amd64)/;

/** Of so many packages of one scope, the others are taken to be like them. */
const ENOUGH = 4;

/** Files of one project ask for much the same. */
const MOST_NAMES = 5_000;

/** Packages of which nothing is known are like those of the same kind that rows tell of. */
function ofKind(name: string, rows: Rows): Amount {
  const isForOne = BINARY.test(name) || !isForPlatformByName(name);
  const kind = isForOne ? 'binary' : name.startsWith('@') ? name.split('/', 1)[0]! : '';
  let amount = rows.averages.get(kind);
  if (!amount) {
    if (rows.averages.size >= MOST) rows.averages.clear();
    rows.averages.set(kind, (amount = averageOf(kind, rows)));
  }
  return amount;
}

function averageOf(kind: string, rows: Rows): Amount {
  const start = kind === '' || kind === 'binary' ? '' : `${kind}/`;
  const found: number[] = [];
  // All rows are looked at: what is dear comes last.
  for (const [place, name] of rows.names.entries()) {
    if (start !== '' && !name.startsWith(start)) continue;
    if (BINARY.test(name) === (kind === 'binary')) found.push(rows.newest(place));
  }
  if (found.length < ENOUGH && kind !== '') return ofKind('', rows);
  const sorted = [...new Float64Array(found).sort()];
  // The largest are popular enough to have rows: what has none is hardly one of them.
  const kept = sorted.slice(0, Math.max(1, Math.floor(sorted.length * KEPT)));
  const mean = meanOf(kept);
  let squares = 0;
  for (const each of sorted) squares += (each - mean) ** 2;
  const spread = Math.sqrt(squares / Math.max(1, sorted.length));
  // But where it is, a few of them carry the sum.
  return { bytes: mean, low: 0, high: mean + NINE_OF_TEN * spread, basis: 'model' };
}

/**
 * Of what is known, the part that what is unknown is like: packages of one line of
 * make/npm-installs.txt, as rows of all other lines see them.
 */
const KEPT = 0.99;

/** Of a normal distribution, in deviations: one in twenty lies above. */
const NINE_OF_TEN = 1.645;

function meanOf(values: readonly number[]): number {
  let all = 0;
  for (const each of values) all += each;
  return all / Math.max(1, values.length);
}

/** A project of years ago is old in all of its packages: what rows of other majors may be off together. */
const DISTANT = 0.4;

/** Of packages that no row tells of, how much less all together may take: found as {@link KEPT}. */
const UNKNOWN_LESS = 0.65;

/** What all packages together may be off beside what each may be off by itself. */
const COMMON = 0.02;

export interface Weighed {
  readonly sizes: NpmSizes;
  /** What each of the packages takes, in their order. */
  readonly amounts: readonly Amount[];
  /** What is known of their names. */
  readonly names: readonly Named[];
  readonly all: PackagesAmount;
}

const weighedLists = new RunMemory<readonly Release[], Weighed>();

export function weighed(packages: readonly Release[], sizes: NpmSizes): Weighed {
  let own = weighedLists.get(packages);
  if (own?.sizes !== sizes) {
    const amounts: Amount[] = [];
    const names: Named[] = [];
    const rows = rowsOf(sizes);
    const { known } = rows;
    for (const each of packages) {
      const named = known.get(each.name) ?? rows.of(each.name);
      const { sized } = named;
      // Most releases were asked for before, by another lockfile.
      const before = sized ? sized.amounts.get(each.version) : named.likely;
      const isKnown = before !== undefined && !sizes.observed;
      amounts.push(isKnown ? before : ownSize(each, sizes, rows, named));
      names.push(named);
    }
    weighedLists.set(packages, (own = { sizes, amounts, names, all: sumOf(amounts) }));
  }
  return own;
}

/** Sums up: errors of single packages are taken to be of different causes. */
export function sizeOfAll(packages: readonly Release[], sizes: NpmSizes): PackagesAmount {
  return weighed(packages, sizes).all;
}

function sumOf(amounts: readonly Amount[]): PackagesAmount {
  let [bytes, below, above, unknown, guessed, distant] = [0, 0, 0, 0, 0, 0];
  let basis: Amount['basis'] = 'metadata';
  for (const amount of amounts) {
    bytes += amount.bytes;
    above += (amount.high - amount.bytes) ** 2;
    if (amount.basis === 'model') {
      unknown++;
      guessed += amount.bytes;
    } else below += (amount.bytes - amount.low) ** 2;
    if (amount.basis === 'catalogue' && amount.high > (1 + RANGES.major) * amount.bytes) {
      distant += amount.bytes;
    }
    if (amount.basis === 'catalogue' && basis === 'metadata') basis = 'catalogue';
  }
  // Where they are few, the figures of the others carry the sum.
  if (unknown > amounts.length / 10) basis = 'model';
  return {
    bytes,
    low: Math.max(
      0,
      bytes * (1 - COMMON) -
        Math.hypot(Math.sqrt(below), UNKNOWN_LESS * guessed, DISTANT * distant),
    ),
    high: bytes * (1 + COMMON) + Math.hypot(Math.sqrt(above), DISTANT * distant),
    basis,
    unknown,
  };
}

/**
 * A document about a package of which nothing is known: the middle of those of all rows, and what nine
 * in ten lie between.
 */
const DOCUMENT = { bytes: 24_000, low: 3_000, high: 435_000 };

/**
 * What documents may be off together: older npm asks for shorter ones, and a registry may leave out
 * fields that another one has.
 */
const DOCUMENTS = { low: 0.4, high: 2.2 };

/**
 * What npm's cache keeps of the registry's documents about packages, each once.
 *
 * @param isResolved whether packages are looked for, not only their addresses: then npm reads about those
 * for other platforms as well
 */
export function documentsOf(
  packages: readonly Release[],
  isResolved: boolean,
  sizes: NpmSizes,
): Amount {
  const last = documents.get(packages);
  if (last?.isResolved === isResolved && last.sizes === sizes) return last.amount;
  const amount = documentsFor(packages, isResolved, sizes);
  documents.set(packages, { isResolved, sizes, amount });
  return amount;
}

const documents = new RunMemory<
  readonly Release[],
  { readonly isResolved: boolean; readonly sizes: NpmSizes; readonly amount: Amount }
>();

function documentsFor(packages: readonly Release[], isResolved: boolean, sizes: NpmSizes): Amount {
  const rows = rowsOf(sizes);
  let [bytes, below, above] = [0, 0, 0];
  const seen = new Set<string>();
  const known = weighedLists.get(packages);
  const names = known?.sizes === sizes ? known.names : packages.map(({ name }) => rows.of(name));
  for (const { name, row } of names) {
    if (seen.has(name)) continue;
    seen.add(name);
    bytes += (row?.document ?? DOCUMENT.bytes) + (isResolved ? (row?.beside ?? 0) : 0);
    if (row?.document !== undefined) continue;
    below += (DOCUMENT.bytes - DOCUMENT.low) ** 2;
    above += (DOCUMENT.high - DOCUMENT.bytes) ** 2;
  }
  return {
    bytes,
    low: Math.max(0, bytes * DOCUMENTS.low - Math.sqrt(below)),
    high: bytes * DOCUMENTS.high + Math.sqrt(above),
    basis: 'model',
  };
}

/** Which of the packages no row has, and no registry was asked about, in the release that is meant. */
export function withoutSize(packages: readonly Release[], sizes: NpmSizes): readonly Release[] {
  return packages.filter(({ name, version }) => {
    if (version === undefined || sizes.observed?.has(`${name}@${version}`)) return false;
    const { row } = rowsOf(sizes).of(name);
    return !row || nearest(row.points, version).range === RANGES.other;
  });
}

/**
 * All that the packages bring along, by rows, each once; what is brought along is in the release that its
 * row was made with. A lockfile tells more: this is for where there is none.
 */
export function closureOf(asked: readonly Release[], sizes: NpmSizes): readonly Release[] {
  const rows = rowsOf(sizes);
  const found = new Map(asked.map((each) => [each.name, each]));
  // What is added on the way is looked at as well.
  for (const name of found.keys()) {
    const { row } = rows.of(name);
    for (const each of [...(row?.needs ?? []), ...(row?.optional ?? [])]) {
      if (!found.has(each)) found.set(each, { name: each, version: undefined });
    }
  }
  return [...found.values()];
}

/** Behind all releases of its major. */
const NEWEST_MINOR = 99_999;

/** The release that a range may mean: `^4.17.1` is the newest of its major. */
export function newestIn(spec: string): string | undefined {
  const [, sign, major, rest] = /^\s*([\^~>=v]*)\s*(\d+)((?:\.\d+){2})?/.exec(spec) ?? [];
  if (major === undefined || sign!.startsWith('>')) return undefined;
  const isFixed = rest !== undefined && (sign === '' || sign === '=' || sign === 'v');
  return isFixed ? `${major}${rest}` : `${major}.${NEWEST_MINOR}.0`;
}
