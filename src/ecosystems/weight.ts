/**
 * What the commands of a build put into a layer, in bytes. A language answers for its own tools, as it
 * does for what they make (`Work`); here is the shape of the answers.
 */
import type { Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import type { WorkScope } from './work.ts';

/** Something that a command leaves in the layer, in one folder or file. */
export interface Weight {
  /** Of the image, without a slash in front: a file, or a folder with all that is in it. */
  readonly path: string;
  /**
   * `dependencies`: packages of a language as installed; `build`: what is made of sources, half-made
   * things included; `leavings`: caches, logs and other things that no program needs.
   */
  readonly kind: 'dependencies' | 'build' | 'leavings';
  /** For people: `142 packages of npm`, `the download cache of npm`. */
  readonly what: string;
  /** `undefined`: something, and nobody knows how much. */
  readonly amount: Amount | undefined;
  /** What it adds where an earlier call has left its part at the same path; by default all of it. */
  readonly again?: Amount;
}

/**
 * @returns what the call leaves behind, each thing once, and no two of them one in the other;
 * `undefined` for a call that is none of the language's tools
 */
export type Weigh = (call: Call, scope: WorkScope) => readonly Weight[] | undefined;
