/** Does a script that was cut into pieces do what it did, and load no more than it must? */
import { createContext, Script } from 'node:vm';
import { expect, it } from 'vitest';

type User = 'by the first' | 'by loading' | 'by others' | undefined;

interface Cut {
  readonly start: string;
  readonly pieces: ReadonlyMap<string, { readonly code: string; readonly entries: string[] }>;
}

interface Scissors {
  readonly cutUp: (
    code: string,
    usedBy: (earliest: number, latest: number, end: number) => User,
    familyOf: (offset: number, user: User) => string,
  ) => Cut;
  readonly standIns: (pieces: readonly { file: string; entries: readonly string[] }[]) => string;
}

const address = new URL('../scripts/pieces.mjs', import.meta.url).href;
const { cutUp, standIns } = (await import(/* @vite-ignore */ address)) as Scissors;

/** Less is not worth a stand-in of its own. */
const LONG = `/*${' long'.repeat(60)} */`;

const CODE = `
var rare = /b+/, both = ["x"], count = 0;
function first(a) { return both[0] + a }
function second(a) { count++; return rare.test(a) ? other(a) + both[0] : "none" }
function other(a) { return a + count }
var Tool = class t {
  static least = 2;
  kind = "tool";
  often() { return this.kind }
  seldom(a) { ${LONG} return this.kind + t.least + a + arguments.length }
};
Tool.extra = "more";
var Lost = class {};
Lost.table = { a: 1 };
function lost() { return Lost.table.a }
var made = double(4);
function double(a) { return 2 * a }
function half() { return made / 2 }
var steps = { run: (a) => { ${LONG} return second(a) + Tool.extra } };
function enter(job) { return job({ first, second, other, Tool, steps, lost, half }) }
`;

/** What stands in front of a function's parameters, or is its name. */
const CALLED: Readonly<Record<string, User>> = {
  first: 'by the first',
  often: 'by the first',
  enter: 'by the first',
  double: 'by loading',
};

function cut(): Cut {
  const usedBy = (earliest: number, latest: number): User => {
    const head = CODE.slice(earliest, latest + 20);
    return CALLED[/^(?:function )?(\w+)/.exec(head)?.[1] ?? ''];
  };
  const familyOf = (offset: number): string =>
    offset > CODE.indexOf('var Lost') && offset < CODE.indexOf('var made') ? 'lost' : 'rare';
  return cutUp(CODE, usedBy, familyOf);
}

/** What the code says behind the cut script, and which pieces that loaded. */
function run(code: string): { readonly value: unknown; readonly loaded: readonly string[] } {
  const { start, pieces } = cut();
  const loaded: string[] = [];
  const world: Record<string, unknown> = {};
  const load = (text: string): unknown => new Script(text).runInContext(world);
  world['self'] = createContext(world);
  world['importScripts'] = (file: string) => {
    loaded.push(file);
    load(pieces.get(file)!.code);
  };
  load(standIns([...pieces].map(([file, { entries }]) => ({ file, entries }))) + start);
  return { value: load(code), loaded };
}

it.each([
  ['first(1)', 'x1', []],
  ['second("b")', 'b1x', ['rare']],
  ['second("b") + second("b")', 'b1xb2x', ['rare']],
  ['[second, other].map((each) => each("b")).join()', 'b1x,b1', ['rare']],
  ['new Tool().often()', 'tool', []],
  ['new Tool().seldom(3)', 'tool231', ['rare']],
  ['steps.run("a")', 'nonemore', ['rare']],
  ['lost()', 1, ['lost']],
  ['lost() + second("b")', '1b1x', ['lost', 'rare']],
  ['half()', 4, ['rare']],
] as const)('%s is %s', (code, value, loaded) => {
  const whole = new Script(`${CODE};${code}`).runInContext(createContext({}));
  expect(whole).toBe(value);
  expect(run(code)).toEqual({ value, loaded });
});

it('puts off tables and state that one piece alone uses, with what belongs to them', () => {
  const { start, pieces } = cut();
  expect(start).not.toMatch(/rare ?=|count|Lost|made/);
  expect(start).toContain('both');
  expect(start).toContain('Tool.extra');
  expect(pieces.get('lost')?.code).toContain('Lost.table');
  expect(pieces.get('lost')?.entries).toEqual(['lost']);
});

it('says which piece could not be loaded, and tries again', () => {
  const world: Record<string, unknown> = {};
  let isThere = false;
  world['self'] = createContext(world);
  world['importScripts'] = () => {
    if (!isThere) throw new Error('offline');
    new Script('function far() { return 7 }').runInContext(world);
  };
  const load = (text: string): unknown => new Script(text).runInContext(world);
  load(standIns([{ file: 'far.js', entries: ['far'] }]));
  expect(() => load('far()')).toThrow('offline');
  expect(load('self.missingPiece')).toBe('far.js');
  isThere = true;
  expect(load('far()')).toBe(7);
});
