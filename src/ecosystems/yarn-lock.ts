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
  const { patterns, asked } = patternsOf(text);
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

interface Patterns {
  readonly patterns: ReadonlySet<string>;
  /** What the locked packages ask for in turn. */
  readonly asked: readonly (readonly [string, string])[];
}

function patternsOf(text: string): Patterns {
  const patterns = new Set<string>();
  const asked: (readonly [string, string])[] = [];
  let isDependency = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^\S.*:$/.test(line) && !line.startsWith('#')) {
      for (const each of line.slice(0, -1).split(/,\s*(?=(?:[^"]*"[^"]*")*[^"]*$)/)) {
        patterns.add(unquoted(each.trim()));
      }
      isDependency = false;
    } else if (/^ {2}\S/.test(line)) {
      isDependency = /^ {2}(dependencies|optionalDependencies):/.test(line);
    } else if (isDependency && /^ {4}\S/.test(line)) {
      const match = /^ {4}("[^"]+"|\S+) (.+)$/.exec(line);
      if (match) asked.push([unquoted(match[1]!), unquoted(match[2]!)]);
    }
  }
  return { patterns, asked };
}

function unquoted(text: string): string {
  return text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}
