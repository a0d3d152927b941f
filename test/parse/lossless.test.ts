/** Bytes that Markdown cannot hold: each file comes out as it went in, cut where the builder cuts. */
import { describe, expect, it } from 'vitest';
import { instructionsOf } from '../../src/dockerfile/model.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import { print } from '../../src/dockerfile/print.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize } from '../../src/pipeline.ts';

/** Each instruction as `line keyword`. */
function cut(text: string): string[] {
  return instructionsOf(parse(text)).map((each) => `${each.origin[0]!.line} ${each.keyword}`);
}

const FILES: readonly (readonly [name: string, text: string, instructions: readonly string[]])[] = [
  ['nothing', '', []],
  ['one blank', ' ', []],
  ['newlines', '\n\n\n', []],
  ['a byte order mark alone', '\ufeff', []],
  ['comments only', '# one\n  # two\n', []],
  ['comments only, no final newline', '# one\n#', []],
  ['a plain file', 'FROM a\nRUN b\n', ['1 FROM', '2 RUN']],
  ['no final newline', 'FROM a\nRUN b', ['1 FROM', '2 RUN']],
  ['CRLF', 'FROM a\r\nRUN b \\\r\n  c\r\nCMD d\r\n', ['1 FROM', '2 RUN', '4 CMD']],
  ['CRLF and LF mixed', 'FROM a\r\nRUN b \\\n  c\r\nCMD d\n', ['1 FROM', '2 RUN', '4 CMD']],
  [
    'CRLF with a continuation through blank lines to the end',
    'FROM a\r\nRUN b \\\r\n\r\n\r\n',
    ['1 FROM', '2 RUN'],
  ],
  ['several CR before LF', 'FROM a\r\r\nRUN b\r\r\n', ['1 FROM', '2 RUN']],
  ['a lone CR is no line end', 'FROM a\rRUN b\n', ['1 FROM']],
  ['a lone CR in a RUN', 'FROM a\nRUN b\rc\nCMD d\n', ['1 FROM', '2 RUN', '3 CMD']],
  ['a byte order mark', '\ufeffFROM a\nRUN b\n', ['1 FROM', '2 RUN']],
  ['a byte order mark before a directive', '\ufeff# escape=`\nFROM a\nRUN b `\n c\n', ['2 FROM', '3 RUN']],
  ['a byte order mark in the middle', 'FROM a\n\ufeffRUN b\n', ['1 FROM', '2 \ufeffRUN']],
  ['tabs', '\tFROM\ta\n\tRUN\tb\t\\\n\t\tc\n', ['1 FROM', '2 RUN']],
  ['blank lines between', '\n\nFROM a\n\n\nRUN b\n\n', ['3 FROM', '6 RUN']],
  ['lines of blanks', 'FROM a\n  \t \nRUN b\n   ', ['1 FROM', '3 RUN']],
  ['indentation', '  FROM a\n    RUN b\n', ['1 FROM', '2 RUN']],
  ['lower case', 'from a\nrun b\n', ['1 from', '2 run']],
  ['a continuation to the end of the file', 'FROM a\nRUN b \\', ['1 FROM', '2 RUN']],
  ['a continuation to the end with a newline', 'FROM a\nRUN b \\\n', ['1 FROM', '2 RUN']],
  ['a line that is only a backslash', 'FROM a\nRUN b \\\n\\\n  c\nCMD d\n', ['1 FROM', '2 RUN', '5 CMD']],
  ['a keyword that is continued', 'FROM a\nRU\\\nN b\nCMD d\n', ['1 FROM', '2 RUN', '4 CMD']],
  ['blanks after the backslash', 'FROM a\nRUN b \\ \t \n  c\nCMD d\n', ['1 FROM', '2 RUN', '4 CMD']],
  ['blank lines in a continuation', 'FROM a\nRUN b \\\n\n \n  c\nCMD d\n', ['1 FROM', '2 RUN', '6 CMD']],
  [
    'comments in a continuation, also indented ones',
    'FROM a\nRUN b \\\n# one\n   # two\n\t# three \\\n  c\nCMD d\n',
    ['1 FROM', '2 RUN', '7 CMD'],
  ],
  [
    'a comment after the last continuation',
    'FROM a\nRUN b \\\n# one\nCMD d\n',
    ['1 FROM', '2 RUN'],
  ],
  ['two backslashes at the end of a line', 'FROM a\nRUN echo b \\\\\nRUN c\n', ['1 FROM', '2 RUN', '3 RUN']],
  ['an escape pair before a continuation', "FROM a\nRUN printf 'b\\n\\\nc'\nCMD d\n", ['1 FROM', '2 RUN', '4 CMD']],
  ['escape=`', '# escape=`\nFROM a\nRUN b `\n  c\nCMD d\n', ['2 FROM', '3 RUN', '5 CMD']],
  ['escape=` leaves backslashes alone', '# escape=`\nFROM a\nCOPY b c:\\\nRUN d\n', ['2 FROM', '3 COPY', '4 RUN']],
  ['escape=` without a final newline', '# escape=`\nFROM a\nRUN b `\n  c', ['2 FROM', '3 RUN']],
  ['directives after a comment are comments', '# hello\n# escape=`\nFROM a\nRUN b `\nRUN c\n', ['3 FROM', '4 RUN', '5 RUN']],
  ['directives after a blank line are comments', '\n# escape=`\nFROM a\nRUN b `\nRUN c\n', ['3 FROM', '4 RUN', '5 RUN']],
  ['several directives', '# syntax=docker/dockerfile:1\n# check=skip=all\n# escape=`\nFROM a\n', ['4 FROM']],
  ['a header with backslashes', '# a \\\n# b \\\nFROM a\n', ['3 FROM']],
  ['a heredoc', 'FROM a\nRUN <<EOF\nFROM b\n\n# c\nEOF\nCMD d\n', ['1 FROM', '2 RUN', '7 CMD']],
  ['a heredoc with CRLF', 'FROM a\r\nRUN <<EOF\r\nb\r\nEOF\r\nCMD d\r\n', ['1 FROM', '2 RUN', '5 CMD']],
  ['two heredocs of one line', 'FROM a\nRUN cat <<A <<B\n1\nA\n2\nB\nCMD d\n', ['1 FROM', '2 RUN', '7 CMD']],
  ['a heredoc that drops tabs', 'FROM a\nRUN <<-EOF\n\tb\n\tEOF\nCMD d\n', ['1 FROM', '2 RUN', '5 CMD']],
  ['a heredoc whose end is indented by blanks', 'FROM a\nRUN <<EOF\n EOF\nEOF\nCMD d\n', ['1 FROM', '2 RUN', '5 CMD']],
  ['a heredoc at the end without a newline', 'FROM a\nRUN <<EOF\nb\nEOF', ['1 FROM', '2 RUN']],
  ['an empty heredoc', 'FROM a\nRUN <<EOF\nEOF\nCMD d\n', ['1 FROM', '2 RUN', '4 CMD']],
  ['a heredoc after a continuation', 'FROM a\nRUN b && \\\n  cat <<EOF\nc\nEOF\nCMD d\n', ['1 FROM', '2 RUN', '6 CMD']],
  ['a heredoc of COPY', 'FROM a\nCOPY <<A <<B /x/\n1\nA\n2\nB\nCMD d\n', ['1 FROM', '2 COPY', '7 CMD']],
  ['a heredoc of ONBUILD', 'FROM a\nONBUILD RUN <<EOF\nb\nEOF\nCMD d\n', ['1 FROM', '2 ONBUILD', '5 CMD']],
  ['a heredoc without an end', 'FROM a\nRUN <<EOF\nb\n', ['1 FROM', '2 RUN']],
  ['other white space', 'FROM a\n\u00a0RUN b\n\u2003# c\nCMD d\n', ['1 FROM', '2 RUN', '4 CMD']],
  ['characters of four bytes', 'FROM a\nRUN echo 😀 \\\n  🚀\nCMD 💥\n', ['1 FROM', '2 RUN', '4 CMD']],
  ['a NUL', 'FROM a\nRUN b\0c\n', ['1 FROM', '2 RUN']],
  ['no Dockerfile at all', 'hello world\n{ "a": [1] }\n', ['1 hello', '2 {']],
  ['a template', '{% if x %}\nFROM a\n{% endif %}\n', ['1 {%', '2 FROM', '3 {%']],
];

describe('a file comes out as it went in, and is cut where the builder cuts it', () => {
  it.each(FILES)('%s', (_, text, instructions) => {
    expect(print(parse(text))).toBe(text);
    expect(cut(text)).toEqual(instructions);
  });
});

it('comes out as it went in when the optimizer has nothing to do or may do nothing', () => {
  for (const [name, text] of FILES) {
    const { output } = optimize(text, loadFacts(), { strict: true });
    expect(output, name).toBe(text);
  }
});

/** What dfopt adds must not stand out from the bytes around it. */
describe('edits keep the line ends, the byte order mark and the missing final newline', () => {
  const facts = loadFacts();
  const rewrite = (text: string): string => optimize(text, facts, { strict: true }).output;

  it('writes CRLF into a file of CRLF', () => {
    const text = 'FROM debian:bookworm-slim\r\nRUN apt-get update \\\r\n    && apt-get install -y nano\r\n';
    expect(rewrite(text)).toBe(
      'FROM debian:bookworm-slim\r\nRUN apt-get update \\\r\n' +
        '    && apt-get install -y --no-install-recommends nano \\\r\n' +
        '    && rm -rf /var/lib/apt/lists/*\r\n',
    );
  });

  it('writes CRLF where RUNs are joined', () => {
    const text = 'FROM alpine:3.20\r\nRUN apk update\r\nRUN apk add curl \\\r\n    git\r\nCMD ["sh"]\r\n';
    expect(rewrite(text)).toBe('FROM alpine:3.20\r\nRUN apk add --no-cache curl \\\r\n    git\r\nCMD ["sh"]\r\n');
  });

  it('keeps a byte order mark, and a file without a final newline', () => {
    expect(rewrite('\ufeffFROM python:3.12-slim\nRUN pip install flask')).toBe(
      '\ufeffFROM python:3.12-slim\nRUN pip install --no-cache-dir flask',
    );
  });

  it('keeps blanks after a continuation, and blank and comment lines in it', () => {
    expect(rewrite('FROM python:3.12-slim\nRUN pip install \\  \n\n  # why\n\tflask  \nCMD ["x"]\n')).toBe(
      'FROM python:3.12-slim\nRUN pip install --no-cache-dir \\  \n\n  # why\n\tflask  \nCMD ["x"]\n',
    );
  });

  it('continues lines with the escape character of the file', () => {
    const text = '# escape=`\nFROM debian:bookworm-slim\nRUN apt-get update `\n && apt-get install -y nano\n';
    expect(rewrite(text)).toBe(
      '# escape=`\nFROM debian:bookworm-slim\nRUN apt-get update `\n' +
        ' && apt-get install -y --no-install-recommends nano `\n && rm -rf /var/lib/apt/lists/*\n',
    );
  });

  it('leaves a continuation that runs to the end of the file open', () => {
    expect(rewrite('FROM python:3.12-slim\nRUN pip install flask \\\n')).toBe(
      'FROM python:3.12-slim\nRUN pip install --no-cache-dir flask \\\n',
    );
  });
});
