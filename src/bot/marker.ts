/**
 * The line by which the bot knows its own comments again: an HTML comment, which nobody sees, at the very
 * beginning of a text. Only there it counts, and everything that the bot writes begins with one of its
 * own: text of a Dockerfile further down, however it looks, is never one. Whether the author of a comment
 * is the bot is asked before a marker is read; with a secret, the line carries a code besides.
 */
import { shortHash } from '../report/formats/sha256.ts';

/** A comment on lines that holds an edit, or several that belong together. */
export interface SuggestionMarker {
  readonly kind: 'suggestion';
  /** `pathName` of the file. */
  readonly path: string;
  /** Ids of the remarks, sorted. */
  readonly ids: readonly string[];
  /** `textName` of the lines that it stands on, as they were. */
  readonly lines: string;
  /** `textName` of what follows the marker: tells whether there is something new to write. */
  readonly body: string;
  /** The bot took the edit back itself. */
  readonly isGone: boolean;
}

/** The text of a review: which edits it brought. It cannot be deleted, so that it remembers them. */
export interface ReviewMarker {
  readonly kind: 'review';
  /** `pathName` and ids of each comment. */
  readonly comments: readonly (readonly string[])[];
}

/** The one comment with the whole. */
export interface SummaryMarker {
  readonly kind: 'summary';
  readonly body: string;
}

/** A pull request of the bot's own. */
export interface ProposalMarker {
  readonly kind: 'proposal';
  /** `pathName` of each file, or `all` for one that holds all. */
  readonly path: string;
  /** `textName` of all texts that go in, and of all that come out. */
  readonly input: string;
  readonly output: string;
}

export type Marker = SuggestionMarker | ReviewMarker | SummaryMarker | ProposalMarker;

/** A message authentication code of a text: letters and digits. */
export type Sign = (text: string) => string;

const LINE = /^<!-- dfopt:([a-z]+) ([[{][^\n]*[\]}])(?: ([A-Za-z0-9]+))? -->(?:\r?\n|$)/;

/** Names of paths and texts need to differ, not to keep a secret. */
export function textName(text: string): string {
  return shortHash(text).slice(0, 16);
}

export function pathName(path: string): string {
  return textName(`path ${path}`);
}

/** @returns the line with its end */
export function markerLine(marker: Marker, sign: Sign | undefined): string {
  const { kind, ...fields } = marker;
  // Hashes and ids alone stand in it, so that nothing ends the comment early.
  const data = `${kind} ${JSON.stringify(fields)}`;
  return `<!-- dfopt:${data}${sign ? ` ${sign(data)}` : ''} -->\n`;
}

/**
 * @param body of a comment whose author is the bot; nobody else's is to be handed in
 * @returns `undefined` where it does not begin with a marker of this kind, or the code is not right
 */
export function markerOf<K extends Marker['kind']>(
  kind: K,
  body: string,
  sign: Sign | undefined,
): Extract<Marker, { kind: K }> | undefined {
  const [, found, json, code] = LINE.exec(body) ?? [];
  if (found !== kind || json === undefined) return undefined;
  if (sign && (code === undefined || !isSame(sign(`${found} ${json}`), code))) return undefined;
  const marker = { ...fieldsOf(json), kind };
  return isMarker(marker) ? (marker as Extract<Marker, { kind: K }>) : undefined;
}

function fieldsOf(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Takes as long for a code that is nearly right as for any other of its length. */
function isSame(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}

function isMarker(value: Readonly<Record<string, unknown>>): boolean {
  const { kind, path, ids, lines, body, isGone, comments, input, output } = value;
  switch (kind) {
    case 'suggestion':
      return [path, lines, body].every(isName) && areNames(ids) && typeof isGone === 'boolean';
    case 'review':
      return Array.isArray(comments) && comments.every(areNames);
    case 'summary':
      return isName(body);
    case 'proposal':
      return [path, input, output].every(isName);
    default:
      return false;
  }
}

function areNames(value: unknown): boolean {
  return Array.isArray(value) && value.every(isName);
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z0-9-]{1,40}$/.test(value);
}
