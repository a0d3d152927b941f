/** The bot's log: one JSON object a line, in which no secret stands whoever logged it. */
import { pino, type Logger } from 'pino';
import type { LogLevel } from './log-levels.ts';

export type Log = Logger;

export interface LogOptions {
  readonly level: LogLevel;
  /** Values that must never be seen: keys, tokens, passwords. */
  readonly secrets: readonly string[];
  /** Takes whole lines; none: standard output. */
  readonly write?: (line: string) => void;
}

const HIDDEN = '[hidden]';

/** Secrets that were not known at the start: tokens of installations, JSON web tokens, passwords in URLs. */
const TOKENS =
  /\bgh[a-z]_[\w.-]{10,}|\bgithub_pat_\w{10,}|\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

const AUTHORIZATION = /\b(bearer|token|basic)( |%20)[\w.~+/=-]{8,}/gi;

const PASSWORD = /(\b[a-z][a-z+.-]*:\/\/[^/\s:@"\\]*):[^/\s@"\\]+@/gi;

export function makeLog({ level, secrets, write }: LogOptions): Log {
  const scrub = scrubber(secrets);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: errorFields },
      // After everything else: no path to forget, and no object that is not looked into.
      hooks: { streamWrite: scrub },
    },
    write ? { write } : pino.destination({ fd: 1, sync: true }),
  );
}

/** Hides the secrets that are given and what looks like one, in text or in JSON. */
export function scrubber(secrets: readonly string[]): (text: string) => string {
  // As text and as JSON writes it; the longest first, so that no rest of one stays.
  const known = [...new Set(secrets.flatMap((each) => [each, JSON.stringify(each).slice(1, -1)]))]
    // A secret of three letters would black out half of the log, and is none.
    .filter((each) => each.length >= 6)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const secret of known) clean = clean.replaceAll(secret, HIDDEN);
    return clean
      .replace(TOKENS, HIDDEN)
      .replace(AUTHORIZATION, (_, scheme: string) => `${scheme} ${HIDDEN}`)
      .replace(PASSWORD, (_, before: string) => `${before}:${HIDDEN}@`);
  };
}

/** Of an error no more than this: others carry whole requests along, with their headers. */
function errorFields(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  const { status } = error as { status?: unknown };
  return {
    name,
    message,
    ...(typeof status === 'number' && { status }),
    ...(stack !== undefined && { stack }),
    ...(error.cause instanceof Error && { cause: error.cause.message }),
  };
}
