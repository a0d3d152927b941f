/** The shapes of what commands do: how sure, how well known, which files, what stays in the shell. */
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { Leftover } from '../facts/types.ts';
import type { PackageCommand } from './packages.ts';
import type { Answer, Place } from './places.ts';
import type { Text } from './values.ts';

/**
 * How sure it is that a command runs when its RUN succeeds: it runs and succeeds; it runs, unless
 * something goes wrong before it that the RUN does not notice; or that depends on something.
 */
export type Certainty = 'succeeds' | 'runs' | 'may run';

/** What is known of a call: all that it does, the least that it does, or nothing. */
export type Knowledge = 'complete' | 'partial' | 'none';

export type LeakKind =
  | 'folder'
  | 'variable'
  | 'option'
  | 'mask'
  | 'limit'
  | 'function'
  | 'alias'
  | 'trap'
  | 'sourced'
  | 'background'
  | 'redirection'
  /** Nothing runs behind it: exit, exec, return. */
  | 'end'
  | 'unknown';

/** Something that would reach a command put behind in the same shell. */
export interface Leak {
  readonly kind: LeakKind;
  /** For a remark: `cd /app`, `export A`. */
  readonly what: string;
  readonly certainty: Certainty;
}

export interface CommandEffects {
  /** `undefined` for an exec form without a shell, and for redirections of a compound. */
  readonly command: SimpleCommand | undefined;
  /** Its name as called, without folder; `undefined` where that is not known or there is none. */
  readonly program: string | undefined;
  readonly certainty: Certainty;
  /** Where it runs. */
  readonly folder: Text;
  readonly knowledge: Knowledge;
  /** Why not all is known. */
  readonly because: string | undefined;
  /** What it asks of a package manager. */
  readonly call: PackageCommand | undefined;
  readonly reads: readonly Place[];
  readonly writes: readonly Place[];
  readonly deletes: readonly Place[];
  /** All that it writes changes in nothing but this. */
  readonly changes: 'owner' | 'mode' | undefined;
  /** What its package manager leaves behind, where the call's own words do not settle that. */
  readonly leaves: readonly Leftover[];
  readonly network: Answer;
}
