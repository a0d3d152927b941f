/** `dfopt bot --parked` and `--put-back`: what was given up, and another try. */
import { openQueue, type Store } from '../bot/app.ts';
import type { ParkedJob, Queue, Retention } from '../bot/queue/queue.ts';
import { escapeLine } from '../report/escape.ts';
import { lastString, type Arguments } from './command.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import { UsageError } from './usage.ts';

/** More are not shown at once. */
const SHOWN = 1000;

/** How long Redis has to answer, in milliseconds. */
const PATIENCE_MS = 5_000;

export async function lookAfterQueue(
  argv: Arguments,
  store: Store,
  retention: Retention,
  io: Io,
): Promise<ExitCode> {
  const complaints: string[] = [];
  const queue = await opened(store, retention, (message) => complaints.push(message));
  try {
    await answers(queue, complaints);
    const id = lastString(argv['put-back']);
    if (id !== undefined) return await putBack(id, queue, io);
    const parked = await queue.parked(SHOWN);
    io.stdout.write(parked.map(lineOf).join(''));
    io.stderr.write(parked.length === 0 ? 'no job is parked\n' : '');
    return EXIT.ok;
  } finally {
    await queue.close();
  }
}

/** @throws UsageError where the file cannot be opened */
async function opened(
  store: Store,
  retention: Retention,
  warn: (message: string) => void,
): Promise<Queue> {
  try {
    return await openQueue(store, retention, warn);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Redis is connected to behind our back. */
async function answers(queue: Queue, complaints: readonly string[]): Promise<void> {
  for (const begin = Date.now(); ; await queue.changed(100)) {
    try {
      await queue.counts();
      return;
    } catch {
      if (Date.now() - begin < PATIENCE_MS) continue;
      throw new UsageError(`the queue does not answer${complaints[0] ? `: ${complaints[0]}` : ''}`);
    }
  }
}

async function putBack(id: string, queue: Queue, io: Io): Promise<ExitCode> {
  const ids = id === 'all' ? (await queue.parked(SHOWN)).map((job) => job.id) : [id];
  let count = 0;
  // The oldest first, as they stood in line.
  for (const each of ids.toReversed()) if (await queue.unpark(each)) count += 1;
  if (count === 0 && id !== 'all') throw new UsageError(`no job "${id}" is parked`);
  io.stderr.write(`${count} ${count === 1 ? 'job' : 'jobs'} put back\n`);
  return EXIT.ok;
}

/** What others wrote may stand in a reason. */
function lineOf({ id, event, action, repository, parkedAt, reason }: ParkedJob): string {
  const what = action === undefined ? event : `${event} ${action}`;
  const when = new Date(parkedAt).toISOString();
  const fields = [id, when, repository ?? '-', what, reason];
  return `${fields.map((field) => escapeLine(field)).join('  ')}\n`;
}
