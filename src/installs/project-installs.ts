/** The commands of a RUN that install a project's dependencies, with what each of them finds. */
import type { BuildContext } from '../analysis/context.ts';
import { effectsOf, type CommandEffects } from '../analysis/effects.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { filesBefore, type ImageFiles } from '../analysis/image-files.ts';
import { packageCommand } from '../analysis/packages.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { instructionsBefore } from '../analysis/stages.ts';
import { heldBefore, stateBefore, variableIn, type State } from '../analysis/state.ts';
import { showText } from '../analysis/values.ts';
import type { Dockerfile, Instruction, RunInstruction, Stage } from '../dockerfile/model.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import { runBody, type Script, type SimpleCommand } from '../dockerfile/shell.ts';
import type { Project } from '../ecosystems/ecosystem.ts';
import { mayInstall } from '../ecosystems/index.ts';
import type { DependencyTool, Facts } from '../facts/types.ts';

/** What it takes to look at a RUN. */
export interface RunPlace {
  readonly file: Dockerfile;
  readonly stage: Stage;
  readonly run: RunInstruction;
  readonly context: BuildContext;
  readonly facts: Facts;
}

/** A command whose words can be edited, and what it finds. */
export interface ProjectCommand {
  readonly place: RunPlace;
  readonly script: Script;
  readonly command: SimpleCommand;
  readonly project: Project;
  readonly image: ImageFiles;
  readonly state: State;
  /** What ran before it in the same image, and what runs behind it in the same stage. */
  readonly before: () => readonly Ran[];
  readonly behind: () => readonly Ran[];
}

/** A command of this or another RUN. */
export interface Ran {
  readonly instruction: RunInstruction;
  readonly effects: CommandEffects;
}

// Two passes ask of the same RUNs.
const known = new RunMemory<
  RunInstruction,
  { readonly of: RunPlace; readonly found: readonly ProjectCommand[] }
>();

/** The editable installs of a RUN, in order; none where its code is not understood. */
export function projectCommands(place: RunPlace): readonly ProjectCommand[] {
  const last = known.get(place.run);
  if (last && isSamePlace(last.of, place)) return last.found;
  const found = findCommands(place);
  known.set(place.run, { of: place, found });
  return found;
}

function isSamePlace(one: RunPlace, other: RunPlace): boolean {
  return (
    one.file === other.file &&
    one.stage === other.stage &&
    one.context === other.context &&
    one.facts === other.facts
  );
}

function findCommands(place: RunPlace): readonly ProjectCommand[] {
  const { file, stage, run, context, facts } = place;
  const script = runBody(run, heldBefore(file, stage, run, facts).shell);
  if (script.kind !== 'script' || !script.commands.some((each) => mayInstall(each, facts)))
    return [];
  const state = stateBefore(file, stage, run, facts);
  const own = ranIn(file, stage, run, facts);
  // Asked for by installs alone.
  const above = (): readonly Ran[] =>
    instructionsBefore(file, stage, run).flatMap((each) =>
      each.kind === 'run' ? ranIn(file, stageOf(file, stage, each), each, facts) : [],
    );
  const below = (): readonly Ran[] =>
    stage.instructions
      .slice(stage.instructions.indexOf(run) + 1)
      .flatMap((each) => (each.kind === 'run' ? ranIn(file, stage, each, facts) : []));
  const image = filesBefore(file, stage, run, context, facts);
  const found: ProjectCommand[] = [];
  for (const [index, { effects }] of own.entries()) {
    const { command, folder } = effects;
    if (!command?.editable || !mayInstall(command, facts)) continue;
    const project: Project = {
      files: image.files,
      folder: pathInside(showText(folder)),
      facts,
      variable: (name) => variableOf(name, command, state),
    };
    const before = (): readonly Ran[] => [...above(), ...own.slice(0, index)];
    const behind = (): readonly Ran[] => [...own.slice(index + 1), ...below()];
    found.push({ place, script, command, project, image, state, before, behind });
  }
  return found;
}

/** The stage that has an instruction: this one, or one that it stands on. */
function stageOf(file: Dockerfile, stage: Stage, instruction: Instruction): Stage {
  if (stage.instructions.includes(instruction)) return stage;
  return file.stages.find((each) => each.instructions.includes(instruction)) ?? stage;
}

function ranIn(file: Dockerfile, stage: Stage, run: RunInstruction, facts: Facts): readonly Ran[] {
  const state = stateBefore(file, stage, run, facts);
  return effectsOf(run, state, facts, 'usual').commands.map((effects) => ({
    instruction: run,
    effects,
  }));
}

function variableOf(name: string, command: SimpleCommand, state: State): string | undefined {
  const own = command.assignments.findLast((each) => each.name === name);
  if (own) return own.value ?? '';
  const { usual } = variableIn(state, name);
  // What an unknown base may set is taken not to be set.
  return usual.isSet === true ? showText(usual.text) : undefined;
}

/** Whether one of the variables is set for a command, by the file, its RUN, or the base. */
export function isAnySet(
  { place, project, state }: ProjectCommand,
  names: readonly string[],
): boolean {
  return names.some(
    (name) =>
      // Also an ARG without a value, which is there to be set at the build.
      state.environment.has(name) ||
      project.variable(name) !== undefined ||
      (place.run.text.includes(`${name}=`) && new RegExp(`\\b${name}=`).test(place.run.text)),
  );
}

/** Options by which installers change their folder first. */
const FOLDER_OPTION = /^(?:--prefix|-C|--dir|--cwd)(?:=(.*))?$/;

/**
 * A call by which a package manager puts something into, or takes something out of, what an install
 * of the project writes.
 *
 * @param folders in which the project's manifests lie
 */
export function addsPackages(
  { effects }: Ran,
  tool: DependencyTool,
  folders: readonly string[],
  facts: Facts,
): boolean {
  const call = effects.command && packageCommand(effects.command, facts);
  if (!call || !/^(install|upgrade|remove)$/.test(call.action)) return false;
  const isGlobal = call.args.some(({ text }) =>
    /^(-g|--global|global|--location=global)$/.test(text),
  );
  const managers = facts.manifests.files.flatMap((row) =>
    tool.manifests.some((name) => matchesWhole(row.path, name)) ? row.managers : [],
  );
  if (isGlobal || !managers.includes(call.manager.id)) return false;
  const at = call.args.findIndex(({ text }) => FOLDER_OPTION.test(text));
  const option =
    at < 0 ? '' : (FOLDER_OPTION.exec(call.args[at]!.text)![1] ?? call.args[at + 1]?.text ?? '');
  const folder = showText(effects.folder);
  const place = pathInside(option.startsWith('/') ? option : `${folder}/${option}`);
  return place.includes('$') || folders.length === 0 || folders.includes(place);
}
