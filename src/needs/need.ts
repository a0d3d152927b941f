/** What an image must provide, and who asks for it. */
import type { Call } from '../analysis/calls.ts';
import type { BuildContext } from '../analysis/context.ts';
import type { Facts } from '../facts/types.ts';

export interface NeedBase {
  /** `build`: a step of the Dockerfile does; `run`: a container does. */
  readonly when: 'build' | 'run';
  /** Who asks, for a remark: `line 5`, `start.sh`, `psycopg2 in requirements.txt`. */
  readonly by: string;
  /** A folder of the image without a slash in front: only with what lies in it. */
  readonly place?: string;
  /** It is for a package that is for development only. */
  readonly isOfDevelopment?: true;
}

export type Need =
  | (NeedBase & { readonly kind: 'command'; readonly name: string })
  /** Packages of the system: names by package manager, and in words what they bring. */
  | (NeedBase & {
      readonly kind: 'packages';
      readonly what: string;
      /** Libraries that something compiled in the build is linked with. */
      readonly isLinked?: true;
      /** Python looks for them with `find_library` of `ctypes.util`, and tries nothing else. */
      readonly isSought?: true;
      readonly names: (suite: string, manager: string) => readonly string[] | undefined;
    })
  /** The certificate authorities of the system. */
  | (NeedBase & { readonly kind: 'certificates' })
  /** Another libc would not do: something was compiled for this one. */
  | (NeedBase & { readonly kind: 'libc'; readonly libc: 'glibc' | 'musl' })
  /** Folders that slim images lack. */
  | (NeedBase & { readonly kind: 'manual pages' })
  /** Files below folders that slim images leave empty. */
  | (NeedBase & { readonly kind: 'documentation'; readonly path: string });

/** What may need more than is seen: a sentence without a full stop. */
export interface Doubt extends NeedBase {
  readonly why: string;
  /**
   * What may be needed: programs that are called, libraries that are linked, or either by a package
   * of a registry that no row knows, which is the rule for those without native parts.
   */
  readonly of: 'programs' | 'libraries' | 'packages';
}

export interface Called {
  readonly call: Call;
  readonly who: NeedBase;
}

export interface Needs {
  readonly needs: readonly Need[];
  readonly doubts: readonly Doubt[];
  /** System packages that the steps install by name, in order. */
  readonly installed: readonly string[];
  /** The programs that are called, by the steps and by what the image runs. */
  readonly called: readonly Called[];
}

/** What one instruction asks. */
export interface AskedFor extends Needs {
  /** It depends on the libc and the runtimes of the image, as what installs compile does. */
  readonly isOfImage: boolean;
}

/** Where an install runs, and in what its packages shall run. */
export interface InstallScope {
  /** By paths of the image; `undefined` where nothing is known of the build context. */
  readonly files: BuildContext | undefined;
  readonly facts: Facts;
  /** Of the image in which it shall run. */
  readonly libc: 'glibc' | 'musl';
  /** The version of Python in that image, as far as it is known: `3.12`. */
  readonly python: string | undefined;
}
