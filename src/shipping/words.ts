/** How sizes are told in remarks about bases. */
import type { Bytes, Image } from '../facts/image-types.ts';

/** ` (823 MB becomes 78 MB)`; nothing where neither is known. */
export function sizesOf(from: Image, to: Image): string {
  if (!from.size && !to.size) return '';
  return ` (${megabytes(from.size)} becomes ${megabytes(to.size)})`;
}

function megabytes(size: Bytes | undefined): string {
  return size ? `${Math.round(size.bytes / 1e6)} MB` : 'an unknown size';
}
