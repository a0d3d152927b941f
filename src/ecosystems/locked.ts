/** What readers of lockfiles are asked, and what they answer: which packages lie where after an install. */
import type { NodeLibc } from './node-platform.ts';
import type { LockedManifest } from './npm-lock.ts';
import type { Release } from './npm-sizes.ts';

export interface InstalledPackage extends Release {
  /** In whose node_modules it lies, from the folder of the lockfile; empty there. */
  readonly folder: string;
  /** The lockfile does not say where it is fetched from: npm asks the registry for it. */
  readonly isUnaddressed?: true;
}

export interface LockQuestion {
  readonly text: string;
  /** The one beside the lockfile first, then those of its workspaces. */
  readonly manifests: readonly LockedManifest[];
  readonly omitsDevelopment: boolean;
  readonly libc: NodeLibc;
  /** What is for other platforms as well: Yarn 1 fetches it, and npm asks for it, to find that out. */
  readonly withOthers?: true;
}
