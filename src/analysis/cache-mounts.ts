/**
 * The cache mounts that would help the RUNs of a file: which flags, what they make useless in the
 * code, and why some cannot be. A store, which later calls read, has all of its RUNs mounted or none.
 */
import type { Splice } from '../dockerfile/edit.ts';
import type { Dockerfile, RunInstruction, Stage } from '../dockerfile/model.ts';
import type { Script, SimpleCommand } from '../dockerfile/shell.ts';
import type { CacheRow } from '../facts/cache-types.ts';
import type { Facts } from '../facts/types.ts';
import { mayCallTools, otherReader, readingRun, startReader, type Cache } from './cache-readers.ts';
import { removals } from './cache-removals.ts';
import {
  cacheCalls,
  cacheId,
  cachePlace,
  mountFlag,
  scriptOfRun,
  type CacheCall,
} from './caches.ts';
import { entriesOf, type BuildContext } from './context.ts';
import { mountsOver } from './packages.ts';
import { matchesAny, matchesWhole, occursInInstruction } from './patterns.ts';
import { baseImage, baseOf, descendants } from './stages.ts';
import { stateBefore } from './state.ts';

/** What one cache asks of one RUN. */
export interface RunMount {
  readonly run: RunInstruction;
  readonly flags: readonly string[];
  readonly splices: readonly Splice[];
  /** What goes from the code, as written. */
  readonly removed: readonly string[];
  /** The commands from which it goes. */
  readonly commands: readonly SimpleCommand[];
}

/** A cache with the RUNs that get its mounts: all of them or none. */
export type CacheMounts = { readonly row: CacheRow; readonly runs: readonly RunInstruction[] } & (
  | {
      readonly mounts: readonly RunMount[];
      readonly targets: readonly string[];
      readonly assumption: string | undefined;
    }
  | { readonly refused: string }
);

export interface MountOptions {
  /** Packages of the distribution, too. */
  readonly hasSystem: boolean;
  readonly context: BuildContext | undefined;
}

/** A RUN that calls a tool. */
interface Caller {
  readonly run: RunInstruction;
  readonly stage: Stage;
  readonly script: Script;
  readonly calls: readonly CacheCall[];
}

/** In the order of the file; of each RUN in the order of the rows. */
export function cacheMounts(
  file: Dockerfile,
  facts: Facts,
  options: MountOptions,
): readonly CacheMounts[] {
  const callers = file.stages.flatMap((stage) =>
    stage.instructions.flatMap((run): Caller[] => {
      const script = run.kind === 'run' ? scriptOfRun(file, stage, run) : undefined;
      if (run.kind !== 'run' || !script) return [];
      const calls = cacheCalls(script, facts);
      return calls.length === 0 ? [] : [{ run, stage, script, calls }];
    }),
  );
  if (callers.length === 0) return [];
  const done = new Set<string>();
  const all: CacheMounts[] = [];
  for (const caller of callers) {
    const paying = new Set(caller.calls.flatMap(({ row, use }) => (use === 'pays' ? [row] : [])));
    for (const row of facts.caches.rows) {
      if (!paying.has(row) || (row.isSystem && !options.hasSystem)) continue;
      if (done.has(`${row.id} ${callers.indexOf(caller)}`)) continue;
      if (!isWorthIt(row, caller, file, options.context)) continue;
      if (!row.isStore) {
        all.push(...single(row, caller, file, facts));
        continue;
      }
      const family = familyOf(file, caller.stage);
      const members = callers.filter(
        (each) => family.includes(each.stage) && each.calls.some((call) => call.row === row),
      );
      for (const each of members) done.add(`${row.id} ${callers.indexOf(each)}`);
      all.push(...store(row, members, family, file, facts));
    }
  }
  return withoutClashes(all);
}

/** `rm -rf ~/.npm ~/.cache/pip`: nothing is left of it once each has taken its own. */
function withoutClashes(all: readonly CacheMounts[]): readonly CacheMounts[] {
  const edits = all.flatMap((each) =>
    'refused' in each ? [] : [...new Set(each.mounts.flatMap(({ commands }) => commands))],
  );
  const isShared = (command: SimpleCommand): boolean =>
    edits.indexOf(command) !== edits.lastIndexOf(command);
  return all.map((each) =>
    !('refused' in each) && each.mounts.some(({ commands }) => commands.some(isShared))
      ? { row: each.row, runs: each.runs, refused: 'a command deletes it with another cache' }
      : each,
  );
}

function isWorthIt(
  row: CacheRow,
  { run, stage }: Caller,
  file: Dockerfile,
  context: BuildContext | undefined,
): boolean {
  if (run.flags.some((flag) => flag.name === 'network' && flag.value === 'none')) return false;
  const base = baseImage(file, stage);
  const image = `${base?.name ?? ''}:${base?.tag ?? ''}`;
  if (row.onlyOn && !matchesWhole(row.onlyOn, image)) return false;
  if (row.notOn && matchesWhole(row.notOn, image)) return false;
  if (row.needsText) {
    const all = [...stateBefore(file, stage, run).before, run];
    if (!all.some((each) => occursInInstruction(row.needsText!, each))) return false;
  }
  if (!context) return true;
  const has = (patterns: readonly string[]): boolean =>
    entriesOf(context).some(({ path }) => matchesAny(patterns, path));
  return !(row.unlessFiles && has(row.unlessFiles)) && (!row.needsFiles || has(row.needsFiles));
}

/** The stages below this one, itself, and those on top of it: they have layers in common. */
function familyOf(file: Dockerfile, stage: Stage): readonly Stage[] {
  const below: Stage[] = [];
  for (let base = baseOf(file, stage); base.kind === 'stage'; base = baseOf(file, base.stage)) {
    below.unshift(base.stage);
  }
  return [...below, stage, ...descendants(file, stage)];
}

/** The stages whose images would hold what these stages write. */
function holders(file: Dockerfile, stages: readonly Stage[]): readonly Stage[] {
  return [...new Set(stages.flatMap((stage) => [stage, ...descendants(file, stage)]))];
}

function single(row: CacheRow, caller: Caller, file: Dockerfile, facts: Facts): CacheMounts[] {
  const { run, stage } = caller;
  const found = mountIn(row, caller, file, facts);
  if (found === undefined) return [];
  const refused =
    'refused' in found
      ? found.refused
      : row.isReadAtRun
        ? startReader(row, file, holders(file, [stage]), facts)
        : undefined;
  if (refused !== undefined) return [{ row, runs: [run], refused }];
  if ('refused' in found) return [];
  const { mount, targets, assumption } = found;
  return [{ row, runs: [run], mounts: [mount], targets, assumption }];
}

interface Found {
  readonly mount: RunMount;
  readonly targets: readonly string[];
  readonly assumption: string | undefined;
}

/** `undefined` where the RUN has such a mount. */
function mountIn(
  row: CacheRow,
  { run, stage, script, calls }: Caller,
  file: Dockerfile,
  facts: Facts,
): Found | { readonly refused: string } | undefined {
  const own = calls.filter((call) => call.row === row);
  if (own.some((call) => call.isOfAnother)) return { refused: 'sudo may run it as another user' };
  const settled = settledBy(row, file, stage, run);
  if (settled !== undefined) return { refused: settled };
  const place = cachePlace(row, file, stage, run, facts);
  if ('refused' in place) return place;
  const { targets, account } = place;
  if (mountsOver(run, targets)) return undefined;
  const names = targets.flatMap((target) => otherNames(target, account.home));
  const cache: Cache = { row, targets, names };
  const reader = otherReader(cache, file, stage, run, facts);
  if (reader !== undefined) return { refused: reader };
  const removal = removals(run, script, own, targets, names);
  if ('refused' in removal) return removal;
  const named = namedElsewhere(run, script, [...targets, ...names], removal.splices);
  if (named !== undefined) return { refused: `"${named}" names the folder of the cache` };
  const id = cacheId(row, file, stage);
  const flags = targets.map((target) => mountFlag(row, target, account, id));
  const { splices, words: removed, commands } = removal;
  const mount = { run, flags, splices, removed, commands };
  return { mount, targets, assumption: place.assumption };
}

function otherNames(target: string, home: string): string[] {
  if (!target.startsWith(`${home}/`)) return [];
  const rest = target.slice(home.length);
  return [`~${rest}`, `$HOME${rest}`, `\${HOME}${rest}`];
}

/** How the author decides about the cache otherwise. */
function settledBy(
  row: CacheRow,
  file: Dockerfile,
  stage: Stage,
  run: RunInstruction,
): string | undefined {
  const { environment, before } = stateBefore(file, stage, run);
  for (const each of row.offBy ?? []) {
    const [name = '', value] = each.split('=');
    const given = environment.get(name);
    if (environment.has(name) && (value === undefined || given === value)) {
      return `${name} decides about the cache`;
    }
  }
  const code = run.text.slice(run.args.start);
  const names = row.folders.flatMap(({ movedBy }) => movedBy.map((each) => each.split('/')[0]!));
  const off = (row.offBy ?? []).map((each) => each.split('=')[0]!);
  const set = ['HOME', ...names, ...off].find(
    (name) => code.includes(`${name}=`) && new RegExp(`\\b${name}=`).test(code),
  );
  if (set !== undefined) return `it sets ${set}`;
  const where = row.settledByText
    ? [...before, run].find(
        (each) =>
          each.kind !== 'env' &&
          each.kind !== 'arg' &&
          occursInInstruction(row.settledByText!, each),
      )
    : undefined;
  return where && `line ${where.origin[0]!.line} configures where the cache lies`;
}

/** The command of this RUN, but for what goes, that names one of the folders. */
function namedElsewhere(
  run: RunInstruction,
  script: Script,
  paths: readonly string[],
  splices: readonly Splice[],
): string | undefined {
  const found = script.commands.find(({ start, end }) => {
    const isGone = splices.some((each) => each.start <= start && end <= each.end);
    const text = run.text.slice(start, end);
    const isShorter = splices.some((each) => each.start >= start && each.end <= end);
    return !isGone && !isShorter && paths.some((path) => text.includes(path));
  });
  return found && run.text.slice(found.start, found.end).replace(/\s*\\?\n\s*/g, ' ');
}

function store(
  row: CacheRow,
  members: readonly Caller[],
  family: readonly Stage[],
  file: Dockerfile,
  facts: Facts,
): CacheMounts[] {
  const runs = members
    .filter(({ calls }) => calls.some((call) => call.row === row && call.use === 'pays'))
    .map(({ run }) => run);
  const refuse = (refused: string): CacheMounts[] => [{ row, runs, refused }];
  const found = members.map((each) => mountIn(row, each, file, facts));
  // Its author has decided which RUNs have it.
  if (found.includes(undefined)) return [];
  const early = ownLayer(row, members);
  if (early) return refuse(`line ${early.origin[0]!.line} fills the cache in a layer of its own`);
  const ready = found.filter((each) => each !== undefined && !('refused' in each)) as Found[];
  const at = found.findIndex((each) => each && 'refused' in each);
  if (at >= 0) {
    const { refused } = found[at] as { readonly refused: string };
    const { run } = members[at]!;
    return refuse(runs[0] === run ? refused : `line ${run.origin[0]!.line}: ${refused}`);
  }
  const [{ targets, assumption } = { targets: [], assumption: undefined }] = ready;
  if (ready.some((each) => each.targets.join() !== targets.join())) {
    return refuse('it lies elsewhere in another RUN');
  }
  const hidden = hiddenCaller(row, members, family, file, facts);
  if (hidden) return refuse(`line ${hidden.origin[0]!.line} may use the cache, too`);
  const reading = readingRun(
    file,
    family,
    members.map(({ run }) => run),
    targets,
    facts,
  );
  if (reading) return refuse(`line ${reading.origin[0]!.line} reads what is in the cache`);
  const stages = members.map(({ stage }) => stage);
  const start = startReader(row, file, holders(file, stages), facts);
  if (start !== undefined) return refuse(start);
  return [{ row, runs, mounts: ready.map(({ mount }) => mount), targets, assumption }];
}

/** The RUN that fills the store before other files come in: the layer is the cache, in CI as well. */
function ownLayer(row: CacheRow, members: readonly Caller[]): RunInstruction | undefined {
  const only = members.find(
    ({ calls }) => !calls.some((call) => call.row === row && call.use === 'pays'),
  );
  const isFilling = only?.calls.some((call) => call.row === row && call.use === 'downloads');
  if (only && isFilling) return only.run;
  const [first, last] = [members[0]!, members.at(-1)!];
  if (first === last) return undefined;
  const { instructions } = first.stage;
  const between =
    first.stage === last.stage
      ? instructions.slice(instructions.indexOf(first.run), instructions.indexOf(last.run))
      : undefined;
  const isApart = !between || between.some(({ kind }) => kind === 'copy' || kind === 'add');
  return isApart ? first.run : undefined;
}

/** Another RUN of the same layers that may call the tool where nobody sees it. */
function hiddenCaller(
  row: CacheRow,
  members: readonly Caller[],
  family: readonly Stage[],
  file: Dockerfile,
  facts: Facts,
): RunInstruction | undefined {
  for (const stage of family) {
    for (const run of stage.instructions) {
      if (run.kind !== 'run') continue;
      const script = scriptOfRun(file, stage, run);
      const isMember = members.some((each) => each.run === run);
      if (isMember) continue;
      if (!script) {
        const names = run.text.split(/[^\w.-]+/);
        if (names.some((name) => matchesAny(row.programs, name))) return run;
      } else if (script.commands.some((command) => mayCallTools(command, row, facts))) return run;
    }
  }
  return undefined;
}
