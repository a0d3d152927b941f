/** JSON as dfopt writes it everywhere. */
import { escapeLine } from './escape.ts';

/** JSON that may be shown on a terminal: `JSON.stringify` leaves C1 controls and the like alone. */
export function toJson(value: unknown): string {
  const lines = JSON.stringify(value, null, 2).split('\n');
  return `${lines.map(escapeLine).join('\n')}\n`;
}
