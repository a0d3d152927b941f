/** The queue in Redis, for several machines. How long an answer lasts is up to its `appendfsync`. */
import { createHash, randomUUID } from 'node:crypto';
import { createClient } from '@redis/client';
import { keyOf, type Delivery } from '../delivery.ts';
import { newBell } from './bell.ts';
import { parkedJobOf, RETENTION, type Job, type Queue, type Retention } from './queue.ts';
import { SCRIPTS, type Step } from './redis-scripts.ts';

/** In braces: one slot, where Redis is a cluster behind a proxy. */
const PREFIX = '{dfopt}:';

const CHANNEL = `${PREFIX}changed`;

/** Milliseconds. */
const RECONNECT = { first: 50, last: 2_000 };

/** Nothing heard for so long: the connection is dead, though nobody said so. */
const SILENCE_MS = 15_000;
const PING_MS = 5_000;

/** Parked jobs that are deleted in one step; Redis does nothing else meanwhile. */
const SWEPT_AT_ONCE = 500;

const DIGESTS = Object.fromEntries(
  Object.entries(SCRIPTS).map(([step, script]) => [
    step,
    createHash('sha1').update(script).digest('hex'),
  ]),
) as Readonly<Record<Step, string>>;

export interface RedisOptions {
  readonly url: string;
  /** Told of connections lost and not made; no password is in the words. */
  readonly warn: (message: string) => void;
  readonly retention?: Retention;
}

/**
 * Returns at once, whether Redis answers or not: as long as it does not, every step rejects.
 * @throws where the URL is none
 */
export function openRedisQueue({ url, warn, retention = RETENTION }: RedisOptions): Queue {
  const bell = newBell();
  const client = createClient({
    url,
    RESP: 2,
    // A step that waits for Redis to come back is done when nobody expects it any more.
    disableOfflineQueue: true,
    pingInterval: PING_MS,
    socket: {
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries) =>
        Math.min(RECONNECT.first * 2 ** retries, RECONNECT.last) * (0.5 + Math.random() / 2),
    },
  });
  const ears = client.duplicate();
  client.on('error', (error: Error) => warn(`Redis: ${error.message}`));
  // It says the same as the other.
  ears.on('error', () => undefined);
  client.on('ready', bell.ring);
  const connections = [
    client.connect(),
    ears.connect().then(() => ears.subscribe(CHANNEL, bell.ring)),
  ];
  for (const connection of connections) {
    connection.catch((error: unknown) => {
      if (client.isOpen) warn(`Redis: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  const step = async (name: Step, ...given: readonly (string | number)[]): Promise<unknown> => {
    const args = ['0', PREFIX, ...given.map(String)];
    try {
      return await client.sendCommand(['EVALSHA', DIGESTS[name], ...args]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return client.sendCommand(['EVAL', SCRIPTS[name], ...args]);
    }
  };
  const isDone = async (name: Step, ...given: readonly (string | number)[]): Promise<boolean> =>
    (await step(name, ...given)) === 1;

  return {
    add: (delivery) => {
      const { id, installation = 0 } = delivery;
      return isDone('add', id, keyOf(delivery), installation, JSON.stringify(delivery), CHANNEL);
    },
    take: async (leaseMs) => {
      const lease = randomUUID();
      const row = (await step('take', lease, leaseMs)) as [string, string, number, number] | null;
      if (row === null) return undefined;
      const [delivery, key, failures, losses] = row;
      return { delivery: JSON.parse(delivery) as Delivery, key, failures, losses, lease };
    },
    renew: ({ key, lease }, leaseMs) => isDone('renew', key, lease, leaseMs),
    finish: ({ key, lease }: Job) => isDone('finish', key, lease, retention.seenMs),
    retry: ({ key, lease }, { afterMs, reason, isFailure, isForInstallation }) =>
      isDone(
        'retry',
        key,
        lease,
        Math.round(afterMs),
        reason,
        isFailure ? 1 : 0,
        isForInstallation ? 1 : 0,
      ),
    park: ({ key, lease }, reason) => isDone('park', key, lease, reason),
    parked: async (limit) => {
      const rows = (await step('parked', limit)) as string[];
      return Array.from({ length: rows.length / 3 }, (_, index) => {
        const [delivery, reason, at] = rows.slice(index * 3, index * 3 + 3);
        return parkedJobOf(JSON.parse(delivery!) as Delivery, Number(at), reason!);
      });
    },
    unpark: (id) => isDone('unpark', id, CHANNEL),
    counts: async () => {
      const [waiting, running, parked] = (await step('counts')) as [number, number, number];
      return { waiting, running, parked };
    },
    sweep: async () => {
      let deleted: unknown;
      do {
        deleted = await step('sweep', retention.parkedMs, SWEPT_AT_ONCE);
      } while (deleted === SWEPT_AT_ONCE);
    },
    changed: bell.heard,
    wake: bell.ring,
    close: async () => {
      bell.ring();
      for (const each of [client, ears]) if (each.isOpen) each.destroy();
    },
  };
}
