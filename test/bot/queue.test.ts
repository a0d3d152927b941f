/** Do both queues keep what the interface promises? */
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RETENTION, type Job, type Queue, type Retention } from '../../src/bot/queue/queue.ts';
import { openRedisQueue } from '../../src/bot/queue/redis.ts';
import { openSqliteQueue } from '../../src/bot/queue/sqlite.ts';
import { newDelivery } from './deliveries.ts';
import { hasRedis, NO_REDIS, startRedis, type RedisServer } from './redis.ts';

/** One store, which several queues may open, as several processes do. */
interface Store {
  readonly open: (retention?: Retention) => Promise<Queue>;
  readonly end: () => Promise<void>;
}

const LEASE = 60_000;

async function sqliteStore(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'dfopt-queue-'));
  return {
    open: (retention) => openSqliteQueue(join(folder, 'queue.sqlite'), retention),
    end: () => rm(folder, { recursive: true, force: true }),
  };
}

let server: RedisServer | undefined;
let databases = 0;

async function redisStore(): Promise<Store> {
  databases += 1;
  const url = `${server!.url}/${databases % 16}`;
  return {
    open: async (retention = RETENTION) => {
      const queue = openRedisQueue({ url, retention, warn: () => undefined });
      await isOpen(queue);
      return queue;
    },
    end: async () => undefined,
  };
}

async function isOpen(queue: Queue): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await queue.counts();
      return;
    } catch (error) {
      if (tries > 100) throw error;
      await sleep(20);
    }
  }
}

beforeAll(async () => {
  if (hasRedis) server = await startRedis();
  else console.warn(NO_REDIS);
});

afterAll(() => server?.stop());

describe.each([
  { name: 'SQLite', newStore: sqliteStore, isThere: true },
  { name: 'Redis', newStore: redisStore, isThere: hasRedis },
])('the queue in $name', ({ newStore, isThere }) => {
  let store: Store;
  let queue: Queue;
  let others: Queue[];

  beforeEach(async ({ skip }) => {
    if (!isThere) return skip(NO_REDIS);
    store = await newStore();
    queue = await store.open();
    others = [];
  });

  afterEach(async () => {
    for (const each of [queue, ...others]) await each?.close();
    await store?.end();
  });

  async function another(retention?: Retention): Promise<Queue> {
    const other = await store.open(retention);
    others.push(other);
    return other;
  }

  async function taken(from: Queue = queue, lease = LEASE): Promise<Job> {
    const job = await from.take(lease);
    expect(job).toBeDefined();
    return job!;
  }

  async function order(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let turn = 0; turn < count; turn += 1) {
      const job = await taken();
      ids.push(job.delivery.id);
      expect(await queue.finish(job)).toBe(true);
    }
    expect(await queue.take(LEASE)).toBeUndefined();
    return ids;
  }

  const later = { reason: 'later', isFailure: false, isForInstallation: false };

  it('hands out what was added, whole', async () => {
    const delivery = newDelivery({ text: 'naïve "quotes" \u2028 \ud83d\ude00 \u0000 {dfopt}:' });
    expect(await queue.add(delivery)).toBe(true);
    const job = await taken();
    expect(job.delivery).toEqual(delivery);
    expect(job).toMatchObject({ key: 'acme/app-1#1', failures: 0, losses: 0 });
    expect(await queue.take(LEASE)).toBeUndefined();
    expect(await queue.finish(job)).toBe(true);
    expect(await queue.take(LEASE)).toBeUndefined();
  });

  it('knows a delivery that waits, runs, is parked or is finished', async () => {
    const delivery = newDelivery();
    expect(await queue.add(delivery)).toBe(true);
    expect(await queue.add(delivery)).toBe(false);
    const job = await taken();
    expect(await queue.add(delivery)).toBe(false);
    await queue.park(job, 'why');
    expect(await queue.add(delivery)).toBe(false);
    await queue.unpark(delivery.id);
    await queue.finish(await taken());
    expect(await queue.add(delivery)).toBe(false);
    const other = await another();
    expect(await other.add(delivery)).toBe(false);
  });

  it('adds a delivery once that comes by many ways at the same time', async () => {
    const delivery = newDelivery();
    const other = await another();
    const answers = await Promise.all(
      [queue, other, queue, other, queue].map((each) => each.add(delivery)),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await queue.counts()).toMatchObject({ waiting: 1, running: 0, parked: 0 });
  });

  it('forgets finished deliveries after their time, and keeps nothing else of them', async () => {
    const brief = await another({ seenMs: 400, parkedMs: 60_000 });
    const delivery = newDelivery();
    await brief.add(delivery);
    await brief.finish(await taken(brief));
    expect(await brief.add(delivery)).toBe(false);
    await sleep(450);
    await brief.sweep();
    expect(await brief.add(delivery)).toBe(true);
  });

  it('works off a line in its order, one at a time', async () => {
    const first = newDelivery({ pull: 7 });
    const second = newDelivery({ pull: 7 });
    const third = newDelivery({ pull: 8 });
    for (const each of [first, second, third]) await queue.add(each);
    const a = await taken();
    const b = await taken();
    expect([a.delivery.id, b.delivery.id]).toEqual([first.id, third.id]);
    expect(await queue.take(LEASE)).toBeUndefined();
    await queue.finish(a);
    const c = await taken();
    expect(c.delivery.id).toBe(second.id);
  });

  it('keeps a line waiting behind a head that is tried again', async () => {
    const [first, second] = [newDelivery(), newDelivery()];
    for (const each of [first, second]) await queue.add(each);
    await queue.retry(await taken(), { ...later, afterMs: 600, isFailure: true });
    expect(await queue.take(LEASE)).toBeUndefined();
    await sleep(650);
    const again = await taken();
    expect(again.delivery.id).toBe(first.id);
    expect(again.failures).toBe(1);
    await queue.retry(again, { ...later, afterMs: 0 });
    const last = await taken();
    expect(last.delivery.id).toBe(first.id);
    expect(last.failures).toBe(1);
  });

  it('takes turns between installations, however long their lines are', async () => {
    const ids = (installation: number, count: number): Promise<string[]> =>
      Promise.all(
        Array.from({ length: count }, async (_, pull) => {
          const delivery = newDelivery({ installation, repository: installation, pull });
          await queue.add(delivery);
          return delivery.id;
        }),
      );
    const many = await ids(1, 20);
    const few = await ids(2, 2);
    const one = await ids(3, 1);
    const done = await order(23);
    const places = [...few, ...one].map((id) => done.indexOf(id));
    expect(Math.max(...places)).toBeLessThan(6);
    expect(done.filter((id) => many.includes(id))).toHaveLength(20);
  });

  it('lets an installation that comes and goes not go before one that waits', async () => {
    for (let pull = 0; pull < 5; pull += 1) await queue.add(newDelivery({ pull }));
    const served: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      if (turn % 2 === 0) await queue.add(newDelivery({ installation: 2, repository: 2 }));
      const job = await taken();
      served.push(job.delivery.installation!);
      await queue.finish(job);
    }
    expect(served.filter((each) => each === 1)).toHaveLength(3);
  });

  it('gives a job to another worker when its lease has run out, and counts the loss', async () => {
    const delivery = newDelivery();
    await queue.add(delivery);
    const lost = await taken(queue, 400);
    expect(await queue.take(LEASE)).toBeUndefined();
    await sleep(450);
    const other = await another();
    const found = await taken(other);
    expect(found.delivery.id).toBe(delivery.id);
    expect(found.losses).toBe(1);
    for (const step of [
      queue.renew(lost, LEASE),
      queue.finish(lost),
      queue.retry(lost, { ...later, afterMs: 0 }),
      queue.park(lost, 'stale'),
    ]) {
      expect(await step).toBe(false);
    }
    expect(await other.finish(found)).toBe(true);
    expect(await queue.counts()).toMatchObject({ waiting: 0, running: 0, parked: 0 });
  });

  it('keeps a job whose lease is renewed', async () => {
    await queue.add(newDelivery());
    const job = await taken(queue, 600);
    for (let turn = 0; turn < 4; turn += 1) {
      await sleep(200);
      expect(await queue.renew(job, 600)).toBe(true);
      expect(await queue.take(LEASE)).toBeUndefined();
    }
    expect(await queue.finish(job)).toBe(true);
  });

  it('holds back a whole installation, and no other', async () => {
    await queue.add(newDelivery({ pull: 1 }));
    await queue.add(newDelivery({ pull: 2 }));
    await queue.retry(await taken(), { ...later, afterMs: 1_000, isForInstallation: true });
    expect(await queue.take(LEASE)).toBeUndefined();
    await queue.add(newDelivery({ pull: 3 }));
    expect(await queue.take(LEASE)).toBeUndefined();
    const other = newDelivery({ installation: 2, repository: 2 });
    await queue.add(other);
    expect((await taken()).delivery.id).toBe(other.id);
    expect(await queue.take(LEASE)).toBeUndefined();
    await sleep(1_050);
    await taken();
    await taken();
    await taken();
  });

  it('still holds back an installation whose jobs all are gone', async () => {
    await queue.add(newDelivery({ pull: 1 }));
    await queue.add(newDelivery({ pull: 2 }));
    const [a, b] = [await taken(), await taken()];
    await queue.retry(a, { ...later, afterMs: 60_000, isForInstallation: true });
    await queue.finish(b);
    await queue.sweep();
    await queue.add(newDelivery({ pull: 3 }));
    expect(await queue.take(LEASE)).toBeUndefined();
  });

  it('parks a job with its reason, works on behind it, and puts it back at the end', async () => {
    const [first, second, third] = [newDelivery(), newDelivery(), newDelivery()];
    for (const each of [first, second, third]) await queue.add(each);
    const failed = await taken();
    await queue.retry(failed, { ...later, afterMs: 0, isFailure: true });
    expect(await queue.park(await taken(), 'an answer that cannot be')).toBe(true);
    const [parked, ...rest] = await queue.parked(10);
    expect(rest).toEqual([]);
    const { payload: _, ...shown } = first;
    expect(parked).toMatchObject({ ...shown, reason: 'an answer that cannot be' });
    expect(Math.abs(parked!.parkedAt - Date.now())).toBeLessThan(5_000);
    expect(await queue.counts()).toMatchObject({ waiting: 2, running: 0, parked: 1 });
    await queue.finish(await taken());
    expect(await queue.unpark(first.id)).toBe(true);
    expect(await queue.unpark(first.id)).toBe(false);
    expect(await queue.unpark('never-there')).toBe(false);
    expect(await queue.parked(10)).toEqual([]);
    expect((await taken()).delivery.id).toBe(third.id);
    expect(await queue.counts()).toMatchObject({ waiting: 1, running: 1, parked: 0 });
  });

  it('gives a job that is put back a clean sheet', async () => {
    const delivery = newDelivery();
    await queue.add(delivery);
    await queue.retry(await taken(), { ...later, afterMs: 0, isFailure: true });
    await queue.park(await taken(), 'why');
    await queue.unpark(delivery.id);
    expect(await taken()).toMatchObject({ delivery, failures: 0, losses: 0 });
  });

  it('shows the latest of many parked jobs first, and deletes old ones', async () => {
    const brief = await another({ seenMs: 60_000, parkedMs: 40 });
    const ids: string[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const delivery = newDelivery({ pull: turn });
      ids.unshift(delivery.id);
      await brief.add(delivery);
      await brief.park(await taken(brief), `reason ${turn}`);
      await sleep(3);
    }
    expect((await brief.parked(3)).map(({ id }) => id)).toEqual(ids.slice(0, 3));
    await sleep(60);
    await brief.sweep();
    expect(await brief.parked(10)).toEqual([]);
    expect(await brief.counts()).toMatchObject({ waiting: 0, running: 0, parked: 0 });
  });

  it('wakes who waits when something is added elsewhere', async () => {
    const other = await another();
    await sleep(50);
    const begin = Date.now();
    const heard = other.changed(5_000);
    await queue.add(newDelivery());
    await heard;
    expect(Date.now() - begin).toBeLessThan(1_000);
    await taken(other);
    const waited = other.changed(5_000);
    other.wake();
    await waited;
  });

  it('gives every job to one worker, among several that take at the same time', async () => {
    const workers = [queue, await another(), await another()];
    for (let pull = 0; pull < 150; pull += 1) {
      await queue.add(newDelivery({ pull: pull % 40, installation: pull % 3 }));
    }
    const running = new Set<string>();
    const done: string[] = [];
    await Promise.all(
      workers.map(async (each) => {
        for (let job = await each.take(LEASE); job; job = await each.take(LEASE)) {
          expect(running.has(job.key)).toBe(false);
          running.add(job.key);
          await sleep(Math.random() * 3);
          running.delete(job.key);
          done.push(job.delivery.id);
          expect(await each.finish(job)).toBe(true);
        }
      }),
    );
    // A worker that finds only lines that are worked on ends early; the others do the rest.
    expect(new Set(done).size).toBe(done.length);
    expect(done).toHaveLength(150);
  });

  it('finds everything again when it is opened again', async () => {
    await queue.add(newDelivery({ pull: 1 }));
    await queue.add(newDelivery({ pull: 2 }));
    await queue.add(newDelivery({ pull: 3 }));
    await queue.finish(await taken());
    await queue.park(await taken(), 'why');
    await queue.close();
    queue = await store.open();
    expect(await queue.counts()).toMatchObject({ waiting: 1, running: 0, parked: 1 });
    expect((await taken()).key).toBe('acme/app-1#3');
  });
});

/** Rounds of deliveries that are added, finished and forgotten; @returns what is left after each */
async function sizesAfter(queue: Queue, size: () => number | Promise<number>): Promise<number[]> {
  const sizes: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    for (let pull = 0; pull < 150; pull += 1) {
      const wish = { pull, installation: pull % 7, repository: pull % 20, text: 'x'.repeat(5_000) };
      await queue.add(newDelivery(wish));
    }
    for (let job = await queue.take(LEASE); job; job = await queue.take(LEASE)) {
      await queue.finish(job);
    }
    await sleep(30);
    await queue.sweep();
    sizes.push(await size());
  }
  return sizes;
}

const FORGETFUL: Retention = { seenMs: 10, parkedMs: 10 };

it('has a file that stays as large as its longest backlog made it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dfopt-queue-'));
  const file = join(folder, 'queue.sqlite');
  const queue = await openSqliteQueue(file, FORGETFUL);
  const sizes = await sizesAfter(queue, () =>
    [file, `${file}-wal`].reduce((sum, each) => sum + statSync(each).size, 0),
  );
  // The log beside the file goes up to four megabytes, whatever happens.
  expect(Math.max(...sizes)).toBeLessThan(7_000_000);
  expect(sizes[3]).toBeLessThanOrEqual(sizes[1]! * 1.1);
  await queue.close();
  await rm(folder, { recursive: true });
});

it.skipIf(!hasRedis)('leaves nothing behind in Redis', async () => {
  const redis = await startRedis();
  const queue = openRedisQueue({
    url: redis.url,
    retention: FORGETFUL,
    warn: () => undefined,
  });
  await isOpen(queue);
  const client = createClient({ url: redis.url });
  await client.connect();
  const sizes = await sizesAfter(queue, async () => {
    // Redis deletes what has expired when it gets round to it.
    for (let tries = 0; tries < 200 && (await client.dbSize()) > 1; tries += 1) await sleep(20);
    return client.dbSize();
  });
  // The number of the last turn.
  expect(sizes).toEqual([1, 1, 1, 1]);
  client.destroy();
  await queue.close();
  await redis.stop();
});

it('refuses a file that is no queue, with a message', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dfopt-queue-'));
  await expect(openSqliteQueue(join(folder, 'no', 'such.sqlite'))).rejects.toThrow(
    /queue cannot be opened/,
  );
  await rm(folder, { recursive: true });
});

it.skipIf(!hasRedis)(
  'rejects at once while Redis is away, and goes on when it is back',
  async () => {
    const redis = await startRedis();
    const warnings: string[] = [];
    const queue = openRedisQueue({ url: redis.url, warn: (message) => warnings.push(message) });
    await isOpen(queue);
    const delivery = newDelivery();
    await queue.add(delivery);
    await redis.kill();
    await expect(queue.add(newDelivery())).rejects.toThrow();
    await redis.start();
    await isOpen(queue);
    expect(await queue.add(delivery)).toBe(false);
    expect((await queue.take(LEASE))?.delivery).toEqual(delivery);
    expect(warnings.join('\n')).toMatch(/^Redis: /);
    await queue.close();
    await redis.stop();
  },
);
