/**
 * Moves installs by name above the instructions that copy the application.
 * Refuses where an install could see what was copied, or lies behind something that it may need.
 */
import {
  mapStages,
  type Dockerfile,
  type Instruction,
  type Stage,
} from '../src/dockerfile/model.ts';
import { definePass, type PassScope } from '../src/pass.ts';
import { isBlocked, movedUp } from '../src/split/moved-up.ts';

export default definePass({
  id: 'order-by-change',
  summary: 'Install packages before the application is copied.',
  why: 'Whatever stands below a COPY is run again each time a copied file changes; packages by name do not change with the source.',
  refuses: [
    'the RUN does more than install packages by name or make accounts, or may read what was copied',
    'something is copied to where packages read or write, or to a place that is not known',
    'something else stands between the two, such as ENV, USER or another RUN',
    'what is copied comes from another image: it does not change with the source',
  ],
  level: 'standard',
  improves: ['rebuild'],
  references: ['https://docs.docker.com/build/cache/optimize/#order-your-layers'],
  run: (file, scope) => mapStages(file, (stage) => ordered(file, stage, scope)),
});

function ordered(file: Dockerfile, whole: Stage, scope: PassScope): readonly Instruction[] {
  let stage = whole;
  for (let at = 1; at < stage.instructions.length; at++) {
    const before = stage;
    const run = stage.instructions[at]!;
    const move = run.kind === 'run' ? movedUp(file, stage, run, scope) : undefined;
    if (!move) continue;
    if (isBlocked(move)) {
      scope.missed(run, `line ${move.line} may copy to where packages read or write`);
      continue;
    }
    const { over, instructions, crossesFolder } = move;
    stage = scope.propose(
      run,
      {
        level: 'standard',
        message:
          'install before the application is copied: a change of the source keeps this layer',
        // Only its line end, where the RUN was the last line of a file without one.
        also: run.eol === over.at(-1)!.eol ? [] : [over.at(-1)!],
        ...(crossesFolder && { indifferentTo: ['WorkingDir'] as const }),
      },
      before,
      () => ({ ...before, instructions }),
    );
  }
  return stage.instructions;
}
