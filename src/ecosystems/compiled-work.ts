/** What the compilers of Go, Rust and C make: programs of which the call shows how they are linked. */
import type { Call } from '../analysis/calls.ts';
import { entryAt } from '../analysis/context.ts';
import { baseName, folderOf } from '../analysis/go-paths.ts';
import { binaryOf } from './binaries.ts';
import { newerThanSystem, OF_SANITIZER } from './c-libraries.ts';
import {
  ownName,
  type PackageWish,
  type Product,
  type WorkAnswer,
  type WorkScope,
} from './work.ts';

const ECOSYSTEM: Readonly<Record<string, string>> = { go: 'go', cargo: 'rust' };

export function compiledWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const binary = binaryOf(call, { ...scope, installs: '' });
  if (!binary) return undefined;
  const name = ownName(call);
  const why = name === 'cargo' ? whyNotCargo(call, scope) : undefined;
  if (why !== undefined) return { why };
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
    ...(name === 'go' && asksForTypes(scope) && { packages: [TYPES_OF_FILES] }),
  };
}

/** Whether code asks which type a file has by its ending: of most, only a list of the system knows. */
function asksForTypes({ files }: WorkScope): boolean {
  return [...(files?.texts ?? [])].some(
    ([path, text]) => path.endsWith('.go') && /\bmime\.TypeByExtension\b|\bFPutObject\b/.test(text),
  );
}

const TYPES_OF_FILES: PackageWish = {
  what: 'types of files',
  names: (_suite, manager) =>
    manager === 'apt' ? ['media-types'] : manager === 'apk' ? ['mailcap'] : undefined,
};

/** Why nobody can see all that a build of Rust makes, or what it is for. */
function whyNotCargo({ args }: Call, { files, later, started }: WorkScope): string | undefined {
  const words = args.filter((arg) => arg?.startsWith('-') === false);
  if (
    words[0] === 'install' &&
    words[1] !== undefined &&
    !args.some((arg) => /^--(path|git)\b/.test(arg ?? ''))
  ) {
    const crate = words[1].replace(/@.*$/, '');
    const names = [crate, crate.replace(/[-_]cli$/, ''), crate.replace(/^cargo-/, '')];
    const isCalled = [...later, ...started].some(
      (each) =>
        names.includes(ownName(each)) ||
        (ownName(each) === 'cargo' && names.includes(each.args[0] ?? '')) ||
        /^(make|just|task|npm|yarn|pnpm|sh|bash)$/.test(ownName(each)),
    );
    if (!isCalled) return `nobody knows who calls "${names[1]}", which is installed`;
  }
  const script = [...(files?.texts ?? [])].find(
    ([path, text]) => baseName(path) === 'build.rs' && writesElsewhere(text),
  );
  return script && `nobody knows where ${script[0]} writes`;
}

/** Whether a build script writes to other places than the one that Cargo gives it. */
function writesElsewhere(text: string): boolean {
  const code = text
    .split('\n')
    .filter((line) => !/^\s*\/\/|cargo:|compile_protos|include_/.test(line))
    .join('\n');
  const isOwn = code.includes('OUT_DIR');
  const writes = /\bfs::(write|copy|rename|create_dir(_all)?)\b|\bFile::create\b|\bOpenOptions\b/;
  return (
    (writes.test(code) && !isOwn) || (/"\.\.\//.test(code) && /\w+::\w+\(/.test(code) && !isOwn)
  );
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
