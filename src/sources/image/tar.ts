/**
 * What a tar archive lists, read from a stream: names, kinds and sizes, with long names and extended
 * attributes of both dialects. What an archive says of itself is not believed: a header has a limit, and
 * content is counted as it comes.
 */
import { endsTooEarly, type Bytes } from './bytes.ts';
import { ArchiveProblem, type Limits } from './problem.ts';

export interface TarEntry {
  readonly name: string;
  readonly kind: 'file' | 'hard link' | 'link' | 'other';
  /** Of links. */
  readonly target: string;
  /** Of what follows; 0 for all but files. */
  readonly bytes: number;
}

const BLOCK = 512;

/** Types without content, whatever their size says, as Docker and others read them. */
const HEADER_ONLY = '123456';

/** Names and attributes that stand in front of an entry. */
interface Extended {
  readonly name?: string;
  readonly target?: string;
  readonly bytes?: number;
}

/**
 * Calls `take` for each entry; what that leaves of the content is skipped.
 * @param take may read the content up to its end, by `entry.bytes`
 * @throws ArchiveProblem
 */
export async function readTar(
  source: Bytes,
  limits: Limits,
  take: (entry: TarEntry, content: Content | undefined) => Promise<void> | void,
): Promise<void> {
  const start = (await source.peek(BLOCK)).length;
  if (start > 0 && start < BLOCK) throw new ArchiveProblem('it is no tar archive');
  let extended: Extended = {};
  for (let count = 0; ; count++) {
    const header = await source.take(BLOCK);
    if (!header || isZero(header)) return;
    if (!hasItsChecksum(header)) {
      throw new ArchiveProblem(count === 0 ? 'it is no tar archive' : 'it is a broken tar archive');
    }
    const type = String.fromCharCode(header[156] ?? 0);
    const size = sizeIn(header);
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      const text = await headerText(source, size, limits);
      if (type === 'x') extended = { ...extended, ...attributesIn(text) };
      else if (type === 'L') extended = { ...extended, name: untilZero(text) };
      else if (type === 'K') extended = { ...extended, target: untilZero(text) };
      continue;
    }
    if (type === 'S') await skipSparseMap(source, header);
    const bytes = HEADER_ONLY.includes(type) ? 0 : (extended.bytes ?? size);
    const entry: TarEntry = {
      name: extended.name ?? nameIn(header),
      kind: kindOf(type),
      target: extended.target ?? untilZero(textIn(header, 157, 100)),
      bytes,
    };
    extended = {};
    const content = bytes > 0 ? new Content(source, bytes) : undefined;
    await take(entry, content);
    if (content && content.left > 0) await source.skip(content.left);
    await skipPadding(source, bytes);
  }
}

/** Of one entry; to be read only until the next one comes. */
export class Content {
  left: number;
  private readonly source: Bytes;

  constructor(source: Bytes, bytes: number) {
    this.source = source;
    this.left = bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (this.left > 0) {
      const piece = await this.source.next(this.left);
      if (!piece) throw endsTooEarly();
      this.left -= piece.length;
      yield piece;
    }
  }
}

function kindOf(type: string): TarEntry['kind'] {
  if (type === '1') return 'hard link';
  if (type === '2') return 'link';
  return HEADER_ONLY.includes(type) ? 'other' : 'file';
}

async function headerText(source: Bytes, size: number, limits: Limits): Promise<string> {
  if (size > limits.headerBytes) {
    throw new ArchiveProblem(`it has a header of ${size} bytes, which no tar archive needs`);
  }
  const bytes = size === 0 ? new Uint8Array() : await source.take(size);
  if (!bytes) throw endsTooEarly();
  const text = Buffer.from(bytes).toString('utf8');
  await skipPadding(source, size);
  return text;
}

/** The last block may lack its padding: many a program forgets it. */
async function skipPadding(source: Bytes, size: number): Promise<void> {
  const padding = (BLOCK - (size % BLOCK)) % BLOCK;
  if (padding > 0) await source.take(padding);
}

/** Where a file with holes has its pieces; the flag is in another place in the blocks that follow. */
async function skipSparseMap(source: Bytes, header: Uint8Array): Promise<void> {
  for (let goesOn = header[482] === 1; goesOn;) {
    const block = await source.take(BLOCK);
    if (!block) throw endsTooEarly();
    goesOn = block[504] === 1;
  }
}

/** Lines of `length key=value`, the length with itself. */
function attributesIn(text: string): Extended {
  const bytes = Buffer.from(text);
  let found: Extended = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(bytes.toString('latin1', at, space));
    if (!Number.isSafeInteger(length) || at + length > bytes.length || length <= space - at) {
      throw new ArchiveProblem('it is a broken tar archive');
    }
    const record = bytes.toString('utf8', space + 1, at + length).replace(/\n$/, '');
    at += length;
    const equals = record.indexOf('=');
    const value = record.slice(equals + 1);
    const key = record.slice(0, equals);
    if (key === 'path') found = { ...found, name: value };
    else if (key === 'linkpath') found = { ...found, target: value };
    else if (key === 'size') found = { ...found, bytes: plainSize(value, 10) };
  }
  return found;
}

function sizeIn(header: Uint8Array): number {
  const first = header[124] ?? 0;
  if ((first & 0x80) === 0) return plainSize(untilZero(textIn(header, 124, 12)).trim() || '0', 8);
  // Too large for octal digits: a number in base 256, of which the first bit says so.
  const digits = header.subarray(125, 136);
  const size = digits.reduce((all, digit) => all * 256 + digit, first & 0x7f);
  return checkedSize(size);
}

function plainSize(text: string, radix: 8 | 10): number {
  const isNumber = radix === 8 ? /^[0-7]+$/.test(text) : /^\d+$/.test(text);
  return checkedSize(isNumber ? Number.parseInt(text, radix) : Number.NaN);
}

function checkedSize(size: number): number {
  if (Number.isSafeInteger(size)) return size;
  throw new ArchiveProblem('it has an entry with an impossible size');
}

function nameIn(header: Uint8Array): string {
  const name = untilZero(textIn(header, 0, 100));
  const isUstar = textIn(header, 257, 6) === 'ustar\0';
  const prefix = isUstar ? untilZero(textIn(header, 345, 155)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textIn(header: Uint8Array, start: number, length: number): string {
  return Buffer.from(header.subarray(start, start + length)).toString('utf8');
}

function untilZero(text: string): string {
  const zero = text.indexOf('\0');
  return zero < 0 ? text : text.slice(0, zero);
}

function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

const SPACE = 0x20;

/** The sum of all bytes, with spaces where it stands itself. */
function hasItsChecksum(header: Uint8Array): boolean {
  let sum = 0;
  let signed = 0;
  for (let index = 0; index < BLOCK; index++) {
    const byte = index >= 148 && index < 156 ? SPACE : (header[index] ?? 0);
    sum += byte;
    // Old programs took bytes for signed ones.
    signed += byte > 127 ? byte - 256 : byte;
  }
  const said = Number.parseInt(untilZero(textIn(header, 148, 8)).trim(), 8);
  return said === sum || said === signed;
}
