/** The build context of each Dockerfile of a run: which folder it is, and what is in it. */
import { mayRead } from '../analysis/context-place.ts';
import type { Manifests } from '../facts/types.ts';
import { contextsNamed } from '../uses/build-context.ts';
import { contextFolders, type Found } from './context-folders.ts';
import { contextSources } from './context-sources.ts';

export type { Found } from './context-folders.ts';
export { contextFolder } from './context-option.ts';

export interface Contexts {
  /**
   * @param path the Dockerfile's, absolute; `undefined` where it has no place
   * @param text the Dockerfile's
   */
  readonly of: (path: string | undefined, text: string) => Found;
  /** An ignore file now has this text, or will have it: later Dockerfiles of its context see it. */
  readonly edited: (path: string, text: string, isWritten: boolean) => void;
}

/** @param given the folder that the user names, absolute; default each Dockerfile's own */
export function contextsOf(given: string | undefined, manifests: Manifests): Contexts {
  const edits = new Map<string, string>();
  const folders = contextFolders(given, manifests, () => contextsNamed);
  return {
    of: (path, text) => {
      const isAsked = (given ?? path) !== undefined && mayRead(text);
      return folders.of(path, isAsked ? contextSources(text) : [], edits);
    },
    edited: (path, text, isWritten) => {
      if (isWritten) folders.forget();
      else edits.set(path, text);
    },
  };
}
