/**
 * Mounts the caches of package managers and compilers where a project's dependencies are installed
 * or its code is compiled: those RUNs run again with every change, and find there what they had.
 * A tool by its name (`npm install -g pm2`) is installed once and needs none. Refuses where the
 * builder has no such mounts, the folder is not known, or something else needs what is in it.
 */
import { supports, whyUnsupported } from '../src/builder.ts';
import { cacheMounts, type CacheMounts, type RunMount } from '../src/analysis/cache-mounts.ts';
import { splice } from '../src/dockerfile/edit.ts';
import {
  mapStages,
  type Dockerfile,
  type Instruction,
  type RunInstruction,
} from '../src/dockerfile/model.ts';
import { addFlags } from '../src/dockerfile/run-edits.ts';
import { styleOf } from '../src/dockerfile/style.ts';
import { definePass, type PassScope } from '../src/pass.ts';

export default definePass({
  id: 'mount-caches',
  summary: 'Mount the caches of package managers and compilers where they are used again.',
  why: 'A cache in a mount outlives the layer that fills it and is in no image. It is not exported with --cache-to: a fresh CI runner begins with an empty one, which costs nothing.',
  refuses: [
    'the builder, or the frontend that the file names, knows no cache mounts',
    'nobody knows the user of the RUN, its number, or its home folder',
    'the folder above the cache would belong to root, and the user could not write there',
    'a variable, a configuration or the RUN itself puts the cache elsewhere or switches it off',
    'something installs from the cache without a network',
    'another instruction copies into the folder of the cache, out of it, or names it',
    'the RUN itself works in the folder, or deletes more than it',
    'another RUN fills the cache in a layer of its own, which the builder keeps in CI as well',
    'a script that nobody sees may use it, too',
    'the tool, or something that may call it, is what the image runs',
  ],
  level: 'standard',
  improves: ['rebuild', 'size'],
  references: [
    'https://docs.docker.com/build/cache/optimize/#use-cache-mounts',
    'https://docs.docker.com/reference/dockerfile/#run---mounttypecache',
  ],
  options: {
    system: {
      default: false,
      description:
        'Also for packages of the distribution, where the file configures apt or apk to keep them',
    },
  },
  run: (file, scope) => {
    const hasSystem = scope.options['system'] === true;
    const all = cacheMounts(file, scope.facts, { hasSystem, context: scope.context });
    if (all.length === 0) return file;
    if (!supports('cache-mount', file, scope)) {
      const why = whyUnsupported('cache-mount', file, scope)!;
      for (const run of new Set(all.flatMap(({ runs }) => runs))) scope.missed(run, why);
      return file;
    }
    for (const each of all) {
      if ('refused' in each) scope.missed(each.runs[0]!, `${each.row.what}: ${each.refused}`);
    }
    return groups(all).reduce((current, group) => mount(current, group, scope), file);
  },
});

/** What nobody must wonder about later. */
const NOTE = 'mounts are not exported with --cache-to, so that a fresh CI runner begins without';

type Mounts = Extract<CacheMounts, { readonly mounts: unknown }>;

/** Caches that share a RUN are one edit: half of it would be another. */
function groups(all: readonly CacheMounts[]): Mounts[][] {
  const found: Mounts[][] = [];
  for (const each of all) {
    if ('refused' in each) continue;
    const runs = each.mounts.map(({ run }) => run);
    const meets = found.filter((group) =>
      group.some((other) => other.mounts.some(({ run }) => runs.includes(run))),
    );
    const group = [...meets.flat(), each];
    found.splice(0, found.length, ...found.filter((other) => !meets.includes(other)), group);
  }
  return found;
}

function mount(file: Dockerfile, group: readonly Mounts[], scope: PassScope): Dockerfile {
  const byRun = new Map<RunInstruction, RunMount[]>();
  for (const each of group.flatMap(({ mounts }) => mounts)) {
    byRun.set(each.run, [...(byRun.get(each.run) ?? []), each]);
  }
  const [subject, ...also] = [...byRun.keys()];
  const removed = [...new Set([...byRun.values()].flat().flatMap((each) => each.removed))];
  const what = new Set(group.map(({ row, targets }) => `${row.what} (${targets.join(', ')})`));
  const instead = removed.length === 0 ? '' : ` instead of "${removed.join('", "')}"`;
  const assumptions = [...new Set(group.flatMap(({ assumption }) => assumption ?? []))];
  return scope.propose(
    subject!,
    {
      level: assumptions.length === 0 ? 'standard' : 'aggressive',
      message: `mount ${[...what].join(' and ')}${instead}; ${NOTE}`,
      assumptions,
      also,
    },
    file,
    () => {
      const edited = new Map<Instruction, Instruction>();
      for (const [run, mounts] of byRun) {
        const short = splice(
          run,
          mounts.flatMap((each) => each.splices),
        );
        const flags = mounts.flatMap((each) => each.flags);
        edited.set(run, splice(short, [addFlags(short, flags, styleOf(file))]));
      }
      return mapStages(file, (stage) => stage.instructions.map((each) => edited.get(each) ?? each));
    },
  );
}
