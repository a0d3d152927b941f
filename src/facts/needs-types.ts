/** The shapes of the rows that say what programs and libraries need from the system. */

/** Ids as `ecosystems` has them. */
export type NativeEcosystem = 'node' | 'python' | 'ruby' | 'php' | 'rust' | 'go';

/** What must be there of the system. All lists are empty where they are absent. */
export interface SystemNeeds {
  /** Programs that are called. */
  readonly commands?: readonly string[];
  /**
   * Packages of Debian and Ubuntu. In what a program needs when it runs, a `-dev` package stands for
   * the shared libraries behind it, whose names differ by suite: see `DebianLibraries`.
   */
  readonly debian?: readonly string[];
  readonly alpine?: readonly string[];
  /** Python looks for their libraries with `find_library` of `ctypes.util`, and tries nothing else. */
  readonly isSought?: true;
}

/** A binary that is taken in place of compiling. */
export interface Prebuilt {
  /**
   * `inside`: in the package, or in another one of the same registry that comes with it. `download`:
   * a script of the package fetches it from another host while it is installed.
   */
  readonly from: 'inside' | 'download';
  /** `any`: a program that needs none, or WebAssembly. */
  readonly libc: 'glibc' | 'musl' | 'any';
  /** The oldest libc that it runs on. */
  readonly libcVersion?: string;
  /** The first version of the package that has it. */
  readonly since?: string;
  /** Absent: amd64 and arm64. */
  readonly architectures?: readonly string[];
}

/** Packages that compile nothing, with all that they bring along. */
export interface PlainPackages {
  readonly source: string;
  readonly npm: Readonly<
    Record<
      string,
      {
        /** Major versions, of those before 1.0 with the minor one: `4`, `0.27`. */
        readonly releases: readonly string[];
        /** No release that was looked at runs code. */
        readonly isPlainThroughout: boolean;
      }
    >
  >;
}

/** How sure a row is: looked up, general knowledge, or likely. */
export type Confidence = 'checked' | 'known' | 'guessed';

export interface NativePackage {
  readonly ecosystem: NativeEcosystem;
  /** As the registry compares them: lower case, and with `-` only for Python. */
  readonly names: readonly string[];
  /** The versions that the row is about, as `since` ≤ version < `before`; absent: all. */
  readonly since?: string;
  readonly before?: string;
  /** It has no native code of its own; it may still need something when it runs. */
  readonly isPure?: true;
  /** It comes with the language in its official images. */
  readonly isBundled?: true;
  /** The install, and the program, go on where it cannot be compiled. */
  readonly isOptional?: true;
  /** Neither a binary nor a build for musl is known. */
  readonly isGlibcOnly?: true;
  /** To compile it where no binary is taken. */
  readonly build?: SystemNeeds & { readonly kit?: string };
  /** What it needs when it runs, where it was compiled. */
  readonly linked?: SystemNeeds;
  /** What it needs when it runs in any case. */
  readonly run?: SystemNeeds;
  readonly prebuilt?: readonly Prebuilt[];
  /** Further packages of this table that it brings along and that decide for it. */
  readonly pulls?: readonly string[];
  readonly note?: string;
  readonly confidence: Confidence;
  /** A key of `sources`. */
  readonly source: string;
}

export interface NativePackages {
  readonly sources: Readonly<Record<string, string>>;
  /** Tools that many packages are compiled with, and what their products need when they run. */
  readonly kits: Readonly<
    Record<string, { readonly needs: SystemNeeds; readonly linked?: SystemNeeds }>
  >;
  /** Where the language itself comes from the distribution: what it is compiled against. */
  readonly headers: Readonly<Record<string, SystemNeeds>>;
  readonly packages: readonly NativePackage[];
}

/** The packages with the shared libraries behind packages with headers. */
export interface DebianLibraries {
  readonly source: string;
  /** Code names. */
  readonly suites: readonly string[];
  readonly names: readonly string[];
  /** By package, by suites with a blank between: indices into `names`. A suite that is absent lacks it. */
  readonly packages: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

/** Which packages have a program. The first is the usual one. */
export interface CommandPackage {
  readonly command: string;
  readonly debian: readonly string[];
  /** Where other packages have it on one suite: by code name. */
  readonly debianBySuite?: Readonly<Record<string, readonly string[]>>;
  /** With `busybox` first where its own, smaller version is in every image. */
  readonly alpine: readonly string[];
  readonly fedora: readonly string[];
  /** Suites on which the first is essential or required, and so in every image. */
  readonly essentialOn?: readonly string[];
}

export interface CommandPackages {
  readonly source: string;
  /** Packages of Alpine that no source but general knowledge has. */
  readonly unattested: readonly string[];
  readonly commands: readonly CommandPackage[];
}

/** Packages of Alpine with the purpose of a package of Debian. */
export interface AlpineNames {
  readonly source: string;
  /** By the name on Debian or Ubuntu. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  /** The packages with the shared libraries behind Alpine's own packages with headers. */
  readonly libraries: Readonly<Record<string, readonly string[]>>;
  /** Under which names older releases have packages; the first row that is for a release counts. */
  readonly older: readonly {
    readonly before: string;
    /** `null` where that is not known. */
    readonly names: Readonly<Record<string, string | null>>;
    readonly source: string;
  }[];
  /** Nothing takes their place because Alpine does without. */
  readonly needless: readonly string[];
  /** Nothing takes their place. */
  readonly missing: readonly string[];
  /** Names on Alpine that no source but general knowledge has. */
  readonly unattested: readonly string[];
}
