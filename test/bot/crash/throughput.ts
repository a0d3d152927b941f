/** `npm run bot:throughput`: deliveries a second and memory, by queue and number of workers. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openQueue, type Store } from '../../../src/bot/app.ts';
import { RETENTION, type Queue } from '../../../src/bot/queue/queue.ts';
import { RULES } from '../../../src/bot/rules.ts';
import { freePort, hasRedis, NO_REDIS, startRedis } from '../redis.ts';
import type { Handler } from './configuration.ts';
import type { QueueName } from './crash.ts';
import { botProcess, bundle, type Program } from './processes.ts';
import { deliver, type Post } from './sender.ts';
import { newSite, SECRET, type Site } from './site.ts';

interface Figures {
  readonly queue: QueueName;
  readonly workers: number;
  readonly deliveries: number;
  /** Deliveries a second: taken and stored, worked off. */
  readonly storedPerSecond: number;
  readonly workedPerSecond: number;
  /** CPU time of the bot for one delivery, in milliseconds, which says the same on a busy machine. */
  readonly cpuEach: number;
  /** Resident memory of the bot, in MB, at each tenth of the way. */
  readonly memory: readonly number[];
  /** Of the queue in the end: the file with its log, or what Redis says that it uses, in MB. */
  readonly store: number;
  readonly lost: number;
  readonly duplicated: number;
}

const SENDERS = 16;

/** @param root the project's folder */
export async function main(args: readonly string[], root: string): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      deliveries: { type: 'string', default: '10000' },
      workers: { type: 'string', multiple: true, default: ['1', '2', '4'] },
      queue: { type: 'string', multiple: true, default: ['SQLite', 'Redis'] },
      handler: { type: 'string', default: 'real' },
    },
  });
  const handler = values.handler === 'comment' ? 'comment' : 'real';
  const program = await bundle(root);
  let isGood = true;
  try {
    for (const queue of values.queue as QueueName[]) {
      if (queue === 'Redis' && !hasRedis) {
        console.error(NO_REDIS);
        continue;
      }
      for (const workers of values.workers.map(Number)) {
        const options = { queue, workers, deliveries: Number(values.deliveries), handler, program };
        const figures = await measure(options as Options);
        console.log(JSON.stringify(figures));
        isGood &&= figures.lost + figures.duplicated === 0;
      }
    }
  } finally {
    await program.remove();
  }
  return isGood ? 0 : 1;
}

interface Options {
  readonly queue: QueueName;
  readonly workers: number;
  readonly deliveries: number;
  readonly handler: Handler;
  readonly program: Program;
}

async function measure({
  queue: name,
  workers,
  deliveries,
  handler,
  program,
}: Options): Promise<Figures> {
  const site = await newSite({ deliveries, handler, each: 5, trouble: {} });
  const folder = await mkdtemp(join(tmpdir(), 'dfopt-throughput-'));
  const redis = name === 'Redis' ? await startRedis() : undefined;
  const file = join(folder, 'queue.sqlite');
  const store: Store = redis ? { redisUrl: redis.url } : { file };
  const port = await freePort();
  const bot = botProcess('bot', program, {
    store,
    port,
    workers,
    handler,
    api: site.url,
    app: { appId: String(site.app.id), privateKey: site.app.privateKey, secret: SECRET },
    logLevel: 'warn',
    rules: RULES,
  });
  const queue = await openQueue(store, RETENTION, () => undefined);
  try {
    bot.start();
    await isReady(port);
    const begin = performance.now();
    const stored = send(site.posts, port).then(() => performance.now());
    const { memory, cpu } = await watch(queue, site, port);
    const end = performance.now();
    const { lost, duplicated } = site.verdict();
    return {
      queue: name,
      workers,
      deliveries: site.posts.length,
      storedPerSecond: perSecond(site.posts.length, (await stored) - begin),
      workedPerSecond: perSecond(site.posts.length, end - begin),
      cpuEach: Math.round((cpu / site.posts.length) * 10_000) / 10,
      memory,
      store: await sizeOf(file, redis?.url),
      lost: lost.length,
      duplicated: duplicated.length,
    };
  } finally {
    await bot.stop();
    await queue.close();
    await redis?.stop();
    await rm(folder, { recursive: true, force: true });
    await site.close();
  }
}

function perSecond(count: number, milliseconds: number): number {
  return Math.round((count / milliseconds) * 10_000) / 10;
}

async function isReady(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return;
    await sleep(50);
  }
  throw new Error('the bot is never ready');
}

async function send(posts: readonly Post[], port: number): Promise<void> {
  const target = { url: `http://127.0.0.1:${port}/webhook`, secret: SECRET };
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < posts.length) {
      next += 1;
      // None is sent twice.
      await deliver(posts[next - 1]!, target, () => 1);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, one));
}

/** Until all is worked off: the bot's memory in MB at each tenth of the way, its CPU time in seconds. */
async function watch(
  queue: Queue,
  site: Site,
  port: number,
): Promise<{ readonly memory: readonly number[]; readonly cpu: number }> {
  const memory: number[] = [];
  for (;;) {
    const finished = await finishedOf(port);
    while (memory.length < Math.floor((finished.count / site.posts.length) * 10)) {
      memory.push(finished.memory);
    }
    const { parked } = await queue.counts();
    if (finished.count >= site.posts.length) return { memory, cpu: finished.cpu };
    if (parked > 0) throw new Error(JSON.stringify(await queue.parked(3)));
    await sleep(200);
  }
}

interface Finished {
  readonly count: number;
  readonly cpu: number;
  readonly memory: number;
}

async function finishedOf(port: number): Promise<Finished> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const value = (line: RegExp): number => Number(line.exec(text)?.[1] ?? 0);
  return {
    count: value(/^dfopt_bot_jobs_total\{event="pull_request",outcome="finished"\} (\S+)$/m),
    cpu: value(/^process_cpu_seconds_total (\S+)$/m),
    memory: Math.round(value(/^process_resident_memory_bytes (\S+)$/m) / 1e6),
  };
}

async function sizeOf(file: string, redisUrl: string | undefined): Promise<number> {
  if (redisUrl !== undefined) {
    const { createClient } = await import('@redis/client');
    const client = createClient({ url: redisUrl });
    await client.connect();
    const used = /^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1] ?? '0';
    client.destroy();
    return Math.round(Number(used) / 1e5) / 10;
  }
  const sizes = [file, `${file}-wal`].map(async (each) => (await stat(each)).size);
  return Math.round((await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / 1e5) / 10;
}
