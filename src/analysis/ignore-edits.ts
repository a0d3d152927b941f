/** The gate for an edited .dockerignore: does it still let through what the Dockerfile names? */
import { instructionsOf, type Dockerfile } from '../dockerfile/model.ts';
import { rulesOf, type BuildContext } from './context.ts';
import { copiedBy, readsOf } from './copied.ts';

/** What is wrong, in words; empty where nothing is. */
export function ignoreFindings(
  file: Dockerfile,
  before: BuildContext | undefined,
  after: BuildContext | undefined,
): readonly string[] {
  if (!after?.ignore || before === after) return [];
  const { path, text } = after.ignore;
  const found: string[] = [];
  const problem = rulesOf(after).problem;
  // What the author wrote stays as it is, right or wrong.
  const isOld = before !== undefined && rulesOf(before).problem?.message === problem?.message;
  if (problem && !isOld) found.push(`line ${problem.line} of ${path}: ${problem.message}`);
  if (!keepsLines(before?.ignore?.text ?? '', text)) found.push(`${path} lost a line`);
  return before ? [...found, ...lostSources(file, before, after)] : found;
}

function keepsLines(before: string, after: string): boolean {
  const lines = after.split(/\r?\n/);
  let at = 0;
  return before.split(/\r?\n/).every((line, index, all) => {
    // What follows the last line end is no line.
    if (line === '' && index === all.length - 1) return true;
    at = lines.indexOf(line, at) + 1;
    return at > 0;
  });
}

function lostSources(file: Dockerfile, before: BuildContext, after: BuildContext): string[] {
  return instructionsOf(file).flatMap((instruction) => {
    const reads = readsOf(instruction);
    return (reads?.sources ?? [])
      .filter((source) => !source.includes('$'))
      .filter(
        (source) =>
          copiedBy(before, source, reads).matches.length > 0 &&
          copiedBy(after, source, reads).matches.length === 0,
      )
      .map((source) => `${instruction.keyword} ${source} would find nothing`);
  });
}
