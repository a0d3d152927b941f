/** `POST /graphql` of the fake: threads of a pull request, resolving them, hiding comments. */
import { type Answer, type Call, Refusal, route, type Route } from './http.ts';
import { type Field, parseDocument } from './graphql-text.ts';
import { placeNow } from './pulls.ts';
import { nodeId } from './shapes.ts';
import {
  type Comment,
  type Issue,
  type Pull,
  type Repository,
  type ReviewComment,
  roleOf,
  type Thread,
  type User,
} from './world.ts';

type Resolver = (args: Readonly<Record<string, unknown>>) => unknown;
type Node = Readonly<Record<string, unknown>>;

class GraphQLProblem extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

const missing = (id: unknown): GraphQLProblem =>
  new GraphQLProblem(
    'NOT_FOUND',
    `Could not resolve to a node with the global id of '${String(id)}'`,
  );

/** May this token read or write here? */
const allows = (
  call: Call,
  repository: Repository,
  permission: string,
  isWrite: boolean,
): boolean => {
  const { token } = call;
  if (!token) return false;
  if (!token.permissions) {
    const role = roleOf(repository, token.actor);
    return isWrite ? role !== undefined && role !== 'read' : role !== undefined;
  }
  const isHeld = token.repositories
    ? token.repositories.has(repository)
    : token.installation?.account === repository.owner;
  const access = isHeld ? token.permissions[permission] : undefined;
  return isWrite ? access === 'write' : access !== undefined || !repository.isPrivate;
};

const checkWrite = (call: Call, repository: Repository, ...permissions: string[]): void => {
  if (!permissions.every((permission) => allows(call, repository, permission, true))) {
    throw new GraphQLProblem('FORBIDDEN', 'Resource not accessible by integration');
  }
};

/** A page by `first` and `after`, or `last` and `before`. */
const connection = (items: readonly unknown[], args: Readonly<Record<string, unknown>>): Node => {
  const { first, last, after, before } = args;
  if (first === undefined && last === undefined) {
    throw new GraphQLProblem(
      'MISSING_PAGINATION_BOUNDARIES',
      'You must provide a `first` or `last` value to properly paginate the connection.',
    );
  }
  const size = Number(first ?? last);
  if (!(size >= 1 && size <= 100)) {
    throw new GraphQLProblem(
      'EXCESSIVE_PAGINATION',
      `Requesting ${size} records exceeds the limit of 100.`,
    );
  }
  const from = after === undefined || after === null ? 0 : Number(after);
  const to = before === undefined || before === null ? items.length : Number(before) - 1;
  const [start, end] =
    first === undefined ? [Math.max(from, to - size), to] : [from, Math.min(to, from + size)];
  const nodes = items.slice(start, end);
  return {
    nodes,
    edges: nodes.map((node, index) => ({ node, cursor: String(start + index + 1) })),
    totalCount: items.length,
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: String(start + 1),
      endCursor: String(end),
    },
  };
};

/** GraphQL names a bot without the `[bot]` that REST adds. */
const actorNode = (user: User): Node => ({
  __typename: user.type,
  login: user.login.replace(/\[bot\]$/, ''),
  id: nodeId('U', user.id),
  databaseId: user.id,
});

const commentNode = (comment: Comment, kind: 'IC' | 'PRRC'): Node => ({
  __typename: kind === 'IC' ? 'IssueComment' : 'PullRequestReviewComment',
  id: nodeId(kind, comment.id),
  databaseId: comment.id,
  fullDatabaseId: String(comment.id),
  body: comment.body,
  author: actorNode(comment.author),
  isMinimized: comment.minimized !== undefined,
  minimizedReason: comment.minimized?.toLowerCase() ?? null,
  createdAt: comment.createdAt,
  updatedAt: comment.updatedAt,
});

const reviewCommentNode = (call: Call, comment: ReviewComment): Node => ({
  ...commentNode(comment, 'PRRC'),
  path: comment.path,
  line: async () => (await placeNow(call.world, comment))?.line ?? null,
  startLine: async () => (await placeNow(call.world, comment))?.startLine ?? null,
  outdated: async () => (await placeNow(call.world, comment)) === undefined,
  originalCommit: { oid: comment.originalCommit },
});

const threadNode = (call: Call, thread: Thread): Node => {
  const first = thread.comments[0]!;
  return {
    __typename: 'PullRequestReviewThread',
    id: nodeId('PRRT', thread.id),
    isResolved: thread.resolvedBy !== undefined,
    resolvedBy: thread.resolvedBy ? actorNode(thread.resolvedBy) : null,
    isOutdated: async () => (await placeNow(call.world, first)) === undefined,
    isCollapsed: thread.resolvedBy !== undefined,
    path: first.path,
    line: async () => (await placeNow(call.world, first))?.line ?? null,
    startLine: async () => (await placeNow(call.world, first))?.startLine ?? null,
    originalLine: first.originalLine,
    originalStartLine: first.originalStartLine ?? null,
    diffSide: first.side,
    viewerCanResolve: allows(call, thread.pull.repository, 'contents', true),
    comments: (args: Node) =>
      connection(
        thread.comments.map((comment) => reviewCommentNode(call, comment)),
        args,
      ),
  };
};

const pullNode = (call: Call, pull: Pull): Node => ({
  __typename: 'PullRequest',
  id: nodeId('PR', pull.id),
  number: pull.number,
  title: pull.issue.title,
  body: pull.issue.body,
  state: pull.mergedAt === undefined ? pull.issue.state.toUpperCase() : 'MERGED',
  headRefOid: pull.headSha,
  headRefName: pull.headRef,
  author: actorNode(pull.issue.author),
  reviewThreads: (args: Node) =>
    connection(
      [...pull.threads.values()].map((thread) => threadNode(call, thread)),
      args,
    ),
  comments: (args: Node) =>
    connection(
      [...pull.issue.comments.values()].map((comment) => commentNode(comment, 'IC')),
      args,
    ),
});

const threadOf = (call: Call, id: unknown): Thread => {
  for (const repository of call.world.repositories.values()) {
    for (const pull of repository.pulls.values()) {
      for (const thread of pull.threads.values()) {
        if (nodeId('PRRT', thread.id) === id && allows(call, repository, 'pull_requests', false)) {
          return thread;
        }
      }
    }
  }
  throw missing(id);
};

const commentOf = (
  call: Call,
  id: unknown,
): { readonly repository: Repository; readonly comment: Comment; readonly kind: 'IC' | 'PRRC' } => {
  const [, kind, number] = /^(IC|PRRC)_(\d+)$/.exec(String(id)) ?? [];
  for (const repository of call.world.repositories.values()) {
    const key = Number(number);
    const issue: Issue | undefined = repository.issueOfComment.get(key);
    const comment =
      kind === 'IC'
        ? issue?.comments.get(key)
        : repository.pullOfComment.get(key)?.reviewComments.get(key);
    if (comment) return { repository, comment, kind: kind as 'IC' | 'PRRC' };
  }
  throw missing(id);
};

const inputOf = (args: Node): Node => (args['input'] ?? {}) as Node;

const REASONS = ['SPAM', 'ABUSE', 'OFF_TOPIC', 'OUTDATED', 'DUPLICATE', 'RESOLVED'];

const setResolved = (call: Call, args: Node, isResolved: boolean): Node => {
  const thread = threadOf(call, inputOf(args)['threadId']);
  const isAuthor = !call.token?.app && thread.pull.issue.author === call.actor;
  // Apps need contents as well, although nothing there is written.
  if (!isAuthor) checkWrite(call, thread.pull.repository, 'pull_requests', 'contents');
  if (isResolved) thread.resolvedBy = call.actor;
  else delete thread.resolvedBy;
  return { clientMutationId: null, thread: threadNode(call, thread) };
};

const setMinimized = (call: Call, args: Node, isMinimized: boolean): Node => {
  const { subjectId, classifier } = inputOf(args);
  const { repository, comment, kind } = commentOf(call, subjectId);
  checkWrite(call, repository, 'pull_requests');
  if (isMinimized) {
    if (typeof classifier !== 'string' || !REASONS.includes(classifier)) {
      throw new GraphQLProblem('argumentLiteralsIncompatible', 'classifier has an invalid value');
    }
    comment.minimized = classifier;
  } else delete comment.minimized;
  const node = commentNode(comment, kind);
  return { clientMutationId: null, minimizedComment: node, unminimizedComment: node };
};

const rootOf = (call: Call): Readonly<Record<'query' | 'mutation', Node>> => ({
  query: {
    viewer: { ...actorNode(call.actor), login: call.actor.login },
    repository: ({ owner, name }: Node) => {
      const found = call.world.repositories.get(`${String(owner)}/${String(name)}`.toLowerCase());
      if (!found || !allows(call, found, 'metadata', false)) {
        const wanted = `${String(owner)}/${String(name)}`;
        throw new GraphQLProblem(
          'NOT_FOUND',
          `Could not resolve to a Repository with the name '${wanted}'.`,
        );
      }
      return {
        __typename: 'Repository',
        id: nodeId('R', found.id),
        nameWithOwner: found.fullName,
        pullRequest: ({ number }: Node) => {
          const pull = found.pulls.get(Number(number));
          if (pull) return pullNode(call, pull);
          throw new GraphQLProblem(
            'NOT_FOUND',
            `Could not resolve to a PullRequest with the number of ${String(number)}.`,
          );
        },
      };
    },
    node: ({ id }: Node) => {
      if (String(id).startsWith('PRRT_')) return threadNode(call, threadOf(call, id));
      const { comment, kind } = commentOf(call, id);
      return commentNode(comment, kind);
    },
  },
  mutation: {
    resolveReviewThread: (args: Node) => setResolved(call, args, true),
    unresolveReviewThread: (args: Node) => setResolved(call, args, false),
    minimizeComment: (args: Node) => setMinimized(call, args, true),
    unminimizeComment: (args: Node) => setMinimized(call, args, false),
  },
});

const select = async (value: unknown, fields: readonly Field[]): Promise<unknown> => {
  if (Array.isArray(value)) return Promise.all(value.map((item) => select(item, fields)));
  if (value === null || typeof value !== 'object') return value;
  const answer: Record<string, unknown> = {};
  for (const { name, alias, args, fields: inner } of fields) {
    if (!(name in value)) {
      throw new GraphQLProblem('undefinedField', `Field '${name}' doesn't exist`);
    }
    const own = (value as Node)[name];
    const found: unknown = typeof own === 'function' ? await (own as Resolver)(args) : own;
    const isObject = typeof found === 'object' && found !== null;
    if (isObject !== inner.length > 0 && found !== null) {
      throw new GraphQLProblem(
        'selectionMismatch',
        `Field '${name}' and its selections do not fit`,
      );
    }
    answer[alias] = await select(found, inner);
  }
  return answer;
};

const execute = async (call: Call): Promise<Answer> => {
  const { query, variables } = call.body as {
    readonly query?: string;
    readonly variables?: Readonly<Record<string, unknown>>;
  };
  if (typeof query !== 'string') {
    throw new Refusal(400, 'A query attribute must be specified and must be a string.');
  }
  try {
    const { kind, fields } = parseDocument(query, variables ?? {});
    return { status: 200, body: { data: await select(rootOf(call)[kind], fields) } };
  } catch (error) {
    if (error instanceof Refusal || !(error instanceof Error)) throw error;
    const type = error instanceof GraphQLProblem ? { type: error.type } : {};
    return { status: 200, body: { data: null, errors: [{ ...type, message: error.message }] } };
  }
};

export const GRAPHQL_ROUTES: readonly Route[] = [route('POST /graphql', undefined, execute)];
