/** Model to text: what was parsed comes out byte for byte; what dfopt creates, from a Doc. */
import { builders, printer, utils } from 'prettier/doc';
import type { Doc } from 'prettier';
import { instructionsOf, type Dockerfile, type Escape } from './model.ts';
import type { Style } from './style.ts';

const { align, group, ifBreak, literalline, softline } = builders;

export function print(file: Dockerfile): string {
  const body = instructionsOf(file)
    .map((instruction) => instruction.lead + instruction.text + instruction.eol)
    .join('');
  return file.bom + file.header + body + file.tail;
}

/**
 * The text of a new RUN that runs the given pieces of shell code in order, each only if the one
 * before it succeeded. The pieces come out verbatim.
 */
export function printRun(
  keyword: string,
  pieces: readonly string[],
  escape: Escape,
  style: Style,
): string {
  const verbatim = pieces.map((piece) =>
    utils.replaceEndOfLine(piece.replaceAll('\r\n', '\n'), literalline),
  );
  const [first, ...rest] = verbatim;
  const continuation: Doc = [' ', ifBreak(escape), softline];
  const joined = rest.map((piece) =>
    style.operator === 'first' ? [continuation, '&& ', piece] : [' &&', continuation, piece],
  );
  const doc = group([keyword, ' ', align(style.indent, [first!, ...joined])]);
  const { formatted } = printer.printDocToString(doc, {
    printWidth: style.width,
    tabWidth: 4,
    useTabs: false,
  });
  return style.eol === '\n' ? formatted : formatted.replaceAll('\n', style.eol);
}
