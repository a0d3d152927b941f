/** What a misspelt word was probably meant to be. */
import { closest, distance } from 'fastest-levenshtein';

/** The name that is near enough to the word; `undefined` where none is. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  if (names.length === 0 || wrong === '') return undefined;
  const best = closest(wrong, names);
  // A third of the letters: "lists" is no misspelling of "explain".
  const limit = Math.max(2, Math.ceil(Math.max(wrong.length, best.length) / 3));
  if (distance(wrong, best) <= limit) return best;
  return names.find((name) => wrong.length > 3 && name.includes(wrong));
}
