/** Pull requests of the fake: their diffs, and where comments may stand and stand now. */
import type { FileDiff } from './diffs.ts';
import { hunksOf, hunkWith, lineAfter } from './hunks.ts';
import { mergeBase } from './objects.ts';
import type { Place, Pull, ReviewComment, World } from './world.ts';

/** The files of a pull request at one of its commits: from the merge base, as `git diff base...head`. */
export const pullDiff = async (
  world: World,
  pull: Pull,
  head: string,
): Promise<readonly FileDiff[]> => {
  const base = mergeBase(world.objects, pull.baseSha, head) ?? pull.baseSha;
  return await world.differ.between(
    world.objects.commit(base)!.tree,
    world.objects.commit(head)!.tree,
  );
};

/** The files as they are listed: some patches are too large to be shown. */
export const listedFiles = async (
  world: World,
  pull: Pull,
  head: string,
): Promise<readonly FileDiff[]> => {
  const { patchLines, patchBytes, pullFiles } = world.limits;
  const files = await pullDiff(world, pull, head);
  return files.slice(0, pullFiles).map((file) => {
    if (file.patch === undefined) return file;
    const isLarge =
      file.additions + file.deletions > patchLines || Buffer.byteLength(file.patch) > patchBytes;
    if (!isLarge) return file;
    const { patch: _, ...rest } = file;
    return rest;
  });
};

const findPlace = async (world: World, comment: ReviewComment): Promise<Place | undefined> => {
  const { pull } = comment.thread;
  const { originalLine, originalStartLine } = comment;
  const original: Place =
    originalStartLine === undefined
      ? { line: originalLine }
      : { line: originalLine, startLine: originalStartLine };
  if (comment.originalCommit === pull.headSha) return original;
  // The left side is the base's: it stays as long as the file is changed there at all.
  const file = (await pullDiff(world, pull, pull.headSha)).find(
    ({ path }) => path === comment.path,
  );
  if (!file?.patch) return undefined;
  const hunks = hunksOf(file.patch);
  if (comment.side === 'LEFT') {
    return hunkWith(hunks, originalLine, 'LEFT') < 0 ? undefined : original;
  }
  const before = world.objects.commit(comment.originalCommit)!.tree;
  const after = world.objects.commit(pull.headSha)!.tree;
  const change = (await world.differ.between(before, after)).find(
    ({ path }) => path === comment.path,
  );
  if (change && (change.status !== 'modified' || change.patch === undefined)) return undefined;
  const moved = change?.patch === undefined ? [] : hunksOf(change.patch);
  const lines: number[] = [];
  for (let line = originalStartLine ?? originalLine; line <= originalLine; line++) {
    const now = lineAfter(moved, line);
    if (now === undefined) return undefined;
    if (hunkWith(hunks, now, 'RIGHT') < 0) return undefined;
    lines.push(now);
  }
  const last = lines.at(-1)!;
  // A line that was put between them changes what the comment speaks about.
  if (last - lines[0]! !== lines.length - 1) return undefined;
  return originalStartLine === undefined ? { line: last } : { line: last, startLine: lines[0]! };
};

/** Where a comment stands on the head as it is now; `undefined`: it is outdated. */
export const placeNow = async (
  world: World,
  comment: ReviewComment,
): Promise<Place | undefined> => {
  const key = `${comment.thread.pull.headSha} ${comment.thread.pull.baseSha}`;
  if (!comment.places.has(key)) comment.places.set(key, await findPlace(world, comment));
  return comment.places.get(key);
};
