/** What packages of PyPI, RubyGems and Packagist weigh, and files that builds download. */

export interface PackageSizes {
  readonly source: string;
  /** A line for each package; `size-rows.ts` says what stands in it. */
  readonly rows: readonly string[];
}

export interface GemSizes extends PackageSizes {
  readonly withNeedsSource: string;
  /** Bytes of a gem with all that it brings, by its name. */
  readonly withNeeds: Readonly<Record<string, number>>;
}

export interface ComposerSizes extends PackageSizes {
  readonly extensionsSource: string;
  /** Bytes of an extension of PHP as it is installed, by its name. */
  readonly extensions: Readonly<Record<string, number>>;
}

export interface DownloadRow {
  /** For people: `Go`. */
  readonly what: string;
  /** A pattern that occurs in the address. */
  readonly url: string;
  /** Of what is downloaded; as a range, since addresses leave out versions or name any. */
  readonly bytes: number;
  readonly low: number;
  readonly high: number;
  /** By how much an archive grows when it is unpacked; 1 for what is no archive. */
  readonly unpacked: number;
  readonly source: string;
}

export interface Downloads {
  readonly source: string;
  readonly rows: readonly DownloadRow[];
  /** Files of base images that builds are known to take from them: paths are patterns. */
  readonly baseFiles: {
    readonly source: string;
    readonly rows: readonly {
      readonly path: string;
      readonly bytes: number;
      readonly low: number;
      readonly high: number;
    }[];
  };
  /** By ending of a name: by how much archives grow, where no row says it. */
  readonly archives: readonly {
    readonly name: string;
    readonly low: number;
    readonly unpacked: number;
    readonly high: number;
  }[];
}
