/** What the compilers of Go, Rust and C make: programs of which the call shows how they are linked. */
import type { Call } from '../analysis/calls.ts';
import { entryAt } from '../analysis/context.ts';
import { binaryOf } from './binaries.ts';
import { newerThanSystem } from './c-libraries.ts';
import { ownName, type Product, type WorkAnswer, type WorkScope } from './work.ts';

const ECOSYSTEM: Readonly<Record<string, string>> = { go: 'go', cargo: 'rust' };

export function compiledWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const binary = binaryOf(call, { ...scope, installs: '' });
  if (!binary) return undefined;
  const name = ownName(call);
  const { output, linkage } = binary;
  const newer =
    linkage.kind === 'static' || !name.endsWith('++') || !scope.image
      ? undefined
      : newerThanSystem(scope.image);
  if (newer !== undefined) return { why: newer };
  const isFile = isOneFile(call, output, scope);
  const product: Product = { path: output, of: 'sources', ...(!isFile && { isNamed: true }) };
  return {
    ecosystem: ECOSYSTEM[name] ?? 'c',
    makes: [product],
    links: 'as the call shows',
  };
}

/** Whether the call names the file that it makes, and not a folder for it. */
function isOneFile({ args, program }: Call, output: string, { files }: WorkScope): boolean {
  if (program.endsWith('cargo')) return false;
  const at = args.findIndex((arg) => arg === '-o' || arg?.startsWith('-o=') === true);
  if (at < 0) return false;
  const written = args[at] === '-o' ? args[at + 1] : args[at]!.slice(3);
  if (written === undefined || /(^|\/)\.{0,2}$/.test(written)) return false;
  return files === undefined || entryAt(files, output)?.kind !== 'folder';
}
