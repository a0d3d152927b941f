/** Lockfiles and real installs of a Node project, for the calibration of its estimate. */
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NpmCase } from './npm-cases.ts';

export const LOCKS = {
  npm: 'package-lock.json',
  yarn: 'yarn.lock',
  pnpm: 'pnpm-lock.yaml',
} as const;

/** The newest of those that still read the lockfiles' formats on Node 20. */
export const TOOLS = { yarn: 'yarn@1.22.22', pnpm: 'pnpm@9.15.9' } as const;

/** The package.json of a case. */
export function manifestOf({ id, dependencies, devDependencies }: NpmCase): string {
  const table = (text: string): Record<string, string> =>
    Object.fromEntries(
      text.split(' ').map((each) => {
        const at = each.lastIndexOf('@');
        return [each.slice(0, at), each.slice(at + 1)];
      }),
    );
  const manifest = {
    name: id,
    version: '1.0.0',
    private: true,
    dependencies: table(dependencies),
    devDependencies: table(devDependencies),
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** Makes the lockfile in a scratch folder, and leaves out what neither installs nor estimates read. */
export function makeLock(each: NpmCase, folder: string, tools: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), manifestOf(each));
  const path = join(folder, LOCKS[each.tool]);
  if (each.tool === 'npm') {
    const flags = ['--package-lock-only', '--no-audit', '--no-fund', '--legacy-peer-deps'];
    run('npm', ['install', ...flags], folder);
    return thinLock(readFileSync(path, 'utf8'));
  }
  if (each.tool === 'yarn') {
    // Yarn 1 makes no lockfile without an install.
    run(
      join(tools, 'yarn'),
      ['install', '--ignore-scripts', '--ignore-engines', '--silent'],
      folder,
    );
    return readFileSync(path, 'utf8').replaceAll(/^ {2}(resolved|integrity) .*\n/gm, '');
  }
  run(join(tools, 'pnpm'), ['install', '--lockfile-only', '--silent'], folder);
  return readFileSync(path, 'utf8').replaceAll(/^ {4}(engines|deprecated|hasBin): .*\n/gm, '');
}

const KEPT =
  /^(version|name|dev|optional|devOptional|peer|os|cpu|libc|link|inBundle|hasInstallScript|dependencies|devDependencies|optionalDependencies|peerDependencies|peerDependenciesMeta|bundleDependencies)$/;

function thinLock(text: string): string {
  const lock = JSON.parse(text) as { packages: Record<string, Record<string, unknown>> };
  const packages = Object.entries(lock.packages).map(([path, entry]) => {
    const kept = Object.entries(entry).filter(([field]) => KEPT.test(field));
    const optional = kept.find(([field]) => field === 'optionalDependencies');
    // What the registry does not have is in no lockfile, and `npm ci` would miss it.
    if (optional) optional[1] = onlyLocked(optional[1] as Record<string, string>, lock.packages);
    return `    ${JSON.stringify(path)}: ${JSON.stringify(Object.fromEntries(kept))}`;
  });
  return `{\n  "lockfileVersion": 3,\n  "requires": true,\n  "packages": {\n${packages.join(',\n')}\n  }\n}\n`;
}

function onlyLocked(
  optional: Readonly<Record<string, string>>,
  packages: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const paths = Object.keys(packages);
  const isLocked = (name: string): boolean =>
    paths.some((path) => path.endsWith(`node_modules/${name}`));
  return Object.fromEntries(Object.entries(optional).filter(([name]) => isLocked(name)));
}

export interface Installed {
  /** All in bytes, files with several names once. */
  readonly modules: number;
  /** The download cache; of pnpm's store, what is not in node_modules as well. */
  readonly cache: number;
  readonly packages: number;
}

/** @param lock as {@link makeLock} gives it @param cache a folder; what is in it is used again */
export function install(
  each: NpmCase,
  lock: string,
  isProduction: boolean,
  {
    folder,
    cache,
    tools,
  }: { readonly folder: string; readonly cache: string; readonly tools: string },
): Installed {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), manifestOf(each));
  writeFileSync(join(folder, LOCKS[each.tool]), withAddresses(lock, each.tool));
  if (each.tool === 'npm') {
    const flags = [
      '--no-audit',
      '--no-fund',
      '--legacy-peer-deps',
      '--ignore-scripts',
      '--cache',
      cache,
    ];
    run('npm', ['ci', ...flags, ...(isProduction ? ['--omit=dev'] : [])], folder);
  } else if (each.tool === 'yarn') {
    const flags = [
      '--frozen-lockfile',
      '--ignore-scripts',
      '--ignore-engines',
      '--silent',
      '--cache-folder',
      cache,
    ];
    run(
      join(tools, 'yarn'),
      ['install', ...flags, ...(isProduction ? ['--production'] : [])],
      folder,
    );
  } else {
    const flags = ['--frozen-lockfile', '--ignore-scripts', '--silent', '--store-dir', cache];
    run(join(tools, 'pnpm'), ['install', ...flags, ...(isProduction ? ['--prod'] : [])], folder);
  }
  const seen = new Set<number>();
  const modules = bytesIn(join(folder, 'node_modules'), seen);
  return {
    modules,
    cache: bytesIn(cache, seen),
    packages: countPackages(join(folder, 'node_modules')),
  };
}

/**
 * Lockfiles say where packages lie; these do not, as that depends on who makes them. Without it npm
 * fetches more than packages, and Yarn takes other ones.
 */
function withAddresses(lock: string, tool: NpmCase['tool']): string {
  if (tool === 'pnpm') return lock;
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
  const addressOf = (name: string, version: string): string =>
    `${registry}${name}/-/${name.slice(name.lastIndexOf('/') + 1)}-${version}.tgz`;
  if (tool === 'npm') return withResolved(lock, addressOf);
  let name = '';
  return lock
    .split('\n')
    .flatMap((line) => {
      const head = /^"?((?:@[^/]+\/)?[^@]+)@(npm:((?:@[^/]+\/)?[^@]+)@)?.*:$/.exec(line);
      if (head) name = head[3] ?? head[1]!;
      const version = /^ {2}version "(.*)"$/.exec(line)?.[1];
      return version === undefined ? [line] : [line, `  resolved "${addressOf(name, version)}"`];
    })
    .join('\n');
}

function withResolved(text: string, addressOf: (name: string, version: string) => string): string {
  const lock = JSON.parse(text) as {
    packages: Record<
      string,
      { name?: string; version?: string; resolved?: string; inBundle?: boolean }
    >;
  };
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === '' || entry.inBundle || entry.version === undefined) continue;
    const own = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 13);
    entry.resolved = addressOf(own, entry.version);
  }
  return JSON.stringify(lock);
}

function run(program: string, args: readonly string[], cwd: string): void {
  execFileSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 1 << 26 });
}

function bytesIn(folder: string, seen: Set<number>): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += bytesIn(path, seen);
    else if (entry.isFile()) {
      const { ino, size } = lstatSync(path);
      if (!seen.has(ino)) bytes += size;
      seen.add(ino);
    }
  }
  return bytes;
}

function countPackages(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/.test(`node_modules/${path}`),
  ).length;
}
