/** What the scripts of npm packages fetch and compile when they are installed, by rows. */
import satisfies from 'semver/functions/satisfies.js';
import { NOTHING, plus, type Amount } from '../analysis/amounts.ts';
import type { Call } from '../analysis/calls.ts';
import type { NpmScriptRow } from '../facts/npm-types.ts';
import type { Release } from './npm-sizes.ts';
import type { WorkScope } from './work.ts';

export interface ScriptAmounts {
  /** In node_modules. */
  readonly inside: Amount;
  /** Below the home folder. */
  readonly beside: readonly {
    readonly name: string;
    readonly home: string;
    readonly amount: Amount;
  }[];
}

/** @param call the install, whose words may forbid scripts */
export function scriptAmounts(
  packages: readonly Release[],
  call: Call | undefined,
  scope: WorkScope,
): ScriptAmounts {
  const { facts, variable } = scope;
  let inside: Amount = NOTHING;
  const beside: { name: string; home: string; amount: Amount }[] = [];
  if (call?.args.some((arg) => /^--ignore-scripts(=true)?$/.test(arg ?? ''))) {
    return { inside, beside };
  }
  const rows = rowsByName(facts.npmScripts.packages);
  const seen = new Set<NpmScriptRow>();
  for (const each of packages) {
    for (const row of rows.get(each.name) ?? NONE) {
      if (seen.has(row) || !isMeant(row, each)) continue;
      if (row.offBy?.some((setting) => isSet(setting, variable))) continue;
      seen.add(row);
      const amount: Amount = { bytes: row.bytes, low: row.low, high: row.high, basis: 'model' };
      if (row.home === undefined) inside = plus(inside, amount);
      else beside.push({ name: row.package, home: row.home, amount });
    }
  }
  return { inside, beside };
}

const NONE: readonly NpmScriptRow[] = [];

const byNames = new WeakMap<readonly NpmScriptRow[], Map<string, NpmScriptRow[]>>();

function rowsByName(rows: readonly NpmScriptRow[]): ReadonlyMap<string, readonly NpmScriptRow[]> {
  let byName = byNames.get(rows);
  if (byName) return byName;
  byNames.set(rows, (byName = new Map<string, NpmScriptRow[]>()));
  for (const row of rows) byName.set(row.package, [...(byName.get(row.package) ?? []), row]);
  return byName;
}

function isMeant({ versions }: NpmScriptRow, { version }: Release): boolean {
  // Without a lockfile it is the newest.
  if (versions === undefined) return true;
  if (version === undefined) return versions.startsWith('>');
  return satisfies(version, versions, { includePrerelease: true });
}

/** `NAME=value`, or any value that does not say no. */
export function isSet(setting: string, variable: WorkScope['variable']): boolean {
  const [name = '', wanted] = setting.split('=');
  const value = variable(name);
  if (value === undefined || value === '') return false;
  return wanted === undefined ? !/^(0|false)$/i.test(value) : value === wanted;
}
