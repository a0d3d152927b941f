/**
 * The files of one commit, read through the API: what lies where, and the texts that are asked for,
 * within limits. Nothing is checked out, nothing is run, links are never followed.
 */
import type { GitHub, RepositoryName, Tree, TreeEntry } from './github.ts';

/** What one delivery may ask for: tokens of workflows have 1,000 requests an hour for a repository. */
export interface Budget {
  /** Texts of manifests, lockfiles, Dockerfiles, configuration. */
  texts: number;
  /** Texts of source code. */
  sources: number;
  /** Folders of a repository that is too large for one answer. */
  folders: number;
  /**
   * Of all Dockerfiles together: the time that a review takes grows faster than they do, and a stranger
   * may write them.
   */
  instructions: number;
}

export const BUDGET: Readonly<Budget> = {
  texts: 200,
  sources: 300,
  folders: 100,
  instructions: 400,
};

/** A whole repository at once. */
export const BUDGET_OF_ALL: Readonly<Budget> = {
  ...BUDGET,
  texts: 600,
  sources: 900,
  instructions: 4000,
};

/** At a time; GitHub asks for no more than a few. */
const AT_ONCE = 8;

export interface Below {
  /** From the folder; in the order of a walk, level by level where the repository is large. */
  readonly entries: readonly TreeEntry[];
  /** Folders that were not listed, from the folder. */
  readonly unlisted: readonly string[];
}

export type Text =
  | { readonly kind: 'text'; readonly text: string }
  /** A phrase: "is larger than …". */
  | { readonly kind: 'unread'; readonly why: string };

export interface Snapshot {
  readonly commit: string;
  /** What is left of it; whoever spends counts it down. */
  readonly budget: Budget;
  readonly entryAt: (path: string) => Promise<TreeEntry | undefined>;
  /** Everything; `undefined` where it is too much for one answer. */
  readonly whole: () => Promise<readonly TreeEntry[] | undefined>;
  /** Of a folder, all that is in it; `undefined` where there is none. */
  readonly below: (folder: string) => Promise<Below | undefined>;
  /** As UTF-8. @param from which part of the budget it is taken */
  readonly text: (entry: TreeEntry, most: number, from: 'texts' | 'sources') => Promise<Text>;
}

/** @param budget counted down; shared by the snapshots of one delivery */
export function snapshotOf(
  github: GitHub,
  of: RepositoryName,
  commit: string,
  budget: Budget,
): Snapshot {
  const trees = new Map<string, Promise<Tree>>();
  const tree = (sha: string, isRecursive: boolean): Promise<Tree> => {
    const key = `${isRecursive ? 'all ' : ''}${sha}`;
    const known = trees.get(key) ?? github.tree(of, sha, { isRecursive });
    trees.set(key, known);
    return known;
  };
  const texts = new Map<string, Promise<Uint8Array>>();
  const turn = turns(AT_ONCE);
  let index: ReadonlyMap<string, TreeEntry> | undefined;

  const entryAt = async (path: string): Promise<TreeEntry | undefined> => {
    if (!isInside(path)) return undefined;
    const all = await tree(commit, true);
    if (!all.isTruncated) {
      index ??= new Map(all.entries.map((each) => [each.path, each]));
      return index.get(path);
    }
    let at: string | undefined = commit;
    let entry: TreeEntry | undefined;
    for (const name of path.split('/')) {
      if (at === undefined) return undefined;
      // Each is the folder of the next.
      // oxlint-disable-next-line no-await-in-loop
      entry = (await tree(at, false)).entries.find((each) => each.path === name);
      at = entry?.kind === 'folder' ? entry.sha : undefined;
    }
    return entry && { ...entry, path };
  };

  return {
    commit,
    budget,
    entryAt,
    whole: async () => {
      const all = await tree(commit, true);
      return all.isTruncated ? undefined : all.entries;
    },
    below: async (folder) => {
      const all = await tree(commit, true);
      if (!all.isTruncated) return wholeBelow(all.entries, folder);
      const entry = folder === '' ? undefined : await entryAt(folder);
      if (folder !== '' && entry?.kind !== 'folder') return undefined;
      const sha = entry?.sha ?? commit;
      const part = sha === commit ? all : await tree(sha, true);
      if (!part.isTruncated) return { entries: part.entries, unlisted: [] };
      return byLevels(sha, (each) => tree(each, false), budget);
    },
    text: async ({ sha, bytes = 0 }, most, from) => {
      if (bytes > most) return { kind: 'unread', why: `is larger than ${most} bytes` };
      let read = texts.get(sha);
      if (!read) {
        if (budget[from] <= 0) {
          return { kind: 'unread', why: 'was not read: GitHub was asked for enough files' };
        }
        budget[from] -= 1;
        read = turn(() => github.blob(of, sha));
        texts.set(sha, read);
      }
      return decoded(await read);
    },
  };
}

/** From the top, without a way out of the repository. */
export function isInside(path: string): boolean {
  return (
    path !== '' && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

function wholeBelow(entries: readonly TreeEntry[], folder: string): Below | undefined {
  if (folder === '') return { entries, unlisted: [] };
  const start = `${folder}/`;
  const inside = entries.flatMap((each) =>
    each.path.startsWith(start) ? [{ ...each, path: each.path.slice(start.length) }] : [],
  );
  return inside.length === 0 ? undefined : { entries: inside, unlisted: [] };
}

/** One folder a request: what the budget cuts off lies deepest. */
async function byLevels(
  sha: string,
  list: (sha: string) => Promise<Tree>,
  budget: Budget,
): Promise<Below> {
  const entries: TreeEntry[] = [];
  const unlisted: string[] = [];
  const queue = [{ path: '', sha }];
  for (const folder of queue) {
    if (budget.folders <= 0) {
      unlisted.push(folder.path);
      continue;
    }
    budget.folders -= 1;
    // In order, so that the budget cuts off the same each time.
    // oxlint-disable-next-line no-await-in-loop
    const tree = await list(folder.sha);
    for (const each of tree.entries) {
      const path = folder.path === '' ? each.path : `${folder.path}/${each.path}`;
      entries.push({ ...each, path });
      if (each.kind === 'folder') queue.push({ path, sha: each.sha });
    }
    if (tree.isTruncated) unlisted.push(folder.path);
  }
  return { entries, unlisted };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decoded(bytes: Uint8Array): Text {
  if (bytes.includes(0)) return { kind: 'unread', why: 'is a binary file' };
  try {
    return { kind: 'text', text: utf8.decode(bytes) };
  } catch {
    return { kind: 'unread', why: 'is not valid UTF-8' };
  }
}

/** So many at a time, the others wait. */
function turns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
