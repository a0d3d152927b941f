/** One HTTP request to a container, and whether two answers are the same. */
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';

export type Answer =
  | { readonly kind: 'none'; readonly why: string }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly contentType: string;
      readonly bytes: number;
      readonly hash: string;
    };

const LOOPBACK = '127.0.0.1';

/**
 * @param at where the port is reached
 * @param port the one that the program listens to, and therefore expects to be asked at
 * @returns `undefined` where nobody answers
 */
export function ask(
  at: number,
  port: number,
  path: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const headers = { host: `localhost:${port}`, connection: 'close' };
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const request = httpRequest(
      { host: LOOPBACK, port: at, path, headers, agent: false, signal: within },
      (response) => {
        const hash = createHash('sha256');
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          hash.update(chunk);
          bytes += chunk.length;
        });
        response.on('error', () => resolve(undefined));
        response.on('end', () =>
          resolve({
            kind: 'answer',
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            bytes,
            hash: hash.digest('hex'),
          }),
        );
      },
    );
    request.on('error', () => resolve(undefined));
    request.end();
  });
}

/** Does anybody listen to a port of this machine's loopback? */
export function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export function describeAnswer(answer: Answer): string {
  if (answer.kind === 'none') return 'no answer';
  const type = answer.contentType === '' ? 'no content type' : answer.contentType;
  return `status ${answer.status}, ${type}, ${answer.bytes} bytes`;
}

/** Each by its name; none where the answers are the same. */
export function differencesOfAnswers(before: Answer, after: Answer): string[] {
  if (before.kind === 'none') return [`before: ${before.why}`];
  if (after.kind === 'none') return [`after: ${after.why}`];
  const names = { status: 'status', contentType: 'content type' } as const;
  const named = (['status', 'contentType'] as const)
    .filter((key) => before[key] !== after[key])
    .map((key) => `${names[key]}: ${before[key]} → ${after[key]}`);
  return before.hash === after.hash ? named : [...named, 'the body differs'];
}
