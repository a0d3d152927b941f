/**
 * The build context of a Dockerfile out of a commit that is read through the API: the same value that
 * the command line reads from a disk, within the limits of a delivery. What they cut off is said in the
 * context's gaps, so that edits that would count on it are only offered.
 */
import { builtElsewhere, gapWarnings, mayRead, unknownContext } from '../analysis/context-place.ts';
import { sourcesOf } from '../analysis/context-sources.ts';
import {
  CONTEXT_LIMITS,
  textRules,
  USE_LIMITS,
  usesAmong,
  type ContextLimits,
  type TextRules,
} from '../analysis/context-texts.ts';
import {
  makeContext,
  type BuildContext,
  type ContextEntry,
  type Gap,
  type IgnoreFile,
} from '../analysis/context.ts';
import {
  enterFolder,
  entersIgnored,
  isIgnoredIn,
  parseIgnore,
  TOP,
  type FolderMatch,
  type IgnoreRules,
} from '../analysis/dockerignore.ts';
import { baseName, folderOf } from '../analysis/go-paths.ts';
import type { Diagnostic } from '../dockerfile/model.ts';
import { parse } from '../dockerfile/parse.ts';
import type { ContextRows } from '../facts/types.ts';
import type { TreeEntry } from './github.ts';
import type { Below, Snapshot, Text } from './snapshot.ts';

export interface FoundContext {
  /** Missing: nothing is known of it, or the Dockerfile reads nothing from it. */
  readonly context?: BuildContext;
  /** What people must know of it. */
  readonly diagnostics: readonly Diagnostic[];
  /** From the top of the repository, ending in `/`, or empty. */
  readonly folder: string;
}

/** Links whose targets are read; each costs a request. */
const MOST_LINKS = 50;

/** The folder of the Dockerfile, as the command line takes it. @param path of the Dockerfile */
export async function contextFor(
  path: string,
  text: string,
  snapshot: Snapshot,
  manifests: ContextRows,
  given: Partial<ContextLimits> = {},
): Promise<FoundContext> {
  const top = folderOf(path);
  const folder = top === '' ? '' : `${top}/`;
  const nothing = { diagnostics: [], folder };
  if (!mayRead(text)) return nothing;
  const sources = sourcesOf(parse(text));
  if (sources.length === 0) return nothing;
  const elsewhere = await builtAbove(top, sources, snapshot);
  if (elsewhere) return { ...nothing, diagnostics: [elsewhere] };
  const below = await snapshot.below(top);
  if (!below) return nothing;
  const limits = { ...CONTEXT_LIMITS, ...given };
  const ignore = await ignoreOf(path.slice(folder.length), below, snapshot, limits);
  if (ignore.kind === 'unread') {
    return { ...nothing, diagnostics: [unknownContext(`.dockerignore ${ignore.why}`)] };
  }
  const walk = new Walk(parseIgnore(ignore.file?.text ?? ''), textRules(manifests), limits);
  walk.take(below);
  await walk.read(snapshot);
  const context = makeContext({
    entries: walk.entries,
    gaps: walk.gaps,
    texts: walk.texts,
    unread: walk.unread,
    dockerfile: path.slice(folder.length),
    ignore: ignore.file,
    uses: { at: top, texts: await usesAround(top, snapshot, manifests) },
  });
  return { context, diagnostics: gapWarnings(context), folder };
}

/** What tells how the image is used, in the context and above it. */
async function usesAround(
  folder: string,
  snapshot: Snapshot,
  manifests: ContextRows,
): Promise<ReadonlyMap<string, string>> {
  const all = ((await snapshot.whole()) ?? []).filter(isFile);
  const byPath = new Map(all.map((entry) => [entry.path, entry]));
  const paths = usesAmong([...byPath.keys()], folder, manifests).slice(0, USE_LIMITS.files);
  const texts = await Promise.all(
    paths.map((path) => snapshot.text(byPath.get(path)!, USE_LIMITS.textBytes, 'texts')),
  );
  return new Map(
    texts.flatMap((read, index) =>
      read.kind === 'text' ? [[paths[index]!, read.text] as const] : [],
    ),
  );
}

/** Many are built from a folder above; that is said and not guessed. */
async function builtAbove(
  folder: string,
  sources: ReturnType<typeof sourcesOf>,
  snapshot: Snapshot,
): Promise<Diagnostic | undefined> {
  const named = sources.filter(({ isPlain }) => isPlain);
  const isIn = async (above: string, path: string): Promise<boolean> => {
    const inside = [above, path].filter((each) => each !== '').join('/');
    return inside === '' || (await snapshot.entryAt(inside)) !== undefined;
  };
  const missing = await firstOf(named, async ({ path }) => !(await isIn(folder, path)));
  if (!missing) return undefined;
  const better = await firstOf(foldersAbove(folder), async (above) => {
    const lost = await firstOf(named, async ({ path }) => !(await isIn(above, path)));
    return lost === undefined;
  });
  if (better === undefined) return undefined;
  const levels = folder.split('/').length - (better === '' ? 0 : better.split('/').length);
  return builtElsewhere(missing.line, Array.from({ length: levels }, () => '..').join('/'));
}

/** The nearest first. */
function foldersAbove(folder: string): readonly string[] {
  if (folder === '') return [];
  const above = folderOf(folder);
  return [above, ...foldersAbove(above)];
}

async function firstOf<T>(
  list: readonly T[],
  test: (item: T) => Promise<boolean>,
): Promise<T | undefined> {
  // One after the other: mostly the first answer decides.
  // oxlint-disable-next-line no-await-in-loop
  for (const item of list) if (await test(item)) return item;
  return undefined;
}

type IgnoreRead =
  | { readonly kind: 'ignore'; readonly file?: IgnoreFile }
  | { readonly kind: 'unread'; readonly why: string };

/** The one beside the Dockerfile, else the one at the top of the context; a link is not followed. */
async function ignoreOf(
  dockerfile: string,
  { entries }: Below,
  snapshot: Snapshot,
  limits: ContextLimits,
): Promise<IgnoreRead> {
  const names = [`${dockerfile}.dockerignore`, '.dockerignore'];
  for (const name of names) {
    const entry = entries.find((each) => each.path === name);
    if (!entry) continue;
    if (!isFile(entry)) return { kind: 'unread', why: 'is not a regular file' };
    // The first that is there counts.
    // oxlint-disable-next-line no-await-in-loop
    const read = await snapshot.text(entry, limits.textBytes, 'texts');
    if (read.kind === 'unread') return read;
    return { kind: 'ignore', file: { path: name, text: read.text } };
  }
  return { kind: 'ignore' };
}

function isFile({ kind }: TreeEntry): boolean {
  return kind === 'file' || kind === 'executable';
}

interface FolderSeen {
  readonly above: FolderMatch;
  /** Filled by a tool: no text of it is read. */
  readonly isBulk: boolean;
  /** The builder may be sent something in it. */
  readonly isOpen: boolean;
  readonly depth: number;
}

class Walk {
  readonly entries: ContextEntry[] = [];
  readonly gaps: Gap[] = [];
  readonly texts = new Map<string, string>();
  readonly unread = new Map<string, string>();
  private readonly rules: IgnoreRules;
  private readonly texted: TextRules;
  private readonly limits: ContextLimits;
  private readonly folders = new Map<string, FolderSeen>();
  private readonly wanted: TreeEntry[] = [];
  private readonly sources: TreeEntry[] = [];
  private readonly links: TreeEntry[] = [];

  constructor(rules: IgnoreRules, texted: TextRules, limits: ContextLimits) {
    this.rules = rules;
    this.texted = texted;
    this.limits = limits;
    this.folders.set('', { above: TOP, isBulk: false, isOpen: true, depth: 0 });
  }

  /** What lies deepest, and in folders that tools fill, comes last: that is what limits cut off. */
  take({ entries, unlisted }: Below): void {
    for (const path of unlisted) {
      this.gap(path, 'was not read: the repository has too many files for one look');
    }
    const depth = new Map(entries.map((each) => [each, each.path.split('/').length]));
    const inOrder = entries
      .filter(({ kind }) => kind !== 'folder')
      .toSorted((a, b) => depth.get(a)! - depth.get(b)! || (a.path < b.path ? -1 : 1));
    const isBulk = ({ path }: TreeEntry): boolean => this.folder(folderOf(path)).isBulk;
    const later = inOrder.filter(isBulk);
    for (const entry of [...inOrder.filter((each) => !isBulk(each)), ...later]) {
      if (this.entries.length >= this.limits.entries) {
        const why = `was not read whole: the build context has more than ${this.limits.entries} files`;
        this.gap('', why);
        return;
      }
      this.takeOne(entry);
    }
  }

  private gap(path: string, why: string): void {
    this.gaps.push({ path, why });
  }

  private takeOne(entry: TreeEntry): void {
    const { path, kind, bytes = 0 } = entry;
    const folder = this.folder(folderOf(path));
    if (!folder.isOpen) return;
    if (kind === 'submodule') {
      this.gap(path, 'is a repository of its own, which was not read');
      return;
    }
    const isIgnored = isIgnoredIn(this.rules, path, folder.above);
    if (kind === 'link') {
      if (!isIgnored) this.links.push(entry);
      return;
    }
    const isExecutable = kind === 'executable';
    this.entries.push({ path, kind: 'file', bytes, isExecutable });
    if (folder.isBulk) return;
    const name = baseName(path);
    const { isAlwaysRead, isManifest, isSource } = this.texted;
    if (isAlwaysRead(name)) this.wanted.push(entry);
    else if (isIgnored) return;
    else if (isManifest(name, path)) this.wanted.push(entry);
    // A program without an extension is a script, or too large to be read.
    else if ((isExecutable && !name.includes('.')) || isSource(name)) this.sources.push(entry);
  }

  private folder(path: string): FolderSeen {
    const known = this.folders.get(path);
    if (known) return known;
    const parent = this.folder(folderOf(path));
    const { isIgnored, below } = enterFolder(this.rules, path, parent.above);
    const isCut = parent.isOpen && isIgnored && !entersIgnored(this.rules, path);
    const depth = parent.depth + 1;
    const isTooDeep = parent.isOpen && depth > this.limits.depth;
    if (parent.isOpen) this.entries.push({ path, kind: 'folder', bytes: 0, isExecutable: false });
    if (isCut) this.gap(path, 'was not read: it is ignored');
    else if (isTooDeep) {
      this.gap(path, `was not read: it lies more than ${this.limits.depth} folders deep`);
    }
    const seen = {
      above: below,
      isBulk: parent.isBulk || this.texted.isBulk(baseName(path)),
      isOpen: parent.isOpen && !isCut && !isTooDeep,
      depth,
    };
    this.folders.set(path, seen);
    return seen;
  }

  async read(snapshot: Snapshot): Promise<void> {
    const { textBytes, allTextBytes, sourceBytes, allSourceBytes } = this.limits;
    await this.readAll(this.wanted, snapshot, [textBytes, allTextBytes], 'texts');
    await this.readAll(this.sources, snapshot, [sourceBytes, allSourceBytes], 'sources');
    await this.readLinks(snapshot);
  }

  private async readAll(
    list: readonly TreeEntry[],
    snapshot: Snapshot,
    [most, all]: readonly [most: number, all: number],
    from: 'texts' | 'sources',
  ): Promise<void> {
    let spent = 0;
    const reads = list.map(async (entry): Promise<readonly [string, Text]> => {
      const { path, bytes = 0 } = entry;
      if (bytes <= most && spent + bytes > all) {
        const why = `was not read: the texts before it have ${all} bytes`;
        return [path, { kind: 'unread', why }];
      }
      if (bytes <= most) spent += bytes;
      return [path, await snapshot.text(entry, most, from)];
    });
    for (const [path, read] of await Promise.all(reads)) {
      if (read.kind === 'text') this.texts.set(path, read.text);
      else this.unread.set(path, read.why);
    }
  }

  /** Where a link leads is its text. */
  private async readLinks(snapshot: Snapshot): Promise<void> {
    const targets = await Promise.all(
      this.links.map(async (entry, at) => {
        const read =
          at < MOST_LINKS ? await snapshot.text(entry, 4096, 'texts') : { kind: 'unread' as const };
        return { entry, target: read.kind === 'text' ? read.text : undefined };
      }),
    );
    for (const { entry, target } of targets) {
      const { path } = entry;
      if (target === undefined) this.gap(path, 'is a link that was not read');
      else this.entries.push({ path, kind: 'link', bytes: 0, isExecutable: false, target });
    }
  }
}
