/** Which processes run in the containers that a builder without a daemon has started? */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Those below a process that are in another process namespace than it is; the builder's own
 * helpers are not.
 */
export function containedBelow(pid: number): number[] {
  const parents = new Map(
    processes().flatMap((each): [number, number][] => {
      const parent = parentOf(each);
      return parent === undefined ? [] : [[each, parent]];
    }),
  );
  const isBelow = (each: number | undefined): boolean =>
    each !== undefined && (parents.get(each) === pid || isBelow(parents.get(each)));
  const own = namespaceOf(pid);
  if (own === undefined) return [];
  return [...parents.keys()].filter((each) => {
    const other = isBelow(each) ? namespaceOf(each) : undefined;
    return other !== undefined && other !== own;
  });
}

function processes(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    // No Linux.
    return [];
  }
}

function parentOf(pid: number): number | undefined {
  try {
    const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return parent === undefined ? undefined : Number(parent);
  } catch {
    // It has ended.
    return undefined;
  }
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}
