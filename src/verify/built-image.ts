/** What an engine says of an image that it has: the layers and what its history tells of each. */
import type { BuiltImage } from '../estimate/built-image.ts';
import { EngineError, type Engine } from './engine.ts';
import { rowsWithLayers } from './layers.ts';

/** What reads the archive of an image. */
export type ReadArchive = (
  archive: AsyncIterable<Uint8Array>,
) => Promise<BuiltImage | { readonly why: string }>;

/**
 * By its history, where the engine counts layers by the bytes of their files, as Docker's classic image
 * store does: then they add up to the size of the image. Others count blocks on disk or the archives of
 * layers, so that the layers themselves are read.
 *
 * @throws EngineError where the engine has no such image, or it cannot be read
 */
export async function builtImage(
  engine: Engine,
  reference: string,
  read: ReadArchive,
): Promise<BuiltImage> {
  const { bytes, diffIds } = await engine.image(reference);
  const history = engine.name === 'docker' ? await engine.history(reference) : [];
  const sum = history.reduce((all, row) => all + row.bytes, 0);
  const layers = rowsWithLayers(history, diffIds.length);
  if (layers && sum === bytes) {
    const withLayer = new Set(layers);
    const rows = history.map((row) => ({
      createdBy: row.createdBy,
      bytes: row.bytes,
      hasLayer: withLayer.has(row),
    }));
    return { name: reference, rows };
  }
  let found: Awaited<ReturnType<ReadArchive>> | undefined;
  await engine.saved(reference, async (archive) => {
    found = await read(archive);
  });
  if (!found) throw new EngineError(`${engine.name} saved nothing of it`);
  if ('why' in found) throw new EngineError(found.why);
  return found;
}
