/** What building and running an image before and after showed, as text for a person. */
import type { Colors } from 'picocolors/types.js';
import { escapeLine } from './escape.ts';
import type { Verification } from './verification.ts';
import { buildLines, rebuildLines } from './verify-build.ts';
import { configurationLines, processLines, programLines } from './verify-program.ts';
import { fileLines, sizeLines } from './verify-size.ts';

/**
 * Lines of a report for a person; nothing in them acts on a terminal.
 * @param isVerbose all steps and examples, not the first few
 */
export function verificationLines(
  verification: Verification,
  colors: Colors,
  isVerbose: boolean,
): string[] {
  const { builds, configuration, program, mainProcess, files, size, rebuild } = verification;
  return [
    titleLine(verification, colors),
    ...(builds ? buildLines(builds, colors, isVerbose) : []),
    ...(configuration ? configurationLines(configuration, colors) : []),
    ...(program ? programLines(program, colors) : []),
    ...(mainProcess ? processLines(mainProcess, colors) : []),
    ...(files ? fileLines(files, colors, isVerbose) : []),
    ...(size ? sizeLines(size, colors) : []),
    ...(rebuild ? rebuildLines(rebuild, colors, isVerbose) : []),
    verdictLine(verification, colors),
  ];
}

function titleLine({ file, against, engine }: Verification, colors: Colors): string {
  const other = against === undefined ? 'what dfopt makes of it' : escapeLine(against);
  const by = engine ? `, by ${escapeLine(`${engine.name} ${engine.version}`)}` : '';
  return `${colors.bold(`${escapeLine(file)} and ${other}`)}${colors.dim(by)}`;
}

function verdictLine({ verdict, conclusion }: Verification, colors: Colors): string {
  const paint = verdict === 'same' ? colors.green : colors.red;
  return colors.bold(paint(`${verdict}: ${escapeLine(conclusion)}`));
}
