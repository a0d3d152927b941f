/** One HTTP request to a container, and whether two answers are the same. */
import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { countOf } from '../report/units.ts';
import type { Seen } from '../report/verification.ts';
import type { Differences } from './steady.ts';
import { excerptOf, firstDifference } from './text.ts';

export type Answer =
  | { readonly kind: 'none'; readonly why: string }
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Those that are compared. */
      readonly headers: Readonly<Record<string, string>>;
      readonly bytes: number;
      readonly hash: string;
      /** The beginning of the body. */
      readonly text: string;
    };

const LOOPBACK = '127.0.0.1';

/** What is kept of a body, to show the first difference. */
const KEPT_BYTES = 256 * 1024;

/**
 * Headers that say how the answer is to be read. Others count bytes, tell times, name the software
 * or the request, and differ without being another answer.
 */
const COMPARED_HEADERS = [
  'access-control-allow-origin',
  'allow',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-security-policy',
  'content-type',
  'location',
  'refresh',
  'strict-transport-security',
  'vary',
  'www-authenticate',
  'x-content-type-options',
  'x-frame-options',
] as const;

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
        const kept: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          hash.update(chunk);
          if (bytes < KEPT_BYTES) kept.push(chunk.subarray(0, KEPT_BYTES - bytes));
          bytes += chunk.length;
        });
        response.on('error', () => resolve(undefined));
        response.on('end', () =>
          resolve({
            kind: 'answer',
            status: response.statusCode ?? 0,
            headers: comparedHeaders(response.headers),
            bytes,
            hash: hash.digest('hex'),
            text: Buffer.concat(kept).toString(),
          }),
        );
      },
    );
    request.on('error', () => resolve(undefined));
    request.end();
  });
}

/** Of cookies the names alone: their values are secrets or random. */
function comparedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const compared = COMPARED_HEADERS.flatMap((name): [string, string][] => {
    const value = headers[name];
    return value === undefined ? [] : [[name, [value].flat().join(', ')]];
  });
  const cookies = headers['set-cookie']?.map((each) => each.split('=')[0]!.trim()).toSorted();
  return Object.fromEntries([
    ...compared,
    ...(cookies ? [['set-cookie', cookies.join(', ')]] : []),
  ]);
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
  const type = answer.headers['content-type'] ?? 'no content type';
  return `status ${answer.status}, ${type}, ${countOf(answer.bytes, 'byte')}`;
}

export function seenAnswer(answer: Answer): Seen {
  if (answer.kind === 'none') return { kind: 'nothing', why: answer.why };
  const { status, headers } = answer;
  const contentType = headers['content-type'] ?? '';
  return { kind: 'answer', status, contentType, headers, body: excerptOf(answer) };
}

/** Each by its name; none where the answers are the same. */
export function differencesOfAnswers(before: Answer, after: Answer): Differences {
  if (before.kind === 'none') return new Map([['answer', `before: ${before.why}`]]);
  if (after.kind === 'none') return new Map([['answer', `after: ${after.why}`]]);
  const found = new Map<string, string>();
  if (before.status !== after.status) {
    found.set('status', `status: ${before.status} → ${after.status}`);
  }
  const names = [...new Set([...Object.keys(before.headers), ...Object.keys(after.headers)])];
  for (const name of names.toSorted()) {
    const [old, now] = [before.headers[name], after.headers[name]];
    if (old !== now) found.set(name, `${name}: ${old ?? 'not set'} → ${now ?? 'not set'}`);
  }
  if (before.hash !== after.hash) {
    found.set('body', firstDifference('body', before.text, after.text));
  }
  return found;
}
