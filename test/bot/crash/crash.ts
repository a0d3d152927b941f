/**
 * The crash test: processes of the bot, and redis-server, are killed at moments that a seed chooses,
 * while webhooks come in and are worked off. In the end each delivery must have had its effect, once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openQueue, type Store } from '../../../src/bot/app.ts';
import { RETENTION, type Counts, type Queue } from '../../../src/bot/queue/queue.ts';
import { randomOf } from '../../github/trouble.ts';
import { freePort, startRedis, type RedisServer } from '../redis.ts';
import { FAST_RULES, type BotConfiguration, type Handler } from './configuration.ts';
import { botProcess, type BotProcess, type Program } from './processes.ts';
import { deliver } from './sender.ts';
import { newSite, SECRET, type Site, type Verdict } from './site.ts';

export type QueueName = 'SQLite' | 'Redis';

export interface CrashOptions {
  readonly queue: QueueName;
  readonly deliveries: number;
  readonly kills: number;
  readonly seed: number;
  readonly handler: Handler;
  readonly program: Program;
  readonly tell?: (line: string) => void;
}

export interface CrashReport extends Verdict {
  readonly queue: QueueName;
  readonly deliveries: number;
  /** By what was killed. */
  readonly kills: Readonly<Record<string, number>>;
  /** Kills of a process that worked on a job, or of the store under one. */
  readonly killsAtWork: number;
  /** Tries to send a webhook that were not acknowledged. */
  readonly refused: number;
  readonly repeated: number;
  readonly parked: readonly string[];
  /** Statuses with which the processes ended on SIGTERM. */
  readonly statuses: readonly (number | null)[];
  readonly seconds: number;
}

/** Milliseconds between two kills, and until what was killed is started again. */
const CALM = { least: 250, most: 1_200 };
const DEAD = { least: 10, most: 600 };

/** How many send webhooks, and how long each waits before the next one at most, in milliseconds. */
const SENDERS = 12;
const SPREAD_MS = 800;

/** When nothing has been worked off for so long, something hangs. */
const HANGS_MS = 120_000;

export async function crash(options: CrashOptions): Promise<CrashReport> {
  const { queue: name, deliveries, handler, seed, tell = () => undefined } = options;
  const random = randomOf(seed);
  const site = await newSite({
    deliveries,
    handler,
    each: 2,
    trouble: { seed, failBefore: 0.02, failAfter: 0.02, statuses: [500, 502, 0], delay: 60 },
  });
  const folder = await mkdtemp(join(tmpdir(), 'dfopt-crash-'));
  const redis = name === 'Redis' ? await startRedis() : undefined;
  const store: Store = redis ? { redisUrl: redis.url } : { file: join(folder, 'queue.sqlite') };
  const port = await freePort();
  const bots = botsOf(site, store, port, options);
  const queue = await openQueue(store, RETENTION, () => undefined);
  const begin = Date.now();
  try {
    for (const bot of bots) bot.start();
    const sent = { refused: 0, repeated: 0 };
    const work = { released: 0, isOver: false };
    const target = { url: `http://127.0.0.1:${port}/webhook`, secret: SECRET };
    const senders = Array.from({ length: SENDERS }, async (_, first) => {
      const own = randomOf(seed + first + 1);
      for (let index = first; index < site.posts.length; index += SENDERS) {
        while (index >= work.released) await sleep(20);
        // Spread, so that there is one under way whenever something is killed.
        await sleep(own() * SPREAD_MS);
        const { refused, repeated } = await deliver(site.posts[index]!, target, own);
        sent.refused += refused;
        sent.repeated += repeated;
      }
    });
    const killing = killAround({ ...options, bots, redis, queue, random, work, tell, site });
    const [kills] = await Promise.all([killing, ...senders]);
    await isWorkedOff(queue, bots);
    const parked = (await queue.parked(100)).map(({ id, reason }) => `${id}: ${reason}`);
    const statuses = await Promise.all(bots.map((bot) => bot.stop()));
    return {
      queue: name,
      deliveries: site.posts.length,
      ...kills,
      ...sent,
      parked,
      statuses,
      ...site.verdict(),
      seconds: Math.round((Date.now() - begin) / 1000),
    };
  } finally {
    await Promise.all(bots.map((bot) => bot.stop()));
    await queue.close();
    await redis?.stop();
    await rm(folder, { recursive: true, force: true });
    await site.close();
  }
}

/** One that serves, two that work: as several machines do. */
function botsOf(
  site: Site,
  store: Store,
  port: number,
  { program, handler }: CrashOptions,
): readonly BotProcess[] {
  const common: Omit<BotConfiguration, 'workers'> = {
    store,
    handler,
    api: site.url,
    app: { appId: String(site.app.id), privateKey: site.app.privateKey, secret: SECRET },
    logLevel: 'warn',
    rules: FAST_RULES,
  };
  return [
    botProcess('server', program, { ...common, workers: 0, port }),
    botProcess('worker 1', program, { ...common, workers: 2 }),
    botProcess('worker 2', program, { ...common, workers: 2 }),
  ];
}

interface Scene extends Omit<CrashOptions, 'queue' | 'tell'> {
  readonly bots: readonly BotProcess[];
  readonly redis: RedisServer | undefined;
  readonly queue: Queue;
  readonly random: () => number;
  /** Webhooks may be sent up to this one, so that there is work until the last kill. */
  readonly work: { released: number };
  readonly site: Site;
  readonly tell: (line: string) => void;
}

async function killAround(scene: Scene): Promise<Pick<CrashReport, 'kills' | 'killsAtWork'>> {
  const { bots, redis, queue, random, work, site, tell } = scene;
  const between = ({ least, most }: typeof CALM): number => least + random() * (most - least);
  const victims = redis ? [...bots, 'redis-server' as const] : bots;
  const kills: Record<string, number> = {};
  let killsAtWork = 0;
  for (let done = 0; done < scene.kills; done += 1) {
    work.released = Math.ceil(((done + 1) / scene.kills) * site.posts.length);
    await sleep(between(CALM));
    const victim = victims[Math.floor(random() * victims.length)]!;
    const counts: Counts | undefined = await queue.counts().catch(() => undefined);
    if (counts && counts.running + counts.waiting > 0) killsAtWork += 1;
    if (victim === 'redis-server') {
      await redis!.kill();
      await sleep(between(DEAD));
      await redis!.start();
    } else {
      await victim.kill();
      await sleep(between(DEAD));
      victim.start();
    }
    const name = victim === 'redis-server' ? victim : victim.name;
    kills[name] = (kills[name] ?? 0) + 1;
    if (counts)
      tell(`kill ${done + 1}: ${name} (${counts.waiting} waiting, ${counts.running} running)`);
  }
  work.released = site.posts.length;
  return { kills, killsAtWork };
}

async function isWorkedOff(queue: Queue, bots: readonly BotProcess[]): Promise<void> {
  let last = '';
  let since = Date.now();
  for (;;) {
    const counts = await queue.counts().catch(() => undefined);
    if (counts && counts.waiting + counts.running === 0) return;
    const now = JSON.stringify(counts);
    if (now !== last) since = Date.now();
    else if (Date.now() - since > HANGS_MS) {
      throw new Error(`nothing happens: ${now}\n${bots.map((bot) => bot.said()).join('\n')}`);
    }
    last = now;
    await sleep(100);
  }
}
