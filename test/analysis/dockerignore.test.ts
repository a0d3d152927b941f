import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesBelow, entriesOf, isSent } from '../../src/analysis/context.ts';
import { parseIgnore, withPatterns } from '../../src/analysis/dockerignore.ts';
import { cleanPath, pathInside } from '../../src/analysis/go-paths.ts';
import { contextFrom } from '../support/contexts.ts';

const TREE = {
  '.git/': {},
  '.git/HEAD': 20,
  'a.md': 1,
  'README.md': 2,
  'docs/a.md': 3,
  'docs/deep/b.md': 4,
  'src/app.js': 5,
  'src/app.test.js': 6,
  'src/node_modules/x/index.js': 7,
  'node_modules/y/index.js': 8,
  'empty/': {},
};

/** What is sent of the files, by an ignore file of these lines. */
function sent(...lines: readonly string[]): string[] {
  const context = contextFrom({ ...TREE, '.dockerignore': lines.join('\n') });
  return entriesOf(context)
    .filter(({ kind, path }) => kind === 'file' && path !== '.dockerignore')
    .map(({ path }) => path);
}

const ALL = sent();
const without = (...paths: readonly string[]): string[] =>
  ALL.filter((path) => !paths.includes(path));

describe('patterns', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['a name is one at the top only', ['node_modules'], ['node_modules/y/index.js']],
    [
      'a slash in front or behind says nothing',
      ['/a.md', 'docs/'],
      ['a.md', 'docs/a.md', 'docs/deep/b.md'],
    ],
    [
      'two stars stand for any folders, or none',
      ['**/node_modules'],
      ['src/node_modules/x/index.js', 'node_modules/y/index.js'],
    ],
    ['two stars before a name take a file at the top too', ['**/a.md'], ['a.md', 'docs/a.md']],
    ['one star stays in its folder', ['*/*.md'], ['docs/a.md']],
    ['two stars at the end take all below', ['docs/**'], ['docs/a.md', 'docs/deep/b.md']],
    ['two stars in the middle', ['docs/**/b.md'], ['docs/deep/b.md']],
    ['a question mark is one character', ['?.md'], ['a.md']],
    ['classes', ['[a-c].md', '[^a]EADME.md'], ['a.md', 'README.md']],
    ['a backslash takes the meaning away', ['\\*.md', 'README\\.md'], ['README.md']],
    ['the path is cleaned', ['./docs/../a.md', 'src//app.js'], ['a.md', 'src/app.js']],
    ['above the top there is nothing', ['../a.md'], []],
    ['blanks around it are none of it', ['  a.md\t', '! a.md '], []],
    ['a comment begins in the first column', ['#a.md', ' #b', 'a.md # no comment'], []],
    ['carriage returns are blanks', ['a.md\r', 'README.md\r'], ['a.md', 'README.md']],
    ['a byte order mark is skipped', ['\ufeffa.md'], ['a.md']],
    ['case counts', ['readme.md'], []],
    ['braces and bars are characters', ['{a,b}.md', 'a.m(d)'], []],
  ])('%s', (_, lines, ignored) => {
    expect(sent(...lines)).toEqual(without(...ignored));
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['a later exception takes back in', ['*.md', '!README.md'], ['a.md']],
    ['an earlier one does not', ['!README.md', '*.md'], ['a.md', 'README.md']],
    ['also below an ignored folder', ['docs', '!docs/deep/b.md'], ['docs/a.md']],
    [
      'a folder comes back with all that is in it',
      ['*', '!docs'],
      without('docs/a.md', 'docs/deep/b.md'),
    ],
    ['what is ignored below it stays ignored', ['docs/a.md', '!docs'], ['docs/a.md']],
    [
      'an exception with a wildcard',
      ['src', '!src/**/*.test.js'],
      ['src/app.js', 'src/node_modules/x/index.js'],
    ],
    ['last of three', ['*.md', '!*.md', 'a.md'], ['a.md']],
    ['everything', ['*'], ALL],
    ['everything by two stars, but', ['**', '!src/app.js'], without('src/app.js')],
  ])('exceptions: %s', (_, lines, ignored) => {
    expect(sent(...lines)).toEqual(without(...ignored));
  });

  it('keeps a folder that is ignored for the sake of what is in it, and no other', () => {
    const context = contextFrom({ ...TREE, '.dockerignore': '*\n!docs/deep\n' });
    expect(entriesOf(context).map(({ path }) => path)).toEqual([
      'docs',
      'docs/deep',
      'docs/deep/b.md',
    ]);
    expect(isSent(context, 'docs')).toBe(true);
    expect(isSent(context, 'empty')).toBe(false);
  });

  it('treats the Dockerfile and .dockerignore as files like others', () => {
    const tree = { Dockerfile: 'FROM a\n', 'a.md': 1 };
    const names = (ignore: string): string[] =>
      entriesOf(contextFrom({ ...tree, '.dockerignore': ignore })).map(({ path }) => path);
    expect(names('x\n')).toEqual(['.dockerignore', 'Dockerfile', 'a.md']);
    expect(names('Dockerfile\n.dockerignore\n')).toEqual(['a.md']);
  });

  it('reads Windows paths as Go reads regular expressions', () => {
    const tree = { 'bin/Debug/x': 1, 'bin/ebug': 1, bin9ebug: 1 };
    const context = contextFrom({ ...tree, '.dockerignore': 'bin\\Debug\n' });
    expect(entriesOf(context).map(({ path }) => path)).toContain('bin/Debug/x');
    expect(isSent(context, 'bin9ebug')).toBe(true);
    expect(isSent(context, 'bin-ebug')).toBe(false);
  });
});

describe('a pattern that Docker rejects', () => {
  it.each(['[a', 'a[', '[]a]', 'a\\', '!', '! ', '[b-a]x', '\\obj*'])('%j', (line) => {
    const { patterns, problem } = parseIgnore(`ok\n\n${line}\nalso\n`);
    expect(problem).toMatchObject({ line: 3 });
    expect(patterns.map(({ text }) => text)).toEqual(['ok', 'also']);
  });
});

it('is quick whatever the pattern says', () => {
  const evil = `${'*a'.repeat(40)}b\n${'**/*a'.repeat(12)}b\n${'[^b]*'.repeat(30)}c\n`;
  const long = 'a'.repeat(250);
  const context = contextFrom({ [`${long}/${long}/${long}`]: 1, '.dockerignore': evil });
  const started = performance.now();
  expect(entriesOf(context)).toHaveLength(4);
  expect(performance.now() - started).toBeLessThan(2000);
});

describe('cleaning', () => {
  it.each([
    ['', '.'],
    ['a//b/', 'a/b'],
    ['./a', 'a'],
    ['a/../b', 'b'],
    ['../a', '../a'],
    ['/../a', '/a'],
    ['/', '/'],
    ['a/..', '.'],
  ])('%j is %j', (path, clean) => {
    expect(cleanPath(path)).toBe(clean);
  });

  it('agrees with the shortcut for clean paths', () => {
    const part = fc.constantFrom('a', '.', '..', '', '.a', 'a.', '...', 'a b');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const path = parts.join('/');
        expect(pathInside(path)).toBe(cleanPath(`/${path}`).slice(1));
      }),
    );
  });
});

describe('withPatterns', () => {
  it.each<[string, readonly string[], string]>([
    ['', ['a', 'b'], 'a\nb\n'],
    ['x\n', ['a'], 'x\na\n'],
    ['x', ['a'], 'x\na'],
    ['x\r\ny\r\n', ['a', 'b'], 'x\r\ny\r\na\r\nb\r\n'],
    ['x\n', [], 'x\n'],
  ])('%j and %j', (text, patterns, after) => {
    expect(withPatterns(text, patterns)).toBe(after);
  });
});

it('adds up, walk or no walk, for any patterns', () => {
  const name = fc.constantFrom('a', 'b', 'ab', '*', '**', 'a*', '?', '[ab]', '.');
  const pattern = fc
    .tuple(fc.boolean(), fc.array(name, { minLength: 1, maxLength: 4 }))
    .map(([isException, parts]) => (isException ? '!' : '') + parts.join('/'));
  const file = fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(pattern, { maxLength: 6 }),
      fc.array(file, { maxLength: 12 }),
      (patterns, files) => {
        // A file where another path has a folder would be no tree.
        const paths = files.map((parts) => `${parts.join('/')}.x`);
        const tree = Object.fromEntries(paths.map((path) => [path, path.length]));
        const text = patterns.join('\n');
        const make = () => ({ ...contextFrom(tree), ignore: { path: 'i', text } });
        const walked = make();
        const entries = entriesOf(walked);
        const bytes = entries.reduce((sum, each) => sum + each.bytes, 0);
        expect(bytesBelow(walked, '')).toBe(bytes);
        const fresh = make();
        for (const { path } of walked.entries) {
          const isThere = entries.some((each) => each.path === path);
          expect(isSent(fresh, path)).toBe(isThere);
        }
      },
    ),
  );
});
