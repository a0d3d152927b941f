/** What a COPY or ADD takes out of the build context. */
import type { CopyInstruction, Instruction } from '../dockerfile/model.ts';
import {
  entriesOf,
  entryAt,
  gapsOf,
  isSent,
  isWithin,
  resolveLinks,
  type BuildContext,
  type ContextEntry,
  type Gap,
} from './context.ts';
import { contextTree, type Node } from './context-tree.ts';
import { enterFolder, rulesFrom, TOP, type FolderMatch, type IgnoreRules } from './dockerignore.ts';
import { baseName, hasWildcards, matchPath, pathInside } from './go-paths.ts';

/** Flags of COPY and ADD that choose. */
export interface CopyFlags {
  /** `--exclude=`: patterns below each folder that is copied. */
  readonly excludes: readonly string[];
  /** `--parents`: folders on the way are made, and the pattern may have `**` in it. */
  readonly hasParents: boolean;
}

export interface CopiedEntry {
  readonly entry: ContextEntry;
  /** Where it lands below the destination, if that is a folder. */
  readonly to: string;
}

export interface Copied {
  /**
   * What the source names: one path, or those that its wildcards match; the empty string is the
   * whole context. None: the builder does not find it.
   */
  readonly matches: readonly string[];
  /** Files, links, and folders with what is in them. */
  readonly entries: readonly CopiedEntry[];
  /** Why there may be more than that. */
  readonly gap?: Gap;
}

const PLAIN: CopyFlags = { excludes: [], hasParents: false };

const caches = new WeakMap<BuildContext, Map<string, Copied>>();

/**
 * @param source as the builder reads it: without quotes, variables filled in
 * @param flags those of the instruction
 */
export function copiedBy(context: BuildContext, source: string, flags = PLAIN): Copied {
  let cache = caches.get(context);
  if (!cache) caches.set(context, (cache = new Map<string, Copied>()));
  const isPlain = flags.excludes.length === 0 && !flags.hasParents;
  const key = isPlain ? `/${source}` : JSON.stringify([source, flags.excludes, flags.hasParents]);
  let copied = cache.get(key);
  if (!copied) cache.set(key, (copied = copy(context, source, flags)));
  return copied;
}

function copy(context: BuildContext, source: string, flags: CopyFlags): Copied {
  // Once for all paths: cheaper than one by one.
  entriesOf(context);
  const { start, include } = flags.hasParents ? pivot(source) : { start: source };
  const { base, wild } = splitWildcards(pathInside(start));
  const matches = wild === '' ? existing(context, base) : wildcardMatches(context, base, wild);
  const rules: Choice = {
    exclude: rulesFrom(flags.excludes),
    ...(include !== undefined && { include: rulesFrom([include]) }),
  };
  const entries = matches.flatMap((match) => take(context, match, rules));
  const gap = gapsOf(context).find(
    ({ path }) =>
      matches.some((match) => isWithin(path, match) || isWithin(match, path)) ||
      mayHideMatch(path, base, wild),
  );
  // With --parents the folder is always there; what counts is whether anything in it is.
  const isFound = include === undefined || hasWildcards(include) || entries.length > 0;
  return { matches: isFound ? matches : [], entries, ...(gap && { gap }) };
}

/** `COPY --parents a/./b/*`: what stands before `/./` is no parent. */
function pivot(source: string): { start: string; include: string } {
  const at = source.indexOf('/./');
  const [start, pattern] = at < 0 ? ['', source] : [source.slice(0, at), source.slice(at + 3)];
  return { start, include: pathInside(pattern) };
}

/** The folders up to the first wildcard, and the rest. */
function splitWildcards(path: string): { base: string; wild: string } {
  const parts = path.split('/');
  const at = parts.findIndex(hasWildcards);
  if (at < 0) return { base: path, wild: '' };
  return { base: parts.slice(0, at).join('/'), wild: parts.slice(at).join('/') };
}

function existing(context: BuildContext, path: string): string[] {
  const found = resolveLinks(context, path);
  if (found === undefined) return [];
  return found === '' || (entryAt(context, found) && isSent(context, found)) ? [path] : [];
}

function wildcardMatches(context: BuildContext, base: string, wild: string): string[] {
  const folder = resolveLinks(context, base);
  if (folder === undefined) return [];
  const matches: string[] = [];
  const depth = wild.split('/').length;
  const search = (nodes: readonly Node[], level: number): void => {
    for (const { entry, children } of nodes) {
      if (!isSent(context, entry.path)) continue;
      const inside = below(folder, entry.path);
      // A `*` takes no slash, so that only paths as deep as the pattern can match.
      if (level === depth) {
        if (matchPath(wild, inside) === true) matches.push(entry.path);
      } else if (mayLeadTo(inside, wild)) search(children, level + 1);
    }
  };
  search(nodesIn(context, folder), 1);
  return matches;
}

/** Whether what lies in a folder could match the wildcards. */
function mayLeadTo(folder: string, wild: string): boolean {
  const pattern = wild.split('/');
  const depth = folder === '' ? 0 : folder.split('/').length;
  if (depth >= pattern.length) return false;
  // A class may hold a slash: then the parts of the pattern are none.
  return wild.includes('[') || matchPath(pattern.slice(0, depth).join('/'), folder) === true;
}

/** Whether unknown things at a place could match the wildcards. */
function mayHideMatch(path: string, base: string, wild: string): boolean {
  if (wild === '') return isWithin(base, path);
  if (!isWithin(path, base)) return isWithin(base, path);
  return mayLeadTo(below(base, path), wild);
}

interface Choice {
  readonly exclude: IgnoreRules;
  readonly include?: IgnoreRules;
}

/** One match: a folder's contents, or the file that it is or leads to. */
function take(context: BuildContext, match: string, choice: Choice): CopiedEntry[] {
  const found = resolveLinks(context, match);
  if (found === undefined) return [];
  const entry = entryAt(context, found);
  if (entry?.kind === 'file') return [{ entry, to: baseName(match) }];
  if (choice.exclude.patterns.length === 0 && !choice.include && found === '') {
    return entriesOf(context).map((each) => ({ entry: each, to: each.path }));
  }
  const taken: CopiedEntry[] = [];
  const visit = (node: Node, excluded: FolderMatch, included: FolderMatch): boolean => {
    if (!isSent(context, node.entry.path)) return false;
    const to = below(found, node.entry.path);
    const out = enterFolder(choice.exclude, to, excluded);
    const into = choice.include && enterFolder(choice.include, to, included);
    const isTaken = !out.isIgnored && (!into || into.isIgnored);
    const place = taken.push({ entry: node.entry, to }) - 1;
    let isNeeded = isTaken;
    if (!out.isIgnored || choice.exclude.patterns.some((each) => each.isException)) {
      for (const child of node.children) {
        if (visit(child, out.below, into?.below ?? TOP)) isNeeded = true;
      }
    }
    if (!isNeeded) taken.splice(place, 1);
    return isNeeded;
  };
  for (const node of nodesIn(context, found)) visit(node, TOP, TOP);
  return taken;
}

function nodesIn(context: BuildContext, folder: string): readonly Node[] {
  const tree = contextTree(context.entries);
  return folder === '' ? tree.top : (tree.byPath.get(folder)?.children ?? []);
}

function below(folder: string, path: string): string {
  return folder === '' ? path : path.slice(folder.length + 1);
}

/** What an instruction reads from the build context. */
export interface ContextRead extends CopyFlags {
  /** As the builder reads them, variables as they are written. */
  readonly sources: readonly string[];
}

/** `undefined` for an instruction that reads nothing from it. */
export function readsOf(instruction: Instruction): ContextRead | undefined {
  if (instruction.kind === 'copy' || instruction.kind === 'add') return copyReads(instruction);
  if (instruction.kind !== 'run') return undefined;
  const sources = instruction.flags.flatMap(({ name, value }) =>
    name === 'mount' ? bindSource(value ?? '') : [],
  );
  return sources.length === 0 ? undefined : { ...PLAIN, sources };
}

function copyReads(instruction: CopyInstruction): ContextRead | undefined {
  const { flags } = instruction;
  if (flags.some(({ name }) => name === 'from')) return undefined;
  const sources = instruction.sources
    .map(({ text }) => text)
    .filter((text) => !text.startsWith('<<') && !isRemote(text));
  if (sources.length === 0) return undefined;
  const parents = flags.findLast(({ name }) => name === 'parents');
  return {
    sources,
    excludes: flags.flatMap(({ name, value }) => (name === 'exclude' ? [value ?? ''] : [])),
    hasParents: parents !== undefined && parents.value !== 'false',
  };
}

/** A URL or a Git repository, which only ADD takes. */
function isRemote(source: string): boolean {
  return /^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(source);
}

/** `--mount=type=bind,source=…`: a bind mount without `from` shows the build context. */
function bindSource(mount: string): string[] {
  const fields = new Map(
    mount.split(',').map((field): [string, string] => {
      const at = field.indexOf('=');
      return at < 0 ? [field, ''] : [field.slice(0, at).toLowerCase(), field.slice(at + 1)];
    }),
  );
  if ((fields.get('type') ?? 'bind') !== 'bind' || fields.has('from')) return [];
  return [fields.get('source') ?? fields.get('src') ?? '.'];
}
