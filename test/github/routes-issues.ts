/** `/repos/{owner}/{repo}/issues…` of the fake: what pull requests share with issues. */
import { addComment, tellOfComment } from './comments.ts';
import { createIssue, setPullState } from './deeds.ts';
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
import { commentJson, issueJson, nodeId, userJson } from './shapes.ts';
import { type Comment, type Issue, roleOf, timeOf } from './world.ts';

const ISSUES = '/repos/{owner}/{repo}/issues';
const ISSUE = `${ISSUES}/{issue_number}`;
const COMMENT = `${ISSUES}/comments/{comment_id}`;
const READ = 'issues|pull_requests:read';
const WRITE = 'issues|pull_requests:write';
const REACTIONS = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'];

const issueOf = (call: Call): Issue => {
  const issue = call.repository.issues.get(numberIn(call, 'issue_number'));
  if (!issue) throw notFound();
  return issue;
};

const commentOf = (call: Call): { readonly issue: Issue; readonly comment: Comment } => {
  const id = numberIn(call, 'comment_id');
  const issue = call.repository.issueOfComment.get(id);
  const comment = issue?.comments.get(id);
  if (!issue || !comment) throw notFound();
  return { issue, comment };
};

const checkOwn = (call: Call, comment: Comment): void => {
  if (comment.author === call.actor) return;
  const role = call.token?.app ? undefined : roleOf(call.repository, call.actor);
  if (role === 'admin' || role === 'maintain' || role === 'write') return;
  throw new Refusal(403, 'Resource not accessible by integration');
};

const updateComment = (call: Call) => {
  const { issue, comment } = commentOf(call);
  checkOwn(call, comment);
  comment.body = bodyText(call.body['body']);
  comment.updatedAt = timeOf(call.world);
  tellOfComment(call.world, call.repository, issue, comment, 'edited', call.actor);
  return { status: 200, body: commentJson(call.world, call.repository, issue, comment) };
};

const removeComment = (call: Call) => {
  const { issue, comment } = commentOf(call);
  checkOwn(call, comment);
  tellOfComment(call.world, call.repository, issue, comment, 'deleted', call.actor);
  issue.comments.delete(comment.id);
  call.repository.issueOfComment.delete(comment.id);
  return { status: 204 };
};

const reactTo = (call: Call, comment: Comment) => {
  const content = call.body['content'];
  if (typeof content !== 'string' || !REACTIONS.includes(content)) {
    throw invalid({ resource: 'Reaction', code: 'invalid', field: 'content' });
  }
  const known = comment.reactions.find((own) => own.user === call.actor && own.content === content);
  const reaction = known ?? { id: call.world.nextId(), user: call.actor, content };
  if (!known) comment.reactions.push(reaction);
  return {
    status: known ? 200 : 201,
    body: {
      id: reaction.id,
      node_id: nodeId('REA', reaction.id),
      user: userJson(call.world, call.actor),
      content,
      created_at: timeOf(call.world),
    },
  };
};

const reviewCommentOf = (call: Call): Comment => {
  const id = numberIn(call, 'comment_id');
  const comment = call.repository.pullOfComment.get(id)?.reviewComments.get(id);
  if (!comment) throw notFound();
  return comment;
};

const namesOf = (call: Call): readonly string[] => {
  const { labels } = call.body as {
    readonly labels?: readonly (string | { readonly name: string })[];
  };
  return (labels ?? []).map((label) => (typeof label === 'string' ? label : label.name));
};

const labelsJson = (call: Call) =>
  (issueJson(call.world, call.repository, issueOf(call)) as { readonly labels: unknown }).labels;

const update = (call: Call) => {
  const issue = issueOf(call);
  const { title, body, state, labels } = call.body as {
    readonly title?: string;
    readonly body?: string;
    readonly state?: 'open' | 'closed';
    readonly labels?: unknown;
  };
  if (title !== undefined) issue.title = bodyText(title, 'title', 'Issue');
  if (body !== undefined) issue.body = body;
  if (labels !== undefined) {
    issue.labels.clear();
    for (const name of namesOf(call)) issue.labels.add(name);
  }
  const pull = call.repository.pulls.get(issue.number);
  if (state !== undefined) {
    if (pull) setPullState(call.world, pull, state, call.actor);
    else issue.state = state;
  }
  return { status: 200, body: issueJson(call.world, call.repository, issue) };
};

export const ISSUE_ROUTES: readonly Route[] = [
  route(`GET ${COMMENT}`, READ, (call) => {
    const { issue, comment } = commentOf(call);
    return { status: 200, body: commentJson(call.world, call.repository, issue, comment) };
  }),
  route(`PATCH ${COMMENT}`, WRITE, updateComment),
  route(`DELETE ${COMMENT}`, WRITE, removeComment),
  route(`POST ${COMMENT}/reactions`, WRITE, (call) => reactTo(call, commentOf(call).comment)),
  route(`GET ${COMMENT}/reactions`, READ, (call) =>
    page(call, commentOf(call).comment.reactions, ({ id, user, content }) => ({
      id,
      user: userJson(call.world, user),
      content,
    })),
  ),
  route(
    'POST /repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions',
    'pull_requests:write',
    (call) => reactTo(call, reviewCommentOf(call)),
  ),
  route(
    `POST ${ISSUES}`,
    'issues:write',
    (call) => {
      const { title, body } = call.body as { readonly title?: string; readonly body?: string };
      const issue = createIssue(call.world, call.repository, call.actor, {
        title: bodyText(title, 'title', 'Issue'),
        body: body ?? '',
        isPull: false,
      });
      return { status: 201, body: issueJson(call.world, call.repository, issue) };
    },
    { isContent: true },
  ),
  route(`GET ${ISSUE}`, READ, (call) => ({
    status: 200,
    body: issueJson(call.world, call.repository, issueOf(call)),
  })),
  route(`PATCH ${ISSUE}`, WRITE, update),
  route(`GET ${ISSUE}/comments`, READ, (call) => {
    const issue = issueOf(call);
    return page(call, [...issue.comments.values()], (comment) =>
      commentJson(call.world, call.repository, issue, comment),
    );
  }),
  route(
    `POST ${ISSUE}/comments`,
    WRITE,
    (call) => {
      const issue = issueOf(call);
      const { world, repository, actor, token } = call;
      const comment = addComment(world, repository, issue, actor, call.body['body'], token?.app);
      return { status: 201, body: commentJson(world, repository, issue, comment) };
    },
    { isContent: true },
  ),
  route(`POST ${ISSUE}/labels`, WRITE, (call) => {
    for (const name of namesOf(call)) issueOf(call).labels.add(name);
    return { status: 200, body: labelsJson(call) };
  }),
  route(`DELETE ${ISSUE}/labels/{name}`, WRITE, (call) => {
    if (!issueOf(call).labels.delete(call.params['name']!)) {
      throw new Refusal(404, 'Label does not exist');
    }
    return { status: 200, body: labelsJson(call) };
  }),
];
