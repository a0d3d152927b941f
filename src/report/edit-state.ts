/** Edits taken one by one: which there are to take, what taking one changes, and what falls when one is left. */
import { savedBetween } from '../estimate/saving.ts';
import type { Remark } from '../pass.ts';
import type { OptimizeOptions, Result } from '../pipeline.ts';
import { patchOf, type Patch } from './diff.ts';

/** The rewrite of one file, with these edits taken alone, or with these left out. */
export type Rewrite = (choice: Pick<OptimizeOptions, 'take' | 'deny'>) => Result;

/** What was decided of a file, by ids of remarks. */
export interface Decisions {
  readonly taken: ReadonlySet<string>;
  readonly skipped: ReadonlySet<string>;
}

export const UNDECIDED: Decisions = { taken: new Set(), skipped: new Set() };

/** A file whose edits are decided one by one. */
export interface EditState {
  /** All that would be made if what is undecided were taken, in pipeline order. */
  readonly edits: readonly Remark[];
  /** The first of them that is undecided. */
  readonly next: Remark | undefined;
  /** What is undecided, the next one with it. */
  readonly left: readonly Remark[];
  /** The file with what was taken, and nothing else. */
  readonly now: Result;
}

/** What taking an edit changes, on top of those that were taken. */
export interface Preview {
  /** With its figures; as it was listed where it cannot be made before later ones. */
  readonly remark: Remark;
  /** Of the Dockerfile; without hunks where that stays, or changes with later edits only. */
  readonly patch: Patch;
  /** Of files beside it. */
  readonly others: readonly Patch[];
  readonly after: Result;
}

/** A pass sees only what passes before it made, so that what is decided first never depends on later ones. */
export function stateOf(rewrite: Rewrite, { taken, skipped }: Decisions): EditState {
  const edits = appliedOf(rewrite({ deny: skipped }));
  const left = edits.filter(({ id }) => !taken.has(id));
  return { edits, left, next: left[0], now: rewrite({ take: taken }) };
}

/** @param nameOf the name in a diff of a file beside the Dockerfile */
export function previewOf(
  rewrite: Rewrite,
  { taken }: Decisions,
  { now, next }: EditState & { readonly next: Remark },
  diffName: string,
  nameOf: (path: string) => string,
): Preview {
  const after = rewrite({ take: new Set([...taken, next.id]) });
  const others = after.files.flatMap(({ path, before, after: text }) => {
    const last = now.files.find((each) => each.path === path)?.after ?? before;
    return last === text ? [] : [patchOf(nameOf(path), last, text)];
  });
  const remark = appliedOf(after).find(({ id }) => id === next.id) ?? next;
  const before = now.estimate?.after ?? after.estimate?.before;
  return {
    // The remark's own figure may be shared out among edits of the same lines.
    remark:
      before && after.estimate
        ? { ...remark, saved: savedBetween(before, after.estimate.after) }
        : remark,
    patch: patchOf(diffName, now.output, after.output),
    others,
    after,
  };
}

/** Which edits are no longer there, and which came instead, since one was left. */
export function changesBetween(
  before: EditState,
  after: EditState,
  decided: ReadonlySet<string>,
): { readonly fallen: readonly Remark[]; readonly risen: readonly Remark[] } {
  const without = (some: readonly Remark[], others: readonly Remark[]): readonly Remark[] =>
    some.filter(({ id }) => !decided.has(id) && !others.some((each) => each.id === id));
  return {
    fallen: without(before.left, after.edits),
    risen: without(after.left, before.edits),
  };
}

/** Edits that make no sense without this one, those that need one of them among them. */
export function dependantsOf(id: string, edits: readonly Remark[]): readonly Remark[] {
  const needed = new Set([id]);
  // A remark requires only earlier ones.
  return edits.filter((each) => {
    const depends = each.requires.some((other) => needed.has(other));
    if (depends) needed.add(each.id);
    return depends;
  });
}

export function appliedOf({ remarks }: Pick<Result, 'remarks'>): readonly Remark[] {
  return remarks.filter(({ outcome }) => outcome === 'applied');
}
