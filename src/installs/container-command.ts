/** What an image's ENTRYPOINT, CMD and HEALTHCHECK say, as words or as code of the shell. */
import { baseOf } from '../analysis/stages.ts';
import type { CommandForm, Dockerfile, Instruction, Stage } from '../dockerfile/model.ts';

export function lineOf({ origin }: Instruction): string {
  return `line ${origin[0]!.line}`;
}

export function execOf(instruction: Instruction | undefined): readonly string[] | undefined {
  const form = formOf(instruction);
  return form?.form === 'exec' ? form.exec : undefined;
}

function formOf(instruction: Instruction | undefined): CommandForm | undefined {
  return instruction && 'command' in instruction ? instruction.command : undefined;
}

/** The code of a shell form; of a HEALTHCHECK what is behind CMD. */
export function shellTextOf(instruction: Instruction): string | undefined {
  if (formOf(instruction)?.form !== 'shell') return undefined;
  const text = instruction.argsText.trim();
  return instruction.kind === 'healthcheck' ? text.replace(/^.*?\bCMD\s+/is, '') : text;
}

/** All instructions of an image, those of the stages below first. */
export function lineage(file: Dockerfile, stage: Stage): readonly Instruction[] {
  const base = baseOf(file, stage);
  return [...(base.kind === 'stage' ? lineage(file, base.stage) : []), ...stage.instructions];
}
