/** What the shell makes of a command's words: variables put in, words split, file name patterns seen. */
import type { ShellWord, WordPiece } from '../dockerfile/shell.ts';
import { EMPTY, isEmptyText, plainText, textOf, type Reading, type Text } from './values.ts';

/** One argument as the program gets it. */
export interface Argument {
  readonly text: Text;
  /** It may be any number of arguments: a variable without quotes of which nothing is known. */
  readonly isOpen: boolean;
  /** `*`, `?` or brackets outside quotes: it becomes the names that match. */
  readonly isPattern: boolean;
  /** It is somewhere there: the file that is meant may be another one below. */
  readonly isGuess?: true;
}

/** What the shell knows when it puts words together. */
export interface ShellValues {
  readonly read: (name: string) => Reading;
  /** The home folder of a user; an empty name is the one who runs the command. */
  readonly home: (user: string) => Text;
  /** Whether `{a,b}` becomes several words, and `a=~` a home folder: in bash. */
  readonly hasBraces: boolean;
}

/** The arguments that a word becomes: mostly one. */
export function expandWord(word: ShellWord, values: ShellValues): readonly Argument[] {
  const home = word.pieces.findIndex(({ kind }) => kind === 'home');
  // `of=~/x` is a home folder for bash alone.
  const isHome = home === 0 || (home > 0 && values.hasBraces);
  if (word.literal !== undefined && !isHome) {
    return [{ text: textOf(word.literal), isOpen: false, isPattern: false }];
  }
  return expandPieces(word.pieces, values);
}

/** The value of a word where nothing is split: behind `=`, after `>`. */
export function joinedText(pieces: readonly WordPiece[], values: ShellValues): Text {
  return textOf(...pieces.map((piece) => textOfPiece(piece, values)));
}

/** An argument that is still growing. */
interface Field {
  text: Text;
  hasText: boolean;
  isPattern: boolean;
  isOpen: boolean;
}

function expandPieces(pieces: readonly WordPiece[], values: ShellValues): readonly Argument[] {
  let fields: Field[] = [newField()];
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'home' && index > 0 && !values.hasBraces) {
      append(fields.at(-1)!, [`~${piece.user}`], true);
      continue;
    }
    if (piece.kind === 'braces') {
      fields = withBraces(fields, piece.text, values);
      continue;
    }
    const last = fields.at(-1)!;
    if (piece.kind === 'glob') {
      append(last, [piece.text], true);
      last.isPattern = true;
      continue;
    }
    const text = textOfPiece(piece, values);
    const isQuoted = piece.kind === 'text' || piece.kind === 'home' || piece.quoted;
    if (isQuoted) {
      append(last, text, true);
      continue;
    }
    const plain = plainText(text);
    if (plain === undefined) {
      append(last, text, false);
      // `$PACKAGES`: as many words as it holds. `$FOLDER/bin` is one for everybody who writes it.
      if (pieces.length === 1) last.isOpen = true;
      continue;
    }
    const words = plain.split(/[ \t\n]+/);
    for (const [place, each] of words.entries()) {
      if (place > 0) fields.push(newField());
      const field = fields.at(-1)!;
      append(field, textOf(each), false);
      if (/[*?[]/.test(each)) field.isPattern = true;
    }
  }
  return fields.filter((field) => field.hasText || field.isOpen || field.text.length > 0);
}

function newField(): Field {
  return { text: EMPTY, hasText: false, isPattern: false, isOpen: false };
}

function append(field: Field, text: Text, isQuoted: boolean): void {
  field.text = textOf(field.text, text);
  field.hasText ||= isQuoted;
}

/** `a{b,c}d`: two words in bash, a name like any other in dash. */
function withBraces(fields: readonly Field[], text: string, { hasBraces }: ShellValues): Field[] {
  const inner = /^\{([^{}$"'`\\]*,[^{}$"'`\\]*)\}$/.exec(text)?.[1];
  const options = hasBraces && inner !== undefined ? inner.split(',') : undefined;
  return fields.flatMap((field) =>
    options
      ? options.map((each) => ({
          ...field,
          text: textOf(field.text, each),
          hasText: true,
          isPattern: field.isPattern || /[*?[]/.test(each),
        }))
      : [{ ...field, text: textOf(field.text, { unknown: text }), hasText: true }],
  );
}

function textOfPiece(piece: WordPiece, values: ShellValues): Text {
  switch (piece.kind) {
    case 'text':
    case 'glob':
      return textOf(piece.text);
    case 'home':
      return values.home(piece.user);
    case 'braces':
    case 'other':
      return [{ unknown: piece.text }];
    case 'variable':
      return variableText(piece, values);
  }
}

type VariablePiece = Extract<WordPiece, { readonly kind: 'variable' }>;

function variableText(piece: VariablePiece, values: ShellValues): Text {
  const { name, operator, operand, text: written } = piece;
  const { isSet, text } = values.read(name);
  const unknown: Text = [{ unknown: written }];
  if (operator === '') return text;
  const word = joinedText(operand, values);
  const plain = plainText(text);
  if (/^[#%]/.test(operator)) {
    const pattern = plainText(word);
    return plain === undefined || pattern === undefined
      ? unknown
      : (cutAffix(plain, operator, pattern) ?? unknown);
  }
  const isEmpty = operator.startsWith(':') ? isEmptyText(text) : false;
  const isMissing =
    isSet === false || isEmpty === true
      ? true
      : isSet === true && isEmpty === false
        ? false
        : 'unknown';
  if (/[-=]$/.test(operator)) {
    return isMissing === 'unknown' ? unknown : isMissing ? word : text;
  }
  if (!operator.endsWith('+')) return text;
  return isMissing === 'unknown' ? unknown : isMissing ? EMPTY : word;
}

/** `${a%.tar}` and its like, for patterns of plain text with stars. */
function cutAffix(value: string, operator: string, pattern: string): Text | undefined {
  if (/[[\]?\\]/.test(pattern)) return undefined;
  const parts = pattern.split('*').map((part) => part.replace(/[.+^$(){}|]/g, '\\$&'));
  const lengths = Array.from({ length: value.length + 1 }, (_, length) => length);
  const isLongest = operator.length === 2;
  const regex = new RegExp(`^${parts.join('.*')}$`, 's');
  const candidates = isLongest ? lengths.toReversed() : lengths;
  const isPrefix = operator.startsWith('#');
  const length = candidates.find((each) =>
    regex.test(isPrefix ? value.slice(0, each) : value.slice(value.length - each)),
  );
  if (length === undefined) return textOf(value);
  return textOf(isPrefix ? value.slice(length) : value.slice(0, value.length - length));
}
