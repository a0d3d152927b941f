/** In which lines each edit of a pass is at work, before the pass and after it. */
import { instructionsOf, type Dockerfile } from './dockerfile/model.ts';
import { placeOf } from './dockerfile/place.ts';
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
    const places = new Set(origins.map(placeOf));
    const touched = (all: readonly Placed[]): LineRange[] =>
      all.flatMap(({ origins: own, from, to }) =>
        own.some((each) => places.has(each)) ? [{ from, to }] : [],
      );
    return { id, before: touched(old), after: touched(made) };
  });
}

interface Placed extends LineRange {
  /** Places in the input that it comes from. */
  readonly origins: readonly string[];
}

function rangesOf(file: Dockerfile): Placed[] {
  let line = 1 + lineEnds(file.header);
  return instructionsOf(file).map(({ lead, text, eol, origin }) => {
    const from = line;
    const to = from + lineEnds(lead) + lineEnds(text);
    line = to + lineEnds(eol);
    return { origins: origin.map(placeOf), from, to };
  });
}

function lineEnds(text: string): number {
  return text.split('\n').length - 1;
}
