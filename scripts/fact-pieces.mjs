/**
 * Cuts the facts into those that most runs read and those that only some do. What nobody read while the
 * script was tried out stays behind as a hole, which the worker fills from a file when it is read; the
 * other half of this is src/web/page/facts.ts.
 */

/** In letters of JSON: for less, a hole is not worth it. */
const LEAST = 600;

/** What is larger than `most` and made of parts that are larger than `part` is cut part by part. */
const LARGE = { most: 40_000, part: 4000 };

/** @typedef {readonly string[]} Path keys, from the facts down */

/**
 * A copy that knows what is read of it.
 *
 * @param {object} facts
 * @returns {{ facts: object, read: () => Set<string> }} `read`: what was since it was asked last, as
 * {@link keyOf} says it
 */
export function watched(facts) {
  let found = new Set();
  const copy = (value, path) => {
    if (typeof value !== 'object' || value === null) return value;
    const same = Array.isArray(value) ? [] : {};
    for (const [key, each] of Object.entries(value)) {
      const inside = [...path, key];
      const name = keyOf(inside);
      const copied = copy(each, inside);
      const get = () => {
        found.add(name);
        return copied;
      };
      Object.defineProperty(same, key, { get, enumerable: true, configurable: true });
    }
    return same;
  };
  const read = () => {
    const before = found;
    found = new Set();
    return before;
  };
  return { facts: copy(facts, []), read };
}

/** @param {Path} path */
export function keyOf(path) {
  return path.join('\n');
}

/**
 * @param {object} facts
 * @param {ReadonlySet<string>} needed what was read and must be there from the start
 * @param {(path: Path) => string} familyOf which file a hole is filled from
 * @returns {{ start: unknown, holes: Map<string, { paths: Path[], values: unknown[] }> }} the facts with
 * 0 in the place of holes, and what belongs there, by file
 */
export function cutFacts(facts, needed, familyOf) {
  const holes = new Map();
  const leaveOut = (path, value) => {
    const family = familyOf(path);
    const { paths, values } = holes.get(family) ?? { paths: [], values: [] };
    holes.set(family, { paths: [...paths, path], values: [...values, value] });
    return 0;
  };
  const keep = (value, path) => {
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).map(([key, each]) => {
      const inside = [...path, key];
      const isWanted = needed.has(keyOf(inside)) || isSmall(each) || hasLargeParts(each);
      return [key, isWanted ? keep(each, inside) : leaveOut(inside, each)];
    });
    return Array.isArray(value) ? kept.map(([, each]) => each) : Object.fromEntries(kept);
  };
  return { start: keep(facts, []), holes };
}

const sizeOf = (value) => JSON.stringify(value).length;

const isSmall = (value) => sizeOf(value) < LEAST;

function hasLargeParts(value) {
  if (typeof value !== 'object' || value === null || sizeOf(value) < LARGE.most) return false;
  const large = Object.values(value).filter((each) => sizeOf(each) >= LARGE.part);
  return large.reduce((sum, each) => sum + sizeOf(each), 0) > 0.9 * sizeOf(value);
}
