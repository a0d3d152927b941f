/** Do loops and patterns that are written otherwise for the command line still say the same? */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';

interface Script {
  readonly plainTexts: (config: string) => ReadonlyMap<string, string>;
}

const address = new URL('../scripts/plain-arrays.mjs', import.meta.url).href;
const { plainTexts } = (await import(/* @vite-ignore */ address)) as Script;

function moduleOf(body: string): string {
  return `export function run(): unknown[] {\n  const said: unknown[] = [];\n  ${body}\n  return said;\n}\n`;
}

/** @returns the texts of modules as they become; as they were where nothing in them changes */
function plain(texts: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'dfopt-test-'));
  try {
    const config = join(folder, 'tsconfig.json');
    const options = { target: 'es2022', module: 'esnext', strict: true, types: [] };
    const names = texts.map((_, place) => `${place}.ts`);
    writeFileSync(config, JSON.stringify({ compilerOptions: options, files: names }));
    for (const [place, text] of texts.entries()) writeFileSync(join(folder, names[place]!), text);
    const changed = plainTexts(config);
    const slashed = folder.replaceAll('\\', '/');
    return texts.map((text, place) => changed.get(`${slashed}/${names[place]}`) ?? text);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What `run` of a module returns. */
async function resultOf(text: string): Promise<unknown> {
  const { code } = transformSync(text, { loader: 'ts', format: 'esm' });
  const { run } = (await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`
  )) as { run: () => unknown };
  return run();
}

const CHANGED: readonly (readonly [what: string, body: string])[] = [
  ['a loop', 'for (const each of [1, 2, 3]) said.push(each);'],
  ['a loop with a block', 'for (let each of [1, 2, 3]) { each += 1; said.push(each); }'],
  ['a loop in a loop', 'for (const a of [1, 2]) for (const b of [3, 4]) said.push([a, b]);'],
  [
    'a loop that is left and gone on with',
    'for (const each of [1, 2, 3, 4]) { if (each === 2) continue; if (each > 3) break; said.push(each); }',
  ],
  [
    'a list that grows',
    'const list = [1, 2]; for (const each of list) { if (each < 4) list.push(each + 2); said.push(each); }',
  ],
  [
    'a list that is made once',
    'const made = () => { said.push("made"); return [1, 2]; }; for (const each of made()) said.push(each);',
  ],
  [
    'what functions in a loop keep',
    'const all: (() => number)[] = []; for (const each of [1, 2]) all.push(() => each); said.push(all.map((each) => each()));',
  ],
  [
    'a function in the list of a loop',
    'for (const each of [1, 2].map((x) => { for (const y of [x]) x += y; return x; })) said.push(each);',
  ],
  [
    'places and what is there',
    'for (const [place, each] of ["a", "b"].entries()) said.push([place, each]);',
  ],
  ['places alone', 'for (const [place] of ["a", "b"].entries()) said.push(place);'],
  ['what is there alone', 'for (const [, each] of ["a", "b"].entries()) said.push(each);'],
  [
    'a pattern at a place',
    'for (const [place, [a, { b }]] of [[1, { b: 2 }] as const].entries()) said.push([place, a, b]);',
  ],
  ['a pattern', 'const [a, b] = [1, 2]; said.push([a, b]);'],
  ['a pattern with gaps', 'const [, a, , b] = [1, 2, 3, 4]; said.push([a, b]);'],
  [
    'a pattern with what is there otherwise',
    'const list: (number | undefined)[] = [undefined]; const [a = 5, b = a + 1] = list; said.push([a, b]);',
  ],
  [
    'patterns in patterns',
    'const [[a], { b: [c] }] = [[1], { b: [2] }] as const; said.push([a, c]);',
  ],
  [
    'a pattern of what a function is given',
    'said.push(Object.entries({ a: 1 }).map(([key, value]) => key + value));',
  ],
  [
    'a pattern of one of several lists',
    'const f = ([a]: [1] | readonly [2, 3]) => a; said.push(f([2, 3]));',
  ],
  [
    'a pattern of a map in a loop',
    'for (const [key, value] of new Map([["a", 1]])) said.push(key + value);',
  ],
  [
    'a list of some type',
    'const f = <T extends readonly number[]>(list: T) => { for (const each of list) said.push(each); }; f([1, 2]);',
  ],
];

const LEFT_ALONE: readonly (readonly [what: string, body: string])[] = [
  ['a text', 'for (const each of "a\u{1F600}") said.push(each);'],
  ['the letters of a text', 'const [a] = "\u{1F600}"; said.push(a);'],
  [
    'a map and a set',
    'for (const each of new Map([[1, 2]])) said.push(each); for (const each of new Set([1])) said.push(each);',
  ],
  ['places in a map', 'for (const both of new Map([["a", 1]]).entries()) said.push(both);'],
  [
    'what may be anything',
    'const any: any = new Set([1]); for (const each of any) said.push(each); const [a] = any; said.push(a);',
  ],
  [
    'a list or a set',
    'const either: number[] | Set<number> = new Set<number>([1]) as number[] | Set<number>; for (const each of either) said.push(each);',
  ],
  ['what is left of a list', 'const [a, ...rest] = [1, 2, 3]; said.push(a, rest);'],
  ['a loop with a label', 'all: for (const a of [1, 2]) { while (a > 0) continue all; }'],
  ['what is counted up by hand', 'for (let at = 0; at < 2; at += 1) said.push(at);'],
];

const LOOP =
  'export const f = (all: [string, number][]) => { for (const [a] of all) f([[a, 1]]); };\n';

const texts = [...CHANGED, ...LEFT_ALONE].map(([, body]) => moduleOf(body));
const changed = plain([...texts, LOOP]);

describe('is written otherwise, and says the same', () => {
  it.each([...CHANGED.entries()].map(([place, [what]]) => [what, place] as const))(
    '%s',
    async (_what, place) => {
      expect(changed[place]).not.toBe(texts[place]);
      const said = await resultOf(texts[place]!);
      expect(said).not.toEqual([]);
      expect(await resultOf(changed[place]!)).toEqual(said);
    },
  );
});

it.each([...LEFT_ALONE.entries()].map(([place, [what]]) => [what, place] as const))(
  'leaves alone: %s',
  (_what, place) => {
    expect(changed[CHANGED.length + place]).toBe(texts[CHANGED.length + place]);
  },
);

it('counts up in a loop, and reads places', () => {
  expect(changed.at(-1)).toBe(
    'export const f = (all: [string, number][]) => { for (let $list0 = all, $at0 = 0; $at0 < $list0.length; $at0 += 1) {const {0: a} = $list0[$at0];f([[a, 1]]);} };\n',
  );
});

it('refuses what is no project', () => {
  expect(() => plainTexts(join(tmpdir(), 'no-such-folder', 'tsconfig.json'))).toThrow();
});
