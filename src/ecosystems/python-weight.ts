/**
 * What the tools of Python leave in a layer: packages, environments, byte code, caches, what projects
 * build and collect. Packages count with all that they need, as far as rows or lockfiles say.
 */
import { about, NOTHING, plus, sum, times, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { isWithin } from '../analysis/context.ts';
import { packageCommand } from '../analysis/packages.ts';
import { downloadedBytes, installedBytes } from './pip-sizes.ts';
import { compiledShare, interpreterBytes, pythonVersion, sourcesBelow } from './python-bytecode.ts';
import { byWords, NONE, pipInstalled, toolInstalled, type Installed } from './python-installed.ts';
import { pipSite, wordsOfPip } from './python-pip.ts';
import { UV_VALUES } from './python-tools.ts';
import { projectWeight } from './python-project-weight.ts';
import { environmentMade, homeOf, inImage } from './python-site.ts';
import { pythonWork } from './python-work.ts';
import type { Weight } from './weight.ts';
import { ownName, type WorkScope } from './work.ts';
import { hasOption, moduleCall, readWords, valuesOf, type Words } from './words.ts';

export function pythonWeigh(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const own = ownWeight(call, scope);
  const interpreter = interpreterBytes(call, scope);
  if (interpreter === NOTHING) return own;
  const version = pythonVersion(scope);
  const byteCode: Weight = {
    // The folder with most of it: pip's own lies among the packages.
    path: `usr/local/lib/python${version ?? '3'}/__pycache__`,
    kind: 'leavings',
    what: 'byte code of the interpreter and of pip',
    amount: interpreter,
  };
  return [...(own ?? []), byteCode];
}

function ownWeight(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const environment = environmentMade(call, scope.variable);
  if (environment !== undefined) return [environmentWeight(environment, call, scope)];
  const manager = packageCommand(call.command, scope.facts)?.manager.id;
  if (manager === 'pip') return pipWeight(call, scope);
  const name = ownName(call);
  if (manager === 'conda' || /^(conda|mamba|micromamba)$/.test(name)) return condaWeight(call);
  if (/^pip[\d.]*$/.test(name)) return [];
  if (/^(poetry|pipenv|uv)$/.test(name)) return toolWeight(name, call, scope);
  return projectWeight(call, scope);
}

/**
 * An environment with its pip, in bytes: pip, and before Python 3.12 setuptools, with byte code. 3.11 and
 * 3.13 measured in the lab; others by the byte code's share.
 */
function environmentWeight(path: string, call: Call, scope: WorkScope): Weight {
  const words = call.args.filter((each) => each !== undefined);
  const version = pythonVersion(scope);
  const minor = Number(version?.split('.')[1] ?? 11);
  const isBare = words.includes('--without-pip') || ownName(call) === 'uv';
  const bytes = isBare ? 12_000 : minor >= 12 ? 10_300_000 : minor === 11 ? 21_610_000 : 16_800_000;
  const copied = words.includes('--copies') || words.includes('--always-copy') ? 20_000 : 0;
  const amount = about(bytes + copied, version === undefined ? 0.4 : 0.12);
  return { path, kind: 'dependencies', what: 'an environment of Python', amount };
}

function pipWeight(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const command = packageCommand(call.command, scope.facts)!;
  const words = wordsOfPip(command);
  const action = command.actionWord?.literal;
  if (action === 'wheel' || action === 'download') return wheelsWeight(words, call, scope);
  if (action !== 'install') return [];
  const installed = without(pipInstalled(call, scope), earlierNames(scope));
  const [prefix] = valuesOf(words, '--prefix');
  const version = pythonVersion(scope) ?? '3';
  const below = prefix === undefined ? undefined : `${prefix}/lib/python${version}/site-packages`;
  const site = pipSite(call, words, scope);
  const path = below === undefined ? sitePath(site, version, scope) : inImage(below, call.folder);
  const isCompiled = !hasOption(words, '--no-compile');
  const isEditable = valuesOf(words, '-e', '--editable').length > 0;
  const isCached =
    !hasOption(words, '--no-cache-dir', '--no-index') &&
    !isTrue(scope.variable('PIP_NO_CACHE_DIR'));
  return [
    ...installedWeight(installed, path, isCompiled, isEditable, scope),
    ...(isCached ? cacheWeight(installed, 'pip', 'PIP_CACHE_DIR', scope) : []),
  ];
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && value !== '' && !/^(0|false|no|off)$/i.test(value);
}

/** Where packages come to lie; for a site that nobody can tell, where it mostly is. */
function sitePath(site: ReturnType<typeof pipSite>, version: string, { image }: WorkScope): string {
  const usual = image?.runtimes.has('python') === true || image === undefined ? 'site' : 'dist';
  if ('why' in site) return `usr/local/lib/python${version}/${usual}-packages`;
  if (site.kind === 'system') return site.places[0]!;
  const isTarget =
    site.kind === 'environment' && !/(^|\/)(\.?v?env|venv|virtualenv)\b/.test(site.folder);
  return isTarget ? site.folder : `${site.folder}/lib/python${version}/site-packages`;
}

/** Names that installs in front of it, or the image, have put in place. */
function earlierNames(scope: WorkScope): ReadonlySet<string> {
  const { earlier, facts } = scope;
  const names = earlier.flatMap((each) => {
    const isPip = packageCommand(each.command, facts)?.manager.id === 'pip';
    return isPip ? pipInstalled(each, scope).packages.map(({ name }) => name) : [];
  });
  return new Set(names);
}

/** Folders that have been built in front of it. */
function earlierLocals(scope: WorkScope): ReadonlySet<string> {
  const { earlier, facts } = scope;
  return new Set(
    earlier.flatMap((each) => {
      const isPip = packageCommand(each.command, facts)?.manager.id === 'pip';
      return isPip ? pipInstalled(each, scope).locals : [];
    }),
  );
}

function without(installed: Installed, there: ReadonlySet<string>): Installed {
  return { ...installed, packages: installed.packages.filter(({ name }) => !there.has(name)) };
}

/** More than what is listed, where something could not be read: as much as a middling application. */
const UNREAD: Amount = { bytes: 60_000_000, low: 0, high: 900_000_000, basis: 'model' };

function installedWeight(
  { packages, locals, isOpen }: Installed,
  path: string,
  isCompiled: boolean,
  isEditable: boolean,
  scope: WorkScope,
): readonly Weight[] {
  const share = isCompiled ? compiledShare(pythonVersion(scope)) : 0;
  const remote = sum(packages.map((each) => installedBytes(each, share, scope.facts)));
  const own = locals.map((folder) => localBytes(folder, share, isEditable, scope));
  const there = earlierLocals(scope);
  const known = plus(remote, sum(own.map(({ installed }) => installed)));
  const amount = isOpen ? plus(known, UNREAD) : known;
  const built = locals.flatMap((folder, index): Weight[] => {
    const { built: bytes } = own[index]!;
    const inside = folder === '' ? 'build' : `${folder}/build`;
    return bytes === NOTHING || there.has(folder)
      ? []
      : [{ path: inside, kind: 'build', what: 'what the install builds', amount: bytes }];
  });
  if (amount === NOTHING && !isOpen) return built;
  const count = packages.length + locals.length;
  const what = `${count} package${count === 1 ? '' : 's'} of Python`;
  return [{ path, kind: 'dependencies', what, amount: atLeastNothing(amount) }, ...built];
}

function atLeastNothing(amount: Amount): Amount {
  return { ...amount, low: Math.max(0, amount.low) };
}

/** Records of a package beside its files, with a console script; measured in the lab. */
const RECORDS = 3000;

/** What a project's own sources become: once among the packages, once in its folder `build`. */
function localBytes(
  folder: string,
  share: number,
  isEditable: boolean,
  scope: WorkScope,
): { readonly installed: Amount; readonly built: Amount } {
  const found = sourcesBelow(scope.files, folder);
  if (!found) {
    const installed: Amount = { bytes: 50_000, low: 2000, high: 5_000_000, basis: 'model' };
    return { installed, built: isEditable ? NOTHING : times(installed, 0.5) };
  }
  const { python } = found;
  if (isEditable) return { installed: about(RECORDS * 0.5, 0.5), built: about(1200, 0.6) };
  const bytes = python * (1 + share) + RECORDS;
  const installed: Amount = {
    bytes,
    low: RECORDS * 0.4,
    high: (found.all + python * share) * 1.1 + RECORDS * 2,
    basis: 'model',
  };
  return {
    installed,
    built: { bytes: python + 1500, low: 800, high: found.all * 1.1 + 3000, basis: 'model' },
  };
}

function cacheWeight(
  { packages, isOpen }: Installed,
  tool: string,
  variable: string,
  scope: WorkScope,
): readonly Weight[] {
  if (packages.length === 0 && !isOpen) return [];
  const home = homeOf(scope) ?? 'root';
  const own = scope.variable(variable);
  const general = scope.variable('XDG_CACHE_HOME');
  const path = own?.startsWith('/')
    ? inImage(own, '')
    : general?.startsWith('/')
      ? inImage(`${general}/${tool}`, '')
      : `${home}/.cache/${tool}`;
  const amount = sum([
    ...packages.map((each) => downloadedBytes(each, scope.facts)),
    ...(isOpen ? [times(UNREAD, 0.3)] : []),
  ]);
  const what = `the cache of ${tool}`;
  return [{ path, kind: 'leavings', what, amount: atLeastNothing(amount) }];
}

/** `pip wheel` and `pip download`: the archives as they are. */
function wheelsWeight(words: Words, call: Call, scope: WorkScope): readonly Weight[] {
  const [folder = '.'] = valuesOf(words, '-w', '--wheel-dir', '-d', '--dest');
  const { packages, locals, isOpen } = byWords(words, call, scope);
  const own = locals.map((each): Amount => {
    const found = sourcesBelow(scope.files, each);
    const bytes = found ? found.python * 0.26 + 1500 : 20_000;
    return { bytes, low: 1000, high: found ? found.all + 3000 : 2_000_000, basis: 'model' };
  });
  const amount = sum([
    ...packages.map((each) => downloadedBytes(each, scope.facts)),
    ...own,
    ...(isOpen ? [times(UNREAD, 0.3)] : []),
  ]);
  const path = inImage(folder, call.folder);
  return [{ path, kind: 'dependencies', what: 'archives of packages', amount }];
}

function toolWeight(name: string, call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const words = call.args.filter((each) => each !== undefined);
  const [action = '', second] = words.filter((each) => !each.startsWith('-'));
  const isPip = name === 'uv' && action === 'pip';
  if (isPip ? !/^(install|sync)$/.test(second ?? '') : !/^(install|sync)$/.test(action)) {
    return action === 'run' ? undefined : [];
  }
  const installed = isPip ? uvPip(call, scope) : toolInstalled(call, scope);
  const work = pythonWork(call, scope);
  const version = pythonVersion(scope) ?? '3';
  const made = work && 'makes' in work ? work.makes[0]?.path : undefined;
  const home = homeOf(scope) ?? 'root';
  const usual = {
    poetry: `${home}/.cache/pypoetry/virtualenvs`,
    pipenv: `${home}/.local/share/virtualenvs`,
  }[name];
  const path = made ?? usual ?? `usr/local/lib/python${version}/site-packages`;
  const isSystem = made?.endsWith('-packages') === true;
  // Of the three only pipenv has pip do it, which compiles.
  const isCompiled =
    name === 'pipenv' ||
    words.includes('--compile') ||
    words.includes('--compile-bytecode') ||
    isTrue(scope.variable('UV_COMPILE_BYTECODE'));
  const isBeside = !isSystem && !isPip;
  const environment = isBeside ? (name === 'uv' ? 12_000 : 13_000_000) : 0;
  const [first, ...rest] = installedWeight(
    installed,
    path,
    isCompiled,
    name !== 'uv' || !isPip,
    scope,
  );
  const all: Weight[] = first
    ? [{ ...first, amount: plus(first.amount ?? NOTHING, about(environment, 0.6)) }, ...rest]
    : [];
  const isCached = !words.includes('--no-cache') && !isTrue(scope.variable('UV_NO_CACHE'));
  if (!isCached || all.length === 0) return all;
  if (name === 'uv') return [...all, ...uvCache(installed, path, scope)];
  const tool = name === 'poetry' ? 'pypoetry' : 'pipenv';
  const cache = cacheWeight(installed, tool, `${name.toUpperCase()}_CACHE_DIR`, scope);
  return [...all, ...cache.map((each) => apart(each, path))];
}

/** Its virtual environments lie in Poetry's cache folder: the archives are in another one of it. */
function apart(weight: Weight, path: string): Weight {
  return isWithin(path, weight.path) ? { ...weight, path: `${weight.path}/cache` } : weight;
}

/** uv keeps wheels unpacked, and links to them where both lie on one file system, as in a layer. */
function uvCache(installed: Installed, path: string, scope: WorkScope): readonly Weight[] {
  const isCopied = scope.variable('UV_LINK_MODE') === 'copy';
  if (!isCopied) return [];
  const [packages] = installedWeight({ ...installed, locals: [] }, path, false, false, scope);
  if (!packages) return [];
  const own = scope.variable('UV_CACHE_DIR');
  const folder = own?.startsWith('/') ? inImage(own, '') : `${homeOf(scope) ?? 'root'}/.cache/uv`;
  return [{ ...packages, path: folder, kind: 'leavings', what: 'the cache of uv' }];
}

function uvPip(call: Call, scope: WorkScope): Installed {
  const command = moduleCall(call.command, 'uv');
  if (!command) return NONE;
  const words = readWords(command.args, UV_VALUES);
  const operands = words.operands.slice(2);
  const isSync = words.operands[1] === 'sync';
  const options = isSync ? new Map([...words.options, ['-r', operands] as const]) : words.options;
  return byWords({ ...words, options, operands: isSync ? [] : operands }, call, scope);
}

/** A package of conda with all that it brings: most are compiled, and its own libraries come along. */
const CONDA = { least: 100_000, each: 60_000_000, most: 900_000_000 };

function condaWeight(call: Call): readonly Weight[] {
  const words = call.args.filter((each) => each !== undefined);
  const operands = words.filter((each) => !each.startsWith('-'));
  if (!/^(install|create|env|update)$/.test(operands[0] ?? '')) return [];
  const isFile = words.some((word) => /^(-f|--file)/.test(word)) || operands[0] === 'env';
  const count = isFile ? 12 : Math.max(1, operands.length - 1);
  const amount: Amount = {
    bytes: 80_000_000 + count * CONDA.each,
    low: count * CONDA.least,
    high: CONDA.most + 4 * count * CONDA.each,
    basis: 'model',
  };
  return [{ path: 'opt/conda', kind: 'dependencies', what: 'packages of conda', amount }];
}
