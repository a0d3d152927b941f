/** Are facts that were cut into pieces the same facts, and is no piece loaded that nobody reads? */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wholeFacts, type CutFacts } from '../src/web/page/facts.ts';

type Path = readonly string[];

interface Scissors {
  readonly watched: (facts: object) => {
    readonly facts: object;
    readonly read: () => ReadonlySet<string>;
  };
  readonly cutFacts: (
    facts: object,
    needed: ReadonlySet<string>,
    familyOf: (path: Path) => string,
  ) => {
    readonly start: unknown;
    readonly holes: ReadonlyMap<string, { readonly paths: Path[]; readonly values: unknown[] }>;
  };
}

const address = new URL('../scripts/fact-pieces.mjs', import.meta.url).href;
const { cutFacts, watched } = (await import(/* @vite-ignore */ address)) as Scissors;

const LONG = 'long '.repeat(200);

const FACTS = {
  often: { 'node\n': { a: LONG, b: [LONG, 'short'] }, none: null },
  seldom: [{ a: LONG }, 'x', { a: [LONG] }],
  large: { one: 'x'.repeat(30_000), two: 'y'.repeat(30_000) },
  short: 3,
};

/** Cut by what reading them so reads, and joined again. */
function joined(
  facts: object,
  reader: (facts: never) => unknown,
): { readonly facts: unknown; readonly loaded: readonly string[]; readonly start: string } {
  const seen = watched(facts);
  reader(seen.facts as never);
  const { start, holes } = cutFacts(facts, seen.read(), ([first]) => first!);
  const text = JSON.stringify(start);
  const loaded: string[] = [];
  const cut: CutFacts = {
    start: JSON.parse(text),
    holes: [...holes].map(([file, { paths }]) => ({ file, paths })),
  };
  const load = (file: string): unknown[] => {
    loaded.push(file);
    return JSON.parse(JSON.stringify(holes.get(file)!.values)) as unknown[];
  };
  return { facts: wholeFacts(cut, load), loaded, start: text };
}

type Some = typeof FACTS;

it('has at once what was read before, and the rest once it is read', () => {
  const reader = ({ often, seldom }: Some): unknown => [often['node\n'].a, seldom[1]];
  const { facts, loaded, start } = joined(FACTS, reader);
  const some = facts as Some;
  expect(start.length).toBeLessThan(1500);
  expect(reader(some)).toEqual([LONG, 'x']);
  expect(some.short).toBe(3);
  expect(loaded).toEqual([]);
  expect(some.seldom[2]).toEqual({ a: [LONG] });
  expect(some.seldom[0]).toEqual({ a: LONG });
  expect(loaded).toEqual(['seldom']);
  expect(some.large.two).toBe(FACTS.large.two);
  expect(some).toEqual(FACTS);
  expect(loaded).toEqual(['seldom', 'large', 'often']);
});

it('keeps the order of keys', () => {
  const { facts } = joined(FACTS, ({ large }: Some) => large.two);
  expect(JSON.stringify(facts)).toBe(JSON.stringify(FACTS));
});

it('asks again for what could not be loaded', () => {
  const { start, holes } = cutFacts(FACTS, new Set(), ([first]) => first!);
  let isThere = false;
  const cut = { start, holes: [...holes].map(([file, { paths }]) => ({ file, paths })) };
  const facts = wholeFacts(cut, (file) => {
    if (!isThere) throw new Error('offline');
    return holes.get(file)!.values;
  }) as unknown as Some;
  expect(() => facts.seldom).toThrow('offline');
  isThere = true;
  expect(facts.seldom).toEqual(FACTS.seldom);
});

describe('whatever they are, and whatever is read', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.integer(),
      fc.constant(null),
      fc.string({ minLength: 500, maxLength: 900 }),
      fc.string({ maxLength: 5 }),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c d', '1', 'é'), tie('any')),
    ),
  })).any;
  const facts = fc.dictionary(fc.constantFrom('x', 'y', 'z'), value);
  const steps = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 4 });
  const follow = (root: unknown, ways: readonly (readonly number[])[]): unknown[] =>
    ways.map((way) =>
      way.reduce<unknown>((at, step) => {
        if (typeof at !== 'object' || at === null) return at;
        const keys = Object.keys(at);
        return (at as Record<string, unknown>)[keys[step % Math.max(1, keys.length)] ?? ''];
      }, root),
    );

  it('joins to the same', () => {
    fc.assert(
      fc.property(facts, steps, (rows, ways) => {
        const again = joined(rows, (given: unknown) => follow(given, ways));
        // The last step may be to something that is small, or taken whole.
        expect(JSON.stringify(follow(again.facts, ways))).toBe(JSON.stringify(follow(rows, ways)));
        expect(JSON.stringify(again.facts)).toBe(JSON.stringify(rows));
        expect(new Set(again.loaded).size).toBe(again.loaded.length);
      }),
    );
  });
});
