/**
 * Many results in one file. A pack is a row of blocks, each with a list of its results in front of them,
 * so that one result is found and read without the others. Blocks are only ever added: what a killed
 * program, a full disk or another program leaves half of a block is as if it were not there.
 */
import { createHash, hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';

/** Says the form; another form is another word. */
const MAGIC = Buffer.from('dfopt-2\n');

/** The word, how many results there are, their bytes together, and the digest of these and the list. */
const HEAD_BYTES = 8 + 4 + 4 + 32;

/** The key, the digest of the text, where it begins behind the list, and its bytes. */
const ROW_BYTES = 32 + 32 + 4 + 4;

/** The head of a block and most lists are read at once. */
const FIRST_READ = 8192;

/** More is no list that was written here. */
const MOST_ROWS = 100_000;

export interface Entry {
  /** A SHA-256 in hexadecimal. */
  readonly key: string;
  readonly text: Buffer;
}

/** Where a text is in a pack. */
export interface Place {
  readonly offset: number;
  readonly bytes: number;
  readonly digest: Buffer;
}

export interface Pack {
  readonly file: number;
  readonly bytes: number;
  /** Of its last change, in milliseconds. */
  readonly modified: number;
  readonly places: ReadonlyMap<string, Place>;
  /** Nobody adds to it any more. */
  readonly isEnded: boolean;
}

/** @returns a block; of no entries: the end of a pack */
export function blockOf(entries: readonly Entry[]): Buffer {
  const list = Buffer.alloc(entries.length * ROW_BYTES);
  let offset = 0;
  for (const [index, { key, text }] of entries.entries()) {
    const row = index * ROW_BYTES;
    list.write(key, row, 'hex');
    digestOf(text).copy(list, row + 32);
    list.writeUInt32BE(offset, row + 64);
    list.writeUInt32BE(text.length, row + 68);
    offset += text.length;
  }
  const counts = Buffer.alloc(8);
  counts.writeUInt32BE(entries.length, 0);
  counts.writeUInt32BE(offset, 4);
  const digest = createHash('sha256').update(counts).update(list).digest();
  return Buffer.concat([MAGIC, counts, digest, list, ...entries.map(({ text }) => text)]);
}

function digestOf(text: Uint8Array): Buffer {
  return hash('sha256', text, 'buffer');
}

/**
 * Its file is open then.
 *
 * @returns `undefined` where it is no file of its own, or cannot be read
 */
export function openPack(path: string): Pack | undefined {
  let file: number | undefined;
  try {
    file = openSync(
      path,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    const stats = fstatSync(file);
    if (stats.isFile())
      return { file, bytes: stats.size, modified: stats.mtimeMs, ...listed(file, stats.size) };
  } catch {
    // As where there is none.
  }
  if (file !== undefined) closeSync(file);
  return undefined;
}

/** All whole blocks up to the first that is none; of one key, what was added last. */
function listed(file: number, size: number): Pick<Pack, 'places' | 'isEnded'> {
  const places = new Map<string, Place>();
  for (let at = 0; at + HEAD_BYTES <= size;) {
    const block = blockAt(file, at, size);
    if (!block) break;
    if (block.list.length === 0) return { places, isEnded: true };
    for (const [key, place] of placesOf(block)) places.set(key, place);
    at = block.end;
  }
  return { places, isEnded: false };
}

/** @param at where the block is in its pack */
export function placesIn(block: Buffer, at: number): readonly (readonly [string, Place])[] {
  const length = block.readUInt32BE(8) * ROW_BYTES;
  const list = block.subarray(HEAD_BYTES, HEAD_BYTES + length);
  return placesOf({ list, begin: at + HEAD_BYTES + length });
}

function placesOf({ list, begin }: Pick<Block, 'list' | 'begin'>): (readonly [string, Place])[] {
  const places: (readonly [string, Place])[] = [];
  for (let row = 0; row < list.length; row += ROW_BYTES) {
    const place = {
      offset: begin + list.readUInt32BE(row + 64),
      bytes: list.readUInt32BE(row + 68),
      digest: list.subarray(row + 32, row + 64),
    };
    places.push([list.toString('hex', row, row + 32), place]);
  }
  return places;
}

interface Block {
  readonly list: Buffer;
  /** Where the texts begin. */
  readonly begin: number;
  readonly end: number;
}

function blockAt(file: number, at: number, size: number): Block | undefined {
  const first = bytesAt(file, at, Math.min(FIRST_READ, size - at));
  if (!first || first.compare(MAGIC, 0, MAGIC.length, 0, MAGIC.length) !== 0) return undefined;
  const rows = first.readUInt32BE(8);
  const begin = at + HEAD_BYTES + rows * ROW_BYTES;
  const end = begin + first.readUInt32BE(12);
  if (rows > MOST_ROWS || end > size) return undefined;
  const head = begin - at <= first.length ? first : bytesAt(file, at, begin - at);
  const list = head?.subarray(HEAD_BYTES, begin - at);
  if (!head || !list) return undefined;
  const digest = createHash('sha256').update(head.subarray(8, 16)).update(list).digest();
  if (head.compare(digest, 0, 32, 16, HEAD_BYTES) !== 0) return undefined;
  return { list, begin, end };
}

/** @returns `undefined` where there are not so many */
function bytesAt(file: number, at: number, count: number): Buffer | undefined {
  const buffer = Buffer.allocUnsafe(count);
  return fill(file, at, buffer) === count ? buffer : undefined;
}

function fill(file: number, at: number, buffer: Buffer): number {
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(file, buffer, length, buffer.length - length, at + length);
    if (count === 0) break;
    length += count;
  }
  return length;
}

/** Texts that lie one behind the other are read together: a run over many files asks for all. */
const WINDOW_BYTES = 512 * 1024;

/** What is skipped between them. */
const NEAR_BYTES = 64 * 1024;

/** Reads the texts of one pack; `undefined` for what is not as it was written. */
export function textReader(file: number): (place: Place) => Buffer | undefined {
  const window = { begin: 0, bytes: Buffer.alloc(0) };
  let last: number | undefined;
  const isIn = ({ offset, bytes }: Place): boolean =>
    offset >= window.begin && offset + bytes <= window.begin + window.bytes.length;
  const bytesOf = (place: Place): Buffer | undefined => {
    const { offset, bytes } = place;
    const isNext = last !== undefined && offset >= last && offset - last <= NEAR_BYTES;
    last = offset + bytes;
    if (!isIn(place)) {
      if (!isNext || bytes > WINDOW_BYTES) return bytesAt(file, offset, bytes);
      const buffer = Buffer.allocUnsafe(WINDOW_BYTES);
      window.begin = offset;
      window.bytes = buffer.subarray(0, fill(file, offset, buffer));
      if (!isIn(place)) return undefined;
    }
    return window.bytes.subarray(offset - window.begin, offset - window.begin + bytes);
  };
  return (place) => {
    try {
      const bytes = bytesOf(place);
      return bytes && digestOf(bytes).equals(place.digest) ? bytes : undefined;
    } catch {
      return undefined;
    }
  };
}

/** All of it, or an exception. */
export function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}
