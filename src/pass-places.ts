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
  return remarks.map(({ id, origins }) => ({
    id,
    before: touched(old, origins),
    after: touched(made, origins),
  }));
}

// Loops alone, as each instruction is asked for each edit.
function touched(all: readonly Placed[], origins: readonly Origin[]): LineRange[] {
  const found: LineRange[] = [];
  for (const { origin, from, to } of all) {
    let isTouched = false;
    for (const one of origin) {
      for (const { line, column } of origins) {
        if (line === one.line && column === one.column) isTouched = true;
      }
    }
    if (isTouched) found.push({ from, to });
  }
  return found;
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
  const ranges: Placed[] = [];
  let line = 1 + lineEnds(file.header);
  for (const { lead, text, eol, origin } of instructionsOf(file)) {
    const from = line;
    const to =
      from + (lead === '' ? 0 : lineEnds(lead)) + (text.includes('\n') ? lineEnds(text) : 0);
    line = to + (eol === '\n' ? 1 : lineEnds(eol));
    ranges.push({ origin, from, to });
  }
  return ranges;
}

function lineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
