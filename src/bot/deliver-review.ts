/**
 * The plan of a review, done. It may be done twice, or from the middle on: all that creates something is
 * planned after what is there was listed, comments on lines come in one review, which GitHub takes whole
 * or not at all, and the check is concluded last, so that a check that is done means that all is said.
 */
import { shortHash } from '../report/formats/sha256.ts';
import { CHECK_NAME } from './bot.ts';
import { GitHubFailure, type GitHub, type PullRequest, type RepositoryName } from './github.ts';
import type { CheckRun, Operation, Review } from './review-types.ts';

/** `superseded`: the head is another one by now, for which GitHub sends a delivery of its own. */
export type Delivered = 'done' | 'superseded';

export async function deliverReview(
  github: GitHub,
  of: RepositoryName,
  pull: PullRequest,
  review: Review,
  hasCheck: boolean,
): Promise<Delivered> {
  for (const operation of review.operations) {
    // In the order of the plan.
    // oxlint-disable-next-line no-await-in-loop
    const delivered = await perform(operation, github, of, pull);
    if (delivered === 'superseded') return delivered;
  }
  if (hasCheck) await concludeCheck(github, of, pull.head.sha, review.check);
  return 'done';
}

async function perform(
  operation: Operation,
  github: GitHub,
  of: RepositoryName,
  pull: PullRequest,
): Promise<Delivered> {
  const { number } = pull;
  switch (operation.kind) {
    case 'create comment':
      await github.createComment(of, number, operation.body);
      return 'done';
    case 'update comment':
      await github.updateComment(of, operation.id, operation.body);
      return 'done';
    case 'update line comment':
      await github.updateReviewComment(of, operation.id, operation.body);
      return 'done';
    case 'resolve thread':
      await resolved(github.resolveThread(operation.thread));
      return 'done';
    case 'post review':
      return postReview(operation, github, of, number);
  }
}

async function postReview(
  { commit, body, comments }: Extract<Operation, { kind: 'post review' }>,
  github: GitHub,
  of: RepositoryName,
  number: number,
): Promise<Delivered> {
  if (!(await isHead(commit, github, of, number))) return 'superseded';
  try {
    await github.createReview(of, number, { commit, body, comments });
    return 'done';
  } catch (error) {
    // Somebody pushed in between, by force even: then these lines are nobody's any more.
    const isRefused = error instanceof GitHubFailure && error.kind === 'refused';
    if (isRefused && !(await isHead(commit, github, of, number))) return 'superseded';
    throw error;
  }
}

async function isHead(
  commit: string,
  github: GitHub,
  of: RepositoryName,
  number: number,
): Promise<boolean> {
  const { state, head } = await github.pull(of, number);
  return state === 'open' && head.sha === commit;
}

/** A thread that stays open is no harm: who may not resolve it has said in its comment that it is over. */
async function resolved(resolving: Promise<void>): Promise<void> {
  try {
    await resolving;
  } catch (error) {
    const kind = error instanceof GitHubFailure ? error.kind : 'broken';
    if (kind !== 'forbidden' && kind !== 'missing' && kind !== 'refused') throw error;
  }
}

/** The same is concluded once; a run that was begun, and whose end was lost, is ended. */
async function concludeCheck(
  github: GitHub,
  of: RepositoryName,
  sha: string,
  { conclusion, title, summary, annotations }: CheckRun,
): Promise<void> {
  const all = annotations.flat();
  const externalId = `dfopt-${shortHash(JSON.stringify([conclusion, title, summary, all]))}`;
  const runs = await github.checkRuns(of, sha, CHECK_NAME);
  const [newest] = runs;
  if (newest?.externalId === externalId && newest.status === 'completed') return;
  const begun = runs.find((run) => run.externalId === externalId && run.status !== 'completed');
  const run = begun ?? (await github.createCheckRun(of, { name: CHECK_NAME, sha, externalId }));
  await github.concludeCheckRun(of, run, conclusion, { title, summary, annotations: all });
}
