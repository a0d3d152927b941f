/** What programs do to files: in terms of a call's words. */
import type { PackageAction } from './manager-types.ts';

/** What programs do to files, and whether they use the network. */
export interface Commands {
  readonly programs: readonly CommandRow[];
  readonly packages: readonly PackageEffectRow[];
  /** Patterns of programs whose exit status is an answer. */
  readonly questions: readonly string[];
  /** Folders that images (patterns of `name:tag`) bring for an application, with nothing in them. */
  readonly emptyFolders: readonly {
    readonly images: readonly string[];
    readonly folder: string;
    readonly source: string;
  }[];
}

export interface CommandRow {
  /** Patterns of program names, without folder. */
  readonly programs: readonly string[];
  /**
   * How options are written: `posix` (the default), `long` (`-name value`), `bundled` (as tar has
   * it), `assignments` (`of=file`), `find`.
   */
  readonly style?: 'posix' | 'long' | 'bundled' | 'assignments' | 'find';
  /** Options that take the next word, or the rest of their own, as value. */
  readonly valueOptions?: readonly string[];
  /** Short options that take only the rest of their own word: `sed -i.bak`. */
  readonly attached?: readonly string[];
  /** A pattern of operands that begin with a dash: `chmod -x`. */
  readonly dashOperands?: string;
  /** The option by which the program changes its folder first: `make -C`. */
  readonly folderOption?: string;
  /** It runs another program: its operands behind so many of its own. */
  readonly runs?: number;
  /** That program gets more arguments than are written: xargs. */
  readonly open?: boolean;
  /** The first that holds says what the call does; none: the form is not known. */
  readonly cases: readonly CommandCase[];
  readonly source: string;
}

/** Places in terms of a call's words. See `analysis/command-rows.ts` for what terms there are. */
export interface PlaceTerms {
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  readonly deletes?: readonly string[];
  /** Default `no`. */
  readonly network?: 'yes' | 'no' | 'unknown';
  /** Why it may do more than that. */
  readonly may?: string;
}

export interface CommandCase extends PlaceTerms {
  /** One of these options must be there. */
  readonly options?: readonly string[];
  /** And one of these. */
  readonly needs?: readonly string[];
  /** A pattern of the first operands, one for each of its words; they are no operands then. */
  readonly first?: string;
  /** How many operands there are at least, and at most. */
  readonly least?: number;
  readonly most?: number;
  /** What is written changes in nothing but this. */
  readonly changes?: 'owner' | 'mode';
}

/** What the calls of package managers do. */
export interface PackageEffectRow extends PlaceTerms {
  readonly managers: readonly string[];
  readonly actions: readonly PackageAction[];
  readonly source: string;
}
