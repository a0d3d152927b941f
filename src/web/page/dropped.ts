/**
 * A build context out of files that a browser lists: names and sizes of all, texts of those that the
 * command line would read too, within the same limits. Links, empty folders and permissions are not
 * to be seen there.
 */
import {
  makeContext,
  type BuildContext,
  type ContextEntry,
  type Gap,
} from '../../analysis/context.ts';
import {
  CONTEXT_LIMITS,
  textRules,
  USE_LIMITS,
  usesAmong,
  type ContextLimits,
  type TextRules,
} from '../../analysis/context-texts.ts';
import {
  enterFolder,
  entersIgnored,
  isIgnoredIn,
  parseIgnore,
  TOP,
  type FolderMatch,
  type IgnoreRules,
} from '../../analysis/dockerignore.ts';
import { baseName, folderOf } from '../../analysis/go-paths.ts';
import type { ContextRows } from '../../facts/types.ts';

/** A file of a browser's. */
export interface ListedFile {
  /** From the top of the folder, with `/` between folders. */
  readonly path: string;
  readonly size: number;
  readonly bytes: () => Promise<ArrayBuffer>;
}

export interface Listing {
  readonly files: readonly ListedFile[];
  /** Places that could not be listed. */
  readonly gaps?: readonly Gap[];
}

/** @param dockerfile the path of the Dockerfile in the folder; `undefined` where it lies elsewhere */
export async function contextOfFiles(
  { files, gaps = [] }: Listing,
  dockerfile: string | undefined,
  manifests: ContextRows,
  given: Partial<ContextLimits> = {},
): Promise<BuildContext> {
  const limits = { ...CONTEXT_LIMITS, ...given };
  const byPath = new Map(files.map((file) => [file.path, file]));
  const ignore = await ignoreOf(byPath, dockerfile);
  const walk = new Walk(parseIgnore(ignore?.text ?? ''), manifests, limits);
  walk.take(files);
  await walk.read(byPath);
  return makeContext({
    entries: walk.entries,
    gaps: [...gaps, ...walk.gaps],
    texts: walk.texts,
    unread: walk.unread,
    dockerfile: dockerfile !== undefined && byPath.has(dockerfile) ? dockerfile : undefined,
    ignore,
    uses: { at: '', texts: await usesOf(byPath, manifests) },
  });
}

async function usesOf(
  byPath: ReadonlyMap<string, ListedFile>,
  manifests: ContextRows,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const paths = usesAmong([...byPath.keys()], '', manifests);
  for (const path of paths.slice(0, USE_LIMITS.files)) {
    // One after the other, as all texts are read here.
    // oxlint-disable-next-line no-await-in-loop
    const text = await textOf(byPath.get(path)!, USE_LIMITS.textBytes);
    if (text.kind === 'text') texts.set(path, text.text);
  }
  return texts;
}

async function ignoreOf(
  byPath: ReadonlyMap<string, ListedFile>,
  dockerfile: string | undefined,
): Promise<BuildContext['ignore']> {
  const own = dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`];
  for (const path of [...own, '.dockerignore']) {
    const file = byPath.get(path);
    if (!file) continue;
    const text = await textOf(file, CONTEXT_LIMITS.textBytes);
    if (text.kind === 'text') return { path, text: text.text };
    // Without it nothing can be said about what the builder is sent.
    throw new UnreadableIgnore(`${path} ${text.why}`);
  }
  return undefined;
}

/** Its message is for the user. */
export class UnreadableIgnore extends Error {}

class Walk {
  readonly entries: ContextEntry[] = [];
  readonly gaps: Gap[] = [];
  readonly texts = new Map<string, string>();
  readonly unread = new Map<string, string>();
  private readonly rules: IgnoreRules;
  private readonly limits: ContextLimits;
  private readonly texted: TextRules;
  private readonly folders = new Map<string, FolderSeen>();
  private readonly wanted: string[] = [];
  private readonly sources: string[] = [];

  constructor(rules: IgnoreRules, manifests: ContextRows, limits: ContextLimits) {
    this.rules = rules;
    this.limits = limits;
    this.texted = textRules(manifests);
    this.folders.set('', { above: TOP, isBulk: false, isOpen: true, depth: 0 });
  }

  /** What lies deepest, and in folders that tools fill, comes last: that is what limits cut off. */
  take(files: readonly ListedFile[]): void {
    const depth = ({ path }: ListedFile): number => path.split('/').length;
    const inOrder = files.toSorted(
      (a, b) => depth(a) - depth(b) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
    );
    const isBulk = ({ path }: ListedFile): boolean => this.folder(folderOf(path)).isBulk;
    const later = inOrder.filter(isBulk);
    for (const file of [...inOrder.filter((each) => !isBulk(each)), ...later]) {
      if (this.entries.length >= this.limits.entries) {
        const why = `was not read whole: the build context has more than ${this.limits.entries} files`;
        this.gaps.push({ path: '', why });
        return;
      }
      this.takeOne(file);
    }
  }

  private takeOne({ path, size }: ListedFile): void {
    const folder = this.folder(folderOf(path));
    if (!folder.isOpen) return;
    this.entries.push({
      path,
      kind: 'file',
      bytes: size,
      isExecutable: false,
      hasUnknownMode: true,
    });
    if (folder.isBulk) return;
    const name = baseName(path);
    const { isAlwaysRead, isManifest, isSource } = this.texted;
    if (isAlwaysRead(name)) this.wanted.push(path);
    else if (isIgnoredIn(this.rules, path, folder.above)) return;
    else if (isManifest(name, path)) this.wanted.push(path);
    else if (isSource(name)) this.sources.push(path);
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
    if (isCut) this.gaps.push({ path, why: 'was not read: it is ignored' });
    else if (isTooDeep) {
      const why = `was not read: it lies more than ${this.limits.depth} folders deep`;
      this.gaps.push({ path, why });
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

  async read(byPath: ReadonlyMap<string, ListedFile>): Promise<void> {
    const { textBytes, allTextBytes, sourceBytes, allSourceBytes } = this.limits;
    await this.readAll(this.wanted, byPath, textBytes, allTextBytes);
    await this.readAll(this.sources, byPath, sourceBytes, allSourceBytes);
  }

  private async readAll(
    paths: readonly string[],
    byPath: ReadonlyMap<string, ListedFile>,
    most: number,
    all: number,
  ): Promise<void> {
    let spent = 0;
    for (const path of paths) {
      const file = byPath.get(path)!;
      if (file.size <= most && spent + file.size > all) {
        this.unread.set(path, `was not read: the texts before it have ${all} bytes`);
        continue;
      }
      const text = await textOf(file, most);
      if (text.kind === 'unread') this.unread.set(path, text.why);
      else {
        spent += file.size;
        this.texts.set(path, text.text);
      }
    }
  }
}

interface FolderSeen {
  readonly above: FolderMatch;
  readonly isBulk: boolean;
  /** The builder may be sent something in it. */
  readonly isOpen: boolean;
  readonly depth: number;
}

type TextRead =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unread'; readonly why: string };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

async function textOf(file: ListedFile, most: number): Promise<TextRead> {
  if (file.size > most) return { kind: 'unread', why: `is larger than ${most} bytes` };
  let bytes: ArrayBuffer;
  try {
    bytes = await file.bytes();
  } catch {
    return { kind: 'unread', why: 'cannot be read' };
  }
  try {
    return { kind: 'text', text: utf8.decode(bytes) };
  } catch {
    return { kind: 'unread', why: 'is not valid UTF-8' };
  }
}
