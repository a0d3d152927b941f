/** What verify is asked to do, and what it tells while it does it. */
import type { Pair, Step } from '../report/verification.ts';

export interface Order {
  /** As the user calls them. */
  readonly file: string;
  /** Missing: `sources.after` is what dfopt made. */
  readonly against?: string;
  readonly sources: Pair<Source>;
  /** An absolute path; never written to. */
  readonly context: string;
  /** `NAME=value`, or `NAME` for the value in the environment. */
  readonly buildArgs: readonly string[];
  /** Of both builds; `undefined`: the engine's default. */
  readonly network: string | undefined;
  /** May the builds take steps from the builder's cache? */
  readonly isCached: boolean;
  /** Empty, and no requests: the image's own command is run. */
  readonly runs: readonly Run[];
  readonly requests: readonly Request[];
  /** For a program to end, to answer or to become healthy. */
  readonly timeoutMs: number;
  /** Missing: the cost of a rebuild is not measured. */
  readonly rebuild?: RebuildOrder;
  /** Differences of the configuration that are meant. */
  readonly expectedChanges: readonly ExpectedChange[];
  /** Measure by gzip too; takes some time. */
  readonly hasCompressed: boolean;
}

/** A Dockerfile as the builder will see it. */
export interface Source {
  readonly text: string;
  /** Rules that lie beside it and hold for it alone: `<name>.dockerignore`. */
  readonly ignore?: string;
}

/** What is run in a container of each image, without a network. */
export type Run =
  | { readonly kind: 'own command' }
  /** Behind the image's ENTRYPOINT, in place of its CMD: `docker run IMAGE ARGUMENTS`. */
  | { readonly kind: 'arguments'; readonly argv: readonly string[] }
  /** In place of both. */
  | { readonly kind: 'program'; readonly argv: readonly string[] };

/** A GET to a server: the port that it listens to, and a path with its query. */
export interface Request {
  readonly port: number;
  readonly path: string;
}

export interface RebuildOrder {
  /** Missing: a source file is chosen. */
  readonly edit?: {
    /** Relative to the context. */
    readonly path: string;
    /** All of the file after the change; missing: a line end is appended. */
    readonly text?: string;
  };
}

export interface ExpectedChange {
  /** As the engine calls it: `Env`, `User`. */
  readonly field: string;
  /** Missing: all of the field. */
  readonly key?: string;
}

/** Any text in it may hold whatever a Dockerfile holds. */
export type Progress =
  /** What is done from now on. */
  | { readonly kind: 'phase'; readonly text: string }
  /** A step of a build began, or ended (with `seconds`, or from the cache). */
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'warning'; readonly text: string };

export type Say = (progress: Progress) => void;
