/** The shapes of the rows about putting an image on another distribution. Patterns are of whole texts where nothing else is said. */

/** An option: a letter, with `:` behind it where a value follows, as getopt has it. */
export interface Applet {
  readonly short: string;
  /** Without dashes; of `find`, its words. */
  readonly long?: readonly string[];
}

/** What the programs of BusyBox know of what those of GNU do. */
export interface BusyBox {
  readonly source: string;
  readonly asked: string;
  readonly version: string;
  readonly applets: Readonly<Record<string, Applet>>;
  /** Patterns of arguments, joined by blanks, with which an applet does something else. */
  readonly words: readonly {
    readonly applet: string;
    readonly words: string;
    readonly why: string;
  }[];
}

/** How an image is moved from the packages of one manager to those of another. */
export interface Crossing {
  /** Ids of the rows of managers. */
  readonly from: string;
  readonly to: string;
  /** Id of the distribution that is moved to, and the first version that the rows hold for. */
  readonly distribution: string;
  readonly since: string;
  /** The words of the other manager, with what keeps its layer clean. */
  readonly install: string;
  readonly upgrade: string;
  readonly remove: string;
  /** Actions of which nothing is left. */
  readonly spareActions: readonly string[];
  /** Patterns of options of which nothing is left, and options whose value goes with them. */
  readonly spareOptions: readonly string[];
  readonly spareValueOptions: readonly string[];
  /** Variables that only the first manager reads. */
  readonly spareVariables: readonly string[];
  /** Patterns of what is deleted of the first manager. */
  readonly spareFolders: readonly string[];
  /** Patterns anywhere in a text that cannot be moved; `{0}` in `why` is what they found. */
  readonly foreign: readonly { readonly pattern: string; readonly why: string }[];
  /** Packages that have another name and version there, or their files elsewhere. */
  readonly elsewhere: readonly string[];
  /** Images whose files run on both. */
  readonly portableImages: readonly string[];
  /** A pattern of the paths of files that are for the libc of the first. */
  readonly nativeFiles: string;
  /** Where programs lie that are called with their folder. */
  readonly paths: readonly { readonly programs: string; readonly folder: string }[];
  readonly accounts: CrossingAccounts;
  /** Where the language comes from packages, its installer works the same only from these suites on. */
  readonly ownPython: {
    readonly suites: readonly string[];
    readonly flag: string;
    readonly why: string;
  };
  /** Megabytes that packages take, with what they bring along; rough, for those that weigh. */
  readonly sizes: Readonly<Record<string, number>>;
}

export interface CrossingAccounts {
  /** By name: the numbers that are taken. */
  readonly users: Readonly<Record<string, number>>;
  readonly groups: Readonly<Record<string, number>>;
  /** Accounts of the first distribution that the other one lacks. */
  readonly missing: readonly string[];
  /** Patterns of images that bring them all the same, under another number. */
  readonly inImages: readonly { readonly images: string; readonly users: readonly string[] }[];
  /** Folders that are there and in which homes are made. */
  readonly homes: readonly string[];
}

export interface Crossings {
  readonly source: string;
  readonly crossings: readonly Crossing[];
}
