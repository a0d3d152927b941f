/** The server of `dfopt review --web`, as its page asks it. */
import {
  TOKEN_HEADER,
  type OpenedFile,
  type Refusal,
  type Session,
  type WriteRequest,
  type Written,
} from '../messages.ts';

/** Its message is for the user: a sentence without a full stop. */
export class Refused extends Error {}

export interface Api {
  readonly session: () => Promise<Session>;
  readonly open: (id: number) => Promise<OpenedFile>;
  readonly write: (id: number, request: WriteRequest) => Promise<Written>;
}

const STORED = 'dfopt-token';

/** The token from the address, from where it is taken away so that nobody copies it; kept for reloads. */
export function takeToken(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return sessionStorage.getItem(STORED) ?? '';
  sessionStorage.setItem(STORED, token);
  history.replaceState(null, '', location.pathname);
  return token;
}

function post(headers: Readonly<Record<string, string>>, body: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}

export function apiOf(token: string): Api {
  const ask = async (path: string, body?: unknown): Promise<unknown> => {
    const headers = { [TOKEN_HEADER]: token };
    let response: Response;
    try {
      response = await fetch(path, body === undefined ? { headers } : post(headers, body));
    } catch {
      throw new Refused('dfopt does not answer any more; start it again');
    }
    const value = (await response.json()) as unknown;
    if (response.ok) return value;
    throw new Refused((value as Refusal).error);
  };
  return {
    session: () => ask('/api/session') as Promise<Session>,
    open: (id) => ask(`/api/files/${id}`) as Promise<OpenedFile>,
    write: (id, request) => ask(`/api/files/${id}`, request) as Promise<Written>,
  };
}
