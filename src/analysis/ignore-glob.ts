/**
 * One pattern of a .dockerignore against one path. Docker turns patterns into Go's regular
 * expressions without quoting all that it should, so that `\d`, `^` and `]` in them mean something.
 */

export interface Glob {
  readonly matches: (path: string) => boolean;
}

/** @returns `undefined` for what Go's regular expressions reject. */
export function parseGlob(pattern: string): Glob | undefined {
  const tokens = tokensOf(pattern);
  if (!tokens) return undefined;
  const isPlain = !/[*?[\]\\]/.test(pattern);
  if (isPlain) return { matches: (path) => path === pattern };
  const ends = /^\*\*(\/?)([^*?[\]\\]*)$/.exec(pattern);
  if (ends) return endsWith(ends[1]! + ends[2]!);
  const starts = /^([^*?[\]\\]+)\*\*$/.exec(pattern);
  if (starts) return { matches: (path) => path.startsWith(starts[1]!) };
  const literals = literalsOf(tokens);
  const [head, tail] = [literals[0]!, literals.at(-1)!];
  const longest = literals.reduce((a, b) => (b.length > a.length ? b : a));
  return {
    // Most paths differ in what is plain about the pattern.
    matches: (path) =>
      path.endsWith(tail) && path.startsWith(head) && path.includes(longest) && run(tokens, path),
  };
}

/** `**` + text: as a plain ending of the path, so that `yx` at the end of a name is enough for two stars and `x`. */
function endsWith(ending: string): Glob {
  const isWhole = ending.startsWith('/') ? ending.slice(1) : undefined;
  return { matches: (path) => path.endsWith(ending) || path === isWhole };
}

type Range = readonly [low: number, high: number];

type Token =
  | { readonly kind: 'character'; readonly code: number }
  | { readonly kind: 'class'; readonly isNegated: boolean; readonly ranges: readonly Range[] }
  /** `*`: any run without a slash. */
  | { readonly kind: 'star' }
  /** `**` at the end: anything. */
  | { readonly kind: 'all' }
  /** `**` elsewhere: nothing, or anything up to a slash. */
  | { readonly kind: 'folders' }
  /** `\b` and `\B` of regular expressions, as in a path with backslashes. */
  | { readonly kind: 'boundary'; readonly isNegated: boolean }
  /** `^`: only at the beginning of the path. */
  | { readonly kind: 'beginning' }
  | { readonly kind: 'end' };

const NOT_SLASH: Token = { kind: 'class', isNegated: true, ranges: [[47, 47]] };

function tokensOf(pattern: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const characters = Array.from(pattern);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    const next = characters[at + 1];
    if (character === '*' && next === '*') {
      at += characters[at + 2] === '/' ? 2 : 1;
      tokens.push({ kind: at + 1 >= characters.length ? 'all' : 'folders' });
    } else if (character === '*') {
      tokens.push({ kind: 'star' });
    } else if (character === '?') {
      tokens.push(NOT_SLASH);
    } else if (character === '^') {
      tokens.push({ kind: 'beginning' });
    } else if (character === '[') {
      const found = classOf(characters, at + 1);
      if (!found) return undefined;
      tokens.push(found.token);
      at = found.end;
    } else if (character === '\\') {
      const token = next === undefined ? undefined : escaped(next);
      if (!token) return undefined;
      tokens.push(token);
      at++;
    } else {
      tokens.push({ kind: 'character', code: character.codePointAt(0)! });
    }
  }
  return tokens;
}

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

const CLASSES: Readonly<Record<string, readonly Range[]>> = {
  d: [[48, 57]],
  s: [
    [9, 10],
    [12, 13],
    [32, 32],
  ],
  w: [
    [48, 57],
    [65, 90],
    [95, 95],
    [97, 122],
  ],
};

function escaped(character: string): Token | undefined {
  if (!/[A-Za-z0-9]/.test(character)) {
    return { kind: 'character', code: character.codePointAt(0)! };
  }
  if (character === 'b' || character === 'B') {
    return { kind: 'boundary', isNegated: character === 'B' };
  }
  if (character === 'A') return { kind: 'beginning' };
  if (character === 'z') return { kind: 'end' };
  const code = CONTROLS[character];
  if (code !== undefined) return { kind: 'character', code };
  const ranges = CLASSES[character.toLowerCase()];
  // What is left (`\p{…}`, `\x41`, `\Q…`) nobody writes in a path, or Go rejects it.
  return ranges && { kind: 'class', isNegated: character !== character.toLowerCase(), ranges };
}

/** A class in brackets; `start` is behind the opening one. */
function classOf(
  characters: readonly string[],
  start: number,
): { token: Token; end: number } | undefined {
  let at = start;
  const isNegated = characters[at] === '^';
  if (isNegated) at++;
  const ranges: Range[] = [];
  for (let isFirst = true; characters[at] !== ']' || isFirst; isFirst = false) {
    const low = memberOf(characters, at);
    if (!low) return undefined;
    at = low.next;
    if (typeof low.member !== 'number') {
      ranges.push(...low.member);
      continue;
    }
    let high = low.member;
    if (characters[at] === '-' && characters[at + 1] !== ']') {
      const end = memberOf(characters, at + 1);
      if (typeof end?.member !== 'number' || end.member < low.member) return undefined;
      high = end.member;
      at = end.next;
    }
    ranges.push([low.member, high]);
  }
  return { token: { kind: 'class', isNegated, ranges }, end: at };
}

function memberOf(
  characters: readonly string[],
  at: number,
): { member: number | readonly Range[]; next: number } | undefined {
  const character = characters[at];
  if (character === undefined) return undefined;
  if (character !== '\\') return { member: character.codePointAt(0)!, next: at + 1 };
  const token = characters[at + 1] === undefined ? undefined : escaped(characters[at + 1]!);
  if (token?.kind === 'character') return { member: token.code, next: at + 2 };
  return token?.kind === 'class' && !token.isNegated
    ? { member: token.ranges, next: at + 2 }
    : undefined;
}

/** The plain text before, between and behind the other tokens. */
function literalsOf(tokens: readonly Token[]): string[] {
  const literals = [''];
  for (const token of tokens) {
    if (token.kind !== 'character') literals.push('');
    else literals.push(literals.pop()! + String.fromCodePoint(token.code));
  }
  return literals;
}

/**
 * Token by token, with all the places of the path that the tokens so far can reach: no pattern makes
 * it go back and try again.
 */
function run(tokens: readonly Token[], path: string): boolean {
  const codes = Array.from(path, (character) => character.codePointAt(0)!);
  let reached: boolean[] = [true];
  for (const token of tokens) {
    reached = step(token, codes, reached);
    if (!reached.includes(true)) return false;
  }
  return reached[codes.length] === true;
}

function step(token: Token, codes: readonly number[], reached: readonly boolean[]): boolean[] {
  const next: boolean[] = [];
  if (token.kind === 'character' || token.kind === 'class') {
    for (let at = 0; at < codes.length; at++)
      next[at + 1] = reached[at] === true && accepts(token, codes[at]!);
    return next;
  }
  // Whether a run that is still going on can have begun before this place.
  let isRunning = false;
  for (let at = 0; at <= codes.length; at++) {
    const before = codes[at - 1];
    if (token.kind === 'star' && before === SLASH) isRunning = false;
    const wasRunning = isRunning;
    isRunning ||= reached[at] === true;
    if (token.kind === 'folders')
      next[at] = reached[at] === true || (before === SLASH && wasRunning);
    else if (token.kind === 'star' || token.kind === 'all') next[at] = isRunning;
    else next[at] = reached[at] === true && holds(token, codes, at);
  }
  return next;
}

const SLASH = 47;

function accepts(token: Token, code: number): boolean {
  if (token.kind === 'character') return token.code === code;
  if (token.kind !== 'class') return false;
  return token.ranges.some(([low, high]) => low <= code && code <= high) !== token.isNegated;
}

function holds(token: Token, codes: readonly number[], at: number): boolean {
  if (token.kind === 'beginning') return at === 0;
  if (token.kind === 'end') return at === codes.length;
  const isBoundary = isWordCode(codes[at - 1]) !== isWordCode(codes[at]);
  return token.kind === 'boundary' && isBoundary !== token.isNegated;
}

function isWordCode(code: number | undefined): boolean {
  return code !== undefined && CLASSES['w']!.some(([low, high]) => low <= code && code <= high);
}
