/** `--image`: an image that was built from the Dockerfile, in an engine or saved to disk. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BuiltImage } from '../estimate/built-image.ts';
import type { Platform } from '../facts/observed.ts';
import { parsePlatform } from '../sources/registry/platform.ts';
import { lastString, type Arguments } from './command.ts';
import type { Io } from './io.ts';
import { isFolder } from '../sources/what-is-there.ts';
import { UsageError } from './usage.ts';

export const BUILT_IMAGE_OPTION = {
  image: {
    type: 'string',
    requiresArg: true,
    describe:
      'An image built from the Dockerfile, whose layers replace estimates: a name in Docker or podman, or an archive of docker save, or an OCI layout',
  },
} as const;

/**
 * @returns `undefined` where none is named
 * @throws UsageError
 */
export async function builtImageOf(argv: Arguments, io: Io): Promise<BuiltImage | undefined> {
  const name = lastString(argv['image']);
  if (name === undefined) return undefined;
  const platform = platformOf(argv);
  const path = pathOf(name, io.cwd);
  const { readSavedImage, readImageStream } = await import('../sources/image-layers.ts');
  if (path !== undefined) {
    const read = await readSavedImage(path, { name, platform });
    if (read.kind === 'image') return read.image;
    throw new UsageError(`--image: ${name}: ${read.why}`);
  }
  const [{ findEngine }, { builtImage }, { EngineError }] = await Promise.all([
    import('../verify/find-engine.ts'),
    import('../verify/built-image.ts'),
    import('../verify/engine.ts'),
  ]);
  const found = await findEngine(undefined, io.env, 'look');
  if (found.kind === 'none') {
    throw new UsageError(`--image: there is no file ${name}, and no engine to ask: ${found.why}`);
  }
  try {
    return await builtImage(found.engine, name, async (archive) => {
      const read = await readImageStream(archive, { name, platform });
      return read.kind === 'image' ? read.image : read;
    });
  } catch (error) {
    if (error instanceof EngineError) throw new UsageError(`--image: ${name}: ${error.message}`);
    throw error;
  }
}

function platformOf(argv: Arguments): Platform | undefined {
  const text = lastString(argv['platform']);
  const platform = text === undefined ? undefined : parsePlatform(text);
  if (text !== undefined && !platform) {
    throw new UsageError(`--platform is written linux/arm64, not "${text}"`);
  }
  return platform;
}

/** What begins so cannot be the name of an image, or ends as archives do. */
const LIKE_A_PATH = /^(\.{0,2}\/|\.{1,2}$)|\.(tar|tgz|tar\.gz|tar\.zst)$/;

/** Names, digests and ids; nothing that a client of an engine would read as an option. */
const REFERENCE = /^[a-z0-9][\w.:/@+-]*$/i;

/** A file, or a folder with an image in it: many a project's folder is called like its image. */
function pathOf(name: string, cwd: string): string | undefined {
  const path = resolve(cwd, name);
  if (LIKE_A_PATH.test(name)) return path;
  const isThere = isFolder(path) ? existsSync(join(path, 'index.json')) : existsSync(path);
  if (isThere) return path;
  if (REFERENCE.test(name)) return undefined;
  throw new UsageError(`--image: "${name}" is neither a file nor the name of an image`);
}
