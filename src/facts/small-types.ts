/** What is known of images without a shell, and of code that does not find in them what it asks for. */

/** An image that can take the place of a larger one. */
export interface SmallImage {
  /** As in FROM, without a tag. */
  readonly image: string;
  /** The packages of Debian whose libraries it has for programs that link them. */
  readonly libraries?: readonly string[];
  readonly runtime?: SmallRuntime;
}

export interface SmallRuntime {
  /** A key of an image's runtimes: `node`. */
  readonly id: string;
  readonly version: string;
  /** A pattern of the names by which commands call it. */
  readonly calls: string;
  readonly program: string;
  /** What it runs was made for no libc. */
  readonly isPortable?: true;
  /** A pattern of folders for which it has no use: what is copied there would not be found. */
  readonly foreign?: string;
}

/** What a program may ask of an image beside libraries. */
export type Asked =
  | 'certificates'
  | 'time zones'
  | 'a folder for temporary files'
  | 'accounts'
  | 'other programs'
  | 'files of the system';

/** Patterns are of whole texts, but `code`, which is of a place in a text. */
export interface SmallImages {
  readonly source: string;
  readonly images: readonly SmallImage[];
  /** The accounts of those that have any. */
  readonly accounts: readonly string[];
  /** Packages of which they have the files. */
  readonly brings: readonly { readonly packages: string; readonly of: Asked }[];
  /** Patterns of commands that only clean up behind an install of those. */
  readonly tidying: readonly string[];
  /** An ENTRYPOINT of an image that runs what it is given. */
  readonly passOn: readonly {
    readonly images: string;
    readonly entrypoint: readonly string[];
    readonly why: string;
  }[];
  /** Patterns of variables that only tell what an image was made of. */
  readonly versionVariables: readonly string[];
  /** Where source code asks for something. */
  readonly code: readonly {
    readonly files: string;
    readonly of: Asked;
    readonly code: string;
  }[];
}
