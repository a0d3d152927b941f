/** Saved images that lie, are broken, or are made to do harm: a message, and nothing else. */
import { describe, expect, it } from 'vitest';
import { readSavedImage } from '../../src/sources/image-layers.ts';
import { dfopt, folderWith } from '../cli/support.ts';
import {
  configOf,
  gzipped,
  header,
  imageWith,
  layerOf,
  layout,
  oldForm,
  read,
  rowsIn,
  sha256,
  tarOf,
  withTar,
} from './archives.ts';

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
    const many = await layerOf(
      Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, 1])),
    );
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
