/** The files that tell how people and services use an image: inside the build context and around it. */
import type { BuildContext } from '../analysis/context.ts';
import { cleanPath, folderOf } from '../analysis/go-paths.ts';

export interface UseFile {
  /** From the top of the repository; where no repository is known, from the top of the context. */
  readonly path: string;
  readonly text: string;
}

export function useFilesOf({ uses, texts }: BuildContext): readonly UseFile[] {
  return [...(uses?.texts ?? texts)].map(([path, text]) => ({ path, text }));
}

/** Where the Dockerfile lies, from the same top. */
export function dockerfileAt({ uses, dockerfile }: BuildContext): string {
  return join(uses?.at ?? '', dockerfile ?? 'Dockerfile');
}

/** A path as it is written in a file, from the top; `undefined` where it leads out or names no place. */
export function besideOf(path: string, written: string): string | undefined {
  if (/^[/~]|\$/.test(written)) return undefined;
  const found = join(folderOf(path), written);
  return found.startsWith('..') ? undefined : found;
}

export function join(folder: string, path: string): string {
  const found = cleanPath([folder, path].filter((each) => each !== '').join('/'));
  return found === '.' ? '' : found;
}
