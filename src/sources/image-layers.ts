/**
 * The layers of an image that was saved to disk: an archive of `docker save` (both forms), an OCI
 * layout in a tar archive or in a folder. It is read as a stream and never unpacked to disk; digests are
 * checked, and what is wrong with it is a value.
 */
import { createReadStream, statSync } from 'node:fs';
import type { BuiltImage } from '../estimate/built-image.ts';
import type { Platform } from '../facts/observed.ts';
import { ArchiveProblem, LIMITS, type Limits } from './image/problem.ts';
import { savedImage } from './image/saved-image.ts';
import { archiveStore, folderStore } from './image/store.ts';
import { whyNot } from './why-not.ts';

export type ReadImage =
  | { readonly kind: 'image'; readonly image: BuiltImage }
  /** May hold text of the archive's: to be escaped where it is shown. */
  | { readonly kind: 'refused'; readonly why: string };

export interface ImageOrder {
  /** As the user named it. */
  readonly name: string;
  /** `undefined`: the only one there is, else linux/amd64. */
  readonly platform: Platform | undefined;
  readonly limits?: Limits;
}

/** @param path of an archive or a folder, absolute */
export function readSavedImage(path: string, order: ImageOrder): Promise<ReadImage> {
  return refusing(async () => {
    const limits = order.limits ?? LIMITS;
    const isFolder = statSync(path).isDirectory();
    const store = isFolder
      ? folderStore(path, limits)
      : await archiveStore(createReadStream(path), limits);
    return savedImage(store, order.name, order.platform);
  });
}

/** @param stream of an archive, as an engine's `save` writes it; what is not needed of it stays unread */
export function readImageStream(
  stream: AsyncIterable<Uint8Array>,
  order: ImageOrder,
): Promise<ReadImage> {
  return refusing(async () => {
    const store = await archiveStore(stream, order.limits ?? LIMITS);
    return savedImage(store, order.name, order.platform);
  });
}

async function refusing(read: () => Promise<BuiltImage>): Promise<ReadImage> {
  try {
    return { kind: 'image', image: await read() };
  } catch (error) {
    if (error instanceof ArchiveProblem) return { kind: 'refused', why: error.message };
    return { kind: 'refused', why: `it cannot be read: ${whyNot(error)}` };
  }
}
