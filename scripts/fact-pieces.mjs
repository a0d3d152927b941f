/**
 * Cuts the facts into those that most runs read and those that only some do. What nobody read while the
 * script was tried out stays behind as a hole, which the worker fills from a file when it is read; the
 * other half of this is src/web/page/facts.ts.
 */

/** In letters of JSON: for less, a hole is not worth it. */
const LEAST = 150;

/** What is larger than `most` and made of parts that are larger than `part` is cut part by part. */
const LARGE = { most: 40_000, part: 4000 };

/** A table of which some rows were looked up, and the others are at least as many letters. */
const LEAST_OTHERS = 2000;

/** @typedef {readonly string[]} Path keys, from the facts down */

/**
 * @typedef {{ readonly keys: ReadonlySet<string>, readonly isWhole: boolean }} Read what was read of an
 * object or a list: the keys that were looked up, there or not, and whether all were gone through
 */

/**
 * A copy that knows what is read of it.
 *
 * @param {object} facts
 * @returns {{ facts: object, read: () => Map<string, Read> }} `read`: what was since it was asked last, by
 * the path of what it was read of, as {@link keyOf} says it
 */
export function watched(facts) {
  let found = new Map();
  const watch = (value, path) => {
    if (typeof value !== 'object' || value === null) return value;
    const inside = new Map();
    const name = keyOf(path);
    const note = (key) => {
      let read = found.get(name);
      if (!read) found.set(name, (read = { keys: new Set(), isWhole: false }));
      if (typeof key === 'string' && key !== 'length') read.keys.add(key);
      else read.isWhole = true;
    };
    const at = (key) => {
      if (!inside.has(key)) inside.set(key, watch(value[key], [...path, key]));
      return inside.get(key);
    };
    return new Proxy(Array.isArray(value) ? [] : {}, {
      get: (_, key) => {
        // Functions of lists go through them.
        const isRow = Object.hasOwn(value, key) || value[key] === undefined;
        note(isRow ? key : undefined);
        return isRow && typeof key === 'string' ? at(key) : value[key];
      },
      has: (_, key) => {
        note(key);
        return key in value;
      },
      ownKeys: () => {
        note();
        return Reflect.ownKeys(value);
      },
      getOwnPropertyDescriptor: (_, key) => {
        note(key);
        const own = Reflect.getOwnPropertyDescriptor(value, key);
        return own && (own.configurable ? { ...own, value: at(key) } : own);
      },
    });
  };
  const read = () => {
    const before = found;
    found = new Map();
    return before;
  };
  return { facts: watch(facts, []), read };
}

/** @param {Path} path */
export function keyOf(path) {
  return JSON.stringify(path);
}

/**
 * @param {object} facts
 * @param {ReadonlyMap<string, Read>} read what must be there from the start
 * @param {(hole: Hole) => string} familyOf which file a hole is filled from
 * @returns {{ start: unknown, holes: Map<string, Hole[]> }} the facts with 0 in the place of holes, and
 * those by file
 *
 * @typedef {{
 *   readonly path: Path,
 *   readonly value: unknown,
 *   readonly known?: ReadonlySet<string>,
 * }} Hole `known`: in the start is a table with the rows that were looked up, there or not
 */
export function cutFacts(facts, read, familyOf) {
  const holes = new Map();
  const leave = (hole) => {
    const family = familyOf(hole);
    holes.set(family, [...(holes.get(family) ?? []), hole]);
  };
  const keep = (value, path) => {
    if (typeof value !== 'object' || value === null) return value;
    const { keys, isWhole } = read.get(keyOf(path)) ?? { keys: new Set(), isWhole: true };
    const entries = Object.entries(value);
    const isParted = entries.some(([, each]) => hasLargeParts(each));
    const others = entries.filter(([key, each]) => !keys.has(key) && sizeOf(each) < LEAST);
    const size = others.reduce((sum, [key, each]) => sum + key.length + sizeOf(each), 0);
    if (path.length > 0 && !isWhole && !isParted && size >= LEAST_OTHERS) {
      leave({ path, value, known: keys });
      return Object.fromEntries(entries.filter(([key]) => keys.has(key)));
    }
    const kept = entries.map(([key, each]) => {
      const inside = [...path, key];
      if (keys.has(key) || sizeOf(each) < LEAST || hasLargeParts(each)) {
        return [key, keep(each, inside)];
      }
      leave({ path: inside, value: each });
      return [key, 0];
    });
    return Array.isArray(value) ? kept.map(([, each]) => each) : Object.fromEntries(kept);
  };
  return { start: keep(facts, []), holes };
}

/**
 * Whether a hole would have had to be filled.
 *
 * @param {Hole} hole
 * @param {ReadonlyMap<string, Read>} read
 */
export function isAskedFor({ path, known }, read) {
  if (!known) return read.get(keyOf(path.slice(0, -1)))?.keys.has(path.at(-1)) === true;
  const { keys, isWhole } = read.get(keyOf(path)) ?? { keys: new Set(), isWhole: false };
  return isWhole || [...keys].some((key) => !known.has(key));
}

/**
 * What the page is told of holes.
 *
 * @param {string} file
 * @param {readonly Hole[]} holes
 */
export function placesOf(file, holes) {
  const tables = holes.flatMap(({ value, known }, index) =>
    known
      ? [[index, Array.isArray(value), [...known].filter((key) => !Object.hasOwn(value, key))]]
      : [],
  );
  return {
    file,
    paths: holes.map(({ path }) => path),
    tables: tables.map(([place, isList, absent]) => ({ place, isList, absent })),
  };
}

const sizeOf = (value) => JSON.stringify(value).length;

function hasLargeParts(value) {
  if (typeof value !== 'object' || value === null || sizeOf(value) < LARGE.most) return false;
  const large = Object.values(value).filter((each) => sizeOf(each) >= LARGE.part);
  return large.reduce((sum, each) => sum + sizeOf(each), 0) > 0.9 * sizeOf(value);
}
