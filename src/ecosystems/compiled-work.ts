/** What the compilers of Go, Rust and C make: programs of which the call shows how they are linked. */
import type { Call } from '../analysis/calls.ts';
import { entriesOf, entryAt, gapsOf, isWithin, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, hasWildcards, pathInside } from '../analysis/go-paths.ts';
import { binaryOf } from './binaries.ts';
import { fetchedCrate, programsOfCrate } from './fetched-crates.ts';
import { newerThanSystem, OF_SANITIZER } from './c-libraries.ts';
import { whyReadsBuild } from './rust-code.ts';
import {
  ownName,
  type PackageWish,
  type Product,
  type WorkAnswer,
  type WorkScope,
} from './work.ts';

const ECOSYSTEM: Readonly<Record<string, string>> = { go: 'go', cargo: 'rust' };

export function compiledWork(call: Call, scope: WorkScope): WorkAnswer | undefined {
  const binary = binaryOf(call, scope);
  const name = ownName(call);
  if (!binary) {
    return name === 'cargo' && /^(build|b|install)$/.test(call.args[0] ?? '')
      ? { why: 'a variable says where Cargo puts what it makes' }
      : undefined;
  }
  const why = name === 'cargo' ? (whyNotCargo(call, scope) ?? whyNoCrate(call, scope)) : undefined;
  if (why !== undefined) return { why };
  const { output, linkage } = binary;
  const lost =
    name === 'go'
      ? (whyNoSources(call, scope) ?? whyNotStarted(call, scope) ?? whyCompiling(scope))
      : undefined;
  if (lost !== undefined) return { why: lost };
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
  const programs = isFile ? undefined : namesMade(name, call, scope);
  const product: Product = {
    path: named ?? output,
    of: 'sources',
    ...(!isFile && { isNamed: true }),
    ...(programs && programs.length > 0 && { names: programs }),
  };
  return {
    ecosystem: ECOSYSTEM[name] ?? 'c',
    makes: [product],
    links: 'as the call shows',
    ...(name === 'go' && asksForTypes(scope) && { packages: [TYPES_OF_FILES] }),
  };
}

/** Where the program compiles when it runs, nobody can see which sources it needs. */
function whyCompiling({ files }: WorkScope): string | undefined {
  for (const [path, text] of files?.texts ?? []) {
    if (!/(?<!_test)\.go$/.test(path) || /(^|\/)vendor\//.test(path)) continue;
    const [, program] = COMPILES.exec(text) ?? CALL.exec(text) ?? [];
    if (program !== undefined) return `/${path} starts "${program}" when it runs`;
  }
  return undefined;
}

const COMPILES =
  /\bexec\.Command(?:Context\([^,()]*(?:\([^()]*\))?\s*,|\()\s*"(go|cargo|gcc|g\+\+|cc|clang|make|javac|mvn|gradle|tsc|npm|npx|yarn|pnpm|dotnet|terraform|docker-compose)"/;

/** A whole call as one string, which some package or other starts. */
const CALL =
  /["`](go|cargo|gcc|g\+\+|javac|mvn|dotnet|npm) (?:run|test|build|install|get|vet|package|-[a-z]+)(?:[ "`])/;

type MadeScope = Pick<WorkScope, 'files' | 'facts'>;

/** All that it puts into its folder, where sources tell, or the names of packages that it fetches. */
export function namesMade(
  name: string,
  call: Call,
  scope: MadeScope,
): readonly string[] | undefined {
  if (name === 'go') return fetchedPrograms(call) ?? programsMade(call, scope);
  return name === 'cargo' ? cratesMade(call, scope) : undefined;
}

/** The programs of packages that `go install` fetches; `undefined` where it compiles others. */
function fetchedPrograms(call: Call): readonly string[] | undefined {
  const operands = goOperands(call);
  if (call.args[0] !== 'install' || operands.length === 0) return undefined;
  const names = operands.flatMap((each) => {
    const [, path] = /^([\w.-]+\.[\w.-]+\/[^@]+)@/.exec(each ?? '') ?? [];
    return path === undefined ? [] : [nameOfModule(path)];
  });
  return names.length === operands.length && !names.includes('...') ? names : undefined;
}

/** Why what a container starts is none of the programs that Cargo makes of these sources. */
function whyNoCrate(call: Call, scope: WorkScope): string | undefined {
  const made = cratesMade(call, scope);
  const { later, started } = scope;
  const calls = [...started, ...later];
  if (made === undefined || calls.length === 0) return undefined;
  if (made.length === 0) return 'Cargo finds no program';
  const words = calls.flatMap(({ program, args }) => [program, ...args]);
  const isCalled = words.some((word) => made.includes(baseName(word ?? '')));
  // What somebody copies or renames may have any name.
  const isMoved =
    later.some((each) => /^(cp|mv|ln|install|strip|upx)$/.test(ownName(each))) ||
    started.some((each) => /\.sh$|^(sh|bash|dash|ash)$/.test(ownName(each)));
  return isCalled || isMoved ? undefined : `nothing starts what Cargo makes (${made.join(', ')})`;
}

/** The programs of the packages below the folder; `undefined` where nobody knows. */
function cratesMade(
  { args, folder }: Call,
  { files, facts }: MadeScope,
): readonly string[] | undefined {
  const fetched = fetchedCrate(args);
  if (fetched !== undefined) return programsOfCrate(fetched, facts);
  const [action, crate] = args.filter((arg) => arg === undefined || !/^[-+]/.test(arg));
  if (!files || gapsOf(files).length > 0 || !/^(build|b|install)$/.test(action ?? ''))
    return undefined;
  const isElsewhere = args.some((arg) =>
    /^--(manifest-path|git|registry|example|examples)\b|^-C$/.test(arg ?? '-C'),
  );
  const at = args.indexOf('--path');
  const path = at < 0 ? undefined : args[at + 1];
  if (isElsewhere || (action === 'install' && at < 0 && crate !== undefined)) return undefined;
  const top =
    path === undefined ? folder : pathInside(path.startsWith('/') ? path : `${folder}/${path}`);
  const manifests = [...files.texts].filter(
    ([each]) => baseName(each) === 'Cargo.toml' && isWithin(each, top),
  );
  if (manifests.length === 0) return undefined;
  return manifests.flatMap(([each, text]) => crateNames(folderOf(each), text, files));
}

/** The programs of one package: its own, those that it lists, and those of files in src/bin. */
function crateNames(folder: string, manifest: string, { texts }: BuildContext): readonly string[] {
  const at = (path: string): string => (folder === '' ? path : `${folder}/${path}`);
  const [, own] = /^\[package\][^[]*?^name\s*=\s*"([^"]+)"/m.exec(manifest) ?? [];
  const listed = [...manifest.matchAll(/^\[\[bin\]\][^[]*?^name\s*=\s*"([^"]+)"/gm)].map(
    ([, name]) => name!,
  );
  const others = [...texts.keys()].flatMap((path) => {
    if (!isWithin(path, at('src/bin'))) return [];
    const [first = '', second] = path.slice(at('src/bin').length + 1).split('/');
    return second === undefined ? first.replace(/\.rs$/, '') : first;
  });
  return [...(own === undefined ? [] : [own]), ...listed, ...others];
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
function whyNotCargo(
  { args }: Call,
  { files, facts, later, started }: WorkScope,
): string | undefined {
  const words = args.filter((arg) => arg?.startsWith('-') === false);
  const crate = fetchedCrate(args);
  if (crate !== undefined) {
    const names = [crate, ...programsOfCrate(crate, facts)];
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
  if (script) return `nobody knows where ${script[0]} writes`;
  return files && words[0] === 'build' ? whyReadsBuild(files) : undefined;
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

/** Why what a container starts is none of the programs that `go install` makes of these sources. */
function whyNotStarted(call: Call, { files, started, later }: WorkScope): string | undefined {
  // A stage of which nobody says what it starts is there for others.
  const calls = [...started, ...later];
  if (call.args[0] !== 'install' || calls.length === 0) return undefined;
  const made = programsMade(call, { files });
  if (made === undefined) return undefined;
  if (made.length === 0) return `"go install" finds no program`;
  const isCalled = calls.some((each) => made.includes(ownName(each)));
  return isCalled ? undefined : `nothing starts what "go install" makes (${made.join(', ')})`;
}

/** What `go build` or `go install` names; `undefined` for a word that nobody knows. */
function goOperands({ args }: Pick<Call, 'args'>): readonly (string | undefined)[] {
  const words = args.slice(1);
  return words.filter(
    (word, index) => word?.startsWith('-') !== true && !GO_VALUES.test(words[index - 1] ?? ''),
  );
}

/** Why it would not build: another folder must be the build context. */
function whyNoSources(call: Call, { files }: Pick<WorkScope, 'files'>): string | undefined {
  if (!files || gapsOf(files).length > 0 || call.args.includes('-C')) return undefined;
  const operands = goOperands(call);
  const paths = (operands.length === 0 ? ['.'] : operands).flatMap((each) => {
    const isPath =
      each !== undefined && (/^\.{1,2}(\/|$)/.test(each) || /^[\w./-]+\.go$/.test(each));
    return isPath && !hasWildcards(each)
      ? [pathInside(`${call.folder}/${each.replace(/\/?\.\.\.$/, '')}`)]
      : [];
  });
  const codes = entriesOf(files).filter(
    ({ path, kind }) => kind !== 'folder' && path.endsWith('.go'),
  );
  const missing = paths.find((path) => !codes.some((each) => isWithin(each.path, path)));
  return missing === undefined
    ? undefined
    : `nothing that is copied before it is Go code in /${missing}`;
}

/** The programs of the packages that `go build` or `go install` names; `undefined` where nobody knows. */
function programsMade(
  { args, folder }: Call,
  { files }: Pick<WorkScope, 'files'>,
): readonly string[] | undefined {
  if (!files || gapsOf(files).length > 0) return undefined;
  const operands = goOperands({ args });
  const packages = operands.length === 0 ? ['.'] : operands;
  const folders = packages.map((each) =>
    each !== undefined && /^\.{1,2}(\/|$)/.test(each) ? each : undefined,
  );
  // Packages by their import paths may lie anywhere.
  if (folders.includes(undefined)) return undefined;
  return folders.flatMap((each) => programsIn(each!, folder, files));
}

/** Options that take the next word. */
const GO_VALUES = /^--?(o|C|p|ldflags|gcflags|asmflags|tags|mod|modfile|buildmode|overlay|pkgdir)$/;

/** The programs of the packages that a pattern such as `.` or `./cmd/...` means. */
function programsIn(pattern: string, folder: string, files: BuildContext): readonly string[] {
  const isDeep = /(^|\/)\.\.\.$/.test(pattern);
  const top = pathInside(`${folder}/${pattern.replace(/\/?\.\.\.$/, '')}`);
  const mains = new Set(
    [...files.texts].flatMap(([path, text]) => {
      const isCode = /(?<!_test)\.go$/.test(path) && /^package main\b/m.test(text);
      const place = folderOf(path);
      const isMeant = isDeep ? isWithin(place, top) : place === top;
      return isCode && isMeant && !/\/(vendor|testdata|_[^/]*)\//.test(`/${path}`) ? [place] : [];
    }),
  );
  return [...mains].map((place) => programName(place, files));
}

/** Of a folder with a program: a module's top has the name of the module. */
function programName(place: string, { texts }: BuildContext): string {
  const module = /^module\s+"?([^\s"]+)/m.exec(texts.get(`${place}/go.mod`) ?? '')?.[1];
  return nameOfModule(module ?? place);
}

/** A major version at the end of a module's name is not part of its program's. */
function nameOfModule(path: string): string {
  return baseName(path.replace(/\/v([2-9]|\d\d+)$/, ''));
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
  return `${folder}/${programName(folder, files)}`;
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
