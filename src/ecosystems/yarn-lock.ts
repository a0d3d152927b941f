/** Whether a yarn.lock of Yarn 1 has all patterns that its manifests ask for, to the letter. */
import { tableIn, type Table } from './findings.ts';
import type { LockVerdict } from './answers.ts';
import { differs, inSync } from './lock.ts';

/** A yarn.lock of a later Yarn. */
export function isBerryLock(text: string): boolean {
  return /^__metadata:/m.test(text);
}

/** @param manifests that of the project first, then those of its workspaces */
export function yarnLockVerdict(text: string, manifests: readonly Table[]): LockVerdict {
  if (/^(<{7}|={7}|>{7})/m.test(text)) return differs('has a conflict in it');
  if (!/^# yarn lockfile v1/m.test(text)) return differs('has a format that is not known');
  const entries = yarnEntries(text);
  const patterns = new Set(entries.flatMap((each) => each.patterns));
  const asked = entries.flatMap((each) => each.asked);
  const members = new Set(manifests.map((each) => each['name']));
  const resolutions = tableIn(manifests[0], 'resolutions');
  const isSettled = (name: string, spec: string): boolean =>
    members.has(name) || spec.startsWith('link:');
  const own = manifests.flatMap((manifest) =>
    ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((field) =>
      Object.entries(tableIn(manifest, field)),
    ),
  );
  for (const [name, spec] of [...own, ...asked]) {
    if (typeof spec !== 'string' || isSettled(name, spec) || isResolved(resolutions, name))
      continue;
    if (!patterns.has(`${name}@${spec}`)) return differs(`has no ${name}@${spec}`);
  }
  const assumptions =
    Object.keys(resolutions).length > 0
      ? ['yarn.lock was written with the resolutions of package.json']
      : [];
  return inSync([{ row: 'yarn.classic', age: 'new' }], assumptions);
}

/** A resolution may stand for a package wherever it is asked for: `a/**\/b`. */
function isResolved(resolutions: Table, name: string): boolean {
  return Object.keys(resolutions).some((each) => each === name || each.endsWith(`/${name}`));
}

/** What a yarn.lock of Yarn 1 says of one package. */
export interface YarnEntry {
  /** What was asked for and is this package: `a@^1.0.0`. */
  readonly patterns: readonly string[];
  /** `version`, `resolved` and so on. */
  readonly fields: ReadonlyMap<string, string>;
  /** What it asks for in turn: names with specifications. */
  readonly asked: readonly (readonly [string, string])[];
}

export function yarnEntries(text: string): readonly YarnEntry[] {
  const entries: {
    patterns: readonly string[];
    fields: Map<string, string>;
    asked: (readonly [string, string])[];
  }[] = [];
  let isDependency = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^\S.*:$/.test(line) && !line.startsWith('#')) {
      const patterns = line.slice(0, -1).split(/,\s*(?=(?:[^"]*"[^"]*")*[^"]*$)/);
      entries.push({
        patterns: patterns.map((each) => unquoted(each.trim())),
        fields: new Map<string, string>(),
        asked: [],
      });
      isDependency = false;
    }
    const entry = entries.at(-1);
    const [, indent, name, value] = /^( {2}| {4})("[^"]+"|[^\s"]+)(?: (.+))?$/.exec(line) ?? [];
    if (!entry || name === undefined) continue;
    if (indent === '  ') {
      isDependency = /^(dependencies|optionalDependencies):$/.test(name);
      if (value !== undefined) entry.fields.set(unquoted(name), unquoted(value));
    } else if (isDependency && value !== undefined) {
      entry.asked.push([unquoted(name), unquoted(value)]);
    }
  }
  return entries;
}

function unquoted(text: string): string {
  return text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}
