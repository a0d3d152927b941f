/**
 * How large an image is, from the figures that rows have: of itself, of other versions, of the same
 * thing on another suite. Of all ways that lead to a figure the one with the narrowest range counts.
 */
import type { ImageKind, ImageRepository, Images } from '../facts/image-rows.ts';
import type { Bytes, Image } from '../facts/image-types.ts';
import { compareNumbers, numbersOf } from './image-tags.ts';
import { filled, stackOf, type ImageLayer } from './image-stack.ts';
import { matchesWhole } from './patterns.ts';
import { imageName } from './stages.ts';

type Measure = 'compressed' | 'size';

interface Figure {
  readonly version: readonly number[];
  readonly compressed: number | undefined;
  readonly size: number | undefined;
  /** linux/arm64, compressed. */
  readonly arm: number | undefined;
  readonly date: string;
  readonly source: string;
}

interface Candidate {
  readonly bytes: number;
  /** Half of the range, as a share of the bytes. */
  readonly width: number;
  readonly basis: 'catalogue' | 'model';
  readonly figure: Figure;
}

/** What a figure of the same tag may be off by: images are built again when their base moves. */
const SAME_TAG = 0.01;
/** Of another patch release. */
const SAME_LINE = 0.03;
/** Of a tag without a version: the figure is of the newest version that is known. */
const FLOATING = 0.05;
/** Of the next version on one side only, and of each further one. */
const NEIGHBOUR = 0.08;
/** Of the same program on another suite, with the sizes of the two suites exchanged. */
const OTHER_SUITE = 0.12;
/** What programs grow in a year, where the figure is of another version or suite. */
const GROWTH = 0.015;
/** The year of the newest figures. */
const NOW = 2026;
/** Between the compressed and the uncompressed size, by figures of the repository; and without any. */
const OWN_RATIO = 0.08;
const ANY_RATIO = 0.15;

/** Uncompressed over compressed, where a repository has no pair: medians of 2020 to 2026. */
const RATIOS: Readonly<Record<string, number>> = { alpine: 2.6, debian: 2.7, ubuntu: 2.6 };
const RATIO = 2.5;

export function sizeOf(
  stack: readonly ImageLayer[],
  images: Images,
): Pick<Image, 'size' | 'compressed' | 'platforms'> {
  const found = foundFor(stack, images);
  const size = best(stack, 'size', images, found);
  const compressed = best(stack, 'compressed', images, found);
  const arm = compressed?.figure.arm;
  const platforms = new Map<string, { size: Bytes | undefined; compressed: Bytes | undefined }>();
  if (compressed && arm !== undefined) {
    const share = arm / (compressed.figure.compressed ?? arm);
    const other = (each: Candidate | undefined): Bytes | undefined =>
      each && bytesOf({ ...each, bytes: Math.round(each.bytes * share) }, images);
    platforms.set('linux/arm64', {
      size: size && { ...other(size)!, basis: 'model' },
      compressed: other(compressed),
    });
  }
  return {
    size: size && bytesOf(size, images),
    compressed: compressed && bytesOf(compressed, images),
    platforms,
  };
}

function bytesOf({ bytes, width, basis, figure }: Candidate, images: Images): Bytes {
  return {
    bytes,
    low: Math.round(bytes * (1 - width)),
    high: Math.round(bytes * (1 + width)),
    basis,
    date: figure.date,
    source: images.sources[figure.source] ?? figure.source,
  };
}

type Found = Readonly<Record<Measure, Candidate | undefined>>;

function foundFor(stack: readonly ImageLayer[], images: Images): Found {
  return {
    size: direct(stack, 'size', images),
    compressed: direct(stack, 'compressed', images),
  };
}

/** Of what the figures of either measure say. */
function best(
  stack: readonly ImageLayer[],
  measure: Measure,
  images: Images,
  all: Found,
): Candidate | undefined {
  const found = all[measure];
  const other = all[measure === 'size' ? 'compressed' : 'size'];
  const ratio = other && ratioOf(stack, images);
  const converted = ratio && {
    ...other,
    bytes: Math.round(measure === 'size' ? other.bytes * ratio.by : other.bytes / ratio.by),
    width: other.width + ratio.width,
    basis: 'model' as const,
  };
  if (!found || !converted) return found ?? (converted || undefined);
  return found.width <= converted.width ? found : converted;
}

/** From figures of this measure alone. */
function direct(
  stack: readonly ImageLayer[],
  measure: Measure,
  images: Images,
): Candidate | undefined {
  const [layer] = stack as readonly [ImageLayer];
  const { parts } = layer;
  // Of a system itself, the suite is the version.
  const said = layer.kind.on === undefined && parts.suite ? layer.values['version'] : undefined;
  const version = numbersOf(/^\d+(?:\.\d+)*/.exec(said ?? layer.values['head'] ?? '')?.[0] ?? '');
  const suites = figuresFor(layer);
  const own = ofVersion(suites.get(parts.suite ?? '-') ?? [], version, measure);
  if (own && own.width < OTHER_SUITE) return own;
  if (layer.kind.on === undefined) return own ?? ofRelatives(layer, suites, measure, images);
  const base = baseBytes(layer, parts.suite, measure, images);
  if (base === undefined) return own;
  const id = images.suites[parts.suite ?? '']?.id;
  const others = [...suites].flatMap(([suite, figures]) => {
    const isOther = suite !== parts.suite && images.suites[suite]?.id === id;
    const there = isOther ? ofVersion(figures, version, measure) : undefined;
    const below = there && baseBytes(layer, suite, measure, images);
    if (below === undefined || there === undefined) return [];
    return [
      {
        ...there,
        bytes: Math.max(base, there.bytes - below + base),
        width: there.width + OTHER_SUITE + aged(there.figure),
        basis: 'model' as const,
      },
    ];
  });
  return [...(own ? [own] : []), ...others].toSorted(
    (a, b) => a.width - b.width || byDate(b.figure, a.figure),
  )[0];
}

/** A distribution's image by those of its other releases. */
function ofRelatives(
  { parts }: ImageLayer,
  suites: Figures,
  measure: Measure,
  { suites: rows }: Images,
): Candidate | undefined {
  const row = parts.suite === undefined ? undefined : rows[parts.suite];
  const figures = [...suites]
    .flatMap(([suite, own]) => {
      const other = rows[suite];
      const version = numbersOf(other?.version ?? '');
      return other?.id === row?.id && version ? own.map((each) => ({ ...each, version })) : [];
    })
    .toSorted((a, b) => compareNumbers(a.version, b.version));
  const version = numbersOf(row?.version ?? '');
  return version && ofVersion(figures, version, measure);
}

/** From figures of one suite: of this version, or between its neighbours. */
function ofVersion(
  all: readonly Figure[],
  version: readonly number[] | undefined,
  measure: Measure,
): Candidate | undefined {
  const figures = all.filter((each) => each[measure] !== undefined);
  const newest = figures.at(-1);
  if (!newest) return undefined;
  const from = (figure: Figure, width: number, basis: Candidate['basis']): Candidate => ({
    bytes: figure[measure]!,
    width,
    basis,
    figure,
  });
  if (!version) return from(newest, FLOATING, 'catalogue');
  const same = figures.findLast(({ version: other }) => compareNumbers(other, version) === 0);
  if (same) return from(same, SAME_TAG, 'catalogue');
  const line = figures.findLast(({ version: other }) => isOneLine(version, other));
  if (line) return from(line, SAME_LINE, 'catalogue');
  const before = figures.findLast((each) => compareNumbers(each.version, version) < 0);
  const after = figures.find((each) => compareNumbers(each.version, version) > 0);
  if (before && after) {
    const bytes = Math.round((before[measure]! + after[measure]!) / 2);
    const spread = Math.abs(after[measure]! - before[measure]!) / 2 / bytes;
    return { bytes, width: SAME_LINE + spread, basis: 'model', figure: after };
  }
  const near = (before ?? after)!;
  const steps = Math.abs((near.version[0] ?? 0) - (version[0] ?? 0));
  return from(near, NEIGHBOUR + 0.02 * Math.min(steps, 10) + aged(near), 'model');
}

function aged({ date }: Figure): number {
  const year = Number(date.slice(0, 4));
  return Number.isNaN(year) ? 0 : GROWTH * Math.max(0, NOW - year);
}

/** 3.12 and 3.12.4, 3.12.1 and 3.12.4; 20 and 20.11.1. */
function isOneLine(one: readonly number[], other: readonly number[]): boolean {
  const count = Math.min(one.length, other.length, 2);
  return one.slice(0, count).join('.') === other.slice(0, count).join('.');
}

/** The size of what it stands on, as that is on some suite. */
function baseBytes(
  { kind, values }: ImageLayer,
  suite: string | undefined,
  measure: Measure,
  images: Images,
): number | undefined {
  const row = suite === undefined ? undefined : images.suites[suite];
  if (kind.on === undefined || !row) return undefined;
  const on = filled(kind.on, {
    ...values,
    suite: suite!,
    version: row.version,
    distribution: row.id,
  });
  if (on === undefined) return undefined;
  let seen = measured.get(images);
  if (!seen) measured.set(images, (seen = new Map<string, number | undefined>()));
  const key = `${measure} ${on}`;
  if (!seen.has(key)) {
    const stack = stackOf(imageName(on), images);
    seen.set(key, stack && best(stack, measure, images, foundFor(stack, images))?.bytes);
  }
  return seen.get(key);
}

const measured = new WeakMap<Images, Map<string, number | undefined>>();

function ratioOf(
  stack: readonly ImageLayer[],
  images: Images,
): { readonly by: number; readonly width: number } {
  const [layer] = stack as readonly [ImageLayer];
  const figures = figuresFor(layer);
  let bySuite = ratios.get(figures);
  if (!bySuite) ratios.set(figures, (bySuite = new Map<string | undefined, number | undefined>()));
  const { suite: own } = layer.parts;
  if (!bySuite.has(own)) bySuite.set(own, medianRatio(figures, own));
  const median = bySuite.get(own);
  if (median !== undefined) return { by: median, width: OWN_RATIO };
  const suite = stack.find((each) => each.parts.suite !== undefined)?.parts.suite;
  const id = suite === undefined ? undefined : images.suites[suite]?.id;
  return { by: RATIOS[id ?? ''] ?? RATIO, width: ANY_RATIO };
}

// By suite; those that are known by name, as tags are read.
const ratios = new WeakMap<Figures, Map<string | undefined, number | undefined>>();

/** Of the newest pairs, those of the suite if it has any. */
function medianRatio(all: Figures, own: string | undefined): number | undefined {
  const pairs = [...all].flatMap(([suite, figures]) => {
    const compressed = new Map<string, Figure[]>();
    for (const each of figures) {
      if (each.compressed === undefined) continue;
      const key = each.version.join('.');
      const same = compressed.get(key);
      if (same) same.push(each);
      else compressed.set(key, [each]);
    }
    return figures.flatMap(({ version, size, date }) => {
      if (size === undefined) return [];
      // The compressed size may have been read on another day.
      const same = compressed.get(version.join('.')) ?? [];
      const near = same.find((each) => each.date === date) ?? same.at(-1);
      if (!near) return [];
      return [{ by: size / near.compressed!, isOwn: suite === own, date }];
    });
  });
  const ours = pairs.filter(({ isOwn }) => isOwn);
  const of = (ours.length > 0 ? ours : pairs)
    .toSorted((a, b) => byDate(b, a))
    .slice(0, 5)
    .map(({ by }) => by)
    .toSorted((a, b) => a - b);
  return of[Math.floor(of.length / 2)];
}

/** By suite, by version. */
type Figures = ReadonlyMap<string, readonly Figure[]>;

const NONE: Figures = new Map();

const ofRows = new WeakMap<ImageKind, { readonly all: object; readonly figures: Figures }>();

/** By suite: of all kinds that are the same row, `17` and `17-jdk`. */
function figuresFor({ repository, kind, parts }: ImageLayer): Figures {
  const pattern = kind.kind;
  const isOneImage = pattern !== undefined && !pattern.includes('.*') && !pattern.includes('(?<');
  const all = figuresOf(repository);
  if (!isOneImage) return all.get(parts.kind) ?? NONE;
  let row = ofRows.get(kind);
  if (row?.all !== all) ofRows.set(kind, (row = { all, figures: mergedFigures(pattern, all) }));
  return row.figures;
}

function mergedFigures(pattern: string, all: ReadonlyMap<string, Figures>): Figures {
  const merged = new Map<string, readonly Figure[]>();
  for (const [kind, suites] of all) {
    if (!matchesWhole(pattern, kind)) continue;
    for (const [suite, figures] of suites) {
      const before = merged.get(suite);
      merged.set(suite, before ? [...before, ...figures].toSorted(byVersion) : figures);
    }
  }
  return merged;
}

function byVersion(one: Figure, other: Figure): number {
  return compareNumbers(one.version, other.version) || byDate(one, other);
}

/** As `localeCompare`, which asks for the rules of a language first. */
function byDate(one: { readonly date: string }, other: { readonly date: string }): number {
  return one.date === other.date ? 0 : one.date < other.date ? -1 : 1;
}

const read = new WeakMap<ImageRepository, ReadonlyMap<string, Figures>>();

/** Figures by kind and suite, by version. */
function figuresOf(repository: ImageRepository): ReadonlyMap<string, Figures> {
  let figures = read.get(repository);
  if (!figures) {
    figures = new Map(
      Object.entries(repository.sizes ?? {}).map(([kind, suites]) => [
        kind,
        new Map(
          Object.entries(suites).map(([suite, rows]) => [
            suite,
            rows.map(figureOf).toSorted(byVersion),
          ]),
        ),
      ]),
    );
    read.set(repository, figures);
  }
  return figures;
}

/** `3.8.6 1687 4288 1687 2020-09 info-2020` */
function figureOf(row: string): Figure {
  const [version = '', compressed, size, arm, date = '', source = ''] = row.split(' ');
  const bytes = (text: string | undefined): number | undefined =>
    text === undefined || text === '-' ? undefined : Number(text) * 10_000;
  return {
    version: numbersOf(/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '') ?? [],
    compressed: bytes(compressed),
    size: bytes(size),
    arm: bytes(arm),
    date: date === '-' ? 'undated' : date,
    source,
  };
}
