/** What a Dockerfile names of its build context. */
import { instructionsOf, type Dockerfile } from '../dockerfile/model.ts';
import type { Source } from './context-place.ts';
import { readsOf } from './copied.ts';
import { hasWildcards, pathInside } from './go-paths.ts';

export function sourcesOf(file: Dockerfile): readonly Source[] {
  return instructionsOf(file).flatMap((instruction) =>
    (readsOf(instruction)?.sources ?? []).map((source) => ({
      path: pathInside(source),
      line: instruction.origin[0]!.line,
      isPlain: !source.includes('$') && !hasWildcards(source),
    })),
  );
}
