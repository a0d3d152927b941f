/** Whether pnpm-lock.yaml was written for the same specifications as the manifests have. */
import { isTable, tableIn, textIn, type Table } from './findings.ts';
import type { LockVerdict, NeededAge } from './answers.ts';
import { differs, inSync, shown } from './lock.ts';
import type { LockedManifest } from './locked.ts';

interface Asked {
  readonly lock: Table;
  readonly manifests: readonly LockedManifest[];
  /** pnpm-workspace.yaml. */
  readonly workspace: Table;
  /** What settings there are beside, which the lockfile keeps a sum of. */
  readonly hasHooks: boolean;
}

const FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

export function pnpmLockVerdict(asked: Asked): LockVerdict {
  const { lock, manifests, workspace } = asked;
  const { manifest } = manifests[0]!;
  const version = shown(lock['lockfileVersion']);
  const ages = agesOf(version, manifest);
  if (!ages) return differs(`has the format ${version}, which is not known`);
  const overrides = {
    ...tableIn(manifest, 'pnpm', 'overrides'),
    ...tableIn(workspace, 'overrides'),
  };
  if (!isSame(overrides, tableIn(lock, 'overrides')))
    return differs('was made for other overrides');
  const catalogs = { ...tableIn(workspace, 'catalogs'), default: workspace['catalog'] };
  for (const { folder, manifest: own } of manifests) {
    const why = whyDiffers(specifiersOf(lock, folder), own, overrides, (name, spec) =>
      isLockedCatalog(catalogs, lock, name, spec),
    );
    if (why !== undefined) return differs(folder === '' ? why : `${why} in ${folder}`);
  }
  const isSummed =
    asked.hasHooks ||
    ['packageExtensions', 'patchedDependencies'].some(
      (field) => field in workspace || field in tableIn(manifest, 'pnpm'),
    );
  const assumptions = isSummed ? ['pnpm-lock.yaml was written with the settings of pnpm'] : [];
  return inSync(ages, assumptions);
}

/** Which pnpm reads which format. */
const READERS: Readonly<
  Record<string, { readonly majors: readonly number[]; readonly row: string }>
> = {
  '5.3': { majors: [6, 7], row: 'pnpm.lockfile-5' },
  '5.4': { majors: [7], row: 'pnpm.lockfile-5' },
  '6.0': { majors: [8], row: 'pnpm.lockfile-6' },
  '6.1': { majors: [8], row: 'pnpm.lockfile-6' },
  '9.0': { majors: [9, 10, 11], row: 'pnpm.lockfile-9' },
};

function agesOf(version: string, manifest: Table): readonly NeededAge[] | undefined {
  const reader = READERS[/^\d+$/.test(version) ? `${version}.0` : version];
  if (!reader) return undefined;
  const named = /^pnpm@(\d+)/.exec(textIn(manifest, 'packageManager') ?? '')?.[1];
  if (named !== undefined && reader.majors.includes(Number(named))) return [];
  return [{ row: reader.row, age: 'new' }];
}

/** By package; `undefined` where the lockfile does not know the folder. */
function specifiersOf(lock: Table, folder: string): Table | undefined {
  const importers = lock['importers'];
  const own = isTable(importers)
    ? importers[folder === '' ? '.' : folder]
    : folder === ''
      ? lock
      : undefined;
  if (!isTable(own)) return undefined;
  if (isTable(own['specifiers'])) return own['specifiers'];
  return Object.fromEntries(
    FIELDS.flatMap((field) =>
      Object.entries(tableIn(own, field)).map(([name, each]) => [
        name,
        isTable(each) ? each['specifier'] : undefined,
      ]),
    ),
  );
}

function whyDiffers(
  locked: Table | undefined,
  manifest: Table,
  overrides: Table,
  isLocked: (name: string, spec: string) => boolean,
): string | undefined {
  const asked = Object.assign({}, ...FIELDS.map((field) => tableIn(manifest, field))) as Table;
  if (!locked) return Object.keys(asked).length === 0 ? undefined : 'has no dependencies';
  for (const name of new Set([...Object.keys(asked), ...Object.keys(locked)])) {
    const [spec, was] = [asked[name], locked[name]];
    if (spec === undefined) return `still has ${name}`;
    if (was === undefined) return `does not know ${name}`;
    // Written as the override has it.
    if (Object.keys(overrides).some((each) => each.includes(name))) continue;
    if (spec !== was) return `was made for ${name} ${shown(was)}, not ${shown(spec)}`;
    if (typeof spec === 'string' && spec.startsWith('catalog:') && !isLocked(name, spec)) {
      return `was made for another catalog with ${name}`;
    }
  }
  return undefined;
}

function isLockedCatalog(catalogs: Table, lock: Table, name: string, spec: string): boolean {
  const catalog = spec.slice('catalog:'.length).trim() || 'default';
  const was = textIn(tableIn(lock, 'catalogs', catalog), name, 'specifier');
  return was !== undefined && was === textIn(catalogs, catalog, name);
}

function isSame(one: Table, other: Table): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}
