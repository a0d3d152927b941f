/**
 * How many bytes npm, yarn, pnpm and bun put into a layer: packages, what their scripts fetch, and what
 * the tools keep for themselves. Figures are fitted to real installs (corpus/measured-npm.json).
 */
import { about, plus, sum, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { packageCommand } from '../analysis/packages.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { hasEntry, under } from './findings.ts';
import { buildWeights } from './node-build-weight.ts';
import { askedByPrune, keptBy, plain } from './node-cache-weight.ts';
import { compileCacheWeights } from './node-compile-cache.ts';
import { installCall } from './node-calls.ts';
import { installedBy, namedPackages, projectIn, type InstalledProject } from './node-installed.ts';
import { managerWeights } from './node-managers.ts';
import { nativeWeights } from './node-native-weight.ts';
import { homeOf } from './node-places.ts';
import { inFolder } from './node-projects.ts';
import { scriptAmounts } from './node-script-weight.ts';
import { omitsDevelopment } from './node-thinning.ts';
import { isGlobal } from './node-work.ts';
import { closureOf, sizeOfAll, type Release } from './npm-sizes.ts';
import type { Weigh, Weight } from './weight.ts';
import { ownName, wordsOf, type WorkScope } from './work.ts';

const MANAGERS = /^(npm|yarn|yarnpkg|pnpm|bun)$/;

export const nodeWeigh: Weigh = (call, scope) => {
  const weights = ownWeights(call, scope);
  const more = [...managerWeights(call, scope), ...compileCacheWeights(call, scope)];
  return weights === undefined && more.length === 0 ? undefined : [...(weights ?? []), ...more];
};

function ownWeights(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const name = ownName(call);
  const words = wordsOf(call);
  if (name === 'corepack') return [];
  if (!MANAGERS.test(name)) return buildWeights(call, scope);
  if (isGlobal(call)) return globalWeights(call, scope);
  const isInstall =
    installCall(call.command, scope.facts) !== undefined ||
    packageCommand(call.command, scope.facts)?.action === 'install';
  if (!isInstall) return isBuild(words) ? buildWeights(call, scope) : askedByPrune(call, scope);
  const omits = omitsDevelopment(call, scope);
  const project = installedBy(call, scope);
  if (!project) return [unknownModules(call)];
  if (isThinned(call, scope)) return [];
  const weights = installWeights(project, call, scope);
  if (omits !== undefined) return weights;
  // It may be either: what is left out then is the lower end of the range.
  const least = installedBy(call, scope, true);
  const low = least && modulesAmount(least, scope).low;
  return weights.map((each) =>
    each.kind !== 'dependencies' || low === undefined || each.amount === undefined
      ? each
      : { ...each, amount: { ...each.amount, low: Math.min(low, each.amount.low) } },
  );
}

function isBuild(words: string): boolean {
  return !/^(cache|config|set|version|audit|login|logout|ls|list|outdated|view|info|why|fund|ping|prune|autoclean|store|link|unlink|init|pkg|dedupe|uninstall|remove|rm)\b/.test(
    words,
  );
}

function unknownModules(call: Call): Weight {
  return {
    path: inFolder(call.folder, 'node_modules'),
    kind: 'dependencies',
    what: `packages of ${ownName(call)}`,
    amount: undefined,
  };
}

/** An install behind another of the same project that only leaves out: npm, yarn and pnpm delete then. */
export function isThinned(call: Call, scope: WorkScope): boolean {
  if (scope.earlier.length === 0) return false;
  const install = installCall(call.command, scope.facts);
  // `npm ci` begins with an empty folder.
  if (!install || (install.program === 'npm' && install.isByLockfile)) return false;
  if (omitsDevelopment(call, scope) !== true) return false;
  return scope.earlier.some(
    (each) =>
      each.folder === call.folder &&
      installCall(each.command, scope.facts)?.program === install.program &&
      omitsDevelopment(each, scope) === false,
  );
}

function installWeights(
  project: InstalledProject,
  call: Call,
  scope: WorkScope,
): readonly Weight[] {
  const { packages, isPlugged } = project;
  const native = nativeWeights(project, call, scope);
  if (packages.length === 0) return native;
  const scripts = scriptAmounts(packages, call, scope);
  const files = sizeOfAll(packages, scope.facts.npmSizes);
  if (isPlugged) return berryWeights(files, packages.length, scope);
  return [
    ...foldersOf(project, scope, scripts.inside),
    ...native,
    ...scripts.beside.map((each): Weight => ({
      path: inFolder(homeOf(scope), each.home),
      kind: 'dependencies',
      what: `what ${each.name} fetches`,
      amount: each.amount,
    })),
    ...keptBy(project, project.fetched ?? packages, call, scope),
  ];
}

/** One for each node_modules: members of a workspace may have their own. */
function foldersOf(project: InstalledProject, scope: WorkScope, inside: Amount): readonly Weight[] {
  const folders = new Set<string>();
  for (const { folder } of project.packages) folders.add(folder);
  return [...folders].map((folder): Weight => {
    const packages =
      folders.size === 1
        ? project.packages
        : project.packages.filter((each) => each.folder === folder);
    const amount = ownAmount(project, packages, scope);
    return {
      path: inFolder(under(project.root, folder), 'node_modules'),
      kind: 'dependencies',
      what: `${packages.length} ${packages.length === 1 ? 'package' : 'packages'} of ${project.program}`,
      amount: folder === '' ? plus(amount, inside) : amount,
    };
  });
}

/**
 * Bytes that the tool writes into node_modules for each package: npm's own lockfile, the list of Yarn,
 * pnpm's lists and the shell scripts in its .bin folders.
 */
const RECORD = { npm: 430, yarn: 250, pnpm: 1500, bun: 0 } as const;

/** Where packages are those that rows bring together: releases that differ, and what rows do not tell. */
const GUESSED = { low: 0.5, high: 2 };

/** Packages and what the tool writes beside them, scripts apart. */
function ownAmount(
  { program, lock }: InstalledProject,
  packages: readonly Release[],
  scope: WorkScope,
): Amount {
  const files = sizeOfAll(packages, scope.facts.npmSizes);
  const amount = plus(files, about(packages.length * RECORD[program], 0.5));
  if (lock !== undefined) return { ...amount, basis: files.basis };
  return {
    bytes: amount.bytes,
    low: amount.low * GUESSED.low,
    high: amount.high * GUESSED.high,
    basis: 'model',
  };
}

/** All that an install leaves in node_modules, what scripts put there included. */
function modulesAmount(project: InstalledProject, scope: WorkScope): Amount {
  const files = ownAmount(project, project.packages, scope);
  return plus(files, scriptAmounts(project.packages, undefined, scope).inside);
}

/**
 * What a project's node_modules weighs when nothing in it is for development: after `npm prune`, and in
 * a copy of the folder from a stage that did so.
 *
 * @param folder of the project, of the image
 * @returns `undefined` where nothing is known of the project
 */
export function productionModules(folder: string, scope: WorkScope): Amount | undefined {
  const program = programIn(folder, scope);
  const project = projectIn(folder, { program, added: [], omits: true }, scope);
  return project && modulesAmount(project, scope);
}

/** By the lockfile that lies there. */
function programIn(folder: string, { files }: WorkScope): InstalledProject['program'] {
  const has = (name: string): boolean =>
    files !== undefined && hasEntry(files, under(folder, name));
  if (has('yarn.lock') && !has('package-lock.json')) return 'yarn';
  if (has('pnpm-lock.yaml')) return 'pnpm';
  return has('bun.lock') ? 'bun' : 'npm';
}

/** Later Yarns keep archives, which packages are read from or unpacked of. */
const ARCHIVE = { low: 0.25, bytes: 0.9, high: 1.1 };

function berryWeights(files: Amount, count: number, scope: WorkScope): readonly Weight[] {
  return [
    {
      path: inFolder(homeOf(scope), '.yarn/berry/cache'),
      kind: 'dependencies',
      what: `archives of ${count} packages of Yarn`,
      amount: {
        bytes: files.bytes * ARCHIVE.bytes,
        low: files.low * ARCHIVE.low,
        high: files.high * ARCHIVE.high,
        basis: 'model',
      },
    },
  ];
}

/** Where npm and Yarn put packages that are installed globally: on official images, and for root. */
const GLOBAL = { npm: 'usr/local/lib/node_modules', yarn: 'usr/local/share/.config/yarn/global' };

function globalWeights(call: Call, scope: WorkScope): readonly Weight[] | undefined {
  const { npmSizes } = scope.facts;
  const operands =
    packageCommand(call.command, scope.facts)?.operands.map(({ literal }) => literal) ?? [];
  const words = operands.length > 0 ? operands : call.args.filter((arg) => !arg?.startsWith('-'));
  const asked = words.filter(
    (word) => !/^(install|i|add|global|link|uninstall|remove|rm|update)$/.test(word ?? ''),
  );
  if (/^(un|r(e)?m|ls|list|bin|prefix|root|config)/.test(wordsOf(call).replace(/^global /, '')))
    return [];
  const named = namedPackages(asked);
  const program = ownName(call).replace('yarnpkg', 'yarn') as InstalledProject['program'];
  const place = globalPlace(program, scope);
  const packages = closureOf(named, npmSizes);
  const known = asked.length === named.length && named.length > 0;
  const weights = named.map((each): Weight => {
    const own = closureOf([each], npmSizes);
    return {
      path: inFolder(place, each.name),
      kind: 'dependencies',
      what: `${each.name} of ${program}`,
      amount: globalAmount(own, scope),
    };
  });
  const together: readonly Weight[] =
    program === 'npm' && known
      ? weights
      : [
          {
            path: place,
            kind: 'dependencies',
            what: `packages of ${program}`,
            amount: known ? globalAmount(packages, scope) : undefined,
          },
        ];
  const project: InstalledProject = {
    program,
    root: '',
    packages: [],
    lock: undefined,
    asked: packages,
    isPlugged: false,
  };
  return [...together, ...keptBy(project, packages, call, scope)];
}

function globalAmount(packages: readonly Release[], scope: WorkScope): Amount {
  const files = sizeOfAll(packages, scope.facts.npmSizes);
  const { inside } = scriptAmounts(packages, undefined, scope);
  const amount = sum([plain(files), inside]);
  return {
    ...amount,
    low: amount.low * GUESSED.low,
    high: amount.high * GUESSED.high,
    basis: 'model',
  };
}

function globalPlace(program: InstalledProject['program'], scope: WorkScope): string {
  const { variable } = scope;
  const prefix = variable('NPM_CONFIG_PREFIX') || variable('npm_config_prefix');
  if (program === 'npm') return prefix ? pathInside(`${prefix}/lib/node_modules`) : GLOBAL.npm;
  if (program === 'yarn') {
    const home = homeOf(scope);
    return home === 'root' ? GLOBAL.yarn : inFolder(home, '.config/yarn/global');
  }
  if (program === 'pnpm') {
    const own = variable('PNPM_HOME');
    return own ? pathInside(`${own}/global`) : inFolder(homeOf(scope), '.local/share/pnpm/global');
  }
  return inFolder(homeOf(scope), '.bun/install/global');
}
