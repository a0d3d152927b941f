/** How a file is written, so that what dfopt adds looks as if its author had written it. */
import { instructionsOf, type Dockerfile, type RunInstruction } from './model.ts';
import { RunMemory } from './run-memory.ts';

export interface Style {
  /** `&&` begins a continuation line (`first`) or ends the line above it (`last`). */
  readonly operator: 'first' | 'last';
  /** White space before a continuation line that begins a command. */
  readonly indent: string;
  readonly eol: '\n' | '\r\n';
  /** Most keywords are written as `run`. */
  readonly isLowerCase: boolean;
  /** Columns that a line may have before it is broken. */
  readonly width: number;
}

/** The width at which prettier and most style guides break lines. */
const WIDTH = 80;

const styles = new RunMemory<Dockerfile, Style>();

export function styleOf(file: Dockerfile): Style {
  let style = styles.get(file);
  if (!style) styles.set(file, (style = readStyle(file)));
  return style;
}

/** A keyword as the file writes most of them. @param keyword in capitals */
export function keywordIn(file: Dockerfile, keyword: string): string {
  return styleOf(file).isLowerCase ? keyword.toLowerCase() : keyword;
}

function readStyle(file: Dockerfile): Style {
  const { preferred = {} } = file;
  const all = instructionsOf(file);
  let lower = 0;
  let own: Style['eol'] | undefined;
  const lines: string[] = [];
  for (const each of all) {
    if (each.keyword === each.keyword.toLowerCase()) lower++;
    if (each.eol === '\r\n' || (each.eol === '\n' && !own)) own = each.eol;
    // Lines count that begin or end so, and those behind such an end.
    const counts = each.text.includes('&&') || lines.at(-1)?.trimEnd().endsWith('&&');
    if (counts && each.kind === 'run') lines.push(...commandLines(each));
  }
  const first = lines.filter((line) => /^\s*&&/.test(line));
  const last = lines.filter((line) => line.trimEnd().endsWith('&&'));
  const operator = last.length > first.length ? 'last' : 'first';
  const indented =
    operator === 'first'
      ? first
      : lines.filter((_, index) => (lines[index - 1] ?? '').trimEnd().endsWith('&&'));
  return {
    operator,
    indent:
      mostCommon(indented.map((line) => /^[ \t]*/.exec(line)![0])) ?? preferred.indent ?? '    ',
    eol: own ?? preferred.eol ?? '\n',
    isLowerCase: lower * 2 > all.length,
    width: preferred.width ?? WIDTH,
  };
}

/** The lines of a RUN after its first, continuations taken off, comments left out. */
function commandLines(run: RunInstruction): string[] {
  const end = run.heredocs[0]?.body.start ?? run.text.length;
  return run.text
    .slice(0, end)
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .map((line) => line.trimEnd().replace(/[\\`]$/, ''));
}

function mostCommon(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
