/** Which packages Yarn puts in place by its lockfile. */
import { parse as parseYaml } from 'yaml';
import { isTable, tableIn, textIn, type Table } from './findings.ts';
import type { InstalledPackage, LockQuestion } from './locked.ts';
import { isForPlatformByName } from './node-platform.ts';
import { yarnEntries } from './yarn-lock.ts';

interface Package {
  readonly name: string;
  readonly version: string | undefined;
  /** Patterns of what it asks for. */
  readonly asked: readonly string[];
}

/**
 * Yarn 1: of each name one release lies at the top, that which most ask for; another lies beside each
 * package that asks for it. The lockfile does not say what is for which platform, nor for development.
 */
export function classicPackages(question: LockQuestion): readonly InstalledPackage[] | undefined {
  const byPattern = new Map<string, Package>();
  for (const { patterns, fields, asked } of yarnEntries(question.text)) {
    const [, name, spec] = /^((?:@[^/]+\/)?[^@]+)@(.*)$/.exec(patterns[0] ?? '') ?? [];
    if (name === undefined) continue;
    const alias = /^npm:((?:@[^/]+\/)?[^@]+)(@|$)/.exec(spec!)?.[1];
    const own: Package = {
      name: alias ?? name,
      version: fields.get('version'),
      asked: asked.map(([each, wanted]) => `${each}@${wanted}`),
    };
    for (const pattern of patterns) byPattern.set(pattern, own);
  }
  if (byPattern.size === 0) return undefined;
  const reached = reach(topPatterns(question), byPattern, question.withOthers === true);
  return [...reached].flatMap(([entry, copies]) =>
    Array.from({ length: copies }, () => ({
      name: entry.name,
      version: entry.version,
      folder: '',
    })),
  );
}

function topPatterns({ manifests, omitsDevelopment }: LockQuestion): string[] {
  const fields = ['dependencies', 'optionalDependencies'];
  if (!omitsDevelopment) fields.push('devDependencies');
  return manifests.flatMap(({ manifest }) =>
    fields.flatMap((field) =>
      Object.entries(tableIn(manifest, field)).map(([name, spec]) => `${name}@${String(spec)}`),
    ),
  );
}

/** All that is asked for, and how often it lies somewhere. */
function reach(
  tops: readonly string[],
  byPattern: ReadonlyMap<string, Package>,
  withOthers: boolean,
): ReadonlyMap<Package, number> {
  const found = new Set<Package>();
  const askers = new Map<Package, number>();
  const isTop = new Set<Package>();
  const queue: string[] = [...tops];
  const ask = (pattern: string): void => {
    const entry = byPattern.get(pattern);
    if (!entry || !(withOthers || isForPlatformByName(entry.name))) return;
    askers.set(entry, (askers.get(entry) ?? 0) + 1);
    if (found.has(entry)) return;
    found.add(entry);
    queue.push(...entry.asked);
  };
  for (const pattern of tops) {
    const entry = byPattern.get(pattern);
    if (entry) isTop.add(entry);
  }
  for (const pattern of queue) ask(pattern);
  const best = new Map<string, Package>();
  for (const entry of found) {
    const other = best.get(entry.name);
    const weight = (each: Package): number =>
      (isTop.has(each) ? Number.MAX_SAFE_INTEGER / 2 : 0) + askers.get(each)!;
    if (!other || weight(entry) > weight(other)) best.set(entry.name, entry);
  }
  return new Map(
    [...found].map((entry) => [entry, best.get(entry.name) === entry ? 1 : askers.get(entry)!]),
  );
}

/** Later Yarns, where they put packages into node_modules. */
export function berryPackages({
  text,
  manifests,
  omitsDevelopment,
  libc,
}: LockQuestion): readonly InstalledPackage[] | undefined {
  const lock = tableOf(text);
  if (!lock) return undefined;
  const byPattern = new Map<string, readonly [key: string, entry: Table]>();
  for (const [key, entry] of Object.entries(lock)) {
    if (!isTable(entry)) continue;
    for (const pattern of key.split(/,\s*/)) byPattern.set(pattern, [key, entry]);
  }
  const patternOf = (name: string, spec: unknown): string => {
    const wanted = String(spec);
    return /^[a-z+]+:/.test(wanted) ? `${name}@${wanted}` : `${name}@npm:${wanted}`;
  };
  const fields = omitsDevelopment
    ? ['dependencies', 'optionalDependencies']
    : ['dependencies', 'optionalDependencies', 'devDependencies'];
  const queue = manifests.flatMap(({ manifest }) =>
    fields.flatMap((field) =>
      Object.entries(tableIn(manifest, field)).map(([name, spec]) => patternOf(name, spec)),
    ),
  );
  const found = new Map<string, InstalledPackage>();
  const seen = new Set<string>();
  for (const pattern of queue) {
    const [key, entry] = byPattern.get(pattern) ?? [];
    if (!entry || seen.has(key!)) continue;
    seen.add(key!);
    const conditions = textIn(entry, 'conditions') ?? '';
    const isOurs =
      !/os=(?!linux)/.test(conditions) &&
      !/cpu=(?!x64)/.test(conditions) &&
      (!conditions.includes('libc=') || conditions.includes(`libc=${libc}`));
    if (!isOurs) continue;
    const match = /^((?:@[^/]+\/)?[^@]+)@(npm|patch):/.exec(textIn(entry, 'resolution') ?? '');
    const version = entry['version'];
    if (match) {
      found.set(key!, { name: match[1]!, version: String(version), folder: '' });
    }
    for (const [name, spec] of Object.entries(tableIn(entry, 'dependencies'))) {
      queue.push(patternOf(name, spec));
    }
  }
  return [...found.values()];
}

function tableOf(text: string): Table | undefined {
  try {
    const value: unknown = parseYaml(text, { logLevel: 'error' });
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
