/** What the passes are, for a person at a terminal and for programs. */
import type { Colors } from 'picocolors/types.js';
import type { Pass, PassOption } from '../pass.ts';
import { toJson } from './json.ts';

/** A table in the order in which the passes run. */
export function passTable(passes: readonly Pass[], colors: Colors): string {
  const width = (cells: readonly string[]): number => Math.max(...cells.map((cell) => cell.length));
  const ids = width(passes.map((pass) => pass.id));
  const levels = width(passes.map(kindOf));
  const rows = passes.map(
    (pass) =>
      `${colors.cyan(pass.id.padEnd(ids))}  ${kindOf(pass).padEnd(levels)}  ${pass.summary}\n`,
  );
  return rows.join('');
}

/** The level of its edits; `advice` where it makes none. */
function kindOf({ level, isAdvice }: Pass): string {
  return isAdvice ? 'advice' : level;
}

export function passJson(passes: readonly Pass[]): string {
  return toJson(passes.map(({ run: _run, ...rest }) => rest));
}

export function passExplained(pass: Pass, colors: Colors): string {
  const options = Object.entries(pass.options ?? {});
  const sections = [
    `${colors.bold(pass.id)} (${kindOf(pass)})\n${pass.summary}`,
    `${pass.why}\nImproves: ${pass.improves.join(', ')}.`,
    section(pass.isAdvice ? 'Says nothing where' : 'Refuses when', pass.refuses, colors),
    section(
      'Options',
      options.map(([name, option]) => optionLine(pass, name, option)),
      colors,
    ),
    section('References', pass.references, colors),
    section(
      'To switch it off',
      [
        `--skip ${pass.id}`,
        `# dfopt-ignore ${pass.id}: reason        above an instruction`,
        `# dfopt-ignore-file ${pass.id}: reason   above any instruction`,
      ],
      colors,
    ),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[], colors: Colors): string {
  if (lines.length === 0) return '';
  return [colors.bold(title), ...lines.map((line) => `  ${line}`)].join('\n');
}

function optionLine(pass: Pass, name: string, option: PassOption): string {
  const value = Array.isArray(option.default) ? option.default.join(',') : String(option.default);
  return `--option ${pass.id}.${name}=…   ${option.description} (default: ${value || 'none'})`;
}
