/**
 * A GitHub to test against: stateful, over HTTP on 127.0.0.1, with real bare Git repositories
 * (patches come from `git` itself), GitHub's refusals (401, 403, 404, 409, 422), limits and troubles.
 *
 *     const github = await startGitHub();                   // GITHUB_API_URL = github.url
 *     const repository = await github.repository('acme/shop', { Dockerfile: 'FROM node\n' });
 *     const app = github.app('dfopt', { webhook: { url, secret } }); // app.id, app.privateKey (PEM)
 *     const installation = github.install(app, 'acme');     // emits `installation`; all repositories
 *     await github.commit(repository, 'topic', { Dockerfile: 'FROM node:22\n', old: null });
 *     const pull = github.pull(repository, { head: 'topic', by: 'ann' }); // emits `pull_request`
 *     await github.settled();                               // webhooks were answered
 *     const head = await github.accept(pull);               // all open suggestions, in one commit
 *     github.read(repository, head, 'Dockerfile');
 *     await github.close();                                 // throws where a request was malformed
 *
 * A branch is made from the default branch on its first commit; a commit on the head of a pull
 * request moves it (`synchronize`). `fork(repository, 'eve')` + `commit(fork, …)` +
 * `pull(repository, { head, from: fork, by: 'eve' })` is a pull request from outside.
 *
 * Tokens: `tokenOf('ann')` a person's; `installationToken(installation)` without the JWT way, which
 * `POST /app/installations/{id}/access_tokens` serves; `actionToken(repository, permissions, pull)`
 * that of a workflow run: read-only when `pull` is of a fork. `role(repository, 'ann', 'write')`.
 *
 * Looking at it: `pull.threads`, `pull.reviewComments`, `pull.issue.comments`, `pull.headSha`,
 * `repository.pulls`, `.checks`, `.sarifs`, `.refs`; `github.requests` (method, route, status),
 * `github.refusals()` (4xx), `github.violations` (not as GitHub describes its API; `close` throws
 * for them unless `github.forgive()` came before), `github.deliveries` (webhooks sent; `redeliver`).
 *
 * Deeds of people: `comment`, `reply`, `resolve`, `hide`, `removeComment`, `setState`, `merge`,
 * `deleteBranch`. Troubles: `github.trouble({ failBefore: 0.1, failAfter: 0.05, delay: 20, seed })`;
 * `{ only: /POST .*reviews/, times: 1 }` among them for one kind of request;
 * limits: `startGitHub({ limits: { contentPerMinute: 80, retryAfter: 1 } })`; a clock: `{ now }`.
 *
 * Like GitHub: an App resolves threads with `contents: write` besides `pull_requests: write`; the
 * head repository of a pull request is null after `removeRepository(fork)`; GraphQL calls a bot
 * `dfopt`, REST `dfopt[bot]`; a bot's own doings are sent to its webhook, too; webhooks are sent
 * once. Errors of the fake itself are answered 599.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addComment, deleteReviewComment, tellOfComment } from './comments.ts';
import {
  createRepository,
  mergePull,
  openPull,
  setPullState,
  setRef,
  signatureOf,
  userNamed,
} from './deeds.ts';
import { startDiffer } from './diffs.ts';
import { limiterOf } from './limits.ts';
import { changed, objectStore } from './objects.ts';
import { checker } from './openapi.ts';
import { replyTo } from './reviews.ts';
import { issueToken, repositoriesOf } from './routes-repos.ts';
import { listen } from './server.ts';
import { acceptSuggestions } from './suggestions.ts';
import { troubleOf } from './trouble.ts';
import { type Webhooks, webhooksOf } from './webhooks.ts';
import { repositoryJson } from './shapes.ts';
import type { FakeGitHub, FakeOptions } from './fake-types.ts';
import type {
  App,
  Installation,
  Limits,
  Permissions,
  RequestRecord,
  Token,
  World,
} from './world.ts';

export type * from './fake-types.ts';

/** What the bot's App asks for. */
const PERMISSIONS: Permissions = {
  metadata: 'read',
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  checks: 'write',
  security_events: 'write',
};

/** Figures of GitHub's documentation, but for the rates: those are an option. */
const LIMITS: Limits = {
  primary: Infinity,
  contentPerMinute: Infinity,
  contentPerHour: Infinity,
  secondaryStatus: 403,
  retryAfter: 60,
  treeBytes: 7_000_000,
  treeEntries: 100_000,
  patchLines: 20_000,
  patchBytes: 500_000,
  pullFiles: 3000,
  reviewComments: 100,
};

// Slow to make, and all Apps of a test may share it.
let keys: { readonly privateKey: string; readonly publicKey: string } | undefined;
const keyPair = () =>
  (keys ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }));

/** The App behind the tokens of workflow runs, with the id that it has on GitHub. */
const ACTIONS_ID = 15_368;

export const startGitHub = async (options: FakeOptions = {}): Promise<FakeGitHub> => {
  const folder = await mkdtemp(join(tmpdir(), 'dfopt-github-'));
  const store = join(folder, '.objects.git');
  await mkdir(join(store, 'objects'), { recursive: true });
  await mkdir(join(store, 'refs'), { recursive: true });
  await writeFile(join(store, 'HEAD'), 'ref: refs/heads/none\n');
  await writeFile(join(store, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
  const objects = objectStore(join(store, 'objects'));
  const now = options.now ?? Date.now;
  let lastId = 1000;
  let webhooks: Webhooks | undefined;
  const world: World = {
    url: '',
    folder,
    objects,
    differ: startDiffer(store, objects),
    limits: { ...LIMITS, ...options.limits },
    now,
    nextId: () => ++lastId,
    users: new Map(),
    apps: new Map(),
    installations: new Map(),
    repositories: new Map(),
    tokens: new Map(),
    emit: (happening) => webhooks?.happened(happening),
  };
  const hooks = webhooksOf(world);
  webhooks = hooks;
  const requests: RequestRecord[] = [];
  const violations: string[] = [];
  const trouble = troubleOf(options.trouble ?? {});
  const server = await listen({
    world,
    limiter: limiterOf(world.limits, now),
    trouble,
    checker: checker(),
    isAnswerChecked: options.isAnswerChecked ?? false,
    record: (record, wrong) => {
      if (requests.length >= (options.keepRequests ?? Infinity)) requests.shift();
      requests.push(record);
      violations.push(...wrong);
    },
  });
  const user = (login: string) => userNamed(world, login);

  const app: FakeGitHub['app'] = (slug, { permissions = PERMISSIONS, webhook } = {}) => {
    const id = slug === 'github-actions' ? ACTIONS_ID : world.nextId();
    const own: App = {
      id,
      slug,
      clientId: `Iv23fake${id}`,
      ...keyPair(),
      permissions,
      bot: user(`${slug}[bot]`),
      ...(webhook ? { webhook } : {}),
    };
    world.apps.set(id, own);
    return own;
  };
  const actions = app('github-actions', { permissions: PERMISSIONS });

  const keep = (token: Token): string => {
    world.tokens.set(token.value, token);
    return token.value;
  };
  const install: FakeGitHub['install'] = (own, account, repositories, permissions) => {
    const installation: Installation = {
      id: world.nextId(),
      app: own,
      account: user(account),
      permissions: permissions ?? own.permissions,
      ...(repositories ? { repositories: new Set(repositories) } : {}),
      isSuspended: false,
      isDeleted: false,
    };
    world.installations.set(installation.id, installation);
    tellOfInstallation(installation, 'created');
    return installation;
  };
  const tellOfInstallation = (installation: Installation, action: string): void =>
    world.emit({
      event: 'installation',
      action,
      installation,
      sender: installation.account,
      payload: () =>
        Promise.resolve({
          repositories: repositoriesOf(world, installation).map((own) => {
            const { id, node_id, name, full_name, private: isPrivate } = repositoryJson(world, own);
            return { id, node_id, name, full_name, private: isPrivate };
          }),
        }),
    });

  const commit: FakeGitHub['commit'] = async (repository, branch, changes, how = {}) => {
    const known = how.isForced ? undefined : repository.refs.get(`refs/heads/${branch}`);
    const from = how.from ?? repository.defaultBranch;
    const parent = known ?? repository.refs.get(`refs/heads/${from}`) ?? how.from;
    const before = parent === undefined ? undefined : objects.commit(parent);
    const files = before ? objects.files(before.tree) : new Map();
    const who = signatureOf(world, user(how.by ?? repository.owner.login));
    const sha = objects.writeCommit({
      tree: objects.treeOf(changed(objects, files, changes)),
      parents: before ? [before.sha] : [],
      author: who,
      committer: who,
      message: `${how.message ?? 'Change'}\n`,
    });
    const by = user(how.by ?? repository.owner.login);
    await setRef(world, repository, `refs/heads/${branch}`, sha, by);
    return sha;
  };

  return {
    get url() {
      return world.url;
    },
    world,
    requests,
    violations,
    deliveries: hooks.sent,
    repository: async (fullName, files = {}, settings = {}) => {
      const [owner = '', name = ''] = fullName.split('/');
      const repository = await createRepository(world, user(owner), name, settings);
      await commit(repository, repository.defaultBranch, files, { message: 'First' });
      return repository;
    },
    fork: async (repository, owner) => {
      const own = await createRepository(world, user(owner), repository.name, {
        parent: repository,
      });
      for (const [ref, sha] of repository.refs) await setRef(world, own, ref, sha, user(owner));
      return own;
    },
    removeRepository: (repository) => {
      repository.isDeleted = true;
      world.repositories.delete(repository.fullName.toLowerCase());
    },
    role: (repository, login, role) => {
      const key = user(login).login.toLowerCase();
      if (role === undefined) repository.roles.delete(key);
      else repository.roles.set(key, role);
    },
    app,
    install,
    uninstall: (installation) => {
      tellOfInstallation(installation, 'deleted');
      installation.isDeleted = true;
    },
    tokenOf: (login) =>
      keep({ value: `ghp_${randomBytes(18).toString('hex')}`, actor: user(login) }),
    installationToken: (installation, permissions) =>
      issueToken(world, installation, permissions ?? installation.permissions).value,
    actionToken: (repository, permissions, pull) => {
      const isFork = pull !== undefined && pull.headRepository !== pull.repository;
      const granted = Object.entries(permissions).map(([name, access]) => [
        name,
        isFork ? 'read' : access,
      ]);
      return keep({
        value: `ghs_${randomBytes(18).toString('hex')}`,
        actor: actions.bot,
        app: actions,
        permissions: Object.fromEntries(granted) as Permissions,
        repositories: new Set([repository]),
      });
    },
    commit,
    deleteBranch: (repository, branch, by = repository.owner.login) =>
      setRef(world, repository, `refs/heads/${branch}`, undefined, user(by)),
    pull: (repository, { head, from, base, by, title, body, isDraft }) =>
      openPull(world, repository, user(by ?? (from ?? repository).owner.login), {
        title: title ?? 'A change',
        ...(body === undefined ? {} : { body }),
        head,
        headRepository: from ?? repository,
        base: base ?? repository.defaultBranch,
        ...(isDraft ? { isDraft } : {}),
      }),
    setState: (pull, state, by) => setPullState(world, pull, state, user(by)),
    merge: (pull, by) => mergePull(world, pull, user(by)),
    comment: (pull, by, body) => addComment(world, pull.repository, pull.issue, user(by), body),
    reply: (comment, by, body) => replyTo(world, comment.thread.pull, user(by), comment.id, body),
    resolve: (comment, by) => {
      comment.thread.resolvedBy = user(by);
    },
    hide: (comment, reason) => {
      comment.minimized = reason;
    },
    removeComment: (comment, by) => deleteReviewComment(world, comment, user(by)),
    removeIssueComment: (pull, comment, by) => {
      tellOfComment(world, pull.repository, pull.issue, comment, 'deleted', user(by));
      pull.issue.comments.delete(comment.id);
      pull.repository.issueOfComment.delete(comment.id);
    },
    accept: (pull, { only, by } = {}) =>
      acceptSuggestions(world, pull, by === undefined ? pull.issue.author : user(by), only),
    read: (repository, at, path) => {
      const found = objects.commit(repository.refs.get(`refs/heads/${at}`) ?? at);
      const row = found && objects.files(found.tree).get(path);
      return row && objects.blob(row.sha)?.toString('utf8');
    },
    send: hooks.send,
    redeliver: hooks.redeliver,
    settled: hooks.settled,
    trouble: trouble.set,
    refusals: () => requests.filter(({ status }) => status >= 400 && status < 500),
    forget: () => {
      requests.length = 0;
    },
    forgive: () => violations.splice(0),
    close: async () => {
      await hooks.settled();
      world.differ.close();
      const closed = new Promise((done) => {
        server.close(done);
      });
      server.closeAllConnections();
      await closed;
      await objects.flushed();
      await rm(folder, { recursive: true, force: true });
      if (violations.length > 0) {
        throw new Error(`Requests that GitHub would not take:\n${violations.join('\n')}`);
      }
    },
  };
};
