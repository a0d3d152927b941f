/** What the compilers of Go, Rust and C make: programs of which the call shows how they are linked. */
import type { Call } from '../analysis/calls.ts';
import { entryAt } from '../analysis/context.ts';
import { baseName, folderOf } from '../analysis/go-paths.ts';
import { binaryOf } from './binaries.ts';
import { newerThanSystem, OF_SANITIZER } from './c-libraries.ts';
import { ownName, type Product, type WorkAnswer, type WorkScope } from './work.ts';

const ECOSYSTEM: Readonly<Record<string, string>> = { go: 'go', cargo: 'rust' };

export function compiledWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const binary = binaryOf(call, { ...scope, installs: '' });
  if (!binary) return undefined;
  const name = ownName(call);
  const { output, linkage } = binary;
  if (call.args.some((arg) => arg?.startsWith('-fsanitize=') === true)) {
    return { why: OF_SANITIZER };
  }
  const newer =
    linkage.kind === 'static' || !name.endsWith('++') || !scope.image
      ? undefined
      : newerThanSystem(scope.image);
  if (newer !== undefined) return { why: newer };
  const named = namedByFolder(call, scope);
  const isFile = named !== undefined || isOneFile(call, output, scope);
  const product: Product = {
    path: named ?? output,
    of: 'sources',
    ...(!isFile && { isNamed: true }),
  };
  return {
    ecosystem: ECOSYSTEM[name] ?? 'c',
    makes: [product],
    links: 'as the call shows',
  };
}

/** What `go build` makes where it is told nothing: a program by the name of the module or the folder. */
function namedByFolder({ program, args, folder }: Call, { files }: WorkScope): string | undefined {
  const isBare = args[0] === 'build' && args.slice(1).every((arg) => /^-[avx]$/.test(arg ?? ''));
  if (!/(^|\/)go$/.test(program) || !isBare || !files || folder === '') return undefined;
  const own = [...files.texts].flatMap(([path, text]) => {
    const isCode = folderOf(path) === folder && /(?<!_test)\.go$/.test(path);
    return isCode && !/^\/\/(go:build| \+build) ignore\b/m.test(text) ? [text] : [];
  });
  const isMain = own.length > 0 && own.every((text) => /^package main\b/m.test(text));
  if (!isMain) return undefined;
  const module = /^module\s+"?([^\s"]+)/m.exec(files.texts.get(`${folder}/go.mod`) ?? '')?.[1];
  // A major version at the end of a module's name is not part of it.
  const name = baseName((module ?? folder).replace(/\/v([2-9]|\d\d+)$/, ''));
  return `${folder}/${name}`;
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
