/** What people and services start containers with besides what the image says, and ask of them. */
import { callsIn, type Call } from '../analysis/calls.ts';
import type { BuildContext } from '../analysis/context.ts';
import { scriptOf } from '../dockerfile/shell.ts';
import { startedByTools } from '../ecosystems/started.ts';
import type { Facts } from '../facts/types.ts';
import { usesOf, type Start } from '../uses/uses.ts';

export interface Beside {
  /** The file that says so. */
  readonly path: string;
  readonly calls: readonly Call[];
}

interface BesideScope {
  readonly facts: Facts;
  /** The files of the image. */
  readonly files: BuildContext;
  /** In which containers start, without a slash in front. */
  readonly folder: string;
}

/** In place of what the image says, or besides. */
export function callsBeside(context: BuildContext, facts: Facts): readonly Beside[] {
  const before = known.get(context);
  if (before) return before;
  const found = usesOf(context, facts).starts.flatMap((each) =>
    callsOf(each, { facts, files: context, folder: '' }),
  );
  known.set(context, found);
  return found;
}

const known = new WeakMap<BuildContext, readonly Beside[]>();

export function callsOf({ path, text }: Start, { files, facts, folder }: BesideScope): Beside[] {
  const script = scriptOf(text);
  if (script.kind !== 'script') return [];
  const { calls } = callsIn(script, folder, { files, facts, runs: startedByTools });
  return [{ path, calls }];
}
