/**
 * A build context from the disk, within limits: what they cut off, and what could not be looked
 * into, is said in the context's gaps. Links are never followed, so that nothing outside is read.
 */
import { lstatSync, readlinkSync, realpathSync, type Dirent } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import {
  makeContext,
  type BuildContext,
  type ContextEntry,
  type Gap,
  type IgnoreFile,
} from '../analysis/context.ts';
import {
  CONTEXT_LIMITS,
  textRules,
  type ContextLimits,
  type TextRules,
} from '../analysis/context-texts.ts';
import {
  enterFolder,
  entersIgnored,
  isIgnoredIn,
  parseIgnore,
  TOP,
  type FolderMatch,
  type IgnoreRules,
} from '../analysis/dockerignore.ts';
import type { ContextRows } from '../facts/types.ts';
import { foldersOnce, inFolder, type Folders } from './folders.ts';
import { readDockerfile, type Seen } from './read-file.ts';
import { readText, type TextRead } from './read-text.ts';
import { usesReader, type UsesReader } from './read-uses.ts';
import { stampOf, type Stamp, type Stamped } from './stamp.ts';
import { whyNot } from './why-not.ts';

export interface ContextRequest {
  /** Absolute. */
  readonly folder: string;
  /** Absolute; its own ignore file wins. `undefined` where the Dockerfile has no place. */
  readonly dockerfile: string | undefined;
  /** Which texts are read, and which folders come last and without texts. */
  readonly manifests: ContextRows;
  readonly limits?: Partial<ContextLimits>;
  /** Texts are left out: who has read them before knows them by the stamp; default no. */
  readonly isStampOnly?: boolean;
  /** The user named the folder; default no. */
  readonly isAsked?: boolean;
  /** Who reads folders above many contexts reads them once; default: one for this context. */
  readonly uses?: UsesReader;
  /** Those of a run, as it listed them; default: as they are now. */
  readonly folders?: Folders;
}

export type ContextRead =
  | {
      readonly kind: 'context';
      readonly context: BuildContext;
      /** The ignore file in force as it was read; missing where there is none. */
      readonly ignoreSeen?: Seen;
      readonly stamp: Stamp;
    }
  | { readonly kind: 'refused'; readonly why: string };

export function readContext(request: ContextRequest): ContextRead {
  const { folder, dockerfile, manifests, folders = foldersOnce() } = request;
  const limits = { ...CONTEXT_LIMITS, ...request.limits };
  const ignore = readIgnore(folder, dockerfile, folders);
  if (ignore.kind === 'refused') return ignore;
  let first: readonly Dirent[];
  try {
    first = folders.entries(folder);
  } catch (error) {
    return { kind: 'refused', why: `cannot be read: ${whyNot(error)}` };
  }
  const began = Date.now();
  const rules = parseIgnore(ignore.file?.text ?? '');
  const walk = new Walk(folder, rules, limits, {
    manifests,
    folders,
    hasTexts: request.isStampOnly !== true,
  });
  walk.all(first);
  const inside = dockerfile === undefined ? '..' : namedFrom(folder, dockerfile);
  const { entries, gaps, texts, unread } = walk;
  const around = (request.uses ?? usesReader(manifests, folders)).of(
    folder,
    request.isStampOnly === true,
  );
  const context = makeContext({
    entries,
    gaps,
    texts,
    unread,
    dockerfile: inside.startsWith('..') ? undefined : inside,
    ignore: ignore.file,
    uses: { ...around.uses, ...(request.isAsked === true && { isAsked: true }) },
  });
  const stamp = stampOf([...walk.stamped, ...around.stamped], Math.min(began, around.since));
  return { kind: 'context', context, stamp, ...(ignore.seen && { ignoreSeen: ignore.seen }) };
}

type IgnoreRead =
  | { readonly kind: 'ignore'; readonly file?: IgnoreFile; readonly seen?: Seen }
  | { readonly kind: 'refused'; readonly why: string };

/** The one beside the Dockerfile, else the one at the top of the context. */
function readIgnore(folder: string, dockerfile: string | undefined, folders: Folders): IgnoreRead {
  const own = dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`];
  for (const path of [...own, join(folder, '.dockerignore')]) {
    if (!mayBeThere(path, folders) || !leadsInside(path, folder)) continue;
    const name = namedFrom(folder, path);
    const read = readDockerfile(path);
    // Without it nothing can be said about what the builder is sent.
    if (read.kind === 'refused') return { kind: 'refused', why: `${name} ${read.why}` };
    return {
      kind: 'ignore',
      file: { path: name, text: read.text },
      ...(read.seen && { seen: read.seen }),
    };
  }
  return { kind: 'ignore' };
}

/** As its folder was listed; in whatever case, as not all file systems tell cases apart. */
export function mayBeThere(path: string, folders: Folders): boolean {
  return folders.mayHave(dirname(path), [basename(path).toLowerCase()]);
}

/** Whether there is something that the builder would read: it follows no link out of the context. */
function leadsInside(path: string, folder: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isSymbolicLink()) return stats !== undefined;
  try {
    return !namedFrom(realpathSync(folder), realpathSync(path)).startsWith('..');
  } catch {
    // It leads nowhere.
    return false;
  }
}

function namedFrom(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}

interface Folder {
  /** From the top of the context; empty there. */
  readonly path: string;
  readonly depth: number;
  readonly above: FolderMatch;
  /** Filled by a tool: listed after all others, and no text of it is read. */
  readonly isBulk: boolean;
}

interface Around {
  readonly manifests: ContextRequest['manifests'];
  readonly folders: Folders;
  readonly hasTexts: boolean;
}

/** One walk, level by level: what the limits cut off is what lies deepest. */
class Walk {
  readonly entries: ContextEntry[] = [];
  readonly gaps: Gap[] = [];
  readonly texts = new Map<string, string>();
  readonly unread = new Map<string, string>();
  /** Those whose texts are read, in that order. */
  readonly stamped: Stamped[] = [];
  private readonly top: string;
  private readonly rules: IgnoreRules;
  private readonly limits: ContextLimits;
  private readonly texted: TextRules;
  /** Source code, read behind everything else. */
  private readonly sources: Stamped[] = [];
  private readonly queue: Folder[] = [];
  private readonly later: Folder[] = [];
  private readonly spent = { texts: 0, sources: 0 };
  private readonly hasTexts: boolean;

  private readonly folders: Folders;

  constructor(
    top: string,
    rules: IgnoreRules,
    limits: ContextLimits,
    { manifests, folders, hasTexts }: Around,
  ) {
    this.hasTexts = hasTexts;
    this.folders = folders;
    this.top = top;
    this.rules = rules;
    this.limits = limits;
    this.texted = textRules(manifests);
  }

  all(first: readonly Dirent[]): void {
    this.take({ path: '', depth: 0, above: TOP, isBulk: false }, first);
    for (const queue of [this.queue, this.later]) {
      for (const folder of queue) this.list(folder);
    }
    for (const source of this.sources) this.keep(source, 'sources');
  }

  private list(folder: Folder): void {
    const { path, depth } = folder;
    if (this.entries.length >= this.limits.entries) {
      this.gap(path, `was not read: the build context has more than ${this.limits.entries} files`);
      return;
    }
    if (depth > this.limits.depth) {
      this.gap(path, `was not read: it lies more than ${this.limits.depth} folders deep`);
      return;
    }
    try {
      this.take(folder, this.folders.entries(this.placeOf(path)));
    } catch (error) {
      this.gap(path, `cannot be read: ${whyNot(error)}`);
    }
  }

  private gap(path: string, why: string): void {
    this.gaps.push({ path, why });
  }

  private take(folder: Folder, entries: readonly Dirent[]): void {
    const left = this.limits.entries - this.entries.length;
    if (entries.length > left) {
      this.gap(
        folder.path,
        `was not read whole: the build context has more than ${this.limits.entries} files`,
      );
    }
    // They are in order, so that the limits cut off the same on every file system.
    for (const entry of entries.slice(0, left)) this.takeOne(folder, entry);
  }

  /** On the disk. */
  private placeOf(path: string): string {
    return sep === '/' ? inFolder(this.top, path) : join(this.top, path);
  }

  private takeOne(folder: Folder, entry: Dirent): void {
    const { name } = entry;
    const path = folder.path === '' ? name : `${folder.path}/${name}`;
    if (entry.isDirectory()) this.takeFolder(folder, path, name);
    else if (entry.isFile()) this.takeFile(folder, path, name);
    else if (entry.isSymbolicLink()) this.takeLink(path);
    else this.gap(path, 'is no file, folder or link');
  }

  private takeFolder(folder: Folder, path: string, name: string): void {
    this.entries.push({ path, kind: 'folder', bytes: 0, isExecutable: false });
    const { isIgnored, below } = enterFolder(this.rules, path, folder.above);
    if (isIgnored && !entersIgnored(this.rules, path)) {
      this.gap(path, 'was not read: it is ignored');
      return;
    }
    const isBulk = folder.isBulk || this.texted.isBulk(name);
    const queue = isBulk ? this.later : this.queue;
    queue.push({ path, depth: folder.depth + 1, above: below, isBulk });
  }

  private takeFile(folder: Folder, path: string, name: string): void {
    const stats = lstatSync(this.placeOf(path), { throwIfNoEntry: false });
    if (!stats) {
      // Node shows bytes that are no UTF-8 as U+FFFD, and a file of that name there is not.
      if (name.includes('\ufffd')) this.gap(path, 'has a name that is not valid UTF-8');
      return;
    }
    const isExecutable = (stats.mode & EVERYBODY_EXECUTES) === EVERYBODY_EXECUTES;
    const mode = stats.mode & PERMISSIONS;
    const entry = { path, kind: 'file', bytes: stats.size, isExecutable } as const;
    this.entries.push(USUAL_MODES.has(mode) ? entry : { ...entry, mode });
    if (folder.isBulk) return;
    if (this.isWanted(folder, path, name)) this.keep({ path, stats }, 'texts');
    else if (this.isSource(folder, path, name, isExecutable)) this.sources.push({ path, stats });
  }

  private keep(file: Stamped, kind: 'texts' | 'sources'): void {
    const { path } = file;
    this.stamped.push(file);
    if (!this.hasTexts) return;
    const text = this.read(path, file.stats.size, kind);
    if (text.kind === 'text') this.texts.set(path, text.text);
    else this.unread.set(path, text.why);
  }

  private isWanted(folder: Folder, path: string, name: string): boolean {
    const { isAlwaysRead, isManifest } = this.texted;
    if (isAlwaysRead(name)) return true;
    return isManifest(name, path) && !isIgnoredIn(this.rules, path, folder.above);
  }

  private isSource(folder: Folder, path: string, name: string, isExecutable: boolean): boolean {
    // A program without an extension is a script, or too large to be read.
    const isNamed = (isExecutable && !name.includes('.')) || this.texted.isSource(name);
    return isNamed && !isIgnoredIn(this.rules, path, folder.above);
  }

  private takeLink(path: string): void {
    try {
      const target = readlinkSync(this.placeOf(path)).split(sep).join('/');
      this.entries.push({ path, kind: 'link', bytes: 0, isExecutable: false, target });
    } catch (error) {
      this.gap(path, `cannot be read: ${whyNot(error)}`);
    }
  }

  private read(path: string, bytes: number, kind: 'texts' | 'sources'): TextRead {
    const { textBytes, allTextBytes, sourceBytes, allSourceBytes } = this.limits;
    const [most, all] =
      kind === 'texts' ? [textBytes, allTextBytes] : [sourceBytes, allSourceBytes];
    if (bytes > most) return { kind: 'unread', why: `is larger than ${most} bytes` };
    if (this.spent[kind] + bytes > all) {
      return { kind: 'unread', why: `was not read: the texts before it have ${all} bytes` };
    }
    this.spent[kind] += bytes;
    return readText(this.placeOf(path), most);
  }
}

/** Only a file that all users may execute is executable for whoever runs in the image. */
const EVERYBODY_EXECUTES = 0o111;

const PERMISSIONS = 0o7777;

/** Git keeps who may execute; whether a group may write is the umask of whoever checked out. */
const USUAL_MODES = new Set([0o644, 0o664, 0o755, 0o775]);
