/**
 * What the bot does on GitHub. What would be there twice where it is sent twice is sent once: then a
 * failure of the kind `broken` says that it may have been done.
 */
import { gzipSync } from 'node:zlib';
import type { GitHub } from './github.ts';
import type { Ask, Client, How } from './octokit-client.ts';
import { at, checkRunOf, isMissing, pullOf } from './octokit-answers.ts';

type Writes = Pick<
  GitHub,
  | 'createPull'
  | 'updatePull'
  | 'createReview'
  | 'updateReviewComment'
  | 'resolveThread'
  | 'createComment'
  | 'updateComment'
  | 'react'
  | 'createCheckRun'
  | 'concludeCheckRun'
  | 'createCommit'
  | 'createBranch'
  | 'moveBranch'
  | 'deleteBranch'
  | 'uploadSarif'
>;

/** As many annotations as GitHub takes at a time. */
const MOST_ANNOTATIONS = 50;

const RESOLVE = `mutation resolve($id: ID!) {
  resolveReviewThread(input: { threadId: $id }) { thread { isResolved } }
}`;

export function writesOf(client: Client, ask: Ask): Writes {
  return {
    createPull: (of, { title, body, head, base }) =>
      ask(async (how) => {
        const { data } = await client.request('POST /repos/{owner}/{repo}/pulls', {
          ...at(of),
          title,
          body,
          head,
          base,
          ...once(how),
        });
        return pullOf(data);
      }),
    updatePull: (of, number, change) =>
      ask(async (how) => {
        await client.request('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
          ...at(of),
          pull_number: number,
          ...change,
          ...how,
        });
      }),
    createReview: (of, number, { commit, body, comments }) =>
      ask(async (how) => {
        await client.request('POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews', {
          ...at(of),
          pull_number: number,
          commit_id: commit,
          event: 'COMMENT',
          ...(body !== undefined && { body }),
          comments: comments.map(({ path, body: text, line, startLine }) => ({
            path,
            body: text,
            line,
            side: 'RIGHT',
            // Of one line, GitHub wants no beginning.
            ...(startLine !== undefined &&
              startLine !== line && { start_line: startLine, start_side: 'RIGHT' }),
          })),
          ...once(how),
        });
      }),
    updateReviewComment: (of, id, body) =>
      ask(async (how) => {
        await client.request('PATCH /repos/{owner}/{repo}/pulls/comments/{comment_id}', {
          ...at(of),
          comment_id: id,
          body,
          ...how,
        });
      }),
    resolveThread: (id) =>
      ask(async (how) => {
        await client.graphql(RESOLVE, { id, ...how });
      }),
    createComment: (of, number, body) =>
      ask(async (how) => {
        await client.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
          ...at(of),
          issue_number: number,
          body,
          ...once(how),
        });
      }),
    updateComment: (of, id, body) =>
      ask(async (how) => {
        await client.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
          ...at(of),
          comment_id: id,
          body,
          ...how,
        });
      }),
    react: (of, comment, reaction) =>
      ask(async (how) => {
        await client.request('POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', {
          ...at(of),
          comment_id: comment,
          content: reaction,
          ...how,
        });
      }),
    createCheckRun: (of, { name, sha, externalId }) =>
      ask(async (how) => {
        const { data } = await client.request('POST /repos/{owner}/{repo}/check-runs', {
          ...at(of),
          name,
          head_sha: sha,
          status: 'in_progress',
          external_id: externalId,
          ...once(how),
        });
        return checkRunOf(data);
      }),
    concludeCheckRun: (of, run, conclusion, { title, summary, annotations }) =>
      ask(async (how) => {
        const left = annotations.slice(run.annotations);
        for (let from = 0; from === 0 || from < left.length; from += MOST_ANNOTATIONS) {
          const some = left.slice(from, from + MOST_ANNOTATIONS);
          const isLast = from + MOST_ANNOTATIONS >= left.length;
          // oxlint-disable-next-line no-await-in-loop -- they are appended in this order
          await client.request('PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', {
            ...at(of),
            check_run_id: run.id,
            ...(isLast && { status: 'completed' as const, conclusion }),
            output: {
              title,
              summary,
              annotations: some.map((each) => ({
                path: each.path,
                start_line: each.startLine,
                end_line: each.endLine,
                annotation_level: each.level,
                title: each.title,
                message: each.message,
              })),
            },
            // Sent again, annotations would be there twice.
            ...(some.length > 0 ? once(how) : how),
          });
        }
      }),
    createCommit: (of, { parent, message, files }) =>
      ask(async (how) => {
        const { data: base } = await client.request(
          'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
          { ...at(of), tree_sha: parent, ...how },
        );
        const { data: tree } = await client.request('POST /repos/{owner}/{repo}/git/trees', {
          ...at(of),
          base_tree: base.sha,
          tree: files.map(({ path, text, isExecutable }) => ({
            path,
            mode: isExecutable ? '100755' : '100644',
            type: 'blob',
            content: text,
          })),
          ...how,
        });
        const { data: commit } = await client.request('POST /repos/{owner}/{repo}/git/commits', {
          ...at(of),
          message,
          tree: tree.sha,
          parents: [parent],
          ...how,
        });
        return commit.sha;
      }),
    createBranch: (of, name, sha) =>
      ask(async (how) => {
        await client.request('POST /repos/{owner}/{repo}/git/refs', {
          ...at(of),
          ref: `refs/heads/${name}`,
          sha,
          ...once(how),
        });
      }),
    moveBranch: (of, name, sha) =>
      ask(async (how) => {
        await client.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
          ...at(of),
          ref: `heads/${name}`,
          sha,
          force: true,
          ...how,
        });
      }),
    deleteBranch: (of, name) =>
      ask(async (how) => {
        await gone(
          client.request('DELETE /repos/{owner}/{repo}/git/refs/{ref}', {
            ...at(of),
            ref: `heads/${name}`,
            ...how,
          }),
        );
      }),
    uploadSarif: (of, { commit, ref, sarif }) =>
      ask(async (how) => {
        await client.request('POST /repos/{owner}/{repo}/code-scanning/sarifs', {
          ...at(of),
          commit_sha: commit,
          ref,
          sarif: gzipSync(sarif).toString('base64'),
          tool_name: 'dfopt',
          ...how,
        });
      }),
  };
}

/** Never by itself a second time. */
function once({ request }: How): How {
  return { request: { ...request, retries: 0 } };
}

/** What is gone already need not go; of a branch, GitHub says 422 then. */
async function gone(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    const isUnknownRef = error instanceof Error && /reference does not exist/i.test(error.message);
    if (!isMissing(error) && !isUnknownRef) throw error;
  }
}
