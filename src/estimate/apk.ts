/**
 * How many bytes does `apk add` add to an image?
 *
 * Figures come from `facts/apk-packages.json`: the installed sizes that Alpine's own indices tell, and
 * what comes along. `corpus/measured-apk.json` holds installs of public builds that the estimate is
 * tested against.
 */
import { about, type Amount } from '../analysis/amounts.ts';
import type { ApkPackages } from '../facts/apk-types.ts';
import type { Answer } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';

export interface ApkInstall {
  /** Words of the command, with or without version and repository: `curl`, `curl=8.1-r2`, `curl@edge`. */
  readonly names: readonly string[];
  /** As suites of Alpine are called: `3.17`. */
  readonly release: string;
  /** Whether the image has a package before the install; see `Image.hasPackage`. */
  readonly isThere: (name: string) => Answer;
}

export interface ApkEstimate extends Amount {
  /** All that is installed and of which a row tells, the largest first. */
  readonly packages: readonly { readonly name: string; readonly bytes: number }[];
  /** Words of the command of which no row tells; each counts as the median of those that Dockerfiles install. */
  readonly unknown: readonly string[];
}

/**
 * A package of which nothing is known, in bytes: quantiles 0.1, 0.5 and 0.9 of what one name of
 * make/apk-packages.txt brings along on a bare Alpine 3.17. Those of the community repository, which
 * are most of the unknown, may be larger at the upper end: Go takes 440 MB.
 */
const UNKNOWN = { low: 200_000, bytes: 2_500_000, high: 50_700_000 };

/**
 * How far an estimate may be off, in nine of ten, as a share: the indices are of another architecture
 * and of one day in a release that lives for two years. And bytes: apk's own records.
 */
const DEVIATION = { share: 0.1, bytes: 500_000 };

/** The same where the figures are of another release: installs of Alpine 3.10 to 3.13 in public build logs. */
const OTHER_RELEASE = 0.3;

interface Row {
  readonly name: string;
  readonly bytes: number;
  readonly needs: readonly string[];
}

type Rows = (name: string) => Row | undefined;

const decoded = new WeakMap<ApkPackages, Map<string, Rows>>();

function rowsOf(facts: ApkPackages, release: string): Rows {
  let byRelease = decoded.get(facts);
  if (!byRelease) decoded.set(facts, (byRelease = new Map<string, Rows>()));
  let rows = byRelease.get(release);
  if (!rows) byRelease.set(release, (rows = decode(facts, release)));
  return rows;
}

function decode({ names, releases }: ApkPackages, release: string): Rows {
  const all = names.split(' ');
  const places = new Map(all.map((name, place) => [name, place]));
  const lines = releases[release]!.rows.split('\n');
  const at = (place: number): Row | undefined => {
    const line = lines[place] ?? '';
    if (line.startsWith('=')) return at(Number.parseInt(line.slice(1), 36));
    if (line === '') return undefined;
    const [size = '', needs = ''] = line.split(',');
    return {
      name: all[place]!,
      bytes: Number.parseInt(size, 36) * 1000,
      needs: needs === '' ? [] : needs.split(' ').map((text) => all[Number.parseInt(text, 36)]!),
    };
  };
  return (name) => {
    const place = places.get(name);
    return place === undefined ? undefined : at(place);
  };
}

function nearestRelease(release: string, { releases, nearest }: ApkPackages) {
  if (releases[release]) return { release, isExact: true };
  return { release: nearest[release] ?? Object.keys(releases).at(-1)!, isExact: false };
}

const plainName = (word: string): string => word.replace(/[=<>~@].*$/, '');

/** Words that name no package: options, and groups that `--virtual` makes (they weigh nothing). */
const isPackage = (word: string): boolean => !/^[-.!]/.test(word);

/**
 * What installing packages adds. A package of which the image may have it counts, and the range begins
 * below it; what no row tells counts as the median of what Dockerfiles install, and the range says so.
 */
export function apkInstall(
  install: ApkInstall,
  { apkPackages }: Pick<Facts, 'apkPackages'>,
): ApkEstimate {
  const { release, isExact } = nearestRelease(install.release, apkPackages);
  const rows = rowsOf(apkPackages, release);
  const words = [...new Set(install.names.filter(isPackage).map(plainName))];
  const known = words.flatMap((name) => rows(name) ?? []);
  const others = words.filter((name) => !rows(name) && apkPackages.others[name]);
  const unknown = words.filter(
    (name) => !rows(name) && !apkPackages.others[name] && install.isThere(name) !== 'yes',
  );
  const most = closureOf(known, rows, (name) => install.isThere(name) === 'yes');
  const least = closureOf(known, rows, (name) => install.isThere(name) !== 'no');
  const sum = (all: readonly Row[]): number => all.reduce((bytes, row) => bytes + row.bytes, 0);
  const logged = others.reduce((bytes, name) => bytes + apkPackages.others[name]!.bytes, 0);
  const off = isExact ? DEVIATION.share : OTHER_RELEASE;
  const packages = [
    ...most.map(({ name, bytes }) => ({ name, bytes })),
    ...others.map((name) => ({ name, bytes: apkPackages.others[name]!.bytes })),
  ];
  const bytes = sum(most) + logged;
  const rest = packages.length === 0 ? 0 : DEVIATION.bytes;
  return {
    packages: packages.toSorted((a, b) => b.bytes - a.bytes),
    unknown,
    bytes: bytes + unknown.length * UNKNOWN.bytes,
    low:
      Math.max(0, sum(least) * (1 - off) + logged * (1 - OTHER_RELEASE) - rest) +
      unknown.length * UNKNOWN.low,
    high:
      sum(most) * (1 + off) + logged * (1 + OTHER_RELEASE) + rest + unknown.length * UNKNOWN.high,
    basis: isExact && unknown.length === 0 && others.length === 0 ? 'metadata' : 'model',
  };
}

/** What `apk add` without `--no-cache`, and `apk update`, leave in `/var/cache/apk` where nobody deletes it. */
export function apkIndex({ apkPackages }: Pick<Facts, 'apkPackages'>): Amount {
  return about(apkPackages.index.bytes, 0.3);
}

function closureOf(roots: readonly Row[], rows: Rows, isThere: (name: string) => boolean): Row[] {
  const found = new Map<string, Row>();
  const queue = [...roots];
  for (let row = queue.shift(); row; row = queue.shift()) {
    if (found.has(row.name) || isThere(row.name)) continue;
    found.set(row.name, row);
    queue.push(...row.needs.flatMap((name) => rows(name) ?? []));
  }
  return [...found.values()];
}
