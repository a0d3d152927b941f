/**
 * The shapes of the rows about images. An image is a stack: a row says what it adds to the image that
 * it stands on. `analysis/images.ts` puts the stack together.
 */
import type { Libc, Variant } from './image-types.ts';

/** Everything that is known of images. */
export interface Images {
  /** Where and when each row was read, by key. */
  readonly sources: Readonly<Record<string, string>>;
  /** Releases of distributions by the word that tags have for them: `bookworm`, `alpine3.22`. */
  readonly suites: Readonly<Record<string, ImageSuite>>;
  /** Programs in the PATH by the packages that bring them, both with blanks between. */
  readonly commands: Readonly<Record<string, string>>;
  /** Names of packages, with blanks between. */
  readonly packages: string;
  /** The places of names that a row adds, and behind a `-` of those that it removes: `0..4 9 - 7`. */
  readonly lists: readonly string[];
  /** By runtime (`node`) or distribution (`debian`). */
  readonly endsOfLife: Readonly<Record<string, EndsOfLife>>;
  readonly repositories: readonly ImageRepository[];
}

export interface ImageSuite {
  /** As `ID` in `/etc/os-release`. */
  readonly id: string;
  /** As `VERSION_ID`. */
  readonly version: string;
  /** Its code name; none: the version. */
  readonly name?: string;
  readonly libc: Libc;
  readonly libcVersion?: string;
  readonly manager?: string;
  /** Which programs its packages bring was read for this very suite, not for a newer one. */
  readonly hasOwnPrograms?: boolean;
}

export interface EndsOfLife {
  /** `Node.js` */
  readonly what: string;
  /** The last day by version. */
  readonly dates: Readonly<Record<string, string>>;
  readonly source: string;
}

export interface ImageRepository {
  /** Without `docker.io/` and `library/`; several where they hold the same images. */
  readonly names: readonly string[];
  readonly publisher: string;
  readonly family: string;
  /** The first whose patterns match is the one that holds. */
  readonly kinds: readonly ImageKind[];
  /** Sets of the beginnings of tags: `3.9 3.12.0..12 20.[0..3,7].0`; `*` is the empty one. */
  readonly heads?: readonly string[];
  /**
   * By the ends of tags (`-slim`, empty: none) and suite: the set of beginnings that they have. The
   * suite is left out where the end names it.
   */
  readonly tags?: Readonly<Record<string, number | Readonly<Record<string, number>>>>;
  /** Only tags of whole versions are listed: 9.0.54-jdk11 is as 9.0-jdk11. */
  readonly isCoarse?: boolean;
  /** Beginnings of tags that are words, with the version that they stand for: `iron` → `20`. */
  readonly words?: Readonly<Record<string, string>>;
  /** Tags may have a day behind the suite's name: `bookworm-20240110-slim`. */
  readonly hasDays?: boolean;
  /** When tags without a suite moved to another: by end of tag and beginning. */
  readonly moves?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /**
   * By kind and suite: `version compressed size arm64 month source`, numbers in units of 10 kB and
   * `-` where a figure is not known. `compressed` is for linux/amd64, `arm64` compressed too.
   */
  readonly sizes?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly note?: string;
}

/** What images of one kind add to the one that they stand on. Patterns are of whole texts. */
export interface ImageKind {
  /** A pattern of the words of the tag's end, without the suite: `slim`, `jre-alpine`. */
  readonly kind?: string;
  /** The key of its sizes, where that is not its words. */
  readonly figures?: string;
  /** A pattern of suites; none: all. */
  readonly suites?: string;
  /** Of `name:tag`, the name without what stands before its last `/`; where there is no list of tags. */
  readonly tags?: string;
  /** The suite, where neither a tag nor a list tells. */
  readonly suite?: string;
  readonly variant: Variant;
  /** `{suite}`, `{head}`, `{version}` (of the suite) and names of groups of the pattern are filled in. */
  readonly on?: string;
  readonly runtimes?: Readonly<Record<string, string>>;
  /** Packages named in its installs. */
  readonly installs?: string;
  /** They are all that it adds, with what they depend on. */
  readonly isWhole?: boolean;
  /** Packages that only some of these images have. */
  readonly maybePackages?: string;
  /** By suite: which of the lists is of all packages that it adds. */
  readonly packages?: Readonly<Record<string, number>>;
  /**
   * Programs that no package brings; `{major}` and `{minor}` are of the runtime's version, and
   * `@package` stands for the programs of a package.
   */
  readonly commands?: string;
  /** Programs that only some of these images have. */
  readonly maybeCommands?: string;
  /** It holds more than is written down. */
  readonly isOpen?: boolean;
  readonly hasCertificates?: 'yes' | 'no';
  readonly hasTimeZones?: 'yes' | 'no';
  readonly hasLocales?: 'yes' | 'no';
  readonly hasShell?: 'yes' | 'no';
  readonly os?: 'linux' | 'windows';
  /** Where it is another than the suite's. */
  readonly libc?: Libc;
  /** Where neither a tag's end nor a number in front names the suite. */
  readonly isSuiteInTag?: boolean;
  /** `name uid gid home` */
  readonly users?: readonly string[];
  readonly notes?: readonly string[];
  readonly source: string;
}
