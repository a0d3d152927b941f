/** The words of the bot's own pull requests: title, body, message of the commit, farewell. */
import { passes } from '../../passes/index.ts';
import { DEFAULT_LEVEL } from '../pass.ts';
import { markdown } from '../report/formats/markdown.ts';
import { roughly } from '../report/size.ts';
import { countOf } from '../report/units.ts';
import { markerLine, type ProposalMarker, type Sign } from './marker.ts';
import { folded, plainTitle } from './markdown.ts';
import { reportOf, folderOf } from './reviewed.ts';
import { appliedOf } from './suggestions.ts';
import type { ProposedFile } from './propose-types.ts';

/** @param files those that change; at least one */
export function titleOf(files: readonly ProposedFile[]): string {
  const [first] = files;
  if (files.length > 1 || !first) return `dfopt: improve ${countOf(files.length, 'Dockerfile')}`;
  const { estimate } = first.result;
  const [before, after] = [estimate?.before, estimate?.after].map((bill) =>
    bill ? roughly(bill.total.bytes) : '',
  );
  const isKnown = estimate?.before.lines.every(({ isUnknown }) => isUnknown !== true);
  const sizes = isKnown === true && before !== after ? ` (${before} → ${after})` : '';
  return `dfopt: improve ${plainTitle(first.path)}${sizes}`;
}

/** Of the files only names are in it, and those cannot call anybody, or close or skip anything. */
export function messageOf(files: readonly ProposedFile[]): string {
  const edits = files.flatMap(({ path, result }) =>
    appliedOf(result).map(({ pass, origin }) =>
      files.length > 1
        ? `- ${plainTitle(path)}, line ${origin.line}: ${pass}`
        : `- line ${origin.line}: ${pass}`,
    ),
  );
  const [first] = files;
  const what = files.length > 1 || !first ? 'Dockerfiles' : plainTitle(first.path);
  return `Improve ${what}\n\n${edits.slice(0, MOST_EDITS).join('\n')}\n`;
}

const MOST_EDITS = 200;

export function bodyOf(
  files: readonly ProposedFile[],
  marker: ProposalMarker,
  version: string,
  sign: Sign | undefined,
): string {
  const reports = files.map(({ path, result, contextFolder = folderOf(path) }) => ({
    ...reportOf(path, contextFolder, result, undefined),
    written: true,
  }));
  const run = { reports, level: DEFAULT_LEVEL, verbose: false, quiet: false, passes, version };
  return `${markerLine(marker, sign)}${markdown(run)}\n${folded('What it listens to', COMMANDS)}\n`;
}

const COMMANDS = `Comments of people with write access:

- \`/dfopt rebase\` makes the branch anew on top of the base; commits of others in it are lost.
- \`/dfopt ignore <pass>\` leaves out what a pass does.
- \`/dfopt level safe\`, \`standard\` or \`aggressive\` says how much an edit may assume.

The branch is made anew when the files change, and the pull request is closed when there is nothing left to do. When a person closes it, it stays closed, and nothing is proposed for these files again.`;

export const FAREWELL =
  'There is nothing left to change here, or other files are proposed together now: this is closed and its branch deleted.';
