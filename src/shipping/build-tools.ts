/** Which packages are tools of the build alone, and which bring programs that somebody calls. */
import { filesAtEnd } from '../analysis/image-files.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { type Call } from '../analysis/calls.ts';
import { ownName, wordsOf } from '../ecosystems/work.ts';
import { installedCommands } from '../needs/command-packages.ts';
import { startedPrograms } from '../needs/source-code.ts';
import type { WorkRows } from '../facts/work-types.ts';
import { type Running } from './running.ts';
import { type RunSteps, type StageScope } from './steps.ts';

export interface Asked {
  readonly scope: StageScope;
  readonly runs: readonly RunSteps[];
  readonly running: Running;
}

/** Whether one of the calls is of a program that the package brings. */
export function isCalledBy(asked: Asked, packageName: string, calls: readonly Call[]): boolean {
  const { image, facts } = asked.scope;
  const commands = installedCommands(packageName, image, facts);
  const along = facts.work.bringsAlong.filter(({ packages }) =>
    matchesWhole(packages, packageName),
  );
  return calls.some((call) => {
    const own = ownName(call);
    return (
      own === packageName ||
      commands.includes(own) ||
      along.some(({ programs }) => matchesWhole(programs, own))
    );
  });
}

/**
 * Whether the build uses what the package brings, and neither a container nor the code does.
 * @param shipped calls that are known to run for the shipped image as well
 */
export function isBuildTool(
  asked: Asked,
  packageName: string,
  shipped: readonly Call[] = [],
): boolean {
  const { facts } = asked.scope;
  const row = facts.work.buildTools.find(({ packages }) => matchesWhole(packages, packageName));
  if (!row) return false;
  const isOf = (pattern: string | undefined, calls: readonly Call[]): boolean =>
    pattern !== undefined && calls.some((call) => matchesWhole(pattern, ownName(call)));
  const calls = asked.runs.flatMap(({ steps }) => steps.flatMap(({ call }) => call ?? []));
  const isUsed =
    isOf(row.programs, calls) || isOf(row.usedBy, calls) || isAskedFor(asked, row, calls);
  if (!isUsed || (row.isNeverCalled === true && isOf(row.programs, calls))) return false;
  if (!isIdiom(asked, row)) return false;
  // A package that is called like the program brings it, with what it needs itself: npm.
  const others = installedNames(asked).filter((each) => each !== packageName);
  const needing = shipped.filter((call) => !others.includes(ownName(call)));
  return !isOf(row.programs, [...asked.running.calls, ...needing]) && !isNamedInCode(asked, row);
}

/** Packages of the system that the stage names. */
function installedNames({ runs }: Asked): readonly string[] {
  return runs.flatMap(({ steps }) =>
    steps.flatMap(({ role }) =>
      role.kind === 'packages'
        ? role.packages.operands.flatMap(({ literal }) => literal ?? [])
        : [],
    ),
  );
}

/** Whether it comes with what a build needs beside it, and nothing asks for it by name. */
export function isIdiom(asked: Asked, row: WorkRows['buildTools'][number]): boolean {
  const { context } = asked.scope;
  const installed = installedNames(asked);
  const { with: companions, except } = row;
  if (companions !== undefined && !installed.some((each) => matchesWhole(companions, each))) {
    return false;
  }
  return (
    !except ||
    ![...(context?.texts ?? [])].some(
      ([path, text]) => matchesWhole(except.files, path) && new RegExp(except.text).test(text),
    )
  );
}

/** Whether a manifest or a lockfile has something that one of the tools fetches with it. */
export function isAskedFor(
  asked: Asked,
  { usedFor }: WorkRows['buildTools'][number],
  calls: readonly Call[],
): boolean {
  const { context } = asked.scope;
  if (!usedFor || !context) return false;
  if (!calls.some((call) => matchesWhole(usedFor.programs, ownName(call)))) return false;
  return [...context.texts].some(
    ([path, text]) => matchesWhole(usedFor.files, path) && new RegExp(usedFor.text, 'm').test(text),
  );
}

export function isNamedInCode(
  asked: Asked,
  { programs, unless }: WorkRows['buildTools'][number],
): boolean {
  const { file, stage, context, facts } = asked.scope;
  if (!context) return true;
  const { files } = filesAtEnd(file, stage, context, facts);
  const started = startedPrograms(files, (word) => matchesWhole(programs, word), facts);
  if (started.programs.length > 0) return true;
  if (!unless) return false;
  const { unbuilt } = unless;
  const isBuilt = asked.runs.some(({ steps }) =>
    steps.some(({ call }) => call && unbuilt && matchesWhole(unbuilt.words, wordsOf(call))),
  );
  const pattern = unbuilt && !isBuilt ? `${unless.text}|${unbuilt.text}` : unless.text;
  return [...files.entries].some(({ path }) => {
    if (!matchesWhole(unless.files, path)) return false;
    const beside = files.texts.get(`${path.slice(0, path.lastIndexOf('/') + 1)}${unless.beside}`);
    return beside === undefined || new RegExp(pattern).test(beside);
  });
}
