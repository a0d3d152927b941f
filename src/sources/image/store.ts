/** Where the parts of a saved image are had from: a tar archive that was read once, or a folder. */
import { createHash } from 'node:crypto';
import { constants, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { whyNot } from '../why-not.ts';
import { Bytes } from './bytes.ts';
import { measuredLayer, unpackedFrom, type Algorithm, type LayerContent } from './layer.ts';
import { ArchiveProblem, type Limits, type Spent } from './problem.ts';
import { readTar, type Content, type TarEntry } from './tar.ts';

/** Paths are from the top, without `.` and `..`. */
export interface Store {
  /**
   * A small file; `undefined` where there is none.
   * @throws ArchiveProblem where it is there and cannot be had
   */
  readonly document: (path: string) => Promise<Uint8Array | undefined>;
  /**
   * @returns `undefined` where there is none
   * @throws ArchiveProblem
   */
  readonly layer: (path: string) => Promise<LayerContent | undefined>;
}

type Member =
  | { readonly kind: 'document'; readonly bytes: Uint8Array }
  | { readonly kind: 'layer'; readonly content: LayerContent }
  | { readonly kind: 'link'; readonly target: string | undefined }
  | { readonly kind: 'problem'; readonly problem: ArchiveProblem };

/** How many links may lead from one to the next. */
const MOST_LINKS = 16;

/**
 * Reads an archive once, in whatever order its parts come. What a member is nobody can tell before the
 * end, as the manifest may be last: small ones that look like JSON are kept, all others are measured.
 * @throws ArchiveProblem
 */
export async function archiveStore(
  stream: AsyncIterable<Uint8Array>,
  limits: Limits,
): Promise<Store> {
  const members = new Map<string, Member>();
  const spent: Spent = { bytes: 0, entries: 0 };
  const stored = { bytes: 0 };
  const source = new Bytes(counted(stream, stored));
  let kept = 0;
  try {
    await unpackedFrom(source, limits, stored, async (content) => {
      const archive = new Bytes(content);
      await readTar(archive, limits, async (entry, data) => {
        if (members.size >= limits.members) {
          throw new ArchiveProblem(`it has more than ${limits.members} files, as no image has`);
        }
        const path = plainPath(entry.name);
        const member = path === undefined ? undefined : await memberOf(entry, data, limits, spent);
        if (path === undefined || !member) return;
        if (member.kind === 'document') kept += member.bytes.length;
        if (kept > limits.documentsBytes) {
          throw new ArchiveProblem(`it has more than ${limits.documentsBytes} bytes of JSON`);
        }
        members.set(path, member);
      });
      // Behind the end may stand anything, for ever.
      await archive.close();
    });
  } finally {
    await source.close();
  }
  const find = (path: string): Member | undefined => {
    let member = members.get(path);
    for (let links = 0; member?.kind === 'link'; links++) {
      if (links === MOST_LINKS)
        throw new ArchiveProblem(`${path} is a link that leads in a circle`);
      const { target } = member;
      if (target === undefined) throw new ArchiveProblem(`${path} is a link out of the archive`);
      member = members.get(target);
    }
    return member;
  };
  return {
    document: (path) => {
      const member = find(path);
      if (member && member.kind !== 'document') throw noDocument(path, limits);
      return Promise.resolve(member?.bytes);
    },
    layer: async (path) => {
      const member = find(path);
      if (member?.kind === 'document') {
        return measuredLayer(chunksOf(member.bytes), algorithmOf(path), limits, spent);
      }
      if (member?.kind === 'problem') throw member.problem;
      return member?.kind === 'layer' ? member.content : undefined;
    },
  };
}

function noDocument(path: string, { documentBytes }: Limits): ArchiveProblem {
  return new ArchiveProblem(`${path} is no JSON, or has more than ${documentBytes} bytes`);
}

async function* counted(
  stream: AsyncIterable<Uint8Array>,
  total: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const piece of stream) {
    total.bytes += piece.length;
    yield piece;
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

async function memberOf(
  { name, kind, target, bytes }: TarEntry,
  content: Content | undefined,
  limits: Limits,
  spent: Spent,
): Promise<Member | undefined> {
  if (kind === 'link') return { kind: 'link', target: plainPath(target, folderOf(name)) };
  if (kind === 'hard link') return { kind: 'link', target: plainPath(target) };
  if (kind === 'other') return undefined;
  if (!content) return { kind: 'document', bytes: new Uint8Array() };
  let all: AsyncIterable<Uint8Array> = content;
  if (bytes <= limits.documentBytes) {
    const small = await collected(content);
    if (startsLikeJson(small)) return { kind: 'document', bytes: small };
    all = chunksOf(small);
  }
  try {
    const layer = await measuredLayer(all, algorithmOf(name), limits, spent);
    return { kind: 'layer', content: layer };
  } catch (error) {
    if (!(error instanceof ArchiveProblem) || error.isFinal) throw error;
    // Perhaps nobody needs it: a layer for another platform, a text of somebody else's.
    return { kind: 'problem', problem: new ArchiveProblem(`${name}: ${error.message}`) };
  }
}

async function collected(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

const JSON_STARTS = new Set(['{', '['].map((each) => each.charCodeAt(0)));

function startsLikeJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte > 0x20);
  return first !== undefined && JSON_STARTS.has(first);
}

/** By which a blob is named: `blobs/sha512/…`. */
function algorithmOf(path: string): Algorithm {
  return /(^|\/)blobs\/sha512\//.test(path) ? 'sha512' : 'sha256';
}

export function digestOf(bytes: Uint8Array, algorithm: Algorithm): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

function folderOf(path: string): readonly string[] {
  return path.split('/').slice(0, -1);
}

/**
 * Without `.`, `..` and empty parts.
 * @returns `undefined` where it leads out of the archive, or nowhere
 */
export function plainPath(path: string, folder: readonly string[] = []): string | undefined {
  const parts = path.startsWith('/') ? [] : [...folder];
  for (const part of path.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return parts.length === 0 ? undefined : parts.join('/');
}

/** An OCI layout that lies unpacked in a folder; nothing of it is written anywhere. */
export function folderStore(folder: string, limits: Limits): Store {
  const spent: Spent = { bytes: 0, entries: 0 };
  return {
    document: (path) =>
      withFile(folder, path, async (file, bytes) => {
        if (bytes > limits.documentBytes) throw noDocument(path, limits);
        return file.readFile();
      }),
    layer: (path) =>
      withFile(folder, path, async (file) => {
        const stream = file.createReadStream({ autoClose: false });
        try {
          return await measuredLayer(stream, algorithmOf(path), limits, spent);
        } finally {
          stream.destroy();
        }
      }),
  };
}

async function withFile<T>(
  folder: string,
  path: string,
  read: (file: FileHandle, bytes: number) => Promise<T>,
): Promise<T | undefined> {
  let file: FileHandle;
  try {
    // Non-blocking: opening a named pipe would wait for somebody to write into it.
    file = await open(join(folder, path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ArchiveProblem(`${path} cannot be read: ${whyNot(error)}`);
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new ArchiveProblem(`${path} is not a regular file`);
    return await read(file, stats.size);
  } finally {
    await file.close();
  }
}
