/** What holds before an instruction: the shell, the environment, what the image was told. */
import type { Dockerfile, Instruction, Stage } from '../dockerfile/model.ts';
import { DEFAULT_SHELL } from '../dockerfile/shell.ts';
import { instructionsBefore } from './stages.ts';

export interface State {
  /** The shell of shell forms, with its options. */
  readonly shell: readonly string[];
  /** Names set by ENV, and by ARG in the same stage, with their text as written. */
  readonly environment: ReadonlyMap<string, string | undefined>;
  /** The instructions that ran before it in the same image, oldest first. */
  readonly before: readonly Instruction[];
}

export function stateBefore(file: Dockerfile, stage: Stage, instruction: Instruction): State {
  const before = instructionsBefore(file, stage, instruction);
  let shell = DEFAULT_SHELL;
  const environment = new Map<string, string | undefined>();
  for (const each of before) {
    if (each.kind === 'shell') shell = each.shell;
    // An ARG of a stage below is out of scope here, but what it did to a RUN there stays done.
    if (each.kind === 'env' || (each.kind === 'arg' && stage.instructions.includes(each))) {
      for (const { name, value } of each.pairs) environment.set(name, value);
    }
  }
  return { shell, environment, before };
}
