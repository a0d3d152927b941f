/** In which lines each edit of a pass is at work, before the pass and after it. */
import { instructionsOf, type Dockerfile, type Origin } from './dockerfile/model.ts';
import { RunMemory } from './dockerfile/run-memory.ts';
import type { Remark } from './pass.ts';

/** Lines of a text, counted from 1, both ends included. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
}

export interface EditPlaces {
  /** Of the remark. */
  readonly id: string;
  /** Where the instructions that it touches stood, with the comments above them. */
  readonly before: readonly LineRange[];
  /** Where what came of them stands. */
  readonly after: readonly LineRange[];
}

export function placesOf(
  before: Dockerfile,
  after: Dockerfile,
  remarks: readonly Remark[],
): EditPlaces[] {
  const [old, made] = [rangesOf(before), rangesOf(after)];
  return remarks.map(({ id, origins }) => {
    const touched = (all: readonly Placed[]): LineRange[] => {
      const found: LineRange[] = [];
      for (const { origin, from, to } of all) {
        if (haveCommon(origin, origins)) found.push({ from, to });
      }
      return found;
    };
    return { id, before: touched(old), after: touched(made) };
  });
}

// Loops, as each instruction is asked for each edit.
function haveCommon(some: readonly Origin[], others: readonly Origin[]): boolean {
  for (const one of some) {
    for (const { line, column } of others) {
      if (line === one.line && column === one.column) return true;
    }
  }
  return false;
}

interface Placed extends LineRange {
  /** Places in the input that it comes from. */
  readonly origin: readonly Origin[];
}

const known = new RunMemory<Dockerfile, readonly Placed[]>();

function rangesOf(file: Dockerfile): readonly Placed[] {
  let ranges = known.get(file);
  if (!ranges) known.set(file, (ranges = readRanges(file)));
  return ranges;
}

function readRanges(file: Dockerfile): readonly Placed[] {
  let line = 1 + lineEnds(file.header);
  return instructionsOf(file).map(({ lead, text, eol, origin }) => {
    const from = line;
    const to = from + (lead === '' ? 0 : lineEnds(lead)) + lineEnds(text);
    line = to + (eol === '\n' ? 1 : lineEnds(eol));
    return { origin, from, to };
  });
}

function lineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
