/** The package managers that Corepack fetches: when it is told to, or when one of them is called first. */
import type { Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import { pathInside } from '../analysis/go-paths.ts';
import { hasEntry, startFindings } from './findings.ts';
import { homeOf } from './node-places.ts';
import { inFolder, readQuietly } from './node-projects.ts';
import { isFrom, newestIn, sizeOf } from './npm-sizes.ts';
import type { Weight } from './weight.ts';
import { ownName, wordsOf, type WorkScope } from './work.ts';

interface Manager {
  readonly name: string;
  /** As it was asked for: a version, a range or a name like `stable`; empty where nobody said. */
  readonly spec: string;
}

const MANAGER = /^(yarn|pnpm)(?:@([^+]*).*)?$/;

/** What tells nobody which release it is may be older or newer by far. */
const RANGE = { low: 0.5, high: 1.8 };

export function managerWeights(call: Call, scope: WorkScope): readonly Weight[] {
  const manager = managerOf(call, scope);
  if (!manager) return [];
  // Each only once, be it by name or by its first call.
  if (scope.earlier.some((each) => managerOf(each, scope)?.name === manager.name)) return [];
  const given = scope.variable('COREPACK_HOME');
  const home = given ? pathInside(given) : inFolder(homeOf(scope), '.cache/node/corepack');
  return [
    {
      path: `${home}/v1/${manager.name}`,
      kind: 'dependencies',
      what: `${manager.name} of Corepack`,
      amount: amountOf(manager, scope),
    },
  ];
}

/** The manager that a call makes Corepack fetch, if it is not there. */
function managerOf(call: Call, scope: WorkScope): Manager | undefined {
  const name = ownName(call);
  if (name === 'corepack') {
    const words = wordsOf(call);
    if (!/^(prepare|install|use|up|hydrate|yarn|pnpm)\b/.test(words)) return undefined;
    return named(call.args) ?? ofProject(call, scope) ?? { name: 'yarn', spec: '' };
  }
  if (name !== 'yarn' && name !== 'pnpm') return undefined;
  const isCorepack = scope.earlier.some(
    (each) => ownName(each) === 'corepack' && /^enable\b/.test(wordsOf(each)),
  );
  if (!isCorepack) return undefined;
  const own = ofProject(call, scope);
  return own?.name === name ? own : { name, spec: '' };
}

function named(words: readonly (string | undefined)[]): Manager | undefined {
  for (const word of words) {
    const [, name, spec = ''] = MANAGER.exec(word ?? '') ?? [];
    if (name !== undefined) return { name, spec };
  }
  return undefined;
}

/** By the manifest, or the lockfile beside it. */
function ofProject(call: Call, { files, facts, variable }: WorkScope): Manager | undefined {
  if (!files) return undefined;
  const found = startFindings({ files, folder: call.folder, facts, variable });
  const manifest = readQuietly(found, inFolder(call.folder, 'package.json'));
  const field = manifest?.['packageManager'];
  if (typeof field === 'string') return named([field]);
  if (hasEntry(files, inFolder(call.folder, 'pnpm-lock.yaml'))) return { name: 'pnpm', spec: '' };
  return undefined;
}

function amountOf({ name, spec }: Manager, { facts }: WorkScope): Amount {
  const version = newestIn(spec);
  // Without a word it is Yarn 1; later ones are a package of another name.
  const isLater = spec !== '' && spec !== 'classic' && isFrom(version, '2.0.0');
  const release = { name: name === 'yarn' && isLater ? '@yarnpkg/cli-dist' : name, version };
  const { bytes, low, high } = sizeOf(release, facts.npmSizes);
  return {
    bytes,
    low: Math.min(low, bytes * RANGE.low),
    high: Math.max(high, bytes * RANGE.high),
    basis: 'model',
  };
}
