/** What dfopt makes of a case: its Dockerfile and the ignore rules that hold for it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contextsOf } from '../../src/cli/contexts.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { optimize, type Result } from '../../src/pipeline.ts';
import type { Pair } from '../../src/report/verification.ts';
import type { Source } from '../../src/verify/order.ts';
import type { Case } from './case.ts';

export interface Rewritten {
  readonly sources: Pair<Source>;
  readonly result: Result;
}

/** At the default level, with the build context, checked after every pass. */
export function rewritten({ folder }: Case): Rewritten {
  const facts = loadFacts();
  const path = join(folder, 'Dockerfile');
  const text = readFileSync(path, 'utf8');
  const { context } = contextsOf(undefined, facts.manifests).of(path, text);
  const result = optimize(text, facts, { strict: true, ...(context && { context }) });
  const own = `${path}.dockerignore`;
  const ignore = existsSync(own) ? readFileSync(own, 'utf8') : undefined;
  const edited = result.files[0]?.after ?? ignore;
  return {
    sources: {
      before: { text, ...(ignore !== undefined && { ignore }) },
      after: { text: result.output, ...(edited !== undefined && { ignore: edited }) },
    },
    result,
  };
}
