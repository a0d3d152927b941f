/** What the user sees of an exception: it is a bug of dfopt's own, and no business of theirs. */
import { escapeLine, escapeLines } from '../report/escape.ts';
import type { Io } from './io.ts';

export function isDebugging({ env }: Io): boolean {
  return Boolean(env['DFOPT_DEBUG']) && env['DFOPT_DEBUG'] !== '0';
}

/** @param debug whether to show where it happened */
export function bugReport(error: unknown, debug: boolean): string {
  const message = escapeLine(error instanceof Error ? error.message : String(error));
  if (!debug) return `a bug in dfopt: ${message}; please report it (--debug shows where)`;
  return `a bug in dfopt: ${message}; please report it${stackOf(error)}`;
}

function stackOf(error: unknown): string {
  return error instanceof Error && error.stack ? `\n${escapeLines(error.stack)}` : '';
}
