/** The image at the bottom of the shipped stage, as a Dockerfile of nothing else. */
import { baseOf } from '../analysis/stages.ts';
import { parse } from '../dockerfile/parse.ts';

/**
 * Built rather than looked up: the builder expands the FROM line and finds the image wherever its
 * own build found it.
 * @returns `undefined` where the file has no stage or the stage stands on `scratch`
 */
export function baseDockerfile(text: string): string | undefined {
  const file = parse(text);
  let stage = file.stages.at(-1);
  for (let below = stage; below;) {
    stage = below;
    const base = baseOf(file, stage);
    below = base.kind === 'stage' ? base.stage : undefined;
  }
  if (!stage || stage.from.image?.text.toLowerCase() === 'scratch') return undefined;
  const lines = [...file.globals.filter(({ kind }) => kind === 'arg'), stage.from];
  return `${file.header}${lines.map(({ text: line }) => `${line}\n`).join('')}`;
}
