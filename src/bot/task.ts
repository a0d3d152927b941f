/** What a delivery asks for: pure, and nothing of what people wrote in it gets further than numbers and names. */
import * as v from 'valibot';
import type { Delivery } from './delivery.ts';
import type { RepositoryName } from './github.ts';

export type Task =
  | { readonly kind: 'review'; readonly of: RepositoryName; readonly number: number }
  | { readonly kind: 'propose'; readonly of: RepositoryName }
  | {
      readonly kind: 'command';
      readonly of: RepositoryName;
      readonly number: number;
      readonly comment: { readonly id: number; readonly body: string; readonly author: string };
    };

const number = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const pullEvent = v.object({
  pull_request: v.object({ number }),
  changes: v.optional(v.object({ base: v.optional(v.unknown()) })),
});

const pushEvent = v.object({
  ref: v.string(),
  deleted: v.optional(v.boolean()),
  repository: v.object({ default_branch: v.string() }),
});

const commentEvent = v.object({
  issue: v.object({ number, pull_request: v.optional(v.unknown()) }),
  comment: v.object({
    id: number,
    body: v.string(),
    user: v.nullable(v.object({ login: v.string() })),
  }),
});

const PULL_ACTIONS = new Set(['opened', 'synchronize', 'reopened', 'ready_for_review']);

/** @returns `undefined` where there is nothing to do */
export function taskOf(delivery: Delivery): Task | undefined {
  const of = repositoryName(delivery.repository);
  if (!of) return undefined;
  const { event, action, payload } = delivery;
  switch (event) {
    case 'pull_request':
    case 'pull_request_target': {
      const parsed = v.safeParse(pullEvent, payload);
      if (!parsed.success) return undefined;
      const { pull_request, changes } = parsed.output;
      // Of edits, only those that move it to another branch change the diff.
      const isOfInterest =
        action === undefined ||
        PULL_ACTIONS.has(action) ||
        (action === 'edited' && changes?.base !== undefined);
      return isOfInterest ? { kind: 'review', of, number: pull_request.number } : undefined;
    }
    case 'push': {
      const parsed = v.safeParse(pushEvent, payload);
      if (!parsed.success || parsed.output.deleted) return undefined;
      const { ref, repository } = parsed.output;
      return ref === `refs/heads/${repository.default_branch}`
        ? { kind: 'propose', of }
        : undefined;
    }
    case 'schedule':
    case 'workflow_dispatch':
      return { kind: 'propose', of };
    case 'issue_comment': {
      const parsed = v.safeParse(commentEvent, payload);
      if (!parsed.success || action !== 'created') return undefined;
      const { issue, comment } = parsed.output;
      if (issue.pull_request === undefined || !comment.user) return undefined;
      const { id, body, user } = comment;
      return {
        kind: 'command',
        of,
        number: issue.number,
        comment: { id, body, author: user.login },
      };
    }
    default:
      return undefined;
  }
}

/** @param fullName `owner/name`, of the characters that GitHub allows */
export function repositoryName(fullName: string | undefined): RepositoryName | undefined {
  const [, owner, name] = /^([A-Za-z0-9_-]+)\/([A-Za-z0-9._-]+)$/.exec(fullName ?? '') ?? [];
  if (owner === undefined || name === undefined || name === '.' || name === '..') return undefined;
  return { owner, name };
}
