/** What is known of an image that a reference stands for: the shape in which rows are looked up. */

/** Three answers: what no row tells stays unknown. */
export type Answer = 'yes' | 'no' | 'unknown';

/** Where a figure comes from; see "Size" in the README. */
export type Basis = 'measured' | 'catalogue' | 'metadata' | 'model';

/** A size with the range in which it lies, all in bytes. */
export interface Bytes {
  readonly bytes: number;
  readonly low: number;
  readonly high: number;
  readonly basis: Basis;
  /** When the image was that large: `2026-08`, or a day. */
  readonly date: string;
  readonly source: string;
}

export type Libc = 'glibc' | 'musl' | 'none';

export interface Distribution {
  /** As `ID` in `/etc/os-release`: `debian`, `alpine`. */
  readonly id: string;
  /** Its code name, or its version where it has none: `bookworm`, `3.22`. */
  readonly suite: string;
  /** As `VERSION_ID`: `12`. */
  readonly version: string;
}

/**
 * What kind of image of its family it is. `full` has compilers and headers, `slim` and `alpine` what
 * the runtime needs, `jre` no Java compiler; `distroless` and `chiseled` have no shell.
 */
export type Variant =
  | 'full'
  | 'slim'
  | 'alpine'
  | 'jre'
  | 'jre-alpine'
  | 'runtime'
  | 'distroless'
  | 'chiseled'
  | 'other';

export interface ImageUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** When its distribution or its runtime gets no more security updates. */
export interface EndOfLife {
  /** `Node.js 16`, `Debian 10`. */
  readonly what: string;
  /** The day. */
  readonly date: string;
  readonly source: string;
}

export interface Image {
  /** Without `docker.io/` and `library/`. */
  readonly name: string;
  readonly tag: string;
  /** Who makes it: images of one publisher may take each other's place at level standard. */
  readonly publisher: string;
  /** Images that hold the same program: `node`, `eclipse-temurin`. */
  readonly family: string;
  readonly variant: Variant;
  readonly os: 'linux' | 'windows';
  readonly distribution: Distribution | undefined;
  /** Whether the tag itself names the suite; else it moves to a newer one some day. */
  readonly isSuiteInTag: boolean;
  readonly libc: { readonly kind: Libc; readonly version: string | undefined } | undefined;
  readonly hasShell: Answer;
  /** An id of the rows of managers; empty where there is none. */
  readonly packageManager: string | undefined;
  /** Versions as exact as the tag says: `node` → `20`. `undefined` where the tag does not say. */
  readonly runtimes: ReadonlyMap<string, string | undefined>;
  /** Whether a program of this name lies in a folder of its PATH. */
  readonly hasCommand: (name: string) => Answer;
  /** Whether a package of its distribution is installed. */
  readonly hasPackage: (name: string) => Answer;
  /** All installed packages of its distribution; undefined where the list is not whole. */
  readonly packages: ReadonlySet<string> | undefined;
  readonly hasCertificates: Answer;
  readonly hasTimeZones: Answer;
  /** Whether it has locales beside C and POSIX. */
  readonly hasLocales: Answer;
  /** Accounts with a name of their own beside those that every distribution has. */
  readonly users: readonly ImageUser[];
  /** What `docker image inspect` says with the classic image store, for linux/amd64. */
  readonly size: Bytes | undefined;
  /** Sum of its layers in a registry. */
  readonly compressed: Bytes | undefined;
  /** The same for other platforms, by `os/architecture`, as far as they are known. */
  readonly platforms: ReadonlyMap<
    string,
    { readonly size: Bytes | undefined; readonly compressed: Bytes | undefined }
  >;
  readonly endsOfLife: readonly EndOfLife[];
  /** What is said of it beyond the fields, for `dfopt images`. */
  readonly notes: readonly string[];
}
