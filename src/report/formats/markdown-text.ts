/**
 * Text of files in Markdown that others render (GitHub, GitLab, reviewdog): it must not become markup,
 * HTML, a link, or a mention that tells somebody.
 */
import { escapeLine, escapeLines } from '../escape.ts';

/** What Markdown and HTML act on; a numbered entity is never markup. */
const ACTIVE = /[&<>`*_[\]{}\\|~#@!$^]/g;

/** Nothing to see, and what stands behind it is no name, number or address any more. */
const BREAK = '&#8203;';

/**
 * Commit ids, as GitHub links them. Longer ones (digests) it leaves alone; words without a digit are
 * words.
 */
const COMMIT = /\b(?=[a-f]*\d)[0-9a-f]{7,40}\b/gi;

/** Prose: one line, in a paragraph, a list or a table. */
export function markdownText(text: string): string {
  const marked = escapeLine(text)
    .replace(/[@#](?=\S)/g, (sign) => `${sign}\u200b`)
    .replace(/:(?=\/\/)/g, ':\u200b')
    .replace(/\b(www)\.(?=\S)/gi, '$1\u200b.')
    .replace(/\b(GH)-(?=\d)/gi, '$1\u200b-')
    .replace(COMMIT, (id) => `${id.slice(0, 4)}\u200b${id.slice(4)}`);
  return entities(marked).replaceAll('\u200b', BREAK);
}

/**
 * A name or an id, as code: not as a code span, which a table would cut at a `|`. Inside of `code`
 * nobody is mentioned, and `:` and `www` are entities, so that no address is seen.
 */
export function markdownCode(text: string): string {
  const inert = entities(escapeLine(text))
    .replaceAll(':', '&#58;')
    .replace(/w(?=ww)/gi, (letter) => `&#${letter.charCodeAt(0)};`);
  return `<code>${inert}</code>`;
}

function entities(text: string): string {
  return text.replace(ACTIVE, (character) => `&#${character.charCodeAt(0)};`);
}

/** A block of code that nothing in it ends. */
export function markdownFence(language: string, text: string): string {
  const shown = escapeLines(text);
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${shown.replace(/\n?$/, '\n')}${fence}`;
}
