/** What an install of a project reads and writes, or why it is left where it is; for tests. */
import type { SimpleCommand } from '../../src/dockerfile/shell.ts';
import { scriptOf } from '../../src/dockerfile/shell.ts';
import { installOf } from '../../src/ecosystems/index.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { contextFrom, type Tree } from '../support/contexts.ts';

export interface Seen {
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  readonly why?: string;
}

export interface Asked {
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** @returns `undefined` where the command installs no project */
export function seen(
  command: string,
  tree: Tree,
  { folder = '', env = {} }: Asked = {},
): Seen | undefined {
  const install = installOf(commandOf(command), {
    files: contextFrom(tree, 'none'),
    folder,
    facts: loadFacts(),
    variable: (name) => env[name],
  });
  if (!install) return undefined;
  if (install.kind === 'refused') return { why: install.why };
  return { reads: install.reads.toSorted(), writes: install.writes.toSorted() };
}

export function commandOf(code: string): SimpleCommand {
  const body = scriptOf(code);
  if (body.kind !== 'script') throw new Error(`not understood: ${code}`);
  return body.commands[0]!;
}
