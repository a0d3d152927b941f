/** Which RUNs do the same whatever folder they start in. */
import type { RunInstruction } from '../dockerfile/model.ts';
import type { Facts } from '../facts/types.ts';
import { effectsOf, isTrusted } from './effects.ts';
import type { State } from './state.ts';
import { valueOf } from './values.ts';

/** Whether all that a RUN reads and writes is known, and is the same from any folder. */
export function isSameAnywhere(run: RunInstruction, state: State, facts: Facts): boolean {
  const [here, elsewhere] = [state.workdir, valueOf('/some/other/folder')].map((workdir) =>
    effectsOf(run, { ...state, workdir }, facts, 'usual').commands.map((each) =>
      isTrusted(each) ? [each.reads, each.writes, each.deletes] : undefined,
    ),
  );
  return (
    here!.length > 0 &&
    !here!.includes(undefined) &&
    JSON.stringify(here) === JSON.stringify(elsewhere)
  );
}
