/**
 * Paths and wildcards as Go's `filepath` reads them, in which Docker is written: `COPY *.txt` and
 * .dockerignore follow these rules and no shell's.
 */

/** What Go's `strings.TrimSpace` takes away: not the byte order mark, which JavaScript's `trim` does. */
const SPACES = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const OUTER_SPACES = new RegExp(`^${SPACES}|${SPACES}$`, 'g');

export function trimSpace(text: string): string {
  return text.replace(OUTER_SPACES, '');
}

/** The shortest name of the same path: no `.`, no inner `..`, no doubled or trailing slash. */
export function cleanPath(path: string): string {
  const isRooted = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!isRooted) parts.push(part);
  }
  const joined = parts.join('/');
  return isRooted ? `/${joined}` : joined === '' ? '.' : joined;
}

/** A path inside the context without leading or trailing slash; empty for the context itself. */
export function pathInside(path: string): string {
  // Most are clean, or rooted, begin with `./` or end with a slash, and that is all.
  const start = path.startsWith('/') ? 1 : path.startsWith('./') ? 2 : 0;
  const end = path.endsWith('/') ? -1 : undefined;
  const inside = start > 0 || end ? path.slice(start, end) : path;
  const isClean =
    !inside.startsWith('.') &&
    !inside.startsWith('/') &&
    !inside.endsWith('/') &&
    !inside.includes('/.') &&
    !inside.includes('//');
  return isClean ? inside : cleanPath(`/${inside}`).slice(1);
}

/** The folder that a path lies in; empty at the top. */
export function folderOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at > 0 ? path.slice(0, at) : '';
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function hasWildcards(pattern: string): boolean {
  return /^(?:[^\\*?[]|\\[^])*[*?[]/.test(pattern);
}

/** `filepath.Match`: whether the wildcards match the whole name; `undefined` for a bad pattern. */
export function matchPath(pattern: string, name: string): boolean | undefined {
  let rest: Codes = codesOf(pattern);
  let left: Codes = codesOf(name);
  while (rest.length > 0) {
    const { hasStar, chunk, after } = nextChunk(rest);
    if (hasStar && chunk.length === 0) return !left.includes(SLASH);
    rest = after;
    let found = matchChunk(chunk, left);
    if (found === 'bad') return undefined;
    if (found && (found.length === 0 || rest.length > 0)) {
      left = found;
      continue;
    }
    if (!hasStar) return false;
    found = undefined;
    for (let at = 0; at < left.length && left[at] !== SLASH; at++) {
      const next = matchChunk(chunk, left.slice(at + 1));
      if (next === 'bad') return undefined;
      if (next && (rest.length > 0 || next.length === 0)) {
        found = next;
        break;
      }
    }
    if (!found) return false;
    left = found;
  }
  return left.length === 0;
}

type Codes = readonly number[];

function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!);
}

const [SLASH, BACKSLASH, STAR, QUESTION, OPEN, CLOSE, CARET, DASH] = codesOf('/\\*?[]^-') as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** What stands before the next star, and whether a star stands before that. */
function nextChunk(pattern: Codes): { hasStar: boolean; chunk: Codes; after: Codes } {
  let start = 0;
  while (pattern[start] === STAR) start++;
  let end = start;
  for (let isInClass = false; end < pattern.length; end++) {
    const code = pattern[end];
    if (code === BACKSLASH && end + 1 < pattern.length) end++;
    else if (code === OPEN) isInClass = true;
    else if (code === CLOSE) isInClass = false;
    else if (code === STAR && !isInClass) break;
  }
  return { hasStar: start > 0, chunk: pattern.slice(start, end), after: pattern.slice(end) };
}

/** What is left of the name behind the chunk; a chunk is read to its end even after a mismatch. */
function matchChunk(chunk: Codes, name: Codes): Codes | undefined | 'bad' {
  let at = 0;
  let hasFailed = false;
  for (let index = 0; index < chunk.length; index++) {
    hasFailed ||= at >= name.length;
    const code = name[at];
    if (chunk[index] === OPEN) {
      const found = matchClass(chunk, index + 1, code);
      if (!found) return 'bad';
      hasFailed ||= !found.isMatch;
      index = found.end;
    } else if (chunk[index] === QUESTION) {
      hasFailed ||= code === SLASH;
    } else {
      if (chunk[index] === BACKSLASH && ++index >= chunk.length) return 'bad';
      hasFailed ||= chunk[index] !== code;
    }
    at++;
  }
  return hasFailed ? undefined : name.slice(at);
}

/** @returns the place of the closing bracket; `undefined` for a class that is not well formed. */
function matchClass(
  chunk: Codes,
  start: number,
  code: number | undefined,
): { isMatch: boolean; end: number } | undefined {
  let index = start;
  const isNegated = chunk[index] === CARET;
  if (isNegated) index++;
  let isMatch = false;
  for (let ranges = 0; chunk[index] !== CLOSE || ranges === 0; ranges++) {
    const low = classCode(chunk, index);
    if (!low) return undefined;
    let high = low;
    if (chunk[low.next] === DASH) {
      const end = classCode(chunk, low.next + 1);
      if (!end) return undefined;
      high = end;
    }
    if (code !== undefined && low.code <= code && code <= high.code) isMatch = true;
    index = high.next;
  }
  return { isMatch: isMatch !== isNegated, end: index };
}

function classCode(chunk: Codes, start: number): { code: number; next: number } | undefined {
  if (chunk[start] === DASH || chunk[start] === CLOSE) return undefined;
  const at = chunk[start] === BACKSLASH ? start + 1 : start;
  const code = chunk[at];
  return code === undefined || at + 1 >= chunk.length ? undefined : { code, next: at + 1 };
}
