/**
 * Every so often, each repository of each installation is put into the queue as if something had
 * happened there: what dfopt knows changes with its releases, not only with pushes.
 */
import type { Delivery } from './delivery.ts';
import type { App } from './octokit.ts';
import type { Queue } from './queue/queue.ts';

export interface Schedule {
  readonly everyMs: number;
  /** All of one round; it may end with an error in the middle, and be asked again. */
  readonly deliveries: (now: number) => AsyncIterable<Delivery>;
}

export function scheduleOf(
  app: Pick<App, 'installations' | 'installation'>,
  everyMs: number,
): Schedule {
  return {
    everyMs,
    async *deliveries(now) {
      const round = Math.floor(now / everyMs);
      for (const installation of await app.installations()) {
        // One after the other: it is in no hurry.
        // oxlint-disable-next-line no-await-in-loop
        for (const repository of await app.installation(installation).repositories()) {
          if (repository.isArchived || repository.isFork) continue;
          const name = `${repository.owner}/${repository.name}`;
          // The same in every process and at every try, so that the queue takes it once.
          const id = `schedule-${everyMs}-${round}-${installation}-${name}`;
          const payload = {};
          yield { id, event: 'schedule', installation, repository: name, payload, receivedAt: now };
        }
      }
    },
  };
}

/** How often it is looked whether a round is due, and how soon a failed one is tried again. */
const LOOK_MS = 10 * 60_000;

/**
 * Puts a round into the queue now, and then every so often.
 * @returns how to end it
 */
export function startSchedule(
  { everyMs, deliveries }: Schedule,
  queue: Queue,
  warn: (error: unknown) => void,
): () => void {
  let done = -1;
  let isBusy = false;
  const look = async (): Promise<void> => {
    const now = Date.now();
    const round = Math.floor(now / everyMs);
    if (isBusy || round === done) return;
    isBusy = true;
    try {
      for await (const delivery of deliveries(now)) await queue.add(delivery);
      done = round;
    } catch (error) {
      warn(error);
    } finally {
      isBusy = false;
    }
  };
  void look();
  const timer = setInterval(() => void look(), Math.min(everyMs, LOOK_MS));
  return () => clearInterval(timer);
}
