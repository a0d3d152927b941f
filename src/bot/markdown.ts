/** Pieces of Markdown that the bot writes; text of others becomes part of them in this file alone. */
import { changeText } from '../report/size.ts';
import { markdownCode, markdownText } from '../report/formats/markdown-text.ts';
import { escapeLine } from '../report/escape.ts';
import type { Remark } from '../pass.ts';

/** Bytes of a text, which GitHub counts less strictly: 65,536 characters of a comment. */
export const MOST_BYTES = 65_000;

/** A message quotes text of the file; nobody reads more of it than this. */
const MOST_OF_MESSAGE = 600;

const encoder = new TextEncoder();

export function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

/** Text of a file in prose: cut where it is long, and never markup. */
export function prose(text: string): string {
  return markdownText(shortened(text, MOST_OF_MESSAGE));
}

export function code(text: string): string {
  return markdownCode(shortened(text, MOST_OF_MESSAGE));
}

function shortened(text: string, most: number): string {
  // Not in the middle of a character that takes two units.
  return text.length > most ? `${text.slice(0, most).replace(/\p{Surrogate}$/u, '')}…` : text;
}

/**
 * Text of others where Markdown is not read, but names and numbers are: the title of a pull request, the
 * message of a commit. Without this, a folder called `fixes #1` would close an issue.
 */
export function plainTitle(text: string, most = 200): string {
  return (
    shortened(escapeLine(text), most)
      .replace(/[@#](?=\S)/g, (sign) => `${sign}\u200b`)
      .replace(/\b(GH)-(?=\d)/gi, '$1\u200b-')
      .replace(/:(?=\/\/)/g, ':\u200b')
      // `[skip ci]` and its like.
      .replace(/\[(?=\S)/g, '[\u200b')
      .replace(/\/(?=(issues|pull)\/)/gi, '/\u200b')
  );
}

/** What replaces the lines that a comment stands on: verbatim, and nothing in it ends the block. */
export function suggestionBlock(lines: readonly string[]): string {
  const fence = fenceFor(lines.join('\n'));
  return `${fence}suggestion\n${lines.map((line) => `${line}\n`).join('')}${fence}`;
}

function fenceFor(text: string): string {
  const runs = [...text.matchAll(/`+/g)].map(([run]) => run.length);
  return '`'.repeat(Math.max(2, ...runs) + 1);
}

export function folded(summary: string, inside: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${inside}\n\n</details>`;
}

/** `remove the lists… (−20 MB, safe; assumes: …)` */
export function remarkLine(remark: Remark): string {
  const { pass, message, level, assumptions, saved } = remark;
  const change = saved ? changeText(saved) : '';
  const notes = [
    ...(change === '' ? [] : [`**${change}**`]),
    `level ${level}`,
    ...assumptions.map((each) => `assumes: ${prose(each)}`),
  ];
  return `${code(pass)}: ${prose(message)} (${notes.join('; ')})`;
}

/** One word of a shell that has it from the text alone, whatever is in it. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text) && !text.startsWith('-')) return text;
  const quoted = `'${escapeLine(text).replaceAll("'", "'\\''")}'`;
  return text.startsWith('-') ? `./${quoted}` : quoted;
}
