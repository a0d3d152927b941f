/** Whether configuration, program and main process are the same, as text. */
import type { Colors } from 'picocolors/types.js';
import { escapeLine } from './escape.ts';
import type { Difference, ProcessCheck, ProgramCheck } from './verification.ts';

export function configurationLines(differences: readonly Difference[], colors: Colors): string[] {
  const of = (kind: Difference['kind']): string[] =>
    differences.filter((each) => each.kind === kind).map(differenceText);
  const [counting, expected, ofBase] = [of('counts'), of('expected'), of('base')];
  const listed = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0
      ? []
      : [`  ${title}`, ...lines.map((line) => `    ${colors.yellow('~')} ${line}`)];
  return [
    'Configuration',
    ...(counting.length === 0 ? [`  ${colors.green('✓')} the same`] : []),
    ...counting.map((line) => `  ${colors.red('✗')} ${line}`),
    ...listed('but for what was expected to change', expected),
    ...listed('but for what only the base images set, and nothing in the Dockerfiles', ofBase),
  ];
}

function differenceText({ field, key, before, after }: Difference): string {
  const name = key === undefined ? field : `${field} ${key}`;
  return escapeLine(`${name}: ${before ?? 'not set'} → ${after ?? 'not set'}`);
}

export function programLines(checks: readonly ProgramCheck[], colors: Colors): string[] {
  return ['Program', ...checks.flatMap((check) => checkLines(check, colors))];
}

export function processLines(checks: readonly ProcessCheck[], colors: Colors): string[] {
  return ['Main process', ...checks.flatMap((check) => checkLines(check, colors))];
}

const MARKS = { same: '✓', different: '✗', varies: '~', unknown: '?', 'not seen': '?' } as const;

function checkLines(
  { what, sameness, before, after, details }: ProgramCheck | ProcessCheck,
  colors: Colors,
): string[] {
  const paints = {
    same: colors.green,
    different: colors.red,
    varies: colors.yellow,
    unknown: colors.yellow,
    'not seen': colors.yellow,
  };
  const seen = before === after ? before : `${before} → ${after}`;
  return [
    `  ${paints[sameness](MARKS[sameness])} ${escapeLine(what)}: ${escapeLine(seen)}`,
    ...details.map((detail) => `      ${colors.dim(escapeLine(detail))}`),
  ];
}
