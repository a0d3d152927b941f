/** Names in a sentence: as many as a reader takes in, and how many more there are. */

const MOST = 4;

/** `a`, `a, b and c`, `a, b, c and 5 more` */
export function listed(names: readonly string[]): string {
  if (names.length > MOST) return firstOf(names, MOST - 1);
  return names.length < 2
    ? names.join('')
    : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}

/** `a, b, c`, `a, b, c and 5 more` */
export function firstOf(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
