/** The bytes of an open file. Node's own way asks the system more often, which shows where files are many. */
import { readSync } from 'node:fs';

/** Most texts are smaller. */
const SHARED_BYTES = 64 * 1024;

const shared = Buffer.allocUnsafe(SHARED_BYTES);

/**
 * @param size of the file, as the system says
 * @returns bytes that are good until the next call
 */
export function readBytes(file: number, size: number): Buffer {
  let buffer = size < SHARED_BYTES ? shared : Buffer.allocUnsafe(size + 1);
  let length = 0;
  for (;;) {
    const count = readSync(file, buffer, length, buffer.length - length, null);
    length += count;
    // Some file systems say that files are empty which are not.
    if (count === 0 || (size > 0 && length === size)) return buffer.subarray(0, length);
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(length)]);
  }
}
