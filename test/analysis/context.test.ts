import { describe, expect, it } from 'vitest';
import {
  bytesBelow,
  entriesIn,
  entriesOf,
  entryAt,
  gapAt,
  isSent,
  makeContext,
  resolveLinks,
  rulesOf,
  textOf,
  withIgnore,
} from '../../src/analysis/context.ts';
import { contextFrom } from '../support/contexts.ts';

describe('a context', () => {
  it('has its entries in the order of a walk, with folders that are only implied', () => {
    const context = contextFrom({ 'b/c/d': 1, a: 2, 'b/a': 3, 'b.x': 4, B: 5 });
    expect(context.entries.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      'B file',
      'a file',
      'b folder',
      'b/a file',
      'b/c folder',
      'b/c/d file',
      'b.x file',
    ]);
  });

  it('takes a folder that is named after what is in it, and the later of two entries', () => {
    const entry = { kind: 'file' as const, bytes: 1, isExecutable: false };
    const context = makeContext({
      entries: [
        { ...entry, path: 'a/b' },
        { ...entry, path: 'a', kind: 'folder', bytes: 0 },
        { ...entry, path: 'a/b', bytes: 7 },
      ],
    });
    expect(context.entries).toHaveLength(2);
    expect(bytesBelow(context, 'a')).toBe(7);
  });

  it('is found by any way to write a path', () => {
    const context = contextFrom({ 'a/b': 1 });
    for (const path of ['a/b', './a/b', '/a//b/', 'a/x/../b', '../a/b']) {
      expect(entryAt(context, path)?.path).toBe('a/b');
      expect(isSent(context, path)).toBe(true);
      expect(bytesBelow(context, path)).toBe(1);
    }
    expect(isSent(context, '.')).toBe(true);
    expect(bytesBelow(context, '.')).toBe(1);
  });

  it('counts what is sent', () => {
    const context = contextFrom({ 'a/b': 10, 'a/c/d': 100, e: 1000, '.dockerignore': 'a/c\n' });
    expect(bytesBelow(context, 'a')).toBe(10);
    expect(bytesBelow(context, 'a/c')).toBe(0);
    expect(bytesBelow(context, '')).toBe(1014);
    expect(bytesBelow(context, 'nothing')).toBe(0);
    expect(entriesIn(context, 'a').map(({ path }) => path)).toEqual(['a/b']);
    expect(entriesIn(context, '').map(({ path }) => path)).toEqual(['.dockerignore', 'a', 'e']);
    expect(entriesIn(context, 'e')).toEqual([]);
  });

  it('says of a path that is not there whether it would be sent', () => {
    const context = contextFrom({ a: 1, '.dockerignore': 'dist\n*.log\n' });
    expect(isSent(context, 'dist/app.js')).toBe(false);
    expect(isSent(context, 'x.log')).toBe(false);
    expect(isSent(context, 'src/x.log')).toBe(true);
  });

  it('says which line Docker would reject', () => {
    const context = contextFrom({ '.dockerignore': 'ok\n[\n' });
    expect(rulesOf(context).problem).toEqual({ line: 2, message: '"[" is no pattern' });
  });

  it('takes the ignore file of the Dockerfile, even an empty one', () => {
    const tree = { a: 1, '.dockerignore': 'a\n', 'x.Dockerfile.dockerignore': '' };
    expect(isSent(contextFrom(tree), 'a')).toBe(false);
    expect(isSent(contextFrom(tree, 'x.Dockerfile'), 'a')).toBe(true);
  });
});

describe('texts', () => {
  it('come from files that are sent', () => {
    const context = contextFrom({ a: 'one', b: 'two', c: 3, 'd/': {}, '.dockerignore': 'b\n' });
    expect(textOf(context, './a')).toEqual({ kind: 'text', text: 'one' });
    expect(textOf(context, 'b')).toEqual({ kind: 'absent' });
    expect(textOf(context, 'd')).toEqual({ kind: 'absent' });
    expect(textOf(context, 'nothing')).toEqual({ kind: 'absent' });
    expect(textOf(context, 'c')).toMatchObject({ kind: 'unknown' });
  });

  it('are unknown where they could not be read, and in what is not known', () => {
    const context = {
      ...contextFrom({ a: 1, 'b/': { unknown: 'was not read' }, '.dockerignore': 'b/x\n' }),
      unread: new Map([['a', 'is not valid UTF-8']]),
    };
    expect(textOf(context, 'a')).toEqual({ kind: 'unknown', why: 'a is not valid UTF-8' });
    expect(textOf(context, 'b/c')).toEqual({ kind: 'unknown', why: 'b was not read' });
    expect(textOf(context, 'b/x')).toEqual({ kind: 'absent' });
    expect(textOf(context, 'c')).toEqual({ kind: 'absent' });
    const nothing = contextFrom({ '/': { unknown: 'cannot be read' } });
    expect(textOf(nothing, 'c')).toMatchObject({ why: 'the build context cannot be read' });
  });

  it('are reached through links that stay inside', () => {
    const context = contextFrom({
      'real/a': 'text',
      'to-folder': { target: 'real' },
      'deep/to-file': { target: '../real/a' },
      absolute: { target: '/to-folder/a' },
      circle: { target: 'circle' },
      outside: { target: '../../etc/passwd' },
      hidden: { target: 'secret' },
      secret: 'x',
      '.dockerignore': 'secret\n',
    });
    for (const path of ['to-folder/a', 'deep/to-file', 'absolute']) {
      expect(textOf(context, path)).toEqual({ kind: 'text', text: 'text' });
    }
    expect(textOf(context, 'circle')).toEqual({ kind: 'absent' });
    expect(textOf(context, 'hidden')).toEqual({ kind: 'absent' });
    // The top of the context is the root of its links.
    expect(resolveLinks(context, 'outside')).toBe('etc/passwd');
  });
});

describe('gaps', () => {
  const tree = { 'a/': { unknown: 'was not read' }, 'b/c/': { unknown: 'cannot be read' }, d: 1 };

  it('concern what lies below and above them', () => {
    const context = contextFrom(tree);
    expect(gapAt(context, 'a/x')?.path).toBe('a');
    expect(gapAt(context, 'b')?.path).toBe('b/c');
    expect(gapAt(context, '.')?.path).toBe('a');
    expect(gapAt(context, 'b/d')).toBeUndefined();
    expect(gapAt(context, 'd')).toBeUndefined();
    expect(gapAt(context, 'ab')).toBeUndefined();
  });

  it('are none where nothing would be sent', () => {
    expect(gapAt(contextFrom({ ...tree, '.dockerignore': 'a\nb\n' }), '.')).toBeUndefined();
    const exception = contextFrom({ ...tree, '.dockerignore': 'a\nb\n!a/x\n' });
    expect(gapAt(exception, '.')?.path).toBe('a');
    expect(gapAt(exception, 'b')).toBeUndefined();
  });
});

describe('withIgnore', () => {
  it('is another context, with the file in it', () => {
    const context = contextFrom({ a: 1, b: 2 });
    const next = withIgnore(context, 'b\né\n');
    expect(isSent(context, 'b')).toBe(true);
    expect(isSent(next, 'b')).toBe(false);
    expect(next.ignore).toEqual({ path: '.dockerignore', text: 'b\né\n' });
    expect(entryAt(next, '.dockerignore')).toMatchObject({ kind: 'file', bytes: 5 });
    expect(textOf(next, '.dockerignore')).toEqual({ kind: 'text', text: 'b\né\n' });
    expect(entriesOf(next).map(({ path }) => path)).toEqual(['.dockerignore', 'a']);
    expect(withIgnore(next, 'b\né\n')).toBe(next);
  });

  it('changes the one that is in force', () => {
    const tree = { Dockerfile: '', 'Dockerfile.dockerignore': 'a\n', '.dockerignore': 'b\n' };
    const next = withIgnore(contextFrom(tree), 'c\n');
    expect(next.ignore?.path).toBe('Dockerfile.dockerignore');
    expect(next.texts.get('.dockerignore')).toBe('b\n');
    expect(entryAt(next, 'Dockerfile.dockerignore')?.bytes).toBe(2);
  });

  it('adds no entry for one that lies outside', () => {
    const context = {
      ...contextFrom({ a: 1 }),
      ignore: { path: '../Dockerfile.dockerignore', text: '' },
    };
    expect(withIgnore(context, 'a\n').entries).toHaveLength(1);
    expect(entriesOf(withIgnore(context, 'a\n'))).toEqual([]);
  });
});
