/** Are facts that were cut into pieces the same facts, and is no piece loaded that nobody reads? */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wholeFacts, type CutFacts } from '../src/web/page/facts.ts';

type Path = readonly string[];

interface Hole {
  readonly path: Path;
  readonly value: unknown;
}

type Read = ReadonlyMap<string, unknown>;

interface Scissors {
  readonly watched: (facts: object) => { readonly facts: object; readonly read: () => Read };
  readonly cutFacts: (
    facts: object,
    read: Read,
    familyOf: (hole: Hole) => string,
  ) => { readonly start: unknown; readonly holes: ReadonlyMap<string, readonly Hole[]> };
  readonly isAskedFor: (hole: Hole, read: Read) => boolean;
  readonly placesOf: (file: string, holes: readonly Hole[]) => CutFacts['holes'][number];
}

const address = new URL('../scripts/fact-pieces.mjs', import.meta.url).href;
const { cutFacts, isAskedFor, placesOf, watched } = (await import(
  /* @vite-ignore */ address
)) as Scissors;

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
  const { start, holes } = cutFacts(facts, seen.read(), ({ path }) => path[0] ?? '');
  const places = [...holes].map(([file, inside]) => placesOf(file, inside));
  const text = JSON.stringify({ start, holes: places });
  const loaded: string[] = [];
  const load = (file: string): unknown[] => {
    loaded.push(file);
    const values = holes.get(file)!.map(({ value }) => value);
    return JSON.parse(JSON.stringify(values)) as unknown[];
  };
  return { facts: wholeFacts(JSON.parse(text) as CutFacts, load), loaded, start: text };
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
  const { start, holes } = cutFacts(FACTS, new Map(), ({ path: [first] }) => first!);
  let isThere = false;
  const cut = { start, holes: [...holes].map(([file, inside]) => placesOf(file, inside)) };
  const facts = wholeFacts(cut, (file) => {
    if (!isThere) throw new Error('offline');
    return holes.get(file)!.map(({ value }) => value);
  }) as unknown as Some;
  expect(() => facts.seldom).toThrow('offline');
  isThere = true;
  expect(facts.seldom).toEqual(FACTS.seldom);
});

describe('tables of which some rows are looked up', () => {
  const ROWS = Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => [`row${index}`, [index, 'x']]),
  );
  const TABLES = { rows: ROWS, list: Object.values(ROWS) };
  type Tables = typeof TABLES;

  const reader = ({ rows, list }: Tables): unknown => [
    rows['row7'],
    rows['none'],
    'row9' in rows,
    'nothing' in rows,
    Object.hasOwn(rows, 'row11'),
    Object.hasOwn(rows, 'neither'),
    list[3],
    list[500],
  ];

  it('have those, and load the others', () => {
    const { facts, loaded, start } = joined(TABLES, reader);
    const tables = facts as Tables;
    expect(start.length).toBeLessThan(500);
    expect(reader(tables)).toEqual(reader(TABLES));
    expect(Array.isArray(tables.list)).toBe(true);
    expect(loaded).toEqual([]);
    expect(tables.rows['row8']).toEqual([8, 'x']);
    expect(typeof tables.rows['toString']).toBe('function');
    expect(loaded).toEqual(['rows']);
    const { list } = tables;
    expect(list.length).toBe(400);
    expect(list.map(([index]) => index)).toEqual(TABLES.list.map(([index]) => index));
    expect(loaded).toEqual(['rows', 'list']);
    expect(tables).toEqual(TABLES);
  });

  it.each<readonly [string, (tables: Tables) => unknown]>([
    ['keys', ({ rows }) => Object.keys(rows)],
    ['entries', ({ rows }) => Object.entries(rows)],
    ['a copy', ({ rows }) => ({ ...rows })],
    ['JSON', (tables) => JSON.stringify(tables)],
    ['a row that is missing', ({ rows }) => rows['other']],
    ['whether a row is there', ({ rows }) => ['row399' in rows, 'row400' in rows]],
    ['whether it is its own', ({ rows }) => Object.hasOwn(rows, 'row1')],
    ['a list', ({ list }) => [...list]],
    ['what a list finds', ({ list }) => list.find(([index]) => index === 80)],
    ['lists together', ({ list }) => [list].flat()],
  ])('say the same: %s', (_, ask) => {
    expect(ask(joined(TABLES, reader).facts as Tables)).toEqual(ask(TABLES));
  });

  it('are whole where they were gone through', () => {
    const { facts, loaded } = joined(TABLES, ({ list }: Tables) => list.map(([index]) => index));
    expect((facts as Tables).list).toEqual(TABLES.list);
    expect(loaded).toEqual([]);
  });

  it('are asked for by others when those want another row', () => {
    const seen = watched(TABLES);
    reader(seen.facts as Tables);
    const { holes } = cutFacts(TABLES, seen.read(), ({ path: [first] }) => first!);
    const [hole] = holes.get('rows')!;
    const asks = (other: (tables: Tables) => unknown): boolean => {
      other(seen.facts as Tables);
      return isAskedFor(hole!, seen.read());
    };
    expect(asks(reader)).toBe(false);
    expect(asks(({ rows }) => rows['row8'])).toBe(true);
    expect(asks(({ rows }) => Object.keys(rows))).toBe(true);
    expect(asks(({ list }) => list[8])).toBe(false);
  });
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
