/** Comments on the fake: made, changed, deleted, and told of. */
import { tell } from './deeds.ts';
import { bodyText, Refusal } from './http.ts';
import { commentJson, issueJson, pullJson, reviewCommentJson } from './shapes.ts';
import {
  type App,
  type Comment,
  type Issue,
  type Repository,
  type ReviewComment,
  sameLogin,
  timeOf,
  type User,
  type World,
} from './world.ts';

export const tellOfComment = (
  world: World,
  repository: Repository,
  issue: Issue,
  comment: Comment,
  action: string,
  by: User,
): void =>
  tell(world, 'issue_comment', action, by, repository, () =>
    Promise.resolve({
      issue: issueJson(world, repository, issue),
      comment: commentJson(world, repository, issue, comment),
    }),
  );

export const newComment = (world: World, author: User, body: string, app?: App): Comment => {
  const at = timeOf(world);
  return {
    id: world.nextId(),
    author,
    ...(app ? { app } : {}),
    body,
    createdAt: at,
    updatedAt: at,
    reactions: [],
  };
};

/** @throws Refusal 422 for an empty or too long body, 403 where the conversation is locked */
export const addComment = (
  world: World,
  repository: Repository,
  issue: Issue,
  author: User,
  body: unknown,
  app?: App,
): Comment => {
  const text = bodyText(body);
  if (issue.isLocked && !sameLogin(repository.owner.login, author.login)) {
    throw new Refusal(403, 'Unable to create comment because issue is locked.');
  }
  const comment = newComment(world, author, text, app);
  issue.comments.set(comment.id, comment);
  repository.issueOfComment.set(comment.id, issue);
  tellOfComment(world, repository, issue, comment, 'created', author);
  return comment;
};

export const tellOfReviewComment = (
  world: World,
  comment: ReviewComment,
  action: string,
  by: User,
): void => {
  const { pull } = comment.thread;
  tell(world, 'pull_request_review_comment', action, by, pull.repository, async () => ({
    pull_request: pullJson(world, pull),
    comment: await reviewCommentJson(world, comment),
  }));
};

export const deleteReviewComment = (world: World, comment: ReviewComment, by: User): void => {
  const { thread } = comment;
  tellOfReviewComment(world, comment, 'deleted', by);
  thread.comments.splice(thread.comments.indexOf(comment), 1);
  thread.pull.reviewComments.delete(comment.id);
  thread.pull.repository.pullOfComment.delete(comment.id);
  if (thread.comments.length === 0) thread.pull.threads.delete(thread.id);
};
