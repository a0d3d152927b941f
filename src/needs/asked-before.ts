/** What one instruction asks, kept together with what that is made of. */
import type { BuildContext } from '../analysis/context.ts';
import type { Instruction } from '../dockerfile/model.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { InstallScope, Needs } from './need.ts';

/** What an instruction finds around it. */
export interface Around {
  /** Where it runs: in the image, without a slash in front. */
  readonly folder: string;
  /** That of shell forms. */
  readonly shell: readonly string[];
  readonly files: BuildContext | undefined;
}

/** All that what one instruction asks is made of. */
type Asking = Around & Pick<InstallScope, 'facts' | 'libc' | 'runtimes'>;

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
    one.files === other.files &&
    one.facts === other.facts &&
    one.folder === other.folder &&
    one.libc === other.libc &&
    isSameList(one.shell, other.shell) &&
    isSameMap(one.runtimes, other.runtimes)
  );
}

function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index]);
}

/** Images of one language have the same, each in a map of its own. */
function isSameMap<Key, T>(one: ReadonlyMap<Key, T>, other: ReadonlyMap<Key, T>): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const [key, value] of one) {
    if (!other.has(key) || other.get(key) !== value) return false;
  }
  return true;
}
