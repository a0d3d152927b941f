/** What one instruction asks, kept together with what that is made of. */
import type { BuildContext } from '../analysis/context.ts';
import type { Instruction } from '../dockerfile/model.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import type { AskedFor, InstallScope } from './need.ts';

/** What an instruction finds around it. */
export interface Around {
  /** Where it runs: in the image, without a slash in front. */
  readonly folder: string;
  /** That of shell forms. */
  readonly shell: readonly string[];
  readonly files: BuildContext | undefined;
}

/** All that what one instruction asks is made of. */
type Asking = Around & Pick<InstallScope, 'facts' | 'libc' | 'python'>;

interface Asked {
  readonly of: Asking;
  readonly asked: AskedFor;
}

// Every pass that thinks of another base asks, and so does the gate: of a few images, and mostly about
// instructions that nobody touched.
const known = new RunMemory<Instruction, Asked[]>();

/** Found once for what the instruction finds around it. */
export function askedBefore(instruction: Instruction, of: Asking, find: () => AskedFor): AskedFor {
  let all = known.get(instruction);
  if (!all) known.set(instruction, (all = []));
  for (const each of all) if (isSame(each, of)) return each.asked;
  const asked = find();
  all.push({ of, asked });
  return asked;
}

function isSame({ of: one, asked }: Asked, other: Asking): boolean {
  return (
    one.files === other.files &&
    one.facts === other.facts &&
    one.folder === other.folder &&
    isSameList(one.shell, other.shell) &&
    (!asked.isOfImage || (one.libc === other.libc && one.python === other.python))
  );
}

function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return (
    one === other ||
    (one.length === other.length && one.every((each, index) => each === other[index]))
  );
}
