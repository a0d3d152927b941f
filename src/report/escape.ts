/** Text from a Dockerfile or a file name, made harmless for a terminal. */

/**
 * C0 and C1 controls, DEL, byte order marks, and the marks that turn the writing direction: a
 * terminal acts on them instead of showing them, so that a file could rewrite the report on it.
 */
const CONTROL =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** One line: what a terminal would act on is written as `\u001b`. */
export function escapeLine(text: string): string {
  return text.replace(CONTROL, escaped);
}

/** Several lines: line ends and tabs stay. */
export function escapeLines(text: string): string {
  return text.replace(CONTROL, (character, offset: number) => {
    if (character === '\n' || character === '\t') return character;
    const endsLine = character === '\r' && text[offset + 1] === '\n';
    return endsLine ? character : escaped(character);
  });
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
