/** The shapes of rows about what tools keep between builds, and about accounts. */

/** What tools keep between builds, and where. Patterns of calls are of all words behind the program. */
export interface Caches {
  readonly rows: readonly CacheRow[];
  /** Programs that run what a project tells them to: patterns of names. */
  readonly runners: readonly string[];
  /** Programs that start others when a container runs: patterns of names. */
  readonly starters: readonly string[];
  readonly accounts: readonly AccountRow[];
}

export interface CacheRow {
  readonly id: string;
  /** For a remark: "npm's download cache". */
  readonly what: string;
  /** Patterns of program names, without folder. */
  readonly programs: readonly string[];
  /** As in `Manager`: `python -m pip`. */
  readonly through?: readonly { readonly program: string; readonly words: readonly string[] }[];
  /** Calls that download what a project depends on, or compile it: they are worth a mount. */
  readonly pays: readonly string[];
  /** Calls that only fill it, ahead of others. */
  readonly downloads?: readonly string[];
  /** Calls that neither fill nor read it. */
  readonly noUse?: readonly string[];
  /** Patterns of single words with which a call is not worth a mount, or has a cache elsewhere. */
  readonly unless?: readonly string[];
  /** Patterns of files of the build context with which it is not used. */
  readonly unlessFiles?: readonly string[];
  /** Patterns of files of which the build context has one where it is used. */
  readonly needsFiles?: readonly string[];
  /** Patterns of which one must stand in the RUN or before it. */
  readonly needsText?: readonly string[];
  /** Words that switch it off for the sake of a small layer: with a mount they go. */
  readonly switches?: readonly string[];
  readonly folders: readonly CacheFolder[];
  /** `~` is the account's own home folder, whatever HOME says. */
  readonly homeIsOfAccount?: boolean;
  /** A pattern of the base's `name:tag`. */
  readonly onlyOn?: string;
  /** As `onlyOn`: there the tool is too old to have such a cache. */
  readonly notOn?: string;
  /** ENV and ARG names, or `NAME=value`, by which the author decides about it. */
  readonly offBy?: readonly string[];
  /** Patterns of shell code that puts it elsewhere. */
  readonly settledByText?: readonly string[];
  /** Patterns of text that needs what is in it, without a network. */
  readonly offline?: readonly string[];
  /** Patterns of text in CMD, ENTRYPOINT and HEALTHCHECK that reads it. */
  readonly readAtRun?: readonly string[];
  /** Calls that empty it. */
  readonly cleans?: readonly string[];
  /** Later calls read what earlier ones left in it, and download it again where it is gone. */
  readonly isStore?: boolean;
  /** As every store: the tool would look for it when it runs in a container. */
  readonly isReadAtRun?: boolean;
  /** It is about packages of the distribution, not of the project. */
  readonly isSystem?: boolean;
  /** `locked`: the tool is not safe for two builds at once. */
  readonly sharing?: 'locked';
  /** Images whose cache fits no others, by patterns of `name:tag`, and the id that it gets. */
  readonly apart?: readonly { readonly images: string; readonly id: string }[];
  readonly source: string;
}

export interface CacheFolder {
  /** `~` is the home folder; absent: only a variable says where it is. */
  readonly path?: string;
  /** Where it is another one for root. */
  readonly rootPath?: string;
  /** Variables that say where it is, the strongest first: `GOCACHE`, `GOPATH/pkg/mod`. */
  readonly movedBy: readonly string[];
}

/** An account that images of a pattern (`name:tag`) have. */
export interface AccountRow {
  readonly images: string;
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  /** Folders below it that are there and belong to it. */
  readonly folders: readonly string[];
  readonly source: string;
}
