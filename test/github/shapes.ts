/** What the fake holds as the JSON that GitHub sends: the fields that clients read, under its names. */
import { commitsBetween, type Commit } from './objects.ts';
import { placeNow, pullDiff } from './pulls.ts';
import {
  type App,
  type CheckRun,
  type Comment,
  type Installation,
  type Issue,
  type Pull,
  type Repository,
  type Review,
  type ReviewComment,
  roleOf,
  type User,
  type World,
} from './world.ts';

type Json = Readonly<Record<string, unknown>>;

export const nodeId = (kind: string, id: number): string => `${kind}_${id}`;

export const userJson = (world: World, user: User): Json => ({
  id: user.id,
  node_id: nodeId('U', user.id),
  login: user.login,
  type: user.type,
  site_admin: false,
  url: `${world.url}/users/${encodeURIComponent(user.login)}`,
  html_url: `https://github.com/${user.login.replace('[bot]', '')}`,
});

export const appJson = (world: World, app: App): Json => ({
  id: app.id,
  node_id: nodeId('A', app.id),
  slug: app.slug,
  client_id: app.clientId,
  name: app.slug,
  owner: { id: 1, login: 'github', type: 'Organization' },
  description: '',
  external_url: 'https://example.com',
  html_url: `https://github.com/apps/${app.slug}`,
  permissions: app.permissions,
  events: ['pull_request', 'issue_comment', 'push'],
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  installations_count: [...world.installations.values()].filter((own) => own.app === app).length,
});

export const installationJson = (world: World, installation: Installation): Json => ({
  id: installation.id,
  account: userJson(world, installation.account),
  app_id: installation.app.id,
  app_slug: installation.app.slug,
  client_id: installation.app.clientId,
  target_type: installation.account.type,
  target_id: installation.account.id,
  repository_selection: installation.repositories ? 'selected' : 'all',
  permissions: installation.permissions,
  events: ['pull_request', 'issue_comment', 'push'],
  access_tokens_url: `${world.url}/app/installations/${installation.id}/access_tokens`,
  repositories_url: `${world.url}/installation/repositories`,
  suspended_at: installation.isSuspended ? '2026-01-01T00:00:00Z' : null,
  suspended_by: null,
});

export const repositoryJson = (world: World, repository: Repository, reader?: User): Json => {
  const role = reader && roleOf(repository, reader);
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: repository.fullName,
    owner: userJson(world, repository.owner),
    private: repository.isPrivate,
    visibility: repository.isPrivate ? 'private' : 'public',
    fork: repository.parent !== undefined,
    archived: repository.isArchived,
    disabled: false,
    default_branch: repository.defaultBranch,
    url: `${world.url}/repos/${repository.fullName}`,
    html_url: `https://github.com/${repository.fullName}`,
    clone_url: `https://github.com/${repository.fullName}.git`,
    ...(role
      ? {
          permissions: {
            admin: role === 'admin',
            maintain: role === 'admin' || role === 'maintain',
            push: role === 'admin' || role === 'maintain' || role === 'write',
            triage: role !== 'read',
            pull: true,
          },
        }
      : {}),
  };
};

/** What every pull request, issue and comment says of its author. */
export const association = (repository: Repository, user: User): string => {
  if (repository.owner === user) return 'OWNER';
  return repository.roles.has(user.login.toLowerCase()) ? 'COLLABORATOR' : 'NONE';
};

const sideJson = (world: World, repository: Repository, ref: string, sha: string): Json => ({
  label: `${repository.owner.login}:${ref}`,
  ref,
  sha,
  user: userJson(world, repository.owner),
  repo: repository.isDeleted ? null : repositoryJson(world, repository),
});

const labelJson = (world: World, name: string): Json => ({
  id: 1,
  node_id: 'LA_1',
  url: `${world.url}/labels/${encodeURIComponent(name)}`,
  name,
  color: 'ededed',
  default: false,
  description: null,
});

export const issueJson = (world: World, repository: Repository, issue: Issue): Json => {
  const url = `${world.url}/repos/${repository.fullName}`;
  return {
    id: issue.number,
    node_id: nodeId('I', issue.number),
    number: issue.number,
    state: issue.state,
    title: issue.title,
    body: issue.body || null,
    user: userJson(world, issue.author),
    author_association: association(repository, issue.author),
    labels: [...issue.labels].map((name) => labelJson(world, name)),
    locked: issue.isLocked,
    comments: issue.comments.size,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt ?? null,
    closed_by: issue.closedBy ? userJson(world, issue.closedBy) : null,
    url: `${url}/issues/${issue.number}`,
    html_url: `https://github.com/${repository.fullName}/issues/${issue.number}`,
    ...(issue.isPull
      ? { pull_request: { url: `${url}/pulls/${issue.number}`, html_url: null } }
      : {}),
  };
};

/** A pull request as lists and webhooks have it. */
export const pullJson = (world: World, pull: Pull): Json => {
  const { repository, issue } = pull;
  const url = `${world.url}/repos/${repository.fullName}/pulls/${pull.number}`;
  return {
    id: pull.id,
    node_id: nodeId('PR', pull.id),
    number: pull.number,
    state: issue.state,
    title: issue.title,
    body: issue.body || null,
    draft: pull.isDraft,
    locked: issue.isLocked,
    user: userJson(world, issue.author),
    author_association: association(repository, issue.author),
    labels: [...issue.labels].map((name) => labelJson(world, name)),
    head: sideJson(world, pull.headRepository, pull.headRef, pull.headSha),
    base: sideJson(world, repository, pull.baseRef, pull.baseSha),
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt ?? null,
    merged_at: pull.mergedAt ?? null,
    merge_commit_sha: pull.mergeCommit ?? null,
    assignees: [],
    requested_reviewers: [],
    url,
    html_url: `https://github.com/${repository.fullName}/pull/${pull.number}`,
    diff_url: `https://github.com/${repository.fullName}/pull/${pull.number}.diff`,
  };
};

/** A pull request asked for alone: with counts, and whether it is merged. */
export const wholePullJson = async (world: World, pull: Pull): Promise<Json> => {
  // First how things stand: while the diff is made they may go on.
  const now = {
    ...pullJson(world, pull),
    merged: pull.mergedAt !== undefined,
    mergeable: pull.issue.state === 'open' ? true : null,
    mergeable_state: 'clean',
    maintainer_can_modify: pull.headRepository !== pull.repository,
    comments: pull.issue.comments.size,
    review_comments: pull.reviewComments.size,
    commits: commitsBetween(world.objects, pull.baseSha, pull.headSha).length,
  };
  const files = await pullDiff(world, pull, pull.headSha);
  const sum = (of: 'additions' | 'deletions'): number =>
    files.reduce((total, file) => total + file[of], 0);
  return {
    ...now,
    additions: sum('additions'),
    deletions: sum('deletions'),
    changed_files: files.length,
  };
};

export const commentJson = (
  world: World,
  repository: Repository,
  issue: Issue,
  comment: Comment,
): Json => ({
  id: comment.id,
  node_id: nodeId('IC', comment.id),
  body: comment.body,
  user: userJson(world, comment.author),
  author_association: association(repository, comment.author),
  performed_via_github_app: comment.app ? appJson(world, comment.app) : null,
  created_at: comment.createdAt,
  updated_at: comment.updatedAt,
  url: `${world.url}/repos/${repository.fullName}/issues/comments/${comment.id}`,
  html_url: `https://github.com/${repository.fullName}/issues/${issue.number}#issuecomment-${comment.id}`,
  issue_url: `${world.url}/repos/${repository.fullName}/issues/${issue.number}`,
});

export const reviewJson = (world: World, pull: Pull, review: Review): Json => ({
  id: review.id,
  node_id: nodeId('PRR', review.id),
  user: userJson(world, review.author),
  body: review.body,
  state: review.state,
  commit_id: review.commit,
  submitted_at: review.submittedAt,
  author_association: association(pull.repository, review.author),
  html_url: `https://github.com/${pull.repository.fullName}/pull/${pull.number}#pullrequestreview-${review.id}`,
  pull_request_url: `${world.url}/repos/${pull.repository.fullName}/pulls/${pull.number}`,
});

export const reviewCommentJson = async (world: World, comment: ReviewComment): Promise<Json> => {
  const { pull } = comment.thread;
  const place = await placeNow(world, comment);
  return {
    id: comment.id,
    node_id: nodeId('PRRC', comment.id),
    pull_request_review_id: comment.review.id,
    path: comment.path,
    body: comment.body,
    user: userJson(world, comment.author),
    author_association: association(pull.repository, comment.author),
    side: comment.side,
    start_side: comment.startSide ?? null,
    line: place?.line ?? null,
    start_line: place?.startLine ?? null,
    original_line: comment.originalLine,
    original_start_line: comment.originalStartLine ?? null,
    position: place ? 1 : null,
    original_position: 1,
    commit_id: place ? pull.headSha : comment.originalCommit,
    original_commit_id: comment.originalCommit,
    diff_hunk: comment.diffHunk,
    subject_type: 'line',
    ...(comment.inReplyTo === undefined ? {} : { in_reply_to_id: comment.inReplyTo }),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    url: `${world.url}/repos/${pull.repository.fullName}/pulls/comments/${comment.id}`,
    html_url: `https://github.com/${pull.repository.fullName}/pull/${pull.number}#discussion_r${comment.id}`,
    pull_request_url: `${world.url}/repos/${pull.repository.fullName}/pulls/${pull.number}`,
  };
};

/** A commit as `/commits/{ref}` has it; `/git/commits/{sha}` has `commit` and the parents alone. */
export const commitJson = (world: World, repository: Repository, commit: Commit): Json => {
  const url = `${world.url}/repos/${repository.fullName}`;
  const account = (name: string): Json | null => {
    const user = world.users.get(name.toLowerCase());
    return user ? userJson(world, user) : null;
  };
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    commit: {
      message: commit.message,
      author: commit.author,
      committer: commit.committer,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      comment_count: 0,
      url: `${url}/git/commits/${commit.sha}`,
    },
    author: account(commit.author.name),
    committer: account(commit.committer.name),
    parents: commit.parents.map((sha) => ({ sha, url: `${url}/commits/${sha}` })),
    url: `${url}/commits/${commit.sha}`,
    html_url: `https://github.com/${repository.fullName}/commit/${commit.sha}`,
  };
};

export const checkJson = (world: World, repository: Repository, check: CheckRun): Json => ({
  id: check.id,
  node_id: nodeId('CR', check.id),
  name: check.name,
  head_sha: check.headSha,
  external_id: check.externalId ?? '',
  status: check.status,
  conclusion: check.conclusion ?? null,
  started_at: check.startedAt,
  completed_at: check.completedAt ?? null,
  details_url: check.detailsUrl ?? null,
  url: `${world.url}/repos/${repository.fullName}/check-runs/${check.id}`,
  html_url: `https://github.com/${repository.fullName}/runs/${check.id}`,
  app: appJson(world, check.app),
  check_suite: { id: check.id },
  pull_requests: [],
  output: {
    title: check.title ?? null,
    summary: check.summary ?? null,
    text: check.text ?? null,
    annotations_count: check.annotations.length,
    annotations_url: `${world.url}/repos/${repository.fullName}/check-runs/${check.id}/annotations`,
  },
});
