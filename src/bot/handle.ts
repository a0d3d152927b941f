/**
 * From a delivery to what is done on GitHub, for the App and the Action alike. Everything bears to be
 * done again: what is there is listed before anything is made.
 */
import type { Bot } from './bot.ts';
import { commandIn, hasWriteAccess } from './commands.ts';
import { deliverReview } from './deliver-review.ts';
import { Parked, RetryLater, type Delivery, type Handle } from './delivery.ts';
import { GitHubFailure, type GitHub, type RepositoryName } from './github.ts';
import { OWN_BRANCH } from './propose.ts';
import { proposeIn } from './propose-in.ts';
import { lookAtPull } from './review-pull.ts';
import { taskOf, type Task } from './task.ts';

export interface HandlerOptions {
  readonly bot: Bot;
  /** With the token of the installation that the delivery is for. */
  readonly clientFor: (delivery: Delivery, signal: AbortSignal) => GitHub;
}

export function handlerOf({ bot, clientFor }: HandlerOptions): Handle {
  return async (delivery, signal) => {
    const task = taskOf(delivery);
    if (!task || (task.kind === 'propose' && !bot.settings.propose)) return;
    // Most comments are none of the bot's business, and cost no request.
    if (task.kind === 'command' && !commandIn(task.comment.body)) return;
    try {
      await perform(task, clientFor(delivery, signal), bot);
    } catch (error) {
      throw verdict(error);
    }
  };
}

async function perform(task: Task, github: GitHub, bot: Bot): Promise<void> {
  switch (task.kind) {
    case 'review':
      return review(task.of, task.number, github, bot);
    case 'propose':
      await proposeIn(github, task.of, bot);
      return;
    case 'command':
      return obey(task, github, bot);
  }
}

async function review(of: RepositoryName, number: number, github: GitHub, bot: Bot): Promise<void> {
  // As it is now: the delivery may be old.
  const pull = await github.pull(of, number);
  if (pull.state !== 'open' || (pull.isDraft && !bot.settings.hasDrafts)) return;
  const looked = await lookAtPull(github, of, pull, bot);
  if (!looked) return;
  const delivered = await deliverReview(github, of, pull, looked.review, bot.settings.hasCheck);
  if (delivered === 'superseded') bot.tell(`#${number}: the head moved on`);
}

async function obey(
  { of, number, comment }: Extract<Task, { kind: 'command' }>,
  github: GitHub,
  bot: Bot,
): Promise<void> {
  if (comment.author === (await github.self())) return;
  const permission = await github.permissionOf(of, comment.author);
  if (!hasWriteAccess(permission)) {
    // No answer: whoever may not write here shall not have the bot write either.
    bot.tell(`#${number}: a command of somebody without write access`);
    return;
  }
  const parsed = commandIn(comment.body);
  if (!parsed) return;
  if (parsed.kind === 'problem') {
    await answer(parsed.why, comment.id, github, of, number);
    await github.react(of, comment.id, 'confused');
    return;
  }
  const pull = await github.pull(of, number);
  if (pull.state !== 'open') return;
  const isOwn =
    pull.author === (await github.self()) &&
    pull.head.ref.startsWith(OWN_BRANCH) &&
    pull.head.repository === `${of.owner}/${of.name}`;
  if (isOwn && bot.settings.propose) {
    const isRebase = parsed.command.kind === 'rebase';
    await proposeIn(github, of, bot, { only: number, isRebase });
  } else await review(of, number, github, bot);
  await github.react(of, comment.id, '+1');
}

/** Once for each comment. */
async function answer(
  text: string,
  comment: number,
  github: GitHub,
  of: RepositoryName,
  number: number,
): Promise<void> {
  const end = `\n\n<!-- dfopt-answer ${comment} -->`;
  const self = await github.self();
  const before = await github.comments(of, number);
  if (before.some(({ author, body }) => author === self && body.endsWith(end))) return;
  await github.createComment(of, number, `${text}${end}`);
}

/** What the queue is to do about it. */
function verdict(error: unknown): unknown {
  if (!(error instanceof GitHubFailure)) return error;
  switch (error.kind) {
    case 'limited':
      return new RetryLater(error.retryAfter ?? 60_000, error.message);
    case 'missing':
      return new Parked(`gone, or not to be seen by this installation: ${error.message}`);
    case 'forbidden':
      return new Parked(`this installation may not do that: ${error.message}`);
    case 'refused':
      return new Parked(`GitHub refused it: ${error.message}`);
    // It is tried again, later each time.
    case 'broken':
      return error;
  }
}
