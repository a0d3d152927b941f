/** Whether a stream gets colours: by --color, NO_COLOR, FORCE_COLOR and whether it is a terminal. */
import picocolors from 'picocolors';
import type { Colors } from 'picocolors/types.js';
import type { Io, Output } from './io.ts';

export function colorsFor(stream: Output, io: Io, asked: boolean | undefined): Colors {
  return picocolors.createColors(asked ?? isWanted(stream, io));
}

function isWanted(stream: Output, { env }: Io): boolean {
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
