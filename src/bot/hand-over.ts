/**
 * What the workflow that may not write hands to the one that may: which pull request, at which head. It
 * comes out of a run with a stranger's code around it and is believed in nothing: the number and the head
 * are held against what GitHub says of the run that made it and of the pull request, and the review is
 * made anew from there.
 */
import * as v from 'valibot';
import type { PullRequest } from './github.ts';

const sha = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/));

const shape = v.strictObject({
  version: v.literal(1),
  pull: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  head: sha,
});

export type HandOver = v.InferOutput<typeof shape>;

/** It has two numbers. */
export const MOST_HAND_OVER_BYTES = 1000;

export type Read =
  | { readonly kind: 'hand-over'; readonly handOver: HandOver }
  | { readonly kind: 'problem'; readonly why: string };

export function handOverText(pull: number, head: string): string {
  return `${JSON.stringify({ version: 1, pull, head } satisfies HandOver)}\n`;
}

export function readHandOver(text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'problem', why: 'it is no JSON' };
  }
  const parsed = v.safeParse(shape, value);
  if (!parsed.success) return { kind: 'problem', why: parsed.issues[0].message };
  return { kind: 'hand-over', handOver: parsed.output };
}

/** What GitHub says of the run whose artifact it is: part of the event `workflow_run`. */
const runShape = v.object({
  workflow_run: v.object({
    event: v.string(),
    head_sha: sha,
    head_branch: v.nullable(v.string()),
    head_repository: v.nullable(v.object({ full_name: v.string() })),
  }),
});

export type Claim =
  | { readonly kind: 'right' }
  /** Nothing is wrong: somebody pushed, or closed it. */
  | { readonly kind: 'past'; readonly why: string }
  | { readonly kind: 'wrong'; readonly why: string };

/** @param pull as GitHub has it now, by the number that was handed over */
export function claimOf({ head }: HandOver, payload: unknown, pull: PullRequest): Claim {
  const parsed = v.safeParse(runShape, payload);
  if (!parsed.success) return { kind: 'wrong', why: 'the event is no workflow_run' };
  const { event, head_sha, head_branch, head_repository } = parsed.output.workflow_run;
  if (event !== 'pull_request') {
    return { kind: 'wrong', why: `the run was for ${event}, not for a pull request` };
  }
  if (head !== head_sha) return { kind: 'wrong', why: 'the run was for another commit' };
  const isSameBranch =
    head_branch === pull.head.ref && head_repository?.full_name === pull.head.repository;
  if (!isSameBranch) return { kind: 'wrong', why: 'the run was for another branch' };
  if (pull.state !== 'open') return { kind: 'past', why: 'it is closed' };
  if (pull.head.sha !== head) return { kind: 'past', why: 'its head moved on' };
  return { kind: 'right' };
}
