/** What packages of apk add to an image: the shape of apk-packages.json. */

export interface ApkReleaseRows {
  /** The day on which the newest package of its index was built. */
  readonly date: string;
  /**
   * A line for each of {@link ApkPackages.names}, numbers to base 36: `size[,needs]`, sizes in units of
   * 1000 bytes; needs are places in the names, parted by blanks. `=place` is a name that another package
   * provides; an empty line, one that the release lacks.
   */
  readonly rows: string;
}

/** Packages of Alpine's main repository that Dockerfiles install, and all that comes along. */
export interface ApkPackages {
  readonly source: string;
  /** Another release, and the one of {@link releases} that is nearest by age. */
  readonly nearest: Readonly<Record<string, string>>;
  /** What `apk add` leaves of the repositories' indices where it keeps them. */
  readonly index: { readonly bytes: number; readonly source: string };
  /** Packages of the community repository, in bytes with all that they bring along, from build logs. */
  readonly others: Readonly<
    Record<string, { readonly bytes: number; readonly release: string; readonly source: string }>
  >;
  /** Parted by blanks. */
  readonly names: string;
  readonly releases: Readonly<Record<string, ApkReleaseRows>>;
}
