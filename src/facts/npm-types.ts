/** Sizes of npm packages on disk: the shape of npm-sizes.json, and what is found out beside it. */

export interface NpmSizes {
  readonly source: string;
  /** The day on which the packages were installed. */
  readonly date: string;
  /** Parted by blanks, in order. */
  readonly names: string;
  /**
   * A line for each name: `version:size…;needs;optional;document beside`. Sizes are of the package's own files, in units
   * of 100 bytes, to base 36; a release that is left out differs little from the one before it
   * (make/npm-rows.mjs). What it needs, optional packages apart, are places in the names, to base 36 and parted by blanks:
   * those of the newest release. The document is what npm's cache keeps about the package where it asks
   * for it, and beside it what it keeps about optional packages for other platforms: in units of 1000
   * bytes, to base 36.
   */
  readonly rows: string;
  /** By `name@version`: bytes that a registry names. They go before the rows. */
  readonly observed?: ReadonlyMap<string, number>;
}

/** What the scripts of packages fetch or compile when they are installed, beside the files that they bring. */
export interface NpmScripts {
  readonly source: string;
  readonly packages: readonly NpmScriptRow[];
  /** What node-gyp fetches before it compiles anything: the headers of Node.js. */
  readonly headers: NpmHeaders;
}

export interface NpmHeaders extends Omit<NpmScriptRow, 'package' | 'versions'> {
  readonly home: string;
}

export interface NpmScriptRow {
  readonly package: string;
  /** A range of versions; all where it is absent. */
  readonly versions?: string;
  /** Bytes, and the range in which they lie. */
  readonly bytes: number;
  readonly low: number;
  readonly high: number;
  /** Below the home folder, where it does not lie in node_modules. */
  readonly home?: string;
  /** Where one of these variables is set, or is set to a value (`NAME=value`), nothing is fetched. */
  readonly offBy?: readonly string[];
  readonly source: string;
}
