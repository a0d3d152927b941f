/** What one instruction asks, kept together with what that is made of. */
import type { State } from '../analysis/state.ts';
import type { Instruction } from '../dockerfile/model.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { InstallScope, Needs } from './need.ts';

/** All that what one instruction asks is made of. */
interface Asking extends Pick<InstallScope, 'files' | 'facts' | 'libc' | 'runtimes'> {
  readonly state: State;
}

interface Asked {
  readonly of: Asking;
  readonly needs: Needs;
}

// Every pass that thinks of another base asks, and so does the gate: of a few images, and mostly about
// instructions that nobody touched.
const known = new RunMemory<Instruction, Asked[]>();

/** Found once for what the instruction finds around it. */
export function askedBefore(instruction: Instruction, of: Asking, find: () => Needs): Needs {
  let all = known.get(instruction);
  if (!all) known.set(instruction, (all = []));
  let asked = all.find((each) => isSame(each.of, of));
  if (!asked) all.push((asked = { of, needs: find() }));
  return asked.needs;
}

function isSame(one: Asking, other: Asking): boolean {
  return (
    one.state === other.state &&
    one.files === other.files &&
    one.facts === other.facts &&
    one.libc === other.libc &&
    one.runtimes === other.runtimes
  );
}
