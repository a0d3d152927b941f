/** The entries of a build context as a tree, built once for each list of entries. */

export type EntryKind = 'file' | 'folder' | 'link';

export interface ContextEntry {
  /** From the top of the context, with `/` between folders, none in front or behind. */
  readonly path: string;
  readonly kind: EntryKind;
  /** Of a file its size, else 0. */
  readonly bytes: number;
  /** Everybody may execute it; only of files. */
  readonly isExecutable: boolean;
  /** Its permissions, only of files that have others than Git gives: 644 or 755, for a group 664 or 775. */
  readonly mode?: number;
  /** Of a file from where nobody can see permissions, such as a browser. */
  readonly hasUnknownMode?: true;
  /** Only of links: where it leads, as it is written. */
  readonly target?: string;
}

export interface Node {
  readonly entry: ContextEntry;
  /** In the order of their names. */
  readonly children: readonly Node[];
}

export interface Tree {
  readonly entries: readonly ContextEntry[];
  readonly top: readonly Node[];
  readonly byPath: ReadonlyMap<string, Node>;
  readonly hasLinks: boolean;
}

const trees = new WeakMap<readonly ContextEntry[], Tree>();

interface Growing {
  readonly name: string;
  entry: ContextEntry;
  readonly children: Growing[];
  isSorted: boolean;
}

/** Of two entries with one path the later counts; folders that are implied are added. */
export function contextTree(list: readonly ContextEntry[]): Tree {
  const known = trees.get(list);
  if (known) return known;
  const byPath = new Map<string, Growing>();
  const root: Growing = { name: '', entry: newFolder(''), children: [], isSorted: true };
  const add = (entry: ContextEntry): Growing => {
    const { path } = entry;
    const slash = path.lastIndexOf('/');
    const node = { name: path.slice(slash + 1), entry, children: [], isSorted: true };
    byPath.set(path, node);
    const above = slash > 0 ? path.slice(0, slash) : '';
    const parent = above === '' ? root : (byPath.get(above) ?? add(newFolder(above)));
    const { children } = parent;
    if (children.length > 0 && node.name < children[children.length - 1]!.name) {
      parent.isSorted = false;
    }
    children.push(node);
    return node;
  };
  let hasLinks = false;
  for (const entry of list) {
    if (entry.target !== undefined) hasLinks = true;
    const there = byPath.get(entry.path);
    if (there) there.entry = entry;
    else add(entry);
  }
  const entries: ContextEntry[] = [];
  const order = (folder: Growing): void => {
    if (!folder.isSorted) folder.children.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const child of folder.children) {
      entries.push(child.entry);
      if (child.children.length > 0) order(child);
    }
  };
  order(root);
  const tree = { entries, top: root.children, byPath, hasLinks };
  trees.set(list, tree);
  trees.set(entries, tree);
  return tree;
}

function newFolder(path: string): ContextEntry {
  return { path, kind: 'folder', bytes: 0, isExecutable: false };
}
