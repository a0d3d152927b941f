/** COPYs of manifests alone, made from the COPY of the folder in which they lie. */
import { entriesOf, entryAt, isWithin, type BuildContext } from '../analysis/context.ts';
import { baseName, folderOf, pathInside } from '../analysis/go-paths.ts';
import { imagePath, type ImageFiles, type Supply } from '../analysis/image-files.ts';
import { resolveWord, stateBefore } from '../analysis/state.ts';
import { plainText } from '../analysis/values.ts';
import type { CopyInstruction, Dockerfile, Stage } from '../dockerfile/model.ts';
import { inPlaceOf } from '../dockerfile/parse.ts';
import type { Facts } from '../facts/types.ts';
import type { Installed } from './installs.ts';

/** Why something cannot be done: a sentence without a full stop. */
export interface Why {
  readonly why: string;
}

export function isWhy(value: object): value is Why {
  return 'why' in value;
}

export interface Manifests {
  /** By the COPY that they come from, in order. */
  readonly copies: ReadonlyMap<CopyInstruction, readonly CopyInstruction[]>;
  /** What they copy, by paths of the build context. */
  readonly paths: readonly string[];
  /** Folders of the image that they make. */
  readonly folders: readonly string[];
}

/** More lines than that a reader would not accept. */
const MOST_COPIES = 16;

/** Manifests are small; what is larger should not be in the image twice. */
const MOST_BYTES = 5_000_000;

/** All paths that the installs read: files, and folders with what is in them. */
export function readsIn({ files }: ImageFiles, { installs }: Installed): ReadonlySet<string> {
  const named = new Set(installs.flatMap((install) => install.reads));
  const paths = new Set(named);
  const folders = [...named].filter((path) => entryAt(files, path)?.kind === 'folder');
  for (const { path } of folders.length > 0 ? entriesOf(files) : []) {
    if (folders.some((folder) => isWithin(path, folder))) paths.add(path);
  }
  return paths;
}

interface Asked {
  readonly file: Dockerfile;
  readonly stage: Stage;
  readonly context: BuildContext;
  readonly facts: Facts;
}

/** Sources with one destination: a line. */
interface Group {
  readonly copy: CopyInstruction;
  /** Paths in the build context. */
  readonly sources: string[];
  /** In the image: a folder. */
  readonly folder: string;
  readonly isFolder: boolean;
}

export function manifestCopies(
  asked: Asked,
  image: ImageFiles,
  reads: ReadonlySet<string>,
  moved: readonly CopyInstruction[],
): Manifests | Why {
  const groups = groupsOf(image, reads, moved);
  if (isWhy(groups)) return groups;
  if (groups.length > MOST_COPIES) {
    return { why: `what the install reads lies in ${groups.length} folders` };
  }
  const bytes = [...reads]
    .filter((path) => moved.includes(image.supplies.get(path)?.copy as CopyInstruction))
    .reduce((sum, path) => sum + (entryAt(image.files, path)?.bytes ?? 0), 0);
  if (bytes > MOST_BYTES) {
    return {
      why: `what the install reads has ${Math.round(bytes / 1e6)} MB, and would be copied twice`,
    };
  }
  const copies = new Map<CopyInstruction, CopyInstruction[]>();
  for (const group of groups) {
    const made = written(asked, group);
    if (isWhy(made)) return made;
    const others = copies.get(group.copy) ?? [];
    copies.set(group.copy, [
      ...others,
      others.length > 0 ? { ...made, lead: lineLead(made) } : made,
    ]);
  }
  return {
    copies,
    paths: groups.flatMap((group) => group.sources),
    folders: groups.map((group) => group.folder),
  };
}

/** What of the reads the moved COPYs bring, by where it comes from and where it goes. */
function groupsOf(
  image: ImageFiles,
  reads: ReadonlySet<string>,
  moved: readonly CopyInstruction[],
): readonly Group[] | Why {
  const groups: Group[] = [];
  for (const path of reads) {
    const supply = image.supplies.get(path);
    // The paths in a folder that is read go with the folder.
    if (!supply || !moved.includes(supply.copy) || isInRead(path, reads)) continue;
    const isFolder = entryAt(image.files, path)?.kind === 'folder';
    const files = isFolder ? [...reads].filter((each) => isWithin(each, path)) : [path];
    if (files.every((each) => isBroughtBefore(image.supplies.get(each), moved))) continue;
    if (isFolder && isMixed(image, path, supply.copy)) {
      return { why: `several instructions copy to /${path}` };
    }
    if (baseName(supply.path) !== baseName(path))
      return { why: `/${path} has another name outside` };
    const folder = isFolder ? path : folderOf(path);
    const group = groups.find(
      (each) => !each.isFolder && !isFolder && each.copy === supply.copy && each.folder === folder,
    );
    if (group) group.sources.push(supply.path);
    else groups.push({ copy: supply.copy, sources: [supply.path], folder, isFolder });
  }
  return groups;
}

/** Whether a COPY that stays brings the same file to the same place. */
function isBroughtBefore(supply: Supply | undefined, moved: readonly CopyInstruction[]): boolean {
  for (let below = supply?.over; below; below = below.over) {
    if (moved.includes(below.copy)) continue;
    return below.path === supply!.path && flagsText(below.copy) === flagsText(supply!.copy);
  }
  return false;
}

/** The flags of a COPY, in one text that can be compared. */
export function flagsText({ flags }: CopyInstruction): string {
  return flags.map(({ name, value }) => `${name}=${value ?? ''}`).join(' ');
}

function isInRead(path: string, reads: ReadonlySet<string>): boolean {
  const folder = folderOf(path);
  return folder !== '' && (reads.has(folder) || isInRead(folder, reads));
}

function isMixed(image: ImageFiles, folder: string, copy: CopyInstruction): boolean {
  return [...image.supplies].some(
    ([path, supply]) => isWithin(path, folder) && supply.copy !== copy,
  );
}

/** Characters that mean something else than themselves in COPY. */
const SPECIAL = /["'\\$*?[\]<#]/;

function written(asked: Asked, { copy, sources, folder, isFolder }: Group): CopyInstruction | Why {
  const odd = copy.flags.find(({ name }) => !/^(chown|chmod|link)$/.test(name));
  if (odd) return { why: `line ${copy.origin[0]!.line} has --${odd.name}` };
  const state = stateBefore(asked.file, asked.stage, copy, asked.facts);
  const source = copy.sources[0]!.text;
  const top = pathInside(plainText(resolveWord(state, source, copy.escape).usual) ?? '');
  const target = imagePath(state, copy.destination!.text, copy.escape);
  const isBelow = sources.every((path) => isWithin(path, top)) && isWithin(folder, target);
  if (!isBelow) return { why: `${sources[0]!} is reached by a link` };
  const from = /^[./]*$/.test(source) ? '' : `${source.replace(/\/+$/, '')}/`;
  const named = sources.map((path) => from + (top === '' ? path : path.slice(top.length + 1)));
  const inside = target === '' ? folder : folder.slice(target.length + 1);
  const base = copy.destination!.text.replace(/(^|\/)\.\/?$/, '$1').replace(/([^/])$/, '$1/');
  const to = `${base === '' ? './' : base}${inside === '' ? '' : `${inside}/`}`;
  const rest = sources.map((path) => path.slice(top.length)).join('') + inside;
  if (SPECIAL.test(rest)) return { why: `a name in ${rest} has a special character` };
  const words = isFolder ? [named[0]!, to] : [...named, to];
  const flags = copy.flags.map(({ start, end }) => copy.text.slice(start, end));
  const keyword = copy.keyword === copy.keyword.toLowerCase() ? 'copy' : 'COPY';
  const isJson = copy.argsText.trimStart().startsWith('[') || words.some((word) => /\s/.test(word));
  const args = isJson ? [`[${words.map((word) => JSON.stringify(word)).join(', ')}]`] : words;
  const made = inPlaceOf(copy, [keyword, ...flags, ...args].join(' ')) as CopyInstruction;
  return { ...made, lead: blankLines(copy.lead) + lineLead(copy) };
}

/** The blank lines above an instruction; its comments stay with it. */
export function blankLines(lead: string): string {
  return /^(?:[ \t]*\r?\n)*/.exec(lead)![0];
}

/** The indentation alone. */
function lineLead({ lead }: CopyInstruction): string {
  return lead.slice(lead.lastIndexOf('\n') + 1);
}
