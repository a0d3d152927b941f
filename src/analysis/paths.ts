/** Paths of which parts may be unknown: their names, joining and cleaning. */
import { pathInside } from './go-paths.ts';
import { plainText, textOf, type Gap, type Text } from './values.ts';

/** Where relative paths begin when no WORKDIR says so: one and the same place in a stage. */
export const WORKDIR_OF_BASE: Gap = { unknown: 'the WORKDIR of the base' };

/** The home folder of a user of whom nothing is known. */
export const HOME_FOLDER: Gap = { unknown: '~' };

/** What stands between two slashes; a gap in it may hold slashes of its own. */
type Segment = Text;

/** The names of a path in order; empty ones where slashes stand at an end or side by side. */
export function segmentsOf(path: Text): Segment[] {
  const segments: (string | Gap)[][] = [[]];
  for (const part of path) {
    if (typeof part !== 'string') {
      segments.at(-1)!.push(part);
      continue;
    }
    const [first, ...rest] = part.split('/');
    if (first !== '') segments.at(-1)!.push(first!);
    for (const each of rest) segments.push(each === '' ? [] : [each]);
  }
  return segments;
}

/**
 * A path against the folder that it is relative to; without `.`, `..` and double slashes. One that
 * begins with a gap is taken for what it will be once the gap is filled and resolved.
 */
export function resolvePath(folder: Text, path: Text): Text {
  const first = path[0];
  const isRelative = typeof first === 'string' && !first.startsWith('/');
  return cleanPath(isRelative ? textOf(folder, '/', path) : path.length === 0 ? folder : path);
}

/** The path without `.`, `..`, double slashes and a slash at the end. */
export function cleanPath(path: Text): Text {
  const only = path[0];
  // Most paths are known as a whole, and most of these are clean.
  if (path.length === 1 && typeof only === 'string') {
    const inside = pathInside(only.startsWith('/') ? only.slice(1) : only);
    return only.length === inside.length + 1 && only.startsWith('/') ? path : [`/${inside}`];
  }
  const kept: Segment[] = [];
  for (const segment of segmentsOf(path)) {
    const name = plainText(segment);
    if (name === '' || name === '.') continue;
    if (name !== '..') {
      kept.push(segment);
      continue;
    }
    // What `..` leaves of a gap, nobody knows.
    const last = kept.at(-1);
    if (last && plainText(last) === undefined) return [{ unknown: show(path) }];
    kept.pop();
  }
  const [start] = path;
  const joined = kept.flatMap((segment, index): Text =>
    index === 0 ? segment : ['/', ...segment],
  );
  return textOf(typeof start === 'string' || kept.length === 0 ? '/' : '', joined);
}

function show(path: Text): string {
  return path.map((part) => (typeof part === 'string' ? part : part.unknown)).join('');
}
