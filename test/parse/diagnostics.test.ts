/** What the builder rejects: each with a line, a column, a message and a way out. */
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/dockerfile/model.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import { print } from '../../src/dockerfile/print.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize } from '../../src/pipeline.ts';

type Row = readonly [text: string, place: string, message: RegExp];

/** `[text, line:column, message]`, one for each thing that the builder rejects. */
const REJECTED: readonly Row[] = [
  // The file as a whole.
  ['', '1:1', /no instruction/],
  ['# only this\n', '1:1', /no instruction/],
  ['ARG A=1\n', '1:1', /no FROM/],
  ['RUN a\nFROM b\n', '1:1', /RUN stands before the first FROM/],
  ['ARG A\n\n  COPY a b\nFROM c\n', '3:3', /COPY stands before the first FROM/],
  ['{{ if .X }}\nFROM a\n', '1:1', /template/],
  ['FROM {{ image }}\n', '1:1', /template/],
  ["include(`a')\nFROM b\n", '1:1', /template/],
  // Keywords.
  ['FROM a\nRNU b\n', '2:1', /unknown instruction "RNU"/],
  ['FROM a\nRUN b\n  && c\n', '3:3', /unknown instruction "&&"/],
  ['FROM a\nRUN echo \\\\\n  b\n', '3:3', /unknown instruction "b"/],
  ['FROM a\nINCLUDE+ b\n', '2:1', /unknown instruction "INCLUDE\+"/],
  // Directives.
  ['# escape=x\nFROM a\n', '1:1', /escape character cannot be "x"/],
  ['# escape=\\\n# escape=`\nFROM a\n', '2:1', /"escape" is set twice/],
  ['# syntax=a\n# SYNTAX=b\nFROM a\n', '2:1', /"syntax" is set twice/],
  // FROM.
  ['FROM\n', '1:5', /FROM takes an image/],
  ['FROM a b\n', '1:6', /FROM takes an image/],
  ['FROM a AS\n', '1:6', /FROM takes an image/],
  ['FROM a AZ b\n', '1:6', /FROM takes an image/],
  ['FROM a AS 1b\n', '1:11', /"1b" is not a valid stage name/],
  ['FROM a AS b/c\n', '1:11', /"b\/c" is not a valid stage name/],
  ['FROM --platform a\n', '1:6', /"--platform" needs a value/],
  ['FROM --other=x a\n', '1:6', /FROM has no flag "--other"/],
  ['FROM A\n', '1:6', /"A" is neither an earlier stage nor the name of an image/],
  ['FROM a\nFROM b_/C\n', '2:6', /"b_\/C" is not the name of an image/],
  ['FROM a:b:c\n', '1:6', /"a:b:c" is not the name of an image/],
  ['FROM a@sha256:abc\n', '1:6', /is not the name of an image/],
  // Flags.
  ['FROM a\nCOPY --chmood=755 b c\n', '2:6', /COPY has no flag "--chmood"/],
  ['FROM a\nCOPY --from=x --from=y b c\n', '2:15', /"--from" is given twice/],
  ['FROM a\nCOPY --link=perhaps b c\n', '2:6', /"--link" takes true or false/],
  ['FROM a\nADD --from=x b c\n', '2:5', /ADD has no flag "--from"/],
  ['FROM a\nCOPY --checksum=x b c\n', '2:6', /COPY has no flag "--checksum"/],
  ['FROM a\nENV --x=1 b=c\n', '2:5', /ENV has no flag "--x"/],
  ['FROM a\nWORKDIR --x=1 /b\n', '2:9', /WORKDIR has no flag "--x"/],
  // RUN.
  ['FROM a\nRUN --mount=type=volume,target=/x b\n', '2:5', /"volume" is not a mount type/],
  ['FROM a\nRUN --mount=type=cache,targett=/x b\n', '2:5', /"targett" is not a mount option/],
  ['FROM a\nRUN --mount=type=cache,target b\n', '2:5', /mount option "target" needs a value/],
  ['FROM a\nRUN --mount=type=cache,sharing=some,target=/x b\n', '2:5', /"some" is not a sharing mode/],
  ['FROM a\nRUN --mount=type=bind,sharing=shared,target=/x b\n', '2:5', /only a cache mount/],
  ['FROM a\nRUN --mount=from=$X,target=/x b\n', '2:5', /"from" cannot hold a variable/],
  ['FROM a\nRUN --network=hots b\n', '2:5', /"hots" is not a network mode/],
  ['FROM a\nRUN --security=none b\n', '2:5', /"none" is not a security mode/],
  ['FROM a\nRUN [1]\n', '2:5', /holds something that is no string/],
  ['FROM a\nRUN <<EOF\nb\n', '2:5', /heredoc "EOF" is not terminated/],
  // COPY and ADD.
  ['FROM a\nCOPY b\n', '2:6', /COPY needs at least one source/],
  ['FROM a\nADD b\n', '2:5', /ADD needs at least one source/],
  ['FROM a\nCOPY ["b"]\n', '2:6', /COPY needs at least one source/],
  ['FROM a\nCOPY b <<EOF\nc\nEOF\n', '2:8', /cannot take a heredoc as its destination/],
  ['FROM a AS x\nCOPY --from=x b c\n', '2:6', /copies from itself/],
  ['FROM a\nCOPY --from=0 b c\n', '2:6', /copies from itself/],
  ['FROM a\nFROM b\nCOPY --from=2 b c\n', '3:6', /no earlier stage 2/],
  ['FROM a\nCOPY https://example.com/b /c\n', '2:6', /COPY cannot fetch a URL/],
  // What the builder expands.
  ['FROM a\nENV B="c\n', '2:5', /double quote is not closed in ENV/],
  ["FROM a\nENV b it's\n", '2:5', /single quote is not closed in ENV/],
  ['FROM a\nLABEL b="c d=e\n', '2:7', /double quote is not closed in LABEL/],
  ["FROM a\nARG B='c\n", '2:5', /single quote is not closed in ARG/],
  ['FROM a\nCOPY "b c\n', '2:6', /double quote is not closed in COPY/],
  ['FROM a\nENV B=${c:#d}\n', '2:5', /substitution has a form that the builder does not know/],
  ["FROM a\nWORKDIR '/b\n", '2:9', /single quote is not closed in WORKDIR/],
  // Names and values.
  ['FROM a\nENV b\n', '2:5', /ENV needs a name and a value/],
  ['FROM a\nENV\n', '2:4', /ENV needs at least one argument/],
  ['FROM a\nENV b=c d\n', '2:9', /"d" has no "="/],
  ['FROM a\nENV =c\n', '2:5', /"=c" has no name/],
  ['FROM a\nLABEL b\n', '2:7', /LABEL needs a name and a value/],
  ['FROM a\nLABEL b=c d\n', '2:11', /"d" has no "="/],
  ['FROM a\nARG\n', '2:4', /ARG needs a name/],
  ['FROM a\nARG =c\n', '2:5', /"=c" has no name/],
  // The others.
  ['FROM a\nSHELL /bin/sh -c\n', '2:7', /SHELL takes a JSON array/],
  ['FROM a\nSHELL []\n', '2:7', /SHELL takes a JSON array/],
  ["FROM a\nSHELL ['/bin/sh', '-c']\n", '2:7', /SHELL takes a JSON array/],
  ['FROM a\nCMD [1, "a"]\n', '2:5', /CMD holds something that is no string/],
  ['FROM a\nENTRYPOINT [null]\n', '2:12', /ENTRYPOINT holds something that is no string/],
  ['FROM a\nVOLUME [""]\n', '2:8', /VOLUME cannot be empty/],
  ['FROM a\nVOLUME\n', '2:7', /VOLUME needs at least one argument/],
  ['FROM a\nEXPOSE\n', '2:7', /EXPOSE needs at least one argument/],
  ['FROM a\nWORKDIR\n', '2:8', /WORKDIR needs an argument/],
  ['FROM a\nUSER\n', '2:5', /USER needs an argument/],
  ['FROM a\nSTOPSIGNAL\n', '2:11', /STOPSIGNAL needs an argument/],
  ['FROM a\nMAINTAINER\n', '2:11', /MAINTAINER needs an argument/],
  ['FROM a\nONBUILD\n', '2:8', /ONBUILD needs an instruction/],
  ['FROM a\nONBUILD ONBUILD RUN b\n', '2:9', /ONBUILD cannot trigger ONBUILD/],
  ['FROM a\nONBUILD FROM b\n', '2:9', /ONBUILD cannot trigger FROM/],
  ['FROM a\nONBUILD MAINTAINER b\n', '2:9', /ONBUILD cannot trigger MAINTAINER/],
  ['FROM a\nHEALTHCHECK\n', '2:12', /HEALTHCHECK takes CMD or NONE/],
  ['FROM a\nHEALTHCHECK curl b\n', '2:13', /HEALTHCHECK takes CMD or NONE/],
  ['FROM a\nHEALTHCHECK CMD\n', '2:13', /HEALTHCHECK CMD has no command/],
  ['FROM a\nHEALTHCHECK CMD []\n', '2:13', /HEALTHCHECK CMD has no command/],
  ['FROM a\nHEALTHCHECK NONE b\n', '2:13', /HEALTHCHECK NONE takes no arguments/],
  ['FROM a\nHEALTHCHECK --interval=soon CMD b\n', '2:13', /takes a duration, not "soon"/],
  ['FROM a\nHEALTHCHECK --retries=often CMD b\n', '2:13', /takes a number, not "often"/],
  ['FROM a\nHEALTHCHECK --every=1s CMD b\n', '2:13', /HEALTHCHECK has no flag "--every"/],
];

function place({ line, column }: Diagnostic): string {
  return `${line}:${column}`;
}

describe('what the builder rejects', () => {
  it.each(REJECTED)('%j', (text, where, message) => {
    const file = parse(text);
    const [found] = file.diagnostics.filter((each) => each.severity === 'error');
    expect(found, 'nothing was found').toBeDefined();
    expect(found!.message).toMatch(message);
    expect(place(found!)).toBe(where);
    expect(found!.advice).toMatch(/\S{3}/);
    expect(found!.message).not.toMatch(/\.$/);
  });

  it('is returned as it was, with the reason', () => {
    for (const [text] of REJECTED) {
      const result = optimize(text, loadFacts(), { strict: true });
      expect(result.output).toBe(text);
      expect(result.remarks).toEqual([]);
      expect(result.diagnostics.length).toBeGreaterThan(0);
      expect(print(parse(text))).toBe(text);
    }
  });

  it('is placed in the line where it stands, also inside an instruction', () => {
    const [found] = parse('FROM a\n\nCOPY \\\n  # why\n  --chmood=755 b c\n').diagnostics;
    expect(place(found!)).toBe('5:3');
  });

  it('is placed behind a byte order mark as if there were none', () => {
    expect(parse('\ufeffRNU b\n').diagnostics.map(place)).toEqual(['1:1']);
  });

  it('counts every problem of a file', () => {
    expect(parse('FROM a\nRNU b\nCOPY c\nENV d\n').diagnostics.map(place)).toEqual(['2:1', '3:6', '4:5']);
  });
});

/** Odd, and accepted all the same. */
const ACCEPTED: readonly string[] = [
  'FROM scratch\n',
  'from a as b\n',
  'FROM a AS B\n',
  'ARG A\nFROM $A\n',
  'FROM a AS x\nFROM X\n',
  'FROM example.com:5000/a/b_c:1.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n',
  'FROM a\nRUN echo "b\n',
  "FROM a\nMAINTAINER it's b\n",
  'FROM ${A:-b}:${C}\n',
  'FROM a\nRUN\n',
  'FROM a\nRUN [“b”]\n',
  "FROM a\nCMD ['b']\n",
  'FROM a\nCMD\n',
  'FROM a\nENTRYPOINT []\n',
  'FROM a\nENV b c d # e\n',
  'FROM a\nENV b=\n',
  'FROM a\nENV b="c d" e=f\\ g\n',
  'FROM a\nARG b c=d\n',
  'FROM a\nLABEL "b c"=d\n',
  'FROM a\nEXPOSE 80/tcp $PORT 8000-8010\n',
  'FROM a\nRUN --mount=type=secret,id=b,env=C --mount=type=ssh d\n',
  'FROM a\nRUN --mount=type=$T,target=/x b\n',
  'FROM a\nRUN --mount=type=cache,target=/x,sharing=locked,uid=1000 --network=none b\n',
  'FROM a\nCOPY --link --chmod=u+x --exclude=*.md --exclude=*.txt --parents b c d/\n',
  'FROM a\nADD --checksum=sha256:0 --keep-git-dir=true https://example.com/b.git c\n',
  'FROM a\nHEALTHCHECK NONE\n',
  'FROM a\nHEALTHCHECK --interval=1m30s --timeout=3s --retries=0 --start-interval=1s CMD b\n',
  'FROM a\nONBUILD COPY b\n',
  'FROM a\nFROM b AS c\nCOPY --from=0 d e\nCOPY --from=example.com/f g h\n',
  'FROM a AS x\nFROM b AS x\nCOPY --from=x c d\n',
  'FROM a\nMAINTAINER b <b@example.com>\n',
];

it.each(ACCEPTED)('accepts %j', (text) => {
  expect(parse(text).diagnostics).toEqual([]);
});

describe('what is left alone', () => {
  const rows: readonly Row[] = [
    ['# syntax=example.com/other:1\nFROM a\n', '1:1', /frontend that dfopt does not know/],
    ['FROM example.com/windows/servercore:ltsc2022\n', '1:1', /Windows/],
    ['FROM --platform=windows/amd64 a\n', '1:1', /Windows/],
    ['FROM a\nFROM example.com/windows/nanoserver:1809 AS b\n', '2:1', /Windows/],
  ];

  it.each(rows)('%j', (text, where, message) => {
    const [found] = parse(text).diagnostics;
    expect(found).toMatchObject({ severity: 'left-alone' });
    expect(found!.message).toMatch(message);
    expect(place(found!)).toBe(where);
    expect(found!.advice).toMatch(/left alone/);
    const input = `${text}RUN pip install flask\n`;
    expect(optimize(input, loadFacts(), { level: 'aggressive' }).output).toBe(input);
  });

  it('is not the case for the usual frontends', () => {
    for (const name of ['docker/dockerfile:1', 'docker.io/docker/dockerfile:1.7-labs', 'docker/dockerfile-upstream:master']) {
      expect(parse(`# syntax=${name}\nFROM a\n`).diagnostics).toEqual([]);
    }
  });
});
