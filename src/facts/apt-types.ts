/** What packages of apt add to an image: the shape of apt-packages.json. */

export interface AptSuiteRows {
  /** The day of its indices. */
  readonly date: string;
  /**
   * In the same parts as the names, a line for each of {@link AptPackages.names}, numbers to base 36: `size[-left out][!],needs,recommends`,
   * sizes in units of 1000 bytes; `!` where it asks questions at the install. Relations are parted by
   * blanks, their alternatives by `|`, best first; packages are places in the names. `=place` is a name
   * that another package provides; an empty line, one that the suite lacks.
   */
  readonly rows: readonly string[];
}

/** Packages of Debian (main, amd64) that Dockerfiles install, and all that comes along. */
export interface AptPackages {
  readonly source: string;
  /** Another suite, and the one of {@link suites} that is nearest by age. */
  readonly nearest: Readonly<Record<string, string>>;
  /** What an install leaves beside the files of packages, in bytes. */
  readonly install: {
    readonly what: string;
    readonly suites: Readonly<
      Record<
        string,
        {
          readonly bytes: number;
          /** More, where a package asks questions. */
          readonly debconf: number;
          /** What `apt-get update` fetches, compressed as official images keep it. */
          readonly lists: number;
          /** The binary caches of apt, where nothing deletes them after each install. */
          readonly caches: number;
        }
      >
    >;
    /** More for each package. */
    readonly package: number;
  };
  /**
   * Parted by blanks; what Dockerfiles install most comes first. In parts of equally many names,
   * but for the last one, so that who asks for common packages need not read all.
   */
  readonly names: readonly string[];
  readonly suites: Readonly<Record<string, AptSuiteRows>>;
}

/** How installs of other suites differ from those of {@link AptPackages}: the shape of apt-suites.json. */
export interface AptSuites {
  readonly source: string;
  /** Which part of the sizes holds, where another suite stands in. */
  readonly shares: Readonly<Record<string, number>>;
  /** Suites that {@link AptPackages.nearest} does not name. */
  readonly nearest: Readonly<Record<string, string>>;
  /** What `apt-get update` fetches, where it was measured. */
  readonly lists: Readonly<Record<string, { readonly bytes: number; readonly source: string }>>;
}
