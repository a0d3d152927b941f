/** Whether what a lockfile says is what its manifests ask for: the shape of all answers. */
import { entryAt, gapsOf, isWithin, textOf } from '../analysis/context.ts';
import type { DependencyTool } from '../facts/types.ts';
import type { Project } from './ecosystem.ts';
import { hasEntry, under } from './findings.ts';

/** A row of the tool ages, and what it must say of the image. */
export interface NeededAge {
  readonly row: string;
  readonly age: 'new' | 'old';
}

/** What comparing a lockfile with its manifests shows. */
export type LockVerdict =
  | {
      readonly kind: 'in sync';
      /** What must hold of the tool in the image. */
      readonly ages: readonly NeededAge[];
      /** What could not be compared: a sentence without a full stop each. */
      readonly assumptions: readonly string[];
    }
  | {
      readonly kind: 'differs';
      /** Follows the lockfile's name: "has no left-pad". */
      readonly why: string;
    };

/** What an install finds beside its manifest. */
export type Lock =
  | {
      readonly kind: 'locked';
      readonly tool: DependencyTool;
      /** By its path in the files. */
      readonly path: string;
      readonly verdict: LockVerdict;
      /** What the install writes into: where it starts anew, it deletes them first. */
      readonly writes: readonly string[];
    }
  | {
      readonly kind: 'absent';
      readonly tool: DependencyTool;
      /** The folder in which a lockfile would have to lie, and the manifest that does. */
      readonly folder: string;
      readonly manifest: string;
    }
  | { readonly kind: 'refused'; readonly why: string };

export function inSync(
  ages: readonly NeededAge[] = [],
  assumptions: readonly string[] = [],
): LockVerdict {
  return { kind: 'in sync', ages, assumptions };
}

export function differs(why: string): LockVerdict {
  return { kind: 'differs', why };
}

/** The text of a manifest or lockfile; `undefined` where it is not there or not known. */
export function plainTextAt({ files }: Project, path: string): string | undefined {
  const text = textOf(files, path);
  return text.kind === 'text' ? text.text.replace(/^\ufeff/, '') : undefined;
}

/** A tool whose lockfile is not compared: that it is up to date is assumed. */
export function assumedLock(project: Project, tool: DependencyTool, manifest: string): Lock {
  const { files, folder } = project;
  const gap = gapsOf(files).find((each) => isWithin(under(folder, manifest), each.path));
  if (gap) return { kind: 'refused', why: `/${gap.path} ${gap.why}` };
  const lock = tool.frozen?.locks.find((name) => hasEntry(files, under(folder, name)));
  if (lock === undefined) {
    return { kind: 'absent', tool, folder, manifest: under(folder, manifest) };
  }
  const path = under(folder, lock);
  if (entryAt(files, path)?.kind !== 'file') return { kind: 'refused', why: `${path} is no file` };
  return {
    kind: 'locked',
    tool,
    path,
    verdict: inSync([], [`${lock} is up to date with ${manifest}`]),
    writes: [],
  };
}

/** What a field says, for a remark. */
export function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'something else';
}
