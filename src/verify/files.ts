/** Which files only one of two images has, by folder. */
import type { FileGroup } from '../report/verify.ts';

/** Path without a leading slash, to bytes. */
export type Files = ReadonlyMap<string, number>;

/** Largest first; folders with equally much by name. */
export function onlyIn(here: Files, there: Files): FileGroup[] {
  const groups = new Map<string, { files: number; bytes: number }>();
  for (const [path, bytes] of here) {
    if (there.has(path)) continue;
    const folder = folderOf(path);
    const group = groups.get(folder) ?? { files: 0, bytes: 0 };
    groups.set(folder, { files: group.files + 1, bytes: group.bytes + bytes });
  }
  return [...groups]
    .map(([folder, group]) => ({ folder, ...group }))
    .toSorted((a, b) => b.bytes - a.bytes || (a.folder < b.folder ? -1 : 1));
}

/** The two upper levels: `usr/share/doc/x` lies in `/usr/share`. */
function folderOf(path: string): string {
  return `/${path.split('/').slice(0, -1).slice(0, 2).join('/')}`;
}
