/** corpus/measured.json: what the lab saw, and the tables made of it. */

export interface Measured {
  /** `stand-in`: made of Debian packages under the public names; see test/lab/bases.yaml. */
  readonly bases: 'stand-in' | 'public';
  /** Its name and version. */
  readonly engine: string;
  /** Of the last case measured. */
  readonly date: string;
  /** By `<ecosystem>/<case>`. */
  readonly cases: Readonly<Record<string, MeasuredCase>>;
}

export interface Sides<T> {
  readonly before: T;
  readonly after: T;
}

export interface MeasuredLayer {
  /** The instruction as the image's history has it, cut short. */
  readonly by: string;
  readonly bytes: number;
}

export interface MeasuredCase {
  readonly verdict: 'same' | 'different' | 'error';
  readonly isBuilt: Sides<boolean>;
  readonly hasSameConfiguration: boolean;
  /** Both images did what the case expects, and the same. */
  readonly hasSameProgram: boolean;
  /** As the engine counts them; missing: one of the two was not built. */
  readonly bytes?: Sides<number>;
  /** Of each layer on the base that is not empty, upwards. */
  readonly layers?: Sides<readonly MeasuredLayer[]>;
  /** Only of builds without a cache; on a shared machine: read them as ratios. */
  readonly seconds?: Sides<number>;
  /** After the edit of the case, with a warm cache. */
  readonly rebuild?: Sides<{
    readonly seconds: number;
    /** New layers, and their uncompressed bytes. */
    readonly layers: number;
    readonly bytes: number;
  }>;
  readonly problems: readonly string[];
}

export function isGood({
  isBuilt,
  hasSameConfiguration,
  hasSameProgram,
  problems,
}: MeasuredCase): boolean {
  return (
    isBuilt.before &&
    isBuilt.after &&
    hasSameConfiguration &&
    hasSameProgram &&
    problems.length === 0
  );
}

export function measuredText(measured: Measured): string {
  return `${JSON.stringify(measured, undefined, 2)}\n`;
}

const MB = 1_000_000;

function megabytes(bytes: number): string {
  return (bytes / MB).toFixed(1);
}

/** What is saved, as a share of before; negative where the image grows. */
function savingOf({ before, after }: Sides<number>): number {
  return (before - after) / before;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

const HEAD = ['case', 'before MB', 'after MB', 'saved', 'rebuilt MB', 'same'] as const;

/** A line per case, in columns. */
export function tableOf({ cases }: Measured): string[] {
  const rows = Object.entries(cases).map(([name, one]) => [
    name,
    ...(one.bytes
      ? [megabytes(one.bytes.before), megabytes(one.bytes.after), percent(savingOf(one.bytes))]
      : ['-', '-', '-']),
    one.rebuild
      ? `${megabytes(one.rebuild.before.bytes)} → ${megabytes(one.rebuild.after.bytes)}`
      : '-',
    isGood(one) ? 'yes' : 'NO',
  ]);
  const all = [[...HEAD], ...rows];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  '),
  );
}

/** `[what, figure]` for a table of two columns. */
export function figuresOf({ bases, cases }: Measured): [string, string][] {
  const all = Object.values(cases);
  const count = (holds: (one: MeasuredCase) => boolean): string =>
    `${all.filter(holds).length} of ${all.length}`;
  const sizes = all.flatMap(({ bytes }) => (bytes ? [bytes] : []));
  const savings = sizes.map(savingOf);
  const rebuilds = all.flatMap(({ rebuild }) => (rebuild ? [rebuild] : []));
  const size = (of: (list: readonly number[]) => number): string =>
    `${megabytes(of(sizes.map(({ before }) => before)))} → ${megabytes(of(sizes.map(({ after }) => after)))} MB`;
  return [
    ['base images', bases === 'public' ? 'the public ones' : 'stand-ins made of Debian packages'],
    ['built before', count(({ isBuilt }) => isBuilt.before)],
    ['built after', count(({ isBuilt }) => isBuilt.after)],
    ['same configuration', count((one) => one.hasSameConfiguration)],
    ['same program', count((one) => one.hasSameProgram)],
    ['mean size', size(mean)],
    ['median size', size(median)],
    [
      'saved, mean and median of the cases',
      `${percent(mean(savings))}, ${percent(median(savings))}`,
    ],
    [
      'new bytes after a source edit, median',
      `${megabytes(median(rebuilds.map(({ before }) => before.bytes)))} → ${megabytes(median(rebuilds.map(({ after }) => after.bytes)))} MB`,
    ],
  ];
}

/**
 * What people's own conversions to several stages saved, in the middle: 56 merged pull requests of
 * public repositories, read in November 2026; about one in five needed a repair afterwards.
 */
const PEOPLE: Readonly<Record<string, string>> = {
  go: '96 %',
  rust: '94 %',
  java: '78 %',
  node: '55 %',
  python: '37 %',
  php: '37 %',
  ruby: '37 %',
};

/** `[language, cases, saved in the mean and in the middle, people's figure]` for a table. */
export function languagesOf({ cases }: Measured): [string, string, string, string][] {
  const byLanguage = new Map<string, number[]>();
  for (const [name, { bytes }] of Object.entries(cases)) {
    const [language = ''] = name.split('/');
    if (bytes) byLanguage.set(language, [...(byLanguage.get(language) ?? []), savingOf(bytes)]);
  }
  return [...byLanguage]
    .toSorted(([, a], [, b]) => mean(b) - mean(a))
    .map(([language, savings]) => [
      language,
      String(savings.length),
      `${percent(mean(savings))}, ${percent(median(savings))}`,
      PEOPLE[language] ?? '',
    ]);
}

export function summaryOf(measured: Measured): string[] {
  return figuresOf(measured).map(([what, figure]) => `${what}: ${figure}`);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, each) => sum + each, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
