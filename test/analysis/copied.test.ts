import { describe, expect, it } from 'vitest';
import { copiedBy, readsOf } from '../../src/analysis/copied.ts';
import { instructionsOf } from '../../src/dockerfile/model.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import { contextFrom } from '../support/contexts.ts';

const CONTEXT = contextFrom({
  'package.json': '{}',
  'package-lock.json': '{}',
  'src/app.js': 1,
  'src/lib/util.js': 2,
  'packages/a/package.json': 3,
  'packages/b/package.json': 4,
  'packages/b/index.js': 5,
  current: { target: 'src' },
  link: { target: 'package.json' },
  'dist/app.js': 6,
  'empty/': {},
  '.dockerignore': 'dist\n',
});

const taken = (source: string, flags?: Parameters<typeof copiedBy>[2]): string[] =>
  copiedBy(CONTEXT, source, flags).entries.map(({ entry, to }) => `${entry.path} ${to}`);

describe('copiedBy', () => {
  it('takes a file under its own name', () => {
    expect(taken('./package.json')).toEqual(['package.json package.json']);
    expect(taken('src/app.js')).toEqual(['src/app.js app.js']);
  });

  it("takes a folder's contents", () => {
    const contents = ['src/app.js app.js', 'src/lib lib', 'src/lib/util.js lib/util.js'];
    expect(taken('src')).toEqual(contents);
    expect(taken('/src/')).toEqual(contents);
    expect(taken('current')).toEqual(contents);
  });

  it('follows a link that is named, and takes one that is found as it is', () => {
    expect(taken('link')).toEqual(['package.json link']);
    expect(taken('.')).toContain('link link');
  });

  it('takes the whole context without what is ignored', () => {
    const all = taken('.');
    expect(all).toHaveLength(16);
    expect(all.join('\n')).not.toContain('dist');
    expect(taken('dist')).toEqual([]);
    expect(taken('dist/app.js')).toEqual([]);
  });

  it('matches wildcards part by part', () => {
    expect(taken('package*.json')).toEqual([
      'package-lock.json package-lock.json',
      'package.json package.json',
    ]);
    expect(taken('packages/*/package.json')).toEqual([
      'packages/a/package.json package.json',
      'packages/b/package.json package.json',
    ]);
    expect(taken('*/app.js')).toEqual(['src/app.js app.js']);
    expect(taken('current/*.js')).toEqual(['src/app.js app.js']);
  });

  it('says what the source names, and that it is not there', () => {
    expect(copiedBy(CONTEXT, 'package*.json').matches).toHaveLength(2);
    expect(copiedBy(CONTEXT, '.').matches).toEqual(['']);
    expect(copiedBy(CONTEXT, 'empty')).toEqual({ matches: ['empty'], entries: [] });
    expect(copiedBy(CONTEXT, 'yarn.lock').matches).toEqual([]);
    expect(copiedBy(CONTEXT, 'dist').matches).toEqual([]);
    expect(copiedBy(CONTEXT, 'dist/*').matches).toEqual([]);
  });

  it('leaves out what is excluded, below the folder that is copied', () => {
    const flags = { excludes: ['**/*.js', '!lib/util.js'], hasParents: false };
    expect(taken('src', flags)).toEqual(['src/lib lib', 'src/lib/util.js lib/util.js']);
    // Of a file that is named, no part is excluded.
    expect(taken('src/app.js', flags)).toEqual(['src/app.js app.js']);
  });

  it('keeps the folders on the way with --parents', () => {
    const flags = { excludes: [], hasParents: true };
    expect(taken('packages/*/package.json', flags)).toEqual([
      'packages packages',
      'packages/a packages/a',
      'packages/a/package.json packages/a/package.json',
      'packages/b packages/b',
      'packages/b/package.json packages/b/package.json',
    ]);
    expect(taken('packages/./b/**', flags)).toEqual([
      'packages/b b',
      'packages/b/index.js b/index.js',
      'packages/b/package.json b/package.json',
    ]);
    expect(copiedBy(CONTEXT, 'packages/c', flags).matches).toEqual([]);
  });

  it('says where there may be more', () => {
    const context = contextFrom({
      a: 1,
      'big/': { unknown: 'was not read' },
      'apps/web/': { unknown: 'was not read' },
    });
    const gap = (source: string): string | undefined => copiedBy(context, source).gap?.path;
    expect(gap('.')).toBe('big');
    expect(gap('a')).toBeUndefined();
    expect(gap('*.json')).toBeUndefined();
    expect(gap('big/x')).toBe('big');
    expect(gap('big/*.js')).toBe('big');
    expect(gap('*/package.json')).toBe('big');
    expect(gap('apps/*/package.json')).toBe('apps/web');
    expect(gap('apps/w*/x')).toBe('apps/web');
    expect(gap('apps/x*/x')).toBeUndefined();
    expect(gap('apps')).toBe('apps/web');
  });
});

describe('readsOf', () => {
  const reads = (line: string): unknown => {
    const instruction = instructionsOf(parse(`FROM a\n${line}\n`))[1]!;
    return readsOf(instruction)?.sources;
  };

  it.each<[string, readonly string[] | undefined]>([
    ['COPY a b /c/', ['a', 'b']],
    ['COPY ["a b", "c"]', ['a b']],
    ['ADD --chown=1 a /c', ['a']],
    ['COPY --from=x a /c', undefined],
    ['ADD https://example.com/x /c', undefined],
    ['ADD https://github.com/o/r.git#v1 a /c/', ['a']],
    ['ADD git@github.com:o/r.git /c/', undefined],
    ['RUN true', undefined],
    ['RUN --mount=type=cache,target=/c true', undefined],
    ['RUN --mount=type=bind,source=a,target=/c true', ['a']],
    ['RUN --mount=target=/c true', ['.']],
    ['RUN --mount=type=bind,from=x,source=a,target=/c true', undefined],
    ['RUN --mount=type=bind,src=a,dst=/c --mount=type=bind,source=b,dst=/d true', ['a', 'b']],
    ['WORKDIR /c', undefined],
  ])('%s', (line, sources) => {
    expect(reads(line)).toEqual(sources);
  });

  it('knows the flags that choose', () => {
    const text =
      'FROM a\nCOPY --exclude=x --exclude=*.y --parents a /b\nCOPY --parents=false a /b\n';
    const [, first, second] = instructionsOf(parse(text));
    expect(readsOf(first!)).toEqual({ sources: ['a'], excludes: ['x', '*.y'], hasParents: true });
    expect(readsOf(second!)?.hasParents).toBe(false);
  });

  it('leaves heredocs out', () => {
    const text = 'FROM a\nCOPY <<EOF a /c/\nx\nEOF\n';
    expect(readsOf(instructionsOf(parse(text))[1]!)?.sources).toEqual(['a']);
  });
});
