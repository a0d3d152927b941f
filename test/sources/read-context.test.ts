import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  entriesOf,
  entryAt,
  gapAt,
  gapsOf,
  isSent,
  textOf,
  type BuildContext,
} from '../../src/analysis/context.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { readContext, type ContextRequest } from '../../src/sources/read-context.ts';
import { folderWith } from '../cli/support.ts';

const { manifests } = loadFacts();

function read(folder: string, more: Partial<ContextRequest> = {}): BuildContext {
  const dockerfile = join(folder, 'Dockerfile');
  const found = readContext({ folder, dockerfile, manifests, ...more });
  if (found.kind === 'refused') throw new Error(found.why);
  return found.context;
}

describe('readContext', () => {
  it('reads names, sizes, modes and links, and the texts that tell of a project', () => {
    const folder = folderWith({
      Dockerfile: 'FROM a\n',
      'package.json': '{}',
      'src/app.js': 'x = 1;\n',
      'src/sub/requirements-dev.txt': 'flask\n',
      'gradle/libs.versions.toml': '[versions]\n',
      'other/libs.versions.toml': 'no\n',
      'run.sh': '#!/bin/sh\n',
    });
    mkdirSync(join(folder, 'empty'));
    symlinkSync('src/app.js', join(folder, 'link'));
    chmodSync(join(folder, 'run.sh'), 0o755);
    const context = read(folder);
    expect(context.entries.map(({ path }) => path)).toEqual([
      'Dockerfile',
      'empty',
      'gradle',
      'gradle/libs.versions.toml',
      'link',
      'other',
      'other/libs.versions.toml',
      'package.json',
      'run.sh',
      'src',
      'src/app.js',
      'src/sub',
      'src/sub/requirements-dev.txt',
    ]);
    expect(entryAt(context, 'src/app.js')).toMatchObject({ bytes: 7, isExecutable: false });
    expect(entryAt(context, 'run.sh')?.isExecutable).toBe(true);
    expect(entryAt(context, 'link')).toMatchObject({ kind: 'link', target: 'src/app.js' });
    expect([...context.texts.keys()].toSorted()).toEqual([
      'Dockerfile',
      'gradle/libs.versions.toml',
      'package.json',
      'run.sh',
      'src/app.js',
      'src/sub/requirements-dev.txt',
    ]);
    expect(context.dockerfile).toBe('Dockerfile');
    expect(context.gaps).toEqual([]);
  });

  it('never follows a link to a folder', () => {
    const outside = folderWith({ 'package.json': '{"secret":1}' });
    const folder = folderWith({ Dockerfile: '' });
    symlinkSync(outside, join(folder, 'out'));
    symlinkSync('.', join(folder, 'self'));
    symlinkSync(join(outside, 'package.json'), join(folder, 'package.json'));
    const context = read(folder);
    expect(context.entries.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      'Dockerfile file',
      'out link',
      'package.json link',
      'self link',
    ]);
    expect(textOf(context, 'package.json')).toEqual({ kind: 'absent' });
  });

  it('knows which ignore file is in force', () => {
    const folder = folderWith({
      Dockerfile: '',
      'a.Dockerfile': '',
      'a.Dockerfile.dockerignore': 'x\n',
      '.dockerignore': 'y\n',
    });
    expect(read(folder).ignore).toEqual({ path: '.dockerignore', text: 'y\n' });
    const own = read(folder, { dockerfile: join(folder, 'a.Dockerfile') });
    expect(own.ignore).toEqual({ path: 'a.Dockerfile.dockerignore', text: 'x\n' });
    expect(own.dockerfile).toBe('a.Dockerfile');
    expect(read(folderWith({ a: '' })).ignore).toBeUndefined();
  });

  it('takes the ignore file of a Dockerfile outside, but not the Dockerfile', () => {
    const folder = folderWith({
      'docker/Dockerfile': '',
      'docker/Dockerfile.dockerignore': 'a\n',
      'app/a': '',
      'app/.dockerignore': 'b\n',
    });
    const dockerfile = join(folder, 'docker/Dockerfile');
    const context = read(join(folder, 'app'), { dockerfile });
    expect(context.dockerfile).toBeUndefined();
    expect(context.ignore).toEqual({ path: '../docker/Dockerfile.dockerignore', text: 'a\n' });
    expect(isSent(context, 'a')).toBe(false);
  });

  it('does not follow an ignore file out of the context, as the builder does not', () => {
    const outside = folderWith({ rules: 'a\n' });
    const folder = folderWith({ a: '', 'inside/rules': 'b\n' });
    symlinkSync(join(outside, 'rules'), join(folder, '.dockerignore'));
    expect(read(folder).ignore).toBeUndefined();
    symlinkSync('inside/rules', join(folder, 'Dockerfile.dockerignore'));
    expect(read(folder).ignore?.text).toBe('b\n');
  });

  it('does not look into what is ignored, and says so', () => {
    const folder = folderWith({
      'node_modules/a/package.json': '{}',
      'build/out/x': '',
      'build/keep/y': '',
      '.dockerignore': 'node_modules\nbuild\n!build/keep\n',
    });
    const context = read(folder);
    expect(entryAt(context, 'node_modules')?.kind).toBe('folder');
    expect(entryAt(context, 'node_modules/a')).toBeUndefined();
    expect(context.gaps).toEqual([
      { path: 'node_modules', why: 'was not read: it is ignored' },
      { path: 'build/out', why: 'was not read: it is ignored' },
    ]);
    expect(gapsOf(context)).toEqual([]);
    expect(entriesOf(context).map(({ path }) => path)).toEqual([
      '.dockerignore',
      'build',
      'build/keep',
      'build/keep/y',
    ]);
  });

  it('reads no text in folders that a tool fills', () => {
    const folder = folderWith({ 'node_modules/a/package.json': '{}', 'a/package.json': '{}' });
    expect([...read(folder).texts.keys()]).toEqual(['a/package.json']);
  });

  it('reads Dockerfiles that are ignored: they share the ignore file', () => {
    const folder = folderWith({
      Dockerfile: 'FROM a\n',
      'b.Dockerfile': 'FROM b\n',
      'package.json': '{}',
      '.dockerignore': '*\n',
    });
    expect([...read(folder).texts.keys()].toSorted()).toEqual([
      '.dockerignore',
      'Dockerfile',
      'b.Dockerfile',
    ]);
  });
});

describe('the stamp of texts', () => {
  const stamped = (folder: string, isStampOnly = false) => {
    const dockerfile = join(folder, 'Dockerfile');
    const found = readContext({ folder, dockerfile, manifests, isStampOnly });
    if (found.kind === 'refused') throw new Error(found.why);
    return found;
  };
  const longAgo = new Date('2026-01-01T00:00:00Z');

  it('is the same whether they are read or not, and no text is there where they are not', () => {
    const folder = folderWith({ Dockerfile: 'FROM a\n', 'package.json': '{}', 'a.js': 'a();\n' });
    const [whole, unread] = [stamped(folder), stamped(folder, true)];
    expect(unread.stamp).toEqual(whole.stamp);
    expect([...whole.context.texts.keys()]).toEqual(['Dockerfile', 'package.json', 'a.js']);
    expect(unread.context.texts.size).toBe(0);
    expect(unread.context.entries).toEqual(whole.context.entries);
  });

  it('is another one after a change that keeps the size and the time', () => {
    const folder = folderWith({ Dockerfile: 'FROM a\n', 'package.json': '{"a":1}' });
    const path = join(folder, 'package.json');
    utimesSync(path, longAgo, longAgo);
    const before = stamped(folder).stamp.text;
    writeFileSync(path, '{"a":2}');
    utimesSync(path, longAgo, longAgo);
    expect(stamped(folder).stamp.text).not.toBe(before);
  });

  it('is not settled while a file may change without another time', () => {
    const folder = folderWith({ Dockerfile: 'FROM a\n', 'package.json': '{}' });
    expect(stamped(folder).stamp.isSettled).toBe(false);
    expect(stamped(folderWith({ 'notes.txt': 'nobody reads it' })).stamp.isSettled).toBe(true);
  });

  it('is settled some seconds later', () => {
    const folder = folderWith({ Dockerfile: 'FROM a\n', 'package.json': '{}' });
    vi.useFakeTimers({ now: Date.now() + 3000, toFake: ['Date'] });
    try {
      expect(stamped(folder).stamp.isSettled).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('limits', () => {
  it('cut off what lies deepest, and what tools fill before that', () => {
    const folder = folderWith({
      'a/b/c/d': '',
      'a/x': '',
      'node_modules/y': '',
      'z/package.json': '{}',
    });
    const context = read(folder, { limits: { entries: 7 } });
    expect(context.entries.map(({ path }) => path)).toEqual([
      'a',
      'a/b',
      'a/b/c',
      'a/x',
      'node_modules',
      'z',
      'z/package.json',
    ]);
    const why = 'was not read: the build context has more than 7 files';
    expect(context.gaps).toEqual([
      { path: 'a/b/c', why },
      { path: 'node_modules', why },
    ]);
    expect(gapAt(context, 'z')).toBeUndefined();
    expect(textOf(context, 'node_modules/y')).toMatchObject({ kind: 'unknown' });
  });

  it('cut off a folder in the middle', () => {
    const context = read(folderWith({ a: '', b: '', c: '' }), { limits: { entries: 2 } });
    expect(context.entries).toHaveLength(2);
    expect(gapAt(context, '')?.why).toContain('was not read whole');
  });

  it('hold for depth', () => {
    const context = read(folderWith({ 'a/b/c/d': '' }), { limits: { depth: 2 } });
    expect(context.gaps).toEqual([
      { path: 'a/b/c', why: 'was not read: it lies more than 2 folders deep' },
    ]);
  });

  it('hold for source code by themselves: it is read behind all that tells of the project', () => {
    const folder = folderWith({
      Dockerfile: 'FROM a\n',
      'a.js': 'x'.repeat(8),
      'b.py': 'x'.repeat(8),
      'c.rb': 'x'.repeat(20),
      'deep/er/package.json': '{}',
    });
    const context = read(folder, { limits: { sourceBytes: 10, allSourceBytes: 10 } });
    expect(context.texts.has('a.js')).toBe(true);
    expect(context.texts.has('deep/er/package.json')).toBe(true);
    expect(textOf(context, 'b.py')).toMatchObject({ kind: 'unknown' });
    expect(context.unread.get('c.rb')).toBe('is larger than 10 bytes');
  });

  it('hold for texts, one by one and together', () => {
    const folder = folderWith({
      'a/package.json': 'x'.repeat(60),
      'package-lock.json': 'x'.repeat(101),
      'package.json': 'x'.repeat(70),
    });
    const context = read(folder, { limits: { textBytes: 100, allTextBytes: 120 } });
    expect([...context.texts.keys()]).toEqual(['package.json']);
    expect(Object.fromEntries(context.unread)).toEqual({
      'package-lock.json': 'is larger than 100 bytes',
      'a/package.json': 'was not read: the texts before it have 120 bytes',
    });
  });
});

describe('what cannot be read', () => {
  it('is a text that is no UTF-8', () => {
    const folder = folderWith({ 'package.json': Uint8Array.of(0xff, 0xfe) });
    const context = read(folder);
    expect(textOf(context, 'package.json')).toEqual({
      kind: 'unknown',
      why: 'package.json is not valid UTF-8',
    });
  });

  it('is a named pipe, which nothing waits for', () => {
    const folder = folderWith({ a: '' });
    expect(spawnSync('mkfifo', [join(folder, 'package.json')]).status).toBe(0);
    const context = read(folder);
    expect(context.gaps).toEqual([{ path: 'package.json', why: 'is no file, folder or link' }]);
  });

  it('is a name that is no UTF-8', () => {
    const folder = folderWith({ a: '' });
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/x`), Buffer.of(0xff)]), '');
    expect(read(folder).gaps).toEqual([
      { path: 'x\ufffd', why: 'has a name that is not valid UTF-8' },
    ]);
  });

  it('makes the whole context unknown where it is the ignore file', () => {
    const folder = folderWith({ '.dockerignore': Uint8Array.of(0xff) });
    expect(readContext({ folder, dockerfile: undefined, manifests })).toEqual({
      kind: 'refused',
      why: '.dockerignore is not valid UTF-8; left alone',
    });
  });

  it('is a folder that is not there', () => {
    const folder = join(folderWith({}), 'nothing');
    expect(readContext({ folder, dockerfile: undefined, manifests })).toEqual({
      kind: 'refused',
      why: 'cannot be read: there is no such file',
    });
  });

  it.skipIf(process.getuid?.() === 0)('is a folder without permission', () => {
    const folder = folderWith({ 'a/b': '', c: '' });
    chmodSync(join(folder, 'a'), 0);
    const context = read(folder);
    chmodSync(join(folder, 'a'), 0o755);
    expect(context.gaps).toEqual([{ path: 'a', why: 'cannot be read: no permission' }]);
  });
});
