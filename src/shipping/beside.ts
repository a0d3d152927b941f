/** What people start containers with in place of what the image says, as far as files beside it tell. */
import { callsIn, type Call } from '../analysis/calls.ts';
import type { BuildContext } from '../analysis/context.ts';
import { scriptOf } from '../dockerfile/shell.ts';
import { startedByTools } from '../ecosystems/started.ts';
import type { Facts } from '../facts/types.ts';
import { startersIn } from '../installs/starters.ts';

export interface Beside {
  /** The file that says so. */
  readonly path: string;
  readonly calls: readonly Call[];
}

export function callsBeside(context: BuildContext, facts: Facts): readonly Beside[] {
  return startersIn(context).flatMap(({ path, text }): readonly Beside[] => {
    const script = scriptOf(text);
    if (script.kind !== 'script') return [];
    const { calls } = callsIn(script, '', { files: context, facts, runs: startedByTools });
    return [{ path, calls }];
  });
}
