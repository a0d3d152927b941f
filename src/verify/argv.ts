/** The words of a command line, with quotes as everybody writes them, and nothing expanded. */

/** @returns `undefined` where a quote or a backslash is left open */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  // Quoted text, an escaped character, a space, or any other run of characters.
  const parts = /'([^']*)'|"((?:\\[^]|[^"\\])*)"|\\([^])|([ \t\r\n]+)|([^'"\\ \t\r\n]+)/gy;
  let end = 0;
  for (const match of text.matchAll(parts)) {
    end = match.index + match[0].length;
    const [, single, double, escaped, space, plain] = match;
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + (single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain);
    }
  }
  if (word !== undefined) words.push(word);
  return end === text.length ? words : undefined;
}

/** The other way: as a person would write these words. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`))
    .join(' ');
}
