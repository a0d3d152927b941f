/** A build context of one's own, without touching the user's: linked where possible, else copied. */
import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ContextEntry } from '../analysis/context.ts';
import {
  enterFolder,
  entersIgnored,
  isIgnoredIn,
  TOP,
  type FolderMatch,
  type IgnoreRules,
} from '../analysis/dockerignore.ts';

/** Above these a copy takes longer than it tells; a context of that size is a mistake of its own. */
const MOST_FILES = 200_000;
const MOST_COPIED_BYTES = 2_000_000_000;

export type Copied =
  /** Without what the rules leave out. */
  | { readonly kind: 'copied'; readonly entries: readonly ContextEntry[] }
  /** Why there is no copy. */
  | { readonly kind: 'refused'; readonly why: string };

interface State {
  readonly rules: readonly IgnoreRules[];
  readonly entries: ContextEntry[];
  readonly signal: AbortSignal;
  copiedBytes: number;
  canLink: boolean;
}

/**
 * Modes stay, as the builder's cache goes by them. What is no file, folder or link is left out, as
 * the builder does.
 * @param to a folder that is not there yet
 * @param rules what all of these keep from the builder is left out; none: all is copied
 */
export async function copyContext(
  from: string,
  to: string,
  rules: readonly IgnoreRules[],
  signal: AbortSignal,
): Promise<Copied> {
  const state: State = { rules, entries: [], signal, copiedBytes: 0, canLink: true };
  try {
    const above = rules.map(() => TOP);
    await copyFolder(from, to, '', above, state);
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'refused', why: error instanceof Error ? error.message : String(error) };
  }
  return { kind: 'copied', entries: state.entries };
}

async function copyFolder(
  from: string,
  to: string,
  inside: string,
  above: readonly FolderMatch[],
  state: State,
): Promise<void> {
  const { rules, entries, signal } = state;
  // Else a Ctrl-C would wait for the last file.
  await setImmediate();
  signal.throwIfAborted();
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      const inner = rules.map((each, index) => enterFolder(each, path, above[index]!));
      const isLeftOut = inner.map(
        ({ isIgnored }, index) => isIgnored && !entersIgnored(rules[index]!, path),
      );
      if (isLeftOut.length > 0 && !isLeftOut.includes(false)) continue;
      const below = inner.map((each) => each.below);
      await copyFolder(source, target, path, below, state);
      continue;
    }
    const isSeen =
      // The builder reads its rules in any case.
      path === '.dockerignore' ||
      rules.length === 0 ||
      rules.some((each, index) => !isIgnoredIn(each, path, above[index]!));
    if (!isSeen) continue;
    if (entry.isSymbolicLink()) {
      const leadsTo = readlinkSync(source);
      symlinkSync(leadsTo, target);
      entries.push({ path, kind: 'link', bytes: 0, isExecutable: false, target: leadsTo });
    } else if (entry.isFile()) {
      entries.push(copyFile(source, target, path, state));
    }
  }
  chmodSync(to, lstatSync(from).mode & 0o7777);
}

function copyFile(source: string, target: string, path: string, state: State): ContextEntry {
  if (state.entries.length >= MOST_FILES) {
    throw new Error(`the build context has more than ${MOST_FILES} files`);
  }
  const { size, mode } = lstatSync(source);
  const entry = { path, kind: 'file', bytes: size, isExecutable: (mode & 1) !== 0 } as const;
  if (state.canLink) {
    try {
      linkSync(source, target);
      return entry;
    } catch {
      // Another file system, or one that knows no links, or somebody else's file.
      state.canLink = false;
    }
  }
  state.copiedBytes += size;
  if (state.copiedBytes > MOST_COPIED_BYTES) {
    throw new Error(`the build context has more than ${MOST_COPIED_BYTES / 1e9} GB`);
  }
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
  chmodSync(target, mode & 0o7777);
  return entry;
}

/**
 * A new file in the place of the old one: that one may be linked to the user's own.
 * @param text all of it; `undefined`: what it was
 * @param lines line ends that are appended
 */
export function changeCopy(
  folder: string,
  path: string,
  text: string | undefined,
  lines: number,
): void {
  const target = join(folder, path);
  const { mode } = lstatSync(target);
  const content = Buffer.concat([
    text === undefined ? readFileSync(target) : Buffer.from(text),
    Buffer.from('\n'.repeat(lines)),
  ]);
  rmSync(target);
  writeFileSync(target, content);
  chmodSync(target, mode & 0o7777);
}
