/** The packages of Bundler's and composer's lockfiles. */
import { dependency, type Dependency, type DependencyList } from './dependency.ts';
import { isTable, tableIn, textIn } from './findings.ts';

type Read = DependencyList | undefined;

/** `ready`: the platforms for which the lockfile has a gem that needs no compiler. */
export function gemfileLock(text: string): Read {
  const found = new Map<string, { version: string; ready: string[]; from: string | undefined }>();
  let section = '';
  let remote: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^[A-Z]/.test(line)) {
      section = line.trim();
      remote = undefined;
    }
    const address = /^ {2}remote: (\S+)/.exec(line)?.[1];
    if (address !== undefined) remote = address;
    const gem = /^ {4}([\w.-]+) \(([^)]+)\)$/.exec(line);
    if (!gem || !/^(GEM|GIT|PATH)$/.test(section)) continue;
    const [, version, platform] = /^([\w.]+?)(?:-([a-z].*))?$/.exec(gem[2]!) ?? [];
    const from = section === 'GEM' ? undefined : remote;
    const known = found.get(gem[1]!) ?? { version: version ?? gem[2]!, ready: [], from };
    if (platform !== undefined) known.ready.push(platform);
    found.set(gem[1]!, known);
  }
  if (section === '') return undefined;
  const packages = [...found].map(([name, given]) => dependency(name, given));
  return { registry: 'rubygems', packages, isComplete: true };
}

/** Packages, and as `ext-…` the extensions of PHP that they ask for. */
export function composerLock(text: string): Read {
  let lock: unknown;
  try {
    lock = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isTable(lock)) return undefined;
  const packages: Dependency[] = [];
  const extensions = new Map<string, boolean>();
  const note = (required: Readonly<Record<string, unknown>>, isDevelopment: boolean): void => {
    for (const name of Object.keys(required)) {
      if (!name.startsWith('ext-')) continue;
      extensions.set(name, isDevelopment && extensions.get(name) !== false);
    }
  };
  for (const [field, isDevelopment] of [
    ['packages', false],
    ['packages-dev', true],
  ] as const) {
    const list = lock[field];
    for (const entry of Array.isArray(list) ? list.filter(isTable) : []) {
      packages.push(
        dependency(textIn(entry, 'name') ?? '', {
          version: textIn(entry, 'version'),
          isDevelopment,
          hasInstallScript: false,
        }),
      );
      note(tableIn(entry, 'require'), isDevelopment);
    }
  }
  note(tableIn(lock, 'platform'), false);
  note(tableIn(lock, 'platform-dev'), true);
  for (const [name, isDevelopment] of extensions)
    packages.push(dependency(name, { isDevelopment }));
  return { registry: 'packagist', packages, isComplete: true };
}
