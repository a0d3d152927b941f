/** Archives of images made in a test, as engines write them, and as nobody should. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import type { BuiltRow } from '../../src/estimate/built-image.ts';
import { readImageStream, type ReadImage } from '../../src/sources/image-layers.ts';
import { LIMITS, type Limits } from '../../src/sources/image/problem.ts';
import { parsePlatform } from '../../src/sources/registry/platform.ts';

type Entry = Partial<Header> & {
  readonly name: string;
  readonly content?: Uint8Array | string;
};

export async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...own } of entries) archive.entry(own, Buffer.from(content ?? ''));
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface MadeLayer {
  readonly tar: Buffer;
  readonly stored: Buffer;
  readonly diffId: string;
}

/** @param sizes of files by name */
export async function layerOf(
  sizes: Readonly<Record<string, number>>,
  store: (tar: Buffer) => Buffer = (tar) => tar,
): Promise<MadeLayer> {
  const tar = await tarOf(
    Object.entries(sizes).map(([name, size]) => ({ name, content: Buffer.alloc(size, name) })),
  );
  return { tar, stored: store(tar), diffId: sha256(tar) };
}

export const gzipped = (tar: Buffer): Buffer => Buffer.from(gzipSync(tar));

/** A frame of blocks that are not compressed, which the format allows. */
export function zstdOf(bytes: Buffer): Buffer {
  const parts: Uint8Array[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38])];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const block = bytes.subarray(at, at + 65_536);
    const isLast = at + 65_536 >= bytes.length ? 1 : 0;
    const head = (block.length << 3) | isLast;
    parts.push(Buffer.from([head & 0xff, (head >> 8) & 0xff, head >> 16]), block);
  }
  return Buffer.concat(parts);
}

export interface HistoryStep {
  readonly created_by?: string;
  readonly empty_layer?: boolean;
}

export interface MadeImage {
  readonly layers: readonly MadeLayer[];
  readonly history: readonly HistoryStep[];
  readonly architecture?: string;
}

export function configOf({ layers, history, architecture = 'amd64' }: MadeImage): Buffer {
  const diffIds = layers.map(({ diffId }) => `sha256:${diffId}`);
  const rootfs = { type: 'layers', diff_ids: diffIds };
  return Buffer.from(JSON.stringify({ os: 'linux', architecture, config: {}, history, rootfs }));
}

/** As `docker save` wrote it until 25.0: a folder for each layer, equal ones linked. */
export function oldForm(image: MadeImage, tags: readonly string[] = ['acme/app:1']): Entry[] {
  const config = configOf(image);
  const name = `${sha256(config)}.json`;
  const seen = new Map<string, string>();
  const folders = image.layers.map((_, index) => sha256(Buffer.from(String(index))));
  const layers = image.layers.flatMap(({ stored, diffId }, index): Entry[] => {
    const folder = folders[index]!;
    const first = seen.get(diffId);
    seen.set(diffId, first ?? folder);
    const layer: Entry =
      first === undefined
        ? { name: `${folder}/layer.tar`, content: stored }
        : { name: `${folder}/layer.tar`, type: 'symlink', linkname: `../${first}/layer.tar` };
    return [
      { name: `${folder}/`, type: 'directory' },
      { name: `${folder}/VERSION`, content: '1.0' },
      { name: `${folder}/json`, content: '{"id":"x"}' },
      layer,
    ];
  });
  const manifest = [
    { Config: name, RepoTags: tags, Layers: folders.map((folder) => `${folder}/layer.tar`) },
  ];
  return [
    ...layers,
    { name, content: config },
    { name: 'manifest.json', content: JSON.stringify(manifest) },
  ];
}

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const OCI = 'application/vnd.oci.image';

/** Blobs by their digests. */
export function blobsOf(image: MadeImage): {
  readonly entries: readonly Entry[];
  readonly manifest: Blob;
} {
  const entries: Entry[] = [];
  const add = (content: Uint8Array, mediaType: string): Blob => {
    const digest = sha256(content);
    entries.push({ name: `blobs/sha256/${digest}`, content });
    return { mediaType, digest: `sha256:${digest}`, size: content.length };
  };
  const layers = image.layers.map(({ stored }) => add(stored, `${OCI}.layer.v1.tar`));
  const config = add(configOf(image), `${OCI}.config.v1+json`);
  const text = JSON.stringify({ schemaVersion: 2, config, layers });
  return { entries, manifest: add(Buffer.from(text), `${OCI}.manifest.v1+json`) };
}

export function indexOf(manifests: readonly object[]): Entry {
  return { name: 'index.json', content: JSON.stringify({ schemaVersion: 2, manifests }) };
}

/** An OCI layout, as `docker save` writes it now. */
export function layout(image: MadeImage): Entry[] {
  const { entries, manifest } = blobsOf(image);
  return [
    ...entries,
    indexOf([manifest]),
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
  ];
}

export const HISTORY = [
  { created_by: 'COPY / / # buildkit' },
  { created_by: 'CMD ["sh"]', empty_layer: true },
  { created_by: 'RUN /bin/sh -c make # buildkit' },
];

export const ROWS: readonly BuiltRow[] = [
  { createdBy: 'COPY / / # buildkit', bytes: 7000, hasLayer: true },
  { createdBy: 'CMD ["sh"]', bytes: 0, hasLayer: false },
  { createdBy: 'RUN /bin/sh -c make # buildkit', bytes: 300, hasLayer: true },
];

export async function imageWith(store?: (tar: Buffer) => Buffer): Promise<MadeImage> {
  const layers = [
    await layerOf({ 'bin/sh': 6000, 'etc/os': 1000 }, store),
    await layerOf({ out: 300 }, store),
  ];
  return { layers, history: HISTORY };
}

/** In pieces as a pipe has them. */
async function* inPieces(bytes: Buffer, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
  }
}

interface Order {
  readonly platform?: string;
  readonly limits?: Partial<Limits>;
}

export async function read(archive: Buffer, { platform, limits }: Order = {}): Promise<ReadImage> {
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  return readImageStream(inPieces(archive), {
    name: 'x',
    platform: wanted,
    limits: { ...LIMITS, ...limits },
  });
}

export async function rowsIn(
  archive: Buffer,
  order?: Order,
): Promise<readonly BuiltRow[] | string> {
  const found = await read(archive, order);
  return found.kind === 'image' ? found.image.rows : found.why;
}

/** A header of a tar archive that says what we like. */
export function header(name: string, size: string, type = '0'): Buffer {
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

export async function withTar(tar: Buffer, store = (each: Buffer) => each): Promise<Buffer> {
  const layer = { tar, stored: store(tar), diffId: sha256(tar) };
  return tarOf(layout({ layers: [layer], history: [{ created_by: 'RUN a' }] }));
}
