/**
 * The Action: one event of a workflow, worked off with the token of its run. It reads everything through
 * the API, checks nothing out and runs nothing, so that it does not matter whose code the event is about.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import manifest from '../../package.json' with { type: 'json' };
import { passes } from '../../passes/index.ts';
import { loadFacts } from '../facts/load.ts';
import { markdownCode, markdownText } from '../report/formats/markdown-text.ts';
import type { Bot } from './bot.ts';
import { deliverReview } from './deliver-review.ts';
import { deliveryOf, Parked, RetryLater } from './delivery.ts';
import { GitHubFailure, type GitHub, type PullRequest, type RepositoryName } from './github.ts';
import { claimOf, handOverText, MOST_HAND_OVER_BYTES, readHandOver } from './hand-over.ts';
import { handlerOf } from './handle.ts';
import { readInputs, type Inputs } from './inputs.ts';
import type { ClientOptions } from './octokit-client.ts';
import { gitHubOf } from './octokit.ts';
import { proposeIn } from './propose-in.ts';
import type { Proposals } from './propose-types.ts';
import { lookAtPull } from './review-pull.ts';
import { sarifOf } from './sarif-of.ts';
import { repositoryName, taskOf } from './task.ts';
import { WorkflowError, workflowOf, type Environment, type Workflow } from './workflow.ts';

/** A wait for GitHub's limits of at most so many milliseconds is sat out; runners cost money. */
const PATIENCE_MS = 120_000;

interface Run {
  readonly workflow: Workflow;
  readonly inputs: Inputs;
  readonly github: GitHub;
  readonly of: RepositoryName;
  readonly bot: Bot;
}

/**
 * @param options of the client, besides the address
 * @returns the exit status
 */
export async function runAction(
  environment: Environment,
  write: (text: string) => void,
  options: ClientOptions = {},
): Promise<0 | 1> {
  let workflow: Workflow | undefined;
  try {
    workflow = workflowOf(environment, write);
    return await workOff(runOf(workflow, options));
  } catch (error) {
    const say = workflow?.say ?? ((kind, message) => write(`::${kind}::${message}\n`));
    say('error', messageOf(error));
    if (!isExpected(error) && error instanceof Error) say('debug', error.stack ?? '');
    return 1;
  }
}

function isExpected(error: unknown): boolean {
  return [WorkflowError, GitHubFailure, RetryLater, Parked].some((kind) => error instanceof kind);
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return isExpected(error) ? message : `a bug in dfopt: ${message}`;
}

function runOf(workflow: Workflow, options: ClientOptions): Run {
  const inputs = readInputs(workflow);
  workflow.hide(inputs.token);
  const of = repositoryName(workflow.repository);
  if (!of) throw new WorkflowError(`GITHUB_REPOSITORY: ${workflow.repository} is no repository`);
  const { version } = manifest;
  const client = { baseUrl: workflow.apiUrl, userAgent: `dfopt-action/${version}` };
  return {
    workflow,
    inputs,
    of,
    github: gitHubOf(inputs.token, { ...client, patience: PATIENCE_MS, ...options }),
    bot: {
      settings: { ...inputs.settings, version },
      facts: loadFacts(),
      passes,
      today: () => new Date().toISOString().slice(0, 10),
      tell: (message) => workflow.say('notice', message),
    },
  };
}

async function workOff(run: Run): Promise<0 | 1> {
  const { workflow, inputs } = run;
  const { event, payload } = workflow;
  if (inputs.takeOver !== undefined) return takeOver(run, inputs.takeOver);
  const delivery = { ...deliveryOf('', event, payload, 0), repository: workflow.repository };
  const task = taskOf(delivery);
  if (!task) {
    workflow.say('notice', `nothing to do on ${event}`);
    return 0;
  }
  switch (task.kind) {
    case 'review':
      return reviewNow(run, task.number);
    case 'propose':
      await proposeNow(run);
      return 0;
    case 'command':
      await handlerOf({ bot: run.bot, clientFor: () => run.github })(
        delivery,
        new AbortController().signal,
      );
      return 0;
  }
}

async function reviewNow(run: Run, number: number): Promise<0 | 1> {
  const { workflow, github, of, inputs } = run;
  const pull = await github.pull(of, number);
  if (inputs.handOver !== undefined) {
    writeFileSync(inputs.handOver, handOverText(number, pull.head.sha));
  }
  return review(run, pull, inputs.handOver === undefined && mayWrite(workflow.event, pull, of));
}

/** Of a fork, a run for `pull_request` has a token that only reads. */
function mayWrite(event: string, { head }: PullRequest, { owner, name }: RepositoryName): boolean {
  return event !== 'pull_request' || head.repository === `${owner}/${name}`;
}

async function review(run: Run, pull: PullRequest, isPosted: boolean): Promise<0 | 1> {
  const { workflow, github, of, bot, inputs } = run;
  const { hasCheck, hasDrafts } = bot.settings;
  if (pull.state !== 'open' || (pull.isDraft && !hasDrafts)) {
    workflow.say('notice', `#${pull.number} is ${pull.isDraft ? 'a draft' : 'closed'}`);
    return 0;
  }
  const looked = await lookAtPull(github, of, pull, bot);
  if (!looked) {
    workflow.output('conclusion', 'success');
    workflow.say('notice', `#${pull.number} changes no Dockerfile`);
    return 0;
  }
  const { check, jobSummary } = looked.review;
  workflow.summarize(jobSummary || '## dfopt: nothing to change');
  workflow.output('conclusion', check.conclusion);
  if (isPosted) {
    await post(run, () => deliverReview(github, of, pull, looked.review, hasCheck));
    if (inputs.hasSarif) await post(run, () => scan(run, pull));
  } else if (inputs.handOver === undefined) {
    workflow.say(
      'notice',
      'nothing is written to a pull request from a fork with this token: see "Forks" in the README of dfopt',
    );
  }
  if (check.conclusion !== 'failure') return 0;
  workflow.say('error', check.title);
  return 1;
}

/** Where the token may not, the summary of the job has it all. */
async function post(run: Run, writing: () => Promise<unknown>): Promise<void> {
  try {
    await writing();
  } catch (error) {
    if (!(error instanceof GitHubFailure) || error.kind !== 'forbidden') throw error;
    const why = `the token may not write (${error.message}); permissions of the job must have what the README of dfopt says`;
    run.workflow.say('warning', why);
  }
}

async function scan({ github, of, bot }: Run, { number, head, base }: PullRequest): Promise<void> {
  const sarif = await sarifOf(github, of, { commit: head.sha, base: base.sha }, bot);
  await github.uploadSarif(of, { commit: head.sha, ref: `refs/pull/${number}/head`, sarif });
}

/** The half that may write. What it reads comes from the half that a stranger's code ran beside. */
async function takeOver(run: Run, path: string): Promise<0 | 1> {
  const { workflow, github, of } = run;
  if (workflow.event !== 'workflow_run') {
    throw new WorkflowError(`take-over is for workflow_run, not for ${workflow.event}`);
  }
  const read = readHandOver(smallFile(path));
  if (read.kind === 'problem') throw new WorkflowError(`take-over: ${path}: ${read.why}`);
  const pull = await github.pull(of, read.handOver.pull);
  const claim = claimOf(read.handOver, workflow.payload, pull);
  if (claim.kind === 'wrong') throw new WorkflowError(`take-over: ${path}: ${claim.why}`);
  if (claim.kind === 'past') {
    workflow.say('notice', `#${pull.number}: ${claim.why}`);
    return 0;
  }
  return review(run, pull, true);
}

function smallFile(path: string): string {
  try {
    if (statSync(path).size <= MOST_HAND_OVER_BYTES) return readFileSync(path, 'utf8');
  } catch (error) {
    throw new WorkflowError(`take-over: ${path}: ${(error as Error).message}`);
  }
  throw new WorkflowError(`take-over: ${path} is larger than ${MOST_HAND_OVER_BYTES} bytes`);
}

const pushed = v.object({ after: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)) });

async function proposeNow(run: Run): Promise<void> {
  const { workflow, github, of, bot, inputs } = run;
  if (inputs.hasSarif) {
    const parsed = v.safeParse(pushed, workflow.payload);
    const commit = parsed.success ? parsed.output.after : workflow.sha;
    await post(run, async () => {
      const sarif = await sarifOf(github, of, { commit, base: commit }, bot);
      await github.uploadSarif(of, { commit, ref: workflow.ref, sarif });
    });
  }
  if (!bot.settings.propose) return;
  workflow.summarize(proposalSummary(await proposeIn(github, of, bot)));
}

const DONE: Readonly<Record<Proposals['operations'][number]['kind'], string>> = {
  'open pull': 'opened',
  'rebase pull': 'made anew',
  'close pull': 'closed',
};

function proposalSummary({ operations, skipped }: Proposals): string {
  const rows = [
    ...operations.map(({ kind, branch }) => `| ${markdownCode(branch)} | ${DONE[kind]} |`),
    ...skipped.map(({ path, reason }) => `| ${markdownCode(path)} | ${markdownText(reason)} |`),
  ];
  if (rows.length === 0) return '## dfopt: nothing to propose';
  return ['## dfopt: pull requests of its own', '', '| | |', '| --- | --- |', ...rows].join('\n');
}
