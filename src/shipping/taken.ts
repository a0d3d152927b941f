/** What a stage that builds nothing takes from other stages to run, as a division of which the build is done. */
import { fromOf, stageNamed } from '../analysis/stages.ts';
import { isCopy, type Dockerfile, type RunInstruction } from '../dockerfile/model.ts';
import type { Work } from '../ecosystems/work.ts';
import { madeBy } from '../needs/made-by.ts';
import type { Carried } from './carried.ts';
import { hasWork, type Division } from './divide.ts';
import { runningOf } from './running.ts';
import { stepsOf, type StageScope } from './steps.ts';

const COMPILED: Work = { ecosystem: '', makes: [], links: 'as the call shows' };
const FOUND: Work = { ecosystem: '', makes: [] };

/** @returns nothing where the stage takes nothing from another stage */
export function takenBy(scope: StageScope): Division | { readonly why: string } | undefined {
  const { file, stage, context, facts } = scope;
  const copies = stage.instructions.filter(
    (each) => each.kind === 'copy' && stageNamed(fromOf(each), file, stage) !== undefined,
  );
  if (copies.length === 0) return undefined;
  const running = runningOf(scope);
  if (running.why !== undefined) return { why: running.why };
  if (hasWork(stepsOf(scope, running.calls), facts)) {
    return { why: 'the stage builds something itself' };
  }
  const run = undefined;
  const carried = [...running.programs].flatMap((path): Carried[] => {
    const made = madeBy(path, stage, { file, context, facts });
    return 'why' in made ? [] : [{ path, of: 'sources', run, work: COMPILED }];
  });
  // Anything else that another stage made may link what its base has; archives of Java do not.
  const isPortable = copies.every(
    (each) => isCopy(each) && each.sources.every(({ text }) => /\.[jw]ar$/.test(text)),
  );
  const others: Carried[] =
    carried.length > 0
      ? []
      : [{ path: '', of: isPortable ? 'sources' : 'dependencies', run, work: FOUND }];
  return {
    running,
    carried: [...carried, ...others],
    build: [],
    shipped: stage.instructions,
    repeated: stage.instructions.filter(isCopy),
    ofAuthor: [],
    left: [],
    leavesMore: true,
    thinned: [],
    assumptions: [],
    // How a program is linked, its compiler's call tells; for others, what its steps may need counts.
    behind: carried.length > 0 || isPortable ? runsOf(file) : [],
  };
}

function runsOf({ stages }: Dockerfile): readonly RunInstruction[] {
  return stages.flatMap(({ instructions }) =>
    instructions.filter((each): each is RunInstruction => each.kind === 'run'),
  );
}
