/** What a program asks that one stage builds for a runtime and another takes: its sources stay behind. */
import { entriesOf, type BuildContext } from '../analysis/context.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { javaTraits } from '../ecosystems/java-traits.ts';
import type { Facts } from '../facts/types.ts';
import type { Need } from './need.ts';
import { startedPrograms } from './source-code.ts';

/** @param files those of the stage that builds, by their paths there */
export function closedCodeNeeds(
  files: BuildContext,
  isProgram: (word: string) => boolean,
  facts: Facts,
): readonly Need[] {
  const rows = facts.programs.spawners.filter(({ isClosed }) => isClosed === true);
  const isClosed = (path: string): boolean => rows.some((row) => matchesWhole(row.files, path));
  const first = entriesOf(files).find(({ path, kind }) => kind === 'file' && isClosed(path));
  if (!first) return [];
  const needs: Need[] = [];
  for (const { program, by } of startedPrograms(files, isProgram, facts).programs) {
    if (isClosed(by)) needs.push({ kind: 'command', name: program, when: 'run', by });
  }
  const traits = javaTraits(files, '');
  const who = { when: 'run', by: first.path } as const;
  if (traits.needsCompiler) needs.push({ kind: 'command', name: 'javac', ...who });
  for (const wish of traits.packages) needs.push({ kind: 'packages', ...wish, ...who });
  return needs;
}
