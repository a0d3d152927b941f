/**
 * Documents of registries on the disk, by their digest. What is read is verified, so that a broken or
 * forged file is nothing but a missing one; what cannot be written is fetched again next time.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { DOCUMENT_BYTES } from './documents.ts';
import { isDigest } from './reference.ts';

export interface Cache {
  readonly read: (digest: string) => Promise<Buffer | undefined>;
  readonly write: (digest: string, bytes: Uint8Array) => Promise<void>;
}

/** For tests, and where no folder can be had. */
export const NO_CACHE: Cache = {
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
};

/** Documents; beyond it the ones that were not used for longest go. About 20 MB. */
const MOST_FILES = 2000;

/** By the XDG base directory specification; a relative path there is to be ignored. */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  const given = env['XDG_CACHE_HOME'];
  const base = given !== undefined && isAbsolute(given) ? given : join(home, '.cache');
  return join(base, 'dfopt', 'registry');
}

/** Whether content has its digest, as `sha256:…` or `sha512:…`. */
export function hasDigest(bytes: Uint8Array, digest: string): boolean {
  const [algorithm = '', hex] = digest.split(':');
  return isDigest(digest) && createHash(algorithm).update(bytes).digest('hex') === hex;
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** @param most files that are kept */
export function diskCache(folder: string, most = MOST_FILES): Cache {
  // Not `:`, which Windows does not take.
  const pathOf = (digest: string): string => join(folder, digest.replace(':', '-'));
  let written = 0;
  return {
    read: async (digest) => {
      const path = pathOf(digest);
      try {
        if ((await stat(path)).size > DOCUMENT_BYTES) throw new Error('not ours');
        const bytes = await readFile(path);
        if (!hasDigest(bytes, digest)) throw new Error('broken');
        const now = new Date();
        await utimes(path, now, now);
        return bytes;
      } catch {
        await rm(path, { force: true }).catch(() => {});
        return undefined;
      }
    },
    write: async (digest, bytes) => {
      const path = pathOf(digest);
      const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
      try {
        // For its user alone: it may be the configuration of a private image.
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(temporary, bytes, { mode: 0o600, flag: 'wx' });
        await rename(temporary, path);
        if (written++ === 0) await prune(folder, most);
      } catch {
        await rm(temporary, { force: true }).catch(() => {});
      }
    },
  };
}

async function prune(folder: string, most: number): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= most) return;
  const ages = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, used: (await stat(path)).mtimeMs };
    }),
  );
  const oldest = ages.toSorted((a, b) => a.used - b.used).slice(0, names.length - most);
  await Promise.all(oldest.map(({ path }) => rm(path, { force: true })));
}
