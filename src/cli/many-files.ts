/**
 * The answers for all files of a run, in their order: from the cache, from threads, or from this one.
 * A file whose ignore file an earlier one edits is asked for again, so that it sees the edit.
 */
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Folders } from '../sources/folders.ts';
import { pruneCache } from '../sources/prune-results.ts';
import { readDockerfile, type Read } from '../sources/read-file.ts';
import { isEmptyCache, resultCache, type ResultCache } from '../sources/result-cache.ts';
import type { IgnoreEdits } from './context-folders.ts';
import { compileAtOnce } from './engine-flags.ts';
import { earlyThread, poolOf, WorkerDied, type EarlyThread, type Pool } from './pool.ts';
import {
  fileRewriter,
  type Answer,
  type Common,
  type FileRewriter,
  type Known,
  type Task,
} from './rewrite-file.ts';
import type { Question, Reply } from './worker.ts';

export interface ManyFiles {
  /**
   * Asked in the order of the files.
   *
   * @param edits of ignore files by files before it
   */
  readonly ask: (index: number, edits: IgnoreEdits) => Promise<Answer>;
  /** The same once more, as the disk is now. */
  readonly askAgain: (index: number, edits: IgnoreEdits) => Promise<Answer>;
  /** Of results; missing where nothing is kept. */
  readonly cache?: Pick<ResultCache, 'read' | 'write'>;
  /** What was learned is in the cache then. */
  readonly end: () => Promise<void>;
}

export interface Threads {
  /** The module of a thread; missing where there can be none. */
  readonly script?: URL;
  readonly most: number;
  /** The first one, if it is running already. */
  readonly early?: EarlyThread;
}

/**
 * So many files keep a thread busy for longer than it takes to start, about half a second: each must
 * load its own program and rows.
 */
export const WORTH_A_THREAD = 24;

/** So many files that the cache has keep a thread busy for longer than it takes to start. */
const WORTH_A_LOOK = 250;

/** By so many it is told whether the cache has what is asked for. */
const LOOKED_UP_HERE = 2 * WORTH_A_THREAD;

/**
 * Files for each thread that are begun before their turn. Where threads have kinds, they are so many that
 * some are of its own; otherwise fewer, as answers that wait fill the memory, and where all share one
 * ignore file, an edit of it makes them stale.
 */
const AHEAD = { usual: 16, ofKinds: 64 };

/**
 * Is to be told how many files have been found so far: a thread loads its program while others are looked
 * for, as soon as it is sure to be needed.
 *
 * @param cacheFolder of results; missing where nothing is kept
 */
export function threadsFor(
  script: URL | undefined,
  most: number,
  cacheFolder: string | undefined,
): { readonly onFound: (count: number) => void; readonly threads: () => Threads } {
  let early: EarlyThread | undefined;
  return {
    onFound: (count) => {
      if (!script || most < 2 || early) return;
      if (count !== 2 * WORTH_A_THREAD && count !== LOOKED_UP_HERE + WORTH_A_LOOK) return;
      const isToCompute = cacheFolder === undefined || isEmptyCache(cacheFolder);
      if (!isToCompute && count < LOOKED_UP_HERE + WORTH_A_LOOK) return;
      if (isToCompute) compileAtOnce();
      early = earlyThread(script, most - 1, { isToCompute });
    },
    threads: () => ({ most, ...(script && { script }), ...(early && { early }) }),
  };
}

/** @param folders as this run listed them */
export function manyFiles(
  tasks: readonly Task[],
  common: Common,
  { script, most, early }: Threads,
  folders?: Folders,
): ManyFiles {
  const cache = common.cache && resultCache(common.cache.folder);
  const here = fileRewriter(common, { ...(cache && { cache }), ...(folders && { folders }) });
  const keep = (): void => {
    if (cache?.close() === true) pruneCache(common.cache!.folder);
  };
  // Where there is nothing to find, threads need not wait for the search.
  const { known, misses, isRestLikely } =
    cache && !cache.isEmpty()
      ? lookUps(tasks, here, script === undefined ? 1 : most)
      : { known: [], misses: tasks.length, isRestLikely: false };
  const worth = isRestLikely
    ? 1 + Math.floor((tasks.length - known.length) / WORTH_A_LOOK)
    : Math.floor(misses / WORTH_A_THREAD);
  const threads = script ? Math.min(most, worth) : 1;
  if (!isRestLikely && misses >= WORTH_A_THREAD) compileAtOnce();
  if (!script || threads < 2) {
    // Less is left of what was found than it seemed.
    void early?.end();
    return { ...inThisThread(tasks, known, common, { here, keep }), ...(cache && { cache }) };
  }
  // This thread is one of them: its program is loaded already.
  const pool: Pool<Question, Reply> = poolOf({
    script,
    data: common,
    threads: threads - 1,
    purpose: { isToCompute: !isRestLikely },
    ...(early && { early }),
  });
  const compute = async (task: Task, edits: IgnoreEdits): Promise<Answer> => {
    try {
      const given = task.given ?? (isRestLikely ? undefined : readDockerfile(task.path));
      const { answer, learned } = await pool.ask(
        { task: { ...task, ...(given && { given }) }, edits, isLikely: isRestLikely },
        given && kindOf(given),
      );
      for (const [key, text] of learned) cache?.write(key, text);
      return answer;
    } catch (error) {
      if (!(error instanceof WorkerDied)) throw error;
      return { kind: 'failed', failure: `dfopt died of this file: ${error.message}` };
    }
  };
  const hasKinds = !isRestLikely && common.folder === undefined;
  const ahead = hasKinds ? AHEAD.ofKinds : AHEAD.usual;
  const begun = new Map<number, Promise<Answer>>();
  const begin = (index: number, edits: IgnoreEdits): Promise<Answer> => {
    const task = tasks[index]!;
    const found = known[index]?.answer();
    const answer = found ? Promise.resolve(found) : compute(task, editsFor(task, edits, common));
    begun.set(index, answer);
    return answer;
  };
  /** All before it are begun. */
  let next = 0;
  const beginSome = (from: number, edits: IgnoreEdits): void => {
    const end = Math.min(tasks.length, from + threads * ahead);
    if (next >= end) return;
    for (; next < end; next += 1) void begin(next, edits);
    if (next === tasks.length) pool.expectNoMore();
  };
  /** Works along until the answer is there. */
  const workUntil = async (awaited: Promise<Answer>): Promise<Answer> => {
    let isThere = false;
    void awaited.then(() => (isThere = true));
    for (;;) {
      // What threads have answered is heard between two files.
      await setImmediate();
      const taken = isThere ? undefined : pool.take();
      if (!taken) return awaited;
      const { task, edits, isLikely } = taken.question;
      taken.resolve({ answer: await here.rewrite(task, edits, isLikely), learned: [] });
    }
  };
  return {
    ask: async (index, edits) => {
      beginSome(index, edits);
      const answer = await workUntil(begun.get(index)!);
      if (isAsOf(answer, edits)) {
        begun.set(index, DONE);
        return answer;
      }
      known[index] = undefined;
      // Those behind it were begun before the edit, too.
      if (common.folder !== undefined) next = index + 1;
      const asEdited = begin(index, edits);
      beginSome(index + 1, edits);
      return asEdited;
    },
    askAgain: again(tasks, common, here),
    ...(cache && { cache }),
    end: async () => {
      await pool.end();
      keep();
    },
  };
}

/**
 * What it is built from, most likely: files of one image are mostly of one language. A wrong guess costs
 * time and nothing else. Threads that keep to their kinds take 5 to 9 % less of it for 1,000 Dockerfiles
 * (measured 2026-11-22: two threads, 12 and 6 pairs of runs).
 */
const BASE = /^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(?<image>[^\s:@]+)/imu;

function kindOf(read: Read): string | undefined {
  return read.kind === 'text' ? BASE.exec(read.text)?.groups!['image'] : undefined;
}

/** It was handed out, and need not be kept. */
const DONE: Promise<Answer> = Promise.resolve({
  kind: 'failed',
  failure: 'it was asked for twice',
});

function inThisThread(
  tasks: readonly Task[],
  known: readonly (Known | undefined)[],
  common: Common,
  { here, keep }: { readonly here: FileRewriter; readonly keep: () => void },
): ManyFiles {
  return {
    ask: (index, edits) => {
      const task = tasks[index]!;
      const found = known[index];
      const answer = found && isIgnoreAsOf(found, edits) ? found.answer() : undefined;
      return answer ? Promise.resolve(answer) : here.rewrite(task, editsFor(task, edits, common));
    },
    askAgain: again(tasks, common, here),
    end: () => Promise.resolve(keep()),
  };
}

function again(tasks: readonly Task[], common: Common, here: FileRewriter): ManyFiles['askAgain'] {
  return (index, edits) => {
    here.forget();
    return here.rewrite(tasks[index]!, editsFor(tasks[index]!, edits, common));
  };
}

/** Those that may be of its ignore file. */
function editsFor({ path }: Task, edits: IgnoreEdits, { folder }: Common): IgnoreEdits {
  const places = [`${path}.dockerignore`, join(folder ?? dirname(path), '.dockerignore')];
  return new Map(
    places.flatMap((place) => {
      const edit = edits.get(place);
      return edit === undefined ? [] : [[place, edit] as const];
    }),
  );
}

/** The answer is made of the ignore file as these edits leave it. */
export function isAsOf(answer: Answer, edits: IgnoreEdits): boolean {
  return answer.kind === 'failed' || isIgnoreAsOf(answer, edits);
}

function isIgnoreAsOf({ ignore }: Pick<Known, 'ignore'>, edits: IgnoreEdits): boolean {
  if (!ignore) return true;
  const edited = edits.get(ignore.place);
  return edited === undefined ? !ignore.isEdited : edited === ignore.before;
}

interface LookedUp {
  readonly known: (Known | undefined)[];
  readonly misses: number;
  /** What was not looked up is there, too, most likely. */
  readonly isRestLikely: boolean;
}

/** All that the cache has, unless there is so much of it, or so much is missing, that threads look further. */
function lookUps(tasks: readonly Task[], { lookUp }: FileRewriter, most: number): LookedUp {
  const known: (Known | undefined)[] = [];
  let misses = 0;
  for (const task of tasks) {
    if (most > 1 && known.length === LOOKED_UP_HERE && misses < WORTH_A_THREAD) {
      const isRestLikely = tasks.length - known.length >= WORTH_A_LOOK;
      if (isRestLikely) return { known, misses, isRestLikely };
    }
    const isLeft = most > 1 && misses >= 2 * WORTH_A_THREAD;
    const found = isLeft ? undefined : lookUp(task);
    known.push(found);
    if (!found) misses += 1;
  }
  return { known, misses, isRestLikely: false };
}
