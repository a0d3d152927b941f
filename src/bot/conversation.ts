/** What was said on a pull request, and which of it the bot said itself; read anew each time. */
import type { GitHub, RepositoryName, ReviewThread } from './github.ts';
import { GitHubFailure } from './github.ts';
import { commandIn, stateOf, type CommandState } from './commands.ts';
import type { Conversation } from './review-types.ts';

export interface Said extends Conversation {
  /** What people with write access asked for by comments. */
  readonly state: CommandState;
}

/** Of people who write commands, so many are looked up; others are not heard. */
const MOST_PEOPLE = 30;

/** Asks whether people may write to the repository; each person once. */
export function writersOf(github: GitHub, of: RepositoryName): (login: string) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  return (login) => {
    const before = known.get(login);
    if (before) return before;
    if (known.size >= MOST_PEOPLE) return Promise.resolve('none');
    const asked = github.permissionOf(of, login);
    known.set(login, asked);
    return asked;
  };
}

export async function saidOn(
  github: GitHub,
  of: RepositoryName,
  number: number,
  permissionOf: (login: string) => Promise<string>,
): Promise<Said> {
  const self = await github.self();
  const [comments, lineComments, reviews] = await Promise.all([
    github.comments(of, number),
    github.reviewComments(of, number),
    github.reviews(of, number),
  ]);
  const isOwn = ({ author }: { readonly author: string }): boolean => author === self;
  const threads = lineComments.some(isOwn) ? await threadsOf(github, of, number) : [];
  const byComment = new Map(threads.map((thread) => [thread.comment, thread]));
  const commanding: { body: string; permission: string }[] = [];
  for (const comment of comments) {
    if (isOwn(comment) || !commandIn(comment.body)) continue;
    // In order, so that the same people are heard each time.
    // oxlint-disable-next-line no-await-in-loop
    const permission = await permissionOf(comment.author);
    commanding.push({ body: comment.body, permission });
  }
  return {
    state: stateOf(commanding),
    comments: comments.map(({ id, body, author }) => ({ id, body, isOwn: author === self })),
    reviews: reviews.map(({ id, body, author }) => ({ id, body, isOwn: author === self })),
    lineComments: lineComments.map((each) => {
      const thread = byComment.get(each.inReplyTo ?? each.id);
      return {
        id: each.id,
        isOwn: isOwn(each),
        body: each.body,
        path: each.path,
        line: each.line ?? null,
        startLine: each.startLine ?? null,
        ...(each.inReplyTo !== undefined && { inReplyTo: each.inReplyTo }),
        ...(thread?.comment === each.id && { isMinimized: thread.isMinimized }),
        ...(thread && { thread: { id: thread.id, isResolved: thread.isResolved } }),
      };
    }),
  };
}

/** Without them nothing is resolved, and all else goes on. */
async function threadsOf(
  github: GitHub,
  of: RepositoryName,
  number: number,
): Promise<readonly ReviewThread[]> {
  try {
    return await github.reviewThreads(of, number);
  } catch (error) {
    const kind = error instanceof GitHubFailure ? error.kind : undefined;
    if (kind === 'forbidden' || kind === 'missing') return [];
    throw error;
  }
}
