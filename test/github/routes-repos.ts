/** Repositories, people, Apps and their installations in the fake. */
import { randomBytes } from 'node:crypto';
import { type Call, notFound, numberIn, page, Refusal, route, type Route } from './http.ts';
import { appJson, installationJson, repositoryJson, userJson } from './shapes.ts';
import {
  type Access,
  type App,
  type Installation,
  type Repository,
  roleOf,
  type Token,
  type World,
} from './world.ts';

const REPO = '/repos/{owner}/{repo}';
const ONE_HOUR = 3_600_000;

/** @param repositories missing: all that the installation has */
export const issueToken = (
  world: World,
  installation: Installation,
  permissions: Installation['permissions'],
  repositories?: ReadonlySet<Repository>,
): Token => {
  const only = repositories ?? installation.repositories;
  const token: Token = {
    value: `ghs_${randomBytes(18).toString('hex')}`,
    actor: installation.app.bot,
    app: installation.app,
    installation,
    permissions,
    ...(only ? { repositories: only } : {}),
    expiresAt: world.now() + ONE_HOUR,
  };
  world.tokens.set(token.value, token);
  return token;
};

export const repositoriesOf = (world: World, installation: Installation): readonly Repository[] =>
  installation.repositories
    ? [...installation.repositories]
    : [...world.repositories.values()].filter((own) => own.owner === installation.account);

const appOf = (call: Call): App => {
  if (!call.app) throw new Refusal(401, 'A JSON web token could not be decoded');
  return call.app;
};

const installationOf = (call: Call): Installation => {
  const installation = call.world.installations.get(numberIn(call, 'installation_id'));
  if (!installation || installation.isDeleted || installation.app !== appOf(call)) {
    throw notFound();
  }
  return installation;
};

const createToken = (call: Call) => {
  const installation = installationOf(call);
  if (installation.isSuspended) {
    throw new Refusal(403, 'This installation has been suspended');
  }
  const wish = call.body as {
    readonly permissions?: Readonly<Record<string, Access>>;
    readonly repositories?: readonly string[];
    readonly repository_ids?: readonly number[];
  };
  for (const [name, access] of Object.entries(wish.permissions ?? {})) {
    const granted = installation.permissions[name];
    if (granted === undefined || (access === 'write' && granted === 'read')) {
      throw new Refusal(422, 'The permissions requested are not granted to this installation.');
    }
  }
  const all = repositoriesOf(call.world, installation);
  const wanted = [...(wish.repositories ?? []), ...(wish.repository_ids ?? [])];
  const chosen = wanted.map((key) => {
    const found = all.find((own) => own.name === key || own.id === key);
    if (found) return found;
    throw new Refusal(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  });
  const only = chosen.length > 0 ? new Set(chosen) : undefined;
  const permissions = wish.permissions ?? installation.permissions;
  const token = issueToken(call.world, installation, permissions, only);
  const body = {
    token: token.value,
    expires_at: new Date(token.expiresAt!).toISOString().replace(/\.\d+Z$/, 'Z'),
    permissions,
    repository_selection: token.repositories ? 'selected' : 'all',
    ...(only ? { repositories: chosen.map((own) => repositoryJson(call.world, own)) } : {}),
  };
  return { status: 201, body };
};

/** What `permission` says of a role. */
const PLAIN = { admin: 'admin', maintain: 'write', write: 'write', triage: 'read', read: 'read' };

const permission = (call: Call) => {
  const user = call.world.users.get(call.params['username']!.toLowerCase());
  if (!user) throw notFound();
  const role = user.type === 'Bot' ? undefined : roleOf(call.repository, user);
  return {
    status: 200,
    body: {
      permission: role ? PLAIN[role] : 'none',
      role_name: role ?? 'none',
      user: userJson(call.world, user),
    },
  };
};

const repositoryInstallation = (call: Call) => {
  const app = appOf(call);
  const found = [...call.world.installations.values()].find(
    (own) =>
      own.app === app &&
      !own.isDeleted &&
      repositoriesOf(call.world, own).includes(call.repository),
  );
  if (!found) throw notFound();
  return { status: 200, body: installationJson(call.world, found) };
};

export const REPO_ROUTES: readonly Route[] = [
  route(`GET ${REPO}`, 'metadata:read', (call) => ({
    status: 200,
    body: repositoryJson(call.world, call.repository, call.actor),
  })),
  route(`GET ${REPO}/collaborators/{username}/permission`, 'metadata:read@write', permission),
  route(`GET ${REPO}/installation`, undefined, repositoryInstallation, { by: 'app' }),
  route(
    'GET /app',
    undefined,
    (call) => ({ status: 200, body: appJson(call.world, appOf(call)) }),
    {
      by: 'app',
    },
  ),
  route(
    'GET /app/installations',
    undefined,
    (call) => {
      const own = [...call.world.installations.values()].filter(
        (installation) => installation.app === appOf(call) && !installation.isDeleted,
      );
      return page(call, own, (installation) => installationJson(call.world, installation));
    },
    { by: 'app' },
  ),
  route(
    'GET /app/installations/{installation_id}',
    undefined,
    (call) => ({ status: 200, body: installationJson(call.world, installationOf(call)) }),
    { by: 'app' },
  ),
  route('POST /app/installations/{installation_id}/access_tokens', undefined, createToken, {
    by: 'app',
  }),
  route('GET /installation/repositories', undefined, (call) => {
    const { installation, repositories } = call.token ?? {};
    if (!installation) throw new Refusal(403, 'Resource not accessible by personal access token');
    const all = repositories ? [...repositories] : repositoriesOf(call.world, installation);
    return page(
      call,
      all,
      (own) => repositoryJson(call.world, own),
      (rows, total) => ({ total_count: total, repositories: rows }),
    );
  }),
  route('GET /user', undefined, (call) => {
    if (call.token?.app) throw new Refusal(403, 'Resource not accessible by integration');
    return { status: 200, body: userJson(call.world, call.actor) };
  }),
  route(
    'GET /users/{username}',
    undefined,
    (call) => {
      const user = call.world.users.get(call.params['username']!.toLowerCase());
      if (!user) throw notFound();
      return { status: 200, body: userJson(call.world, user) };
    },
    { by: 'anyone' },
  ),
];
