/** What an image must provide, and who asks for it. */

export interface NeedBase {
  /** `build`: a step of the Dockerfile does; `run`: a container does. */
  readonly when: 'build' | 'run';
  /** Who asks, for a remark: `line 5`, `start.sh`, `psycopg2 in requirements.txt`. */
  readonly by: string;
}

export type Need =
  | (NeedBase & { readonly kind: 'command'; readonly name: string })
  /** Packages of the system: names by package manager, and in words what they bring. */
  | (NeedBase & {
      readonly kind: 'packages';
      readonly what: string;
      readonly names: (suite: string, manager: string) => readonly string[] | undefined;
    })
  /** The certificate authorities of the system. */
  | (NeedBase & { readonly kind: 'certificates' })
  /** Another libc would not do: something was compiled for this one. */
  | (NeedBase & { readonly kind: 'libc'; readonly libc: 'glibc' | 'musl' })
  /** Folders that slim images lack. */
  | (NeedBase & { readonly kind: 'manual pages' });

/** What may need more than is seen: a sentence without a full stop. */
export interface Doubt extends NeedBase {
  readonly why: string;
  /** What may be needed: programs that are called, or libraries that are linked. */
  readonly of: 'programs' | 'libraries';
}

export interface Needs {
  readonly needs: readonly Need[];
  readonly doubts: readonly Doubt[];
  /** System packages that the steps install by name, in order. */
  readonly installed: readonly string[];
}
