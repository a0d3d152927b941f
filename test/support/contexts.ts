/** Build contexts for tests: from a literal, and from the lines of a case. */
import {
  makeContext,
  type BuildContext,
  type ContextEntry,
  type Gap,
} from '../../src/analysis/context.ts';

/**
 * What lies at a path; one that ends in `/` is a folder. Folders on the way need not be named.
 * - a text: the file with this text
 * - a number: a file of so many bytes, whose text nobody reads
 * - `unknown`: why nothing is known of what is in the folder
 */
export type Leaf =
  | string
  | number
  | {
      readonly text?: string;
      readonly bytes?: number;
      readonly isExecutable?: boolean;
      readonly target?: string;
      readonly unknown?: string;
    };

export type Tree = Readonly<Record<string, Leaf>>;

/** @param dockerfile its path, where it lies inside; its own ignore file wins, as it does in Docker */
export function contextFrom(tree: Tree, dockerfile = 'Dockerfile'): BuildContext {
  const entries: ContextEntry[] = [];
  const texts = new Map<string, string>();
  const gaps: Gap[] = [];
  for (const [name, leaf] of Object.entries(tree)) {
    const path = name.replace(/\/$/, '');
    const given =
      typeof leaf === 'string' ? { text: leaf } : typeof leaf === 'number' ? { bytes: leaf } : leaf;
    const { text, target, unknown, isExecutable = false } = given;
    const kind = name.endsWith('/') ? 'folder' : target === undefined ? 'file' : 'link';
    const bytes = text === undefined ? (given.bytes ?? 0) : Buffer.byteLength(text);
    if (path !== '') entries.push({ path, kind, bytes, isExecutable, ...(target && { target }) });
    if (text !== undefined) texts.set(path, text);
    if (unknown !== undefined) gaps.push({ path, why: unknown });
  }
  const ignore = [`${dockerfile}.dockerignore`, '.dockerignore'].find((path) => texts.has(path));
  return makeContext({
    entries,
    texts,
    gaps,
    dockerfile: entries.some(({ path }) => path === dockerfile) ? dockerfile : undefined,
    ignore: ignore === undefined ? undefined : { path: ignore, text: texts.get(ignore)! },
  });
}

const UNITS: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9 };

/**
 * The tree that lines describe:
 *
 *     src/app.js 1200
 *     bin/start 3.5kB executable
 *     current -> releases/7
 *     empty/
 *     node_modules/ …
 *     package.json:
 *       { "name": "text, indented by two blanks" }
 *     bin/install executable:
 *       echo done
 *
 * A folder with `…` is one of which nothing more is known. Text ends with one line end.
 */
export function treeOf(lines: string): Tree {
  const tree: Record<string, Leaf> = {};
  const left = lines.split('\n');
  for (let line = left.shift(); line !== undefined; line = left.shift()) {
    if (line.trim() === '') continue;
    if (line.startsWith(' ')) throw new Error(`the text of which file? "${line}"`);
    const [path, leaf] = line.endsWith(':') ? textLeaf(line, left) : plainLeaf(line);
    if (path in tree) throw new Error(`"${path}" is there twice`);
    tree[path] = leaf;
  }
  return tree;
}

function textLeaf(line: string, left: string[]): [string, Leaf] {
  const [, path, executable] = /^(.*?)( executable)?:$/.exec(line)!;
  const text: string[] = [];
  while (left.length > 0 && (left[0] === '' || left[0]!.startsWith('  '))) {
    text.push(left.shift()!.slice(2));
  }
  while (text.at(-1) === '') text.pop();
  const all = text.map((each) => `${each}\n`).join('');
  return [path!, { text: all, isExecutable: executable !== undefined }];
}

function plainLeaf(line: string): [string, Leaf] {
  const link = /^(.+) -> (.+)$/.exec(line);
  if (link) return [link[1]!, { target: link[2]! }];
  const unread = /^(.+\/) …$/.exec(line);
  if (unread) return [unread[1]!, { unknown: 'was not read' }];
  if (line.endsWith('/')) return [line, {}];
  const [, path, number, unit, executable] = /^(.+?)(?: +([\d.]+)(kB|MB|GB)?)?( executable)?$/.exec(
    line,
  )!;
  const bytes = Number(number ?? 0) * (unit ? UNITS[unit]! : 1);
  return [path!, { bytes, isExecutable: executable !== undefined }];
}
