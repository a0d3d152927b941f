/** What packages of PyPI weigh when they are installed, by the rows in `facts/pip-sizes.json`. */
import { about, sum, times, type Amount } from '../analysis/amounts.ts';
import type { Facts } from '../facts/types.ts';
import { normalName } from './python-dependencies.ts';

/** A package as an install asks for it. */
export interface PipPackage {
  readonly name: string;
  readonly version?: string | undefined;
  readonly extras?: readonly string[] | undefined;
  /** Bytes of the wheel, where a lockfile says. */
  readonly wheel?: number | undefined;
  readonly isPure?: boolean | undefined;
}

interface Version {
  readonly version: string;
  /** Bytes of the wheel, or of the source; 0 where nobody knows. */
  readonly wheel: number;
  readonly kind: 'p' | 'n' | 's';
  readonly unpacked: number | undefined;
  /** Bytes of Python's sources in it. */
  readonly sources: number | undefined;
}

interface Row {
  readonly needs: readonly PipPackage[];
  readonly extras: ReadonlyMap<string, readonly string[]>;
  readonly versions: readonly Version[];
}

const decoded = new WeakMap<Facts['pipSizes'], Map<string, string>>();

function rowOf(name: string, { pipSizes }: Pick<Facts, 'pipSizes'>): Row | undefined {
  let lines = decoded.get(pipSizes);
  if (!lines) {
    lines = new Map(pipSizes.rows.map((row) => [row.slice(0, row.indexOf(';')), row]));
    decoded.set(pipSizes, lines);
  }
  const line = lines.get(name);
  if (line === undefined) return undefined;
  const [, needs = '', extras = '', versions = ''] = line.split(';');
  return {
    needs: needs.split(' ').filter(Boolean).map(named),
    extras: new Map(
      extras.split('|').flatMap((each): [string, string[]][] => {
        const [extra = '', names] = each.split(':');
        return names === undefined ? [] : [[extra, names.split(',')]];
      }),
    ),
    versions: versions.split(' ').map((each) => {
      const [version = '', wheel = '', unpacked, sources] = each.split(':');
      return {
        version,
        wheel: Number.parseInt(wheel, 10),
        kind: wheel.at(-1) as Version['kind'],
        unpacked: unpacked === undefined ? undefined : Number(unpacked),
        sources: sources === undefined ? undefined : Number(sources),
      };
    }),
  };
}

/** `uvicorn[standard]`. */
function named(text: string): PipPackage {
  const [name = '', extras] = text.replace(']', '').split('[');
  return { name, extras: extras?.split(',') };
}

/** All that is installed with some packages, each once; which versions are taken, nobody looks at. */
export function withNeeds(
  asked: readonly PipPackage[],
  facts: Pick<Facts, 'pipSizes'>,
): readonly PipPackage[] {
  const found = new Map<string, PipPackage>();
  const seen = new Set<string>();
  const queue = [...asked];
  for (let each = queue.shift(); each; each = queue.shift()) {
    const key = `${each.name}[${each.extras?.join(',') ?? ''}]`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (!found.has(each.name)) found.set(each.name, each);
    const row = rowOf(each.name, facts);
    if (!row) continue;
    const extras = each.extras ?? [];
    queue.push(
      ...row.needs,
      ...extras.flatMap((extra) =>
        (row.extras.get(normalName(extra)) ?? []).map((name) => ({ name })),
      ),
    );
  }
  return [...found.values()];
}

/**
 * What a wheel unpacks to, over its own bytes: 87 pure packages and 53 compiled ones of the rows, of
 * which both figures are known, at their quantiles 0.05, 0.5 and 0.95. Very large ones are mostly machine
 * code for graphics cards, by general knowledge.
 */
const UNPACKED = {
  p: { low: 1.8, ratio: 3.03, high: 4.4 },
  n: { low: 2.2, ratio: 3.2, high: 4.3 },
  s: { low: 1, ratio: 3.4, high: 8 },
  large: { low: 1.4, ratio: 2, high: 3 },
};
const LARGE = 50_000_000;

/** The share of Python's sources in what is unpacked, where no row says it: medians of the same. */
const SOURCES = { p: 0.84, n: 0.2, s: 0.6, large: 0.03 };

/**
 * Of which nobody knows more than the name: quantiles 0.05 to 0.95 of what the packages of the rows
 * weigh; between median and mean, which few of them make large.
 */
const UNKNOWN: Amount = { bytes: 700_000, low: 30_000, high: 19_000_000, basis: 'model' };

/** Other releases than those of the rows: neighbours differ less in nine of ten. */
const OTHER_RELEASE = 0.25;

/** Records beside the files: INSTALLER, REQUESTED, and what RECORD says of compiled files. */
const RECORDS = 400;

/** @param compiled bytes of byte code for each byte of sources; 0 where nothing is compiled */
export function installedBytes(
  asked: PipPackage,
  compiled: number,
  facts: Pick<Facts, 'pipSizes'>,
): Amount {
  const row = rowOf(asked.name, facts);
  const nearest = row && nearestVersion(row.versions, asked.version);
  const isExact = nearest !== undefined && nearest.version === asked.version;
  if (nearest?.unpacked !== undefined && (isExact || asked.wheel === undefined)) {
    const bytes = nearest.unpacked + RECORDS + (nearest.sources ?? 0) * compiled;
    // Figures of a lockfile's own release go before those of another.
    return about(bytes, isExact ? 0.03 : OTHER_RELEASE, isExact ? 'catalogue' : 'model');
  }
  const wheel = asked.wheel ?? (nearest && nearest.wheel > 0 ? nearest.wheel : undefined);
  if (wheel === undefined) return UNKNOWN;
  const pure = asked.isPure === undefined ? undefined : asked.isPure ? 'p' : 'n';
  const plain = asked.wheel === undefined ? (nearest?.kind ?? 'p') : (pure ?? nearest?.kind ?? 'p');
  const kind = wheel > LARGE && plain === 'n' ? 'large' : plain;
  const { low, ratio, high } = UNPACKED[kind];
  const own = ownRatio(row, asked.wheel);
  const share = asked.wheel !== undefined || isExact ? 0 : OTHER_RELEASE;
  const bytes = wheel * (own ?? ratio);
  const unpacked: Amount = {
    bytes,
    low: (own === undefined ? wheel * low : bytes * 0.85) * (1 - share),
    high: (own === undefined ? wheel * high : bytes * 1.15) * (1 + share),
    basis: asked.wheel === undefined ? 'model' : 'metadata',
  };
  return times(unpacked, 1 + SOURCES[kind] * compiled);
}

/** The ratio of another release of the package, of which both figures are known. */
function ownRatio(row: Row | undefined, wheel: number | undefined): number | undefined {
  if (wheel === undefined) return undefined;
  const both = row?.versions.find((each) => each.wheel > 0 && each.unpacked !== undefined);
  return both && both.unpacked! / both.wheel;
}

/** Of wheels, as pip keeps them, with pages of the index. */
export function downloadedBytes(asked: PipPackage, facts: Pick<Facts, 'pipSizes'>): Amount {
  if (asked.wheel !== undefined) return withPage(about(asked.wheel, 0.01, 'metadata'));
  const row = rowOf(asked.name, facts);
  const nearest = row && nearestVersion(row.versions, asked.version);
  if (!nearest) return withPage(times(UNKNOWN, 0.2));
  const isExact = nearest.version === asked.version;
  if (nearest.wheel > 0) return withPage(about(nearest.wheel, isExact ? 0.02 : OTHER_RELEASE));
  return withPage(about((nearest.unpacked ?? 0) / UNPACKED[nearest.kind].ratio, 0.4));
}

/** An index page is cached too: a few kB for a young package, hundreds for an old one; not measured. */
const PAGE: Amount = { bytes: 25_000, low: 2000, high: 150_000, basis: 'model' };

function withPage(amount: Amount): Amount {
  return sum([amount, PAGE]);
}

function numbers(version: string): readonly number[] {
  return (version.match(/\d+/g) ?? []).slice(0, 3).map(Number);
}

/** The newest where none is asked for. */
function nearestVersion(all: readonly Version[], wanted: string | undefined): Version | undefined {
  if (wanted === undefined) return all.at(-1);
  const [major = 0, minor = 0, patch = 0] = numbers(wanted);
  const distance = ({ version }: Version): number => {
    const [a = 0, b = 0, c = 0] = numbers(version);
    return Math.abs(a - major) * 1e6 + Math.abs(b - minor) * 1e3 + Math.abs(c - patch);
  };
  return all.toSorted((one, other) => distance(one) - distance(other))[0];
}
