/** Model to text: what was parsed comes out byte for byte; what dfopt creates, from a Doc. */
import { builders, printer, utils } from 'prettier/doc';
import type { Doc } from 'prettier';
import { instructionsOf, type Dockerfile, type Escape } from './model.ts';
import type { Style } from './style.ts';

const { align, group, hardline, ifBreak, literalline, softline } = builders;

export function print(file: Dockerfile): string {
  let body = '';
  for (const { lead, text, eol } of instructionsOf(file)) body += lead + text + eol;
  return file.bom + file.header + body + file.tail;
}

/** A piece of shell code for a new RUN, with the comments that stand above it inside the RUN. */
export interface RunPiece {
  readonly code: string;
  /** Comment lines, `#` first, without indentation and line end. */
  readonly comments: readonly string[];
}

/**
 * The text of a new RUN, `head` being its keyword and builder flags, that runs the given pieces of shell code in order, each only if the one
 * before it succeeded. The pieces come out verbatim.
 */
export function printRun(
  head: string,
  pieces: readonly RunPiece[],
  escape: Escape,
  style: Style,
): string {
  const verbatim = (code: string): Doc =>
    utils.replaceEndOfLine(code.replaceAll('\r\n', '\n'), literalline);
  const [first, ...rest] = pieces;
  const joined = rest.map(({ code, comments }): Doc => {
    const next: Doc = [' ', ifBreak(escape), softline, ...comments.map((line) => [line, hardline])];
    return style.operator === 'first'
      ? [next, '&& ', verbatim(code)]
      : [' &&', next, verbatim(code)];
  });
  const doc = group([head, ' ', align(style.indent, [verbatim(first!.code), ...joined])]);
  const { formatted } = printer.printDocToString(doc, {
    printWidth: style.width,
    tabWidth: 4,
    useTabs: false,
  });
  return style.eol === '\n' ? formatted : formatted.replaceAll('\n', style.eol);
}
