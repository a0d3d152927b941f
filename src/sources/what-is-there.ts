/** What lies at a path. What cannot be looked at is nothing here: reading it will say why. */
import { statSync, type Stats } from 'node:fs';

/** `undefined` too where a part of the path is no folder: Node 20 throws then, and later ones do not. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

export function isFolder(path: string): boolean {
  return statsOf(path)?.isDirectory() === true;
}

export function isFile(path: string): boolean {
  return statsOf(path)?.isFile() === true;
}
