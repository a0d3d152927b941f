/** Answers of GitHub's API in the words of the port. */
import type {
  CheckRun,
  Commit,
  Permission,
  PullRequest,
  Repository,
  RepositoryName,
  TreeEntry,
} from './github.ts';

export function at({ owner, name }: RepositoryName): { owner: string; repo: string } {
  return { owner, repo: name };
}

export function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && error.status === 404;
}

/** Of an answer, what is read. */
export interface RepositoryAnswer {
  readonly owner: { readonly login: string };
  readonly name: string;
  readonly default_branch: string;
  readonly archived: boolean;
  readonly fork: boolean;
}

export function repositoryOf({
  owner,
  name,
  default_branch,
  archived,
  fork,
}: RepositoryAnswer): Repository {
  return {
    owner: owner.login,
    name,
    defaultBranch: default_branch,
    isArchived: archived,
    isFork: fork,
  };
}

export function permission(word: string): Permission {
  return word === 'admin' || word === 'write' || word === 'read' ? word : 'none';
}

interface PullAnswer {
  readonly number: number;
  readonly state: string;
  readonly draft?: boolean;
  readonly title: string;
  readonly body: string | null;
  readonly user: { readonly login: string } | null;
  readonly merged_at?: string | null;
  readonly labels: readonly { readonly name?: string }[];
  readonly head: {
    readonly ref: string;
    readonly sha: string;
    readonly repo: { readonly full_name: string } | null;
  };
  readonly base: { readonly ref: string; readonly sha: string };
}

export function pullOf(answer: PullAnswer): PullRequest {
  const { head, base } = answer;
  return {
    number: answer.number,
    state: answer.state === 'open' ? 'open' : 'closed',
    isMerged: typeof answer.merged_at === 'string',
    isDraft: answer.draft ?? false,
    title: answer.title,
    body: answer.body ?? '',
    author: answer.user?.login ?? 'ghost',
    head: {
      ref: head.ref,
      sha: head.sha,
      // A fork may be deleted while its pull request lives on.
      ...(head.repo && { repository: head.repo.full_name }),
    },
    base: { ref: base.ref, sha: base.sha },
    labels: answer.labels.flatMap(({ name }) => (name === undefined ? [] : [name])),
  };
}

interface CheckRunAnswer {
  readonly id: number | bigint;
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly app: { readonly slug?: string } | null;
  readonly external_id: string | null;
  readonly output: { readonly annotations_count: number };
}

export function checkRunOf(answer: CheckRunAnswer): CheckRun {
  const { id, name, status, conclusion, app, external_id, output } = answer;
  return {
    id: Number(id),
    name,
    status: status === 'completed' || status === 'in_progress' ? status : 'queued',
    annotations: output.annotations_count,
    ...given('conclusion', conclusion),
    ...given('app', app?.slug),
    ...given('externalId', external_id),
  };
}

export const KINDS: Readonly<Record<string, TreeEntry['kind']>> = {
  '100644': 'file',
  '100755': 'executable',
  '120000': 'link',
  '040000': 'folder',
  '160000': 'submodule',
};

interface CommitAnswer {
  readonly sha: string;
  readonly commit: { readonly tree: { readonly sha: string }; readonly message: string };
  readonly parents: readonly { readonly sha: string }[];
  readonly author: unknown;
}

export function commitOf({ sha, commit, parents, author }: CommitAnswer): Commit {
  return {
    sha,
    tree: commit.tree.sha,
    parents: parents.map((each) => each.sha),
    message: commit.message,
    ...given('author', loginOf(author)),
  };
}

export function numberOf(id: number | bigint | undefined): number | undefined {
  return id === undefined ? undefined : Number(id);
}

export function loginOf(user: unknown): string | undefined {
  if (typeof user !== 'object' || user === null || !('login' in user)) return undefined;
  return typeof user.login === 'string' ? user.login : undefined;
}

/** The key with its value, or nothing where GitHub has none. */
export function given<K extends string, T>(
  key: K,
  value: T,
): { readonly [P in K]?: NonNullable<T> } {
  const some = value === null || value === undefined ? {} : { [key]: value };
  return some as { readonly [P in K]?: NonNullable<T> };
}
