/** The comment that makes a suggestion, and what is left of it when the edit is gone. */
import { passes } from '../../passes/index.ts';
import type { Earlier } from './earlier.ts';
import { markerLine, pathName, textName, type Sign, type SuggestionMarker } from './marker.ts';
import {
  bytesOf,
  code,
  folded,
  MOST_BYTES,
  prose,
  remarkLine,
  suggestionBlock,
} from './markdown.ts';
import type { Suggestion } from './suggestions.ts';
import { linesAt } from './spans.ts';

export interface SuggestionText {
  readonly marker: SuggestionMarker;
  /** The marker included. */
  readonly body: string;
}

/** @param text of the file at the head */
export function suggestionText(
  suggestion: Suggestion,
  path: string,
  text: string,
  sign: Sign | undefined,
): SuggestionText {
  const { remarks, lines } = suggestion;
  const [first] = remarks;
  const block = suggestionBlock(lines);
  const says =
    remarks.length === 1
      ? remarkLine(first!)
      : ['These edits belong together:\n', ...remarks.map((each) => `- ${remarkLine(each)}`)].join(
          '\n',
        );
  const long = [says, block, folded('Why, and how to refuse it', whyOf(suggestion))].join('\n\n');
  const names = [...new Set(remarks.map(({ pass }) => code(pass)))].join(', ');
  const rest = bytesOf(long) > MOST_BYTES - 2000 ? [names, block].join('\n\n') : long;
  const marker: SuggestionMarker = {
    kind: 'suggestion',
    path: pathName(path),
    ids: idsOf(suggestion),
    lines: textName(linesAt(text, suggestion)),
    body: textName(rest),
    isGone: false,
  };
  return { marker, body: `${markerLine(marker, sign)}${rest}\n` };
}

export function idsOf({ remarks }: Pick<Suggestion, 'remarks'>): readonly string[] {
  return remarks.map(({ id }) => id).toSorted();
}

/** The comment holds this very edit on the lines on which it belongs today. */
export function isStandingFor(
  { comment, marker }: Pick<Earlier, 'comment' | 'marker'>,
  suggestion: Suggestion,
  path: string,
  text: string,
): boolean {
  const { start, end } = suggestion;
  return (
    comment.path === path &&
    comment.line === end &&
    (comment.startLine ?? end) === start &&
    marker.lines === textName(linesAt(text, suggestion)) &&
    marker.ids.join(' ') === idsOf(suggestion).join(' ')
  );
}

function whyOf({ remarks }: Suggestion): string {
  const ids = [...new Set(remarks.map(({ pass }) => pass))];
  const reasons = ids.map((id) => {
    const pass = passes.find((each) => each.id === id);
    return `- ${code(id)}: ${prose(pass?.why ?? '')}`;
  });
  const mute = `Who resolves this conversation, hides or deletes the comment does not see it again. For good, write ${code(`# dfopt-ignore ${ids.join(' ')}: reason`)} above the instruction.`;
  return `${reasons.join('\n')}\n\n${mute}`;
}

/** In place of a suggestion that nobody must take any more. */
export function goneText(old: SuggestionMarker, sign: Sign | undefined): string {
  const rest =
    'This suggestion is gone: the lines have changed, or dfopt makes another one of them.\n';
  return `${markerLine({ ...old, body: textName(rest), isGone: true }, sign)}${rest}`;
}
