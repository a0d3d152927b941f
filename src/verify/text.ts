/** What programs and servers write, as people and expectations read it. */
import type { Excerpt } from '../report/verification.ts';
import type { Written } from './process.ts';

/** How much of what was seen is kept in a report: enough to tell what it is. */
const EXCERPT_CHARACTERS = 16_384;

export function excerptOf({ text, bytes }: Pick<Written, 'text' | 'bytes'>): Excerpt {
  return { text: text.slice(0, EXCERPT_CHARACTERS), bytes };
}

const SHOWN_CHARACTERS = 160;

export function short(line: string): string {
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}

/** `stdout, line 3: "a" → "b"` */
export function firstDifference(where: string, before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const at = old.findIndex((line, index) => line !== now[index]);
  const index = at < 0 ? old.length : at;
  if (old[index] === undefined && now[index] === undefined) return `${where} differs far behind`;
  const quoted = (line: string | undefined): string =>
    line === undefined ? 'nothing' : `"${short(line)}"`;
  return `${where}, line ${index + 1}: ${quoted(old[index])} → ${quoted(now[index])}`;
}
