/** Saved images: what is read of them in all their forms, with little memory. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { readImageStream, readSavedImage } from '../../src/sources/image-layers.ts';
import { knowsZstd } from '../../src/sources/image/layer.ts';
import { folderWith } from '../cli/support.ts';
import {
  blobsOf,
  gzipped,
  header,
  imageWith,
  indexOf,
  layerOf,
  layout,
  oldForm,
  HISTORY,
  rowsIn,
  ROWS,
  sha256,
  tarOf,
  zstdOf,
} from './archives.ts';

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
