/** Does the bot wait when GitHub says that it is too much, and say everything once all the same? */
import { afterEach, expect, it } from 'vitest';
import { makeLog } from '../../src/bot/log.ts';
import { newMetrics } from '../../src/bot/metrics.ts';
import { deliveryOf } from '../../src/bot/delivery.ts';
import type { Queue } from '../../src/bot/queue/queue.ts';
import { openSqliteQueue } from '../../src/bot/queue/sqlite.ts';
import { startWorkers, type Workers } from '../../src/bot/worker.ts';
import { FAST_RULES } from './crash/configuration.ts';
import { handlerOf } from './crash/handlers.ts';
import { newSite, type Site } from './crash/site.ts';

let site: Site | undefined;
let queue: Queue | undefined;
let workers: Workers | undefined;

afterEach(async () => {
  await workers?.stop(1_000);
  await queue?.close();
  await site?.close();
});

it('obeys secondary limits: all is said, later, once, and nothing is parked', async () => {
  // Of GitHub, which has waited a minute once the bot has been told to wait.
  let clock = Date.now();
  site = await newSite({
    deliveries: 16,
    handler: 'real',
    each: 1,
    trouble: {},
    limits: { contentPerMinute: 6, contentPerHour: 500, retryAfter: 1 },
    now: () => clock,
  });
  queue = await openSqliteQueue(':memory:');
  const lines: string[] = [];
  workers = startWorkers({
    queue,
    handle: handlerOf('real', site.url, {
      appId: String(site.app.id),
      privateKey: site.app.privateKey,
    }),
    count: 2,
    log: makeLog({
      level: 'info',
      secrets: [],
      write: (line) => {
        lines.push(line);
        if (line.includes('"msg":"put off"')) clock += 61_000;
      },
    }),
    metrics: newMetrics(queue),
    rules: FAST_RULES,
  });
  for (const { id, event, body } of site.posts) {
    await queue.add(deliveryOf(id, event, JSON.parse(body), Date.now()));
  }
  await expect
    .poll(async () => (await queue!.counts()).waiting + (await queue!.counts()).running, {
      timeout: 60_000,
      interval: 100,
    })
    .toBe(0);
  const { lost, duplicated, refusals } = site.verdict();
  expect({ lost, duplicated }).toEqual({ lost: [], duplicated: [] });
  expect(await queue.parked(10)).toEqual([]);
  expect(refusals.length).toBeGreaterThan(0);
  expect(refusals.filter((each) => !each.includes('secondary rate limit'))).toEqual([]);
  expect(lines.filter((line) => line.includes('"msg":"put off"')).length).toBeGreaterThan(0);
  expect(lines.filter((line) => line.includes('"msg":"failed"'))).toEqual([]);
});
