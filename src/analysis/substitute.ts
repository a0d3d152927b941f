/**
 * What the builder makes of a word: quotes and escapes undone, variables put in. Follows BuildKit's
 * `shell.Lex`, form by form, with one thing added: a variable may be unknown.
 */
import { textOf, isEmptyText, plainText, EMPTY, type Reading, type Text } from './values.ts';

/** The text, or why the builder refuses the word. */
export type Substituted = { readonly text: Text } | { readonly problem: string };

export interface SubstituteOptions {
  /** The escape character of the file; default a backslash. */
  readonly escape?: string;
  /** Quotes are text like any other, as in the body of a heredoc; default false. */
  readonly keepQuotes?: boolean;
}

const SPECIAL = /[$'"\\`<\ufeff]/;

/** Whether the builder takes the word as it stands. */
export function isLiteral(word: string): boolean {
  return !SPECIAL.test(word);
}

export function substitute(
  word: string,
  read: (name: string) => Reading,
  options: SubstituteOptions = {},
): Substituted {
  if (!SPECIAL.test(word)) return { text: word === '' ? EMPTY : [word] };
  try {
    const text = new Lexer(word, read, options).all();
    return { text: lengthOf(text) > MOST_CHARACTERS ? [{ unknown: word }] : text };
  } catch (error) {
    if (error instanceof Refused) return { problem: error.message };
    throw error;
  }
}

/**
 * `ENV B=$A$A`, `ENV C=$B$B`, … doubles with every line, and a stranger may have written it: what is as
 * long as this counts as unknown.
 */
const MOST_CHARACTERS = 65_536;

function lengthOf(text: Text): number {
  return text.reduce(
    (sum, part) => sum + (typeof part === 'string' ? part.length : part.unknown.length),
    0,
  );
}

class Refused extends Error {}

/** A class, because the recursive descent shares one reading position and BuildKit's raw flag. */
class Lexer {
  private readonly chars: readonly string[];
  private at = 0;
  private rawEscapes = false;
  private readonly escape: string;
  private readonly keepQuotes: boolean;
  private readonly read: (name: string) => Reading;

  constructor(
    word: string,
    read: (name: string) => Reading,
    { escape = '\\', keepQuotes = false }: SubstituteOptions,
  ) {
    this.chars = Array.from(word);
    // Go's scanner drops a byte order mark at the start.
    if (this.chars[0] === '\ufeff') this.at = 1;
    this.read = read;
    this.escape = escape;
    this.keepQuotes = keepQuotes;
  }

  all(): Text {
    return this.until(undefined, false);
  }

  private peek(): string | undefined {
    return this.chars[this.at];
  }

  private next(): string | undefined {
    return this.chars[this.at++];
  }

  private until(stop: string | undefined, rawEscapes: boolean): Text {
    const before = this.rawEscapes;
    this.rawEscapes = rawEscapes;
    const text = this.untilStop(stop);
    this.rawEscapes = before;
    return text;
  }

  private untilStop(stop: string | undefined): Text {
    const parts: Text[] = [];
    let plain = '';
    for (;;) {
      const char = this.peek();
      if (char === undefined) break;
      if (char === stop) {
        this.at++;
        return textOf(...parts, plain);
      }
      const special = this.special(char);
      if (special) {
        parts.push([plain], special);
        plain = '';
        continue;
      }
      this.at++;
      if (char !== this.escape) {
        plain += char;
        continue;
      }
      if (this.rawEscapes) plain += char;
      const escaped = this.next();
      if (escaped === undefined) break;
      plain += escaped;
    }
    if (stop !== undefined) throw new Refused(`a "${stop}" is missing`);
    return textOf(...parts, plain);
  }

  /** What begins here, where that is more than a character. */
  private special(char: string): Text | undefined {
    if (char === '$') return this.dollar();
    if (char === '<') return [this.arrows()];
    if (this.keepQuotes) return undefined;
    if (char === "'") return this.singleQuote();
    return char === '"' ? this.doubleQuote() : undefined;
  }

  /** BuildKit swallows no character here, but reads blanks behind `<<` in one go. */
  private arrows(): string {
    let text = this.next()!;
    if (this.peek() !== '<') return text;
    text += this.next()!;
    while (/^[\t\r ]$/.test(this.peek() ?? '')) text += this.next()!;
    return text;
  }

  private singleQuote(): Text {
    const end = this.chars.indexOf("'", this.at + 1);
    if (end < 0) throw new Refused('a single quote is not closed');
    const inner = this.chars.slice(this.at + 1, end).join('');
    this.at = end + 1;
    return textOf(inner);
  }

  private doubleQuote(): Text {
    this.at++;
    const parts: Text[] = [];
    for (;;) {
      const char = this.peek();
      if (char === undefined) throw new Refused('a double quote is not closed');
      if (char === '$') {
        parts.push(this.dollar());
        continue;
      }
      this.at++;
      if (char === '"') return textOf(...parts);
      if (char !== this.escape) {
        parts.push([char]);
        continue;
      }
      if (this.rawEscapes) parts.push([char]);
      const escaped = this.peek();
      if (escaped === undefined) continue;
      const isEscape = escaped === '"' || escaped === '$' || escaped === this.escape;
      if (isEscape) this.at++;
      parts.push([isEscape ? escaped : char]);
    }
  }

  private dollar(): Text {
    const start = this.at++;
    if (this.peek() !== '{') {
      const name = this.name();
      return name === '' ? ['$'] : this.read(name).text;
    }
    this.at++;
    const first = this.peek();
    if (first === undefined || first === '{' || first === '}' || first === ':') {
      throw new Refused('a substitution has no variable');
    }
    const name = this.name();
    const operator = this.next();
    if (operator === '}') return this.read(name).text;
    const variable = this.read(name);
    const written = (): Text => [{ unknown: this.chars.slice(start, this.at).join('') }];
    if (operator === '/') return this.replaced(variable, written);
    if (operator === '#' || operator === '%') {
      const pattern = this.until('}', true);
      return cut(variable.text, pattern, operator) ?? written();
    }
    const countsEmpty = operator === ':';
    const choice = countsEmpty ? this.next() : operator;
    if (choice === undefined || !'+-?'.includes(choice)) {
      throw new Refused('a substitution has a form that the builder does not know');
    }
    const word = this.until('}', false);
    return chosen(variable, choice, countsEmpty, word, name) ?? written();
  }

  private replaced({ text }: Reading, written: () => Text): Text {
    const everywhere = this.peek() === '/';
    if (everywhere) this.at++;
    const pattern = plainText(this.until('/', true));
    const replacement = plainText(this.until('}', true));
    if (pattern === undefined) return written();
    const regex = regexOf(pattern, true, '');
    const plain = plainText(text);
    if (plain === undefined || replacement === undefined) return written();
    if (everywhere) return textOf(replaceAll(plain, regex, replacement));
    const match = regex.exec(plain);
    if (!match) return text;
    const end = match.index + match[0].length;
    return textOf(plain.slice(0, match.index) + replacement + plain.slice(end));
  }

  private name(): string {
    const first = this.peek();
    if (first === undefined) return '';
    if (DIGIT.test(first)) return this.while(DIGIT);
    if ('@*#?-$!0'.includes(first)) return this.next()!;
    return this.while(NAME_PART);
  }

  private while(pattern: RegExp): string {
    const start = this.at;
    while (this.at < this.chars.length && pattern.test(this.peek()!)) this.at++;
    return this.chars.slice(start, this.at).join('');
  }
}

const DIGIT = /^\p{Nd}$/u;
const NAME_PART = /^[\p{L}\p{Nd}_]$/u;

/** `${a-b}`, `${a:-b}`, `${a+b}`, `${a?b}`: one or the other, or `undefined` where nobody knows. */
function chosen(
  { isSet, text }: Reading,
  operator: string,
  countsEmpty: boolean,
  word: Text,
  name: string,
): Text | undefined {
  const isMissing = missing(isSet, countsEmpty ? isEmptyText(text) : false);
  if (operator === '?') {
    if (isMissing === true) throw new Refused(`"${name}" must be set`);
    // Where it is missing there is no build, so what it holds is what it holds when it is set.
    return text;
  }
  if (isMissing === 'unknown') return undefined;
  if (operator === '-') return isMissing ? word : text;
  return isMissing ? EMPTY : word;
}

function missing(isSet: Reading['isSet'], isEmpty: boolean | 'unknown'): boolean | 'unknown' {
  if (isSet === false || isEmpty === true) return true;
  return isSet === true && isEmpty === false ? false : 'unknown';
}

/** `${a#b}`, `${a##b}`, `${a%b}`, `${a%%b}`. */
function cut(text: Text, pattern: Text, operator: '#' | '%'): Text | undefined {
  const plain = plainText(pattern);
  if (plain === undefined) return undefined;
  const greedy = plain.startsWith(operator);
  const glob = greedy ? plain.slice(1) : plain;
  const value = plainText(text);
  if (operator === '#') {
    const regex = regexOf(glob, greedy, '^');
    return value === undefined ? undefined : textOf(value.slice(prefixLength(regex, value)));
  }
  // From the end: both sides turned round, as BuildKit does it.
  const regex = regexOf(reversePattern(glob), greedy, '^');
  if (value === undefined) return undefined;
  const reversed = Array.from(value).toReversed().join('');
  const rest = reversed.slice(prefixLength(regex, reversed));
  return textOf(Array.from(rest).toReversed().join(''));
}

function prefixLength(regex: RegExp, text: string): number {
  return regex.exec(text)?.[0].length ?? 0;
}

/** Turns a pattern round without tearing an escape from what it escapes. */
function reversePattern(pattern: string): string {
  const tokens: string[] = [];
  const chars = Array.from(pattern);
  for (let at = 0; at < chars.length; at++) {
    const pair = chars[at] === '\\' && at < chars.length - 1;
    tokens.push(pair ? chars[at]! + chars[++at]! : chars[at]!);
  }
  return tokens.toReversed().join('');
}

/** The builder's patterns know `*` and `?`, and no brackets. */
function regexOf(pattern: string, greedy: boolean, anchor: '^' | ''): RegExp {
  let source = anchor;
  const chars = Array.from(pattern);
  if (chars[0] === '\ufeff') chars.shift();
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!;
    if (char === '*') source += greedy ? '[^\\n]*' : '[^\\n]*?';
    else if (char === '?') source += '[^\\n]';
    else if (char !== '\\') source += escapeRegex(char);
    else if (chars[at + 1] !== '}' && chars[at + 1] !== '/') {
      const escaped = chars[++at];
      if (escaped !== '*' && escaped !== '?' && escaped !== '\\') {
        throw new Refused('a pattern escapes something else than *, ? or a backslash');
      }
      source += `\\${escaped}`;
    }
  }
  return new RegExp(source, 'u');
}

function escapeRegex(char: string): string {
  return /^[[\]{}.+()|^$/]$/.test(char) ? `\\${char}` : char;
}

/** Go's `Regexp.ReplaceAllString`: no empty match right behind another, `$1` in the replacement. */
function replaceAll(value: string, regex: RegExp, replacement: string): string {
  const all = new RegExp(regex.source, 'gu');
  let result = '';
  let lastEnd = 0;
  let from = 0;
  while (from <= value.length) {
    all.lastIndex = from;
    const match = all.exec(value);
    if (!match) break;
    const end = match.index + match[0].length;
    result += value.slice(lastEnd, match.index);
    if (end > lastEnd || match.index === 0) result += template(replacement, match[0]);
    lastEnd = end;
    from = Math.max(end, from + width(value, from));
  }
  return result + value.slice(lastEnd);
}

/** The length of the character that begins here; 1 at the end. */
function width(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** Go's `Expand`: a name stands for a group, of which there is only the whole match. */
function template(replacement: string, match: string): string {
  return replacement.replace(
    /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
    (whole, braced: string | undefined, bare: string | undefined) => {
      if (whole === '$$') return '$';
      return (braced ?? bare) === '0' ? match : '';
    },
  );
}
