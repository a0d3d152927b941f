/** Text in columns of a terminal: how wide it is, and how it fits. Measures what is escaped already. */
import stringWidth from 'string-width';

/** Columns: 2 for what East Asian scripts and emoji take, 0 for marks that combine. */
export function columnsOf(text: string): number {
  if (isPlain(text)) return text.length;
  if (text.length <= PIECE) return stringWidth(text);
  let columns = 0;
  for (const character of charactersOf(text)) columns += stringWidth(character);
  return columns;
}

/** Most text is of characters that all take one column: ASCII's, and the few others that reports have. */
function isPlain(text: string): boolean {
  return /^[\u0020-\u007e·×–…→−━█▸✓]*$/.test(text);
}

/** `Intl.Segmenter` takes time by the square of the length. */
const PIECE = 200;

/** Made when it is first needed: that takes 10 ms, and most reports need none. */
let graphemes: Intl.Segmenter | undefined;

/** What people call characters, with all that combines. */
function* charactersOf(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const piece = text.slice(at, at + PIECE);
    const all = isPlain(piece)
      ? piece.split('')
      : [...(graphemes ??= new Intl.Segmenter('en')).segment(piece)].map(({ segment }) => segment);
    // The last one may go on in the next piece.
    const isLast = at + PIECE >= text.length || all.length === 1;
    for (const character of isLast ? all : all.slice(0, -1)) {
      at += character.length;
      yield character;
    }
  }
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - columnsOf(text))) + text;
}

/** No wider than this; what is left out shows as `…`. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  return `${firstPart(text, columns - 1)}…`;
}

/** As many whole characters as there is room for. */
function firstPart(text: string, columns: number): string {
  let [part, width] = ['', 0];
  for (const segment of charactersOf(text)) {
    width += columnsOf(segment);
    if (width > columns) break;
    part += segment;
  }
  return part;
}

/** Between words; a figure and its unit stay together. */
const BREAKS = /(?<= )(?=[^ ])(?!(?:%|[kMG]?B)(?:[\s,;)]|$))/;

/**
 * Lines no wider than this, broken at blanks; a word that is wider by itself is broken anywhere. Blanks
 * inside a line stay as they are.
 *
 * @param taken columns of the first line that something else has
 */
export function wrap(text: string, columns: number, taken = 0): string[] {
  const room = Math.max(2, columns);
  const lines: string[] = [];
  let [line, width] = ['', taken];
  const end = (): void => {
    lines.push(line.trimEnd());
    [line, width] = ['', 0];
  };
  for (const word of text.split(BREAKS)) {
    const [own, blanks] = [columnsOf(word.trimEnd()), word.length - word.trimEnd().length];
    if (width > 0 && width + own > room) end();
    if (own <= room) {
      line += word;
      width += own + blanks;
      continue;
    }
    for (const segment of charactersOf(word)) {
      const more = columnsOf(segment);
      if (width > 0 && segment !== ' ' && width + more > room) end();
      line += segment;
      width += more;
    }
  }
  if (line !== '' || lines.length === 0) end();
  return lines;
}

/**
 * Wrapped behind a head, with the lines that follow set in.
 *
 * @param headColumns how wide the head is, where that is not the indent
 */
export function hanging(
  head: string,
  indent: number,
  text: string,
  columns: number,
  headColumns = indent,
): string[] {
  const [first = '', ...rest] = wrap(text, columns - indent, headColumns - indent);
  return [head + first, ...rest.map((line) => ' '.repeat(indent) + line)];
}
