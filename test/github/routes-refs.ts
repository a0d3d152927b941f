/** Refs, branches and comparisons of the fake. */
import { setRef } from './deeds.ts';
import { type Call, notFound, page, Refusal, route, type Route } from './http.ts';
import { ancestors, commitsBetween, mergeBase } from './objects.ts';
import { commitNamed, commitOf, url } from './routes-git.ts';
import { commitJson } from './shapes.ts';
import type { Repository } from './world.ts';

const REPO = '/repos/{owner}/{repo}';
const READ = 'contents:read';
const WRITE = 'contents:write@write';

const refJson = (call: Call, ref: string, sha: string) => ({
  ref,
  node_id: `REF_${ref}`,
  url: url(call, `git/${ref}`),
  object: { type: 'commit', sha, url: url(call, `git/commits/${sha}`) },
});

const createRef = async (call: Call) => {
  const { ref, sha } = call.body as { readonly ref: string; readonly sha: string };
  const { repository, world, actor } = call;
  const isName =
    /^refs\/(heads|tags)\/(?!.*(\.\.|[\s~^:?*[\\]|\/\/|@\{|\.lock(\/|$)|\/$|\.$))[^/.]/.test(ref);
  if (!isName) throw new Refusal(422, `${ref} is not a valid ref name.`);
  if (repository.refs.has(ref)) throw new Refusal(422, 'Reference already exists');
  // Files and folders: `a` and `a/b` cannot both be refs.
  for (const known of repository.refs.keys()) {
    if (known.startsWith(`${ref}/`) || ref.startsWith(`${known}/`)) {
      throw new Refusal(422, 'Reference update failed');
    }
  }
  if (!repository.objects.has(sha, 'commit')) throw new Refusal(422, 'Object does not exist');
  await setRef(world, repository, ref, sha, actor);
  return { status: 201, body: refJson(call, ref, sha) };
};

const updateRef = async (call: Call) => {
  const ref = `refs/${call.params['ref']!}`;
  const { sha, force } = call.body as { readonly sha: string; readonly force?: boolean };
  const { repository, world, actor } = call;
  const before = repository.refs.get(ref);
  if (before === undefined) throw new Refusal(422, 'Reference does not exist');
  if (!repository.objects.has(sha, 'commit')) throw new Refusal(422, 'Object does not exist');
  const isForward = ancestors(repository.objects, sha).has(before);
  if (!isForward && force !== true) throw new Refusal(422, 'Update is not a fast forward');
  checkProtection(repository, ref);
  await setRef(world, repository, ref, sha, actor);
  return { status: 200, body: refJson(call, ref, sha) };
};

const checkProtection = (repository: Repository, ref: string): void => {
  if (repository.protectedBranches.has(ref.replace(/^refs\/heads\//, ''))) {
    throw new Refusal(422, 'Changes must be made through a pull request.');
  }
};

const removeRef = async (call: Call) => {
  const ref = `refs/${call.params['ref']!}`;
  const { repository, world, actor } = call;
  if (!repository.refs.has(ref)) throw new Refusal(422, 'Reference does not exist');
  if (ref === `refs/heads/${repository.defaultBranch}`) {
    throw new Refusal(422, 'Cannot delete the default branch');
  }
  checkProtection(repository, ref);
  await setRef(world, repository, ref, undefined, actor);
  return { status: 204 };
};

const branchJson = (call: Call, name: string) => {
  const commit = commitNamed(call.repository, `heads/${name}`);
  if (!commit) throw new Refusal(404, 'Branch not found');
  return {
    name,
    commit: commitJson(call.world, call.repository, commit),
    protected: call.repository.protectedBranches.has(name),
  };
};

const compare = async (call: Call) => {
  const [base = '', head = ''] = call.params['basehead']!.split('...');
  const { repository, world } = call;
  const from = commitNamed(repository, base);
  const to = commitNamed(repository, head);
  if (!from || !to) throw notFound();
  const ahead = commitsBetween(repository.objects, from.sha, to.sha);
  const behind = commitsBetween(repository.objects, to.sha, from.sha);
  const common = repository.objects.commit(
    mergeBase(repository.objects, from.sha, to.sha) ?? from.sha,
  )!;
  const files = await world.differ.between(common.tree, to.tree);
  const status =
    ahead.length === 0
      ? behind.length === 0
        ? 'identical'
        : 'behind'
      : behind.length === 0
        ? 'ahead'
        : 'diverged';
  const body = {
    status,
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    base_commit: commitJson(world, repository, from),
    merge_base_commit: commitJson(world, repository, common),
    commits: ahead.map((commit) => commitJson(world, repository, commit)),
    files: files.map(({ path, previousPath, ...file }) => ({
      ...file,
      filename: path,
      ...(previousPath === undefined ? {} : { previous_filename: previousPath }),
      changes: file.additions + file.deletions,
    })),
  };
  return { status: 200, body };
};

export const REF_ROUTES: readonly Route[] = [
  route(`GET ${REPO}/git/ref/{ref}`, READ, (call) => {
    const ref = `refs/${call.params['ref']!}`;
    const sha = call.repository.refs.get(ref);
    if (sha === undefined) throw notFound();
    return { status: 200, body: refJson(call, ref, sha) };
  }),
  route(`GET ${REPO}/git/matching-refs/{ref}`, READ, (call) =>
    page(
      call,
      [...call.repository.refs].filter(([ref]) => ref.startsWith(`refs/${call.params['ref']!}`)),
      ([ref, sha]) => refJson(call, ref, sha),
    ),
  ),
  route(`POST ${REPO}/git/refs`, WRITE, createRef),
  route(`PATCH ${REPO}/git/refs/{ref}`, WRITE, updateRef),
  route(`DELETE ${REPO}/git/refs/{ref}`, WRITE, removeRef),
  route(`GET ${REPO}/branches/{branch}`, READ, (call) => ({
    status: 200,
    body: branchJson(call, call.params['branch']!),
  })),
  route(`GET ${REPO}/compare/{basehead}`, READ, compare),
  route(`GET ${REPO}/commits/{ref}`, READ, (call) => {
    // Pages of the files, which the fake leaves out.
    call.query.get('per_page');
    const commit = commitOf(call, call.params['ref']!);
    return { status: 200, body: commitJson(call.world, call.repository, commit) };
  }),
];
