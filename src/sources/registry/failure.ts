/** Why an image could not be looked up: a value, never an exception. */

export interface Failure {
  readonly kind: 'failure';
  /** May hold text of a registry's: to be escaped where it is shown. */
  readonly why: string;
  readonly advice: string;
  /** Nothing else of this host will be answered either, so that nobody need ask. */
  readonly isOfHost?: boolean;
}

export function failure(why: string, advice: string, isOfHost = false): Failure {
  return { kind: 'failure', why, advice, ...(isOfHost && { isOfHost }) };
}

/** Letters of a registry's own text that are shown. */
const SHOWN = 200;

/** A piece of somebody else's text in a sentence of ours: one line, and not long. */
export function quoted(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return `"${line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line}"`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
