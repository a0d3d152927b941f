/** A Dockerfile's text from the disk or from a stream, or why dfopt does not take it. */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { readBytes } from './read-bytes.ts';
import { whyNot } from './why-not.ts';

/**
 * A Dockerfile is written by hand and has kilobytes. What is larger is something else, and would
 * keep the parsers busy for seconds.
 */
export const MAX_BYTES = 1024 * 1024;

/** The file as it was when it was read: by this a change behind dfopt's back is noticed. */
export interface Seen {
  readonly bytes: Uint8Array;
  readonly modified: bigint;
}

export type Read =
  /** `seen` is missing where the text does not come from a file. */
  | { readonly kind: 'text'; readonly text: string; readonly seen?: Seen }
  | { readonly kind: 'refused'; readonly why: string };

export function readDockerfile(path: string): Read {
  try {
    // Non-blocking: opening a named pipe would wait for somebody to write into it.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      return readOpen(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { kind: 'refused', why: `cannot be read: ${whyNot(error)}` };
  }
}

function readOpen(file: number): Read {
  const stats = fstatSync(file, { bigint: true });
  if (stats.isDirectory()) return { kind: 'refused', why: 'is a folder' };
  if (!stats.isFile()) return { kind: 'refused', why: 'is not a regular file' };
  if (stats.size > BigInt(MAX_BYTES)) return { kind: 'refused', why: tooLarge() };
  const bytes = Buffer.from(readBytes(file, Number(stats.size)));
  const text = decode(bytes);
  return text.kind === 'refused' ? text : { ...text, seen: { bytes, modified: stats.mtimeNs } };
}

export async function readStream(stream: AsyncIterable<Uint8Array | string>): Promise<Read> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > MAX_BYTES) return { kind: 'refused', why: tooLarge() };
      chunks.push(bytes);
    }
  } catch (error) {
    return { kind: 'refused', why: `cannot be read: ${whyNot(error)}` };
  }
  return decode(Buffer.concat(chunks));
}

function tooLarge(): string {
  return `is larger than ${MAX_BYTES / 1024 / 1024} MiB, which no Dockerfile is; left alone`;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): Read {
  if (bytes.includes(0)) return { kind: 'refused', why: 'is a binary file; left alone' };
  try {
    return { kind: 'text', text: utf8.decode(bytes) };
  } catch {
    return { kind: 'refused', why: 'is not valid UTF-8; left alone' };
  }
}
