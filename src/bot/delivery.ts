/**
 * One webhook of GitHub as the bot keeps it: which of them must never be worked on at the same time,
 * and how whoever works on one says what became of it.
 */

export interface Delivery {
  /** GitHub's own (`X-GitHub-Delivery`): the same again when it is sent again. */
  readonly id: string;
  readonly event: string;
  readonly action?: string;
  /** Id of the App's installation. */
  readonly installation?: number;
  /** `owner/name`. */
  readonly repository?: string;
  /** Signed by GitHub; what people wrote in it is untrusted all the same. */
  readonly payload: unknown;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/**
 * Does what a delivery asks for. It may be called again for the same one, after a crash in the middle
 * too, so what it did already it must find and not do again.
 * @param signal aborted when the bot must stop: end after the request under way, and throw
 */
export type Handle = (delivery: Delivery, signal: AbortSignal) => Promise<void>;

/** GitHub asks to wait: the job is tried again, and no other of its installation before. */
export class RetryLater extends Error {
  readonly afterMs: number;

  constructor(afterMs: number, reason: string) {
    super(reason);
    this.name = 'RetryLater';
    this.afterMs = afterMs;
  }
}

/** Trying again is of no use: a person should look at it. */
export class Parked extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'Parked';
  }
}

/** @param payload parsed JSON of a body whose signature was right */
export function deliveryOf(
  id: string,
  event: string,
  payload: unknown,
  receivedAt: number,
): Delivery {
  const action = text(payload, 'action');
  const installation = integer(payload, 'installation', 'id');
  const repository = text(payload, 'repository', 'full_name');
  return {
    id,
    event,
    ...(action !== undefined && { action }),
    ...(installation !== undefined && { installation }),
    ...(repository !== undefined && { repository }),
    payload,
    receivedAt,
  };
}

/**
 * Deliveries of one key are worked off one after the other in the order in which they came: those of
 * a pull request, those of a repository that belong to none, those of an installation.
 */
export function keyOf({ payload, installation = 0, repository }: Delivery): string {
  if (repository === undefined) return `installation ${installation}`;
  const place = repository.toLowerCase();
  const pull = integer(payload, 'pull_request', 'number') ?? integer(payload, 'issue', 'number');
  return pull === undefined ? place : `${place}#${pull}`;
}

function text(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, path);
  return typeof found === 'string' ? found : undefined;
}

function integer(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, path);
  return Number.isSafeInteger(found) ? (found as number) : undefined;
}

function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name))
      return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}
