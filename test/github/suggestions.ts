/** Suggestions in review comments, applied as the buttons on GitHub apply them. */
import { setRef, signatureOf } from './deeds.ts';
import { changed, type FileChange } from './objects.ts';
import { placeNow } from './pulls.ts';
import type { Place, Pull, ReviewComment, User, World } from './world.ts';

/** The lines of the first suggestion in a comment; `undefined` where it has none. */
export const suggestionOf = (body: string): readonly string[] | undefined => {
  const lines = body.split('\n');
  const opening = /^ {0,3}(`{3,}|~{3,})\s*([\w-]*)/;
  for (let at = 0; at < lines.length; at++) {
    const [, fence, language] = opening.exec(lines[at]!) ?? [];
    if (fence === undefined) continue;
    const sign = fence.charAt(0);
    const closing = new RegExp(`^ {0,3}\\${sign}{${fence.length},}\\s*$`);
    let end = at + 1;
    while (end < lines.length && !closing.test(lines[end]!)) end++;
    if (language === 'suggestion') return lines.slice(at + 1, end);
    at = end;
  }
  return undefined;
};

interface Wanted {
  readonly comment: ReviewComment;
  readonly place: Place;
  readonly lines: readonly string[];
}

/**
 * Applies suggestions in one commit on the head's branch, as "Commit suggestions" does with a batch:
 * the anchored lines become the suggestion's, word for word, and the threads are resolved.
 * @param only ids of comments; missing: all that are neither resolved nor outdated
 * @returns the new head; the old one where nothing was to apply
 * @throws Error where two of them overlap, or one of `only` cannot be applied
 */
export const acceptSuggestions = async (
  world: World,
  pull: Pull,
  by: User,
  only?: readonly number[],
): Promise<string> => {
  const wanted: Wanted[] = [];
  for (const comment of pull.reviewComments.values()) {
    const isAsked = only?.includes(comment.id) ?? true;
    const lines = suggestionOf(comment.body);
    const place = lines && (await placeNow(world, comment));
    const isOpen = comment.thread.resolvedBy === undefined && comment.review.state !== 'PENDING';
    if (!isAsked || (!only && !(lines && place && isOpen))) continue;
    if (!lines || !place || comment.side === 'LEFT') {
      throw new Error(`The suggestion of comment ${comment.id} cannot be applied`);
    }
    wanted.push({ comment, place, lines });
  }
  if (wanted.length === 0) return pull.headSha;
  const { objects } = world;
  const head = objects.commit(pull.headSha)!;
  const files = objects.files(head.tree);
  const changes: Record<string, FileChange> = {};
  for (const path of new Set(wanted.map(({ comment }) => comment.path))) {
    // Bytes stay bytes, also where a file is no UTF-8.
    const text = objects.blob(files.get(path)!.sha)!.toString('latin1');
    const lines = text.split('\n');
    const here = wanted
      .filter(({ comment }) => comment.path === path)
      .sort((a, b) => b.place.line - a.place.line);
    let limit = Infinity;
    for (const { comment, place, lines: own } of here) {
      const first = place.startLine ?? place.line;
      if (place.line >= limit) {
        throw new Error(`The suggestion of comment ${comment.id} overlaps another one`);
      }
      limit = first;
      const bytes = own.map((line) => Buffer.from(line).toString('latin1'));
      lines.splice(first - 1, place.line - first + 1, ...bytes);
    }
    changes[path] = Buffer.from(lines.join('\n'), 'latin1');
  }
  const who = signatureOf(world, by);
  const helpers = [...new Set(wanted.map(({ comment }) => comment.author.login))];
  const sha = objects.writeCommit({
    tree: objects.treeOf(changed(objects, files, changes)),
    parents: [head.sha],
    author: who,
    committer: who,
    message: `Apply suggestions from code review\n\n${helpers.map((login) => `Co-authored-by: ${login} <${login}@users.noreply.github.com>`).join('\n')}\n`,
  });
  for (const { comment } of wanted) comment.thread.resolvedBy = by;
  await setRef(world, pull.headRepository, `refs/heads/${pull.headRef}`, sha, by);
  return sha;
};
