/**
 * Git objects of the fake: blobs, trees and commits of all its repositories, kept in memory and
 * written as loose objects into one store on disk, so that `git` itself compares them. Repositories
 * name that store in `objects/info/alternates`, as forks share theirs on GitHub.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

export type ObjectKind = 'blob' | 'tree' | 'commit';
export type Mode = '100644' | '100755' | '120000' | '040000' | '160000';

interface GitObject {
  readonly kind: ObjectKind;
  readonly data: Buffer;
}

export interface TreeRow {
  readonly mode: Mode;
  readonly name: string;
  readonly sha: string;
}

/** One path of a whole tree, without the folders. */
export interface FileRow {
  readonly mode: Mode;
  readonly sha: string;
}

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** ISO 8601. */
  readonly date: string;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

/** What a file is to become: its text or bytes, `null` to delete it, or a row with a mode. */
export type FileChange =
  string | Uint8Array | null | { readonly content: string | Uint8Array; readonly mode: Mode };

export const NO_OBJECT = '0'.repeat(40);

export interface Objects {
  readonly folder: string;
  readonly has: (sha: string, kind: ObjectKind) => boolean;
  readonly blob: (sha: string) => Buffer | undefined;
  readonly tree: (sha: string) => readonly TreeRow[] | undefined;
  readonly commit: (sha: string) => Commit | undefined;
  readonly writeBlob: (data: string | Uint8Array) => string;
  readonly writeTree: (rows: readonly TreeRow[]) => string;
  readonly writeCommit: (commit: Omit<Commit, 'sha'>) => string;
  /** All files below a tree, by path. */
  readonly files: (tree: string) => Map<string, FileRow>;
  readonly treeOf: (files: ReadonlyMap<string, FileRow>) => string;
  /** Resolves when everything written so far lies on disk. */
  readonly flushed: () => Promise<void>;
}

const byName = (row: TreeRow): string => (row.mode === '040000' ? `${row.name}/` : row.name);

/** Git sorts by bytes, folders as if they ended in a slash. */
const inOrder = (rows: readonly TreeRow[]): readonly TreeRow[] =>
  [...rows].sort((a, b) => Buffer.compare(Buffer.from(byName(a)), Buffer.from(byName(b))));

const parseTree = (data: Buffer): readonly TreeRow[] => {
  const rows: TreeRow[] = [];
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(0x20, at);
    const end = data.indexOf(0, space);
    const mode = data.toString('latin1', at, space).padStart(6, '0') as Mode;
    const name = data.toString('utf8', space + 1, end);
    rows.push({ mode, name, sha: data.toString('hex', end + 1, end + 21) });
    at = end + 21;
  }
  return rows;
};

const signatureText = ({ name, email, date }: Signature): string =>
  `${name} <${email}> ${Math.floor(Date.parse(date) / 1000)} +0000`;

const parseSignature = (text: string): Signature => {
  const [, name = '', email = '', seconds = '0'] = /^(.*) <(.*)> (\d+)/.exec(text) ?? [];
  return { name, email, date: new Date(Number(seconds) * 1000).toISOString() };
};

const parseCommit = (sha: string, data: Buffer): Commit => {
  const text = data.toString('utf8');
  const end = text.indexOf('\n\n');
  const lines = text.slice(0, end).split('\n');
  const values = (key: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  return {
    sha,
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    author: parseSignature(values('author')[0] ?? ''),
    committer: parseSignature(values('committer')[0] ?? ''),
    message: text.slice(end + 2),
  };
};

/** @param folder where the loose objects go: an `objects` folder of Git */
export const objectStore = (folder: string): Objects => {
  const held = new Map<string, GitObject>();
  const commits = new Map<string, Commit>();
  const folders = new Map<string, Promise<unknown>>();
  const pending = new Set<Promise<void>>();

  const save = async (sha: string, bytes: Buffer): Promise<void> => {
    const first = sha.slice(0, 2);
    const made = folders.get(first) ?? mkdir(join(folder, first), { recursive: true });
    folders.set(first, made);
    await made;
    await writeFile(join(folder, first, sha.slice(2)), deflateSync(bytes, { level: 1 }));
  };
  const write = (kind: ObjectKind, data: Buffer): string => {
    const bytes = Buffer.concat([Buffer.from(`${kind} ${data.length}\0`), data]);
    const sha = createHash('sha1').update(bytes).digest('hex');
    if (held.has(sha)) return sha;
    held.set(sha, { kind, data });
    const saving = save(sha, bytes).finally(() => pending.delete(saving));
    pending.add(saving);
    return sha;
  };
  const read = (kind: ObjectKind, sha: string): Buffer | undefined => {
    const found = held.get(sha);
    return found?.kind === kind ? found.data : undefined;
  };

  const writeTree = (rows: readonly TreeRow[]): string =>
    write(
      'tree',
      Buffer.concat(
        inOrder(rows).map(({ mode, name, sha }) =>
          Buffer.concat([
            Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`),
            Buffer.from(sha, 'hex'),
          ]),
        ),
      ),
    );

  const objects: Objects = {
    folder,
    has: (sha, kind) => held.get(sha)?.kind === kind,
    blob: (sha) => read('blob', sha),
    tree: (sha) => {
      const data = read('tree', sha);
      return data && parseTree(data);
    },
    commit: (sha) => {
      const known = commits.get(sha);
      if (known) return known;
      const data = read('commit', sha);
      if (!data) return undefined;
      const commit = parseCommit(sha, data);
      commits.set(sha, commit);
      return commit;
    },
    writeBlob: (data) => write('blob', Buffer.from(data as Uint8Array)),
    writeTree,
    writeCommit: ({ tree, parents, author, committer, message }) =>
      write(
        'commit',
        Buffer.from(
          [
            `tree ${tree}`,
            ...parents.map((parent) => `parent ${parent}`),
            `author ${signatureText(author)}`,
            `committer ${signatureText(committer)}`,
            '',
            message,
          ].join('\n'),
        ),
      ),
    files: (tree) => {
      const files = new Map<string, FileRow>();
      const walk = (sha: string, prefix: string): void => {
        for (const row of objects.tree(sha) ?? []) {
          const path = prefix + row.name;
          if (row.mode === '040000') walk(row.sha, `${path}/`);
          else files.set(path, { mode: row.mode, sha: row.sha });
        }
      };
      walk(tree, '');
      return files;
    },
    treeOf: (files) => {
      const rows: TreeRow[] = [];
      const below = new Map<string, Map<string, FileRow>>();
      for (const [path, row] of files) {
        const slash = path.indexOf('/');
        if (slash < 0) {
          rows.push({ ...row, name: path });
          continue;
        }
        const name = path.slice(0, slash);
        const inside = below.get(name) ?? new Map<string, FileRow>();
        inside.set(path.slice(slash + 1), row);
        below.set(name, inside);
      }
      for (const [name, inside] of below) {
        rows.push({ mode: '040000', name, sha: objects.treeOf(inside) });
      }
      return writeTree(rows);
    },
    flushed: async () => {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
  return objects;
};

/** The files after a change; nothing is written but the new blobs. */
export const changed = (
  objects: Objects,
  files: ReadonlyMap<string, FileRow>,
  changes: Readonly<Record<string, FileChange>>,
): Map<string, FileRow> => {
  const after = new Map(files);
  for (const [path, change] of Object.entries(changes)) {
    if (change === null) after.delete(path);
    else if (typeof change === 'string' || change instanceof Uint8Array) {
      const mode = files.get(path)?.mode ?? '100644';
      after.set(path, { mode, sha: objects.writeBlob(change) });
    } else after.set(path, { mode: change.mode, sha: objects.writeBlob(change.content) });
  }
  return after;
};

/** A commit and all before it. */
export const ancestors = (objects: Objects, sha: string): Set<string> => {
  const seen = new Set<string>();
  const open = [sha];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(objects.commit(next)?.parents ?? []));
  }
  return seen;
};

/** The nearest common ancestor, by steps from `b`. */
export const mergeBase = (objects: Objects, a: string, b: string): string | undefined => {
  if (a === b) return a;
  const known = ancestors(objects, a);
  const seen = new Set<string>();
  const queue = [b];
  for (let at = 0; at < queue.length; at++) {
    const sha = queue[at]!;
    if (known.has(sha)) return sha;
    for (const parent of objects.commit(sha)?.parents ?? []) {
      if (!seen.has(parent)) queue.push(parent);
      seen.add(parent);
    }
  }
  return undefined;
};

/** Commits that `head` has and `base` has not, oldest first. */
export const commitsBetween = (objects: Objects, base: string, head: string): readonly Commit[] => {
  const known = ancestors(objects, base);
  const list: Commit[] = [];
  const seen = new Set<string>();
  const visit = (sha: string): void => {
    const stack: { readonly sha: string; readonly isDone: boolean }[] = [{ sha, isDone: false }];
    for (let top = stack.pop(); top; top = stack.pop()) {
      const commit = objects.commit(top.sha);
      if (!commit) continue;
      if (top.isDone) {
        list.push(commit);
        continue;
      }
      if (known.has(top.sha) || seen.has(top.sha)) continue;
      seen.add(top.sha);
      stack.push({ sha: top.sha, isDone: true });
      stack.push(...commit.parents.map((parent) => ({ sha: parent, isDone: false })));
    }
  };
  visit(head);
  return list;
};
