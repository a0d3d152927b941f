/** A bot on the tests' GitHub: webhooks are kept as they come and worked off when a test says so. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_SETTINGS, type Bot, type BotSettings } from '../../src/bot/bot.ts';
import { deliveryOf, type Delivery } from '../../src/bot/delivery.ts';
import type { GitHub } from '../../src/bot/github.ts';
import { handlerOf } from '../../src/bot/handle.ts';
import { appOf } from '../../src/bot/octokit.ts';
import { loadFacts } from '../../src/facts/load.ts';
import { passes } from '../../passes/index.ts';
import { startGitHub, type FakeGitHub, type FakeOptions } from '../github/fake.ts';

const facts = loadFacts();

export interface Handling {
  readonly fake: FakeGitHub;
  /** Of the App that is installed at `acme`. */
  readonly app: ReturnType<FakeGitHub['app']>;
  readonly settings: BotSettings;
  /** What the bot told of its work. */
  readonly told: string[];
  /** All deliveries since the last call, handed over in order. */
  readonly work: (settings?: Partial<BotSettings>) => Promise<readonly Delivery[]>;
  /** Those that came and are not worked off; they count as worked off then. */
  readonly pending: () => Promise<readonly Delivery[]>;
  readonly handle: (
    delivery: Delivery,
    settings?: Partial<BotSettings>,
    change?: (github: GitHub) => GitHub,
  ) => Promise<void>;
  /** Requests that changed something, as `POST route`. */
  readonly writes: () => readonly string[];
  readonly close: () => Promise<void>;
}

export async function startHandling(
  wish: Partial<BotSettings> = {},
  options: FakeOptions = {},
): Promise<Handling> {
  const fake = await startGitHub(options);
  const waiting: Delivery[] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { headers } = request;
      const payload: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      const id = String(headers['x-github-delivery']);
      waiting.push(deliveryOf(id, String(headers['x-github-event']), payload, Date.now()));
      response.end();
    });
  });
  await new Promise<void>((resolve) => {
    receiver.listen(0, '127.0.0.1', resolve);
  });
  const { port } = receiver.address() as AddressInfo;
  const webhook = { url: `http://127.0.0.1:${port}/`, secret: 'a secret of the tests' };
  const app = fake.app('dfopt', { webhook });
  fake.install(app, 'acme');
  const client = appOf(String(app.id), app.privateKey, {
    baseUrl: fake.url,
    isPaced: false,
    retryUnit: 1,
  });
  const settings: BotSettings = { ...DEFAULT_SETTINGS, version: '0.0.0', ...wish };
  const told: string[] = [];
  const handle: Handling['handle'] = (delivery, more = {}, change = (github) => github) => {
    const bot: Bot = {
      settings: { ...settings, ...more },
      facts,
      passes,
      today: () => '2026-11-21',
      tell: (message) => told.push(message),
    };
    const clientFor = ({ installation }: Delivery, signal: AbortSignal): GitHub =>
      change(client.installation(installation!, signal));
    return handlerOf({ bot, clientFor })(delivery, new AbortController().signal);
  };
  const pending = async (): Promise<readonly Delivery[]> => {
    await fake.settled();
    return waiting.splice(0);
  };
  return {
    fake,
    app,
    settings,
    told,
    pending,
    handle,
    work: async (more) => {
      const all: Delivery[] = [];
      // What the bot does itself comes back to it as well.
      for (let some = await pending(); some.length > 0; some = await pending()) {
        for (const delivery of some) {
          // oxlint-disable-next-line no-await-in-loop -- in the order in which they came
          await handle(delivery, more);
          all.push(delivery);
        }
      }
      return all;
    },
    writes: () =>
      fake.requests
        .filter(
          ({ method, route }) => method !== 'GET' && !/access_tokens|graphql/.test(route ?? ''),
        )
        .map(({ method, route }) => `${method} ${route ?? '?'}`),
    close: async () => {
      await fake.close();
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
    },
  };
}

/** Two edits lie on lines that it adds (lists of packages, recommended ones), one on line 1. */
export const BASE = `FROM node:22
WORKDIR /app
COPY . .
CMD ["node", "index.js"]
`;

export const HEAD = `FROM node:22
WORKDIR /app
RUN apt-get update && apt-get install -y curl
COPY . .
CMD ["node", "index.js"]
`;
