/**
 * How BuildKit cuts text into words: blanks, quotes, escapes, flags, JSON and heredoc words.
 *
 * Everything here follows the rules of BuildKit's own parser (`frontend/dockerfile/parser` and
 * `frontend/dockerfile/shell`), because a word that is cut elsewhere is an edit in the wrong place.
 * Offsets are UTF-16 code units into the text that was handed in.
 */

/** A piece of text: `[start, end)`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A word as written (quotes and escapes included), and where it stands. */
export interface RawWord extends Range {
  readonly text: string;
}

// Go's unicode.IsSpace. JavaScript's \s lacks U+0085 and adds U+FEFF.
const SPACE = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const LEADING_SPACE =
  /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

export function isSpace(char: string): boolean {
  // Of most characters this tells without the pattern.
  return (char <= ' ' || char > '~') && SPACE.test(char);
}

// Below, what most characters are is looked at without a call for each.

/** The offset of the first character at or after `from` that is no white space. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && !(text[at]! > ' ' && text[at]! <= '~') && isSpace(text[at]!)) at++;
  return at;
}

/** The offset just after the last character before `to` that is no white space. */
export function trimSpaceEnd(text: string, from: number, to: number): number {
  let at = to;
  while (at > from && !(text[at - 1]! > ' ' && text[at - 1]! <= '~') && isSpace(text[at - 1]!)) {
    at--;
  }
  return at;
}

/** Words between runs of blanks; quotes mean nothing (`EXPOSE`, `FROM`, `COPY` …). */
export function blankSeparatedWords(text: string, from: number, to: number): RawWord[] {
  const words: RawWord[] = [];
  const word = /[^\t\v\f\r ]+/g;
  word.lastIndex = from;
  for (let match = word.exec(text); match !== null && match.index < to; match = word.exec(text)) {
    const end = Math.min(match.index + match[0].length, to);
    words.push({ start: match.index, end, text: text.slice(match.index, end) });
  }
  return words;
}

/** Words between blanks where quotes and escapes hold a word together (`ENV`, `LABEL`, `ARG`). */
export function quotedWords(text: string, from: number, to: number, escape: string): RawWord[] {
  const words: RawWord[] = [];
  let at = from;
  for (;;) {
    at = skipSpace(text, at);
    if (at >= to) return words;
    const start = at;
    let quote = '';
    while (at < to && (quote !== '' || !isSpace(text[at]!))) {
      const char = text[at]!;
      if (char === escape && quote !== "'") {
        at += 2;
        continue;
      }
      if (quote === '') {
        if (char === "'" || char === '"') quote = char;
      } else if (char === quote) {
        quote = '';
      }
      at++;
    }
    at = Math.min(at, to);
    words.push({ start, end: at, text: text.slice(start, at) });
  }
}

/** A builder flag such as `--from=build`: range as written, value with quotes and escapes undone. */
export interface RawFlag extends Range {
  /** The whole flag, quotes undone: `--from=build`. */
  readonly word: string;
}

/** The flags at the start of an instruction's arguments, and where the arguments go on. */
export function builderFlags(
  text: string,
  from: number,
  escape: string,
): { readonly flags: readonly RawFlag[]; readonly rest: number } {
  const flags: RawFlag[] = [];
  let at = from;
  for (;;) {
    at = skipSpace(text, at);
    if (!text.startsWith('--', at)) return { flags, rest: at };
    const start = at;
    let word = '';
    let quote = '';
    while (at < text.length && (quote !== '' || !isSpace(text[at]!))) {
      const char = text[at]!;
      if (char === escape) {
        if (at + 1 < text.length) word += text[at + 1]!;
        at += 2;
        continue;
      }
      if (quote === '' && (char === "'" || char === '"')) quote = char;
      else if (char === quote) quote = '';
      else word += char;
      at++;
    }
    at = Math.min(at, text.length);
    // A bare `--` ends the flags.
    if (word === '--') return { flags, rest: skipSpace(text, at) };
    flags.push({ start, end: at, word });
  }
}

/** What a would-be JSON array turned out to be. */
export type JsonForm =
  | { readonly kind: 'strings'; readonly values: readonly string[] }
  | { readonly kind: 'not strings' }
  | { readonly kind: 'not json' };

export function jsonForm(text: string): JsonForm {
  const trimmed = text.replace(LEADING_SPACE, '');
  if (!trimmed.startsWith('[')) return { kind: 'not json' };
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    return { kind: 'not json' };
  }
  if (!Array.isArray(value)) return { kind: 'not json' };
  if (!value.every((item) => typeof item === 'string')) return { kind: 'not strings' };
  return { kind: 'strings', values: value };
}

/** A heredoc word: what ends its body, and how the body is read. */
export interface HeredocWord {
  /** The line that ends the body, quotes undone. */
  readonly name: string;
  /** `<<-`: leading tabs of the body and of the ending line are dropped. */
  readonly chomp: boolean;
  /** Variables in the body are expanded (the word has no quotes). */
  readonly expand: boolean;
}

/** The heredocs that a logical line opens, in order. */
export function heredocsOfLine(line: string): HeredocWord[] {
  if (!line.includes('<<')) return [];
  const words = new WordLexer(line, true, true).words();
  return (words ?? []).flatMap((word) => parseHeredocWord(word) ?? []);
}

/** `<<EOF`, `3<<-"EOF"`: a word that is a heredoc and nothing else; `undefined` for all others. */
export function parseHeredocWord(word: string): HeredocWord | undefined {
  const match = /^(\d*)<<(-?)[\t\n\f\r ]*([^<]*)$/.exec(word);
  const rest = match?.[3];
  if (!match || !rest) return undefined;
  const words = new WordLexer(rest, false, false).words();
  if (words?.length !== 1) return undefined;
  const raw = new WordLexer(rest, true, false).words();
  if (raw?.length !== 1) return undefined;
  return {
    name: words[0]!,
    chomp: match[2] === '-',
    expand: countQuotes(words[0]!) === countQuotes(raw[0]!),
  };
}

/** Why the builder cannot expand a word: an open quote, a substitution it does not know. */
export function expansionProblem(word: string): string | undefined {
  // Nothing else can be open or unknown.
  if (!/['"]|\$\{/.test(word)) return undefined;
  const lexer = new WordLexer(word, false, false);
  return lexer.words() === undefined ? lexer.problem : undefined;
}

function countQuotes(text: string): number {
  return text.split(/['"]/).length - 1;
}

class LexError extends Error {}

/**
 * BuildKit's word lexer with an empty environment that leaves unset variables as they are.
 * A class, because the recursive descent shares one reading position.
 */
class WordLexer {
  private readonly chars: readonly string[];
  /** What made `words` give up. */
  problem: string | undefined;
  private at = 0;
  private readonly list: string[] = [];
  private buffer = '';
  private inWord = false;
  private readonly rawQuotes: boolean;
  private readonly rawEscapes: boolean;

  constructor(text: string, rawQuotes: boolean, rawEscapes: boolean) {
    this.chars = Array.from(text);
    this.rawQuotes = rawQuotes;
    this.rawEscapes = rawEscapes;
  }

  /** The words, or `undefined` where BuildKit's lexer reports an error. */
  words(): readonly string[] | undefined {
    try {
      this.readUntil(undefined, this.rawEscapes, true);
    } catch (error) {
      if (error instanceof LexError) {
        this.problem = error.message;
        return undefined;
      }
      throw error;
    }
    if (this.buffer !== '') this.list.push(this.buffer);
    return this.list;
  }

  private add(char: string): void {
    if (!isSpace(char)) {
      this.addRaw(char);
    } else if (this.inWord && this.buffer !== '') {
      this.list.push(this.buffer);
      this.buffer = '';
      this.inWord = false;
    }
  }

  private addRaw(text: string): void {
    this.buffer += text;
    this.inWord = true;
  }

  /** Reads up to `stop` (or the end); `top` says whether what is read makes up the words. */
  private readUntil(stop: string | undefined, rawEscapes: boolean, top: boolean): string {
    let result = '';
    while (this.at < this.chars.length) {
      const char = this.chars[this.at]!;
      if (char === stop) {
        this.at++;
        return result;
      }
      if (char === '$' || char === '<' || char === "'" || char === '"') {
        const piece = this.special(char, rawEscapes);
        result += piece;
        if (top && char === '$') for (const one of piece) this.add(one);
        else if (top) this.addRaw(piece);
        continue;
      }
      this.at++;
      if (char !== '\\') {
        if (top) this.add(char);
        result += char;
        continue;
      }
      if (rawEscapes) {
        if (top) this.addRaw(char);
        result += char;
      }
      const next = this.chars[this.at];
      if (next === undefined) break;
      this.at++;
      if (top) this.addRaw(next);
      result += next;
    }
    if (stop !== undefined) throw new LexError(`a "${stop}" is missing`);
    return result;
  }

  private special(char: string, rawEscapes: boolean): string {
    if (char === '$') return this.dollar();
    if (char === '<') return this.possibleHeredoc();
    return char === "'" ? this.singleQuote() : this.doubleQuote(rawEscapes);
  }

  private singleQuote(): string {
    const end = this.chars.indexOf("'", this.at + 1);
    if (end < 0) throw new LexError('a single quote is not closed');
    const inner = this.chars.slice(this.at + 1, end).join('');
    this.at = end + 1;
    return this.rawQuotes ? `'${inner}'` : inner;
  }

  private doubleQuote(rawEscapes: boolean): string {
    this.at++;
    let result = this.rawQuotes ? '"' : '';
    for (;;) {
      const char = this.chars[this.at];
      if (char === undefined) throw new LexError('a double quote is not closed');
      if (char === '"') {
        this.at++;
        return this.rawQuotes ? `${result}"` : result;
      }
      if (char === '$') {
        result += this.dollar();
        continue;
      }
      this.at++;
      if (char !== '\\') {
        result += char;
        continue;
      }
      if (rawEscapes) result += char;
      const next = this.chars[this.at];
      if (next === undefined) continue;
      if (next === '"' || next === '$' || next === '\\') {
        this.at++;
        result += next;
      } else {
        result += char;
      }
    }
  }

  private possibleHeredoc(): string {
    this.at++;
    if (this.chars[this.at] !== '<') return '<';
    this.at++;
    let space = '';
    // A blank between << and the word belongs to the same word.
    while (this.at < this.chars.length && /[ \t\n\r]/.test(this.chars[this.at]!)) {
      space += this.chars[this.at]!;
      this.at++;
    }
    return `<<${space}`;
  }

  private dollar(): string {
    this.at++;
    if (this.chars[this.at] !== '{') return `$${this.name()}`;
    this.at++;
    const first = this.chars[this.at];
    if (first === undefined || first === '{' || first === '}' || first === ':') {
      throw new LexError('a variable has no name');
    }
    const name = this.name();
    let modifier = this.chars[this.at++] ?? '';
    if (modifier === '}') return `\${${name}}`;
    if (modifier === '/') {
      if (this.chars[this.at] === '/') this.at++;
      const pattern = this.readUntil('/', true, false);
      return `\${${name}/${pattern}/${this.readUntil('}', true, false)}}`;
    }
    let operator = modifier;
    if (modifier === ':') {
      operator = this.chars[this.at++] ?? '';
      modifier += operator;
      if (operator === '#' || operator === '%')
        throw new LexError('a substitution has a form that the builder does not know');
    } else if (!'+-?#%'.includes(modifier) || modifier === '') {
      throw new LexError('a substitution has a form that the builder does not know');
    }
    const raw = operator === '#' || operator === '%';
    return `\${${name}${modifier}${this.readUntil('}', raw, false)}}`;
  }

  private name(): string {
    let name = '';
    while (this.at < this.chars.length) {
      const char = this.chars[this.at]!;
      if (name === '' && /\d/.test(char)) {
        while (this.at < this.chars.length && /\d/.test(this.chars[this.at]!)) {
          name += this.chars[this.at++]!;
        }
        return name;
      }
      if (name === '' && '@*#?-$!0'.includes(char)) {
        this.at++;
        return char;
      }
      if (!/[\p{L}\p{Nd}_]/u.test(char)) break;
      name += char;
      this.at++;
    }
    return name;
  }
}
