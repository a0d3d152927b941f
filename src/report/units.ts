/** Numbers as every part of a report writes them. */

/** MB = 10⁶ bytes, as image sizes are given everywhere; right-aligned in a column. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(2).padStart(8)} MB`;
}

/** `-14.20 MB (-10.6 %)` */
export function changeOf(before: number, after: number): string {
  const change = after - before;
  const sign = change > 0 ? '+' : '';
  const percent = before === 0 ? '' : ` (${sign}${((change / before) * 100).toFixed(1)} %)`;
  return `${sign}${megabytes(change).trim()}${percent}`;
}

/** `1 layer`, `2 layers` */
export function countOf(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
