/** What changed, as a unified diff that `git apply` accepts and that reproduces every byte. */
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch, type StructuredPatchHunk } from 'diff';
import type { Colors } from 'picocolors/types.js';
import { escapeLines } from './escape.ts';

/** Lines of unchanged text around an edit: what git shows. */
const CONTEXT_LINES = 3;

/** Hunks of one file, as a diff of their own. */
export interface Patch {
  readonly oldFileName: string;
  readonly newFileName: string;
  readonly hunks: readonly StructuredPatchHunk[];
}

/**
 * @param name the file's path as `git apply` shall find it, with `/` between folders.
 * @param before `undefined` for a file that is new
 * @returns no hunks where nothing changed
 */
export function patchOf(name: string, before: string | undefined, after: string): Patch {
  const path = name.replace(/^\/+/, '');
  const from = before === undefined ? '/dev/null' : `a/${path}`;
  const { hunks } = structuredPatch(from, `b/${path}`, before ?? '', after, undefined, undefined, {
    context: CONTEXT_LINES,
  });
  return { oldFileName: from, newFileName: `b/${path}`, hunks };
}

export function patchText({ oldFileName, newFileName, hunks }: Patch): string {
  const patch = { oldHeader: undefined, newHeader: undefined, hunks: [...hunks] };
  const text = formatPatch({ ...patch, oldFileName, newFileName }, FILE_HEADERS_ONLY);
  return newFileName.includes(' ') ? endNamesByTabs(text) : text;
}

/**
 * @param name as above
 * @param before `undefined` for a file that is new
 * @returns the empty string where nothing changed.
 */
export function unifiedDiff(name: string, before: string | undefined, after: string): string {
  return before === after ? '' : patchText(patchOf(name, before, after));
}

/** As git does for a name with blanks: else what follows a blank may be read as a time stamp. */
function endNamesByTabs(patch: string): string {
  return patch.replace(/^(--- [^"\n].*)\n(\+\+\+ [^"\n].*)\n/, (_, from: string, to: string) => {
    return `${from === '--- /dev/null' ? from : `${from}\t`}\n${to}\t\n`;
  });
}

/** The diff for eyes: coloured, and with nothing in it that a terminal would act on. */
export function displayedDiff(diff: string, colors: Colors): string {
  return escapeLines(diff)
    .split('\n')
    .map((line, index) => (index < 2 ? colors.bold(line) : paint(line, colors)))
    .join('\n');
}

/** Lines for eyes. @param hasNames with the names of the files above the hunks */
export function patchLines(patch: Patch, hasNames: boolean, colors: Colors): string[] {
  const lines = displayedDiff(patchText(patch).replace(/\n$/, ''), colors).split('\n');
  return hasNames ? lines : lines.slice(2);
}

function paint(line: string, colors: Colors): string {
  if (line.startsWith('@@')) return colors.cyan(line);
  if (line.startsWith('+')) return colors.green(line);
  if (line.startsWith('-')) return colors.red(line);
  return line;
}
