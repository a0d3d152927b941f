/** `/dfopt …` in a comment: what it asks for, and who may ask. */
import { LEVELS, type Level } from '../pass.ts';
import type { OptimizeOptions } from '../pipeline.ts';

export type Command =
  | { readonly kind: 'rebase' }
  | { readonly kind: 'ignore'; readonly pass: string }
  | { readonly kind: 'level'; readonly level: Level };

export type ParsedCommand =
  | { readonly kind: 'command'; readonly command: Command }
  /** Somebody meant a command; `why` is a sentence in Markdown, safe to post as it is. */
  | { readonly kind: 'problem'; readonly why: string };

/** As GitHub's `GET …/collaborators/{user}/permission` has it, in `permission` or `role_name`. */
export type Permission = string;

/** A comment that might hold a command. */
export interface CommandComment {
  readonly body: string;
  readonly permission: Permission;
}

/** What all commands of a pull request come to; they are read anew each time, so that nothing is kept. */
export interface CommandState {
  readonly ignored: readonly string[];
  readonly level: Level | undefined;
}

/** May people with this permission give commands? */
export function hasWriteAccess(permission: Permission): boolean {
  return ['admin', 'maintain', 'write'].includes(permission);
}
