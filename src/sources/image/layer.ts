/** What a layer holds, as its bytes go by: the sizes of its files, and its digests. */
import { createHash, type Hash } from 'node:crypto';
import { Readable, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { Bytes } from './bytes.ts';
import { ArchiveProblem, spend, type Limits, type Spent } from './problem.ts';
import { readTar } from './tar.ts';

export interface LayerContent {
  /** Of all files, unpacked: what `docker image inspect` counts with the classic image store. */
  readonly bytes: number;
  /** As it is stored. */
  readonly storedBytes: number;
  /** By the algorithm that was asked for, in hexadecimal digits. */
  readonly storedDigest: string;
  /** SHA-256 of the tar archive in it, in hexadecimal digits. */
  readonly diffId: string;
}

/** How blobs are named; OCI knows no others. */
export type Algorithm = 'sha256' | 'sha512';

/**
 * @param content to its end
 * @throws ArchiveProblem
 */
export async function measuredLayer(
  content: AsyncIterable<Uint8Array>,
  algorithm: Algorithm,
  limits: Limits,
  spent: Spent,
): Promise<LayerContent> {
  const stored = { bytes: 0, hash: createHash(algorithm) };
  const source = new Bytes(seen(content, stored));
  const unpacked = { bytes: 0, hash: createHash('sha256') };
  let bytes = 0;
  const read = async (tar: AsyncIterable<Uint8Array>): Promise<void> => {
    const archive = new Bytes(seen(tar, unpacked, (count) => spend(spent, limits, count, 0)));
    await readTar(archive, limits, (entry) => {
      spend(spent, limits, 0, 1);
      bytes += entry.bytes;
    });
    // Digests are of all of it, also of what stands behind the end.
    for await (const piece of archive.rest()) void piece;
  };
  await unpackedFrom(source, limits, stored, read);
  for await (const piece of source.rest()) void piece;
  return {
    bytes,
    storedBytes: stored.bytes,
    storedDigest: stored.hash.digest('hex'),
    diffId: unpacked.hash.digest('hex'),
  };
}

async function* seen(
  content: AsyncIterable<Uint8Array>,
  total: { bytes: number; readonly hash: Hash },
  onPiece?: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    total.bytes += piece.length;
    total.hash.update(piece);
    onPiece?.(piece.length);
    yield piece;
  }
}

const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

/**
 * Hands what is in a stream to a reader, unpacked where it is packed.
 * @param stored counts what was read of it
 * @throws ArchiveProblem
 */
export async function unpackedFrom(
  source: Bytes,
  limits: Limits,
  stored: { readonly bytes: number },
  read: (content: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const start = await source.peek(ZSTD.length);
  const unpack = unpackerFor(start);
  if (!unpack) return read(source.rest());
  let problem: unknown;
  let isRead = false;
  try {
    await pipeline(Readable.from(source.rest()), unpack, async (content: AsyncIterable<Buffer>) => {
      try {
        await read(guarded(content, limits, stored));
        isRead = true;
      } catch (error) {
        // What went wrong first: the streams would only say that they were stopped.
        problem = error;
        throw error;
      }
    });
  } catch (error) {
    // A reader that needs no more than it read closes the streams, which these complain of.
    if (!isRead) throw problemOf(problem ?? error);
  }
}

/** Not more than such data can honestly become. */
async function* guarded(
  content: AsyncIterable<Buffer>,
  { ratio, freeBytes }: Limits,
  stored: { readonly bytes: number },
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.length;
    if (bytes > freeBytes && bytes > stored.bytes * ratio) {
      throw new ArchiveProblem(
        `a few bytes of it become more than ${bytes} when they are unpacked, as in an archive that is made to fill disks`,
        true,
      );
    }
    yield piece;
  }
}

function problemOf(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') {
    return new ArchiveProblem('it ends too early: was it cut off while it was copied?');
  }
  return /^(Z_|ZSTD_|ERR__ZSTD)/.test(code)
    ? new ArchiveProblem('its compressed data are broken')
    : error;
}

/** Newer than the Node that dfopt needs. */
const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: () => Duplex };

export const knowsZstd = createZstdDecompress !== undefined;

function unpackerFor(start: Uint8Array): Duplex | undefined {
  const begins = (magic: readonly number[]): boolean =>
    magic.every((byte, index) => start[index] === byte);
  if (begins(GZIP)) return zlib.createGunzip();
  if (!begins(ZSTD)) return undefined;
  if (createZstdDecompress) return createZstdDecompress();
  throw new ArchiveProblem(
    `it is compressed by zstd, which Node ${process.versions.node} cannot read: run dfopt with Node 22.15 or newer`,
  );
}
