/** What holds before an instruction. What BuildKit says of the same files was compared while this was written. */
import { describe, expect, it } from 'vitest';
import { stateAfter, stateBefore, variableIn } from '../../src/analysis/state.ts';
import { plainText, showText, type Value } from '../../src/analysis/values.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import { loadFacts } from '../../src/facts/load.ts';

const facts = loadFacts();

type End = ReturnType<typeof stateAfter>;

/** The state at the end of the last stage. */
function end(lines: string, isKnown = true): End {
  const file = parse(`${lines}\n`);
  return stateAfter(file, file.stages.at(-1)!, isKnown ? facts : undefined);
}

/** `unset`, or the text with what is unknown in angle brackets. */
function usual(state: End, name: string): string {
  const { isSet, text } = variableIn(state, name).usual;
  if (isSet === false) return 'unset';
  const shown = text
    .map((part) => (typeof part === 'string' ? part : `<${part.unknown}>`))
    .join('');
  return isSet === true ? shown : `${shown} or unset`;
}

function certain(state: End, name: string): string | undefined {
  const { isSet, text } = variableIn(state, name).certain;
  return isSet === true ? plainText(text) : undefined;
}

const both = ({ certain: one, usual: other }: Value): string[] => [showText(one), showText(other)];

describe('ENV and ARG', () => {
  it.each([
    ['ENV A=1 B=$A', 'B', ''],
    ['ENV A=1\nENV A=2 B=$A', 'B', '1'],
    ['ENV A="b c" B=\'$A\'', 'B', '$A'],
    ['ENV A b  c ', 'A', 'b  c'],
    ['ARG A=1\nENV B=$A', 'B', '1'],
    ['ARG A=1\nENV A=2', 'A', '2'],
    ['ENV A=2\nARG A=1', 'A', '1'],
    ['ENV A=2\nARG A', 'A', '2'],
    ['ARG A', 'A', 'unset'],
    ['ARG A=1 B=$A', 'B', '1'],
    ['ENV N=A\nENV $N=1', 'A', '1'],
    ['ENV A=${B:-d}', 'A', 'd'],
    ['ENV A=$HTTP_PROXY', 'A', ''],
    ['ARG HTTP_PROXY', 'HTTP_PROXY', 'unset'],
    ['ENV A=$TARGETARCH', 'A', ''],
    ['ARG TARGETARCH', 'TARGETARCH', '<${TARGETARCH}>'],
  ])('%j: %s is %j', (lines, name, value) => {
    expect(usual(end(`FROM scratch\n${lines}`), name)).toBe(value);
  });

  it('takes a default as what usually holds, and as certain never', () => {
    const state = end('FROM scratch\nARG A=1\nENV B=x$A C=y D=${A:+set}');
    expect([usual(state, 'A'), certain(state, 'A')]).toEqual(['1', undefined]);
    expect([usual(state, 'B'), certain(state, 'B')]).toEqual(['x1', undefined]);
    expect(showText(variableIn(state, 'B').certain.text)).toBe('x${A}');
    expect([usual(state, 'C'), certain(state, 'C')]).toEqual(['y', 'y']);
    expect([usual(state, 'D'), certain(state, 'D')]).toEqual(['set', undefined]);
    expect(certain(end('FROM scratch\nARG A=1\nENV A=2'), 'A')).toBe('2');
  });

  it('shows a global ARG to FROM, and to a stage that names it', () => {
    const text = 'ARG A=18\nARG B=$A.2\nFROM node:$A AS a';
    expect(usual(end(text), 'A')).toBe('unset');
    expect(usual(end(`${text}\nARG A\nARG B`), 'B')).toBe('18.2');
    expect(usual(end(`${text}\nARG A=9`), 'A')).toBe('9');
    expect(end('ARG V=18\nFROM node:$V').base.usual?.cmd).toEqual(['node']);
  });

  it('passes ENV and ARG on to a stage that stands on this one, ENV first', () => {
    const text = 'FROM scratch AS a\nARG A=1\nENV B=2\nARG B=3\n';
    expect(usual(end(text), 'B')).toBe('3');
    expect([usual(end(`${text}FROM a`), 'A'), usual(end(`${text}FROM a`), 'B')]).toEqual([
      '1',
      '2',
    ]);
    expect(usual(end(`${text}FROM scratch`), 'A')).toBe('unset');
  });

  it('leaves ARG out of what the image says', () => {
    const { image } = end('FROM scratch\nENV A=1\nARG A=2\nARG B=3');
    expect(plainText(variableIn({ ...end('FROM scratch'), ...image }, 'A').usual.text)).toBe('1');
    expect(image.variables.has('B')).toBe(false);
  });

  it('forgets everything after an ENV of which nobody knows the name', () => {
    const state = end('FROM scratch\nENV A=1\nARG N=B\nENV $N=2');
    expect([usual(state, 'A'), usual(state, 'B')]).toEqual(['1', '2']);
    expect(certain(state, 'A')).toBeUndefined();
  });

  it('runs ONBUILD of the stage below first, and not that of the one below that', () => {
    const text = 'FROM scratch AS a\nONBUILD ENV A=1\nONBUILD WORKDIR /w\n';
    expect(usual(end(text), 'A')).toBe('unset');
    const state = end(`${text}FROM a AS b`);
    expect([usual(state, 'A'), ...both(state.workdir)]).toEqual(['1', '/w', '/w']);
    expect(usual(end(`${text}FROM scratch AS b\nFROM b`), 'A')).toBe('unset');
  });
});

describe('WORKDIR', () => {
  it.each([
    ['', '/'],
    ['WORKDIR a\nWORKDIR b', '/a/b'],
    ['WORKDIR /a/b\nWORKDIR ../c', '/a/c'],
    ['WORKDIR /a/./b//c/', '/a/b/c'],
    ['WORKDIR "/a b"', '/a b'],
    ['ENV D=/x\nWORKDIR $D/y', '/x/y'],
    ['ENV D=x\nWORKDIR /w\nWORKDIR $D', '/w/x'],
    ['WORKDIR /a/../../..', '/'],
  ])('%j ends in %s', (lines, folder) => {
    expect(both(end(`FROM scratch\n${lines}`).workdir)).toEqual([folder, folder]);
  });

  it('begins where the base says, or nobody knows where', () => {
    expect(both(end('FROM golang:1.22\nWORKDIR web').workdir)[1]).toBe('/go/web');
    expect(both(end('FROM corp/base\nWORKDIR web').workdir)[1]).toBe('the WORKDIR of the base/web');
    expect(both(end('FROM golang:1.22\nWORKDIR web', false).workdir)[1]).toBe(
      'the WORKDIR of the base/web',
    );
    expect(both(end('FROM corp/base\nWORKDIR /web').workdir)[1]).toBe('/web');
  });

  it('keeps what is known of a path', () => {
    const state = end('FROM scratch\nARG D=/app\nWORKDIR $D/src');
    expect(both(state.workdir)).toEqual(['${D}/src', '/app/src']);
    expect(both(end('FROM scratch\nARG D=/a\nWORKDIR $D/..').workdir)).toEqual(['${D}/..', '/']);
  });
});

describe('USER and SHELL', () => {
  it('knows who runs', () => {
    expect(both(end('FROM debian:12').user)).toEqual(['', '']);
    expect(both(end('FROM debian:12\nUSER app:app').user)[0]).toBe('app:app');
    expect(both(end('FROM debian:12\nARG U=app\nUSER $U').user)).toEqual(['${U}', 'app']);
    expect(both(end('FROM corp/base').user)[0]).toBe('the USER of the base');
  });

  it('knows the shell, and whether something says so', () => {
    const state = end('FROM debian:12\nSHELL ["/bin/bash", "-ec"]');
    expect([state.shell, state.shellSource]).toEqual([['/bin/bash', '-ec'], 'file']);
    expect(end('FROM debian:12')).toMatchObject({ shell: ['/bin/sh', '-c'], shellSource: 'base' });
    expect(end('FROM corp/base')).toMatchObject({
      shell: ['/bin/sh', '-c'],
      shellSource: 'assumed',
    });
    expect(end('FROM debian:12 AS a\nSHELL ["bash", "-c"]\nFROM a').shell).toEqual(['bash', '-c']);
  });
});

describe('a base that --build-arg may change', () => {
  it('is known as far as all tags agree', () => {
    const { base, ...state } = end('ARG V=18\nFROM node:$V');
    expect(base.usual?.env.has('NODE_VERSION')).toBe(true);
    expect(usual(state as End, 'FOO')).toBe('unset');
    expect(variableIn(state as End, 'FOO').certain.isSet).toBe('unknown');
    expect(end('ARG I=node\nFROM $I:18').base.certain).toBeUndefined();
  });

  it('makes all that comes from it uncertain', () => {
    const state = end('FROM scratch AS a\nENV A=1\nWORKDIR /w\nFROM scratch AS b\nARG B=a');
    expect(certain(state, 'A')).toBeUndefined();
    const chosen = end('ARG S=a\nFROM scratch AS a\nENV A=1\nWORKDIR /w\nFROM $S');
    expect([usual(chosen, 'A'), certain(chosen, 'A')]).toEqual(['1', undefined]);
    expect(both(chosen.workdir)).toEqual(['the WORKDIR of the base', '/w']);
  });
});

it('says what holds in the middle', () => {
  const file = parse('FROM scratch\nENV A=1\nRUN x\nENV A=2\nWORKDIR /w\nRUN y\n');
  const [stage] = file.stages;
  const runs = stage!.instructions.filter((each) => each.kind === 'run');
  const states = runs.map((run) => stateBefore(file, stage!, run, facts));
  expect(states.map((state) => usual(state, 'A'))).toEqual(['1', '2']);
  expect(states.map(({ workdir }) => both(workdir)[0])).toEqual(['/', '/w']);
  expect(states.map(({ before }) => before.length)).toEqual([1, 4]);
  expect([...states[1]!.environment]).toEqual([['A', '2']]);
});
