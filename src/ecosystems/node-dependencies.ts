/** The packages of npm's, yarn's and pnpm's lockfiles, and of a manifest alone. */
import { parseJson, parseYaml } from './parse-text.ts';
import { dependency, type Dependency, type DependencyList } from './dependency.ts';
import { isBerryLock, yarnEntries } from './yarn-lock.ts';
import { isTable, tableIn, textIn, textsOf, type Table } from './findings.ts';
import { npmEntries } from './locked.ts';

type Read = DependencyList | undefined;

export const nodeLock = { npm: npmLock, yarn: yarnLock, pnpm: pnpmLock };

function all(packages: readonly Dependency[], isComplete = true): Read {
  return { registry: 'npm', packages, isComplete };
}

function parsed(text: string, parse: (text: string) => unknown): Table | undefined {
  try {
    const value = parse(text);
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a package says that it is for other systems only. */
function isForOthers(entry: Table): boolean {
  if (entry['os'] === undefined) return false;
  const systems = textsOf(entry['os']);
  if (systems.length === 0) return false;
  return systems.every((each) => each.startsWith('!'))
    ? systems.includes('!linux')
    : !systems.includes('linux');
}

/** With one of these a package finds, fetches or compiles its native part. */
const HELPERS =
  /^(node-gyp|node-gyp-build|node-gyp-build-optional-packages|prebuild-install|prebuild|prebuildify|node-pre-gyp|@mapbox\/node-pre-gyp|node-addon-api|nan|bindings|cmake-js|napi-macros|node-api-headers|@napi-rs\/.*|detect-libc|bin-wrapper|bin-build|napi-postinstall|pkg-prebuilds)$/;

/** Where the lockfile does not tell: a package that asks for none of the helpers has no native part. */
function scriptByHelpers(names: readonly string[]): false | undefined {
  return names.some((name) => HELPERS.test(name)) ? undefined : false;
}

/** An address that is no registry's. */
function foreign(address: string | undefined): string | undefined {
  return address !== undefined &&
    /^(git|github:|ssh|file:|https?:\/\/(codeload\.)?git)/.test(address)
    ? address
    : undefined;
}

function npmLock(text: string): Read {
  const lock = parsed(text, parseJson);
  if (!lock) return undefined;
  const entries = npmEntries(lock);
  if (entries.length === 0) return firstNpmLock(lock);
  const found: Dependency[] = [];
  for (const { path, at, entry } of entries) {
    if (at < 0 || entry['link'] === true) continue;
    const { name, version, resolved, os } = entry;
    if (os !== undefined && isForOthers(entry)) continue;
    found.push({
      name: typeof name === 'string' ? name : path.slice(at + 'node_modules/'.length),
      version: typeof version === 'string' ? version : undefined,
      range: undefined,
      // One that is also optional for what stays is installed where only development is left out.
      isDevelopment: entry['dev'] === true,
      hasInstallScript: entry['hasInstallScript'] === true,
      ready: undefined,
      from: typeof resolved === 'string' ? foreign(resolved) : undefined,
    });
  }
  return all(found);
}

/** The format of npm 5 and 6: packages inside packages, nothing about scripts. */
function firstNpmLock(lock: Table): Read {
  const found: Dependency[] = [];
  const visit = (packages: Table): void => {
    for (const [name, entry] of Object.entries(packages)) {
      if (!isTable(entry)) continue;
      const version = textIn(entry, 'version');
      found.push(
        dependency(name, {
          version,
          isDevelopment: entry['dev'] === true,
          hasInstallScript: scriptByHelpers(Object.keys(tableIn(entry, 'requires'))),
          from: foreign(version),
        }),
      );
      visit(tableIn(entry, 'dependencies'));
    }
  };
  visit(tableIn(lock, 'dependencies'));
  return all(found);
}

function yarnLock(text: string): Read {
  if (isBerryLock(text)) return berryLock(text);
  const found = yarnEntries(text).flatMap(({ patterns, fields, asked }) => {
    const [, name, spec] = /^((?:@[^/]+\/)?[^@]+)@(.*)$/.exec(patterns[0] ?? '') ?? [];
    if (name === undefined) return [];
    // `a@npm:b@^1.0.0`: installed is b.
    const alias = /^npm:((?:@[^/]+\/)?[^@]+)@/.exec(spec!)?.[1];
    return dependency(alias ?? name, {
      version: fields.get('version'),
      hasInstallScript: scriptByHelpers(asked.map(([each]) => each)),
      from: foreign(fields.get('resolved')),
    });
  });
  const isLock =
    /^# yarn lockfile v1/m.test(text) || found.some(({ version }) => version !== undefined);
  return isLock ? all(found) : undefined;
}

function berryLock(text: string): Read {
  const lock = parsed(text, parseYaml);
  if (!lock) return undefined;
  return all(
    Object.values(lock).flatMap((entry) => {
      if (!isTable(entry)) return [];
      const resolution = textIn(entry, 'resolution') ?? '';
      const match = /^((?:@[^/]+\/)?[^@]+)@(.+)$/.exec(resolution);
      if (!match || /^(workspace|link|portal|patch):/.test(match[2]!)) return [];
      const conditions = textIn(entry, 'conditions') ?? '';
      if (/os=(?!linux)/.test(conditions)) return [];
      const version = entry['version'];
      return dependency(match[1]!, {
        version: typeof version === 'string' ? version : undefined,
        hasInstallScript: scriptByHelpers(Object.keys(tableIn(entry, 'dependencies'))),
        from: match[2]!.startsWith('npm:') ? undefined : match[2],
      });
    }),
  );
}

function pnpmLock(text: string): Read {
  const lock = parsed(text, parseYaml);
  if (!lock) return undefined;
  const format = lock['lockfileVersion'];
  const version = typeof format === 'string' ? Number.parseFloat(format) : format;
  const snapshots = tableIn(lock, 'snapshots');
  return all(
    Object.entries(tableIn(lock, 'packages')).flatMap(([key, entry]) => {
      if (!isTable(entry) || isForOthers(entry)) return [];
      const match =
        /^\/?((?:@[^/]+\/)?[^@/]+)[@/](\d[^(_]*)/.exec(key) ??
        /^((?:@[^/]+\/)?[^@]+)@(.+)$/.exec(key);
      const name = textIn(entry, 'name') ?? match?.[1];
      if (name === undefined) return [];
      const isFixed = /^\d/.test(match?.[2] ?? '');
      return dependency(name, {
        version: isFixed ? match![2] : undefined,
        isDevelopment: typeof entry['dev'] === 'boolean' ? entry['dev'] : undefined,
        // Later formats leave it out.
        hasInstallScript:
          typeof version === 'number' && version < 9
            ? entry['requiresBuild'] === true
            : scriptByHelpers(Object.keys(tableIn(tableIn(snapshots, key), 'dependencies'))),
        from: isFixed ? undefined : key,
      });
    }),
  );
}

/** What a package.json asks for itself; what those ask for is not known. */
export function nodeManifest(text: string): Read {
  const manifest = parsed(text, parseJson);
  if (!manifest) return undefined;
  const list = (field: string, isDevelopment: boolean): Dependency[] =>
    Object.entries(tableIn(manifest, field)).map(([name, range]) =>
      dependency(name, {
        isDevelopment,
        range: typeof range === 'string' ? range : undefined,
        from: typeof range === 'string' ? foreign(range) : undefined,
      }),
    );
  const packages = [
    ...list('dependencies', false),
    ...list('optionalDependencies', false),
    ...list('devDependencies', true),
  ];
  return all(packages, packages.length === 0);
}
