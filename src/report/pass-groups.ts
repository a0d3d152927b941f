/** The edits of a file pass by pass: which hunks each made, and which reasons belong to them. */
import type { StructuredPatchHunk } from 'diff';
import { plus, type Amount } from '../analysis/amounts.ts';
import { LEVELS, type Level, type Remark } from '../pass.ts';
import type { EditPlaces, LineRange } from '../pass-places.ts';
import type { Result, Step } from '../pipeline.ts';
import { patchOf, type Patch } from './diff.ts';
import type { FileReport } from './file-report.ts';

/** Reasons, and what of the file they are the reasons for. */
export interface Chunk {
  /** Empty where they stand above an earlier chunk. */
  readonly remarks: readonly Remark[];
  /** Right after those before it: one after the other, `git apply` makes of them what they add up to. */
  readonly patch: Patch;
}

export interface PassGroup {
  readonly pass: string;
  /** Of its most daring edit. */
  readonly level: Level;
  readonly edits: number;
  /** `undefined` where nobody asked. */
  readonly saved: Amount | undefined;
  readonly chunks: readonly Chunk[];
}

/** In pipeline order, so that each goes on where the one before it left the file. */
export function passGroups({ diffName, result, others }: FileReport): PassGroup[] {
  if (!result) return [];
  const names = new Map(result.files.map(({ path }, index) => [path, others[index]?.diffName]));
  return stepsOf(result).map((step, index, steps) => {
    const last = steps[index - 1];
    const remarks = appliedBy(step, result.remarks);
    const own = chunksOf(
      patchOf(diffName, last?.output ?? result.input, step.output),
      remarks,
      step.edits,
    );
    const rest = step.files.flatMap(({ path, before, after }) => {
      const text = last?.files.find((each) => each.path === path)?.after ?? before;
      const patch = patchOf(names.get(path) ?? path, text, after);
      const shown = new Set(own.flatMap((chunk) => chunk.remarks));
      const reasons = remarks.filter((each) => !shown.has(each) && each.files.includes(path));
      return text === after ? [] : [{ remarks: reasons, patch }];
    });
    return { pass: step.pass, ...totalsOf(remarks), chunks: withAll(remarks, [...own, ...rest]) };
  });
}

/** What came without steps is one: all reasons above one diff. */
function stepsOf(result: Result): readonly Step[] {
  if (result.steps) return result.steps;
  const { remarks, output, files } = result;
  const passes = [...new Set(remarks.filter(isApplied).map(({ pass }) => pass))];
  return passes.length === 0 ? [] : [{ pass: passes.join(', '), output, files, edits: [] }];
}

function appliedBy({ pass, edits }: Step, remarks: readonly Remark[]): readonly Remark[] {
  const ids = new Set(edits.map(({ id }) => id));
  const names = new Set(pass.split(', '));
  return remarks.filter(
    (each) => isApplied(each) && (ids.size === 0 ? names.has(each.pass) : ids.has(each.id)),
  );
}

function isApplied({ outcome }: Remark): boolean {
  return outcome === 'applied';
}

/** Of edits of one pass, or of all: how many, how daring, and what they save together. */
export function totalsOf(remarks: readonly Remark[]): Pick<PassGroup, 'level' | 'edits' | 'saved'> {
  const level = LEVELS.findLast((each) => remarks.some((remark) => remark.level === each));
  const known = remarks.flatMap(({ saved }) => saved ?? []);
  return {
    level: level ?? LEVELS[0],
    edits: remarks.length,
    saved: known.length === 0 ? undefined : known.reduce(plus),
  };
}

/** A new chunk where a hunk has reasons that were not given yet. */
function chunksOf(
  patch: Patch,
  remarks: readonly Remark[],
  places: readonly EditPlaces[],
): readonly Chunk[] {
  const given = new Set<string>();
  const chunks: { remarks: Remark[]; hunks: StructuredPatchHunk[] }[] = [];
  for (const hunk of patch.hunks) {
    const at = changedLines(hunk);
    const reasons = remarks.filter(({ id }) => {
      const place = places.find((each) => each.id === id);
      return place && !given.has(id) && isTouched(place, at);
    });
    for (const { id } of reasons) given.add(id);
    const last = chunks.at(-1);
    if (last && reasons.length === 0) last.hunks.push(hunk);
    else chunks.push({ remarks: reasons, hunks: [hunk] });
  }
  return chunks.map((chunk, index) => ({
    remarks: chunk.remarks,
    patch: { ...patch, hunks: moved(chunk.hunks, chunks[index - 1]?.hunks.at(-1)) },
  }));
}

/** Where the chunks before are applied, a hunk's old lines stand where they have moved them. */
function moved(
  hunks: readonly StructuredPatchHunk[],
  last: StructuredPatchHunk | undefined,
): StructuredPatchHunk[] {
  if (!last) return [...hunks];
  const by = last.newStart + last.newLines - (last.oldStart + last.oldLines);
  return hunks.map((hunk) => ({ ...hunk, oldStart: hunk.oldStart + by }));
}

interface ChangedLines {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

function changedLines({ lines, oldStart, newStart }: StructuredPatchHunk): ChangedLines {
  const [before, after]: [number[], number[]] = [[], []];
  let [old, made] = [oldStart, newStart];
  for (const line of lines) {
    if (line.startsWith('-')) before.push(old);
    if (line.startsWith('+')) after.push(made);
    if (line.startsWith('-') || line.startsWith(' ')) old++;
    if (line.startsWith('+') || line.startsWith(' ')) made++;
  }
  return { before, after };
}

function isTouched(place: EditPlaces, { before, after }: ChangedLines): boolean {
  const isIn = (ranges: readonly LineRange[], lines: readonly number[]): boolean =>
    ranges.some(({ from, to }) => lines.some((line) => line >= from && line <= to));
  return isIn(place.before, before) || isIn(place.after, after);
}

/** No reason is lost: those that no hunk could be found for stand above the first one. */
function withAll(remarks: readonly Remark[], chunks: readonly Chunk[]): readonly Chunk[] {
  const given = new Set(chunks.flatMap((chunk) => chunk.remarks));
  const left = remarks.filter((each) => !given.has(each));
  const [first, ...rest] = chunks;
  if (left.length === 0 || !first) return chunks;
  return [{ ...first, remarks: [...left, ...first.remarks] }, ...rest];
}
