/** Single edits of a rewrite: what the files become where one is made without the others. */
import type { Remark } from '../pass.ts';
import type { Result } from '../pipeline.ts';

/** Edits that show themselves only when others are denied; more would be a loop. */
const ROUNDS = 5;

/** Each costs a run: of a file with more edits only so many, the first ones, are made alone. */
const MOST = 40;

/**
 * Each edit made alone, with those that it requires: run again with the others denied, so that what
 * comes out went through the same checks as the whole. An edit that is right only after others that it
 * does not name has none.
 *
 * @param again the same run with these edits denied, besides those that were
 * @returns results by the ids of applied remarks
 */
export function fixesOf(
  result: Result,
  again: (deny: readonly string[]) => Result,
): ReadonlyMap<string, Result> {
  const applied = appliedOf(result);
  const fixes = new Map<string, Result>();
  for (const { id } of applied.slice(0, MOST)) {
    const alone = fixOf(id, result, again);
    if (alone) fixes.set(id, alone);
  }
  return fixes;
}

/** One of them. @param id of an applied remark */
export function fixOf(
  id: string,
  result: Result,
  again: (deny: readonly string[]) => Result,
): Result | undefined {
  const applied = appliedOf(result);
  const kept = withRequired(id, applied);
  const deny = applied.flatMap((each) => (kept.has(each.id) ? [] : [each.id]));
  if (deny.length === 0) return result;
  for (let round = 0; round < ROUNDS; round++) {
    const next = again(deny);
    const made = appliedOf(next).map((each) => each.id);
    const others = made.filter((each) => !kept.has(each));
    if (others.length === 0) return made.includes(id) ? next : undefined;
    deny.push(...others);
  }
  return undefined;
}

function withRequired(id: string, applied: readonly Remark[]): ReadonlySet<string> {
  const kept = new Set<string>();
  const left = [id];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (kept.has(next)) continue;
    kept.add(next);
    left.push(...(applied.find((each) => each.id === next)?.requires ?? []));
  }
  return kept;
}

function appliedOf({ remarks }: Result): readonly Remark[] {
  return remarks.filter(({ outcome }) => outcome === 'applied');
}
