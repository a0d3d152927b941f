/**
 * The facts as the build has cut them: what the playground's own example reads is there at once, the rest
 * is loaded when it is read. The core sees plain values and does not know.
 */
import type { Facts } from '../../facts/types.ts';

/** Made by scripts/fact-pieces.mjs. */
export interface CutFacts {
  /** The facts; what is not there is 0. */
  readonly start: unknown;
  /** Where something is not there, and the file that has it: a list of values, in the order of the places. */
  readonly holes: readonly { readonly file: string; readonly paths: readonly Path[] }[];
}

/** Keys, from the facts down. */
type Path = readonly string[];

type Branch = Record<string, unknown>;

/**
 * @param load what a file has; it throws where that cannot be had, now and whenever it is asked for again
 */
export function wholeFacts(
  { start, holes }: CutFacts,
  load: (file: string) => readonly unknown[],
): Facts {
  for (const { file, paths } of holes) {
    const places = paths.map((path) => ({
      branch: path.slice(0, -1).reduce((at, key) => at[key] as Branch, start as Branch),
      key: path.at(-1)!,
    }));
    const fill = (): void => {
      const values = load(file);
      places.forEach(({ branch, key }, index) => {
        Object.defineProperty(branch, key, { value: values[index], enumerable: true });
      });
    };
    for (const { branch, key } of places) {
      const get = (): unknown => {
        fill();
        return branch[key];
      };
      Object.defineProperty(branch, key, { get, enumerable: true, configurable: true });
    }
  }
  return start as Facts;
}
