/** How the files of two images differ: which only one has, and what is not the same in both. */
import type {
  AttributeGroup,
  ContentGroup,
  FileComparison,
  FileGroup,
  Pair,
} from '../report/verification.ts';

export interface Entry {
  readonly type: 'file' | 'folder' | 'link' | 'device';
  /** `uid:gid` */
  readonly owner: string;
  readonly mode: number;
  readonly bytes: number;
  /** Of a file's content. */
  readonly hash?: string;
  /** Of a symbolic link. */
  readonly target?: string;
}

/** By path, without a leading slash. */
export type Files = ReadonlyMap<string, Entry>;

/** Largest first; folders with equally much by name. */
export function onlyIn(here: Files, there: Files): FileGroup[] {
  const only = [...here].filter(([path, { type }]) => type !== 'folder' && !there.has(path));
  return grouped(only, ([path]) => folderOf(path))
    .map(([folder, files]) => ({
      folder,
      files: files.length,
      bytes: sum(files.map(([, { bytes }]) => bytes)),
    }))
    .toSorted((a, b) => b.bytes - a.bytes || byText(a.folder, b.folder));
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The two upper levels: `usr/share/doc/x` lies in `/usr/share`. */
function folderOf(path: string): string {
  return `/${path.split('/').slice(0, -1).slice(0, 2).join('/')}`;
}

function byText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

type Attribute = AttributeGroup['attribute'];

interface AttributeDifference {
  readonly path: string;
  readonly attribute: Attribute;
  readonly before: string;
  readonly after: string;
}

/** Of everything that both have; a difference of type makes the others meaningless. */
export function attributeDifferences(before: Files, after: Files): AttributeDifference[] {
  const found: AttributeDifference[] = [];
  for (const [path, old] of before) {
    const now = after.get(path);
    if (!now) continue;
    const isOtherType = old.type !== now.type;
    const attributes: readonly Attribute[] = isOtherType
      ? ['type']
      : ['owner', 'mode', 'link target'];
    for (const attribute of attributes) {
      const values = [valueOf(old, attribute), valueOf(now, attribute)] as const;
      if (values[0] !== values[1]) {
        found.push({ path, attribute, before: values[0], after: values[1] });
      }
    }
  }
  return found;
}

function valueOf(entry: Entry, attribute: Attribute): string {
  if (attribute === 'type') return entry.type;
  if (attribute === 'owner') return entry.owner;
  if (attribute === 'link target') return entry.target ?? '';
  // The mode of a link means nothing, and engines write different ones.
  return entry.type === 'link' ? '' : entry.mode.toString(8);
}

/** How many paths of a group are named. */
const EXAMPLES = 5;

/**
 * Nothing is excepted: engines make the same `/etc/hostname`, `/dev` and the like for both, and a
 * build that sets owners or modes at random is not known.
 * @param bases the files of the images of the FROM lines, where they are known
 */
export function compareFiles(
  before: Files,
  after: Files,
  differences: readonly AttributeDifference[],
  bases: Pair<Files> | undefined,
): FileComparison {
  const kindOf = (difference: AttributeDifference): AttributeGroup['kind'] =>
    (bases && isOfBase(difference, bases)) || isLeftChoice(difference, after) ? 'base' : 'counts';
  const groups = grouped(
    differences,
    (each) => `${kindOf(each)} ${each.attribute} ${folderOf(each.path)}`,
  );
  const attributes = groups.map(([, group]): AttributeGroup => {
    const first = group[0]!;
    return {
      folder: folderOf(first.path),
      attribute: first.attribute,
      paths: group.length,
      examples: group
        .slice(0, EXAMPLES)
        .map((each) => ({ path: `/${each.path}`, before: each.before, after: each.after })),
      kind: kindOf(first),
    };
  });
  return {
    compared: [...before.keys()].filter((path) => after.has(path)).length,
    attributes: attributes.toSorted(
      (a, b) => b.paths - a.paths || byText(a.folder, b.folder) || byText(a.attribute, b.attribute),
    ),
    contents: contentGroups(before, after),
  };
}

/**
 * Both images have it from what they stand on; or the first one alone has, and it is a folder that was
 * only made again to hold something.
 */
function isOfBase(
  { path, attribute, before, after }: AttributeDifference,
  bases: Pair<Files>,
): boolean {
  const old = bases.before.get(path);
  const now = bases.after.get(path);
  if (old === undefined || valueOf(old, attribute) !== before) return false;
  return now === undefined ? old.type === 'folder' : valueOf(now, attribute) === after;
}

/**
 * A choice between programs that packages offer, such as the pager, which falls to another one where
 * the package of the first was left behind on purpose.
 */
function isLeftChoice({ path, attribute, before }: AttributeDifference, after: Files): boolean {
  if (attribute !== 'link target' || !path.startsWith('etc/alternatives/')) return false;
  return before.startsWith('/') && !after.has(before.slice(1));
}

function contentGroups(before: Files, after: Files): ContentGroup[] {
  const changed = [...before].flatMap(([path, old]) => {
    const now = after.get(path);
    const isChanged = old.type === 'file' && now?.type === 'file' && old.hash !== now.hash;
    return isChanged ? [{ path, before: old.bytes, after: now.bytes }] : [];
  });
  return grouped(changed, ({ path }) => folderOf(path))
    .map(([folder, files]) => ({
      folder,
      files: files.length,
      bytes: {
        before: sum(files.map((each) => each.before)),
        after: sum(files.map((each) => each.after)),
      },
      examples: files.slice(0, EXAMPLES).map(({ path }) => `/${path}`),
    }))
    .toSorted(
      (a, b) =>
        Math.max(b.bytes.before, b.bytes.after) - Math.max(a.bytes.before, a.bytes.after) ||
        byText(a.folder, b.folder),
    );
}
