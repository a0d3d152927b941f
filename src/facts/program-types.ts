/** What is known of programs by their names: what they start, read and make. Patterns are of whole texts. */

export interface Programs {
  readonly source: string;
  /** They check a server's certificate against those of the system. */
  readonly certificateReaders: readonly string[];
  /** A pattern of what asks for them by their place, or by an option, in settings, calls and code. */
  readonly certificateNames: string;
  readonly calls: readonly ProgramCall[];
  /** Patterns of programs that make programs, or parts of them. */
  readonly compilers: readonly string[];
  /** Calls that may compile, though their program is none of a compiler's. */
  readonly builders: readonly {
    readonly program: string;
    readonly words?: string;
    readonly why: string;
  }[];
  /** Patterns of programs that start what their own files tell them to. */
  readonly dispatchers: readonly string[];
  /** Programs that fetch what they are told to. */
  readonly downloaders: readonly string[];
  /** What is fetched and asks nothing of the system. */
  readonly plainDownloads: readonly { readonly words: string; readonly why: string }[];
  /** Where source code starts programs. */
  readonly spawners: readonly {
    readonly files: string;
    readonly code: string;
    /** It runs as what a build makes of it for a runtime: the image that runs it does not have it. */
    readonly isClosed?: true;
  }[];
  /** Where source code loads libraries of the system. */
  readonly loaders: readonly { readonly files: string; readonly code: string }[];
  /** A pattern of paths: files that do not run in an image. */
  readonly testFiles: string;
  /** Packages that cannot be installed where the folders of manual pages are missing. */
  readonly manualPages: {
    readonly packages: readonly string[];
    readonly suites: readonly string[];
    readonly why: string;
  };
}

/** Programs that a program starts when it is called so. */
export interface ProgramCall {
  /** A pattern of its name, without folder. */
  readonly program: string;
  /** A pattern of its arguments, joined by blanks; absent: all. */
  readonly words?: string;
  readonly needs: readonly string[];
  readonly why: string;
}
