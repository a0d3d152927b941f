/** How one language installs its dependencies: the shape that all of them have. */
import type { BuildContext } from '../analysis/context.ts';
import type { SimpleCommand } from '../dockerfile/shell.ts';
import type { DependencyTool, Facts } from '../facts/types.ts';
import type { Development, Lock } from './answers.ts';
import type { Call } from '../analysis/calls.ts';
import type { Weigh } from './weight.ts';
import type { WorkAnswer, WorkScope } from './work.ts';

/** Where a command runs, and what it finds there. */
export interface Project {
  /** The files that the command finds, as a context of their own: nothing of it is ignored. */
  readonly files: BuildContext;
  /** The folder of `files` in which the command runs; empty at the top. */
  readonly folder: string;
  readonly facts: Facts;
  /** What a variable of the environment holds; `undefined` where nobody sets it. */
  readonly variable: (name: string) => string | undefined;
}

export type Install =
  | {
      readonly kind: 'install';
      readonly tool: DependencyTool;
      /** Files and folders of `files` that the install reads; all of them are there. */
      readonly reads: readonly string[];
      /** What it writes, from the top of `files`, there or not. */
      readonly writes: readonly string[];
    }
  | {
      readonly kind: 'refused';
      /** Why it may read more than manifests: a sentence without a full stop. */
      readonly why: string;
    };

export interface Ecosystem {
  readonly id: string;
  /** `undefined` for a command that installs no dependencies of a project. */
  readonly install: (command: SimpleCommand, project: Project) => Install | undefined;
  /**
   * Where nothing is known of the project: the sources of a COPY that bring what such an install
   * reads in most projects. `undefined` as above, or where nobody can say.
   */
  readonly usual: (command: SimpleCommand, facts: Facts) => readonly string[] | undefined;
  /** Whether `lock` or `development` may have an answer: asked first, as most commands are no such installs. */
  readonly mayInstall?: (command: SimpleCommand, facts: Facts) => boolean;
  /** What an install finds of its lockfile; `undefined` where it needs none, or heeds it anyway. */
  readonly lock?: (command: SimpleCommand, project: Project) => Lock | undefined;
  /** Where nothing is known of the project: the tool that most projects with such a command use. */
  readonly lockTool?: (command: SimpleCommand, facts: Facts) => DependencyTool | undefined;
  /** What an install puts in place for development only; `undefined` where there is nothing. */
  readonly development?: (command: SimpleCommand, project: Project) => Development | undefined;
  /** What a command of a build makes; `undefined` for one that is none of its tools. */
  readonly work?: (call: Call, scope: WorkScope) => WorkAnswer | undefined;
  /** What a command leaves in its layer, in bytes; `undefined` for one that is none of its tools. */
  readonly weigh?: Weigh;
  /**
   * What a command that only takes away leaves of what lay there, in bytes: nothing of it comes into the
   * layer anew. `undefined` for any other command.
   */
  readonly rest?: Weigh;
}

export function toolOf(facts: Facts, id: string): DependencyTool {
  const tool = facts.dependencyTools.find((each) => each.id === id);
  if (!tool) throw new Error(`no row says how ${id} installs`);
  return tool;
}
