/** What is in the archives that engines write: the files of a container, the layers of an image. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import type { Entry, Files } from './files.ts';

type Content = AsyncIterable<unknown>;

type Take = (header: Header, content: Content) => Promise<void>;

/** @throws Error where the archive is broken or ends too early */
async function readArchive(stream: Readable, take: Take): Promise<void> {
  const archive = extract();
  const handle = async (header: Header, content: Content, next: () => void): Promise<void> => {
    try {
      await take(header, content);
      next();
    } catch (error) {
      archive.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  archive.on('entry', (header, content, next) => void handle(header, content, next));
  await pipeline(stream, archive);
}

/** Of what `export` writes. */
export async function filesIn(stream: Readable): Promise<Files> {
  const files = new Map<string, Entry>();
  const hardLinks: [string, string][] = [];
  await readArchive(stream, async (header, content) => {
    const hash = createHash('sha256');
    for await (const chunk of content) hash.update(chunk as Buffer);
    const path = plainPath(header.name);
    if (path === '') return;
    if (header.type === 'link') hardLinks.push([path, plainPath(header.linkname ?? '')]);
    else files.set(path, entryOf(header, hash.digest('hex')));
  });
  for (const [path, target] of hardLinks) {
    const entry = files.get(target);
    // Its bytes are counted where they lie.
    if (entry) files.set(path, { ...entry, bytes: 0 });
  }
  return files;
}

function entryOf({ type, uid, gid, mode, size, linkname }: Header, hash: string): Entry {
  const owner = `${uid ?? 0}:${gid ?? 0}`;
  const attributes = { owner, mode: (mode ?? 0) & 0o7777, bytes: size ?? 0 };
  if (type === 'directory') return { ...attributes, type: 'folder' };
  if (type === 'symlink') return { ...attributes, type: 'link', target: linkname ?? '' };
  if (type === 'file' || type === 'contiguous-file') return { ...attributes, type: 'file', hash };
  return { ...attributes, type: 'device' };
}

function plainPath(name: string): string {
  return name.replace(/^(\.?\/)+/, '').replace(/\/$/, '');
}

/** What `save` writes about an image, as Docker's archive format has it. */
interface Manifest {
  readonly Layers: readonly string[];
}

/** Larger ones are no descriptions. */
const DESCRIPTION_BYTES = 4 * 1024 * 1024;

/**
 * Bytes of each layer by gzip at its usual level, from the base upwards; of what `save` writes.
 * @param known by digest, `sha256:…`: not measured again
 */
export async function compressedLayersIn(
  stream: Readable,
  known: ReadonlyMap<string, number>,
): Promise<number[]> {
  const sizes = new Map<string, number>();
  const links = new Map<string, string>();
  let manifest: Manifest | undefined;
  await readArchive(stream, async ({ name, type, size, linkname }, content) => {
    const path = plainPath(name);
    if (path === 'manifest.json' && (size ?? 0) < DESCRIPTION_BYTES) {
      const chunks: Buffer[] = [];
      for await (const chunk of content) chunks.push(chunk as Buffer);
      const [only] = JSON.parse(Buffer.concat(chunks).toString()) as Manifest[];
      manifest = only;
      return;
    }
    if (type === 'symlink' || type === 'link') {
      links.set(path, fromFolderOf(path, linkname ?? ''));
    }
    const ready = known.get(`sha256:${/[0-9a-f]{64}/.exec(path)?.[0] ?? ''}`);
    sizes.set(
      path,
      ready === undefined ? await compressedSize(content) : await skip(content, ready),
    );
  });
  if (!manifest) throw new Error('the saved image has no manifest');
  return manifest.Layers.map((path) => {
    const plain = plainPath(path);
    const bytes = sizes.get(links.get(plain) ?? plain);
    if (bytes === undefined) throw new Error(`the saved image has no layer ${path}`);
    return bytes;
  });
}

/** `../x/layer.tar` in `y/layer.tar` is `x/layer.tar`. */
function fromFolderOf(path: string, target: string): string {
  const parts = path.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

/** Of a layer that an image store keeps compressed already: its size as it is. */
async function compressedSize(content: Content): Promise<number> {
  let gzip: ReturnType<typeof createGzip> | undefined;
  let compressed = 0;
  let raw = 0;
  let isCompressed = false;
  for await (const each of content) {
    const chunk = each as Buffer;
    if (raw === 0) isCompressed = [GZIP, ZSTD].some((magic) => startsWith(chunk, magic));
    raw += chunk.length;
    if (isCompressed) continue;
    if (!gzip) {
      gzip = createGzip({ level: 6 });
      gzip.on('data', (part: Buffer) => (compressed += part.length));
    }
    const isFull = !gzip.write(chunk);
    if (isFull) await new Promise((resolve) => gzip!.once('drain', resolve));
  }
  if (!gzip) return raw;
  const end = new Promise((resolve) => gzip.once('end', resolve));
  gzip.end();
  await end;
  return compressed;
}

async function skip(content: Content, bytes: number): Promise<number> {
  // The next entry comes when this one was read.
  for await (const chunk of content) void chunk;
  return bytes;
}

function startsWith(chunk: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, index) => chunk[index] === byte);
}
