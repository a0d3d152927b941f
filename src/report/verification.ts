/** What building and running an image before and after showed, as data; the JSON is exactly this. */
import { toJson } from './json.ts';

export interface Pair<T> {
  readonly before: T;
  readonly after: T;
}

/**
 * `error`: nothing can be said, as it does not build or run before either, or the engine failed.
 * `different` needs one of: a build or rebuild that succeeds before and fails after; a difference
 * of the configuration, a check of the program or of the process, or an attribute of files that
 * counts.
 */
export type Verdict = 'same' | 'different' | 'error';

export interface Verification {
  readonly file: string;
  /** The file that it is compared with; missing: what dfopt made of it. */
  readonly against?: string;
  readonly engine?: { readonly name: string; readonly version: string };
  readonly verdict: Verdict;
  /** Why the verdict is what it is. */
  readonly conclusion: string;
  /** Missing: there was nothing to build. */
  readonly builds?: {
    /** The builder could take steps from its cache, so that the seconds say little. */
    readonly cached: boolean;
    readonly before: Build;
    /** Missing: it does not build before. */
    readonly after?: Build;
  };
  // What follows is there where both images were built.
  readonly configuration?: readonly Difference[];
  /** One for each `runs` of the order, then one for each of its `requests`, in their order. */
  readonly program?: readonly ProgramCheck[];
  /** Of the main process of servers; missing: none was started. */
  readonly mainProcess?: readonly ProcessCheck[];
  /** Of paths that both images have. */
  readonly files?: FileComparison;
  readonly size?: Pair<ImageSize>;
  /** Missing: it was not asked for. */
  readonly rebuild?: Rebuild;
}

export interface Build {
  readonly seconds: number;
  readonly succeeded: boolean;
  /** In the order in which the builder began them, without those that it does for itself. */
  readonly steps: readonly Step[];
  /** The last lines that the builder wrote, where it failed. */
  readonly errors: readonly string[];
}

export interface Step {
  /** As the builder names it: `[build 2/4] RUN make`. */
  readonly name: string;
  /** Taken from the cache. */
  readonly cached: boolean;
  /** By the builder's own clock; missing: it did not end, or the builder does not tell. */
  readonly seconds?: number;
}

/** One value of the image configuration that is not the same. */
export interface Difference {
  /** As the engine calls it: `Env`, `Cmd`, `User`. */
  readonly field: string;
  /** The variable, label, port or volume, where the field has several. */
  readonly key?: string;
  /** Missing: the image does not set it. */
  readonly before?: string;
  readonly after?: string;
  /**
   * `counts`: it makes the verdict `different`. `base`: a variable, label or SHELL that only the
   * images of the FROM lines set, and not the Dockerfiles. `expected`: the order says that it may
   * change.
   */
  readonly kind: 'counts' | 'base' | 'expected';
}

/**
 * `varies`: the image before differs from itself from run to run in the same way, so that nothing
 * else could be compared. `unknown`: the image before does not run either.
 */
export type Sameness = 'same' | 'different' | 'varies' | 'unknown';

export interface ProgramCheck {
  readonly what: string;
  readonly sameness: Sameness;
  /** What happened, in a few words. */
  readonly before: string;
  readonly after: string;
  readonly details: readonly string[];
  /** What was seen, to be held against an expectation; the text report leaves it out. */
  readonly seen: Pair<Seen>;
}

/** The beginning of something written, as text. */
export interface Excerpt {
  /** UTF-8; what is not is replaced. At most 16,384 characters. */
  readonly text: string;
  /** Of all of it. */
  readonly bytes: number;
}

export type Seen =
  | {
      readonly kind: 'ended';
      readonly status: number;
      readonly stdout: Excerpt;
      readonly stderr: Excerpt;
    }
  /** It was still running at the time limit. */
  | { readonly kind: 'running'; readonly stdout: Excerpt; readonly stderr: Excerpt }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly contentType: string;
      /** Names in lower case; only those that are compared, of cookies the names alone. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Excerpt;
    }
  /** It does not start, or does not answer. */
  | { readonly kind: 'nothing'; readonly why: string };

/** What the main process of a server is to the engine and the system. */
export interface ProcessCheck {
  readonly what: 'user' | 'working folder' | 'environment' | 'open files' | 'health';
  /** `not seen`: the engine does not tell, and the process is not visible from here. */
  readonly sameness: 'same' | 'different' | 'varies' | 'not seen';
  readonly before: string;
  readonly after: string;
  readonly details: readonly string[];
}

export interface FileComparison {
  /** How many paths both images have; folders and links count. */
  readonly compared: number;
  /** Owner, mode, type and link target; most paths first. */
  readonly attributes: readonly AttributeGroup[];
  /** Contents may differ from build to build, so that they never count. Largest first. */
  readonly contents: readonly ContentGroup[];
}

/** Paths below one folder, at most two levels deep, that differ in the same attribute. */
export interface AttributeGroup {
  readonly folder: string;
  readonly attribute: 'owner' | 'mode' | 'type' | 'link target';
  readonly paths: number;
  /** The first few. */
  readonly examples: readonly {
    readonly path: string;
    /** `uid:gid`, octal mode, `file`, `folder`, a link's target. */
    readonly before: string;
    readonly after: string;
  }[];
  /** `base`: they are already like this in the images of the FROM lines. */
  readonly kind: 'counts' | 'base';
}

/** Files below one folder, at most two levels deep, with other contents. */
export interface ContentGroup {
  readonly folder: string;
  readonly files: number;
  readonly bytes: Pair<number>;
  /** The first few. */
  readonly examples: readonly string[];
}

export interface Layer {
  readonly bytes: number;
  readonly createdBy: string;
  /** By gzip, where it was asked for. */
  readonly compressed?: number;
}

/** Files below one folder, at most two levels deep, that only one of the images has. */
export interface FileGroup {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
}

export interface ImageSize {
  /** As the engine counts them. */
  readonly bytes: number;
  /** All layers by gzip, where it was asked for. */
  readonly compressed?: number;
  /** From the base upwards, without those that add nothing. */
  readonly layers: readonly Layer[];
  /** Largest first. */
  readonly onlyHere: readonly FileGroup[];
}

/** What it costs to change one file of the context and to build again with a warm cache. */
export interface Rebuild {
  /** Relative to the context; missing: there is none to be changed. */
  readonly file?: string;
  /** dfopt chose the file. */
  readonly chosen: boolean;
  /** Why there is no cost, or what makes it doubtful. */
  readonly notes: readonly string[];
  readonly before?: RebuildCost;
  readonly after?: RebuildCost;
}

export interface RebuildCost {
  readonly succeeded: boolean;
  readonly seconds: number;
  readonly steps: readonly Step[];
  /** Layers that are not those of the image built before the change: to be pushed and pulled. */
  readonly layers: readonly Layer[];
  /** Of these layers, uncompressed. */
  readonly bytes: number;
  /** The last lines that the builder wrote, where it failed. */
  readonly errors: readonly string[];
}

export function verificationJson(verification: Verification): string {
  return toJson(verification);
}
