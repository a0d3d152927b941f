/** What the bot reads of GitHub, in the words of the port. */
import type { GitHub, RepositoryName, ReviewThread } from './github.ts';
import {
  at,
  checkRunOf,
  commitOf,
  given,
  isMissing,
  KINDS,
  loginOf,
  numberOf,
  permission,
  pullOf,
  repositoryOf,
  type RepositoryAnswer,
} from './octokit-answers.ts';
import type { Ask, Client, How } from './octokit-client.ts';

type Reads = Pick<
  GitHub,
  | 'repository'
  | 'repositories'
  | 'permissionOf'
  | 'pull'
  | 'pullFiles'
  | 'pulls'
  | 'closedBy'
  | 'pullCommits'
  | 'reviews'
  | 'reviewComments'
  | 'reviewThreads'
  | 'comments'
  | 'checkRuns'
  | 'tree'
  | 'blob'
  | 'branch'
>;

const PAGE = 100;

export function readsOf(client: Client, ask: Ask): Reads {
  const all = { per_page: PAGE };
  return {
    repository: (of) =>
      ask(async (how) => {
        const { data } = await client.request('GET /repos/{owner}/{repo}', { ...at(of), ...how });
        return repositoryOf(data);
      }),
    repositories: () =>
      ask(async (how) => {
        const found = await client.paginate('GET /installation/repositories', { ...all, ...how });
        // The list lies in an object, which the types of the plugin do not unpack.
        return (found as unknown as RepositoryAnswer[]).map(repositoryOf);
      }),
    permissionOf: (of, login) =>
      ask(async (how) => {
        try {
          const { data } = await client.request(
            'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
            { ...at(of), username: login, ...how },
          );
          return permission(data.permission);
        } catch (error) {
          // Of accounts that are gone, or none of the repository's business.
          if (isMissing(error)) return 'none';
          throw error;
        }
      }),
    pull: (of, number) =>
      ask(async (how) => {
        const { data } = await client.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
          ...at(of),
          pull_number: number,
          ...how,
        });
        return { ...pullOf(data), isMerged: data.merged };
      }),
    pullFiles: (of, number) =>
      ask(async (how) => {
        const files = await client.paginate('GET /repos/{owner}/{repo}/pulls/{pull_number}/files', {
          ...at(of),
          ...all,
          pull_number: number,
          ...how,
        });
        return files.map(({ filename, previous_filename, status, patch }) => ({
          path: filename,
          status,
          ...(previous_filename !== undefined && { previousPath: previous_filename }),
          ...(patch !== undefined && { patch }),
        }));
      }),
    pulls: (of, { state, head, base }) =>
      ask(async (how) => {
        const found = await client.paginate('GET /repos/{owner}/{repo}/pulls', {
          ...at(of),
          ...all,
          state,
          sort: 'created',
          direction: 'desc',
          ...(head !== undefined && { head: `${of.owner}:${head}` }),
          ...(base !== undefined && { base }),
          ...how,
        });
        return found.map(pullOf);
      }),
    closedBy: (of, number) =>
      ask(async (how) => {
        const { data } = await client.request('GET /repos/{owner}/{repo}/issues/{issue_number}', {
          ...at(of),
          issue_number: number,
          ...how,
        });
        return loginOf(data.closed_by);
      }),
    pullCommits: (of, number) =>
      ask(async (how) => {
        const found = await client.paginate(
          'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits',
          { ...at(of), ...all, pull_number: number, ...how },
        );
        return found.map(commitOf);
      }),
    reviews: (of, number) =>
      ask(async (how) => {
        const found = await client.paginate(
          'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
          { ...at(of), ...all, pull_number: number, ...how },
        );
        return found.map(({ id, body, user }) => ({
          id: Number(id),
          body,
          author: user?.login ?? 'ghost',
        }));
      }),
    reviewComments: (of, number) =>
      ask(async (how) => {
        const found = await client.paginate(
          'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments',
          { ...at(of), ...all, pull_number: number, ...how },
        );
        return found.map((each) => ({
          id: Number(each.id),
          path: each.path,
          body: each.body,
          author: each.user?.login ?? 'ghost',
          originalCommit: each.original_commit_id,
          ...given('line', each.line),
          ...given('startLine', each.start_line),
          ...given('originalLine', each.original_line),
          ...given('originalStartLine', each.original_start_line),
          ...given('inReplyTo', numberOf(each.in_reply_to_id)),
        }));
      }),
    reviewThreads: (of, number) => ask((how) => threadsOf(client, of, number, how)),
    comments: (of, number) =>
      ask(async (how) => {
        const found = await client.paginate(
          'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
          { ...at(of), ...all, issue_number: number, ...how },
        );
        return found.map(({ id, body, user }) => ({
          id: Number(id),
          body: body ?? '',
          author: user?.login ?? 'ghost',
        }));
      }),
    checkRuns: (of, sha, name) =>
      ask(async (how) => {
        const { data } = await client.request(
          'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
          {
            ...at(of),
            ...all,
            ref: sha,
            check_name: name,
            ...how,
          },
        );
        return data.check_runs.map(checkRunOf).toSorted((one, other) => other.id - one.id);
      }),
    tree: (of, sha, { isRecursive }) =>
      ask(async (how) => {
        const { data } = await client.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
          ...at(of),
          tree_sha: sha,
          // Any value means yes.
          ...(isRecursive && { recursive: '1' }),
          ...how,
        });
        return {
          sha: data.sha,
          isTruncated: data.truncated,
          entries: data.tree.map(({ path, mode, sha: own, size }) => ({
            path,
            kind: KINDS[mode] ?? 'file',
            sha: own,
            ...given('bytes', size),
          })),
        };
      }),
    blob: (of, sha) =>
      ask(async (how) => {
        const { data } = await client.request('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', {
          ...at(of),
          file_sha: sha,
          ...how,
        });
        // Raw bytes would be decoded on the way, whatever they are.
        return data.encoding === 'base64'
          ? new Uint8Array(Buffer.from(data.content, 'base64'))
          : new TextEncoder().encode(data.content);
      }),
    branch: (of, name) =>
      ask(async (how) => {
        try {
          const { data } = await client.request('GET /repos/{owner}/{repo}/git/ref/{ref}', {
            ...at(of),
            ref: `heads/${name}`,
            ...how,
          });
          return data.object.sha;
        } catch (error) {
          if (isMissing(error)) return undefined;
          throw error;
        }
      }),
  };
}

const THREADS = `query threads($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id isResolved isOutdated comments(first: 1) { nodes { databaseId isMinimized } } }
      }
    }
  }
}`;

interface ThreadPage {
  readonly repository: {
    readonly pullRequest: {
      readonly reviewThreads: {
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
        readonly nodes: readonly {
          readonly id: string;
          readonly isResolved: boolean;
          readonly isOutdated: boolean;
          readonly comments: {
            readonly nodes: readonly {
              readonly databaseId: number | null;
              readonly isMinimized: boolean;
            }[];
          };
        }[];
      };
    };
  };
}

/** Only the other API knows what is resolved. */
async function threadsOf(
  client: Client,
  { owner, name }: RepositoryName,
  number: number,
  how: How,
): Promise<ReviewThread[]> {
  const threads: ReviewThread[] = [];
  let after: string | null = null;
  do {
    const variables = { owner, name, number, after, ...how };
    const page: ThreadPage = await client.graphql<ThreadPage>(THREADS, variables);
    const { nodes, pageInfo } = page.repository.pullRequest.reviewThreads;
    for (const { id, isResolved, isOutdated, comments } of nodes) {
      const [first] = comments.nodes;
      if (typeof first?.databaseId !== 'number') continue;
      const { databaseId: comment, isMinimized } = first;
      threads.push({ id, comment, isResolved, isOutdated, isMinimized });
    }
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  return threads;
}
