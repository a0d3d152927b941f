/**
 * What Cargo leaves in a layer: the program, what is beside it in `target`, and the crates that it
 * downloads. The lockfile names the crates; how large each comes out, rows tell of those used most.
 */
import { about, plus, sum, times, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { entriesOf, entryAt, isWithin, textOf } from '../analysis/context.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import type { RustWeights } from '../facts/compiled-weight-types.ts';
import { binaryOf } from './binaries.ts';
import { cacheFolder } from './cache-folders.ts';
import { amountOf, wider } from './spans.ts';
import type { Weight } from './weight.ts';
import { ownName, wordsOf, type WorkScope } from './work.ts';

export function rustWeigh(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  if (ownName(call) !== 'cargo') return undefined;
  const [verb = ''] = call.args.filter((arg) => arg === undefined || !/^[-+]/.test(arg));
  const words = wordsOf(call);
  switch (verb) {
    case 'build':
    case 'b':
    case 'test':
    case 't':
    case 'run':
    case 'r':
    case 'check':
    case 'c':
    case 'clippy':
      return buildWeights(call, verb, words, scope);
    case 'install':
      return installWeights(call, words, scope);
    case 'fetch':
    case 'vendor':
    case 'generate-lockfile':
    case 'update':
      return registryWeights(scope, cratesOf(call, scope));
    case 'chef':
      // It builds the dependencies of a recipe that was made of the same lockfile.
      return / cook( |$)/.test(words) ? buildWeights(call, 'chef', words, scope) : [];
    case 'fmt':
    case 'clean':
    case 'version':
    case 'tree':
    case 'metadata':
    case 'new':
    case 'init':
      return [];
    default:
      return undefined;
  }
}

type Row = Pick<RustWeights['crate'], 'built' | 'linked' | 'fetched'>;

/** Crates from elsewhere; `undefined` where no lockfile names them. */
function cratesOf(call: Call, { files, facts }: WorkScope): readonly Row[] | undefined {
  const { rust } = facts.compiledWeights;
  if (!files) return undefined;
  for (let { folder } = call; ; folder = folderOf(folder)) {
    const lock = textOf(files, pathInside(`${folder}/Cargo.lock`));
    if (lock.kind === 'text') {
      const packages = lock.text.split('[[package]]').filter((each) => /^source = /m.test(each));
      return packages.map((each) => rowOf(/^name = "([^"]+)"/m.exec(each)?.[1] ?? '', rust));
    }
    const manifest = textOf(files, pathInside(`${folder}/Cargo.toml`));
    if (manifest.kind === 'text') {
      const tables = [...manifest.text.matchAll(/^\[(?:workspace\.)?dependencies\]([^[]*)/gm)];
      const names = tables.flatMap(([, body]) =>
        [...body!.matchAll(/^([\w-]+)\s*(?:\.[\w-]+)?\s*=/gm)].map(([, name]) => name!),
      );
      // What they bring along is not told without a lockfile.
      return names.length > 0 || /\[workspace\]/.test(manifest.text) ? undefined : [];
    }
    if (folder === '') return undefined;
  }
}

function rowOf(name: string, { crates, crate }: RustWeights): Row {
  return crates.find((row) => matchesWhole(row.name, name)) ?? crate;
}

interface Manner {
  readonly profile: 'release' | 'debug';
  /** Its folder in `target`. */
  readonly folder: string;
  readonly factor: number;
  readonly isStatic: boolean;
}

function mannerOf(call: Call, words: string, scope: WorkScope, isInstall = false): Manner {
  const { rust } = scope.facts.compiledWeights;
  const named = /--profile[= ](\S+)/.exec(words)?.[1];
  const isRelease = isInstall
    ? !/(^| )--debug( |$)/.test(words)
    : /(^| )(--release|-r)( |$)/.test(words) ||
      (named !== undefined && !/^(dev|test)$/.test(named));
  const manifest = scope.files && textOf(scope.files, pathInside(`${call.folder}/Cargo.toml`));
  const text = manifest?.kind === 'text' ? manifest.text : '';
  const profile =
    new RegExp(`^\\[profile\\.${named ?? 'release'}\\]([^[]*)`, 'm').exec(text)?.[1] ?? '';
  const triple =
    /--target[= ](\S+)/.exec(words)?.[1] ?? (scope.variable('CARGO_BUILD_TARGET') || '');
  const isMusl = /musl/.test(triple) || (triple === '' && scope.image?.libc?.kind === 'musl');
  const name = named ?? (isRelease ? 'release' : 'debug');
  return {
    profile: isRelease ? 'release' : 'debug',
    folder: triple === '' ? name : `${triple}/${name}`,
    factor: isRelease ? factorOf(profile, scope.variable('RUSTFLAGS') ?? '', rust) : 1,
    isStatic: isMusl || /\+crt-static/.test(scope.variable('RUSTFLAGS') ?? ''),
  };
}

function factorOf(profile: string, flags: string, rust: RustWeights): number {
  const isStripped =
    /strip\s*=\s*(true|"symbols")/.test(profile) || /strip=symbols|link-arg=-s/.test(flags);
  const isSmall = /opt-level\s*=\s*"[sz]"/.test(profile) || /lto\s*=\s*(true|"fat")/.test(profile);
  const hasDebug = /^\s*debug\s*=\s*(true|2|"full")/m.test(profile);
  if (hasDebug && !isStripped) return rust.debugInfo;
  return isStripped
    ? isSmall
      ? rust.smallest
      : rust.stripped
    : isSmall
      ? (1 + rust.smallest) / 2
      : 1;
}

/** The project's own code. */
function ownBytes({ folder }: Call, { files }: WorkScope): number {
  if (!files) return 0;
  return entriesOf(files).reduce(
    (all, { path, kind, bytes }) =>
      kind === 'file' &&
      path.endsWith('.rs') &&
      isWithin(path, folder) &&
      !/\/(target|tests|benches|examples|vendor)\//.test(path)
        ? all + bytes
        : all,
    0,
  );
}

function programAmount(
  call: Call,
  scope: WorkScope,
  { profile, factor, isStatic }: Manner,
  crates: readonly Row[] | undefined,
): Amount {
  const { rust } = scope.facts.compiledWeights;
  if (!crates) return times(amountOf(rust.unseen.program), factor);
  const { base, perSource } = rust[profile];
  const bytes = base + perSource * ownBytes(call, scope) + (isStatic ? rust.static : 0);
  const own =
    profile === 'release' ? about(bytes, rust.range) : wider(about(bytes, rust.range), 0.15, 1.7);
  const linked = crates.map(({ linked: each }) => amountOf(each));
  const share = profile === 'release' ? 1 : rust.debugShare;
  const whole = times(plus(own, times(sum(linked), share)), factor);
  // How much debuggers are told of the standard library differs by who packed it.
  return factor > 1 ? wider(whole, 0.2, 1.7) : whole;
}

/** Names of programs, as the manifests of the project have them. */
function programNames({ folder }: Call, { files }: WorkScope): readonly string[] {
  if (!files) return [];
  const found = new Set<string>();
  for (const [path, text] of files.texts) {
    if (
      baseName(path) !== 'Cargo.toml' ||
      !isWithin(path, folder) ||
      /\/(target|vendor)\//.test(path)
    )
      continue;
    const own = folderOf(path);
    const name = /^\[package\][^[]*?^name\s*=\s*"([^"]+)"/m.exec(text)?.[1];
    const named = [...text.matchAll(/^\[\[bin\]\][^[]*?^name\s*=\s*"([^"]+)"/gm)].map(
      ([, each]) => each!,
    );
    for (const each of named) found.add(each);
    if (name !== undefined && named.length === 0 && entryAt(files, `${own}/src/main.rs`))
      found.add(name);
    const bins = own === '' ? 'src/bin/' : `${own}/src/bin/`;
    for (const entry of entriesOf(files)) {
      if (!entry.path.startsWith(bins)) continue;
      const [, other] = BIN.exec(entry.path.slice(bins.length)) ?? [];
      if (other !== undefined) found.add(other);
    }
  }
  return [...found];
}

/** A program below `src/bin`. */
const BIN = /^([\w-]+)(\.rs|\/main\.rs)$/;

function buildWeights(
  call: Call,
  verb: string,
  words: string,
  scope: WorkScope,
): readonly Weight[] {
  const { rust } = scope.facts.compiledWeights;
  const target = targetOf(call, scope);
  const manner = mannerOf(call, words, scope);
  const crates = cratesOf(call, scope);
  const place = `${target}/${manner.folder}`;
  const before = scope.earlier.filter(
    (each) => each !== call && ownName(each) === 'cargo' && each.folder === call.folder,
  );
  const isSame = (each: Call): boolean =>
    /^(build|b|test|t|run|r|chef)$/.test(each.args[0] ?? '') &&
    mannerOf(each, wordsOf(each), scope).folder === manner.folder;
  const hasCrates = before.some(isSame);
  const hasProgram = before.some(
    (each) => isSame(each) && /^(build|b|run|r)$/.test(each.args[0] ?? ''),
  );
  const amount = programAmount(call, scope, manner, crates);
  const isLinked = /^(build|b|run|r)$/.test(verb);
  const names = programNames(call, scope);
  const only = /--bin[= ](\S+)/.exec(words)?.[1];
  const wanted = names.filter((name) => only === undefined || name === only);
  const programs = (isLinked && !hasProgram ? wanted : []).map((name): Weight => ({
    path: pathInside(`${place}/${name}`),
    kind: 'build',
    what: `the program ${name}`,
    amount,
  }));
  if (isLinked && !hasProgram && !scope.files) {
    programs.push({
      path: place,
      kind: 'build',
      what: 'what Cargo builds',
      amount: amountOf(rust.unseen.target),
    });
  }
  const scripts =
    scope.files && entryAt(scope.files, `${call.folder}/build.rs`) && !hasCrates ? 1 : 0;
  // A test is a program of its own, with the harness of tests linked in.
  const tests = /^(test|t)$/.test(verb) ? testCount(call, scope, names.length) : 0;
  const testAmount =
    tests > 0 ? wider(times(amount, tests * rust.testFactor[manner.profile]), 0.1, 0.3) : undefined;
  const half: Weight = {
    path: pathInside(`${place}/deps`),
    kind: 'leavings',
    what: 'crates as compiled, and what else Cargo keeps',
    amount: halfMade(call, scope, manner, hasCrates ? [] : crates, testAmount),
  };
  const script: Weight = {
    path: pathInside(`${place}/build`),
    kind: 'leavings',
    what: 'build scripts',
    amount: wider(about(rust.buildScript * scripts, rust.range), 0, 0),
  };
  return [
    ...programs,
    half,
    ...(scripts > 0 ? [script] : []),
    ...(before.length > 0 ? [] : registryWeights(scope, crates)),
  ];
}

/** A file of tests that is a program of its own. */
const TEST = /\/tests\/[^/]+\.rs$/;

function testCount({ folder }: Call, { files }: WorkScope, programs: number): number {
  const apart = files
    ? entriesOf(files).filter(({ path }) => TEST.test(path) && isWithin(path, folder)).length
    : 1;
  const library = files && entryAt(files, pathInside(`${folder}/src/lib.rs`)) ? 1 : 0;
  return Math.max(1, programs + library + apart);
}

/** What is in `deps`, `incremental` and the records of Cargo. */
function halfMade(
  call: Call,
  scope: WorkScope,
  { profile }: Manner,
  crates: readonly Row[] | undefined,
  tests: Amount | undefined,
): Amount {
  const { rust } = scope.facts.compiledWeights;
  const own = about(rust.fingerprint * (1 + (crates?.length ?? 0)), 0.3);
  const incremental =
    profile === 'debug' && scope.variable('CARGO_INCREMENTAL') !== '0'
      ? [about(rust.incremental.base + rust.incremental.perSource * ownBytes(call, scope), 0.5)]
      : [];
  const share = profile === 'debug' ? rust.debugShare : 1;
  const built = crates
    ? crates.map((each) => times(amountOf(each.built), share))
    : [amountOf(rust.unseen.target)];
  return sum([own, ...incremental, ...built, ...(tests ? [tests] : [])]);
}

function targetOf(call: Call, scope: WorkScope): string {
  const asBuild: Call = { ...call, args: ['build', ...call.args.slice(1)] };
  return binaryOf(asBuild, scope)?.output ?? pathInside(`${call.folder}/target`);
}

/** Where crates are downloaded to; nothing where there are none. */
function registryWeights(scope: WorkScope, crates: readonly Row[] | undefined): readonly Weight[] {
  const { rust } = scope.facts.compiledWeights;
  const registry = cacheFolder('cargo', scope);
  const home = scope.variable('CARGO_HOME') || '';
  const records: Weight = {
    path: pathInside(`${home === '' ? folderOf(registry) : home}/.global-cache`),
    kind: 'leavings',
    what: "Cargo's records of its cache",
    amount: about(rust.records, 0.1),
  };
  if (crates?.length === 0) return [records];
  const fetched =
    crates && plus(sum(crates.map((each) => amountOf(each.fetched))), amountOf(rust.index));
  return [
    records,
    {
      path: registry,
      kind: 'leavings',
      what: crates ? `${crates.length} crates as downloaded` : 'crates as downloaded',
      amount: fetched ?? undefined,
    },
  ];
}

function installWeights(call: Call, words: string, scope: WorkScope): readonly Weight[] {
  const { rust } = scope.facts.compiledWeights;
  const output = binaryOf(call, scope)?.output ?? 'usr/local/cargo/bin';
  const isOwn = /--path[= ]/.test(words);
  const manner = mannerOf(call, words, scope, true);
  if (!isOwn) {
    const [, name = 'programs'] = call.args.filter((arg) => arg?.startsWith('-') !== true);
    const amount = times(amountOf(rust.unseen.program), manner.factor);
    return [
      { path: pathInside(`${output}/${name}`), kind: 'build', what: `the program ${name}`, amount },
      ...registryWeights(scope, undefined),
    ];
  }
  const crates = cratesOf(call, scope);
  const amount = programAmount(call, scope, manner, crates);
  const names = programNames(call, scope);
  const place = `${targetOf(call, scope).replace(/\/bin$/, '')}/${manner.folder}`;
  return [
    ...names.flatMap((name): Weight[] => [
      { path: pathInside(`${output}/${name}`), kind: 'build', what: `the program ${name}`, amount },
      {
        path: pathInside(`${place}/${name}`),
        kind: 'leavings',
        what: `the program ${name}, as built`,
        amount,
      },
    ]),
    {
      path: pathInside(`${place}/deps`),
      kind: 'leavings',
      what: 'crates as compiled, and what else Cargo keeps',
      amount: halfMade(call, scope, manner, crates, undefined),
    },
    ...registryWeights(scope, crates),
  ];
}
