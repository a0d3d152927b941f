/**
 * One pull request looked at: its Dockerfiles at the head, the configuration of the base, what was said
 * before. What comes out is a plan; nothing is changed here.
 */
import { settingsIn } from './base-configuration.ts';
import type { Bot } from './bot.ts';
import { withCommands } from './commands.ts';
import { saidOn, writersOf } from './conversation.ts';
import { dockerfileAt, isWanted } from './dockerfiles.ts';
import type { GitHub, PullFile as ListedFile, PullRequest, RepositoryName } from './github.ts';
import { reviewOf, type PullFile, type Review } from './review.ts';
import { BUDGET, snapshotOf } from './snapshot.ts';

export interface Looked {
  readonly pull: PullRequest;
  readonly review: Review;
}

/** More than so many in one pull request are not looked at. */
const MOST_DOCKERFILES = 50;

/** @returns `undefined` where there is nothing to look at, and nothing of the bot's own to take back */
export async function lookAtPull(
  github: GitHub,
  of: RepositoryName,
  pull: PullRequest,
  bot: Bot,
): Promise<Looked | undefined> {
  const listed = await github.pullFiles(of, pull.number);
  const wanted = listed.filter(({ path, status }) => status !== 'removed' && isWanted(path, bot));
  if (wanted.length > MOST_DOCKERFILES) {
    bot.tell(`${wanted.length} Dockerfiles: the first ${MOST_DOCKERFILES} are looked at`);
  }
  const said = await saidOn(github, of, pull.number, writersOf(github, of));
  const hasOwn = [...said.comments, ...said.lineComments, ...said.reviews].some(
    ({ isOwn }) => isOwn,
  );
  if (wanted.length === 0 && !hasOwn && !bot.settings.hasCheck) return undefined;
  const files = await filesOf(wanted.slice(0, MOST_DOCKERFILES), github, of, pull, bot);
  const { comments, failOn, version, sign } = bot.settings;
  const review = reviewOf({
    head: pull.head.sha,
    files: files.map((file) => ({ ...file, options: withCommands(file.options, said.state) })),
    conversation: said,
    facts: bot.facts,
    settings: { comments, failOn, version, ...(sign && { sign }) },
  });
  return { pull, review };
}

async function filesOf(
  wanted: readonly ListedFile[],
  github: GitHub,
  of: RepositoryName,
  { head, base }: PullRequest,
  bot: Bot,
): Promise<readonly PullFile[]> {
  if (wanted.length === 0) return [];
  const budget = { ...BUDGET };
  // Nobody may say in a pull request how it is to be looked at.
  const ofBase = settingsIn(snapshotOf(github, of, base.sha, budget), bot);
  const snapshot = snapshotOf(github, of, head.sha, budget);
  const files: PullFile[] = [];
  for (const { path, patch } of wanted) {
    // One after the other, so that the budget goes to the same files each time.
    // oxlint-disable-next-line no-await-in-loop
    const found = await dockerfileAt(path, snapshot, await ofBase(path), bot);
    if (!found) continue;
    const { text, failure, options, contextFolder, diagnostics, facts: own } = found;
    files.push({
      path,
      patch,
      text,
      options,
      contextFolder,
      facts: own,
      diagnostics,
      ...(failure !== undefined && { failure }),
    });
  }
  return files;
}
