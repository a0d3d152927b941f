/** Asks the fake without any library, as its own tests do. */
import type { FakeGitHub } from './fake.ts';

export interface Reply {
  readonly status: number;
  /** The JSON of the answer; `{}` where it has none. */
  readonly json: Json;
  /** The same as text. */
  readonly text: string;
  readonly headers: Headers;
}

/** Read by tests that say what they expect; a wrong path is `undefined` and fails there. */
export type Json = Readonly<Record<string, unknown>> & readonly Json[];

export type Client = (methodAndPath: string, body?: unknown) => Promise<Reply>;

/** @param token missing: nobody asks */
export const clientOf =
  (github: FakeGitHub, token?: string): Client =>
  async (methodAndPath, body) => {
    const [method = '', path = ''] = methodAndPath.split(' ');
    const response = await fetch(`${github.url}${path}`, {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      json: (text === '' ? {} : JSON.parse(text)) as Json,
      headers: response.headers,
    };
  };

/** The value at `a.b.0.c`. */
export const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (own, key) =>
        own === null || typeof own !== 'object' ? undefined : (own as Json)[key as keyof Json],
      value,
    );
