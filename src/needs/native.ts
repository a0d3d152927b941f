/** What one package of a language asks of the system, by the rows about packages with native parts. */
import { sharedLibraries } from '../analysis/system-packages.ts';
import type { Dependency, Registry } from '../ecosystems/dependency.ts';
import type {
  NativeEcosystem,
  NativePackage,
  NativePackages,
  SystemNeeds,
} from '../facts/needs-types.ts';
import type { Facts } from '../facts/types.ts';
import { isPlainPackage } from './plain-packages.ts';
import type { Doubt, InstallScope, Need, NeedBase } from './need.ts';

/** In what a package shall run, as far as it matters to what it asks. */
export type NativeScope = Pick<InstallScope, 'facts' | 'libc' | 'python'>;

const ECOSYSTEM: Readonly<Record<Registry, NativeEcosystem>> = {
  npm: 'node',
  pypi: 'python',
  rubygems: 'ruby',
  packagist: 'php',
};

export interface NativeNeeds {
  readonly needs: readonly Need[];
  readonly doubts: readonly Doubt[];
}

/** What most packages ask. */
export const NOTHING: NativeNeeds = { needs: [], doubts: [] };

export function nativeNeeds(
  dependency: Dependency,
  registry: Registry,
  scope: NativeScope,
  who: NeedBase,
): NativeNeeds {
  const { name, version, from } = dependency;
  if (from !== undefined) return foreignNeeds(from, who);
  const row = nativeRow(ECOSYSTEM[registry], name, version, scope.facts.nativePackages);
  if (row) return rowNeeds(row, dependency, registry, scope, who);
  // Most of all end here.
  const why = whyUnknown(dependency, registry, scope);
  if (why === undefined) return NOTHING;
  const isSeen = dependency.ready !== undefined || dependency.hasInstallScript !== undefined;
  const of = isSeen ? 'libraries' : 'packages';
  return { needs: [], doubts: [{ when: 'build', by: who.by, why, of }] };
}

function foreignNeeds(from: string, who: NeedBase): NativeNeeds {
  const why = 'it does not come from the registry';
  return {
    needs: /^git|^ssh|github:/.test(from)
      ? [
          { kind: 'command', name: 'git', ...who, when: 'build' },
          { kind: 'certificates', ...who, when: 'build' },
        ]
      : [],
    doubts: [{ when: 'build', by: who.by, why, of: 'libraries' }],
  };
}

function rowNeeds(
  row: NativePackage,
  dependency: Dependency,
  registry: Registry,
  scope: NativeScope,
  who: NeedBase,
): NativeNeeds {
  const { name, version } = dependency;
  const needs: Need[] = [];
  const doubts: Doubt[] = [];
  const ask = (when: NeedBase['when'], asked: SystemNeeds | undefined, what: string): void => {
    if (!asked) return;
    for (const command of asked.commands ?? []) {
      needs.push({ kind: 'command', name: command, when, by: who.by });
    }
    const { debian, alpine } = asked;
    if (!debian && !alpine) return;
    needs.push({
      kind: 'packages',
      what,
      ...(what.endsWith(' links') && { isLinked: true }),
      ...(asked.isSought === true && { isSought: true }),
      when,
      by: who.by,
      names: (suite, manager) => {
        if (manager === 'apk') return alpine ?? [];
        if (manager !== 'apt') return undefined;
        return when === 'build' ? (debian ?? []) : libraries(debian ?? [], suite, scope.facts);
      },
    });
  };
  ask('run', row.run, `what ${name} needs when it runs`);
  if (row.isGlibcOnly === true || isMadeFor('glibc', row)) {
    needs.push({ kind: 'libc', libc: 'glibc', ...who });
  } else if (isLinked(row)) {
    // What is installed here is not for another libc either.
    needs.push({ kind: 'libc', libc: scope.libc, ...who, when: 'run' });
  }
  for (const pulled of row.pulls ?? []) {
    const other = { ...dependency, name: pulled, version: undefined, ready: undefined };
    // Rows that bring along one another would go round in circles.
    if (nativeRow(ECOSYSTEM[registry], pulled, undefined, scope.facts.nativePackages)?.pulls)
      continue;
    const found = nativeNeeds(other, registry, scope, { ...who, by: `${pulled} of ${who.by}` });
    needs.push(...found.needs);
    doubts.push(...found.doubts);
  }
  const compiles = isCompiled(row, dependency, scope);
  if (compiles === undefined && row.isOptional !== true) {
    const shown = version === undefined ? name : `${name} ${version}`;
    const why = `whether ${shown} has a binary for this image is not known`;
    doubts.push({ when: 'build', by: who.by, why, of: 'libraries' });
  }
  if (compiles !== true) return { needs, doubts };
  const kit =
    row.build?.kit === undefined ? undefined : scope.facts.nativePackages.kits[row.build.kit];
  // It does without where it cannot be compiled.
  if (row.isOptional === true) return { needs, doubts };
  ask('build', kit?.needs, `what ${name} is compiled with`);
  ask('build', row.build, `what ${name} is compiled with`);
  ask('run', kit?.linked, `what ${name} links`);
  ask('run', row.linked, `what ${name} links`);
  return { needs, doubts };
}

export function hasNativeRow(
  { name, version }: Dependency,
  registry: Registry,
  { facts }: Pick<NativeScope, 'facts'>,
): boolean {
  return nativeRow(ECOSYSTEM[registry], name, version, facts.nativePackages) !== undefined;
}

/** Names of packages that rows tell of, in any version. */
export function namesWithRows(
  registry: Registry,
  { nativePackages }: Facts,
): ReadonlyMap<string, unknown> | undefined {
  return byName(nativePackages.packages).get(ECOSYSTEM[registry]);
}

type Index = ReadonlyMap<NativeEcosystem, ReadonlyMap<string, readonly NativePackage[]>>;

const indices = new WeakMap<readonly NativePackage[], Index>();

/** Lockfiles name hundreds of packages, each of which is looked for. */
function byName(packages: readonly NativePackage[]): Index {
  const known = indices.get(packages);
  if (known) return known;
  const index = new Map<NativeEcosystem, Map<string, NativePackage[]>>();
  for (const row of packages) {
    let own = index.get(row.ecosystem);
    if (!own) index.set(row.ecosystem, (own = new Map<string, NativePackage[]>()));
    for (const name of new Set(row.names)) {
      const rows = own.get(name);
      if (rows) rows.push(row);
      else own.set(name, [row]);
    }
  }
  indices.set(packages, index);
  return index;
}

/** The row that is about the version; without one, the row about the newest. */
export function nativeRow(
  ecosystem: NativeEcosystem,
  name: string,
  version: string | undefined,
  { packages }: NativePackages,
): NativePackage | undefined {
  const rows = byName(packages).get(ecosystem)?.get(name);
  return rows?.find(({ since, before }) =>
    version === undefined
      ? before === undefined
      : (since === undefined || isAtLeast(version, since)) &&
        (before === undefined || !isAtLeast(version, before)),
  );
}

/** Whether a version is this one or newer, by its numbers. */
export function isAtLeast(version: string, other: string): boolean {
  const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);
  const [a, b] = [numbers(version), numbers(other)];
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** There are binaries for one libc, and nothing to compile. */
function isMadeFor(libc: 'glibc' | 'musl', row: NativePackage): boolean {
  if (row.prebuilt === undefined || row.build || row.isPure === true || row.isOptional === true) {
    return false;
  }
  return row.prebuilt.every((each) => each.libc === libc);
}

/** Whether what the install puts in place is linked with a libc. */
function isLinked(row: NativePackage): boolean {
  if (row.isPure === true || row.isBundled === true) return false;
  return row.build !== undefined || (row.prebuilt ?? []).some((each) => each.libc !== 'any');
}

/** Whether the install compiles it. `undefined`: nobody says whether a binary for this runtime is offered. */
function isCompiled(
  row: NativePackage,
  dependency: Dependency,
  scope: NativeScope,
): boolean | undefined {
  const { version, ready } = dependency;
  const { libc, python } = scope;
  if (!row.build || row.isBundled === true) return false;
  const offered = (row.prebuilt ?? []).filter(
    ({ libc: own, since }) =>
      (own === libc || own === 'any') &&
      (since === undefined || version === undefined || isAtLeast(version, since)),
  );
  if (offered.length === 0) return true;
  // Bundler takes a gem for the platform only where the lockfile names it.
  if (row.ecosystem === 'ruby')
    return ready !== undefined && !ready.some((each) => isFor(each, libc));
  if (row.ecosystem === 'python') {
    if (ready) return !ready.some((file) => isWheelFor(file, libc, python));
    // An old version has no wheels for a newer Python; the newest has them for all that are in use.
    return version === undefined || offered.some((each) => each.libc === 'any') ? false : undefined;
  }
  // What is fetched while installing is mostly made for some versions of the runtime only.
  return offered.some(({ from }) => from === 'inside') ? false : undefined;
}

function isFor(platform: string, libc: 'glibc' | 'musl'): boolean {
  if (!platform.startsWith('x86_64-linux')) return false;
  return libc === 'musl' ? platform === 'x86_64-linux-musl' : platform !== 'x86_64-linux-musl';
}

/** Why a package without a row may need more; nothing where what is known shows that it does not. */
function whyUnknown(
  one: Dependency,
  registry: Registry,
  { facts, libc, python }: NativeScope,
): string | undefined {
  const { name, hasInstallScript, ready } = one;
  switch (registry) {
    case 'npm':
      if (hasInstallScript === false) return undefined;
      if (hasInstallScript === undefined && isPlainPackage(one, facts.plainPackages))
        return undefined;
      return hasInstallScript === true
        ? `${name} runs a script when it is installed, which may compile`
        : `whether ${name} compiles something is not known`;
    case 'pypi':
      if (ready?.some((file) => isWheelFor(file, libc, python)) === true) return undefined;
      return ready
        ? `${name} has no wheel and is built, which may compile`
        : `whether ${name} compiles something is not known`;
    case 'rubygems':
      if (ready?.some((each) => isFor(each, libc)) === true) return undefined;
      return `whether ${name} compiles something is not known`;
    case 'packagist':
      return name.startsWith('ext-') ? `the extension ${name.slice(4)} is not known` : undefined;
  }
}

/** `x-1.0-py3-none-any.whl`, `x-1.0-cp312-cp312-manylinux_2_17_x86_64.whl`. */
function isWheelFor(file: string, libc: 'glibc' | 'musl', python: string | undefined): boolean {
  const [, tag, abi, platform] = /-([^-]+)-([^-]+)-([^-]+)\.whl$/.exec(file) ?? [];
  if (tag === undefined || abi === undefined || platform === undefined) return false;
  const kind = libc === 'glibc' ? 'manylinux' : 'musllinux';
  const runs = platform === 'any' || (platform.includes(kind) && platform.includes('x86_64'));
  if (!runs) return false;
  return tag.split('.').some((each) => {
    if (/^py[23]$/.test(each)) return each === 'py3';
    const [, major, minor] = /^cp(\d)(\d+)$/.exec(each) ?? [];
    if (major === undefined || minor === undefined) return false;
    const own = python === undefined ? undefined : /^\d+\.\d+/.exec(python)?.[0];
    if (own === undefined) return false;
    const version = `${major}.${minor}`;
    return abi === 'abi3' ? isAtLeast(own, version) : own === version;
  });
}

/** The packages with the shared libraries behind packages with headers. */
function libraries(
  names: readonly string[],
  suite: string,
  facts: Facts,
): readonly string[] | undefined {
  const found = names.map((name) =>
    name.endsWith('-dev') ? sharedLibraries(name, suite, facts) : [name],
  );
  return found.some((each) => each === undefined) ? undefined : found.flatMap((each) => each ?? []);
}
