/**
 * The facts as the build has cut them: what the playground's own example reads is there at once, the rest
 * is loaded when it is read. The core sees plain values and does not know.
 */
import type { Facts } from '../../facts/types.ts';

/** Made by scripts/fact-pieces.mjs. */
export interface CutFacts {
  /** The facts; what is not there is 0, or a table with some of its rows. */
  readonly start: unknown;
  /** Where something is not there, and the file that has it: a list of values, in the order of the places. */
  readonly holes: readonly {
    readonly file: string;
    readonly paths: readonly Path[];
    readonly tables: readonly Table[];
  }[];
}

/** The start has some rows of it. */
interface Table {
  /** The number of the path. */
  readonly place: number;
  readonly isList: boolean;
  /** Keys that it does not have, which somebody may ask for. */
  readonly absent: readonly string[];
}

/** Keys, from the facts down. */
type Path = readonly string[];

type Branch = Record<string, unknown>;

/**
 * @param load what a file has; it throws where that cannot be had, now and whenever it is asked for again
 */
export function wholeFacts(
  { start, holes }: CutFacts,
  load: (file: string) => readonly unknown[],
): Facts {
  for (const { file, paths, tables } of holes) {
    let values: readonly unknown[] | undefined;
    const places = paths.map((path) => ({
      branch: path.slice(0, -1).reduce((at, key) => at[key] as Branch, start as Branch),
      key: path.at(-1)!,
    }));
    const valueAt = (index: number): unknown => {
      if (!values) {
        values = load(file);
        for (const [at, { branch, key }] of places.entries()) {
          Object.defineProperty(branch, key, { value: values[at], enumerable: true });
        }
      }
      return values[index];
    };
    const rows = new Map(tables.map((table) => [table.place, table]));
    for (const [index, { branch, key }] of places.entries()) {
      const table = rows.get(index);
      const property = table
        ? { value: someRows(table, branch[key] as Branch, () => valueAt(index) as Branch) }
        : { get: () => valueAt(index) };
      Object.defineProperty(branch, key, { ...property, enumerable: true, configurable: true });
    }
  }
  return start as Facts;
}

/** Rows that are known, and all of them as soon as another is asked for. */
function someRows({ isList, absent }: Table, known: Branch, whole: () => Branch): Branch {
  const none = new Set(absent);
  const isKnown = (key: string | symbol): boolean =>
    typeof key === 'string' && (Object.hasOwn(known, key) || none.has(key));
  const target = (isList ? [] : {}) as Branch;
  return new Proxy(target, {
    get: (_, key) => Reflect.get(isKnown(key) ? known : whole(), key),
    has: (_, key) => Reflect.has(isKnown(key) ? known : whole(), key),
    ownKeys: () => Reflect.ownKeys(whole()),
    getOwnPropertyDescriptor: (_, key) =>
      Reflect.getOwnPropertyDescriptor(isKnown(key) ? known : whole(), key),
  });
}
