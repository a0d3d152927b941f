/** Signed webhooks, sent as GitHub sends them: once, in order, ten seconds to answer. */
import { createHmac, randomUUID } from 'node:crypto';
import { installationJson, repositoryJson, userJson } from './shapes.ts';
import { repositoriesOf } from './routes-repos.ts';
import type { App, Happening, Installation, SentDelivery, World } from './world.ts';

/** After this GitHub gives up on an answer. */
const PATIENCE = 10_000;

export interface Webhooks {
  readonly happened: (happening: Happening) => void;
  /** Sends a payload of one's own, signed; what was sent can be sent again with `redeliver`. */
  readonly send: (
    target: { readonly url: string; readonly secret: string },
    event: string,
    payload: Readonly<Record<string, unknown>>,
    options?: { readonly id?: string; readonly signature?: string },
  ) => Promise<SentDelivery>;
  readonly redeliver: (delivery: SentDelivery) => Promise<number>;
  readonly sent: readonly SentDelivery[];
  /** Resolves when nothing is under way. */
  readonly settled: () => Promise<void>;
}

export const signatureOf = (secret: string, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

const post = async (delivery: SentDelivery): Promise<number> => {
  try {
    const response = await fetch(delivery.url, {
      method: 'POST',
      headers: delivery.headers,
      body: delivery.body,
      signal: AbortSignal.timeout(PATIENCE),
    });
    await response.arrayBuffer();
    delivery.status = response.status;
  } catch {
    delivery.status = 0;
  }
  return delivery.status;
};

const isFor = (world: World, installation: Installation, happening: Happening): boolean => {
  if (installation.isDeleted && happening.event !== 'installation') return false;
  if (happening.installation) return happening.installation === installation;
  const { repository } = happening;
  return repository !== undefined && repositoriesOf(world, installation).includes(repository);
};

export const webhooksOf = (world: World): Webhooks => {
  const sent: SentDelivery[] = [];
  let last: Promise<unknown> = Promise.resolve();

  const make = (
    target: { readonly url: string; readonly secret: string },
    event: string,
    payload: Readonly<Record<string, unknown>>,
    { id = randomUUID(), signature }: { readonly id?: string; readonly signature?: string } = {},
  ): SentDelivery => {
    const body = JSON.stringify(payload);
    const action = payload['action'];
    const delivery: SentDelivery = {
      id,
      event,
      ...(typeof action === 'string' ? { action } : {}),
      url: target.url,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'GitHub-Hookshot/fake',
        accept: '*/*',
        'x-github-event': event,
        'x-github-delivery': id,
        'x-github-hook-id': '1',
        'x-hub-signature-256': signature ?? signatureOf(target.secret, body),
      },
      body,
    };
    sent.push(delivery);
    return delivery;
  };

  const payloadFor = async (
    happening: Happening,
    app: App,
    installation: Installation,
  ): Promise<Readonly<Record<string, unknown>>> => ({
    ...(happening.action === undefined ? {} : { action: happening.action }),
    ...(await happening.payload()),
    ...(happening.repository ? { repository: repositoryJson(world, happening.repository) } : {}),
    installation: happening.installation
      ? installationJson(world, installation)
      : { id: installation.id, node_id: `MDI_${app.id}` },
    sender: userJson(world, happening.sender),
  });

  return {
    happened: (happening) => {
      for (const installation of world.installations.values()) {
        const { webhook } = installation.app;
        if (!webhook || !isFor(world, installation, happening)) continue;
        // What is told is how things stand now, not when its turn to be sent comes.
        const payload = payloadFor(happening, installation.app, installation);
        last = Promise.all([last, payload]).then(([, ready]) =>
          post(make(webhook, happening.event, ready)),
        );
      }
    },
    send: async (target, event, payload, options) => {
      const delivery = make(target, event, payload, options);
      await post(delivery);
      return delivery;
    },
    redeliver: (delivery) => post(delivery),
    sent,
    settled: async () => {
      let seen: unknown;
      while (seen !== last) {
        seen = last;
        await last;
      }
    },
  };
};
