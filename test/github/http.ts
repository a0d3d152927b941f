/** Requests and answers of the fake: routes, refusals, pages. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Access, App, Repository, Role, Token, User, World } from './world.ts';

export interface Answer {
  readonly status: number;
  /** `undefined` sends nothing; a Buffer is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A query that knows what of it was looked at: what the fake overlooks would pass as heeded. */
export class Query extends URLSearchParams {
  readonly asked = new Set<string>();

  override get(name: string): string | null {
    this.asked.add(name);
    return super.get(name);
  }

  override has(name: string): boolean {
    this.asked.add(name);
    return super.has(name);
  }

  /** What nobody asked for. */
  overlooked(): readonly string[] {
    return [...new Set(this.keys())].filter((name) => !this.asked.has(name));
  }
}

/** An answer that says no. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly unknown[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    errors?: readonly unknown[],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found');

export const invalid = (...errors: readonly unknown[]): Refusal =>
  new Refusal(
    422,
    errors.some((error) => typeof error === 'string')
      ? 'Unprocessable Entity'
      : 'Validation Failed',
    errors,
  );

export type Json = Readonly<Record<string, unknown>>;

export interface Call {
  readonly world: World;
  readonly token?: Token;
  /** Who signed a JWT, on the paths that ask for one. */
  readonly app?: App;
  /** The token's person or bot; only on paths that need one. */
  readonly actor: User;
  /** `{owner}/{repo}` of the path. */
  readonly repository: Repository;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Json;
  readonly headers: IncomingHttpHeaders;
  /** Path and query as they came. */
  readonly path: string;
}

/** One of several permissions is enough, as a comment on a pull request is one on an issue as well. */
export interface Need {
  readonly permissions: readonly string[];
  readonly access: Access;
  /** What a person needs; missing: `read`. */
  readonly role?: Role;
}

export interface Route {
  readonly method: string;
  /** `/repos/{owner}/{repo}/contents/{path}`; a last parameter may hold slashes. */
  readonly path: string;
  readonly need?: Need;
  /** Who may call it; `token` where it is not said. */
  readonly by?: 'app' | 'anyone';
  /** It creates content, of which there is a limit. */
  readonly isContent?: boolean;
  readonly handle: (call: Call) => Answer | Promise<Answer>;
}

interface Options {
  readonly by?: 'app' | 'anyone';
  readonly isContent?: boolean;
}

/** @param need as `pull_requests|issues:write` or `contents:write@write`: permissions, access, role of a person */
export const route = (
  methodAndPath: string,
  need: string | undefined,
  handle: Route['handle'],
  options: Options = {},
): Route => {
  const [method = '', path = ''] = methodAndPath.split(' ');
  if (need === undefined) return { method, path, handle, ...options };
  const [, permissions = '', access = '', role] =
    /^([^:]+):(read|write)(?:@(\w+))?$/.exec(need) ?? [];
  return {
    method,
    path,
    handle,
    ...options,
    need: {
      permissions: permissions.split('|'),
      access: access as Access,
      ...(role ? { role: role as Role } : {}),
    },
  };
};

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** @returns the route of a path; `undefined` where there is none */
export const router = (routes: readonly Route[]) => {
  const compiled = routes.map((own) => {
    const names: string[] = [];
    const source = own.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      names.push(name);
      return ['path', 'ref', 'basehead', 'branch'].includes(name) ? '(.+)' : '([^/]+)';
    });
    return { own, names, pattern: new RegExp(`^${source}/?$`) };
  });
  return (method: string, path: string): Match | undefined => {
    for (const { own, names, pattern } of compiled) {
      if (own.method !== method) continue;
      const found = pattern.exec(path);
      if (!found) continue;
      const values = names.map((name, index) => [name, decodeURIComponent(found[index + 1]!)]);
      return { route: own, params: Object.fromEntries(values) as Record<string, string> };
    }
    return undefined;
  };
};

/** A page of a list, with the `link` header that leads to the others. */
export const page = async <T>(
  call: Call,
  items: readonly T[],
  toJson: (item: T) => unknown,
  wrap: (rows: readonly unknown[], total: number) => unknown = (rows) => rows,
): Promise<Answer> => {
  const size = Math.min(100, Math.max(1, Number(call.query.get('per_page') ?? 30) || 30));
  const number = Math.max(1, Number(call.query.get('page') ?? 1) || 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const linkTo = (target: number, relation: string): string => {
    const url = new URL(call.path, call.world.url);
    url.searchParams.set('page', String(target));
    return `<${url.href}>; rel="${relation}"`;
  };
  const links = [
    ...(number > 1 ? [linkTo(number - 1, 'prev'), linkTo(1, 'first')] : []),
    ...(number < last ? [linkTo(number + 1, 'next'), linkTo(last, 'last')] : []),
  ];
  const rows = await Promise.all(items.slice((number - 1) * size, number * size).map(toJson));
  return {
    status: 200,
    body: wrap(rows, items.length),
    ...(links.length > 0 ? { headers: { link: links.join(', ') } } : {}),
  };
};

/** A whole number of the path. */
export const numberIn = (call: Call, name: string): number => {
  const value = Number(call.params[name]);
  if (!Number.isSafeInteger(value)) throw notFound();
  return value;
};

/** Longest body of a comment, review, issue or pull request. */
const BODY_LIMIT = 65_536;

/** A text that must not be empty nor too long. */
export const bodyText = (value: unknown, field = 'body', resource = 'IssueComment'): string => {
  if (typeof value !== 'string' || value.trim() === '') {
    throw invalid({ resource, code: 'missing_field', field });
  }
  if (value.length > BODY_LIMIT) {
    throw invalid({
      resource,
      code: 'custom',
      field,
      message: `${field} is too long (maximum is ${BODY_LIMIT} characters)`,
    });
  }
  return value;
};
