/** What the size of a package manager's call depends on. */
import type { State } from '../analysis/state.ts';
import type { RunInstruction } from '../dockerfile/model.ts';
import type { Image } from '../facts/image-types.ts';
import type { Facts } from '../facts/types.ts';
import type { Item } from './lying.ts';

export interface PackageSurroundings {
  readonly run: RunInstruction;
  readonly state: State;
  readonly image: Image | undefined;
  readonly facts: Facts;
  /** Names of what was installed on the base so far; grows with each install. */
  readonly installed: Set<string>;
  /** What lies in the image before the call. */
  readonly lying: readonly Item[];
}
