/** Where parsers of Dockerfiles commonly differ from the builder, and what the builder reads. */
import { describe, expect, it } from 'vitest';
import {
  instructionsOf,
  type CommandInstruction,
  type CopyInstruction,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
} from '../../src/dockerfile/model.ts';
import { parse } from '../../src/dockerfile/parse.ts';
import { print } from '../../src/dockerfile/print.ts';

function read(text: string): Dockerfile {
  const file = parse(text);
  expect(print(file)).toBe(text);
  return file;
}

/** The instructions below `FROM a`. */
function below(lines: string): readonly Instruction[] {
  return instructionsOf(read(`FROM a\n${lines}`)).slice(1);
}

function kinds(lines: string): string[] {
  return below(lines).map((each) => each.kind);
}

function errors(lines: string): string[] {
  return read(`FROM a\n${lines}`).diagnostics.flatMap(({ severity, message }) =>
    severity === 'error' ? [message] : [],
  );
}

describe('JSON forms', () => {
  it('keeps blanks inside strings', () => {
    const [run] = below('RUN ["a", "b c"]\n') as [RunInstruction];
    expect(run.command).toEqual({ form: 'exec', exec: ['a', 'b c'] });
  });

  it('undoes escapes', () => {
    const [cmd] = below('CMD ["a\\"b", "\\u00e9", "c\\\\d"]\n') as [CommandInstruction];
    expect(cmd.command).toEqual({ form: 'exec', exec: ['a"b', 'é', 'c\\d'] });
  });

  it('reads single or curly quotes as shell form', () => {
    const [one, two] = below("CMD ['a', 'b']\nENTRYPOINT [“a”]\n") as CommandInstruction[];
    expect(one!.command.form).toBe('shell');
    expect(two!.command.form).toBe('shell');
  });

  it('joins a JSON form over several lines', () => {
    const [cmd] = below('CMD ["a", \\\n  # why\n  "b"]\n') as [CommandInstruction];
    expect(cmd.command).toEqual({ form: 'exec', exec: ['a', 'b'] });
  });

  it('reads a JSON form of COPY with blanks in names', () => {
    const [copy] = below('COPY ["a b", "c d/"]\n') as [CopyInstruction];
    expect(copy.sources.map((each) => each.text)).toEqual(['a b']);
    expect(copy.destination!.text).toBe('c d/');
  });

  it('reads what follows the bracket as shell form', () => {
    const [run] = below('RUN ["a"] && b\n') as [RunInstruction];
    expect(run.command.form).toBe('shell');
  });
});

describe('continuations', () => {
  it('ends an instruction at two backslashes', () => {
    expect(kinds('RUN echo a \\\\\nRUN b\n')).toEqual(['run', 'run']);
  });

  it('ends an instruction at three backslashes too', () => {
    expect(kinds('RUN x \\\\\\\nRUN y\n')).toEqual(['run', 'run']);
  });

  it('drops comment lines indented by blanks from what the shell reads', () => {
    const [run] = below('RUN a \\\n   # b\n   c\n');
    expect(run!.argsText).toBe('a    c');
  });

  it('keeps what stands before a continuation when an escape pair does', () => {
    const [run] = below("RUN printf 'a\\n\\\nb\\n'\n");
    expect(run!.argsText).toBe("printf 'a\\nb\\n'");
  });

  it('joins a word that is continued without blanks', () => {
    const [run] = below('RUN ec\\\nho a\n');
    expect(run!.argsText).toBe('echo a');
  });
});

describe('heredocs', () => {
  it('finds none inside quotes', () => {
    expect(kinds('RUN echo "a <<EOF b"\nCMD c\n')).toEqual(['run', 'cmd']);
  });

  it('finds none without a name', () => {
    expect(kinds("RUN cat <<''\nCMD c\n")).toEqual(['run', 'cmd']);
  });

  it('finds one behind a file descriptor', () => {
    expect(kinds('RUN cat 3<<EOF\nCMD b\nEOF\nCMD c\n')).toEqual(['run', 'cmd']);
  });

  it('finds one whose name is quoted and has a blank', () => {
    expect(kinds('RUN <<"E O"\nCMD b\nE O\nCMD c\n')).toEqual(['run', 'cmd']);
  });

  it('finds one behind << and a blank', () => {
    expect(kinds("RUN cat << 'EOF'\nCMD b\nEOF\nCMD c\n")).toEqual(['run', 'cmd']);
  });

  it('takes a here-string for no heredoc', () => {
    expect(kinds('RUN cat <<<EOF\nCMD c\n')).toEqual(['run', 'cmd']);
  });

  it('looks for none in instructions that have none', () => {
    expect(kinds('LABEL a="<<EOF"\nENV b=<<EOF\nCMD echo <<EOF\n')).toEqual(['label', 'env', 'cmd']);
  });

  it('looks for none in a JSON form', () => {
    expect(kinds('RUN ["cat", "<<EOF"]\nCMD c\n')).toEqual(['run', 'cmd']);
  });

  it('reports one that does not end', () => {
    expect(errors('RUN <<EOF\nb\n')).toEqual(['the heredoc "EOF" is not terminated']);
  });

  it('finds one in what the shell takes for a comment', () => {
    expect(errors('RUN echo hi # <<EOF\nCMD c\n')).toEqual(['the heredoc "EOF" is not terminated']);
  });
});

describe('directives', () => {
  it('ends them at one that is not known', () => {
    const file = read('# foo=bar\n# escape=`\nFROM a\nRUN b `\nCMD c\n');
    expect(file.escape).toBe('\\');
    expect(file.directives).toEqual([]);
    expect(file.stages[0]!.instructions.map((each) => each.kind)).toEqual(['run', 'cmd']);
  });

  it('reads them in any case and with any blanks', () => {
    expect(read('#   ESCAPE = `  \nFROM a\n').escape).toBe('`');
  });
});

describe('flags', () => {
  it('undoes quotes around a value', () => {
    const [copy] = below('COPY --chown="$U:$G" b c\n');
    expect(copy!.flags).toMatchObject([{ name: 'chown', value: '$U:$G' }]);
  });

  it('ends the flags at a bare --', () => {
    const [run] = below('RUN -- --network=host b\n');
    expect(run!.flags).toEqual([]);
    expect(run!.argsText).toBe('--network=host b');
  });

  it('reads flags over several lines', () => {
    const [run] = below('RUN --mount=type=cache,target=/x \\\n  --network=none \\\n  b\n');
    expect(run!.flags.map((flag) => flag.name)).toEqual(['mount', 'network']);
    expect(run!.text.slice(run!.args.start, run!.args.end)).toBe('b');
  });
});

describe('line ends', () => {
  it('takes a lone CR for a part of the line', () => {
    expect(kinds('RUN a\rCMD b\n')).toEqual(['run']);
  });
});

it('reads what is left of an instruction as its keyword, flags and arguments', () => {
  const text = '  rUn  --network=host \\\n # why\n  a b  ';
  const [run] = below(`${text}\n`);
  expect(run).toMatchObject({ kind: 'run', keyword: 'rUn', lead: '  ', eol: '\n', argsText: 'a b' });
  expect(run!.text).toBe(text.slice(2));
});
