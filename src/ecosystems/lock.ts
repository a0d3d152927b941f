/** Whether what a lockfile says is what its manifests ask for: what all comparisons share. */
import { entryAt, gapsOf, isWithin, textOf } from '../analysis/context.ts';
import type { DependencyTool } from '../facts/types.ts';
import type { Lock, LockVerdict, NeededAge } from './answers.ts';
import type { Project } from './ecosystem.ts';
import { hasEntry, under } from './findings.ts';

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
