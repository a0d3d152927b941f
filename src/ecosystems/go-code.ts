/** Which packages a call of `go` compiles: those of the project, and what they import. */
import { bytesBelow, entriesOf, isWithin, textOf, type BuildContext } from '../analysis/context.ts';
import { RunMemory } from '../dockerfile/run-memory.ts';
import { baseName, folderOf, hasWildcards, matchPath, pathInside } from '../analysis/go-paths.ts';

export interface GoCode {
  /** Programs that are made, by their folders and names. */
  readonly programs: readonly { readonly folder: string; readonly name: string }[];
  /** Folders of all packages of the project, or of its `vendor`, that are compiled. */
  readonly folders: ReadonlySet<string>;
  /** What they import from elsewhere: the standard library and modules. */
  readonly imports: ReadonlySet<string>;
  /** Of their source code, without tests. */
  readonly bytes: number;
  /** Of files that are put into the program. */
  readonly embedded: number;
  readonly hasC: boolean;
  /** The text of go.mod; empty where there is none. */
  readonly manifest: string;
  /** The folder of go.mod, or where it runs. */
  readonly top: string;
}

const OTHER_SYSTEMS =
  /_(test|windows|darwin|freebsd|netbsd|openbsd|solaris|plan9|js|wasm|android|ios|aix|dragonfly|arm|arm64|386|ppc64le|s390x|riscv64)\.go$/;

/**
 * @param operands packages as the call names them: `./cmd/...`, `.`, `main.go`
 * @param withTests what tests import counts as well
 * @returns `undefined` where no source of it shows
 */
export function goCode(
  files: BuildContext,
  folder: string,
  operands: readonly string[],
  withTests = false,
): GoCode | undefined {
  const byFolder = sourcesByFolder(files, withTests);
  const top = topOf(files, folder);
  const read = textOf(files, pathInside(`${top}/go.mod`));
  const manifest = read.kind === 'text' ? read.text : '';
  const module = /^module\s+"?([^\s"]+)/m.exec(manifest)?.[1];
  const start = (operands.length > 0 ? operands : ['.']).flatMap((each) =>
    foldersOf(each, folder, [...byFolder.keys()], module, top),
  );
  const folders = new Set<string>();
  const imports = new Set<string>();
  const queue = [...start];
  for (let each = queue.pop(); each !== undefined; each = queue.pop()) {
    const texts = byFolder.get(each);
    if (!texts || folders.has(each)) continue;
    folders.add(each);
    for (const path of texts.flatMap((one) => (one.imports ??= importsOf(one.text)))) {
      const own = ownFolder(path, module, top, byFolder);
      if (own === undefined) imports.add(path);
      else queue.push(own);
    }
  }
  if (folders.size === 0) return undefined;
  const texts = [...folders].flatMap((each) =>
    byFolder.get(each)!.map(({ text }) => ({ folder: each, text })),
  );
  const isMain = (each: string): boolean =>
    byFolder.get(each)!.some(({ text }) => /^package main\b/m.test(text));
  return {
    programs: [...new Set(start)]
      .filter((each) => folders.has(each) && isMain(each))
      .map((each) => ({ folder: each, name: nameOf(each, top, module, operands) })),
    folders,
    imports,
    bytes: texts.reduce((sum, { text }) => sum + text.length, 0),
    embedded: texts.reduce((sum, each) => sum + embeddedIn(each.text, each.folder, files), 0),
    hasC: texts.some(({ text }) => /^\s*(import\s+)?"C"\s*$/m.test(text)),
    manifest,
    top,
  };
}

interface Source {
  readonly text: string;
  /** Read when they are asked for. */
  imports?: readonly string[];
}

type Sources = ReadonlyMap<string, readonly Source[]>;

const sources = new RunMemory<BuildContext, Map<boolean, Sources>>();

function sourcesByFolder(files: BuildContext, withTests: boolean): Sources {
  let known = sources.get(files);
  if (!known) sources.set(files, (known = new Map<boolean, Sources>()));
  let found = known.get(withTests);
  if (!found) known.set(withTests, (found = readSources(files, withTests)));
  return found;
}

function readSources(files: BuildContext, withTests: boolean): Sources {
  const found = new Map<string, Source[]>();
  for (const { path, kind } of entriesOf(files)) {
    if (kind !== 'file' || !path.endsWith('.go')) continue;
    const isOther = OTHER_SYSTEMS.test(path) && !(withTests && path.endsWith('_test.go'));
    if (isOther) continue;
    const text = textOf(files, path);
    if (text.kind !== 'text' || /^\/\/go:build\s+(ignore|tools)\b/m.test(text.text)) continue;
    const known = found.get(folderOf(path));
    if (known) known.push({ text: text.text });
    else found.set(folderOf(path), [{ text: text.text }]);
  }
  return found;
}

function topOf(files: BuildContext, folder: string): string {
  for (let each = folder; ; each = folderOf(each)) {
    if (textOf(files, pathInside(`${each}/go.mod`)).kind !== 'absent') return each;
    if (each === '') return folder;
  }
}

function foldersOf(
  operand: string,
  folder: string,
  all: readonly string[],
  module: string | undefined,
  top: string,
): readonly string[] {
  const isPath = /^(\.{0,2}\/|\.{1,2}$)/.test(operand) || operand.endsWith('.go');
  const rest = operand.slice(module?.length ?? 0).replace(/^\//, '');
  const isOwn = module !== undefined && (operand === module || operand.startsWith(`${module}/`));
  const written = isPath ? operand : isOwn ? `/${top}/${rest}` : `./${operand}`;
  const path = pathInside(written.startsWith('/') ? written : `${folder}/${written}`);
  if (path.endsWith('.go')) return [folderOf(path)];
  if (!path.endsWith('...')) return [path];
  const above = path.replace(/\/?\.\.\.$/, '');
  return all.filter(
    (each) => isWithin(each, above) && !/(^|\/)(vendor|testdata|_\w+)(\/|$)/.test(each),
  );
}

function importsOf(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^import\s*\(([^)]*)\)/gm)].map(([, block]) => block!);
  const lines = [...text.matchAll(/^import\s+(?:[\w.]+\s+)?"([^"]+)"/gm)].map(([, path]) => path!);
  const inBlocks = blocks.flatMap((block) =>
    [...block.matchAll(/^\s*(?:[\w.]+\s+)?"([^"]+)"/gm)].map(([, path]) => path!),
  );
  return [...lines, ...inBlocks].filter((path) => path !== 'C');
}

function ownFolder(
  path: string,
  module: string | undefined,
  top: string,
  byFolder: ReadonlyMap<string, unknown>,
): string | undefined {
  if (module !== undefined && (path === module || path.startsWith(`${module}/`))) {
    return pathInside(`${top}/${path.slice(module.length)}`);
  }
  const vendored = pathInside(`${top}/vendor/${path}`);
  if (byFolder.has(vendored)) return vendored;
  // Without modules, packages of the project lie below GOPATH.
  const below = [...byFolder.keys()].find((each) => each.endsWith(`src/${path}`));
  return module === undefined ? below : undefined;
}

/** As `go build` names a program: by its folder, or at the top by the module. */
function nameOf(
  folder: string,
  top: string,
  module: string | undefined,
  operands: readonly string[],
): string {
  const file = operands.find((each) => each.endsWith('.go'));
  if (file !== undefined) return baseName(file).replace(/\.go$/, '');
  const path = folder === top ? (module ?? folder) : folder;
  // A major version at the end of a module's name is not part of it.
  return baseName(path.replace(/\/v([2-9]|\d\d+)$/, ''));
}

function embeddedIn(text: string, folder: string, files: BuildContext): number {
  const patterns = [...text.matchAll(/^\/\/go:embed\s+(.+)$/gm)].flatMap(([, words]) =>
    words!.trim().split(/\s+/),
  );
  return patterns.reduce((sum, each) => {
    const path = pathInside(`${folder}/${each.replace(/^"?(all:)?|"$/g, '')}`);
    if (!hasWildcards(path)) return sum + bytesBelow(files, path);
    const found = entriesOf(files).filter((entry) => matchPath(path, entry.path) === true);
    return found.reduce((all, entry) => all + bytesBelow(files, entry.path), sum);
  }, 0);
}
