/**
 * What is known of the build context: its files, and which of them the builder is sent. A value that
 * is handed in, from a disk, a Git host or a test; all questions but `entryAt` are about what is
 * left after .dockerignore.
 *
 * The Dockerfile and .dockerignore are files like others: the builder reads them where they lie, and
 * a COPY takes them only if they are not ignored.
 */
import { contextTree, type ContextEntry, type Node } from './context-tree.ts';
import {
  enterFolder,
  entersIgnored,
  isIgnoredIn,
  parseIgnore,
  TOP,
  type FolderMatch,
  type IgnoreRules,
} from './dockerignore.ts';
import { folderOf, pathInside } from './go-paths.ts';

export type { ContextEntry };

/** A place at or below which something is not known. */
export interface Gap {
  /** Empty for the whole context. */
  readonly path: string;
  /** "is no folder that may be read": follows the path in a sentence. */
  readonly why: string;
}

export interface IgnoreFile {
  /** From the top of the context: `.dockerignore`, or `<Dockerfile>.dockerignore`, which wins. */
  readonly path: string;
  readonly text: string;
}

export interface BuildContext {
  /** In the order of a walk: a folder before what is in it, names in order. */
  readonly entries: readonly ContextEntry[];
  /** By path: the text of files that analysis reads. */
  readonly texts: ReadonlyMap<string, string>;
  /** By path: why the text of a file that analysis would read is missing. */
  readonly unread: ReadonlyMap<string, string>;
  readonly gaps: readonly Gap[];
  /** The path of the Dockerfile; `undefined` where it lies outside. */
  readonly dockerfile: string | undefined;
  /** The one in force; `undefined` where there is none. */
  readonly ignore: IgnoreFile | undefined;
  /** What tells how the image is used; missing: whatever the texts tell. */
  readonly uses?: UseTexts;
}

/** Files in the context and around it, whatever the builder is sent. */
export interface UseTexts {
  /** The folder of the context, from the top of the repository; empty at the top. */
  readonly at: string;
  /** By path from the top of the repository. */
  readonly texts: ReadonlyMap<string, string>;
  /** The user named the folder: files that name another one do not count. */
  readonly isAsked?: boolean;
}

/** What a context is made of: entries in any order; folders that are only implied may be missing. */
export type ContextParts = Pick<BuildContext, 'entries'> & Partial<BuildContext>;

export function makeContext(parts: ContextParts): BuildContext {
  return {
    texts: new Map<string, string>(),
    unread: new Map<string, string>(),
    gaps: [],
    dockerfile: undefined,
    ignore: undefined,
    ...parts,
    entries: contextTree(parts.entries).entries,
  };
}

/** What .dockerignore lets through, computed when it is first asked for. */
interface View {
  readonly rules: IgnoreRules;
  readonly folders: Map<string, FolderMatch>;
  /** By path as it was asked for. */
  readonly read: Map<string, Text>;
  sent?: Sent;
}

interface Sent {
  readonly entries: readonly ContextEntry[];
  /** By path: the bytes at and below it. */
  readonly bytes: ReadonlyMap<string, number>;
}

const views = new WeakMap<BuildContext, View>();

function viewOf(context: BuildContext): View {
  let view = views.get(context);
  if (!view) {
    const rules = parseIgnore(context.ignore?.text ?? '');
    views.set(context, (view = { rules, folders: new Map([['', TOP]]), read: new Map() }));
  }
  return view;
}

export function rulesOf(context: BuildContext): IgnoreRules {
  return viewOf(context).rules;
}

/** What the builder is sent, in the order of a walk. */
export function entriesOf(context: BuildContext): readonly ContextEntry[] {
  return sentOf(context).entries;
}

function sentOf(context: BuildContext): Sent {
  const view = viewOf(context);
  return (view.sent ??= walk(context, view.rules));
}

const ENTERED = { isIgnored: false, below: TOP };

function walk(context: BuildContext, rules: IgnoreRules): Sent {
  const entries: ContextEntry[] = [];
  const bytes = new Map<string, number>();
  const hasRules = rules.patterns.length > 0;
  const visit = (node: Node, above: FolderMatch): number => {
    const { entry, children } = node;
    if (entry.kind !== 'folder') {
      if (hasRules && isIgnoredIn(rules, entry.path, above)) return 0;
      entries.push(entry);
      bytes.set(entry.path, entry.bytes);
      return entry.bytes;
    }
    const { isIgnored, below } = hasRules ? enterFolder(rules, entry.path, above) : ENTERED;
    if (isIgnored && !entersIgnored(rules, entry.path)) return 0;
    const place = entries.push(entry);
    let sum = 0;
    for (const child of children) sum += visit(child, below);
    // An ignored folder is there only for the sake of what is in it.
    if (isIgnored && entries.length === place) entries.pop();
    else bytes.set(entry.path, sum);
    return sum;
  };
  let total = 0;
  for (const node of contextTree(context.entries).top) total += visit(node, TOP);
  bytes.set('', total);
  return { entries, bytes };
}

/**
 * Whether the builder would be sent a file of this name; of a folder that is there, whether it is
 * sent, be it for the sake of one file in it.
 */
export function isSent(context: BuildContext, path: string): boolean {
  return isSentInside(context, pathInside(path));
}

function isSentInside(context: BuildContext, inside: string): boolean {
  if (inside === '') return true;
  const { rules, sent } = viewOf(context);
  if (rules.patterns.length === 0) return true;
  const entry = contextTree(context.entries).byPath.get(inside)?.entry;
  if (entry && sent) return sent.bytes.has(inside);
  const above = folderMatch(context, folderOf(inside));
  if (!above) return false;
  if (!isIgnoredIn(rules, inside, above)) return true;
  return entry?.kind === 'folder' && sentOf(context).bytes.has(inside);
}

/** What the walk knows in a folder; `undefined` where it never gets there. */
function folderMatch(context: BuildContext, folder: string): FolderMatch | undefined {
  const { rules, folders } = viewOf(context);
  const known = folders.get(folder);
  if (known) return known;
  const above = folderMatch(context, folderOf(folder));
  if (!above) return undefined;
  const { isIgnored, below } = enterFolder(rules, folder, above);
  if (isIgnored && !entersIgnored(rules, folder)) return undefined;
  folders.set(folder, below);
  return below;
}

/** What lies at the path, ignored or not. */
export function entryAt(context: BuildContext, path: string): ContextEntry | undefined {
  return contextTree(context.entries).byPath.get(pathInside(path))?.entry;
}

/** What the builder is sent directly in a folder. */
export function entriesIn(context: BuildContext, folder: string): readonly ContextEntry[] {
  const tree = contextTree(context.entries);
  const inside = pathInside(folder);
  const nodes = inside === '' ? tree.top : (tree.byPath.get(inside)?.children ?? []);
  return nodes.map(({ entry }) => entry).filter(({ path }) => isSent(context, path));
}

/** Of what the builder is sent, the bytes of the file, or of all files below the folder. */
export function bytesBelow(context: BuildContext, path: string): number {
  return sentOf(context).bytes.get(pathInside(path)) ?? 0;
}

/** The places of which the builder may be sent unknown things. */
export function gapsOf(context: BuildContext): readonly Gap[] {
  return context.gaps.filter(
    ({ path }) =>
      path === '' ||
      isSent(context, path) ||
      (folderMatch(context, folderOf(path)) && entersIgnored(rulesOf(context), path)),
  );
}

/** The first of them at, below or above the path: why not all of it is known. */
export function gapAt(context: BuildContext, path: string): Gap | undefined {
  const inside = pathInside(path);
  return gapsOf(context).find((gap) => isWithin(gap.path, inside) || isWithin(inside, gap.path));
}

/** Whether a path is the folder or lies in it; both as entries have them. */
export function isWithin(path: string, folder: string): boolean {
  if (!path.startsWith(folder)) return false;
  const { length } = folder;
  return length === 0 || path.length === length || path[length] === '/';
}

export type Text =
  | { readonly kind: 'text'; readonly text: string }
  /** The builder is sent no file of this name. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly why: string };

/** The text of a file that the builder is sent; links inside the context are followed. */
export function textOf(context: BuildContext, path: string): Text {
  const texts = viewOf(context).read;
  let text = texts.get(path);
  if (!text) texts.set(path, (text = readText(context, path)));
  return text;
}

function readText(context: BuildContext, path: string): Text {
  const found = resolveLinks(context, pathInside(path));
  if (found === undefined) return { kind: 'absent' };
  const entry = contextTree(context.entries).byPath.get(found)?.entry;
  if (!entry) {
    const gap = isSentInside(context, found)
      ? context.gaps.find((each) => isWithin(found, each.path))
      : undefined;
    if (!gap) return { kind: 'absent' };
    return {
      kind: 'unknown',
      why: `${gap.path === '' ? 'the build context' : gap.path} ${gap.why}`,
    };
  }
  if (entry.kind !== 'file' || !isSentInside(context, found)) return { kind: 'absent' };
  const text = context.texts.get(found);
  if (text !== undefined) return { kind: 'text', text };
  const why = context.unread.get(found) ?? 'is not among the files that are read';
  return { kind: 'unknown', why: `${found} ${why}` };
}

/** As many links as Linux follows before it takes them for a circle. */
const MOST_LINKS = 40;

/**
 * The path that is meant, with all links on its way followed as the builder does: the top of the
 * context is their root. Its name is the shortest, as `pathInside` has it. `undefined` where they lead in a circle.
 */
export function resolveLinks(context: BuildContext, path: string): string | undefined {
  const { byPath, hasLinks } = contextTree(context.entries);
  if (!hasLinks) return path;
  let left = path.split('/').filter((part) => part !== '');
  let at = '';
  let links = 0;
  while (left.length > 0) {
    const [part, ...rest] = left;
    const next = at === '' ? part! : `${at}/${part!}`;
    const target = byPath.get(next)?.entry.target;
    if (target === undefined || !isSent(context, next)) {
      at = next;
      left = rest;
      continue;
    }
    if (++links > MOST_LINKS) return undefined;
    const whole = pathInside(target.startsWith('/') ? target : `${at}/${target}`);
    left = [...whole.split('/').filter((each) => each !== ''), ...rest];
    at = '';
  }
  return at;
}

/** The context with another text of the .dockerignore in force, or with one where there was none. */
export function withIgnore(context: BuildContext, text: string): BuildContext {
  if (context.ignore?.text === text) return context;
  const path = context.ignore?.path ?? '.dockerignore';
  const ignore = { path, text };
  if (path.startsWith('../')) return { ...context, ignore };
  const bytes = utf8Length(text);
  const entry: ContextEntry = { path, kind: 'file', bytes, isExecutable: false };
  const others = context.entries.filter((each) => each.path !== path);
  const texts = new Map([...context.texts, [path, text]]);
  return makeContext({ ...context, entries: [...others, entry], texts, ignore });
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
