/**
 * Which edits of a rewrite can be suggested on lines of a pull request, and how: each suggestion must be
 * right when it is taken alone, and all together must be what dfopt makes of the file.
 *
 * Both are shown by running the pipeline again, with its checks: for each suggestion with all others
 * denied, and in the end with all denied that cannot be suggested. Edits whose lines touch, and edits that
 * require one another, are one suggestion. What cannot be suggested keeps its reason.
 */
import { placeOf } from '../dockerfile/place.ts';
import type { Remark } from '../pass.ts';
import type { Result } from '../pipeline.ts';
import { lineEdits, type LineEdit } from '../report/formats/line-edits.ts';
import type { Hunk } from './patch.ts';
import { applied, extentOf, overlap, replacementOf, touch, type Replacement } from './spans.ts';

export interface Suggestion extends Replacement {
  /** In pipeline order; at least one. */
  readonly remarks: readonly Remark[];
}

export interface Placed {
  /** Of the run that makes just the edits that are suggested. */
  readonly result: Result;
  /** In the order of the lines; none overlaps another. */
  readonly suggestions: readonly Suggestion[];
  /** By the id of a remark of the whole rewrite: why it is not suggested. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** Runs the pipeline with these remarks denied. */
export type Run = (deny: ReadonlySet<string>) => Result;

/** Each round denies something more; nobody has seen the eighth. */
const ROUNDS = 12;

/**
 * @param whole what dfopt makes of the file where all edits may be made that are wanted
 * @param deny what may not be made, or shall not be suggested, with the reason
 * @param mostEdits each costs two runs or more: of a file with more, only so many, the first, are tried
 */
export function place(
  whole: Result,
  hunks: readonly Hunk[],
  run: Run,
  deny: ReadonlyMap<string, string>,
  mostEdits: number,
): Placed {
  const reasons = new Map(deny);
  const wanted = new Set(appliedOf(whole).map(({ id }) => id));
  for (const { id } of appliedOf(whole).slice(mostEdits)) add(reasons, id, TOO_MANY);
  // Without a line to stand on, no run is needed to know that nothing can be suggested.
  if (hunks.length === 0) for (const id of wanted) add(reasons, id, NO_LINES);
  for (let round = 0; round < ROUNDS; round++) {
    const result = run(new Set(reasons.keys()));
    const again = (more: readonly string[]): Result => run(new Set([...reasons.keys(), ...more]));
    const refused = new Map<string, string>();
    // In place of what was denied, others may be made: they are not what dfopt wants.
    for (const { id } of appliedOf(result)) if (!wanted.has(id)) refused.set(id, INSTEAD);
    const suggestions = refused.size > 0 ? [] : suggestionsOf(result, hunks, again, refused);
    if (refused.size === 0) return { result, suggestions, reasons };
    for (const [id, why] of refused) add(reasons, id, why);
  }
  for (const id of wanted) add(reasons, id, TANGLED);
  return { result: nothing(whole), suggestions: [], reasons };
}

const TOO_MANY = 'there are too many edits in the file';
const NO_LINES = 'the pull request shows no lines of the file';
const INSTEAD = 'it takes the place of another edit';
const TANGLED = 'it cannot be told apart from other edits';
const BESIDE = 'another file must change with it';

function add(reasons: Map<string, string>, id: string, why: string): void {
  if (!reasons.has(id)) reasons.set(id, why);
}

function nothing(whole: Result): Result {
  return { ...whole, output: whole.input, files: [], remarks: [], estimate: undefined };
}

export function appliedOf({ remarks }: Result): readonly Remark[] {
  return remarks.filter(({ outcome }) => outcome === 'applied');
}

/** Edits that are one suggestion, and what they change where they are made alone. */
interface Group {
  readonly remarks: readonly Remark[];
  readonly edits: readonly LineEdit[];
  readonly extent: Hunk;
}

/** @param refused gets the ids of edits that cannot be suggested, with the reason */
function suggestionsOf(
  result: Result,
  hunks: readonly Hunk[],
  again: (deny: readonly string[]) => Result,
  refused: Map<string, string>,
): readonly Suggestion[] {
  let groups: readonly Group[] = [];
  // Edits of neighbouring lines are suggestions of their own, where they come out the same.
  for (const isNear of [overlap, touch]) {
    groups = groupsOf(result, again, isNear, refused);
    if (refused.size > 0) return [];
    const suggestions = groups.flatMap((group) => suggestionOf(group, result, hunks, refused));
    if (refused.size > 0) return [];
    if (!hasOverlap(suggestions) && applied(result.input, suggestions) === result.output) {
      return suggestions.toSorted((one, other) => one.start - other.start);
    }
  }
  // One goes, then it is seen whether the rest is right: the last made is the least of them.
  const all = lineEdits(result.input, result.output);
  const odd = groups.findLast((group) => !isPartOf(group, all)) ?? groups.at(-1)!;
  refuse(odd, TANGLED, refused);
  return [];
}

function refuse({ remarks }: Group, why: string, refused: Map<string, string>): void {
  for (const { id } of remarks) add(refused, id, why);
}

function suggestionOf(
  group: Group,
  { input }: Result,
  hunks: readonly Hunk[],
  refused: Map<string, string>,
): Suggestion[] {
  const { remarks, edits } = group;
  if (remarks.some(({ files }) => files.length > 0) || edits.length === 0) {
    refuse(group, BESIDE, refused);
    return [];
  }
  const replacement = replacementOf(input, edits, hunks);
  if (!('why' in replacement)) return [{ ...replacement, remarks }];
  refuse(group, replacement.why, refused);
  return [];
}

function hasOverlap(suggestions: readonly Suggestion[]): boolean {
  return suggestions.some((one, at) =>
    suggestions.slice(at + 1).some((other) => overlap(one, other)),
  );
}

/** What the group does alone is what the whole does at its lines. */
function isPartOf({ edits }: Group, all: readonly LineEdit[]): boolean {
  return edits.every(({ start, count, text }) =>
    all.some((each) => each.start === start && each.count === count && each.text === text),
  );
}

function groupsOf(
  result: Result,
  again: (deny: readonly string[]) => Result,
  isNear: (one: Hunk, other: Hunk) => boolean,
  refused: Map<string, string>,
): readonly Group[] {
  const remarks = appliedOf(result);
  let sets = joined(
    remarks.map((remark) => [remark]),
    (one, other) => doRequire(one, other) || doRequire(other, one),
  ).map((same) => inOrder(same.flat(), remarks));
  const known = new Map<string, Group | undefined>();
  for (;;) {
    const groups = sets.map((set) => {
      const name = set.map(({ id }) => id).join(' ');
      if (!known.has(name)) known.set(name, groupOf(set, remarks, again));
      return { set, group: known.get(name) };
    });
    const together = joined(groups, (one, other) => {
      if (one.group && other.group) return isNear(one.group.extent, other.group.extent);
      // What is not right alone may be so with what is done to the same instructions.
      return isAboutSame(one.set, other.set);
    });
    if (together.length === groups.length) {
      for (const { set, group } of groups) {
        if (!group) for (const { id } of set) add(refused, id, TANGLED);
      }
      return groups.flatMap(({ group }) => group ?? []);
    }
    sets = together.map((same) =>
      inOrder(
        same.flatMap(({ set }) => set),
        remarks,
      ),
    );
  }
}

function inOrder(some: readonly Remark[], all: readonly Remark[]): readonly Remark[] {
  return all.filter((remark) => some.includes(remark));
}

function doRequire(one: readonly Remark[], other: readonly Remark[]): boolean {
  return one.some(({ requires }) => other.some(({ id }) => requires.includes(id)));
}

function isAboutSame(one: readonly Remark[], other: readonly Remark[]): boolean {
  const places = new Set(one.flatMap(({ origins }) => origins.map(placeOf)));
  return other.some(({ origins }) => origins.some((origin) => places.has(placeOf(origin))));
}

/** Sets of sets, those together that are the same to each other, directly or by others. */
function joined<T>(parts: readonly T[], areSame: (one: T, other: T) => boolean): T[][] {
  const sets: T[][] = [];
  for (const part of parts) {
    const same = sets.filter((set) => set.some((each) => areSame(each, part)));
    const merged = [...same.flat(), part];
    for (const set of same) sets.splice(sets.indexOf(set), 1);
    sets.push(merged);
  }
  return sets;
}

/** Edits that show themselves only when others are denied; more would be a loop. */
const HIDDEN_ROUNDS = 5;

/** @returns `undefined` where these edits cannot be made without others */
function groupOf(
  set: readonly Remark[],
  all: readonly Remark[],
  again: (deny: readonly string[]) => Result,
): Group | undefined {
  const deny = all.flatMap((each) => (set.includes(each) ? [] : [each.id]));
  for (let round = 0; round < HIDDEN_ROUNDS; round++) {
    const next = again(deny);
    const made = appliedOf(next).map(({ id }) => id);
    const others = made.filter((id) => !set.some((each) => each.id === id));
    if (others.length > 0) {
      deny.push(...others);
      continue;
    }
    const edits = lineEdits(next.input, next.output);
    const extent = extentOf(edits) ?? NOWHERE;
    return made.length === set.length ? { remarks: set, edits, extent } : undefined;
  }
  return undefined;
}

/** Of edits of other files alone. */
const NOWHERE: Hunk = { start: -9, end: -9 };
