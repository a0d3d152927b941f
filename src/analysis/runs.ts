/** The RUNs of a file with what passes ask about each: its stage, its state, its commands. */
import {
  mapStages,
  type Dockerfile,
  type RunInstruction,
  type Stage,
} from '../dockerfile/model.ts';
import { runBody, type RunBody } from '../dockerfile/shell.ts';
import type { Facts } from '../facts/types.ts';
import { packageCommands, type PackageCommand } from './packages.ts';
import { shippedStages } from './stages.ts';
import { shellBefore, stateBefore, type State } from './state.ts';

export interface RunContext {
  readonly file: Dockerfile;
  readonly stage: Stage;
  /** Of the file alone; most ask only for the commands. */
  readonly state: () => State;
  readonly body: RunBody;
  /** Its package manager calls, in order. */
  readonly calls: readonly PackageCommand[];
}

export function contextOf(
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
  facts: Facts,
): RunContext {
  const body = runBody(run, shellBefore(file, stage, run));
  const state = (): State => stateBefore(file, stage, run);
  return { file, stage, state, body, calls: packageCommands(body, facts) };
}

/**
 * The file with each RUN that calls a package manager handed to `change`, in order. Each sees what
 * became of those before it, so that a second run over the result decides the same.
 */
export function mapPackageRuns(
  file: Dockerfile,
  facts: Facts,
  which: 'all stages' | 'shipped stages',
  change: (run: RunInstruction, context: RunContext) => RunInstruction,
): Dockerfile {
  const shipped = shippedStages(file);
  let current = file;
  for (const { index } of file.stages) {
    if (which === 'shipped stages' && !shipped.has(index)) continue;
    for (let at = 0; at < current.stages[index]!.instructions.length; at++) {
      const stage = current.stages[index]!;
      const run = stage.instructions[at]!;
      if (run.kind !== 'run') continue;
      const context = contextOf(current, stage, run, facts);
      if (context.calls.length === 0) continue;
      const changed = change(run, context);
      if (changed === run) continue;
      current = mapStages(current, (each) =>
        each === stage ? stage.instructions.with(at, changed) : each.instructions,
      );
    }
  }
  return current;
}

/** The file as `change` leaves it, asked of each RUN in order; each sees what became of those before it. */
export function changeRuns(
  file: Dockerfile,
  change: (file: Dockerfile, stage: Stage, run: RunInstruction) => Dockerfile,
): Dockerfile {
  let current = file;
  for (const { index } of file.stages) {
    for (let at = 0; at < current.stages[index]!.instructions.length; at++) {
      const stage = current.stages[index]!;
      const run = stage.instructions[at]!;
      if (run.kind === 'run') current = change(current, stage, run);
    }
  }
  return current;
}
