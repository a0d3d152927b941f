/** Do two images tell the engine the same: environment, command, user, ports and the rest? */
import type { Difference, Pair } from '../report/verification.ts';
import type { ExpectedChange } from './order.ts';

/** The `Config` of an image as an engine's `image inspect` prints it. */
export type Configuration = Readonly<Record<string, unknown>>;

/** What is compared, as engines call it. */
export const FIELDS = [
  'Env',
  'Cmd',
  'Entrypoint',
  'WorkingDir',
  'User',
  'ExposedPorts',
  'Volumes',
  'Labels',
  'Healthcheck',
  'StopSignal',
  'Shell',
  'OnBuild',
] as const;

type Field = (typeof FIELDS)[number];

/**
 * Of these a base may bring its own, which no container acts on by itself; every other field
 * decides how a container runs, whoever set it.
 */
const OF_BASES: ReadonlySet<Field> = new Set(['Env', 'Labels', 'Shell']);

/** Every difference by its name, none excused; none where the images are configured alike. */
export function differencesOf(before: Configuration, after: Configuration): Difference[] {
  return FIELDS.flatMap((field) => {
    const [old, now] = [valuesOf(field, before[field]), valuesOf(field, after[field])];
    const keys = [...new Set([...old.keys(), ...now.keys()])].toSorted();
    return keys
      .filter((key) => old.get(key) !== now.get(key))
      .map((key) => ({
        field,
        ...(key !== '' && { key }),
        ...(old.has(key) && { before: old.get(key)! }),
        ...(now.has(key) && { after: now.get(key)! }),
        kind: 'counts',
      }));
  });
}

/** @param bases the configurations of the images that both stand on, where they are known */
export function excuse(
  differences: readonly Difference[],
  expected: readonly ExpectedChange[],
  bases: Pair<Configuration> | undefined,
): Difference[] {
  return differences.map((difference) => {
    if (expected.some((each) => covers(each, difference)))
      return { ...difference, kind: 'expected' };
    return bases && isOfBase(difference, bases) ? { ...difference, kind: 'base' } : difference;
  });
}

export function covers({ field, key }: ExpectedChange, difference: Difference): boolean {
  return field === difference.field && (key === undefined || key === difference.key);
}

/** Both images have their value from what they stand on. */
function isOfBase({ field, key, before, after }: Difference, bases: Pair<Configuration>): boolean {
  const name = FIELDS.find((each) => each === field);
  if (!name || !OF_BASES.has(name)) return false;
  const old = valuesOf(name, bases.before[name]).get(key ?? '');
  const now = valuesOf(name, bases.after[name]).get(key ?? '');
  if (before === old && after === now) return true;
  if (name !== 'Env' || key?.endsWith('PATH') !== true) return false;
  // The author put folders in front of or behind what the base has.
  const own = (value = '', base = ''): string => {
    const ofBase = new Set(base.split(':'));
    const folders = value.split(':').filter((folder) => !ofBase.has(folder));
    return folders.join(':');
  };
  return own(before, old) === own(after, now);
}

/** By the name of the variable, label, port or volume; by '' where the field has one value. */
function valuesOf(field: Field, value: unknown): Map<string, string> {
  if (field === 'Env' && Array.isArray(value)) {
    // The order of variables says nothing to a program.
    return new Map(value.map((each) => nameAndValue(String(each))));
  }
  if (field === 'ExposedPorts' || field === 'Volumes' || field === 'Labels') {
    return new Map(Object.entries(value ?? {}).map(([key, each]) => [key, textOf(each)]));
  }
  // The engine's own default, written out by some base images and not by others.
  if (isEmpty(value) || (field === 'WorkingDir' && value === '/')) return new Map();
  return new Map([['', textOf(value)]]);
}

function nameAndValue(variable: string): [string, string] {
  const at = variable.indexOf('=');
  return at < 0 ? [variable, ''] : [variable.slice(0, at), variable.slice(at + 1)];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || textOf(value) === '[]';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
