/** How long builds and rebuilds took, step by step, as text. */
import type { Colors } from 'picocolors/types.js';
import { escapeLine } from './escape.ts';
import { countOf, megabytes } from './units.ts';
import type { Build, Rebuild, RebuildCost, Step, Verification } from './verification.ts';

/** Which steps are worth a line unless all are asked for. */
const SLOW_SECONDS = 0.5;
const SHOWN_STEPS = 3;

export function buildLines(
  builds: NonNullable<Verification['builds']>,
  colors: Colors,
  isVerbose: boolean,
): string[] {
  const lines = (which: string, build: Build): string[] => {
    const took = `${build.seconds.toFixed(1)} s`;
    return [
      `  ${mark(build.succeeded, colors)} ${which.padEnd(6)} ${build.succeeded ? took : `does not build (${took})`}`,
      ...stepLines(build.steps, colors, isVerbose),
      ...errorLines(build.errors, colors),
    ];
  };
  return [
    builds.cached ? 'Build (steps may come from the cache)' : 'Build (without the cache)',
    ...lines('before', builds.before),
    ...(builds.after ? lines('after', builds.after) : []),
  ];
}

function mark(isGood: boolean, colors: Colors): string {
  return isGood ? colors.green('✓') : colors.red('✗');
}

function stepLines(steps: readonly Step[], colors: Colors, isVerbose: boolean): string[] {
  const slowest = steps
    .filter(({ seconds = 0, cached }) => !cached && seconds >= SLOW_SECONDS)
    .toSorted((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0))
    .slice(0, SHOWN_STEPS);
  return (isVerbose ? steps : slowest).map((step) =>
    colors.dim(`      ${timeOf(step).padStart(7)}  ${escapeLine(step.name)}`),
  );
}

function timeOf({ cached, seconds }: Step): string {
  if (cached) return 'cached';
  return seconds === undefined ? 'no end' : `${seconds.toFixed(1)} s`;
}

function errorLines(errors: readonly string[], colors: Colors): string[] {
  return errors.map((error) => `      ${colors.dim(escapeLine(error))}`);
}

export function rebuildLines(rebuild: Rebuild, colors: Colors, isVerbose: boolean): string[] {
  const { file, chosen, notes, before, after } = rebuild;
  const what =
    file === undefined
      ? 'Rebuild'
      : `Rebuild after a change in ${escapeLine(file)}${chosen ? ' (chosen by dfopt)' : ''}`;
  const lines = (which: string, cost: RebuildCost): string[] => [
    `  ${mark(cost.succeeded, colors)} ${which.padEnd(6)} ${costOf(cost)}`,
    ...stepLines(cost.steps, colors, isVerbose),
    ...errorLines(cost.errors, colors),
  ];
  return [
    what,
    ...(before ? lines('before', before) : []),
    ...(after ? lines('after', after) : []),
    ...notes.map((note) => `  ${colors.yellow('~')} ${escapeLine(note)}`),
  ];
}

function costOf({ succeeded, seconds, layers, bytes }: RebuildCost): string {
  const took = `${seconds.toFixed(1)} s`;
  if (!succeeded) return `does not build (${took})`;
  return `${took.padStart(8)}, ${countOf(layers.length, 'new layer')}, ${megabytes(bytes).trim()}`;
}
