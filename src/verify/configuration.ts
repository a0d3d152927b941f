/** Do two images tell the engine the same: environment, command, user, ports and the rest? */
import type { Difference } from '../report/verify.ts';

/** The `Config` of an image as an engine's `image inspect` prints it. */
export type Configuration = Readonly<Record<string, unknown>>;

const FIELDS = [
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

/** Every difference by its name; none where the images are configured alike. */
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
      }));
  });
}

/** By the name of the variable, label, port or volume; by '' where the field has one value. */
function valuesOf(field: (typeof FIELDS)[number], value: unknown): Map<string, string> {
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
