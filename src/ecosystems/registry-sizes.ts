/** What gems and packages of Composer weigh, by the rows of `facts/gem-sizes.json` and its sibling. */
import type { PackageSizes } from '../facts/size-types.ts';

export interface KnownSize {
  /** The figures of the row, in its order: bytes. */
  readonly figures: readonly number[];
  /** Whether they are of the version that was asked for. */
  readonly isExact: boolean;
}

const decoded = new WeakMap<PackageSizes, ReadonlyMap<string, string>>();

/** The figures of the version that comes nearest, of the newest where none is asked for. */
export function knownSize(
  sizes: PackageSizes,
  name: string,
  version: string | undefined,
): KnownSize | undefined {
  let lines = decoded.get(sizes);
  if (!lines) {
    lines = new Map(sizes.rows.map((row) => [row.slice(0, row.indexOf(' ')), row]));
    decoded.set(sizes, lines);
  }
  const all = lines
    .get(name)
    ?.split(' ')
    .slice(1)
    .map((each) => each.split(':'));
  if (!all) return undefined;
  const plain = version?.replace(/^v/, '');
  const best =
    plain === undefined
      ? all.at(-1)!
      : all.toSorted((a, b) => distance(a[0]!, plain) - distance(b[0]!, plain))[0]!;
  return { figures: best.slice(1).map(Number), isExact: best[0] === plain };
}

function distance(one: string, other: string): number {
  const [a = 0, b = 0, c = 0] = (one.match(/\d+/g) ?? []).map(Number);
  const [x = 0, y = 0, z = 0] = (other.match(/\d+/g) ?? []).map(Number);
  return Math.abs(a - x) * 1e6 + Math.abs(b - y) * 1e3 + Math.abs(c - z);
}
