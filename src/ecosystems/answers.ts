/** What a language answers about lockfiles, and about packages that are for development only. */
import type { DependencyTool } from '../facts/types.ts';

/** A row of the tool ages, and what it must say of the image. */
export interface NeededAge {
  readonly row: string;
  readonly age: 'new' | 'old';
}

/** What comparing a lockfile with its manifests shows. */
export type LockVerdict =
  | {
      readonly kind: 'in sync';
      /** What must hold of the tool in the image. */
      readonly ages: readonly NeededAge[];
      /** What could not be compared: a sentence without a full stop each. */
      readonly assumptions: readonly string[];
    }
  | {
      readonly kind: 'differs';
      /** Follows the lockfile's name: "has no left-pad". */
      readonly why: string;
    };

/** What an install finds beside its manifest. */
export type Lock =
  | {
      readonly kind: 'locked';
      readonly tool: DependencyTool;
      /** By its path in the files. */
      readonly path: string;
      readonly verdict: LockVerdict;
      /** What the install writes into: where it starts anew, it deletes them first. */
      readonly writes: readonly string[];
    }
  | {
      readonly kind: 'absent';
      readonly tool: DependencyTool;
      /** The folder in which a lockfile would have to lie, and the manifest that does. */
      readonly folder: string;
      readonly manifest: string;
    }
  | { readonly kind: 'refused'; readonly why: string };

/** What an install could leave out. */
export interface Development {
  readonly tool: DependencyTool;
  /** Of the manifest, by its path in the files. */
  readonly manifest: string;
  /** Files that the install reads and that may settle the matter, by their names. */
  readonly settings: ReadonlyMap<string, string>;
  /** Packages that the manifests name, and that only development needs. */
  readonly direct: ReadonlySet<string>;
  /** Packages that only those need, as far as a lockfile says. */
  readonly hidden: ReadonlySet<string>;
  /** All others. */
  readonly kept: ReadonlySet<string>;
  /** By program: the package that has it; only what would be left out. */
  readonly programs: ReadonlyMap<string, string>;
  /** A lockfile says which programs packages have; else those are taken that are called like them. */
  readonly knowsPrograms: boolean;
  /** Programs of the packages that stay. */
  readonly keptPrograms: ReadonlySet<string>;
  /** Scripts of the project that the install itself runs: by their names, with their folder. */
  readonly scripts: readonly {
    readonly name: string;
    readonly text: string;
    readonly folder: string;
  }[];
}

/** What the sources of a project say of packages that would be left out. */
export interface Mentions {
  /** The first file that uses one, with the package. */
  readonly used: { readonly path: string; readonly name: string } | undefined;
  /** Files whose text nobody knows. */
  readonly unread: readonly string[];
}
