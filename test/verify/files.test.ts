/** How the files of two images differ, and how they are read from an engine's archive. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { compressedLayersIn, filesIn } from '../../src/verify/archive.ts';
import {
  attributeDifferences,
  compareFiles,
  onlyIn,
  type Entry,
  type Files,
} from '../../src/verify/files.ts';
import { layersOf } from '../../src/verify/layers.ts';

const FILE: Entry = { type: 'file', owner: '0:0', mode: 0o644, bytes: 10, hash: 'x' };

function files(entries: Readonly<Record<string, Partial<Entry>>>): Files {
  return new Map(Object.entries(entries).map(([path, entry]) => [path, { ...FILE, ...entry }]));
}

it('onlyIn counts by the two upper folders, largest first', () => {
  const here = files({
    'usr/share/doc/a': { bytes: 5 },
    'usr/share/man': { type: 'folder', bytes: 0 },
    'usr/share/man/b': { bytes: 7 },
    'etc/passwd': { bytes: 1 },
    'etc/c': { bytes: 100 },
    top: { bytes: 2 },
  });
  expect(onlyIn(here, files({ 'etc/passwd': {} }))).toEqual([
    { folder: '/etc', files: 1, bytes: 100 },
    { folder: '/usr/share', files: 2, bytes: 12 },
    { folder: '/', files: 1, bytes: 2 },
  ]);
});

describe('compareFiles', () => {
  const before = files({
    'app/a': {},
    'app/b': {},
    'app/c': { mode: 0o755 },
    'app/dir': { type: 'folder', owner: '1000:1000' },
    'bin/sh': { type: 'link', target: 'dash', mode: 0o777 },
    'etc/x': { bytes: 1 },
    only: {},
  });
  const after = files({
    'app/a': { owner: '1:1' },
    'app/b': { owner: '1:1' },
    'app/c': { mode: 0o644 },
    'app/dir': { type: 'folder' },
    'bin/sh': { type: 'link', target: 'bash', mode: 0o755 },
    'etc/x': { bytes: 5, hash: 'y' },
  });
  const differences = attributeDifferences(before, after);

  it('groups by folder and attribute', () => {
    const { compared, attributes, contents } = compareFiles(before, after, differences, undefined);
    expect(compared).toBe(6);
    expect(attributes).toEqual([
      {
        folder: '/app',
        attribute: 'owner',
        paths: 3,
        examples: [
          { path: '/app/a', before: '0:0', after: '1:1' },
          { path: '/app/b', before: '0:0', after: '1:1' },
          { path: '/app/dir', before: '1000:1000', after: '0:0' },
        ],
        kind: 'counts',
      },
      {
        folder: '/app',
        attribute: 'mode',
        paths: 1,
        examples: [{ path: '/app/c', before: '755', after: '644' }],
        kind: 'counts',
      },
      {
        folder: '/bin',
        attribute: 'link target',
        paths: 1,
        examples: [{ path: '/bin/sh', before: 'dash', after: 'bash' }],
        kind: 'counts',
      },
    ]);
    expect(contents).toEqual([
      { folder: '/etc', files: 1, bytes: { before: 1, after: 5 }, examples: ['/etc/x'] },
    ]);
  });

  it('says of a file that became a folder that alone', () => {
    const found = attributeDifferences(
      files({ a: {} }),
      files({ a: { type: 'folder', owner: '5:5' } }),
    );
    expect(found).toEqual([{ path: 'a', attribute: 'type', before: 'file', after: 'folder' }]);
  });

  it('does not count what the bases bring', () => {
    const bases = {
      before: files({ 'bin/sh': { type: 'link', target: 'dash' }, 'app/c': { mode: 0o755 } }),
      after: files({ 'bin/sh': { type: 'link', target: 'bash' }, 'app/c': { mode: 0o600 } }),
    };
    const { attributes } = compareFiles(before, after, differences, bases);
    expect(attributes.map(({ attribute, kind }) => [attribute, kind])).toEqual([
      ['owner', 'counts'],
      ['mode', 'counts'],
      ['link target', 'base'],
    ]);
  });
});

function archive(fill: (tar: Pack) => void): Readable {
  const tar = pack();
  fill(tar);
  tar.finalize();
  return Readable.from(tar);
}

describe('filesIn', () => {
  it('reads owner, mode, content and links', async () => {
    const found = await filesIn(
      archive((tar) => {
        tar.entry({ name: './srv/', type: 'directory', mode: 0o755, uid: 3, gid: 4 });
        tar.entry({ name: 'srv/a', mode: 0o4755, uid: 1000, gid: 33 }, 'text');
        tar.entry({ name: 'srv/b', type: 'link', linkname: 'srv/a' });
        tar.entry({ name: 'srv/c', type: 'symlink', linkname: '../x' });
        tar.entry({ name: 'srv/d' }, 'text');
      }),
    );
    expect([...found.keys()]).toEqual(['srv', 'srv/a', 'srv/c', 'srv/d', 'srv/b']);
    expect(found.get('srv')).toMatchObject({ type: 'folder', owner: '3:4', mode: 0o755 });
    expect(found.get('srv/a')).toMatchObject({ owner: '1000:33', mode: 0o4755, bytes: 4 });
    expect(found.get('srv/b')).toMatchObject({ type: 'file', owner: '1000:33', bytes: 0 });
    expect(found.get('srv/c')).toMatchObject({ type: 'link', target: '../x' });
    expect(found.get('srv/d')?.hash).toBe(found.get('srv/b')?.hash);
  });

  it('fails where the archive ends too early', async () => {
    const tar = pack();
    tar.entry({ name: 'a', size: 2000 });
    const reading = filesIn(Readable.from(tar));
    tar.destroy();
    await expect(reading).rejects.toThrow();
  });
});

describe('compressedLayersIn', () => {
  const text = Buffer.from('layer '.repeat(50_000));
  const noise = randomBytes(200_000);
  const zero = 'a'.repeat(64);
  const one = 'b'.repeat(64);

  it('measures layers by gzip, in the order of the manifest, through links', async () => {
    const sizes = await compressedLayersIn(
      archive((tar) => {
        tar.entry({ name: `blobs/sha256/${zero}` }, text);
        tar.entry({ name: `blobs/sha256/${one}` }, gzipSync(noise));
        tar.entry({ name: 'x/layer.tar', type: 'symlink', linkname: `../blobs/sha256/${zero}` });
        tar.entry(
          { name: 'manifest.json' },
          JSON.stringify([{ Layers: [`blobs/sha256/${one}`, 'x/layer.tar'] }]),
        );
      }),
      new Map(),
    );
    expect(sizes).toEqual([gzipSync(noise).length, gzipSync(text, { level: 6 }).length]);
  });

  it('takes what is known already', async () => {
    const sizes = await compressedLayersIn(
      archive((tar) => {
        tar.entry({ name: `blobs/sha256/${zero}` }, text);
        tar.entry({ name: 'l.tar' }, noise);
        tar.entry(
          { name: 'manifest.json' },
          JSON.stringify([{ Layers: [`blobs/sha256/${zero}`, 'l.tar'] }]),
        );
      }),
      new Map([[`sha256:${zero}`, 7]]),
    );
    expect(sizes[0]).toBe(7);
    expect(sizes[1]).toBeGreaterThan(noise.length);
  });

  it('refuses an archive without a layer that its manifest names', async () => {
    const broken = archive((tar) =>
      tar.entry({ name: 'manifest.json' }, JSON.stringify([{ Layers: ['gone.tar'] }])),
    );
    await expect(compressedLayersIn(broken, new Map())).rejects.toThrow('gone.tar');
  });
});

describe('layersOf', () => {
  const rows = [
    { bytes: 100, createdBy: 'debootstrap' },
    { bytes: 0, createdBy: 'ENV A=1' },
    { bytes: 0, createdBy: 'RUN /bin/sh -c true # buildkit' },
    { bytes: 5, createdBy: 'COPY a / # buildkit' },
    { bytes: 0, createdBy: 'CMD ["x"]' },
  ];

  it('tells layers from settings', () => {
    const found = layersOf(rows, ['1', '2', '3']);
    expect(found?.map(({ diffId, createdBy }) => [diffId, createdBy])).toEqual([
      ['1', 'debootstrap'],
      ['2', 'RUN /bin/sh -c true # buildkit'],
      ['3', 'COPY a / # buildkit'],
    ]);
  });

  it('leaves out empty ones where the engine does', () => {
    expect(layersOf(rows, ['1', '2'])?.map(({ bytes }) => bytes)).toEqual([100, 5]);
  });

  it('does not guess', () => {
    expect(layersOf(rows, ['1', '2', '3', '4'])).toBeUndefined();
  });
});
