/**
 * Texts that were read before, by the id that Git gives them, so that a second push to a pull request
 * costs what it changed. Bounded in bytes; what was not asked for the longest goes first.
 */
import type { GitHub, RepositoryName } from './github.ts';

/** For all repositories of an App together. */
const MOST_BYTES = 32_000_000;

/** Larger ones would push out too many others. */
const MOST_OF_ONE = 1_000_000;

export interface BlobCache {
  /** A client whose `blob` looks here first. What one installation read is not shown to another. */
  readonly before: (github: GitHub, installation: number) => GitHub;
  /** Of all that is kept. */
  readonly bytes: () => number;
}

export function blobCache(most = MOST_BYTES): BlobCache {
  // In the order in which they were last asked for.
  const kept = new Map<string, Uint8Array>();
  let bytes = 0;
  const keep = (key: string, blob: Uint8Array): void => {
    if (blob.length > Math.min(MOST_OF_ONE, most) || kept.has(key)) return;
    kept.set(key, blob);
    bytes += blob.length;
    for (const [oldest, { length }] of kept) {
      if (bytes <= most) break;
      kept.delete(oldest);
      bytes -= length;
    }
  };
  return {
    bytes: () => bytes,
    before: (github, installation) => ({
      ...github,
      blob: async (of: RepositoryName, sha: string) => {
        const key = `${installation} ${of.owner}/${of.name} ${sha}`;
        const known = kept.get(key);
        if (known) {
          kept.delete(key);
          kept.set(key, known);
          return known;
        }
        const blob = await github.blob(of, sha);
        keep(key, blob);
        return blob;
      },
    }),
  };
}
