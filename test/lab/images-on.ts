/**
 * The rows about images as they held on a day: for comparing estimates with builds of that day. Tags
 * without a suite stand where they stood then, and of several figures the one of the nearest month counts.
 */
import type { ImageRepository, Images } from '../../src/facts/image-rows.ts';

/** @param on the day, `2022-12-28` */
export function imagesOn(images: Images, on: string): Images {
  return {
    ...images,
    repositories: images.repositories.map((repository) => ({
      ...repository,
      ...movedBack(repository, images, on),
      ...(repository.sizes && {
        sizes: mapValues(repository.sizes, (suites) =>
          mapValues(suites, (rows) => nearestRows(rows, on)),
        ),
      }),
    })),
  };
}

function mapValues<From, To>(
  values: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}

/** `3.8.6 1687 4288 1687 2020-09 info-2020`: of each version and measure the row of the nearest month. */
function nearestRows(rows: readonly string[], on: string): readonly string[] {
  const kept = new Set<string>();
  for (const measure of [1, 2]) {
    const best = new Map<string, string>();
    for (const row of rows) {
      const version = row.split(' ')[0]!;
      if (row.split(' ')[measure] === '-') continue;
      const other = best.get(version);
      if (other === undefined || monthsFrom(row, on) < monthsFrom(other, on)) {
        best.set(version, row);
      }
    }
    for (const row of best.values()) kept.add(row);
  }
  return rows.filter((row) => kept.has(row));
}

/** How many months lie between; a figure without a date is as far as any. */
function monthsFrom(row: string, on: string): number {
  const date = row.split(' ')[4] ?? '-';
  if (date === '-') return 1000;
  const months = (text: string): number => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7));
  return Math.abs(months(date) - months(on));
}

/** With heads of tags that moved put back to the suite on which they stood. */
function movedBack(
  { heads = [], tags, moves }: ImageRepository,
  images: Images,
  on: string,
): Pick<ImageRepository, 'heads' | 'tags'> {
  if (!tags || !moves) return {};
  const sets = [...heads];
  const changed = Object.fromEntries(
    Object.entries(tags).map(([tail, suites]) => {
      const moved = moves[tail];
      if (!moved || typeof suites === 'number') return [tail, suites];
      const back = new Map<string, string[]>();
      for (const [head, history] of Object.entries(moved)) {
        const suite = suiteOn(history, images, on);
        if (suite !== undefined) back.set(suite, [...(back.get(suite) ?? []), head || '*']);
      }
      const put = [...back].map(([suite, own]) => {
        const before = suites[suite] === undefined ? '' : sets[suites[suite]];
        sets.push(`${own.join(' ')} ${before}`.trim());
        return [suite, sets.length - 1] as const;
      });
      // The first suite that has a head counts.
      const rest = Object.entries(suites).filter(([suite]) => !back.has(suite));
      return [tail, Object.fromEntries([...put, ...rest])];
    }),
  );
  return { heads: sets, tags: changed };
}

/**
 * `bookworm 2023-06-12, trixie 2025-08-12`; before the first move, the release before that one.
 *
 * @returns undefined where nothing is to be put back
 */
function suiteOn(history: string, { suites }: Images, on: string): string | undefined {
  const steps = history.split(', ').map((step) => step.split(' ') as [string, string]);
  const last = steps.findLast(([, date]) => date <= on);
  if (last) return last === steps.at(-1) ? undefined : last[0];
  const first = suites[steps[0]![0]];
  if (!first) return undefined;
  const isLongLived = (version: string): boolean =>
    first.id !== 'ubuntu' || /^\d?[02468]\.04$/.test(version);
  return Object.entries(suites)
    .filter(([, { id, version }]) => id === first.id && isLongLived(version))
    .filter(([, { version }]) => Number(version) < Number(first.version))
    .toSorted(([, a], [, b]) => Number(b.version) - Number(a.version))[0]?.[0];
}
