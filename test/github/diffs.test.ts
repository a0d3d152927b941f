/** Patches and lines of the fake hold against random files: a patch leads from one to the other. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDiffer, type Differ } from './diffs.ts';
import { hunksOf, hunkWith, lineAfter } from './hunks.ts';
import { objectStore, type Objects } from './objects.ts';

let folder: string;
let objects: Objects;
let differ: Differ;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dfopt-diffs-'));
  await mkdir(join(folder, 'refs'));
  await mkdir(join(folder, 'objects'));
  await writeFile(join(folder, 'HEAD'), 'ref: refs/heads/none\n');
  objects = objectStore(join(folder, 'objects'));
  differ = startDiffer(folder, objects);
});

afterAll(async () => {
  differ.close();
  await objects.flushed();
  await rm(folder, { recursive: true, force: true });
});

const treeWith = (files: Readonly<Record<string, string>>): string =>
  objects.treeOf(
    new Map(
      Object.entries(files).map(([path, text]) => [
        path,
        { mode: '100644', sha: objects.writeBlob(text) },
      ]),
    ),
  );

/** Lines that look like parts of a diff are among them. */
const line = fc.constantFrom(
  'a',
  'b',
  'c',
  '',
  '@@ -1 +1 @@',
  'diff --git a/x b/x',
  '-',
  '+',
  '\\',
  'ü',
);
const text = fc
  .tuple(fc.array(line, { maxLength: 40 }), fc.boolean())
  .map(([lines, isEnded]) => lines.join('\n') + (isEnded && lines.length > 0 ? '\n' : ''));

const linesOf = (own: string): readonly string[] => {
  const lines = own.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};

it('lines of hunks are lines of the files, and those that live on are found again', async () => {
  await fc.assert(
    fc.asyncProperty(text, text, async (before, after) => {
      const [file] = await differ.between(treeWith({ f: before }), treeWith({ f: after }));
      if (before === after) return;
      const hunks = hunksOf(file?.patch ?? '');
      const old = linesOf(before);
      const now = linesOf(after);
      for (const hunk of hunks) {
        const left = hunk.lines.filter((own) => !own.startsWith('+')).map((own) => own.slice(1));
        const right = hunk.lines.filter((own) => !own.startsWith('-')).map((own) => own.slice(1));
        expect(old.slice(hunk.oldStart - 1).slice(0, left.length)).toEqual(left);
        expect(now.slice(Math.max(0, hunk.newStart - 1)).slice(0, right.length)).toEqual(right);
      }
      const moved = old.map((_, index) => lineAfter(hunks, index + 1));
      moved.forEach((place, index) => {
        if (place !== undefined) expect(now[place - 1]).toBe(old[index]);
      });
      const found = moved.filter((place) => place !== undefined);
      expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
      // What is new must be commentable.
      now.forEach((_, index) => {
        if (!found.includes(index + 1)) {
          expect(hunkWith(hunks, index + 1, 'RIGHT')).toBeGreaterThanOrEqual(0);
        }
      });
    }),
    { numRuns: 300 },
  );
});

it('many questions at once get their own answers', async () => {
  const trees = Array.from({ length: 60 }, (_, index) =>
    treeWith({ f: `${'line\n'.repeat(index * 30)}${index}\n`, 'ü "quoted"': `${index}` }),
  );
  const answers = await Promise.all(
    trees.slice(1).map((tree, index) => differ.between(trees[index]!, tree)),
  );
  answers.forEach((files, index) => {
    expect(files.map(({ path }) => path)).toEqual(['f', 'ü "quoted"']);
    expect(files[0]?.patch).toContain(`+${index + 1}`);
  });
});

it('kinds of change, with names that need quotes', async () => {
  const blob = (content: string): string => objects.writeBlob(content);
  const long = 'one\ntwo\nthree\nfour\nfive\n';
  const before = objects.treeOf(
    new Map([
      ['a\tb', { mode: '100644', sha: blob(long) }],
      ['link', { mode: '100644', sha: blob('target\n') }],
      ['z', { mode: '100644', sha: blob('z\n') }],
    ]),
  );
  const after = objects.treeOf(
    new Map([
      ['new\nline', { mode: '100644', sha: blob(`${long}six\n`) }],
      ['link', { mode: '120000', sha: blob('target') }],
      ['z', { mode: '100644', sha: blob('zz\n') }],
    ]),
  );
  const files = await differ.between(before, after);
  expect(files.map(({ path, status, previousPath }) => [path, status, previousPath])).toEqual([
    ['link', 'changed', undefined],
    ['new\nline', 'renamed', 'a\tb'],
    ['z', 'modified', undefined],
  ]);
  expect(files.map(({ patch }) => patch?.split('\n').at(-1))).toEqual([undefined, '+six', '+zz']);
});
