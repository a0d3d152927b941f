/** What a build made of the code of C and C++ that lies in its stage, without a compiler's call that shows it. */
import { entriesOf, gapsOf } from '../analysis/context.ts';
import { filesAtEnd } from '../analysis/image-files.ts';
import type { Stage } from '../dockerfile/model.ts';
import type { Made } from '../needs/made-by.ts';
import type { StageScope } from './steps.ts';

export function builtFrom(build: Stage, { file, context, facts, image }: StageScope): Made {
  const files = context && filesAtEnd(file, build, context, facts).files;
  const code = new Map<string, string>();
  let isWhole = files !== undefined && gapsOf(files).length === 0;
  for (const { path, kind } of files ? entriesOf(files) : []) {
    if (kind !== 'file' || !/\.(c|h|cc|cpp|cxx|hpp|hh)$/.test(path)) continue;
    const text = files!.texts.get(path);
    if (text === undefined) isWhole = false;
    else code.set(path, text);
  }
  const linkage = { kind: 'dynamic', libraries: [] } as const;
  return { linkage, stage: build, image, code: isWhole && code.size > 0 ? code : undefined };
}
