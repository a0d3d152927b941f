/** Folders as a browser hands them over: chosen in a dialogue, or dropped on the page. */
import type { Gap } from '../../analysis/context.ts';
import { CONTEXT_LIMITS } from '../../analysis/context-texts.ts';
import type { ListedFile, Listing } from './dropped.ts';

export interface Folder extends Listing {
  readonly name: string;
}

/** Never listed: what no builder needs, and what takes longest. */
const SKIPPED = new Set(['.git']);

/** @returns `undefined` where nothing was chosen. */
export function chosenFolder(list: FileList): Folder | undefined {
  const all = [...list];
  const [first] = all;
  if (!first) return undefined;
  const name = first.webkitRelativePath.split('/')[0] ?? '';
  const files = all
    .slice(0, CONTEXT_LIMITS.entries + 1)
    .map((file) => listed(file, file.webkitRelativePath.slice(name.length + 1)))
    .filter(({ path }) => !SKIPPED.has(path.split('/')[0]!));
  return { name, files, ...skippedGaps(all.map((file) => file.webkitRelativePath.split('/')[1])) };
}

function skippedGaps(tops: readonly (string | undefined)[]): Pick<Listing, 'gaps'> {
  const gaps = [...SKIPPED].filter((name) => tops.includes(name)).map(skippedGap);
  return gaps.length === 0 ? {} : { gaps };
}

function skippedGap(path: string): Gap {
  return { path, why: 'was not read' };
}

function listed(file: File, path: string): ListedFile {
  return { path, size: file.size, bytes: () => file.arrayBuffer() };
}

/** @returns `undefined` where what was dropped is no folder. */
export async function droppedFolder(transfer: DataTransfer): Promise<Folder | undefined> {
  // Asked for at once: after the event they are gone.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const top = entries.find((entry) => entry?.isDirectory);
  if (!top) return undefined;
  const files: ListedFile[] = [];
  const gaps: Gap[] = [];
  const queue = [top as FileSystemDirectoryEntry];
  for (let folder = queue.shift(); folder; folder = queue.shift()) {
    if (files.length > CONTEXT_LIMITS.entries) break;
    const inside = (name: string): string =>
      `${folder.fullPath}/${name}`.slice(top.fullPath.length + 1);
    try {
      for (const entry of await entriesOf(folder)) {
        if (entry.isDirectory && SKIPPED.has(inside(entry.name))) {
          gaps.push(skippedGap(inside(entry.name)));
        } else if (entry.isDirectory) queue.push(entry as FileSystemDirectoryEntry);
        else files.push(listed(await fileOf(entry as FileSystemFileEntry), inside(entry.name)));
      }
    } catch {
      gaps.push({ path: inside('').replace(/\/$/, ''), why: 'cannot be read' });
    }
  }
  return { name: top.name, files, gaps };
}

/** A reader hands out a hundred at a time. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
