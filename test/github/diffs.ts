/**
 * The files and patches between two trees, as `git diff` makes them: one `git diff-tree --stdin`
 * answers for all repositories, and what it said is kept.
 */
import { spawn } from 'node:child_process';
import type { Objects } from './objects.ts';

export type FileStatus = 'added' | 'removed' | 'modified' | 'renamed' | 'changed';

export interface FileDiff {
  readonly path: string;
  /** Only where it was renamed. */
  readonly previousPath?: string;
  readonly status: FileStatus;
  /** Of the blob after; before, where it was removed. */
  readonly sha: string;
  readonly additions: number;
  readonly deletions: number;
  /** From the first `@@`; missing where the file is binary or only its mode or name changed. */
  readonly patch?: string;
}

export interface Differ {
  readonly between: (treeBefore: string, treeAfter: string) => Promise<readonly FileDiff[]>;
  readonly close: () => void;
}

const STATUS: Readonly<Record<string, FileStatus>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  T: 'changed',
};

/** More than a sentinel has. */
const SENTINEL_BYTES = 80;

interface RawRow {
  readonly path: string;
  readonly previousPath?: string;
  readonly status: FileStatus;
  readonly sha: string;
}

/** Takes fields that end with NUL off the front. */
const fieldsOf = (text: string) => {
  let at = 0;
  return {
    isAt: (start: string): boolean => text.startsWith(start, at),
    next: (): string => {
      const end = text.indexOf('\0', at);
      const field = text.slice(at, end);
      at = end + 1;
      return field;
    },
    rest: (): string => text.slice(at),
  };
};

/** Reads what `git diff-tree -z --raw --numstat -p` says about one pair. */
const parseDiff = (text: string): readonly FileDiff[] => {
  const fields = fieldsOf(text);
  const rows: RawRow[] = [];
  while (fields.isAt(':')) {
    const [, , before = '', after = '', letter = ''] = fields.next().split(' ');
    const first = fields.next();
    const status = STATUS[letter.charAt(0)] ?? 'modified';
    const sha = status === 'removed' ? before : after;
    rows.push(
      status === 'renamed'
        ? { path: fields.next(), previousPath: first, status, sha }
        : { path: first, status, sha },
    );
  }
  const counts = rows.map((row) => {
    const [additions = '0', deletions = '0'] = fields.next().split('\t');
    if (row.status === 'renamed') {
      fields.next();
      fields.next();
    }
    return { additions: Number(additions) || 0, deletions: Number(deletions) || 0 };
  });
  if (fields.isAt('\0')) fields.next();
  // Lines of a file begin with a blank, a sign or a backslash: none can look like a header.
  const sections = `\n${fields.rest()}`.split('\ndiff --git ').slice(1);
  let section = 0;
  return rows.map((row, index) => {
    const own = sections[section++] ?? '';
    // A file that became a link is deleted and made anew.
    if (row.status === 'changed') {
      section++;
      return { ...row, ...counts[index]! };
    }
    const start = own.indexOf('\n@@ ');
    const body = own.slice(start + 1).replace(/\n$/, '');
    return { ...row, ...counts[index]!, ...(start < 0 ? {} : { patch: body }) };
  });
};

/** @param limit how many answers are kept */
export const startDiffer = (gitDirectory: string, objects: Objects, limit = 2000): Differ => {
  const git = spawn(
    'git',
    ['diff-tree', '--stdin', '-r', '-z', '--raw', '--numstat', '-p', '--full-index', '-M'],
    {
      cwd: gitDirectory,
      env: { PATH: process.env['PATH'], LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1', HOME: gitDirectory },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  // Somebody who asks after the end gets no answer.
  git.stdin.on('error', () => undefined);
  const waiting: { readonly sentinel: string; readonly done: (text: string) => void }[] = [];
  const kept = new Map<string, Promise<readonly FileDiff[]>>();
  let chunks: Buffer[] = [];
  let tail = Buffer.alloc(0);
  let count = 0;
  git.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    const seen = Buffer.concat([tail, chunk]);
    tail = seen.subarray(-SENTINEL_BYTES);
    if (!waiting[0] || seen.indexOf(waiting[0].sentinel) < 0) return;
    let bytes = Buffer.concat(chunks);
    for (let next = waiting[0]; next; next = waiting[0]) {
      const at = bytes.indexOf(next.sentinel);
      if (at < 0) break;
      waiting.shift();
      next.done(bytes.toString('utf8', 0, at));
      bytes = bytes.subarray(at + next.sentinel.length + 1);
    }
    chunks = [bytes];
  });

  const ask = async (before: string, after: string): Promise<readonly FileDiff[]> => {
    await objects.flushed();
    // A line that names no objects comes back as it is, after the answer, and makes git flush.
    const sentinel = `end-of-answer-${process.hrtime.bigint()}-${count++}`;
    const text = await new Promise<string>((done) => {
      waiting.push({ sentinel, done });
      git.stdin.write(`${before} ${after}\n${sentinel}\n`);
    });
    return parseDiff(text.slice(text.indexOf('\n') + 1));
  };
  return {
    between: (before, after) => {
      if (before === after) return Promise.resolve([]);
      const key = `${before} ${after}`;
      const known = kept.get(key);
      if (known) return known;
      if (kept.size >= limit) kept.delete(kept.keys().next().value!);
      const asked = ask(before, after);
      kept.set(key, asked);
      return asked;
    },
    close: () => {
      git.stdin.end();
    },
  };
};
