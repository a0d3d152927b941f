/** What a Dockerfile names of its build context. */
import { readsOf } from '../analysis/copied.ts';
import { hasWildcards, pathInside } from '../analysis/go-paths.ts';
import { instructionsOf } from '../dockerfile/model.ts';
import { parse } from '../dockerfile/parse.ts';
import type { Source } from './context-folders.ts';

export function contextSources(text: string): Source[] {
  return instructionsOf(parse(text)).flatMap((instruction) =>
    (readsOf(instruction)?.sources ?? []).map((source) => ({
      path: pathInside(source),
      line: instruction.origin[0]!.line,
      isPlain: !source.includes('$') && !hasWildcards(source),
    })),
  );
}
