/** Where an instruction of the input stands, as a key. */
import type { Origin } from './model.ts';

export function placeOf({ line, column }: Origin): string {
  return `${line}:${column}`;
}
