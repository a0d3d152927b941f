/** What builds of compiled languages leave behind, in bytes: the shape of compiled-weights.json. */

/** A figure with the range in which the truth lies in nine of ten, all in bytes. */
export interface Span {
  readonly bytes: number;
  readonly low: number;
  readonly high: number;
}

/** Something by its name: the first row that fits counts. */
export interface NamedSpan extends Span {
  /** A pattern of the whole name. */
  readonly name: string;
}

export interface GoWeights {
  readonly source: string;
  /** Of the compiler that was measured: `1.24`. */
  readonly version: string;
  /** Import paths of the standard library, parted by blanks. */
  readonly names: string;
  /**
   * A line for each: `archive[-linked[-kept]],imports`, numbers to base 36. The archive in the build
   * cache and what a program has of it are in units of 100 bytes; `kept` where the program calls methods
   * by name, so that the linker leaves none out. Imports are places in the names.
   */
  readonly rows: string;
  /** Packages with which the linker keeps all methods. */
  readonly keepsMethods: readonly string[];
  /** Where nobody saw what a program has of a package: the part of its archive. */
  readonly linkedShare: { readonly usual: number; readonly kept: number };
  /** Bytes of a program: `base`, and `factor` for each byte of what is linked. */
  readonly program: { readonly base: number; readonly factor: number; readonly range: number };
  /** What is left of it with `-s`, and with `-w` alone. */
  readonly stripped: number;
  readonly withoutDebug: number;
  /** Further bytes for each byte of own source code. */
  readonly perSource: { readonly linked: number; readonly archive: number };
  readonly cache: {
    /** Before this release the standard library came compiled: `1.20`. */
    readonly since: string;
    /** Beside the archives, as a part of them. */
    readonly more: number;
    /** Of a package in the cache, beside its archive. */
    readonly package: number;
    /** What the first call leaves in any case. */
    readonly first: number;
    readonly range: number;
    /** A package with C code. */
    readonly withC: number;
  };
  /** For each release before the one that was measured: programs are so much smaller, and the range is
   * so much wider. */
  readonly perRelease: { readonly share: number; readonly range: number };
  /** The release that a distribution's package has, by suite. */
  readonly ofSuites: Readonly<Record<string, string>>;
  /** Where no source shows what is built. */
  readonly unseen: { readonly program: Span; readonly cache: Span };
  /** What a module is in the module cache: its archive and its files. Names are module paths. */
  readonly modules: readonly NamedSpan[];
  readonly module: Span;
  /** What a module adds to the program that imports it. */
  readonly linkedModules: readonly NamedSpan[];
  readonly linkedModule: Span;
  /** Packages of the standard library that most modules need. */
  readonly modulesImport: readonly string[];
}

export interface RustWeights {
  readonly source: string;
  /** Programs without crates; more for each byte of own code. */
  readonly release: { readonly base: number; readonly perSource: number };
  readonly debug: { readonly base: number; readonly perSource: number };
  readonly stripped: number;
  readonly smallest: number;
  readonly debugInfo: number;
  readonly static: number;
  readonly range: number;
  /** What is beside the program in `target`. */
  readonly fingerprint: number;
  /** Cargo's records of its cache, also where there is nothing in it. */
  readonly records: number;
  /** A test by what the program is. */
  readonly testFactor: { readonly release: number; readonly debug: number };
  readonly buildScript: number;
  readonly incremental: { readonly base: number; readonly perSource: number };
  /** Of a crate: in `deps`, in the program, and in Cargo's registry. */
  readonly crates: readonly {
    readonly name: string;
    readonly built: Span;
    readonly linked: Span;
    readonly fetched: Span;
  }[];
  readonly crate: { readonly built: Span; readonly linked: Span; readonly fetched: Span };
  /** `deps` in a debug build, by those of a release. */
  readonly debugShare: number;
  /** The index and the locks of Cargo's registry. */
  readonly index: Span;
  readonly unseen: { readonly program: Span; readonly target: Span };
}

export interface CWeights {
  readonly source: string;
  readonly program: { readonly c: number; readonly cpp: number };
  readonly static: { readonly c: number; readonly cpp: number };
  readonly stripped: number;
  /** For each byte of source code, by the optimization. */
  readonly perSource: Readonly<Record<'none' | 'size' | 'speed', number>>;
  /** Of an object, its own; and what it has more of code and of what debuggers read than a program. */
  readonly object: number;
  readonly objectFactor: number;
  /** For each byte of source code, of a file, and by what headers of C++ add. */
  readonly debug: {
    readonly perSource: Readonly<Record<'none' | 'size' | 'speed', number>>;
    readonly perFile: number;
    readonly headers: number;
    readonly objectFactor: number;
  };
  /** What a header of C++ adds to each file that includes it, in a program. */
  readonly headers: readonly { readonly name: string; readonly bytes: number }[];
  readonly range: number;
  readonly cmake: {
    readonly first: number;
    readonly files: number;
    readonly perTarget: number;
    readonly perSource: number;
  };
  readonly meson: number;
  readonly autotools: Span;
  readonly unseen: Span;
}

/** Bytes of classes: so much for each type, for each character of code, and for what the code has in it. */
export interface ClassWeights {
  readonly base: number;
  /** Without comments, imports and more than one blank at a time. */
  readonly perCharacter: number;
  /** The factor where names of variables are kept. */
  readonly debug: number;
  readonly traits: readonly {
    /** A regular expression over the code. */
    readonly pattern: string;
    readonly bytes: number;
    /** For each place where it stands; by default once for a file. */
    readonly isEach?: true;
  }[];
}

export interface JavaWeights {
  readonly source: string;
  /** `debug`: by how much they are larger with names of variables. */
  readonly classes: ClassWeights;
  readonly jar: { readonly base: number; readonly share: number };
  readonly range: number;
  /** What Maven fetches for a phase, plugins with what they need; the first that fits counts. */
  readonly maven: readonly NamedSpan[];
  /** Plugins of a pom, by artifact id, beside those of the phases. */
  readonly plugins: readonly NamedSpan[];
  readonly plugin: Span;
  /** Dependencies of a pom with all that they bring along, by `group:artifact`; in a fat archive. */
  readonly dependencies: readonly NamedSpan[];
  readonly dependency: Span;
  /** What the repository has of a dependency, by what its archives are. */
  readonly repositoryShare: number;
  /** The parent of Spring Boot's projects: poms alone. */
  readonly parent: Span;
  /** What Maven notes of a build, and of an archive; reports of tests. */
  readonly status: number;
  readonly archiver: number;
  readonly reports: Span;
  /** A Maven that the wrapper fetches, by its version. */
  readonly wrapper: readonly NamedSpan[];
  readonly gradle: { readonly caches: Span; readonly project: Span; readonly dependency: number };
  /** A distribution of Gradle by `version-bin` or `version-all`. */
  readonly distributions: readonly NamedSpan[];
}

export interface OtherWeights {
  readonly source: string;
  readonly dotnet: {
    readonly output: Span;
    readonly selfContained: Span;
    readonly intermediate: Span;
    readonly package: Span;
    readonly restore: Span;
  };
  readonly elixir: {
    readonly release: Span;
    readonly dependency: Span;
    readonly built: Span;
    readonly hex: Span;
  };
}

export interface CompiledWeights {
  readonly go: GoWeights;
  readonly rust: RustWeights;
  readonly c: CWeights;
  readonly java: JavaWeights;
  readonly others: OtherWeights;
}
