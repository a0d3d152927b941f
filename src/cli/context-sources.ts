/** What a Dockerfile names of its build context, by its text. */
import type { Source } from '../analysis/context-place.ts';
import { sourcesOf } from '../analysis/context-sources.ts';
import { parse } from '../dockerfile/parse.ts';

export function contextSources(text: string): readonly Source[] {
  return sourcesOf(parse(text));
}
