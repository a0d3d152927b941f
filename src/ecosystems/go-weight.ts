/**
 * What `go` leaves in a layer: the programs, its build cache, and the modules that it downloads. The
 * standard library is compiled into the cache package by package, and a program has its part of each
 * that it imports, so that the imports tell nearly all where no module comes from elsewhere.
 */
import { about, plus, sum, times, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { entryAt } from '../analysis/context.ts';
import { baseName, pathInside } from '../analysis/go-paths.ts';
import { matchesWhole } from '../analysis/patterns.ts';
import type { Span } from '../facts/compiled-weight-types.ts';
import { cacheFolder } from './cache-folders.ts';
import { compiledWork } from './compiled-work.ts';
import { goCode, type GoCode } from './go-code.ts';
import { goStandard, type GoPackage } from './go-standard.ts';
import { amountOf, wider } from './spans.ts';
import type { Weight } from './weight.ts';
import { ownName, type WorkScope } from './work.ts';

export function goWeigh(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  if (ownName(call) !== 'go') return undefined;
  const [verb = ''] = call.args;
  if (verb === 'mod') return moduleWeights(call, scope);
  if (verb === 'get') return [modulesOf(scope, undefined), ...unseenCache(call, scope)];
  if (!COMPILES.test(verb)) return SILENT.test(verb) ? [] : undefined;
  const operands = operandsOf(call);
  if (operands.some((each) => /[^/]@/.test(each))) return toolWeights(call, scope, operands);
  const code = codeOf(call, scope);
  if (!code) {
    const { unseen } = scope.facts.compiledWeights.go;
    return [
      ...programsOf(call, scope, undefined, () => amountOf(unseen.program)),
      ...unseenCache(call, scope),
      modulesOf(scope, undefined),
    ];
  }
  const earlier = earlierCalls(call, scope);
  return [
    ...programsOf(call, scope, code, (folder) => programAmount(call, scope, folder)),
    ...cacheWeights(call, scope, code, earlier),
    ...(earlier.some(fetches) ? [] : modulesFor(scope, code)),
  ];
}

const COMPILES = /^(build|install|test|vet|run)$/;

const SILENT = /^(version|env|fmt|list|help|clean|doc|fix|work)$/;

const VALUES =
  /^-(o|p|ldflags|gcflags|asmflags|gccgoflags|tags|mod|modfile|buildmode|buildvcs|compiler|installsuffix|overlay|pkgdir|toolexec|coverprofile|covermode|coverpkg|run|bench|timeout|count|cpu|parallel|C)$/;

/** Packages as the call names them. */
function operandsOf({ args }: Call): readonly string[] {
  const found: string[] = [];
  for (let index = 1; index < args.length; index++) {
    const word = args[index];
    if (word?.startsWith('-') === true) {
      if (VALUES.test(word.replace(/^--/, '-'))) index++;
    } else if (word !== undefined) found.push(word);
  }
  return found;
}

function codeOf(call: Call, { files }: WorkScope): GoCode | undefined {
  if (!files) return undefined;
  const operands = operandsOf(call);
  const isRun = call.args[0] === 'run';
  return goCode(
    files,
    call.folder,
    isRun ? operands.slice(0, 1) : operands,
    call.args[0] === 'test' || call.args[0] === 'vet',
  );
}

function earlierCalls(call: Call, { earlier }: WorkScope): readonly Call[] {
  const own = earlier.filter((each) => ownName(each) === 'go');
  // A cache that was emptied has to be filled again.
  const cleaned = own.findLastIndex((each) => each.args[0] === 'clean');
  return own.slice(cleaned + 1).filter((each) => each !== call);
}

const fetches = ({ args }: Call): boolean =>
  COMPILES.test(args[0] ?? '') ||
  args[0] === 'get' ||
  (args[0] === 'mod' && args[1] === 'download');

/** All that a call says, flags with variables in them included. */
function flagsOf(call: Call, { variable }: WorkScope): string {
  const words = call.command.words.map(({ text }) => text).join(' ');
  return `${words} ${variable('GOFLAGS') ?? ''}`;
}

/** Whether packages of the standard library are compiled with their C code. */
function usesC({ variable, image }: WorkScope): boolean {
  return variable('CGO_ENABLED') !== '0' && image?.hasCommand('gcc') !== 'no';
}

function releaseOf({ image, facts }: WorkScope): number | undefined {
  const { ofSuites } = facts.compiledWeights.go;
  const release = image?.runtimes.get('go') ?? ofSuites[image?.distribution?.suite ?? ''];
  const minor = /^1\.(\d+)/.exec(release ?? '')?.[1];
  return minor === undefined ? undefined : Number(minor);
}

const minorOf = (release: string): number => Number(release.split('.')[1]);

/** A release that was not measured may be off by more. */
function rangeOf(own: number, scope: WorkScope): number {
  const { version, perRelease } = scope.facts.compiledWeights.go;
  const release = releaseOf(scope);
  return (
    own + perRelease.range * (release === undefined ? 4 : Math.abs(release - minorOf(version)))
  );
}

function packagesFor(code: GoCode, scope: WorkScope): ReadonlyMap<string, GoPackage> {
  const { go } = scope.facts.compiledWeights;
  const fromModules = foreign(code, scope).length > 0 ? go.modulesImport : [];
  return goStandard(go).closure([...code.imports, ...fromModules], usesC(scope));
}

/** Imports that are neither the project's nor of the standard library. */
function foreign(code: GoCode, scope: WorkScope): readonly string[] {
  const standard = goStandard(scope.facts.compiledWeights.go);
  return [...code.imports].filter(
    (path) => !standard.has(path) && /^[\w-]+\.[\w.-]+(\/|$)/.test(path),
  );
}

/** Modules by their paths, each once. */
function importedModules(code: GoCode, scope: WorkScope): readonly string[] {
  const paths = foreign(code, scope);
  const required = requiredBy(code.manifest);
  const direct = paths.map(
    (path) =>
      required.find((each) => path === each || path.startsWith(`${each}/`)) ??
      path.split('/').slice(0, 3).join('/'),
  );
  // What modules import of others is seldom told but by the list of all that are needed.
  return [...new Set([...direct, ...(direct.length > 0 ? required : [])])];
}

/** A module that a go.mod names. */
const REQUIRED = new RegExp(
  '^\\s*(?:require\\s+)?([\\w.-]+\\.[\\w.-]+(?:/[\\w./~-]+)?)\\s+v\\d',
  'gm',
);

function requiredBy(manifest: string): readonly string[] {
  const found = manifest.matchAll(REQUIRED);
  return [...new Set([...found].map(([, path]) => path!))];
}

function programAmount(call: Call, scope: WorkScope, folder: string): Amount {
  const { go } = scope.facts.compiledWeights;
  const code = goCode(scope.files!, call.folder, [`/${folder}`])!;
  const packages = packagesFor(code, scope);
  const keeps = go.keepsMethods.some((path) => packages.has(path));
  let linked = code.bytes * go.perSource.linked;
  for (const each of packages.values()) linked += keeps ? each.kept : each.linked;
  const release = releaseOf(scope) ?? minorOf(go.version);
  const older = Math.min(Math.max(minorOf(go.version) - release, 0), 8);
  const bytes = go.program.base + go.program.factor * linked;
  const standard = about(
    bytes * (1 - go.perRelease.share * older),
    rangeOf(go.program.range, scope),
  );
  const modules = importedModules(code, scope).map((name) =>
    amountOf(go.linkedModules.find((row) => matchesWhole(row.name, name)) ?? go.linkedModule),
  );
  const whole = times(sum([standard, ...modules]), strippedShare(call, scope));
  const embedded = code.embedded > 0 ? plus(whole, about(code.embedded, 0.02)) : whole;
  return /\s-race\b/.test(flagsOf(call, scope)) ? wider(embedded, 0.2, 1) : embedded;
}

function strippedShare(call: Call, scope: WorkScope): number {
  const { go } = scope.facts.compiledWeights;
  const flags = /-ldflags[= ](["'][^"']*["']|\S+)/.exec(flagsOf(call, scope))?.[1] ?? '';
  if (/(^|[\s"'=])-s\b/.test(flags)) return go.stripped;
  return /(^|[\s"'=])-w\b/.test(flags) ? go.withoutDebug : 1;
}

/** The programs under the names that `compiledWork` has for them. */
function programsOf(
  call: Call,
  scope: WorkScope,
  code: GoCode | undefined,
  amount: (folder: string) => Amount,
): readonly Weight[] {
  if (!/^(build|install)$/.test(call.args[0] ?? '')) return [];
  const work = compiledWork(call, scope);
  const [product] = work && 'makes' in work ? work.makes : [];
  const programs = code?.programs ?? [];
  const hasOutput = call.args.some((arg) => /^--?o(=|$)/.test(arg ?? ''));
  // Several programs, and no folder for them: they are compiled and thrown away.
  if (call.args[0] === 'build' && !hasOutput && programs.length > 1) return [];
  const folder = product?.path ?? call.folder;
  if (programs.length === 0) {
    return code
      ? []
      : [{ path: folder, kind: 'build', what: 'programs of Go', amount: amount('') }];
  }
  return programs.map((each): Weight => {
    const isFile =
      product?.isNamed !== true || (hasOutput && programs.length === 1 && !isFolder(call, scope));
    const path = isFile ? folder : pathInside(`${folder}/${each.name}`);
    return {
      path,
      kind: 'build',
      what: `the program ${baseName(path)}`,
      amount: amount(each.folder),
    };
  });
}

/** Whether `-o` names a folder that is there, or ends like one. */
function isFolder(call: Call, { files }: WorkScope): boolean {
  const at = call.args.findIndex((arg) => /^--?o(=|$)/.test(arg ?? ''));
  const word = call.args[at] ?? '';
  const path = (word.includes('=') ? word.slice(word.indexOf('=') + 1) : call.args[at + 1]) ?? '';
  if (/(^|\/)\.{0,2}$/.test(path)) return true;
  const place = pathInside(path.startsWith('/') ? path : `${call.folder}/${path}`);
  return files !== undefined && entryAt(files, place)?.kind === 'folder';
}

function cacheWeights(
  call: Call,
  scope: WorkScope,
  code: GoCode,
  earlier: readonly Call[],
): readonly Weight[] {
  const { go } = scope.facts.compiledWeights;
  const before = earlier.flatMap((each) => codeOf(each, scope) ?? []);
  const known = before.map((each) => packagesFor(each, scope));
  const release = releaseOf(scope);
  const isOld = release !== undefined && release < minorOf(go.cache.since);
  const verb = call.args[0];
  const standard = goStandard(go);
  const named = packagesFor(code, scope);
  const packages =
    verb === 'test' ? new Map([...named, ...standard.closure(TESTING, usesC(scope))]) : named;
  let archives = 0;
  for (const [path, { archive }] of isOld ? [] : packages) {
    if (!known.some((each) => each.has(path))) archives += archive;
  }
  // `go vet` has what a program imports compiled, and nothing of its own.
  const built = earlier.flatMap((each) =>
    each.args[0] === 'vet' ? [] : (codeOf(each, scope) ?? []),
  );
  const isBuilt = verb !== 'vet' && !built.some((each) => each.bytes === code.bytes);
  const own = isBuilt
    ? code.bytes * go.perSource.archive + code.folders.size * go.cache.package + code.embedded
    : 0;
  const whole =
    archives * (1 + go.cache.more) +
    own +
    (code.hasC && isBuilt ? go.cache.withC : 0) +
    (earlier.length > 0 ? 0 : go.cache.first);
  const imported = new Set(before.flatMap((each) => importedModules(each, scope)));
  const modules = importedModules(code, scope).filter((name) => !imported.has(name));
  // The archives of a module are about what the linker takes for them, and twice as much again.
  const ofModules = modules.map((name) =>
    times(
      amountOf(go.linkedModules.find((row) => matchesWhole(row.name, name)) ?? go.linkedModule),
      go.program.factor,
    ),
  );
  const share = archives > own ? rangeOf(go.cache.range, scope) : 0.6;
  return [
    {
      path: cacheFolder('go-build', scope),
      kind: 'leavings',
      what: "Go's build cache",
      amount: sum([about(whole, Math.min(share, 0.6)), ...ofModules]),
    },
  ];
}

const TESTING = [
  'testing',
  'testing/internal/testdeps',
  'internal/coverage/rtcov',
  'os',
  'reflect',
];

function unseenCache(call: Call, scope: WorkScope): readonly Weight[] {
  if (earlierCalls(call, scope).some(fetches)) return [];
  const { unseen } = scope.facts.compiledWeights.go;
  const path = cacheFolder('go-build', scope);
  return [{ path, kind: 'leavings', what: "Go's build cache", amount: amountOf(unseen.cache) }];
}

function modulesFor(scope: WorkScope, code: GoCode): readonly Weight[] {
  const isVendored = [...code.folders].some((each) => /(^|\/)vendor\//.test(each));
  if (isVendored || foreign(code, scope).length === 0) return [];
  return [modulesOf(scope, code.manifest)];
}

/** @param manifest `undefined` where nobody knows which modules there are */
function modulesOf(scope: WorkScope, manifest: string | undefined): Weight {
  const { go } = scope.facts.compiledWeights;
  const names = manifest === undefined ? undefined : requiredBy(manifest);
  const found = names?.map((name) =>
    amountOf(go.modules.find((row) => matchesWhole(row.name, name)) ?? go.module),
  );
  return {
    path: cacheFolder('go-mod', scope),
    kind: 'leavings',
    what: names ? `${names.length} modules of Go` : 'modules of Go',
    amount: found && sum(found),
  };
}

function moduleWeights(call: Call, scope: WorkScope): readonly Weight[] {
  const [, action] = call.args;
  if (!/^(download|vendor|tidy)$/.test(action ?? '')) return [];
  const { go } = scope.facts.compiledWeights;
  const code = scope.files && goCode(scope.files, call.folder, []);
  const path = pathInside(`${code?.top ?? call.folder}/go.mod`);
  const manifest = code?.manifest ?? scope.files?.texts.get(path);
  const isFetched = earlierCalls(call, scope).some(fetches);
  const modules = modulesOf(scope, manifest);
  const first: Weight = {
    path: pathInside(`${cacheFolder('go-build', scope)}/README`),
    kind: 'leavings',
    what: "the beginnings of Go's build cache",
    amount: about(go.cache.first, 0.5),
  };
  const vendored: Weight = {
    path: pathInside(`${code?.top ?? call.folder}/vendor`),
    kind: 'dependencies',
    what: 'modules of Go, copied into the project',
    // Of each module only the packages that are imported are taken, without its archive.
    amount: modules.amount && wider(times(modules.amount, 0.4), 0.5, 0.8),
  };
  return [
    ...(isFetched || manifest === '' ? [] : [modules]),
    ...(action === 'vendor' ? [vendored] : []),
    ...(earlierCalls(call, scope).length > 0 ? [] : [first]),
  ];
}

/** `go install example.com/tool@latest`: nobody sees its sources. */
function toolWeights(call: Call, scope: WorkScope, operands: readonly string[]): readonly Weight[] {
  const { unseen }: { readonly unseen: { readonly program: Span } } =
    scope.facts.compiledWeights.go;
  const home = scope.variable('GOBIN') || `${scope.variable('GOPATH') || '/go'}/bin`;
  const programs = operands.map((each): Weight => {
    const name = baseName(each.replace(/@.*$/, '').replace(/\/v\d+$/, ''));
    const path = pathInside(`${home}/${name}`);
    const amount = times(amountOf(unseen.program), strippedShare(call, scope));
    return { path, kind: 'build', what: `the program ${name}`, amount };
  });
  return [...programs, ...unseenCache(call, scope), modulesOf(scope, undefined)];
}
