/**
 * Text of which parts may be unknown, and variables that may be set or not. Unknown is an answer of
 * its own: nothing here guesses.
 */

/** A part that nobody can know from the Dockerfile; `unknown` says what stands there, as written. */
export interface Gap {
  readonly unknown: string;
}

/** Known text and gaps in turn; no two strings side by side, no empty string. */
export type Text = readonly (string | Gap)[];

/**
 * What a word of the Dockerfile stands for. `certain` holds whatever `--build-arg` says; `usual`
 * holds when none is given, and is the better known of the two.
 */
export interface Value {
  readonly certain: Text;
  readonly usual: Text;
}

/** Which of the two an answer shall rest on. */
export type World = keyof Value;

export const WORLDS: readonly World[] = ['certain', 'usual'];

/** A variable as one world has it. */
export interface Reading {
  readonly isSet: boolean | 'unknown';
  /** Empty where it is not set. */
  readonly text: Text;
}

export interface Variable {
  readonly certain: Reading;
  readonly usual: Reading;
}

export const EMPTY: Text = [];

export const UNSET: Reading = { isSet: false, text: EMPTY };

/** Joins pieces into one text. */
export function textOf(...pieces: readonly (string | Gap | Text)[]): Text {
  const parts: (string | Gap)[] = [];
  for (const piece of pieces) {
    if (typeof piece === 'string' || 'unknown' in piece) append(parts, piece);
    else for (const part of piece) append(parts, part);
  }
  return parts;
}

function append(parts: (string | Gap)[], part: string | Gap): void {
  if (part === '') return;
  const last = parts[parts.length - 1];
  if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
  else parts.push(part);
}

/** The whole text where all of it is known. */
export function plainText(text: Text): string | undefined {
  if (text.length === 0) return '';
  const only = text[0];
  return text.length === 1 && typeof only === 'string' ? only : undefined;
}

/** What it begins with, as far as that is known. */
export function prefixOf(text: Text): string {
  const [first] = text;
  return typeof first === 'string' ? first : '';
}

export function isEmptyText(text: Text): boolean | 'unknown' {
  if (text.some((part) => typeof part === 'string')) return false;
  return text.length === 0 ? true : 'unknown';
}

/** For a remark: gaps as they are written. */
export function showText(text: Text): string {
  return (
    plainText(text) ?? text.map((part) => (typeof part === 'string' ? part : part.unknown)).join('')
  );
}

export function valueOf(...pieces: readonly (string | Gap | Text)[]): Value {
  const text = textOf(...pieces);
  return { certain: text, usual: text };
}

/** A variable that has this text in both worlds. */
export function setTo(text: Text): Variable {
  const reading = { isSet: true, text };
  return { certain: reading, usual: reading };
}

/** Of a variable of which nothing is known, not even whether it is set. */
export function unknownReading(name: string): Reading {
  return { isSet: 'unknown', text: [{ unknown: `\${${name}}` }] };
}

export function unknownVariable(name: string): Variable {
  const reading = unknownReading(name);
  return { certain: reading, usual: reading };
}

/** A variable that holds something, nobody knows what. */
export function someValue(name: string): Variable {
  return setTo([{ unknown: `\${${name}}` }]);
}
