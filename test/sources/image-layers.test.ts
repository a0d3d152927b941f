/** Saved images: what is read of them in all their forms, and that hostile ones do no harm. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import type { BuiltRow } from '../../src/estimate/built-image.ts';
import { LIMITS, type Limits } from '../../src/sources/image/problem.ts';
import { knowsZstd } from '../../src/sources/image/layer.ts';
import { readImageStream, readSavedImage } from '../../src/sources/image-layers.ts';
import { parsePlatform } from '../../src/sources/registry/platform.ts';
import { dfopt, folderWith } from '../cli/support.ts';
import {
  blobsOf,
  configOf,
  gzipped,
  indexOf,
  layerOf,
  layout,
  oldForm,
  sha256,
  tarOf,
  zstdOf,
  type MadeImage,
} from './archives.ts';

const HISTORY = [
  { created_by: 'COPY / / # buildkit' },
  { created_by: 'CMD ["sh"]', empty_layer: true },
  { created_by: 'RUN /bin/sh -c make # buildkit' },
];

const ROWS: readonly BuiltRow[] = [
  { createdBy: 'COPY / / # buildkit', bytes: 7000, hasLayer: true },
  { createdBy: 'CMD ["sh"]', bytes: 0, hasLayer: false },
  { createdBy: 'RUN /bin/sh -c make # buildkit', bytes: 300, hasLayer: true },
];

async function imageWith(store?: (tar: Buffer) => Buffer): Promise<MadeImage> {
  const layers = [
    await layerOf({ 'bin/sh': 6000, 'etc/os': 1000 }, store),
    await layerOf({ out: 300 }, store),
  ];
  return { layers, history: HISTORY };
}

/** In pieces as a pipe has them. */
async function* pieces(bytes: Buffer, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
  }
}

interface Order {
  readonly platform?: string;
  readonly limits?: Partial<Limits>;
}

async function read(archive: Buffer, { platform, limits }: Order = {}) {
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  return readImageStream(pieces(archive), {
    name: 'x',
    platform: wanted,
    limits: { ...LIMITS, ...limits },
  });
}

async function rowsIn(archive: Buffer, order?: Order): Promise<readonly BuiltRow[] | string> {
  const found = await read(archive, order);
  return found.kind === 'image' ? found.image.rows : found.why;
}

describe('forms', () => {
  it.each([
    ['plain', undefined],
    ['gzip', gzipped],
    [
      'gzip in several parts',
      (tar: Buffer) => Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]),
    ],
  ])('layers that are stored %s', async (_name, store) => {
    const image = await imageWith(store);
    expect(await rowsIn(await tarOf(oldForm(image)))).toEqual(ROWS);
    expect(await rowsIn(await tarOf(layout(image)))).toEqual(ROWS);
    expect(await rowsIn(await tarOf(layout(image).toReversed()))).toEqual(ROWS);
    expect(await rowsIn(gzipped(await tarOf(layout(image))))).toEqual(ROWS);
  });

  it.skipIf(!knowsZstd)('layers by zstd', async () => {
    expect(await rowsIn(await tarOf(layout(await imageWith(zstdOf))))).toEqual(ROWS);
  });

  it.skipIf(knowsZstd)('layers by zstd where Node does not know it', async () => {
    expect(await rowsIn(await tarOf(layout(await imageWith(zstdOf))))).toMatch(
      /^blobs\/sha256\/[0-9a-f]{64}: it is compressed by zstd, which Node [\d.]+ cannot read: run dfopt with Node 22\.15 or newer$/,
    );
  });

  it('a layout in a folder', async () => {
    const folder = folderWith({});
    for (const { name, content } of layout(await imageWith(gzipped))) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content ?? '');
    }
    const found = await readSavedImage(folder, { name: 'x', platform: undefined });
    expect(found).toEqual({ kind: 'image', image: { name: 'x', rows: ROWS } });
  });

  it('layers that are linked to equal ones', async () => {
    const one = await layerOf({ a: 500 });
    const history = [{ created_by: 'RUN a' }, { created_by: 'RUN b' }];
    const archive = await tarOf(oldForm({ layers: [one, one], history }));
    expect(await rowsIn(archive)).toMatchObject([{ bytes: 500 }, { bytes: 500 }]);
  });

  it('files with long names, in folders, linked twice, deleted and empty', async () => {
    const tar = await tarOf([
      { name: `${'long/'.repeat(60)}name`, content: 'x'.repeat(1000) },
      { name: 'folder/', type: 'directory' },
      { name: 'link', type: 'symlink', linkname: '../'.repeat(80) },
      { name: 'again', type: 'link', linkname: 'folder/a' },
      { name: '.wh.gone' },
      { name: 'äöü'.repeat(50), content: 'y'.repeat(513) },
    ]);
    const layer = { tar, stored: tar, diffId: sha256(tar) };
    const archive = await tarOf(layout({ layers: [layer], history: [{ created_by: 'RUN a' }] }));
    expect(await rowsIn(archive)).toMatchObject([{ bytes: 1513 }]);
  });

  it('more layers than steps of history stand by themselves', async () => {
    const image = { ...(await imageWith()), history: HISTORY.slice(0, 2) };
    const rows = [7000, 300].map((bytes) => ({ createdBy: '', bytes, hasLayer: true }));
    expect(await rowsIn(await tarOf(layout(image)))).toEqual(rows);
  });
});

describe('several platforms', () => {
  async function both(): Promise<Buffer> {
    const amd = blobsOf(await imageWith());
    const arm = blobsOf({
      layers: [await layerOf({ arm: 11 })],
      history: [{ created_by: 'RUN arm' }],
      architecture: 'arm64',
    });
    const broken = { name: 'blobs/sha256/broken', content: 'of nobody' };
    const attestation = {
      ...arm.manifest,
      digest: `sha256:${'0'.repeat(64)}`,
      platform: { os: 'unknown', architecture: 'unknown' },
    };
    const inner = indexOf([
      { ...arm.manifest, platform: { os: 'linux', architecture: 'arm64' } },
      { ...amd.manifest, platform: { os: 'linux', architecture: 'amd64' } },
      attestation,
    ]);
    const text = String(inner.content);
    const digest = sha256(Buffer.from(text));
    return tarOf([
      ...amd.entries,
      ...arm.entries,
      broken,
      { name: `blobs/sha256/${digest}`, content: text },
      indexOf([
        {
          mediaType: 'application/vnd.oci.image.index.v1+json',
          digest: `sha256:${digest}`,
          size: Buffer.byteLength(text),
        },
      ]),
    ]);
  }

  it('are chosen by name, and else linux/amd64', async () => {
    const archive = await both();
    expect(await rowsIn(archive)).toEqual(ROWS);
    expect(await rowsIn(archive, { platform: 'linux/arm64' })).toMatchObject([{ bytes: 11 }]);
    expect(await rowsIn(archive, { platform: 'linux/s390x' })).toBe(
      'there is no image for linux/s390x, only for "linux/arm64, linux/amd64": name one that there is with --platform',
    );
  });

  it('of one image are not looked at, unless one is asked for', async () => {
    const archive = await tarOf(layout({ ...(await imageWith()), architecture: 'arm64' }));
    expect(await rowsIn(archive)).toEqual(ROWS);
    expect(await rowsIn(archive, { platform: 'linux/amd64' })).toBe(
      'it is for "linux/arm64", not for linux/amd64, which --platform names',
    );
  });

  it('are not several images', async () => {
    const one = blobsOf(await imageWith());
    const other = blobsOf({ layers: [], history: [] });
    const named = (manifest: object, name: string): object => ({
      ...manifest,
      annotations: { 'io.containerd.image.name': name },
    });
    const index = indexOf([named(one.manifest, 'a:1'), named(other.manifest, 'b:1')]);
    expect(await rowsIn(await tarOf([...one.entries, ...other.entries, index]))).toBe(
      'it holds 2 images ("a:1, b:1"): save only one',
    );
    const twice = indexOf([named(one.manifest, 'a:1'), named(one.manifest, 'a:latest')]);
    expect(await rowsIn(await tarOf([...one.entries, twice]))).toEqual(ROWS);
  });
});

/** A header of a tar archive that says what we like. */
function header(name: string, size: string, type = '0'): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644\0', 100);
  block.write(size, 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write(type, 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

async function withTar(tar: Buffer, store = (each: Buffer) => each): Promise<Buffer> {
  const layer = { tar, stored: store(tar), diffId: sha256(tar) };
  return tarOf(layout({ layers: [layer], history: [{ created_by: 'RUN a' }] }));
}

describe('hostile archives', () => {
  it('whose sizes lie', async () => {
    const end = Buffer.alloc(1024);
    const tooMuch = Buffer.concat([header('a', '77777777777\0'), end]);
    expect(await rowsIn(await withTar(tooMuch))).toMatch(/it ends too early/);
    const folder = Buffer.concat([header('a/', '77777777777\0', '5'), end]);
    expect(await rowsIn(await withTar(folder))).toMatchObject([{ bytes: 0 }]);
    for (const size of ['-0000000001\0', '99999999999\0', 'zzzzzzzzzzz\0', '\x00']) {
      const rows = await rowsIn(await withTar(Buffer.concat([header('a', size), end])));
      if (size === '\x00') expect(rows).toMatchObject([{ bytes: 0 }]);
      else expect(rows).toMatch(/impossible size/);
    }
    const huge = header('a', '');
    huge.fill(0xff, 124, 136);
    huge.write('        ', 148);
    huge.write(`${huge.reduce((all, byte) => all + byte, 0).toString(8)}\0`, 148);
    expect(await rowsIn(await withTar(Buffer.concat([huge, end])))).toMatch(/impossible size/);
  });

  it('whose headers would fill memory', async () => {
    for (const type of ['x', 'g', 'L', 'K']) {
      const tar = Buffer.concat([
        header('a', '00010000000\0', type),
        Buffer.alloc(2_097_152 + 1024),
      ]);
      expect(await rowsIn(await withTar(tar, gzipped))).toMatch(
        /it has a header of 2097152 bytes, which no tar archive needs/,
      );
    }
    const wrong = Buffer.concat([
      header('a', '00000000010\0', 'x'),
      Buffer.from('99 path='.padEnd(512, '\0')),
      Buffer.alloc(1024),
    ]);
    expect(await rowsIn(await withTar(wrong))).toMatch(/broken tar archive/);
  });

  it('that become too much', async () => {
    const tar = (await layerOf({ zeros: 5_000_000 })).tar;
    const archive = await withTar(tar, gzipped);
    expect(await rowsIn(archive)).toMatchObject([{ bytes: 5_000_000 }]);
    const bomb = { freeBytes: 1_000_000, ratio: 50 };
    expect(await rowsIn(archive, { limits: bomb })).toMatch(
      /^a few bytes of it become more than \d+ when they are unpacked/,
    );
    expect(await rowsIn(gzipped(await withTar(tar)), { limits: bomb })).toMatch(/a few bytes/);
    expect(await rowsIn(archive, { limits: { bytes: 4_000_000 } })).toBe(
      'its layers have more than 4000000 bytes, which is more than dfopt reads',
    );
    const many = await layerOf(Object.fromEntries([...'abcdef'].map((name) => [name, 1])));
    const files = await withTar(many.tar);
    expect(await rowsIn(files, { limits: { entries: 5 } })).toBe(
      'its layers have more than 5 files, which is more than dfopt reads',
    );
    expect(await rowsIn(files, { limits: { members: 2 } })).toMatch(/more than 2 files/);
    expect(await rowsIn(files, { limits: { documentBytes: 50 } })).toMatch(
      /is no JSON, or has more than 50 bytes/,
    );
    expect(await rowsIn(files, { limits: { documentsBytes: 300 } })).toMatch(/300 bytes of JSON/);
  });

  it('whose links lead in circles or out of the archive', async () => {
    const image = await imageWith();
    const config = configOf(image);
    const link = (name: string, linkname: string) => ({ name, type: 'symlink' as const, linkname });
    const withLayers = (Layers: readonly string[], links: readonly ReturnType<typeof link>[]) =>
      tarOf([
        ...links,
        { name: 'config', content: config },
        { name: 'manifest.json', content: JSON.stringify([{ Config: 'config', Layers }]) },
      ]);
    expect(await rowsIn(await withLayers(['a', 'b'], [link('a', 'b'), link('b', 'a')]))).toBe(
      'a is a link that leads in a circle',
    );
    expect(await rowsIn(await withLayers(['a', 'b'], [link('a', '../../etc/passwd')]))).toBe(
      'a is a link out of the archive',
    );
    expect(await rowsIn(await withLayers(['../../etc/passwd', 'b'], []))).toBe(
      '"../../etc/passwd" leads out of the archive',
    );
    expect(await rowsIn(await withLayers(['/etc/passwd', 'b'], []))).toBe(
      'the layer "etc/passwd" is missing',
    );
  });

  it('whose digests lead out of a folder', async () => {
    const digest = `sha256:../../${'a'.repeat(58)}`;
    const folder = folderWith({
      'index.json': JSON.stringify({ schemaVersion: 2, manifests: [{ digest, size: 1 }] }),
    });
    const found = await readSavedImage(folder, { name: 'x', platform: undefined });
    expect(found).toMatchObject({
      kind: 'refused',
      why: expect.stringMatching(/index\.json is not/),
    });
  });

  it('in which something was exchanged, cut off or left out', async () => {
    const image = await imageWith(gzipped);
    const entries = layout(image);
    const [first, ...others] = entries as [(typeof entries)[0], ...typeof entries];
    const other = gzipped((await layerOf({ other: 7000 })).tar);
    expect(await rowsIn(await tarOf([{ ...first, content: other }, ...others]))).toMatch(
      /the layer "blobs\/.*" is not what it is said to be: its digest is another one/,
    );
    expect(await rowsIn(await tarOf(others))).toMatch(/the layer "blobs\/.*" is missing/);
    const old = oldForm(image);
    const exchanged = old.map((each) =>
      each.name.endsWith('layer.tar') ? { ...each, content: other } : each,
    );
    expect(await rowsIn(await tarOf(exchanged))).toMatch(/its digest is another one/);
    const edited = old.map((each) =>
      /^[0-9a-f]{64}\.json$/.test(each.name) ? { ...each, content: '{"rootfs":{}}' } : each,
    );
    expect(await rowsIn(await tarOf(edited))).toMatch(/its digest is another one/);
    const short = Buffer.from(first.content as Buffer).subarray(0, 40);
    expect(await rowsIn(await tarOf([{ ...first, content: short }, ...others]))).toMatch(
      /it ends too early/,
    );
    const damaged = Buffer.from(first.content as Buffer).fill(0xaa, 12, 60);
    expect(await rowsIn(await tarOf([{ ...first, content: damaged }, ...others]))).toMatch(
      /its compressed data are broken/,
    );
  });

  it('of any length', async () => {
    const archive = await tarOf(layout(await imageWith(gzipped)));
    // The two blocks at the end say nothing.
    for (let length = 0; length < archive.length - 1024; length += 479) {
      const found = await read(archive.subarray(0, length));
      expect(found).toMatchObject({ kind: 'refused', why: expect.stringMatching(/\w/) });
      const packed = gzipped(archive);
      const cut = packed.subarray(0, Math.floor((length / archive.length) * packed.length));
      expect((await read(cut)).kind).toBe('refused');
    }
  });

  it.each([
    ['nothing at all', {}, /it holds no image/],
    ['no JSON', { 'index.json': '{' }, /index\.json is no JSON/],
    ['JSON in JSON', { 'index.json': '['.repeat(200_000) }, /index\.json is no JSON/],
    ['nothing in it', { 'index.json': '{"schemaVersion":2,"manifests":[]}' }, /there is no image/],
    ['a number', { 'manifest.json': '[1]' }, /manifest\.json is not as an image has it, at "0"/],
    ['no images', { 'manifest.json': '[]' }, /manifest\.json is not as an image has it/],
    ['no config', { 'manifest.json': '[{"Config":"a","Layers":[]}]' }, /"a" is missing/],
  ])('with %s', async (_name, files, message) => {
    const entries = Object.entries(files).map(([name, content]) => ({ name, content }));
    expect(await rowsIn(await tarOf(entries))).toMatch(message);
  });

  it('in which an index leads to itself', async () => {
    const loop = { name: 'index.json', content: '' };
    const entries = [];
    // Nobody can make one that holds its own digest, but a long way is none better.
    let text = JSON.stringify({ schemaVersion: 2, manifests: [] });
    for (let depth = 0; depth < 6; depth++) {
      const digest = sha256(Buffer.from(text));
      entries.push({ name: `blobs/sha256/${digest}`, content: text });
      const entry = { digest: `sha256:${digest}`, size: Buffer.byteLength(text) };
      text = JSON.stringify({ schemaVersion: 2, manifests: [entry] });
    }
    expect(await rowsIn(await tarOf([...entries, { ...loop, content: text }]))).toBe(
      'its indexes lead nowhere',
    );
  });

  it('are told without a stack, and without doing anything to a terminal', async () => {
    const evil = '\u001b[31mevil';
    const manifest = JSON.stringify([{ Config: evil, Layers: [] }]);
    const folder = folderWith({
      Dockerfile: 'FROM debian:12\nRUN true\n',
      'x.tar': await tarOf([{ name: 'manifest.json', content: manifest }]),
      'text.tar': 'no archive',
    });
    for (const [command, name] of [
      ['size', 'x.tar'],
      ['rewrite', 'x.tar'],
      ['size', 'text.tar'],
      ['size', './none'],
      ['size', '-x'],
    ] as const) {
      const args = [command, 'Dockerfile', `--image=${name}`];
      const { status, stdout, stderr } = await dfopt(args, { cwd: folder });
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/^dfopt: --image: .+\ndfopt \w+ --help shows how it is used\n$/);
      expect(stderr).not.toContain('\u001b');
    }
  });
});

describe('memory', () => {
  const MEGABYTE = 1_000_000;
  const SIZE = 300 * MEGABYTE;

  /** A layer of 300 MB and its image; made as it is read. */
  async function* large(): AsyncGenerator<Uint8Array> {
    const layer = pack();
    const chunk = Buffer.alloc(MEGABYTE, 'content');
    const file = layer.entry({ name: 'big', size: SIZE });
    const write = async (): Promise<void> => {
      for (let left = SIZE; left > 0; left -= MEGABYTE) {
        if (!file.write(chunk)) await once(file, 'drain');
      }
      file.end(null);
      layer.finalize();
    };
    const written = write();
    const hash = createHash('sha256');
    // One header, the content in whole blocks, and the end.
    const bytes = 512 + Math.ceil(SIZE / 512) * 512 + 1024;
    yield header('layer.tar', `${bytes.toString(8).padStart(11, '0')}\0`);
    for await (const piece of layer) {
      hash.update(piece as Buffer);
      yield piece as Buffer;
    }
    await written;
    const config = JSON.stringify({
      rootfs: { diff_ids: [`sha256:${hash.digest('hex')}`] },
      history: [{ created_by: 'RUN big' }],
    });
    const manifest = JSON.stringify([{ Config: 'config', Layers: ['layer.tar'] }]);
    yield await tarOf([
      { name: 'config', content: config },
      { name: 'manifest.json', content: manifest },
    ]);
  }

  it('holds little of a large layer', async () => {
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watched = async function* (): AsyncGenerator<Uint8Array> {
      for await (const piece of large()) {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        yield piece;
      }
    };
    const found = await readImageStream(watched(), { name: 'x', platform: undefined });
    const rows = [{ createdBy: 'RUN big', bytes: SIZE, hasLayer: true }];
    expect(found).toEqual({ kind: 'image', image: { name: 'x', rows } });
    expect(most).toBeLessThan(80 * MEGABYTE);
  });
});
