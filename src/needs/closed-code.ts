/** What a program asks that one stage builds for a runtime and another takes: its sources stay behind. */
import type { BuildContext } from '../analysis/context.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import { javaTraits } from '../ecosystems/java-traits.ts';
import type { Facts } from '../facts/types.ts';
import { codeFile, codeFilesIn } from './code-files.ts';
import type { Need } from './need.ts';
import { startedPrograms } from './source-code.ts';

/** What the files say, whatever the programs of the image are called. */
interface Code {
  readonly facts: Facts;
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
  let code = known.get(files);
  if (code?.facts !== facts) {
    known.set(files, (code = { facts, needs: needsOfCode(files, facts) }));
  }
  if (!code.needs) return [];
  const needs: Need[] = [];
  for (const { program, by } of startedPrograms(files, isProgram, facts).programs) {
    if (codeFile(by, facts)?.isClosed === true)
      needs.push({ kind: 'command', name: program, when: 'run', by });
  }
  return [...needs, ...code.needs];
}

function needsOfCode(files: BuildContext, facts: Facts): readonly Need[] | undefined {
  const first = codeFilesIn(files, facts).find(({ isClosed }) => isClosed);
  if (!first) return undefined;
  const needs: Need[] = [];
  const traits = javaTraits(files, '');
  const who = { when: 'run', by: first.path } as const;
  if (traits.needsCompiler) needs.push({ kind: 'command', name: 'javac', ...who });
  for (const wish of traits.packages) needs.push({ kind: 'packages', ...wish, ...who });
  return needs;
}
