/**
 * GitHub over HTTP, for a token or for an App. What is asked there stands in `octokit-reads.ts` and
 * `octokit-writes.ts`.
 */
import { createAppAuth } from '@octokit/auth-app';
import { blobCache } from './blob-cache.ts';
import type { GitHub } from './github.ts';
import { askOf, clientOf, type Ask, type Client, type ClientOptions } from './octokit-client.ts';
import { readsOf } from './octokit-reads.ts';
import { writesOf } from './octokit-writes.ts';

export interface App {
  /** The client of one installation; its tokens are made and renewed as needed. */
  readonly installation: (id: number, signal?: AbortSignal) => GitHub;
  /** Ids of the installations that are not suspended. */
  readonly installations: () => Promise<readonly number[]>;
  /** `dfopt`; its login is `dfopt[bot]`. */
  readonly slug: () => Promise<string>;
}

/** Of the clients of an App, so many are kept; what is left out is made again. */
const MOST_CLIENTS = 1000;

/** Of a token: of a workflow run, of a person. */
export function gitHubOf(token: string, options: ClientOptions = {}, signal?: AbortSignal): GitHub {
  const client = clientOf({ auth: token }, 'token', options);
  return portOf(client, viewerOf(client, token), signal);
}

/** Tokens of Apps, a workflow's among them, begin so. */
const APP_TOKEN = 'ghs_';

/** The one question that every kind of token may ask. */
function viewerOf(client: Client, token: string): Self {
  let self: string | undefined;
  return async (ask) =>
    (self ??= await ask(async (how) => {
      const query = 'query { viewer { login } }';
      const { viewer } = await client.graphql<{ viewer: { login: string } }>(query, { ...how });
      const { login } = viewer;
      return token.startsWith(APP_TOKEN) ? `${login.replace(/\[bot\]$/, '')}[bot]` : login;
    }));
}

/** @param privateKey the text of a PEM file */
export function appOf(appId: string, privateKey: string, options: ClientOptions = {}): App {
  const own = clientOf(
    { authStrategy: createAppAuth, auth: { appId, privateKey } },
    `app-${appId}`,
    options,
  );
  const ask = askOf(undefined);
  const clients = new Map<number, Client>();
  const cache = blobCache();
  let slug: string | undefined;
  const slugOf = async (asking: Ask): Promise<string> =>
    (slug ??= await asking(async (how) => {
      const { data } = await own.request('GET /app', { ...how });
      // The description of the API allows for a token that is no App's.
      if (!data?.slug) throw new Error('the App has no slug');
      return data.slug;
    }));
  const self: Self = async (asking) => `${await slugOf(asking)}[bot]`;
  const installationClient = (id: number): Client => {
    const known = clients.get(id);
    if (known) return known;
    const auth = { appId, privateKey, installationId: id };
    const made = clientOf({ authStrategy: createAppAuth, auth }, `installation-${id}`, options);
    if (clients.size >= MOST_CLIENTS) clients.delete(clients.keys().next().value!);
    clients.set(id, made);
    return made;
  };
  return {
    installation: (id, signal) => cache.before(portOf(installationClient(id), self, signal), id),
    installations: () =>
      ask(async (how) => {
        const all = await own.paginate('GET /app/installations', { per_page: 100, ...how });
        return all.filter(({ suspended_at }) => !suspended_at).map(({ id }) => id);
      }),
    slug: () => slugOf(ask),
  };
}

/** The login under which a client writes; asked for once. */
type Self = (ask: Ask) => Promise<string>;

function portOf(client: Client, self: Self, signal: AbortSignal | undefined): GitHub {
  const ask = askOf(signal);
  return { self: () => self(ask), ...readsOf(client, ask), ...writesOf(client, ask) };
}
