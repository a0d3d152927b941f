/** `/repos/{owner}/{repo}/pulls…` of the fake. */
import { deleteReviewComment, tellOfReviewComment } from './comments.ts';
import { editPull, mergePull, openPull, setPullState } from './deeds.ts';
import {
  bodyText,
  type Call,
  invalid,
  notFound,
  numberIn,
  page,
  Refusal,
  route,
  type Route,
} from './http.ts';
import { commitsBetween } from './objects.ts';
import { listedFiles } from './pulls.ts';
import {
  createReview,
  createReviewComment,
  type CommentWish,
  replyTo,
  type ReviewWish,
  submitReview,
} from './reviews.ts';
import { commitJson, pullJson, reviewCommentJson, reviewJson, wholePullJson } from './shapes.ts';
import { type Pull, type Review, type ReviewComment, roleOf, timeOf } from './world.ts';

const PULLS = '/repos/{owner}/{repo}/pulls';
const PULL = `${PULLS}/{pull_number}`;
const READ = 'pull_requests:read';
const WRITE = 'pull_requests:write';

export const pullOf = (call: Call): Pull => {
  const pull = call.repository.pulls.get(numberIn(call, 'pull_number'));
  if (!pull) throw notFound();
  return pull;
};

const reviewOf = (call: Call): Review => {
  const review = pullOf(call).reviews.get(numberIn(call, 'review_id'));
  if (!review) throw notFound();
  return review;
};

const isVisible = (comment: ReviewComment, call: Call): boolean =>
  comment.review.state !== 'PENDING' || comment.author === call.actor;

const commentOf = (call: Call): ReviewComment => {
  const id = numberIn(call, 'comment_id');
  const comment = call.repository.pullOfComment.get(id)?.reviewComments.get(id);
  if (!comment || !isVisible(comment, call)) throw notFound();
  return comment;
};

/** An App changes its own comments; a person those of others where the person may write. */
const checkOwn = (call: Call, comment: ReviewComment): void => {
  if (comment.author === call.actor) return;
  const role = call.token?.app ? undefined : roleOf(call.repository, call.actor);
  if (role === 'admin' || role === 'maintain' || role === 'write') return;
  throw new Refusal(403, 'Resource not accessible by integration');
};

/** Whether a pull request is among those that a list was asked for. */
const wantedBy = ({ query }: Call): ((pull: Pull) => boolean) => {
  const state = query.get('state') ?? 'open';
  const base = query.get('base');
  // A head without an owner is no filter at all, as on GitHub.
  const head = query.get('head');
  const wanted = head?.includes(':') ? head.toLowerCase() : undefined;
  return ({ issue, baseRef, headRef, headRepository }) =>
    (state === 'all' || issue.state === state) &&
    (!base || baseRef === base) &&
    (!wanted || wanted === `${headRepository.owner.login}:${headRef}`.toLowerCase());
};

/** By creation, the newest first; by change, the oldest first; or as it was asked. */
const list = (call: Call) => {
  const isByChange = call.query.get('sort') === 'updated';
  const direction = call.query.get('direction') ?? (isByChange ? 'asc' : 'desc');
  const pulls = [...call.repository.pulls.values()].filter(wantedBy(call));
  if (isByChange) pulls.sort((a, b) => (a.issue.updatedAt < b.issue.updatedAt ? -1 : 1));
  return page(call, direction === 'asc' ? pulls : pulls.toReversed(), (pull) =>
    pullJson(call.world, pull),
  );
};

const create = async (call: Call) => {
  const { title, body, head, base, draft } = call.body as Readonly<Record<string, string>> & {
    readonly draft?: boolean;
  };
  const { world, repository } = call;
  const [owner, branch] = (head ?? '').includes(':')
    ? [head!.slice(0, head!.indexOf(':')), head!.slice(head!.indexOf(':') + 1)]
    : [repository.owner.login, head ?? ''];
  const headRepository =
    owner?.toLowerCase() === repository.owner.login.toLowerCase()
      ? repository
      : [...world.repositories.values()].find(
          (own) =>
            own.owner.login.toLowerCase() === owner?.toLowerCase() && own.parent === repository,
        );
  if (!headRepository) throw invalid({ resource: 'PullRequest', field: 'head', code: 'invalid' });
  const pull = openPull(world, repository, call.actor, {
    title: title ?? '',
    ...(body ? { body } : {}),
    head: branch ?? '',
    headRepository,
    base: base ?? '',
    ...(draft ? { isDraft: true } : {}),
  });
  return { status: 201, body: await wholePullJson(world, pull) };
};

const update = async (call: Call) => {
  const pull = pullOf(call);
  const { title, body, state, base } = call.body as Readonly<Record<string, string | undefined>>;
  const { issue } = pull;
  if (!call.token?.app && issue.author !== call.actor) {
    const role = roleOf(call.repository, call.actor);
    if (role === undefined || role === 'read' || role === 'triage') throw notFound();
  }
  const changes: Record<string, unknown> = {};
  if (base !== undefined && base !== pull.baseRef) {
    const sha = call.repository.refs.get(`refs/heads/${base}`);
    if (sha === undefined) {
      throw invalid({ resource: 'PullRequest', field: 'base', code: 'invalid' });
    }
    changes['base'] = { ref: { from: pull.baseRef }, sha: { from: pull.baseSha } };
    pull.baseRef = base;
    pull.baseSha = sha;
  }
  if (title !== undefined && title !== issue.title) {
    changes['title'] = { from: issue.title };
    issue.title = bodyText(title, 'title', 'PullRequest');
  }
  if (body !== undefined && body !== issue.body) {
    changes['body'] = { from: issue.body };
    issue.body = body ? bodyText(body, 'body', 'PullRequest') : '';
  }
  if (Object.keys(changes).length > 0) editPull(call.world, pull, call.actor, changes);
  if (state === 'open' || state === 'closed') setPullState(call.world, pull, state, call.actor);
  return { status: 200, body: await wholePullJson(call.world, pull) };
};

const files = async (call: Call) => {
  const pull = pullOf(call);
  return page(call, await listedFiles(call.world, pull, pull.headSha), (file) => ({
    sha: file.sha,
    filename: file.path,
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
    blob_url: `https://github.com/${call.repository.fullName}/blob/${pull.headSha}/${encodeURI(file.path)}`,
    raw_url: `https://github.com/${call.repository.fullName}/raw/${pull.headSha}/${encodeURI(file.path)}`,
    contents_url: `${call.world.url}/repos/${call.repository.fullName}/contents/${encodeURI(file.path)}?ref=${pull.headSha}`,
  }));
};

const merge = async (call: Call) => {
  const pull = pullOf(call);
  const { sha } = call.body as { readonly sha?: string };
  if (pull.issue.state !== 'open') throw new Refusal(405, 'Pull Request is not mergeable');
  if (sha !== undefined && sha !== pull.headSha) {
    throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
  }
  const merged = await mergePull(call.world, pull, call.actor);
  return {
    status: 200,
    body: { sha: merged, merged: true, message: 'Pull Request successfully merged' },
  };
};

const updateComment = async (call: Call) => {
  const comment = commentOf(call);
  checkOwn(call, comment);
  comment.body = bodyText(call.body['body'], 'body', 'PullRequestReviewComment');
  comment.updatedAt = timeOf(call.world);
  tellOfReviewComment(call.world, comment, 'edited', call.actor);
  return { status: 200, body: await reviewCommentJson(call.world, comment) };
};

const removeComment = (call: Call) => {
  const comment = commentOf(call);
  checkOwn(call, comment);
  deleteReviewComment(call.world, comment, call.actor);
  return { status: 204 };
};

const dismiss = (call: Call) => {
  const review = reviewOf(call);
  if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') {
    throw invalid('Can not dismiss a commented pull request review');
  }
  review.state = 'DISMISSED';
  return { status: 200, body: reviewJson(call.world, pullOf(call), review) };
};

const content = { isContent: true };

export const PULL_ROUTES: readonly Route[] = [
  route(`GET ${PULLS}`, READ, list),
  route(`POST ${PULLS}`, WRITE, create, content),
  route(`GET ${PULLS}/comments/{comment_id}`, READ, async (call) => ({
    status: 200,
    body: await reviewCommentJson(call.world, commentOf(call)),
  })),
  route(`PATCH ${PULLS}/comments/{comment_id}`, WRITE, updateComment),
  route(`DELETE ${PULLS}/comments/{comment_id}`, WRITE, removeComment),
  route(`GET ${PULL}`, READ, async (call) => ({
    status: 200,
    body: await wholePullJson(call.world, pullOf(call)),
  })),
  route(`PATCH ${PULL}`, WRITE, update),
  route(`GET ${PULL}/files`, READ, files),
  route(`GET ${PULL}/commits`, READ, (call) => {
    const pull = pullOf(call);
    return page(call, commitsBetween(call.world.objects, pull.baseSha, pull.headSha), (commit) =>
      commitJson(call.world, call.repository, commit),
    );
  }),
  route(`PUT ${PULL}/merge`, 'contents:write@write', merge),
  route(`GET ${PULL}/reviews`, READ, (call) => {
    const pull = pullOf(call);
    const shown = [...pull.reviews.values()].filter(
      (review) => review.state !== 'PENDING' || review.author === call.actor,
    );
    return page(call, shown, (review) => reviewJson(call.world, pull, review));
  }),
  route(
    `POST ${PULL}/reviews`,
    WRITE,
    async (call) => {
      const pull = pullOf(call);
      const wish = call.body as ReviewWish;
      const review = await createReview(call.world, pull, call.actor, wish, call.token?.app);
      return { status: 200, body: reviewJson(call.world, pull, review) };
    },
    content,
  ),
  route(`GET ${PULL}/reviews/{review_id}`, READ, (call) => ({
    status: 200,
    body: reviewJson(call.world, pullOf(call), reviewOf(call)),
  })),
  route(`PUT ${PULL}/reviews/{review_id}`, WRITE, (call) => {
    const review = reviewOf(call);
    if (review.author !== call.actor) throw notFound();
    review.body = bodyText(call.body['body'], 'body', 'PullRequestReview');
    return { status: 200, body: reviewJson(call.world, pullOf(call), review) };
  }),
  route(`PUT ${PULL}/reviews/{review_id}/dismissals`, WRITE, dismiss),
  route(`GET ${PULL}/reviews/{review_id}/comments`, READ, (call) => {
    const review = reviewOf(call);
    const own = [...pullOf(call).reviewComments.values()].filter((c) => c.review === review);
    return page(call, own, (comment) => reviewCommentJson(call.world, comment));
  }),
  route(
    `POST ${PULL}/reviews/{review_id}/events`,
    WRITE,
    (call) => {
      const { event, body } = call.body as { readonly event?: string; readonly body?: string };
      submitReview(call.world, pullOf(call), reviewOf(call), event ?? '', body);
      return { status: 200, body: reviewJson(call.world, pullOf(call), reviewOf(call)) };
    },
    content,
  ),
  route(`GET ${PULL}/comments`, READ, (call) => {
    const shown = [...pullOf(call).reviewComments.values()].filter((c) => isVisible(c, call));
    const ordered = call.query.get('direction') === 'desc' ? shown.toReversed() : shown;
    return page(call, ordered, (comment) => reviewCommentJson(call.world, comment));
  }),
  route(
    `POST ${PULL}/comments`,
    WRITE,
    async (call) => {
      const wish = call.body as unknown as CommentWish;
      const app = call.token?.app;
      const comment = await createReviewComment(call.world, pullOf(call), call.actor, wish, app);
      return { status: 201, body: await reviewCommentJson(call.world, comment) };
    },
    content,
  ),
  route(
    `POST ${PULL}/comments/{comment_id}/replies`,
    WRITE,
    async (call) => {
      const first = numberIn(call, 'comment_id');
      const app = call.token?.app;
      const body = call.body['body'];
      const comment = replyTo(call.world, pullOf(call), call.actor, first, body, app);
      return { status: 201, body: await reviewCommentJson(call.world, comment) };
    },
    content,
  ),
];
