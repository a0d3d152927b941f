/**
 * How a program is linked that a compiler makes: by itself, or with libraries of the system that it
 * then needs where it runs. What a call does not show is unknown.
 */
import type { Call } from '../analysis/calls.ts';
import { fetchedCrate, linkedByCrate } from './fetched-crates.ts';
import { entriesOf, gapsOf, textOf, type BuildContext } from '../analysis/context.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import { sharedLibraries } from '../analysis/system-packages.ts';
import type { Facts } from '../facts/types.ts';
import { newerThanSystem } from './c-libraries.ts';
import {
  headersIn,
  librariesOfHeaders,
  libraryOf,
  onlyHeaders,
  type CompilerScope,
} from './linking.ts';

export type { CompilerScope } from './linking.ts';

export type Linkage =
  /** `why`: what shows it, such as CGO_ENABLED=0. */
  | { readonly kind: 'static'; readonly why: string }
  /** `libraries`: packages of Debian; `doubt`: what may need more, a sentence without a full stop. */
  | { readonly kind: 'dynamic'; readonly libraries: readonly string[]; readonly doubt?: string }
  /** `isMuslAtMost`: it links nothing, or musl alone. */
  | { readonly kind: 'unknown'; readonly why: string; readonly isMuslAtMost?: true };

export interface Binary {
  readonly linkage: Linkage;
  /** A path of the image without a slash in front: the program, or a folder in which it is put. */
  readonly output: string;
  /** Files of the image that are all of its code; `undefined` where it may have more. */
  readonly sources: readonly string[] | undefined;
}

/** What a call makes; `undefined` for one that makes no program, or is of no known compiler. */
export function binaryOf(call: Call, scope: CompilerScope): Binary | undefined {
  const name = call.program.slice(call.program.lastIndexOf('/') + 1);
  if (name === 'go') return goBinary(call, scope);
  if (name === 'cargo') return rustBinary(call, scope);
  if (/^(gcc|g\+\+|cc|c\+\+|clang(\+\+)?|musl-gcc)$/.test(name)) return cBinary(name, call, scope);
  return undefined;
}

type Args = readonly (string | undefined)[];

/** The value behind an option, also one that is written with `=`; empty: it is not there. */
function option(args: Args, ...names: readonly string[]): string {
  for (const [index, arg] of args.entries()) {
    if (arg === undefined) continue;
    if (names.includes(arg)) return args[index + 1] ?? '';
    const name = names.find((each) => arg.startsWith(`${each}=`));
    if (name !== undefined) return arg.slice(name.length + 1);
  }
  return '';
}

function at(folder: string, path: string): string {
  return pathInside(path.startsWith('/') ? path : `${folder}/${path}`);
}

/** Since this release, a Go without a C compiler beside it builds as with CGO_ENABLED=0. */
const GO_WITHOUT_COMPILER = 20;

/** Packages of the standard library that link the system's libc where they can. */
const LINKS_LIBC = /"(net|os\/user|plugin|runtime\/cgo)(\/[\w/]*)?"/;

function goBinary({ args, folder }: Call, scope: CompilerScope): Binary | undefined {
  const [action] = args;
  if (action !== 'build' && action !== 'install') return undefined;
  const output =
    action === 'install'
      ? pathInside(scope.variable('GOBIN') || `${scope.variable('GOPATH') || '/go'}/bin`)
      : at(folder, option(args, '-o') || '.');
  const code = goCode(scope.files, folder);
  return {
    output,
    sources: code.isWhole ? code.paths : undefined,
    linkage: goLinkage(args, scope, code),
  };
}

/** A module that a go.mod names, with its version. */
const REQUIRED = new RegExp('^\\s*(?:require\\s+)?([\\w.-]+\\.[\\w./-]+)\\s+v\\d', 'gm');

interface GoCode {
  readonly paths: readonly string[];
  readonly texts: readonly string[];
  /** Whether it is all that is compiled: no module comes from elsewhere. */
  readonly isWhole: boolean;
  /** Modules that it asks for. */
  readonly required: readonly string[];
}

function goCode(files: BuildContext | undefined, folder: string): GoCode {
  const paths: string[] = [];
  const texts: string[] = [];
  const required: string[] = [];
  if (!files) return { paths, texts, isWhole: false, required };
  let isWhole = gapsOf(files).length === 0;
  let hasVendor = false;
  const own: string[] = [];
  for (const { path, kind } of entriesOf(files)) {
    const isSource = path.endsWith('.go') && !path.endsWith('_test.go');
    if (kind !== 'file' || !(isSource || /(^|\/)go\.(mod|work)$/.test(path))) continue;
    const text = textOf(files, path);
    if (text.kind !== 'text') isWhole = false;
    else if (isSource) {
      paths.push(path);
      texts.push(text.text);
    } else {
      const modules = text.text.matchAll(REQUIRED);
      required.push(...[...modules].map(([, name]) => name!));
      own.push(...[...text.text.matchAll(/^module\s+"?([^\s"]+)/gm)].map(([, name]) => name!));
      if (/=>/.test(text.text)) isWhole = false;
    }
    if (path.startsWith(`${folder === '' ? '' : `${folder}/`}vendor/`)) hasVendor = true;
  }
  // Without modules, what is imported is all that says so.
  const foreign = foreignImports(texts, own, paths).filter(
    (path) => !required.some((name) => isBelow(path, name)),
  );
  required.push(...foreign);
  return {
    paths,
    texts,
    required,
    isWhole:
      isWhole && paths.length > 0 && foreign.length === 0 && (required.length === 0 || hasVendor),
  };
}

function isBelow(path: string, name: string): boolean {
  return path === name || path.startsWith(`${name}/`);
}

/** Packages that are imported and are neither of the standard library nor among the sources. */
function foreignImports(
  texts: readonly string[],
  modules: readonly string[],
  paths: readonly string[],
): readonly string[] {
  const found = new Set<string>();
  const folders = new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))));
  for (const text of texts) {
    const blocks = text.matchAll(/^\s*import\s*(?:\(([^)]*)\)|(?:[\w.]+\s+)?("[^"\n]+"))/gm);
    for (const [, block, single] of blocks) {
      for (const [, path] of (block ?? single ?? '').matchAll(/"([^"\n]+)"/g)) {
        const isDotted = path!.slice(0, path!.indexOf('/') + 1 || undefined).includes('.');
        if (!isDotted || modules.some((name) => isBelow(path!, name))) continue;
        const place = path!.replace(/^\.{1,2}\//, '');
        if (![...folders].some((each) => each === place || each.endsWith(`/${place}`))) {
          found.add(path!);
        }
      }
    }
  }
  return [...found];
}

function goLinkage(args: Args, scope: CompilerScope, code: GoCode): Linkage {
  const flags = `${args.map((arg) => arg ?? '').join(' ')} ${scope.variable('GOFLAGS') ?? ''}`;
  const mode = /-buildmode[= ](?!exe\b|default\b)(\S+)/.exec(flags)?.[1];
  if (mode !== undefined) return { kind: 'unknown', why: `it is built with -buildmode=${mode}` };
  if (/-linkshared\b/.test(flags)) return { kind: 'unknown', why: 'it is built with -linkshared' };
  const cgo = scope.variable('CGO_ENABLED');
  if (cgo === '0') return { kind: 'static', why: 'CGO_ENABLED=0' };
  if (args.includes(undefined))
    return { kind: 'unknown', why: 'the flags of go build are not all known' };
  const { image } = scope;
  const isMusl = image?.libc?.kind === 'musl';
  if (/-extldflags\b.*-static\b/.test(flags)) {
    if (isMusl) return { kind: 'static', why: 'it is linked with -static' };
    return { kind: 'unknown', why: 'a static glibc loads libraries when it looks up names' };
  }
  if (cgo === undefined) return { kind: 'unknown', why: 'nobody knows CGO_ENABLED' };
  const hasC = code.texts.some((text) => IMPORTS_C.test(text));
  const linksLibc = code.texts.some((text) => LINKS_LIBC.test(text));
  if (code.isWhole && !hasC && !linksLibc)
    return { kind: 'static', why: 'no package of it uses C' };
  if (!image?.libc) return { kind: 'unknown', why: 'nothing is known of the image that builds it' };
  if (isMusl) {
    const version = image.runtimes.get('go');
    const isNew =
      version === undefined || Number(version.split('.')[1] ?? '99') >= GO_WITHOUT_COMPILER;
    const hasCompiler = /\b(gcc|g\+\+|clang|build-base|alpine-sdk|musl-dev)\b/.test(
      scope.installs ?? '',
    );
    if (cgo === '' && isNew && image.hasCommand('gcc') === 'no' && !hasCompiler) {
      return { kind: 'static', why: 'Go builds without C where there is no C compiler' };
    }
    const isAlone =
      !hasC &&
      !code.required.some((name) => linksMore(name, scope.facts)) &&
      headersIn(scope.installs ?? '').length === 0;
    return { kind: 'unknown', why: 'it may link musl', ...(isAlone && { isMuslAtMost: true }) };
  }
  const isKnown = code.texts.length > 0;
  const isWhole = isKnown && code.required.length === 0;
  const found = [
    nativeLibraries(code.required, 'go', scope),
    hasC ? cgoLibraries(code, scope) : [],
    // Modules that are not in view may link what headers are installed for.
    isWhole ? [] : librariesOfHeaders(scope),
  ];
  const libraries = new Set(['libc6']);
  for (const each of found) {
    if (typeof each === 'string') return { kind: 'unknown', why: each };
    for (const library of each) libraries.add(library);
  }
  return {
    kind: 'dynamic',
    libraries: [...libraries],
    ...(isWhole ? {} : { doubt: 'what go builds links no library but libc' }),
  };
}

/** Libraries of the modules or crates that rows know; or why they are not known. */
function nativeLibraries(
  names: readonly string[],
  ecosystem: 'go' | 'rust',
  { image, facts }: CompilerScope,
): readonly string[] | string {
  const libraries: string[] = [];
  for (const name of names) {
    if (!linksMore(name, facts)) continue;
    const rows = facts.nativePackages.packages.filter(
      (each) => each.ecosystem === ecosystem && each.names.includes(name),
    );
    for (const { linked, run } of rows) {
      for (const each of linked?.debian ?? []) {
        const found = sharedLibraries(each, image?.distribution?.suite ?? '', facts);
        if (!found || image?.packageManager !== 'apt') return `${name} may link libraries`;
        libraries.push(...found);
      }
      // Certificates are asked for by what the code calls.
      if (run?.debian?.some((each) => each !== 'ca-certificates') === true)
        return `${name} may link libraries`;
    }
  }
  return libraries;
}

/** What the C code of a Go program names: nothing but the libc, or libraries whose headers are there. */
function cgoLibraries({ texts }: GoCode, scope: CompilerScope): readonly string[] | string {
  const libraries = new Set<string>();
  for (const text of texts.filter((each) => IMPORTS_C.test(each))) {
    if (/\bdlopen\b|#cgo[^\n]*\bpkg-config:[^\n]*\$/.test(text))
      return 'its C code loads libraries';
    for (const [, kind, words] of text.matchAll(/#cgo\s[^\n:]*?\b(LDFLAGS|pkg-config):([^\n]*)/g)) {
      for (const word of words!.trim().split(/\s+/)) {
        if (kind === 'LDFLAGS' && /^-(L|W|O|g|static-lib|fPIC|pthread)/.test(word)) continue;
        const name = kind === 'LDFLAGS' ? /^-l(.+)$/.exec(word)?.[1] : word;
        const found = name === undefined ? undefined : libraryOf(name, scope);
        if (!found) return `its C code links ${word}`;
        for (const each of found) libraries.add(each);
      }
    }
  }
  const { files } = scope;
  const hasCpp = files && entriesOf(files).some(({ path }) => /\.(cc|cpp|cxx)$/.test(path));
  return [...libraries, ...(hasCpp ? ['libstdc++6', 'libgcc-s1'] : [])];
}

const IMPORTS_C = /^\s*(import\s+)?"C"\s*$/m;

/** Whether a row says that a module of Go, or a crate, links libraries of the system. */
function linksMore(name: string, { nativePackages }: Facts): boolean {
  const { packages } = nativePackages;
  let names = linking.get(packages);
  if (!names) {
    const rows = packages.filter(
      (row) =>
        (row.ecosystem === 'go' || row.ecosystem === 'rust') &&
        (row.linked !== undefined || row.run?.debian !== undefined || row.isGlibcOnly === true),
    );
    linking.set(packages, (names = new Set(rows.flatMap((row) => row.names))));
  }
  return names.has(name);
}

const linking = new WeakMap<Facts['nativePackages']['packages'], ReadonlySet<string>>();

/** Whether a variable says where it puts what it makes. */
const PUT_BY_VARIABLE = /^--(root|target-dir)(=.*\$|$)/;

function rustBinary({ args, folder, command }: Call, scope: CompilerScope): Binary | undefined {
  const words = command.words.slice(-args.length);
  const isHidden = args.some(
    (arg, index) =>
      arg === undefined &&
      (PUT_BY_VARIABLE.test(args[index - 1] ?? '') ||
        PUT_BY_VARIABLE.test(words[index]?.text.replaceAll('"', '') ?? '')),
  );
  if (isHidden) return undefined;
  const [action, crate] = args.filter((arg) => arg === undefined || !/^[-+]/.test(arg));
  if (action !== 'build' && action !== 'install' && action !== 'b') return undefined;
  const isForeign = action === 'install' && crate !== undefined && option(args, '--path') === '';
  const fetched = isForeign ? args : undefined;
  const target = option(args, '--target') || scope.variable('CARGO_BUILD_TARGET') || '';
  const home = scope.variable('CARGO_HOME') || '/usr/local/cargo';
  const output =
    action === 'install'
      ? at(folder, `${option(args, '--root') || home}/bin`)
      : at(folder, option(args, '--target-dir') || scope.variable('CARGO_TARGET_DIR') || 'target');
  return {
    output,
    sources: rustSources(folder, scope),
    linkage: rustLinkage(target, fetched ?? folder, scope),
  };
}

/** All code, where the lockfile names no crate from elsewhere. */
function rustSources(folder: string, { files }: CompilerScope): readonly string[] | undefined {
  const lock = files && textOf(files, at(folder, 'Cargo.lock'));
  if (!files || lock?.kind !== 'text' || gapsOf(files).length > 0) return undefined;
  if (/^source = /m.test(lock.text)) return undefined;
  return entriesOf(files).flatMap(({ path, kind }) =>
    kind === 'file' && path.endsWith('.rs') ? [path] : [],
  );
}

/** Crates and features of theirs that link libraries of the system, as manifests name them. */
const NATIVE_CRATES =
  /\b(diesel|rusqlite|r2d2_sqlite|sqlite|postgres|mysql|sqlx|openssl|native-tls|reqwest|git2|rdkafka|zmq|curl|ldap|pq|[\w-]+-sys)\b/;

/** @param from the folder of the project, or the words of a call that fetches a crate */
function rustLinkage(target: string, from: string | Args, scope: CompilerScope): Linkage {
  const folder = typeof from === 'string' ? from : undefined;
  const flags = scope.variable('RUSTFLAGS');
  if (flags === undefined) return { kind: 'unknown', why: 'nobody knows RUSTFLAGS' };
  if (/-crt-static/.test(flags)) return { kind: 'unknown', why: 'it links musl' };
  if (/prefer-dynamic/.test(flags)) return { kind: 'unknown', why: 'it links the library of Rust' };
  const { image, files } = scope;
  const configuration =
    files && folder !== undefined ? textOf(files, at(folder, '.cargo/config.toml')) : undefined;
  if (configuration?.kind === 'text') {
    return { kind: 'unknown', why: 'its .cargo/config.toml may say otherwise' };
  }
  if (/musl/.test(target) || (target === '' && image?.libc?.kind === 'musl')) {
    return { kind: 'static', why: 'Rust links musl statically' };
  }
  if (/\+crt-static/.test(flags)) return { kind: 'static', why: 'it is linked with +crt-static' };
  if (image?.libc?.kind !== 'glibc' || !/^(|x86_64-.*gnu|aarch64-.*gnu)$/.test(target)) {
    return { kind: 'unknown', why: 'nothing is known of what builds it' };
  }
  const libraries = ['libc6', 'libgcc-s1'];
  if (typeof from !== 'string') {
    const crate = fetchedCrate(from) ?? '';
    const linked = linkedByCrate(crate, from, scope.facts);
    const headers = linked ? nativeLibraries(linked, 'rust', scope) : librariesOfHeaders(scope);
    if (typeof headers === 'string') return { kind: 'unknown', why: headers };
    if (!linked && headers.length === 0) {
      return { kind: 'unknown', why: `nobody has read which libraries ${crate} links` };
    }
    const all = [...new Set([...libraries, ...headers])];
    return { kind: 'dynamic', libraries: all, doubt: 'it links no other library of the system' };
  }
  const lock = files && textOf(files, at(from, 'Cargo.lock'));
  if (lock?.kind !== 'text') {
    const manifest = files && textOf(files, at(from, 'Cargo.toml'));
    if (manifest?.kind === 'text' && NATIVE_CRATES.test(manifest.text)) {
      return { kind: 'unknown', why: 'no Cargo.lock says which libraries its crates link' };
    }
    return { kind: 'dynamic', libraries, doubt: 'its crates link no library but libc and libgcc' };
  }
  const crates = [...lock.text.matchAll(/^name = "([^"]+)"/gm)].map(([, name]) => name!);
  const native = nativeLibraries(crates, 'rust', scope);
  if (typeof native === 'string') return { kind: 'unknown', why: native };
  for (const each of [...native, ...linkedByFeature(crates, scope)])
    if (!libraries.includes(each)) libraries.push(each);
  const unknown = crates.find(
    (name) =>
      /[-_]sys$/.test(name) &&
      !scope.facts.nativePackages.packages.some(
        (row) => row.ecosystem === 'rust' && row.names.includes(name),
      ),
  );
  if (unknown === undefined) return { kind: 'dynamic', libraries };
  const more = librariesOfHeaders(scope);
  if (typeof more === 'string') return { kind: 'unknown', why: more };
  for (const each of more) if (!libraries.includes(each)) libraries.push(each);
  return { kind: 'dynamic', libraries, doubt: `${unknown} links no library of the system` };
}

/** Libraries whose headers the author installs for a crate that builds its own where there are none. */
function linkedByFeature(
  crates: readonly string[],
  { installs = '', image, facts }: CompilerScope,
): readonly string[] {
  const suite = image?.distribution?.suite ?? '';
  return headersIn(installs).flatMap((header) => {
    const crate = header.replace(/^lib/, '').replace(/-dev$/, '');
    return crates.includes(`${crate}-sys`) ? (sharedLibraries(header, suite, facts) ?? []) : [];
  });
}

function cBinary(name: string, { args, folder }: Call, scope: CompilerScope): Binary | undefined {
  if (args.some((arg) => /^-(c|S|E|shared)$/.test(arg ?? ''))) return undefined;
  const inputs = args.filter((arg) => /\.(c|cc|cpp|cxx|o|a|so)$/.test(arg ?? ''));
  if (inputs.length === 0 && !args.includes(undefined)) return undefined;
  const output = at(folder, option(args, '-o') || 'a.out');
  const sources = cSources(scope.files, inputs);
  const linkage = cLinkage(name, args, scope);
  return { output, sources, linkage };
}

/** All C code of the image, where what is compiled is C code and nothing is linked but libraries of C. */
function cSources(files: BuildContext | undefined, inputs: Args): readonly string[] | undefined {
  if (!files || gapsOf(files).length > 0) return undefined;
  if (inputs.some((each) => /\.(o|a|so)$/.test(each ?? ''))) return undefined;
  return entriesOf(files).flatMap(({ path, kind }) =>
    kind === 'file' && /\.(c|h|cc|cpp|cxx|hpp)$/.test(path) ? [path] : [],
  );
}

function cLinkage(name: string, args: Args, scope: CompilerScope): Linkage {
  const { image } = scope;
  const known = args.filter((arg) => arg !== undefined);
  const named = known.flatMap((arg) => (matchesWhole('-l.+', arg) ? [arg.slice(2)] : []));
  const linked = named.map((each) => libraryOf(each, scope));
  const other = named.find((_, index) => linked[index] === undefined);
  const isVague = args.includes(undefined) || other !== undefined;
  // Of what is not named, or by another name, the headers that the stage installs are all there is.
  const headers =
    isVague && !known.some((arg) => arg.startsWith('-L')) ? onlyHeaders(scope) : undefined;
  if (args.includes(undefined) && !headers)
    return { kind: 'unknown', why: `the flags of ${name} are not all known` };
  if (known.includes('-static')) {
    const hasParts = known.some((arg) => /\.(so|a|o)$/.test(arg));
    if (!isVague && !hasParts) return { kind: 'static', why: 'it is linked with -static' };
    return { kind: 'unknown', why: 'a static program may load what it links' };
  }
  if (other !== undefined && !headers) return { kind: 'unknown', why: `it links ${other}` };
  if (known.some((arg) => /\.so(\.[\d.]+)?$/.test(arg)))
    return { kind: 'unknown', why: 'it links what was made before' };
  if (image?.libc?.kind !== 'glibc') return { kind: 'unknown', why: 'it may link musl' };
  const runtime = name.endsWith('++') ? ['libstdc++6', 'libgcc-s1'] : [];
  const newer = runtime.length > 0 ? newerThanSystem(image) : undefined;
  if (newer !== undefined) return { kind: 'unknown', why: newer };
  const threads = known.includes('-fopenmp') ? ['libgomp1'] : [];
  const libraries = new Set([
    'libc6',
    ...runtime,
    ...threads,
    ...linked.flatMap((each) => each ?? []),
    ...(headers ?? []),
  ]);
  return { kind: 'dynamic', libraries: [...libraries] };
}
