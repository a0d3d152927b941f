/** Questions about the shell code of a RUN, and the offsets of the answers. */
import { describe, expect, it } from 'vitest';
import { appendCommand, errexit, insertAfterWord, splice } from '../src/dockerfile/edit.ts';
import type { RunInstruction } from '../src/dockerfile/model.ts';
import { parse } from '../src/dockerfile/parse.ts';
import { runBody, type Script, type SimpleCommand } from '../src/dockerfile/shell.ts';
import { styleOf } from '../src/dockerfile/style.ts';

function runOf(text: string): RunInstruction {
  const file = parse(`FROM a\n${text}\n`);
  const run = file.stages[0]!.instructions.find((each) => each.kind === 'run');
  if (run?.kind !== 'run') throw new Error('there is no RUN');
  return run;
}

function scriptOf(
  text: string,
  shell?: readonly string[],
): { run: RunInstruction; script: Script } {
  const run = runOf(text);
  const script = runBody(run, shell);
  if (script.kind !== 'script') throw new Error(`not a script: ${JSON.stringify(script)}`);
  return { run, script };
}

/** Each command as its words, slices of the text. */
function commands(text: string): string[][] {
  const { run, script } = scriptOf(text);
  return script.commands.map((command) =>
    command.words.map((word) => run.text.slice(word.start, word.end)),
  );
}

function commandAt(text: string, index = 0): SimpleCommand {
  return scriptOf(text).script.commands[index]!;
}

describe('chains and links', () => {
  const shape = (text: string): string[] =>
    scriptOf(text).script.chains.map(
      (chain) =>
        chain.links.map((link) => link.operator + link.type).join(' ') +
        (chain.background ? ' &' : ''),
    );

  it('knows and-or chains, lists and the background', () => {
    expect(shape('RUN a && b || c; d & e')).toEqual([
      'simple &&simple ||simple',
      'simple &',
      'simple',
    ]);
  });

  it('knows pipelines, compounds and functions', () => {
    expect(shape('RUN a | b && (c; d) && { e; } && if f; then g; fi')).toEqual([
      'pipeline &&compound &&compound &&compound',
    ]);
    expect(shape('RUN a() { b; }; a')).toEqual(['function', 'simple']);
  });

  it('has ranges that are the source of chains and links', () => {
    const { run, script } = scriptOf('RUN  a 1 && \\\n  # why\n  b "2 3"  ; c');
    const slice = ({ start, end }: { start: number; end: number }): string =>
      run.text.slice(start, end);
    expect(script.chains.map(slice)).toEqual(['a 1 && \\\n  # why\n  b "2 3"', 'c']);
    expect(script.chains[0]!.links.map(slice)).toEqual(['a 1', 'b "2 3"']);
  });
});

describe('words', () => {
  it('are slices of the text', () => {
    expect(commands('RUN a "b c" d\\ e \'f\' $g "${h}" `i` $(j k) l*')).toEqual([
      ['a', '"b c"', 'd\\ e', "'f'", '$g', '"${h}"', '`i`', '$(j k)', 'l*'],
      ['i'],
      ['j', 'k'],
    ]);
  });

  it('have a value where it is known', () => {
    const { words } = commandAt('RUN a "b c" d\\ e \'f\'g $h "i$j" k* ~/l {m,n} o=p');
    expect(words.map((word) => word.literal)).toEqual([
      'a',
      'b c',
      'd e',
      'fg',
      undefined,
      undefined,
      undefined,
      '~/l',
      undefined,
      'o=p',
    ]);
    expect(words.map((word) => word.expands).indexOf(true)).toBe(4);
  });

  it('do not hold the continuation behind them', () => {
    expect(commands('RUN a b\\\n  c \\\n  # d\n  e')).toEqual([['a', 'b', 'c', 'e']]);
  });

  it('are one where a continuation stands inside', () => {
    const { words } = commandAt('RUN apt-\\\nget install');
    expect(words).toHaveLength(2);
    expect(words[0]!.literal).toBeUndefined();
  });

  it('know assignments and redirections from arguments', () => {
    const command = commandAt('RUN A=1 B="$C" d e=f > /g 2>&1 < /h');
    expect(command.assignments.map((each) => [each.name, each.value])).toEqual([
      ['A', '1'],
      ['B', undefined],
    ]);
    expect(command.words.map((word) => word.text)).toEqual(['d', 'e=f']);
    expect(command.redirections.map((each) => each.operator)).toEqual(['>', '>&', '<']);
    expect(command.redirections[0]!.target!.text).toBe('/g');
  });
});

describe('surroundings', () => {
  it.each([
    ['RUN x', []],
    ['RUN a | x', ['pipeline']],
    ['RUN (x)', ['subshell']],
    ['RUN { x; }', ['group']],
    ['RUN for i in 1; do x; done', ['loop']],
    ['RUN while x; do a; done', ['loop']],
    ['RUN if x; then a; fi', ['condition']],
    ['RUN if a; then b; elif c; then d; else x; fi', ['condition']],
    ['RUN case a in b) x;; esac', ['case']],
    ['RUN f() { x; }', ['function', 'group']],
    ['RUN echo $(x)', ['substitution']],
    ['RUN echo "`x`"', ['substitution']],
    ['RUN A=$(x)', ['substitution']],
    ['RUN echo ${A:-$(x)}', ['substitution']],
    ['RUN ! x', ['negation']],
    ['RUN x &', ['background']],
    ['RUN if a; then (b | x); fi', ['condition', 'subshell', 'pipeline']],
  ])('%s', (text, within) => {
    const { script } = scriptOf(text);
    const command = script.commands.find((each) => each.words[0]?.text === 'x');
    expect(command?.within).toEqual(within);
  });
});

describe('forms', () => {
  it('reads an exec form of a shell, and writes into it as JSON', () => {
    const { run, script } = scriptOf('RUN ["/bin/bash", "-ec", "a \\"b\\" && \\u0063 d"]');
    expect(script).toMatchObject({ form: 'exec', shell: 'bash' });
    expect(script.options.has('e')).toBe(true);
    const words = script.commands.flatMap((each) => each.words);
    expect(words.map((word) => word.literal)).toEqual(['a', 'b', 'c', 'd']);
    const edited = splice(run, [insertAfterWord(script, words[0]!, '"e\\"')]);
    expect(edited.command).toMatchObject({ exec: ['/bin/bash', '-ec', 'a "e\\" "b" && c d'] });
  });

  it('knows an exec form of a program', () => {
    expect(runBody(runOf('RUN ["a", "-c", "b"]'))).toMatchObject({
      kind: 'program',
      argv: ['a', '-c', 'b'],
    });
  });

  it('reads the body of a heredoc, with the interpreter that it names', () => {
    const { run, script } = scriptOf('RUN <<EOF\n#!/bin/bash -e\na b\n\nc\nEOF');
    expect(script).toMatchObject({ form: 'heredoc', shell: 'bash' });
    expect(script.commands.map(({ start, end }) => run.text.slice(start, end))).toEqual([
      'a b',
      'c',
    ]);
  });

  it('reads code with a heredoc inside', () => {
    expect(commands('RUN cat > /a <<EOF && b\nc d\nEOF')).toEqual([['cat'], ['b']]);
  });

  it.each([
    ['RUN <<EOF\n#!/usr/bin/env python3\nprint()\nEOF', undefined, /the script is for/],
    ['RUN a', ['powershell', '-Command'], /powershell/],
    ['RUN a', ['cmd', '/S', '/C'], /cmd/],
    ['RUN a', ['/bin/zsh', '-c'], /zsh/],
    ['RUN a && && b', undefined, /parse/],
    ['RUN if a; then b', undefined, /parse/],
    ['RUN echo "a', undefined, /parse/],
    ['RUN a\\\n# b\nc', undefined, /comment/],
  ])('is opaque: %j', (text, shell, reason) => {
    const body = runBody(runOf(text), shell);
    expect(body.kind).toBe('opaque');
    expect(body.kind === 'opaque' && body.reason).toMatch(reason);
  });

  it('is not opaque where a comment line stands between words', () => {
    expect(commands('RUN a \\\n# b\nc')).toEqual([['a', 'c']]);
    expect(commands('RUN a;\\\n# b\nc')).toEqual([['a'], ['c']]);
  });

  it('does not let edits into escaped backticks, whose offsets are not those of the text', () => {
    const { script } = scriptOf('RUN a `b \\`c d\\``');
    const inner = script.commands.find((each) => each.words[0]?.text === 'c');
    expect(inner?.editable).toBe(false);
    expect(script.commands[0]!.editable).toBe(true);
  });
});

describe('the mask keeps every offset', () => {
  it.each([
    'RUN a \\\n  b',
    'RUN a \\  \n  b',
    'RUN a \\\r\n  b',
    'RUN a \\\n\n \n  b',
    'RUN a \\\n# c\n  b',
    'RUN a \\\n   # c && "\n\t# d \\\n  b',
    'RUN a \\\n\\\n b',
    'RUN --mount=type=cache,target=/x \\\n  a b',
  ])('%j', (text) => {
    expect(commands(text)).toEqual([['a', 'b']]);
  });

  it('keeps text that looks like a comment where it is none', () => {
    expect(commands('RUN a \\\n  b#c \\\n  "# d" # e f')).toEqual([['a', 'b#c', '"# d"']]);
  });

  it('joins quoted text over several lines as the builder does', () => {
    expect(commandAt("RUN printf 'a\\n\\\nb'").words).toHaveLength(2);
    expect(runBody(runOf("RUN printf 'a\\n\\\n# gone\nb'")).kind).toBe('opaque');
  });
});

describe('set -e', () => {
  it.each([
    ['RUN a; b', 'off'],
    ['RUN set -e; a', 'on'],
    ['RUN set -eux; a', 'on'],
    ['RUN set -o errexit; a', 'on'],
    ['RUN A=1; set -e; b', 'on'],
    ['RUN a; set -e; b', 'unknown'],
    ['RUN set -e; a; set +e; b', 'unknown'],
    ['RUN set $OPTIONS; a', 'unknown'],
    ['RUN set -x; a', 'off'],
    ['RUN if a; then set -e; fi; b', 'unknown'],
  ] as const)('%s: %s', (text, expected) => {
    expect(errexit(scriptOf(text).script)).toBe(expected);
  });

  it('comes from SHELL as well', () => {
    expect(errexit(scriptOf('RUN a', ['/bin/bash', '-euo', 'pipefail', '-c']).script)).toBe('on');
    expect(errexit(scriptOf('RUN a', ['/bin/bash', '-o', 'errexit', '-c']).script)).toBe('on');
    expect(errexit(scriptOf('RUN a', ['/bin/bash', '-o', 'pipefail', '-c']).script)).toBe('off');
  });
});

describe('a command that is added runs last, and only if all before it succeeded', () => {
  const appended = (text: string): string => {
    const file = parse(`FROM a\n${text}\n`);
    const { run, script } = scriptOf(text);
    const added = appendCommand(run, script, 'x', styleOf(file));
    return 'refused' in added ? `refused: ${added.refused}` : splice(run, [added]).text;
  };

  it.each([
    ['RUN a', 'RUN a && x'],
    ['RUN a && b', 'RUN a && b && x'],
    ['RUN a || b', 'RUN a || b && x'],
    ['RUN a | b', 'RUN a | b && x'],
    ['RUN (a; b)', 'RUN (a; b) && x'],
    ['RUN a; b', 'RUN a; b && x'],
    ['RUN a;', 'RUN a && x;'],
    ['RUN a > b', 'RUN a > b && x'],
    ['RUN a # b', 'RUN a && x # b'],
    ['RUN a \\\n # b\n && c', 'RUN a \\\n # b\n && c \\\n && x'],
    ['RUN a \\\n  && b', 'RUN a \\\n  && b \\\n  && x'],
    ['RUN a && \\\n  b', 'RUN a && \\\n  b && \\\n  x'],
    ['RUN ["sh", "-c", "a"]', 'RUN ["sh", "-c", "a && x"]'],
    ['RUN <<EOF\nset -e\na\nEOF', 'RUN <<EOF\nset -e\na\nx\nEOF'],
    ['RUN a &', 'refused: the command runs in the background'],
    ['RUN a; exit 0', 'refused: nothing runs after "exit"'],
    ['RUN exec a', 'refused: nothing runs after "exec"'],
    ['RUN a() { b; }', 'refused: the RUN ends in a function'],
    ['RUN cat <<EOF\nb\nEOF', 'refused: the command reads a heredoc'],
  ])('%j', (text, expected) => {
    expect(appended(text)).toBe(expected);
  });
});
