/** What readers of lockfiles are asked, and what they answer: which packages lie where after an install. */
import { RunMemory } from '../dockerfile/run-memory.ts';
import { isTable, tableIn, type Table } from './findings.ts';
import type { NodeLibc } from './node-platform.ts';
import type { Release } from './npm-sizes.ts';

export interface LockedManifest {
  /** From the folder of the lockfile; empty there. */
  readonly folder: string;
  readonly manifest: Table;
}

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

/** What a lockfile of npm 7 or newer says of one folder. */
export interface NpmEntry {
  readonly path: string;
  /** Where `node_modules/` and its own name stand in the path, or -1. */
  readonly at: number;
  readonly entry: Table;
}

const entries = new RunMemory<Table, readonly NpmEntry[]>();

/** Each question about a lockfile goes through all of it: they are listed once. Empty for older formats. */
export function npmEntries(lock: Table): readonly NpmEntry[] {
  let all = entries.get(lock);
  if (!all) {
    const found: NpmEntry[] = [];
    const packages = tableIn(lock, 'packages');
    for (const path of Object.keys(packages)) {
      const entry = packages[path];
      if (isTable(entry)) found.push({ path, at: path.lastIndexOf('node_modules/'), entry });
    }
    entries.set(lock, (all = found));
  }
  return all;
}
