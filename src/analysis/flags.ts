/** Flags that a package manager call lacks, whether the author settled the matter, and where they go. */
import {
  instructionsOf,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
  type Stage,
} from '../dockerfile/model.ts';
import { insertAfterWord, replaceWord, type Splice } from '../dockerfile/edit.ts';
import type { Script } from '../dockerfile/shell.ts';
import type {
  Facts,
  FlagPurpose,
  Leftover,
  ManagerFlag,
  ToolAge as ToolAgeRow,
} from '../facts/types.ts';
import { hasWord, type PackageCommand } from './packages.ts';
import { matchesAny, occursInInstruction } from './patterns.ts';
import { baseImage } from './stages.ts';
import type { State } from './state.ts';

/** The flag of this purpose that the call could have and does not, unless the author settled it. */
export function missingFlag(
  run: RunInstruction,
  call: PackageCommand,
  purpose: FlagPurpose,
  state: () => State,
): ManagerFlag | undefined {
  if (!call.actionWord || !call.command.editable) return undefined;
  const flag = flagOf(call, purpose);
  return flag && !isFlagSettled(run, call, flag, state) ? flag : undefined;
}

function flagOf(call: PackageCommand, purpose: FlagPurpose): ManagerFlag | undefined {
  return call.manager.flags.find(
    (each) => each.purpose === purpose && each.actions.includes(call.action),
  );
}

/** Whether the call does what the flag of this purpose says, by its words or by settings before it. */
export function doesAsFlagged(
  run: RunInstruction,
  call: PackageCommand,
  purpose: FlagPurpose,
  state: State,
): boolean {
  const flag = flagOf(call, purpose);
  return flag !== undefined && isFlagSettled(run, call, flag, () => state);
}

function isFlagSettled(
  run: RunInstruction,
  call: PackageCommand,
  flag: ManagerFlag,
  state: () => State,
): boolean {
  if (hasWord(call, flag.settledBy) || setsAny(run, flag.settledByEnv, state)) return true;
  const occurs = (each: Instruction): boolean => occursInInstruction(flag.settledByText, each);
  return occurs(run) || state().before.some(occurs);
}

/** Whether one of the variables is set, by ENV, ARG, or anywhere in the RUN. */
function setsAny(run: RunInstruction, names: readonly string[], state: () => State): boolean {
  return names.some(
    (name) =>
      (run.text.includes(`${name}=`) && new RegExp(`\\b${name}=`).test(run.text)) ||
      state().environment.has(name),
  );
}

/** Whether the author decided about what the call leaves behind. */
export function isSettled(
  run: RunInstruction,
  call: PackageCommand,
  leftover: Leftover,
  state: () => State,
): boolean {
  return hasWord(call, leftover.settledBy) || setsAny(run, leftover.settledByEnv, state);
}

/** Puts the flag into the call: in the place of what it replaces, or behind the action. */
export function flagSplices(script: Script, call: PackageCommand, flag: ManagerFlag): Splice[] {
  const replaced = call.args.find((word) => flag.replaces.includes(word.text));
  if (replaced) return [replaceWord(script, replaced, flag.add)];
  // Behind the options that people write first: `install -y --no-install-recommends`.
  const easy = [
    '-q+',
    '--quiet',
    ...call.manager.flags
      .filter((each) => each.purpose === 'yes')
      .flatMap((each) => each.settledBy),
  ];
  let index = call.args.indexOf(call.actionWord!);
  if (flag.purpose !== 'yes') {
    while (
      call.args[index + 1]?.text.startsWith('-') &&
      matchesAny(easy, call.args[index + 1]!.text) &&
      !call.manager.valueOptions.includes(call.args[index + 1]!.text)
    ) {
      index++;
    }
  }
  return [insertAfterWord(script, call.args[index]!, flag.add)];
}

/** Whether the tool in the image knows the flag. */
export type ToolAge = 'new' | 'old' | 'unknown' | 'settled';

export function toolAge(
  file: Dockerfile,
  stage: Stage,
  call: PackageCommand,
  flag: ManagerFlag,
  facts: Facts,
): ToolAge {
  const row = toolAgeRow(call, flag, facts);
  return row ? ageOnImage(file, stage, row) : 'new';
}

/** What a row says of the tool in the image of a stage. */
export function ageOnImage(file: Dockerfile, stage: Stage, row: ToolAgeRow): ToolAge {
  const base = baseImage(file, stage);
  const image = base && `${base.name}:${base.tag}`;
  if (image !== undefined && row.settledOn && matchesAny(row.settledOn, image)) return 'settled';
  const occurs = (patterns: readonly string[]): boolean =>
    instructionsOf(file).some((each) => occursInInstruction(patterns, each));
  if (row.doubtedBy && occurs(row.doubtedBy)) return 'unknown';
  if (occurs(row.shownBy)) return 'new';
  if (matchesAny(row.oldImages, image ?? '')) return 'old';
  return matchesAny(row.newImages, image ?? '') ? 'new' : 'unknown';
}

/** The row that says where the tool knows the flag; none where every version does. */
export function toolAgeRow(
  call: PackageCommand,
  flag: ManagerFlag,
  facts: Facts,
): ToolAgeRow | undefined {
  return facts.toolAges.find((row) => row.flag === `${call.manager.id}.${flag.purpose}`);
}

/** A flag that a call lacks. */
export interface FlagEdit {
  readonly call: PackageCommand;
  readonly flag: ManagerFlag;
}
