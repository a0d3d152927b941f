/** Text of files in HTML: as text, and with nothing in it that turns or hides what is read. */
import { escapeLine } from '../escape.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** One line, for an element or an attribute in quotes; tabs stay. */
export function htmlText(text: string): string {
  const shown = text.split('\t').map(escapeLine).join('\t');
  return shown.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
