/** Which rows of an image's history are layers, and of these which two images share. */
import type { Layer } from '../report/verification.ts';

export interface NamedLayer extends Layer {
  readonly diffId: string;
}

/** What the builder records of instructions that change files; all else is a setting. */
const CHANGES_FILES = /^(RUN|COPY|ADD|WORKDIR)\b|^\/bin\/sh -c (?!#\(nop\) +(?!ADD|COPY|WORKDIR))/;

/**
 * The engine's history does not say which of its rows are layers.
 * @param history from the base upwards
 * @returns one for each digest; `undefined` where it cannot be told
 */
export function layersOf(
  history: readonly Layer[],
  diffIds: readonly string[],
): NamedLayer[] | undefined {
  const rows = rowsWithLayers(history, diffIds.length);
  return rows?.map((row, index) => ({ ...row, diffId: diffIds[index]! }));
}

/**
 * The rows that are layers, as they stand in the history.
 * @param count how many there are
 * @returns `undefined` where it cannot be told
 */
export function rowsWithLayers(
  history: readonly Layer[],
  count: number,
): readonly Layer[] | undefined {
  const choices = [
    history,
    history.filter(({ bytes, createdBy }) => bytes > 0 || CHANGES_FILES.test(createdBy)),
    history.filter(({ bytes }) => bytes > 0),
  ];
  return choices.find(({ length }) => length === count);
}
