/**
 * Whoever sends the webhooks: a proxy that keeps each and sends it until it is acknowledged, and now
 * and then once more although it was. GitHub itself sends each once.
 */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Post {
  readonly id: string;
  readonly event: string;
  readonly body: string;
}

export interface Sent {
  /** Tries that were not acknowledged. */
  readonly refused: number;
  /** Sent again although it was acknowledged. */
  readonly repeated: number;
}

/** Share of the webhooks that are sent again although they were acknowledged. */
const REPEATED = 0.05;

const PATIENCE_MS = 3_000;
const PAUSE_MS = 50;

export async function deliver(
  post: Post,
  target: { readonly url: string; readonly secret: string },
  random: () => number,
): Promise<Sent> {
  let refused = 0;
  while (!(await isAcknowledged(post, target))) {
    refused += 1;
    await sleep(PAUSE_MS * (1 + random()));
  }
  const isRepeated = random() < REPEATED;
  if (isRepeated) await isAcknowledged(post, target);
  return { refused, repeated: isRepeated ? 1 : 0 };
}

async function isAcknowledged(
  { id, event, body }: Post,
  { url, secret }: { readonly url: string; readonly secret: string },
): Promise<boolean> {
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-github-delivery': id,
        'x-github-event': event,
        'x-hub-signature-256': signature,
      },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await answer.arrayBuffer();
    if (answer.status !== 202 && answer.status !== 503) {
      throw new Unexpected(`the bot answered ${answer.status}`);
    }
    return answer.status === 202;
  } catch (error) {
    if (error instanceof Unexpected) throw error;
    return false;
  }
}

class Unexpected extends Error {}
