/**
 * Is nothing lost and nothing done twice when processes are killed? The short version of
 * `npm run bot:crash`, with what the bot does for users.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crash, type QueueName } from './crash/crash.ts';
import { bundle, type Program } from './crash/processes.ts';
import { hasRedis, NO_REDIS } from './redis.ts';

let program: Program;

beforeAll(async () => {
  program = await bundle(fileURLToPath(new URL('../..', import.meta.url)));
  if (!hasRedis) console.warn(NO_REDIS);
});

afterAll(() => program?.remove());

describe.each<{ queue: QueueName; isThere: boolean }>([
  { queue: 'SQLite', isThere: true },
  { queue: 'Redis', isThere: hasRedis },
])('with the queue in $queue', ({ queue, isThere }) => {
  it.skipIf(!isThere)('no delivery is lost and no comment is there twice', async () => {
    const report = await crash({
      queue,
      deliveries: 60,
      kills: 10,
      seed: 20_261_121,
      handler: 'real',
      program,
    });
    const { lost, duplicated, parked, refusals, statuses, comments, kills } = report;
    expect({ lost, duplicated, parked, refusals, statuses }).toEqual({
      lost: [],
      duplicated: [],
      parked: [],
      refusals: [],
      statuses: [0, 0, 0],
    });
    expect(comments).toBeGreaterThanOrEqual(60);
    expect(Object.values(kills).reduce((sum, count) => sum + count, 0)).toBe(10);
  });
});
