/** The part of a RUN that the build needs: without what only a container runs, and with what it installs put where it can be copied from. */
import { matchesAny } from '../analysis/patterns.ts';
import { splice, type Splice } from '../dockerfile/edit.ts';
import type { RunInstruction } from '../dockerfile/model.ts';
import { isCalledBy, type Asked } from './build-tools.ts';
import type { Fates } from './fates.ts';
import { withoutWord } from './package-lines.ts';
import type { RunSteps, Step } from './steps.ts';

export function buildPart(run: RunInstruction, asked: Asked, fates: Fates): RunInstruction {
  const own = asked.runs.find((each) => each.run === run);
  const splices = (own?.steps ?? []).flatMap((step) => [
    ...redirection(step),
    ...ofContainers(own!, step, asked, fates),
  ]);
  return splices.length > 0 ? splice(run, splices) : run;
}

function redirection({ role }: Step): readonly Splice[] {
  const redirects = role.kind === 'work' ? role.work.redirects : undefined;
  return redirects
    ? [{ start: redirects.after, end: redirects.after, insert: redirects.text }]
    : [];
}

/** Packages of an install whose others the build needs: the shipped image installs them anew. */
function ofContainers(
  { run }: RunSteps,
  step: Step,
  asked: Asked,
  fates: Fates,
): readonly Splice[] {
  const fate = fates.get(step)!;
  const { role, command } = step;
  if (fate.kind !== 'fewer' || role.kind !== 'packages' || !command) return [];
  const { facts } = asked.scope;
  const { containerPackages } = facts.work;
  // A test may start anything.
  if (asked.runs.some((each) => /\btest/i.test(each.run.text))) return [];
  const steps = asked.runs.flatMap((each) => each.steps);
  const calls = steps.flatMap(({ call }) => call ?? []);
  const isPage = steps.some(
    (each) => each.role.kind === 'work' && each.role.work.ecosystem === 'node',
  );
  const others = asked.runs
    .map((each) =>
      each.run === run
        ? run.text.slice(0, command.words[0]!.start) + run.text.slice(command.words.at(-1)!.end)
        : each.run.text,
    )
    .join('\n');
  return role.packages.operands.flatMap((word): readonly Splice[] => {
    const { literal } = word;
    const name = literal?.replace(/[=/:].*$/, '');
    if (name === undefined || fate.left.includes(literal!)) return [];
    if (!matchesAny(containerPackages, name) || others.includes(name)) return [];
    // Pages are drawn with a browser while they are built.
    if (isPage && /chrom|firefox|gecko/.test(name)) return [];
    return isCalledBy(asked, name, calls) ? [] : [withoutWord(run, command, word)];
  });
}
