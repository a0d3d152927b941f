/** What is known of the commands of builds: what they make, and what only they read. */

/** Patterns are of whole texts: the program's name, and its arguments with one blank between. */
export interface WorkRow {
  readonly program: string;
  readonly words: string;
  /** An id of the ecosystems. */
  readonly ecosystem: string;
  /** Paths; `{folder}` stands for the folder in which it runs. */
  readonly makes: readonly string[];
  readonly of?: 'dependencies' | 'sources';
  /** Only what the start of the program names of it is needed. */
  readonly isNamed?: boolean;
  /** What it makes is not known, but lies in this folder. */
  readonly within?: string;
  /** A pattern of the programs that read it at run time. */
  readonly readBy?: string;
  readonly links?: 'as the call shows' | 'by headers';
}

export interface RuntimePackageRow {
  /** A pattern; its groups may stand in `becomes` as `$1`. */
  readonly packages: string;
  /** The program for whose sake it is there; also a key of the images' runtimes. */
  readonly runtime: string;
  /** A pattern of the programs that only the whole package has. */
  readonly tools: string;
  readonly becomes: string;
  /** A pattern of packages beside which it is left out: one of them brings the runtime. */
  readonly unless?: string;
}

export interface CallPattern {
  readonly program: string;
  readonly words: string;
}

/** What a tool makes in the folder of a project; without `makes` and the like nobody knows. */
export interface ProjectTool extends CallPattern {
  readonly ecosystem: string;
  /** From the folder in which it runs. */
  readonly makes?: readonly string[];
  /** It deletes what lies where it writes. */
  readonly isEmptied?: boolean;
  /** Options that name what it makes instead. */
  readonly outputOptions?: readonly string[];
  /** Variables that would name it. */
  readonly variables?: readonly string[];
  /** Files beside the manifest that may say it. */
  readonly settings?: {
    /** A pattern of their names. */
    readonly files: string;
    /** With a group for what is made instead. */
    readonly output?: string;
    /** Where this occurs nobody knows what it makes. */
    readonly odd?: string;
  };
  /** Its own settings say it, and are read by a reader of their own. */
  readonly outputIn?: 'tsconfig' | 'nest' | 'angular';
  /** It writes where its last operand says: into what another tool makes, or nobody knows. */
  readonly isInto?: 'last operand';
  /** The row holds for these versions of a package of the manifest alone. */
  readonly when?: { readonly package: string; readonly version: string };
  /** Why what it makes cannot be copied. Follows the name. */
  readonly why?: string;
}

export interface WorkRows {
  readonly source: string;
  readonly builders: readonly WorkRow[];
  /** Commands that look at things and leave nothing that a program reads. */
  readonly checks: readonly CallPattern[];
  /** Tools that build a project in its folder; the first row that fits counts. */
  readonly projectTools: readonly ProjectTool[];
  /** Packages that put something beside the folder of packages when they are installed. */
  readonly outsidePackages: readonly {
    readonly package: string;
    /** Variables which, when they are set, keep it from that. */
    readonly unless: readonly string[];
    /** Follows the name: "fetches a browser". */
    readonly why: string;
  }[];
  /** A pattern of modules of Python that fetch models or programs into the home of the account when they are used. */
  readonly fetchingModules: string;
  /** The same by what code says that uses others. */
  readonly fetchingCalls: string;
  /** A pattern of programs that hand out files and load no packages of a project. */
  readonly staticServers: string;
  /** Programs of packages that load nothing but what the manifest asks for when they run. */
  readonly startsAlone: readonly CallPattern[];
  /** By ecosystem: patterns of files, from the top of the project, that only its builds read. */
  readonly inputs: readonly { readonly ecosystem: string; readonly files: readonly string[] }[];
  /**
   * Files that programs read where they start, and that people often keep out of the repository:
   * whoever builds with one beside the Dockerfile means it. `mention` is what sources say then; `file`
   * is absent where that is some file of settings, and nobody can see which.
   */
  readonly settings: readonly {
    readonly ecosystem: string;
    readonly mention: string;
    readonly file?: string;
  }[];
  /** Files that a tool reads in the folder in which it is called, and that nothing names. */
  readonly fetchedCrates: readonly FetchedCrate[];
  readonly toolFiles: readonly { readonly program: string; readonly files: readonly string[] }[];
  /** Patterns of files beside a program that people read, or tools of theirs. */
  readonly papers: readonly string[];
  /** Patterns of packages that only builds need, unless a program of theirs is called. */
  readonly buildPackages: readonly string[];
  /** Patterns of packages whose programs a container starts, and no build of a language by itself. */
  readonly containerPackages: readonly string[];
  /** Programs that come with what a package needs, and that people install it for: patterns. */
  readonly bringsAlong: readonly { readonly packages: string; readonly programs: string }[];
  /**
   * Packages that programs may need too: of the build alone where nothing but its steps calls their
   * programs, or those that call them. `unless`: a file at some place, with another beside it that must
   * be there and have no such text.
   */
  readonly buildTools: readonly {
    readonly packages: string;
    readonly programs: string;
    readonly usedBy?: string;
    /** Where the build calls it itself, it may be there for more. */
    readonly isNeverCalled?: boolean;
    /** Only where such a package is installed as well. */
    readonly with?: string;
    /** Not where one of the files has such a text. */
    readonly except?: { readonly files: string; readonly text: string };
    /** `usedBy` only where one of the files has such a text. */
    readonly usedFor?: { readonly programs: string; readonly files: string; readonly text: string };
    readonly unless?: {
      readonly files: string;
      readonly beside: string;
      readonly text: string;
      /** Only where no step of the build has such words: a container would do their work. */
      readonly unbuilt?: { readonly text: string; readonly words: string };
    };
  }[];
  /** Packages of a language's tools, and what remains of them for a container. */
  readonly runtimePackages: readonly RuntimePackageRow[];
  /** Files in which services that run images are told what to start in them. */
  readonly hostFiles: readonly HostFile[];
  /** Calls that need the tools of the build, or all of the sources, where the program runs. */
  readonly toolchains: readonly (CallPattern & { readonly why: string })[];
  /** Code, and lists of packages, that compile something while the program runs; `why` follows the path. */
  readonly lateCompilers: readonly {
    readonly files: string;
    readonly text: string;
    readonly why: string;
  }[];
  /** Patterns of what tools leave behind for their next run, with a slash in front. */
  readonly leavings: readonly string[];
}

/** A file of a service that runs images: YAML, TOML or JSON by its name. */
export interface HostFile {
  /** A pattern of its name. */
  readonly file: string;
  /** Lists at the top whose elements are applications; default: the whole file is one. */
  readonly lists?: readonly string[];
  /** Where an application names its Dockerfile, as `a.b`; the one beside the file where it names none. */
  readonly dockerfile: readonly string[];
  /** Where it says what is started; `*` stands for each name. */
  readonly starts: readonly string[];
  readonly source: string;
}

/** A crate that people install as a tool. */
export interface FetchedCrate {
  readonly crate: string;
  readonly programs: readonly string[];
  /** Features that it has where nothing is said. */
  readonly usual?: readonly string[];
  /** By feature, the crate that links a library of the system. */
  readonly links?: Readonly<Record<string, string>>;
  readonly source: string;
}
