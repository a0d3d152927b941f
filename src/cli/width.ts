/** How many columns a stream has: those of the terminal, what COLUMNS says, or as many as most. */
import type { Io, Output } from './io.ts';

/** What any log and any terminal has room for. */
const PLAIN_WIDTH = 80;

/** Less is no width that a text can be set in. */
const LEAST_WIDTH = 40;

export function widthFor(stream: Output, { env }: Pick<Io, 'env'>): number {
  const told = /^\d{1,4}$/.test(env['COLUMNS'] ?? '') ? Number(env['COLUMNS']) : 0;
  const columns = (stream.isTTY === true && stream.columns) || told || PLAIN_WIDTH;
  return Math.max(LEAST_WIDTH, columns);
}
