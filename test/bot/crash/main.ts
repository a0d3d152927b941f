/** `npm run bot:crash`: the crash test at full length, with both queues, and its figures. */
import { parseArgs } from 'node:util';
import { hasRedis, NO_REDIS } from '../redis.ts';
import { crash, type QueueName } from './crash.ts';
import { bundle } from './processes.ts';

/**
 * @param root the project's folder
 * @returns the exit status
 */
export async function main(args: readonly string[], root: string): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      deliveries: { type: 'string', default: '1000' },
      kills: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      queue: { type: 'string', multiple: true, default: ['SQLite', 'Redis'] },
      handler: { type: 'string', default: 'real' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const program = await bundle(root);
  let isGood = true;
  try {
    for (const queue of values.queue as QueueName[]) {
      if (queue === 'Redis' && !hasRedis) {
        console.error(NO_REDIS);
        isGood = false;
        continue;
      }
      const report = await crash({
        queue,
        deliveries: Number(values.deliveries),
        kills: Number(values.kills),
        seed: Number(values.seed),
        handler: values.handler === 'comment' ? 'comment' : 'real',
        program,
        ...(values.verbose && { tell: (line: string) => console.error(line) }),
      });
      console.log(JSON.stringify(report, undefined, 2));
      const { lost, duplicated, parked, statuses } = report;
      isGood &&=
        lost.length + duplicated.length + parked.length === 0 &&
        statuses.every((status) => status === 0);
    }
  } finally {
    await program.remove();
  }
  console.log(isGood ? 'nothing lost, nothing twice' : 'FAILED');
  return isGood ? 0 : 1;
}
