/** Do workers finish, retry, put off, park and hand back as they should, and keep their leases? */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Parked, RetryLater, type Delivery, type Handle } from '../../src/bot/delivery.ts';
import { makeLog } from '../../src/bot/log.ts';
import { newMetrics, type Metrics } from '../../src/bot/metrics.ts';
import type { Queue } from '../../src/bot/queue/queue.ts';
import { openSqliteQueue } from '../../src/bot/queue/sqlite.ts';
import { pauseAfter, RULES, type Rules } from '../../src/bot/rules.ts';
import { startWorkers, type Workers } from '../../src/bot/worker.ts';
import { newDelivery } from './deliveries.ts';

const FAST: Rules = {
  ...RULES,
  leaseMs: 2_000,
  requestMs: 100,
  longestMs: 3_000,
  failures: 3,
  losses: 2,
  firstPauseMs: 10,
  longestPauseMs: 40,
  idleMs: 20,
};

let queue: Queue;
let metrics: Metrics;
let lines: string[];
let running: Workers[];

beforeEach(async () => {
  queue = await openSqliteQueue(':memory:');
  metrics = newMetrics(queue);
  lines = [];
  running = [];
});

afterEach(async () => {
  for (const each of running) await each.stop(0);
  await queue.close();
});

function start(handle: Handle, rules: Partial<Rules> = {}, of: Queue = queue, count = 2): Workers {
  const log = makeLog({ level: 'debug', secrets: [], write: (line) => lines.push(line) });
  const options = { queue: of, handle, count, log, metrics, rules: { ...FAST, ...rules } };
  const workers = startWorkers(options);
  running.push(workers);
  return workers;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const begin = Date.now(); !(await isSo()); await sleep(5)) {
    if (Date.now() - begin > 5_000) throw new Error(`never:\n${lines.join('')}`);
  }
}

async function isEmpty(): Promise<boolean> {
  const { waiting, running: leased } = await queue.counts();
  return waiting + leased === 0;
}

async function added(...wishes: readonly Parameters<typeof newDelivery>[0][]): Promise<Delivery[]> {
  const deliveries = wishes.map((wish) => newDelivery(wish));
  for (const each of deliveries) await queue.add(each);
  return deliveries;
}

describe('workers', () => {
  it('finish what the handler finishes', async () => {
    const [a, b] = await added({ pull: 1 }, { pull: 2 });
    const seen: string[] = [];
    start(async ({ id }) => {
      seen.push(id);
    });
    await until(isEmpty);
    expect(seen.sort()).toEqual([a!.id, b!.id].sort());
    expect(await metrics.text()).toContain(
      'dfopt_bot_jobs_total{event="pull_request",outcome="finished"} 2',
    );
  });

  it('take up what comes while they wait', async () => {
    let seen = 0;
    start(async () => {
      seen += 1;
    });
    await sleep(50);
    await added({});
    await until(isEmpty);
    expect(seen).toBe(1);
  });

  it('try again after a failure, and park at last with what was said last', async () => {
    const [delivery] = await added({});
    let tries = 0;
    start(async () => {
      tries += 1;
      throw new Error(`broken ${tries}`);
    });
    await until(async () => (await queue.counts()).parked === 1);
    expect(tries).toBe(3);
    const [parked] = await queue.parked(5);
    expect(parked).toMatchObject({ id: delivery!.id });
    expect(parked!.reason).toBe('failed 3 times; the last time: broken 3');
  });

  it('finish what fails and then does not', async () => {
    await added({});
    let tries = 0;
    start(async () => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
    });
    await until(isEmpty);
    expect((await queue.counts()).parked).toBe(0);
  });

  it('park at once what the handler parks', async () => {
    await added({});
    start(async () => {
      throw new Parked('the repository is too large');
    });
    await until(async () => (await queue.counts()).parked === 1);
    expect((await queue.parked(1))[0]!.reason).toBe('the repository is too large');
  });

  it('obey a wish to wait, for the whole installation, without counting it as a failure', async () => {
    await added({ pull: 1 }, { pull: 2 }, { pull: 3, installation: 2, repository: 2 });
    const times: [number, number][] = [];
    const begin = Date.now();
    let limits = 0;
    start(
      async ({ installation }) => {
        times.push([installation!, Date.now() - begin]);
        if (installation === 1 && limits < 4) {
          limits += 1;
          throw new RetryLater(100, 'secondary rate limit');
        }
      },
      {},
      queue,
      1,
    );
    await until(isEmpty);
    expect((await queue.counts()).parked).toBe(0);
    const ofFirst = times.filter(([installation]) => installation === 1).map(([, at]) => at);
    expect(ofFirst).toHaveLength(6);
    for (let turn = 1; turn <= 4; turn += 1) {
      expect(ofFirst[turn]! - ofFirst[turn - 1]!).toBeGreaterThanOrEqual(98);
    }
    const [, other] = times.find(([installation]) => installation === 2)!;
    expect(other).toBeLessThan(ofFirst[1]!);
  });

  it('park what has been put off for too long', async () => {
    await added({});
    start(
      async () => {
        throw new RetryLater(10, 'limit');
      },
      { oldestMs: 50 },
    );
    await until(async () => (await queue.counts()).parked === 1);
    expect((await queue.parked(1))[0]!.reason).toBe('put off for too long: limit');
  });

  it('renew the lease of a long job', async () => {
    await added({});
    let begun = 0;
    start(
      async () => {
        begun += 1;
        await sleep(2_000);
      },
      { leaseMs: 1_000, requestMs: 100, longestMs: 60_000 },
    );
    await until(isEmpty);
    expect(begun).toBe(1);
  });

  it('park what kills its workers', async () => {
    const [delivery] = await added({});
    for (let turn = 0; turn < 2; turn += 1) {
      expect((await queue.take(10))?.delivery.id).toBe(delivery!.id);
      await sleep(20);
    }
    let begun = 0;
    start(async () => {
      begun += 1;
    });
    await until(async () => (await queue.counts()).parked === 1);
    expect(begun).toBe(0);
    expect((await queue.parked(1))[0]!.reason).toBe('its worker was killed or hung 2 times');
  });

  it('end a job whose lease another has, before they could meet', async () => {
    await added({});
    const away = { isAway: false };
    const shaky: Queue = {
      ...queue,
      renew: (...args) => (away.isAway ? Promise.reject(new Error('away')) : queue.renew(...args)),
    };
    let ended: number | undefined;
    const begin = performance.now();
    start(
      async (_, signal) => {
        away.isAway = true;
        await sleep(5_000, undefined, { signal }).catch(() => undefined);
        ended = performance.now() - begin;
        signal.throwIfAborted();
      },
      { leaseMs: 1_500, requestMs: 700, longestMs: 60_000 },
      shaky,
      1,
    );
    await until(() => ended !== undefined);
    expect(ended).toBeLessThan(1_500);
  });

  it('end a job that takes too long, and count it as a failure', async () => {
    await added({});
    start(
      async (_, signal) => {
        await sleep(60_000, undefined, { signal });
      },
      { longestMs: 100 },
    );
    await until(async () => (await queue.counts()).parked === 1);
    expect((await queue.parked(1))[0]!.reason).toBe(
      'failed 3 times; the last time: it takes too long',
    );
  });

  it('are not held up for good by a handler that never ends', async () => {
    await added({ pull: 1 }, { pull: 2 });
    let begun = 0;
    start(
      () => {
        begun += 1;
        return begun === 1 ? new Promise<void>(() => undefined) : Promise.resolve();
      },
      { longestMs: 100 },
      queue,
      1,
    );
    await until(isEmpty);
    expect(begun).toBe(3);
  });

  it('tell a store that was away when it is back', async () => {
    await added({});
    let refusals = 3;
    const shaky: Queue = {
      ...queue,
      finish: async (job) => {
        refusals -= 1;
        if (refusals >= 0) throw new Error('away');
        return queue.finish(job);
      },
    };
    let begun = 0;
    start(
      async () => {
        begun += 1;
      },
      {},
      shaky,
    );
    await until(isEmpty);
    expect(begun).toBe(1);
  });

  it('go on when the store is back', async () => {
    let isAway = true;
    const shaky: Queue = {
      ...queue,
      take: (ms) => (isAway ? Promise.reject(new Error('away')) : queue.take(ms)),
    };
    await added({});
    start(async () => undefined, {}, shaky);
    await sleep(100);
    expect(lines.filter((line) => line.includes('does not answer')).length).toBeLessThan(3);
    isAway = false;
    await until(isEmpty);
  });
});

describe('a stop', () => {
  it('lets jobs under way finish, and takes no other', async () => {
    await added({ pull: 1 }, { pull: 2 });
    const done: string[] = [];
    const workers = start(
      async ({ id }) => {
        await sleep(80);
        done.push(id);
      },
      {},
      queue,
      1,
    );
    await sleep(30);
    await workers.stop(2_000);
    expect(done).toHaveLength(1);
    expect(await queue.counts()).toMatchObject({ waiting: 1, running: 0 });
  });

  it('hands back what does not finish in time, uncounted, for when no request is under way', async () => {
    const [delivery] = await added({});
    const workers = start((_, signal) => sleep(60_000, undefined, { signal }));
    await until(async () => (await queue.counts()).running === 1);
    await workers.stop(10);
    expect(await queue.counts()).toMatchObject({ waiting: 1, running: 0 });
    expect(await queue.take(1000)).toBeUndefined();
    await sleep(FAST.requestMs + 10);
    const job = await queue.take(1000);
    expect(job).toMatchObject({ delivery, failures: 0, losses: 0 });
  });

  it('does not wait for ever for a handler that does not listen', async () => {
    await added({});
    const workers = start(() => new Promise(() => undefined));
    await until(async () => (await queue.counts()).running === 1);
    const begin = Date.now();
    await workers.stop(10);
    expect(Date.now() - begin).toBeLessThan(1_000);
    // Nobody knows what it still does: its lease keeps others away.
    expect(await queue.counts()).toMatchObject({ waiting: 0, running: 1 });
  });
});

it('pauses grow to a limit, and are between half and the whole of it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, random) => {
        const whole = Math.min(RULES.longestPauseMs, RULES.firstPauseMs * 2 ** (failures - 1));
        const pause = pauseAfter(failures, random);
        expect(pause).toBeGreaterThanOrEqual(whole / 2);
        expect(pause).toBeLessThanOrEqual(whole);
      },
    ),
  );
  expect(pauseAfter(1, 1)).toBe(5_000);
  expect(pauseAfter(4, 1)).toBe(40_000);
});

it('a lease outlives every request', () => {
  const betweenRenewals = RULES.leaseMs / 5;
  expect(RULES.leaseMs - betweenRenewals).toBeGreaterThan(RULES.requestMs);
});
