/** What a program asks that one stage builds for a runtime and another takes: its sources stay behind. */
import { entriesOf, type BuildContext } from '../analysis/context.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import { javaTraits } from '../ecosystems/java-traits.ts';
import type { Facts } from '../facts/types.ts';
import { byPath } from './by-path.ts';
import type { Need } from './need.ts';
import { startedPrograms } from './source-code.ts';

type Programs = Facts['programs'];

/** What the files say, whatever the programs of the image are called. */
interface Code {
  readonly programs: Programs;
  /** `undefined`: there is no such code. */
  readonly needs: readonly Need[] | undefined;
}

const known = new RunMemory<BuildContext, Code>();

/** @param files those of the stage that builds, by their paths there */
export function closedCodeNeeds(
  files: BuildContext,
  isProgram: (word: string) => boolean,
  facts: Facts,
): readonly Need[] {
  const { programs } = facts;
  let code = known.get(files);
  if (code?.programs !== programs) {
    known.set(files, (code = { programs, needs: needsOfCode(files, programs) }));
  }
  if (!code.needs) return [];
  const needs: Need[] = [];
  for (const { program, by } of startedPrograms(files, isProgram, facts).programs) {
    if (isClosed(by, programs)) needs.push({ kind: 'command', name: program, when: 'run', by });
  }
  return [...needs, ...code.needs];
}

const isClosed = byPath((path, { spawners }: Programs) =>
  spawners.some((row) => row.isClosed === true && matchesWhole(row.files, path)),
);

function needsOfCode(files: BuildContext, programs: Programs): readonly Need[] | undefined {
  const first = entriesOf(files).find(
    ({ path, kind }) => kind === 'file' && isClosed(path, programs),
  );
  if (!first) return undefined;
  const needs: Need[] = [];
  const traits = javaTraits(files, '');
  const who = { when: 'run', by: first.path } as const;
  if (traits.needsCompiler) needs.push({ kind: 'command', name: 'javac', ...who });
  for (const wish of traits.packages) needs.push({ kind: 'packages', ...wish, ...who });
  return needs;
}
