/** What the main process of a container is to the system: user, folder, environment, open files. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { countOf } from '../report/units.ts';
import type { Pair, ProcessCheck } from '../report/verification.ts';
import type { ContainerState } from './engine.ts';
import { judge, type Differences } from './steady.ts';

/** Each part is missing where it was not seen. */
export interface Sight {
  readonly user?: string;
  readonly workingFolder?: string;
  readonly environment?: ReadonlyMap<string, string>;
  /** Path to owner, `uid:gid`. */
  readonly openFiles?: ReadonlyMap<string, string>;
}

/**
 * Through /proc, where the container's processes run under this machine's system and it lets this
 * user look.
 * @param user as the engine sees it
 */
export function lookAt({ pid, id }: ContainerState, user: string | undefined): Sight {
  const folder = `/proc/${pid}`;
  const seen = user === undefined ? {} : { user };
  if (pid === 0 || !isOf(folder, id)) return seen;
  const workingFolder = unlessHidden(() => readlinkSync(join(folder, 'cwd')));
  const environment = unlessHidden(() => environmentOf(folder));
  const openFiles = unlessHidden(() => openFilesOf(folder));
  const groups = unlessHidden(() => groupsOf(folder));
  return {
    ...seen,
    ...(groups !== undefined && { user: groups }),
    ...(workingFolder !== undefined && { workingFolder }),
    ...(environment && { environment }),
    ...(openFiles && { openFiles }),
  };
}

/** Else a process of the same number that has nothing to do with it: engines run elsewhere too. */
function isOf(folder: string, id: string): boolean {
  return ['cgroup', 'mountinfo'].some(
    (name) => unlessHidden(() => readFileSync(join(folder, name), 'utf8'))?.includes(id) === true,
  );
}

/** The process may end, and other users' processes show little. */
function unlessHidden<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function environmentOf(folder: string): Map<string, string> {
  const variables = readFileSync(join(folder, 'environ'), 'utf8').split('\0');
  return new Map(
    variables
      .filter((each) => each !== '')
      .map((each) => {
        const [name = '', ...value] = each.split('=');
        return [name, value.join('=')];
      }),
  );
}

/** `uid:gid`, and the further groups where there are any. */
function groupsOf(folder: string): string | undefined {
  const status = readFileSync(join(folder, 'status'), 'utf8');
  const numbers = (name: string): string[] =>
    new RegExp(`^${name}:(.*)$`, 'm').exec(status)?.[1]?.trim().split(/\s+/).filter(Boolean) ?? [];
  // Real, effective, saved, file system.
  const [uid, gid] = [numbers('Uid')[1], numbers('Gid')[1]];
  if (uid === undefined || gid === undefined) return undefined;
  const groups = numbers('Groups').filter((each) => each !== gid);
  return `${uid}:${gid}${groups.length > 0 ? `, groups ${groups.join(' ')}` : ''}`;
}

/** Files alone: no devices, sockets or pipes. */
function openFilesOf(folder: string): Map<string, string> {
  const owners = new Map<string, string>();
  for (const name of readdirSync(join(folder, 'fd'))) {
    const path = unlessHidden(() => readlinkSync(join(folder, 'fd', name)));
    if (path === undefined || !/^\/(?!dev\/|proc\/|sys\/)/.test(path)) continue;
    const stat = unlessHidden(() => statSync(join(folder, 'fd', name)));
    if (stat) owners.set(path, `${stat.uid}:${stat.gid}`);
  }
  return owners;
}

/**
 * @param known variables that the configurations are already known to differ in
 * @param hasOtherStart whether the two are started by different ENTRYPOINTs of their bases: those set
 *   variables of their own
 * @param again the image before, seen once more
 */
export async function compareSights(
  { before, after }: Pair<Sight>,
  known: ReadonlySet<string>,
  hasOtherStart: boolean,
  again: () => Promise<Sight>,
): Promise<ProcessCheck[]> {
  return Promise.all(
    ASPECTS.map(async ({ what, differences, describe }): Promise<ProcessCheck> => {
      const found = differences(
        before,
        after,
        hasOtherStart ? withStart(before, after, known) : known,
      );
      const seen = { what, before: describe(before), after: describe(after) };
      if (!found) return { ...seen, sameness: 'not seen', details: [] };
      const judged = await judge(
        found,
        // A second look at the same image: whatever starts it is the same.
        async () => differences(before, await again(), known) ?? new Map(),
      );
      return { ...seen, ...judged };
    }),
  );
}

/** With the variables that only one of the two has. */
function withStart(before: Sight, after: Sight, known: ReadonlySet<string>): ReadonlySet<string> {
  const [one, other] = [before.environment, after.environment];
  if (!one || !other) return known;
  const only = [...one.keys(), ...other.keys()].filter((name) => one.has(name) !== other.has(name));
  return new Set([...known, ...only]);
}

interface Aspect {
  readonly what: ProcessCheck['what'];
  /** `undefined`: not seen in both. */
  readonly differences: (
    before: Sight,
    after: Sight,
    known: ReadonlySet<string>,
  ) => Differences | undefined;
  readonly describe: (sight: Sight) => string;
}

const NOT_SEEN = 'not seen';

const ASPECTS: readonly Aspect[] = [
  {
    what: 'user',
    differences: (before, after) => ofText('user', before.user, after.user),
    describe: ({ user }) => user ?? NOT_SEEN,
  },
  {
    what: 'working folder',
    differences: (before, after) =>
      ofText('working folder', before.workingFolder, after.workingFolder),
    describe: ({ workingFolder }) => workingFolder ?? NOT_SEEN,
  },
  {
    what: 'environment',
    differences: ({ environment: before }, { environment: after }, known) => {
      if (!before || !after) return undefined;
      const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
      return new Map(
        names
          .filter((name) => before.get(name) !== after.get(name))
          // The name of the container, or of this machine.
          .filter((name) => name !== 'HOSTNAME' && !known.has(name))
          .map((name) => [
            name,
            `${name}: ${before.get(name) ?? 'not set'} → ${after.get(name) ?? 'not set'}`,
          ]),
      );
    },
    describe: ({ environment }) => (environment ? countOf(environment.size, 'variable') : NOT_SEEN),
  },
  {
    what: 'open files',
    differences: ({ openFiles: before }, { openFiles: after }) => {
      if (!before || !after) return undefined;
      // One that is open in one of them alone may be so by chance.
      return new Map(
        [...before]
          .filter(([path, owner]) => after.has(path) && after.get(path) !== owner)
          .map(([path, owner]) => [path, `owner of ${path}: ${owner} → ${after.get(path)}`]),
      );
    },
    describe: ({ openFiles }) => (openFiles ? countOf(openFiles.size, 'file') : NOT_SEEN),
  },
];

function ofText(
  what: string,
  before: string | undefined,
  after: string | undefined,
): Differences | undefined {
  if (before === undefined || after === undefined) return undefined;
  return new Map(before === after ? [] : [[what, `${what}: ${before} → ${after}`]]);
}
