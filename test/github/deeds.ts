/** What changes the fake: branches, pull requests, comments; each tells what happened. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bodyText, invalid, type Refusal } from './http.ts';
import { ancestors, commitsBetween, NO_OBJECT, type Signature } from './objects.ts';
import { pullDiff } from './pulls.ts';
import { commitJson, wholePullJson } from './shapes.ts';
import {
  type Happening,
  type Issue,
  type Pull,
  type Repository,
  timeOf,
  type User,
  type World,
} from './world.ts';

export const userNamed = (
  world: World,
  login: string,
  type: User['type'] = login.endsWith('[bot]') ? 'Bot' : 'User',
): User => {
  const known = world.users.get(login.toLowerCase());
  if (known) return known;
  const user: User = { id: world.nextId(), login, type };
  world.users.set(login.toLowerCase(), user);
  return user;
};

export const signatureOf = (world: World, user: User): Signature => ({
  name: user.login,
  email: `${user.id}+${user.login}@users.noreply.github.com`,
  date: timeOf(world),
});

export const tell = (
  world: World,
  event: string,
  action: string,
  sender: User,
  repository: Repository,
  payload: Happening['payload'],
): void => {
  world.emit({ event, action, sender, repository, payload });
};

const tellOfPull = (
  world: World,
  pull: Pull,
  action: string,
  sender: User,
  extra: Readonly<Record<string, unknown>> = {},
): void =>
  tell(world, 'pull_request', action, sender, pull.repository, async () => ({
    number: pull.number,
    pull_request: await wholePullJson(world, pull),
    ...extra,
  }));

/** An empty bare repository that borrows its objects from the store of the fake. */
export const createRepository = async (
  world: World,
  owner: User,
  name: string,
  options: {
    readonly isPrivate?: boolean;
    readonly parent?: Repository;
    readonly defaultBranch?: string;
  } = {},
): Promise<Repository> => {
  const fullName = `${owner.login}/${name}`;
  const folder = join(world.folder, `${fullName}.git`);
  const defaultBranch = options.defaultBranch ?? options.parent?.defaultBranch ?? 'main';
  await mkdir(join(folder, 'objects/info'), { recursive: true });
  await mkdir(join(folder, 'refs/heads'), { recursive: true });
  await Promise.all([
    writeFile(join(folder, 'HEAD'), `ref: refs/heads/${defaultBranch}\n`),
    writeFile(join(folder, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n'),
    writeFile(join(folder, 'objects/info/alternates'), `${world.objects.folder}\n`),
  ]);
  const repository: Repository = {
    id: world.nextId(),
    owner,
    name,
    fullName,
    isPrivate: options.isPrivate ?? false,
    ...(options.parent ? { parent: options.parent } : {}),
    folder,
    objects: world.objects,
    defaultBranch,
    isArchived: false,
    isDeleted: false,
    refs: new Map(),
    roles: new Map(),
    issues: new Map(),
    pulls: new Map(),
    checks: new Map(),
    checksOf: new Map(),
    issueOfComment: new Map(),
    pullOfComment: new Map(),
    pullsFrom: new Map(),
    sarifs: new Map(),
    protectedBranches: new Set(),
    nextNumber: 1,
  };
  world.repositories.set(fullName.toLowerCase(), repository);
  return repository;
};

const closeBySystem = (world: World, pull: Pull, by: User, isMerged: boolean): void => {
  pull.issue.state = 'closed';
  pull.issue.closedAt = timeOf(world);
  pull.issue.closedBy = by;
  if (isMerged) pull.mergedAt = pull.issue.closedAt;
  tellOfPull(world, pull, 'closed', by);
};

const pullsFollow = (
  world: World,
  repository: Repository,
  branch: string,
  after: string | undefined,
  by: User,
): void => {
  for (const pull of repository.pullsFrom.get(branch) ?? []) {
    if (after === undefined) pull.isHeadDeleted = true;
    if (pull.issue.state !== 'open') continue;
    if (after === undefined) {
      closeBySystem(world, pull, by, false);
      continue;
    }
    const before = pull.headSha;
    if (before === after) continue;
    pull.headSha = after;
    pull.isHeadDeleted = false;
    pull.baseSha = pull.repository.refs.get(`refs/heads/${pull.baseRef}`) ?? pull.baseSha;
    tellOfPull(world, pull, 'synchronize', by, { before, after });
    // Nothing is left to merge.
    if (ancestors(world.objects, pull.baseSha).has(after)) closeBySystem(world, pull, by, false);
  }
  if (after === undefined) return;
  const open = [...repository.pulls.values()].filter(
    (pull) => pull.issue.state === 'open' && pull.baseRef === branch,
  );
  if (open.length === 0) return;
  const held = ancestors(world.objects, after);
  for (const pull of open) if (held.has(pull.headSha)) closeBySystem(world, pull, by, true);
};

/** Moves, makes or (`undefined`) deletes a ref; pull requests follow and a push is told. */
export const setRef = async (
  world: World,
  repository: Repository,
  ref: string,
  sha: string | undefined,
  by: User,
): Promise<void> => {
  const before = repository.refs.get(ref);
  if (before === sha) return;
  const file = join(repository.folder, ref);
  if (sha === undefined) repository.refs.delete(ref);
  else repository.refs.set(ref, sha);
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  if (branch !== undefined) {
    const commit = sha === undefined ? undefined : world.objects.commit(sha);
    const isForced =
      before !== undefined && sha !== undefined && !ancestors(world.objects, sha).has(before);
    world.emit({
      event: 'push',
      sender: by,
      repository,
      payload: () => {
        const head = commit ? commitJson(world, repository, commit) : null;
        const pushed = before && sha ? commitsBetween(world.objects, before, sha).slice(-20) : [];
        return Promise.resolve({
          ref,
          before: before ?? NO_OBJECT,
          after: sha ?? NO_OBJECT,
          created: before === undefined,
          deleted: sha === undefined,
          forced: isForced,
          head_commit: head,
          commits: pushed.map((own) => ({ id: own.sha, message: own.message })),
          pusher: { name: by.login },
        });
      },
    });
    pullsFollow(world, repository, branch, sha, by);
  }
  if (sha === undefined) await rm(file, { force: true });
  else {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${sha}\n`);
  }
};

export const createIssue = (
  world: World,
  repository: Repository,
  author: User,
  content: { readonly title: string; readonly body: string; readonly isPull: boolean },
): Issue => {
  const at = timeOf(world);
  const issue: Issue = {
    number: repository.nextNumber++,
    author,
    ...content,
    state: 'open',
    labels: new Set(),
    comments: new Map(),
    isLocked: false,
    createdAt: at,
    updatedAt: at,
  };
  repository.issues.set(issue.number, issue);
  return issue;
};

export interface NewPull {
  readonly title: string;
  readonly body?: string;
  readonly head: string;
  readonly headRepository?: Repository;
  readonly base: string;
  readonly isDraft?: boolean;
}

/** @throws Refusal 422 where a branch is missing, nothing is new, or there is one already */
export const openPull = (
  world: World,
  repository: Repository,
  author: User,
  wish: NewPull,
): Pull => {
  const headRepository = wish.headRepository ?? repository;
  const headSha = headRepository.refs.get(`refs/heads/${wish.head}`);
  const baseSha = repository.refs.get(`refs/heads/${wish.base}`);
  const refuse = (field: string): Refusal =>
    invalid({ resource: 'PullRequest', field, code: 'invalid' });
  if (headSha === undefined) throw refuse('head');
  if (baseSha === undefined) throw refuse('base');
  const custom = (message: string): Refusal =>
    invalid({ resource: 'PullRequest', code: 'custom', message });
  for (const other of headRepository.pullsFrom.get(wish.head) ?? []) {
    const isSame = other.repository === repository && other.baseRef === wish.base;
    if (isSame && other.issue.state === 'open') {
      const label = `${headRepository.owner.login}:${wish.head}`;
      throw custom(`A pull request already exists for ${label}.`);
    }
  }
  if (ancestors(world.objects, baseSha).has(headSha)) {
    throw custom(`No commits between ${wish.base} and ${wish.head}`);
  }
  if (wish.body) bodyText(wish.body, 'body', 'PullRequest');
  const issue = createIssue(world, repository, author, {
    title: bodyText(wish.title, 'title', 'PullRequest'),
    body: wish.body ?? '',
    isPull: true,
  });
  const pull: Pull = {
    id: world.nextId(),
    repository,
    issue,
    number: issue.number,
    headRepository,
    headRef: wish.head,
    headSha,
    baseRef: wish.base,
    baseSha,
    isDraft: wish.isDraft ?? false,
    isHeadDeleted: false,
    reviews: new Map(),
    threads: new Map(),
    reviewComments: new Map(),
  };
  repository.pulls.set(pull.number, pull);
  const from = headRepository.pullsFrom.get(wish.head) ?? new Set();
  headRepository.pullsFrom.set(wish.head, from.add(pull));
  tellOfPull(world, pull, 'opened', author);
  return pull;
};

/** @throws Refusal 422 where it cannot be opened again */
export const setPullState = (
  world: World,
  pull: Pull,
  state: 'open' | 'closed',
  by: User,
): void => {
  if (pull.issue.state === state) return;
  if (state === 'closed') {
    closeBySystem(world, pull, by, false);
    return;
  }
  const custom = (message: string): Refusal =>
    invalid({ resource: 'PullRequest', code: 'custom', field: 'state', message });
  if (pull.mergedAt !== undefined)
    throw custom('state cannot be changed. The pull request is merged.');
  const headSha = pull.headRepository.refs.get(`refs/heads/${pull.headRef}`);
  if (headSha === undefined) {
    throw custom(`state cannot be changed. The ${pull.headRef} branch has been deleted.`);
  }
  if (!ancestors(world.objects, headSha).has(pull.headSha)) {
    throw custom(
      `state cannot be changed. The ${pull.headRef} branch was force-pushed or recreated.`,
    );
  }
  pull.headSha = headSha;
  pull.issue.state = 'open';
  delete pull.issue.closedAt;
  delete pull.issue.closedBy;
  tellOfPull(world, pull, 'reopened', by);
};

export const editPull = (world: World, pull: Pull, by: User, changes: Json): void => {
  pull.issue.updatedAt = timeOf(world);
  tellOfPull(world, pull, 'edited', by, { changes });
};

type Json = Readonly<Record<string, unknown>>;

export const mergePull = async (world: World, pull: Pull, by: User): Promise<string> => {
  const base = pull.repository.refs.get(`refs/heads/${pull.baseRef}`)!;
  const files = world.objects.files(world.objects.commit(base)!.tree);
  for (const diff of await pullDiff(world, pull, pull.headSha)) {
    const head = world.objects.files(world.objects.commit(pull.headSha)!.tree);
    if (diff.previousPath !== undefined) files.delete(diff.previousPath);
    const row = head.get(diff.path);
    if (row) files.set(diff.path, row);
    else files.delete(diff.path);
  }
  const who = signatureOf(world, by);
  const sha = world.objects.writeCommit({
    tree: world.objects.treeOf(files),
    parents: [base, pull.headSha],
    author: who,
    committer: who,
    message: `Merge pull request #${pull.number}\n\n${pull.issue.title}\n`,
  });
  pull.mergeCommit = sha;
  await setRef(world, pull.repository, `refs/heads/${pull.baseRef}`, sha, by);
  return sha;
};
