/** What a COPY behind an install would lay over what the install wrote, and how to keep it out. */
import { gapsOf, isSent, isWithin, type BuildContext } from '../analysis/context.ts';
import { copiedBy, readsOf } from '../analysis/copied.ts';
import { withPatterns } from '../analysis/dockerignore.ts';
import type { ImageFiles } from '../analysis/image-files.ts';
import { instructionsOf, type CopyInstruction, type Dockerfile } from '../dockerfile/model.ts';
import type { Installed } from './installs.ts';
import type { Why } from './manifest-copies.ts';

export interface Overlaid {
  /** Patterns to add to the .dockerignore in force. */
  readonly patterns: readonly string[];
  /** Its text with them; `undefined` where nothing is in the way. */
  readonly text: string | undefined;
  /** Files that would be in the way in another build context, by their paths there. */
  readonly open: readonly string[];
}

interface Asked {
  readonly file: Dockerfile;
  readonly context: BuildContext;
}

/**
 * @param keepsOut what keeps a file out of the build context that is not there, and that an install writes;
 *   `undefined` for one that other machines may need to send
 */
export function overlaid(
  { file, context }: Asked,
  image: ImageFiles,
  { installs }: { readonly installs: readonly Pick<Installed['installs'][number], 'writes'>[] },
  moved: readonly CopyInstruction[],
  reads: ReadonlySet<string>,
  keepsOut: (path: string) => string | undefined = () => undefined,
): Overlaid | Why {
  const writes = [...new Set(installs.flatMap((install) => install.writes))];
  const patterns: string[] = [];
  const open: string[] = [];
  for (const write of writes) {
    const gap = gapsOf(image.files).find(
      ({ path }) => isWithin(path, write) || isWithin(write, path),
    );
    if (gap) return { why: `/${gap.path} ${gap.why}, and the install writes ${write}` };
    const inTheWay = [...image.supplies].find(
      ([path, { copy }]) => isWithin(path, write) && moved.includes(copy) && !reads.has(path),
    );
    const outside = inTheWay
      ? outer(inTheWay[1].path, inTheWay[0], write)
      : outerFolder(image, moved, write);
    if (inTheWay && outside === undefined) return { why: `/${inTheWay[0]} is in the way` };
    if (inTheWay) patterns.push(outside!);
    else if (outside !== undefined && isSent(context, outside)) {
      // Another machine that builds from the same sources may well have the folder.
      const pattern = isFolderName(outside) ? outside : keepsOut(outside);
      if (pattern === undefined) open.push(outside);
      else if (!patterns.includes(pattern)) patterns.push(pattern);
    }
  }
  for (const pattern of patterns) {
    if (/[*?[\]\\!#\s]/.test(pattern)) return { why: `${pattern} is in the way` };
    const needed = instructionsOf(file).find(
      (each) => !moved.some((copy) => isSamePlace(copy, each)) && takes(context, each, pattern),
    );
    if (needed) {
      const line = needed.origin[0]!.line;
      return { why: `${pattern} in the build context is in the way, and line ${line} copies it` };
    }
  }
  const text =
    patterns.length === 0 ? undefined : withPatterns(context.ignore?.text ?? '', patterns);
  return { patterns, text, open };
}

/** What tools write is a folder, hidden or not, or a file with an ending; settings are files of people. */
function isFolderName(path: string): boolean {
  return /^(?!\.env$|\.\w*(rc|config)$)\.?[^.]+$/.test(path.slice(path.lastIndexOf('/') + 1));
}

function isSamePlace(
  copy: CopyInstruction,
  other: { readonly origin: CopyInstruction['origin'] },
): boolean {
  return copy.origin[0] === other.origin[0];
}

/** The path in the build context that lands at `write`, seen from one below it. */
function outer(path: string, place: string, write: string): string | undefined {
  const below = place.slice(write.length);
  if (`/${path}` === below) return '';
  if (!path.endsWith(below)) return undefined;
  return path.slice(0, path.length - below.length).replace(/\/$/, '');
}

/** Where something in the build context would have to lie to land at `write`. */
function outerFolder(
  image: ImageFiles,
  moved: readonly CopyInstruction[],
  write: string,
): string | undefined {
  for (let folder = parent(write); folder !== undefined; folder = parent(folder)) {
    for (const [place, { path, copy }] of image.supplies) {
      if (!place.startsWith(folder) || parent(place) !== folder || !moved.includes(copy)) continue;
      const top = outer(path, place, folder);
      if (top === undefined) return undefined;
      const below = folder === '' ? write : write.slice(folder.length + 1);
      return top === '' ? below : `${top}/${below}`;
    }
  }
  return undefined;
}

function parent(path: string): string | undefined {
  if (path === '') return undefined;
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Whether an instruction takes something at or below a path out of the build context. */
function takes(
  context: BuildContext,
  instruction: Parameters<typeof readsOf>[0],
  path: string,
): boolean {
  const reads = readsOf(instruction);
  return (reads?.sources ?? []).some((source) => {
    if (source.includes('$')) return true;
    return copiedBy(context, source, reads).entries.some(({ entry }) => isWithin(entry.path, path));
  });
}
