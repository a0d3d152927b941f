/** Trees, blobs, commits and contents of the fake. */
import { setRef, signatureOf } from './deeds.ts';
import { type Call, notFound, Refusal, route, type Route } from './http.ts';
import { changed, type Commit, type FileRow, type Mode, type Signature } from './objects.ts';
import type { Repository } from './world.ts';

const REPO = '/repos/{owner}/{repo}';
const READ = 'contents:read';
const WRITE = 'contents:write@write';

/** GitHub sends a file's text up to 1 MB, and nothing over 100 MB. */
const CONTENT_LIMIT = 1_000_000;
const BLOB_LIMIT = 100_000_000;
const SHA = /^[0-9a-f]{40}$/;

export const url = (call: Call, rest: string): string =>
  `${call.world.url}/repos/${call.repository.fullName}/${rest}`;

/** A branch, tag, whole ref name or commit. */
export const commitNamed = (repository: Repository, name: string): Commit | undefined => {
  const { refs, objects } = repository;
  const sha =
    refs.get(`refs/heads/${name}`) ??
    refs.get(`refs/tags/${name}`) ??
    refs.get(`refs/${name}`) ??
    refs.get(name) ??
    (SHA.test(name) ? name : undefined);
  if (sha !== undefined) return objects.commit(sha);
  return name === 'HEAD' ? commitNamed(repository, repository.defaultBranch) : undefined;
};

export const commitOf = (call: Call, name: string): Commit => {
  const commit = commitNamed(call.repository, name);
  if (!commit) throw new Refusal(422, `No commit found for SHA: ${name}`);
  return commit;
};

const typeOf = (mode: Mode): string =>
  mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob';

const tree = (call: Call) => {
  const { objects } = call.repository;
  const name = call.params['tree_sha']!;
  const sha = commitNamed(call.repository, name)?.tree ?? name;
  if (!objects.has(sha, 'tree')) throw notFound();
  const isRecursive = call.query.has('recursive');
  const { treeBytes, treeEntries } = call.world.limits;
  const rows: unknown[] = [];
  let bytes = 0;
  let isTruncated = false;
  const walk = (id: string, prefix: string): void => {
    for (const { mode, name: own, sha: object } of objects.tree(id) ?? []) {
      if (isTruncated) return;
      const type = typeOf(mode);
      const size = type === 'blob' ? { size: objects.blob(object)?.length ?? 0 } : {};
      const path = prefix + own;
      const row = {
        path,
        mode,
        type,
        sha: object,
        ...size,
        url: url(call, `git/${type}s/${object}`),
      };
      bytes += JSON.stringify(row).length;
      if (rows.length >= treeEntries || bytes > treeBytes) {
        isTruncated = true;
        return;
      }
      rows.push(row);
      if (isRecursive && type === 'tree') walk(object, `${path}/`);
    }
  };
  walk(sha, '');
  return {
    status: 200,
    body: { sha, url: url(call, `git/trees/${sha}`), tree: rows, truncated: isTruncated },
  };
};

const blob = (call: Call) => {
  const sha = call.params['file_sha']!;
  const data = call.repository.objects.blob(sha);
  if (!data) throw notFound();
  if (data.length > BLOB_LIMIT) {
    throw new Refusal(403, 'This API returns blobs up to 100 MB in size.', [
      { resource: 'Blob', field: 'data', code: 'too_large' },
    ]);
  }
  if (call.headers.accept?.includes('raw')) return { status: 200, body: data };
  const body = {
    sha,
    node_id: `B_${sha}`,
    size: data.length,
    url: url(call, `git/blobs/${sha}`),
    content: data.toString('base64').replace(/.{60}/g, '$&\n'),
    encoding: 'base64',
  };
  return { status: 200, body };
};

const contents = (call: Call) => {
  const { objects } = call.repository;
  const path = (call.params['path'] ?? '').replace(/\/$/, '');
  const name = call.query.get('ref') ?? call.repository.defaultBranch;
  const commit = commitNamed(call.repository, name);
  if (!commit) throw new Refusal(404, `No commit found for the ref ${name}`);
  let row: FileRow = { mode: '040000', sha: commit.tree };
  for (const part of path === '' ? [] : path.split('/')) {
    const next = objects.tree(row.sha)?.find((own) => own.name === part);
    if (!next) throw notFound();
    row = next;
  }
  const json = (at: string, { mode, sha }: FileRow) => ({
    type: mode === '040000' ? 'dir' : mode === '120000' ? 'symlink' : 'file',
    name: at.split('/').at(-1)!,
    path: at,
    sha,
    size: objects.blob(sha)?.length ?? 0,
    url: url(call, `contents/${encodeURI(at)}`),
    html_url: null,
    git_url: url(call, `git/${typeOf(mode)}s/${sha}`),
    download_url: null,
  });
  if (row.mode === '040000') {
    const rows = (objects.tree(row.sha) ?? []).map((own) =>
      json(path === '' ? own.name : `${path}/${own.name}`, own),
    );
    return { status: 200, body: rows };
  }
  const data = objects.blob(row.sha)!;
  if (data.length > BLOB_LIMIT) throw new Refusal(403, 'This API returns blobs up to 100 MB.');
  if (call.headers.accept?.includes('raw')) return { status: 200, body: data };
  const isShown = data.length <= CONTENT_LIMIT;
  const shown = isShown
    ? { encoding: 'base64', content: data.toString('base64').replace(/.{60}/g, '$&\n') }
    : { encoding: 'none', content: '' };
  return { status: 200, body: { ...json(path, row), ...shown } };
};

const putContents = async (call: Call) => {
  const { repository, world, actor } = call;
  const { objects } = repository;
  const path = call.params['path']!;
  const { message, content, sha, branch } = call.body as Readonly<Record<string, string>>;
  const name = branch ?? repository.defaultBranch;
  const parent = commitNamed(repository, `heads/${name}`);
  if (!parent) throw new Refusal(404, `Branch ${name} not found`);
  checkPath(path);
  const files = objects.files(parent.tree);
  const known = files.get(path);
  if (known && sha === undefined)
    throw new Refusal(422, `Invalid request.\n\n"sha" wasn't supplied.`);
  if (known && sha !== known.sha) throw new Refusal(409, `${path} does not match ${sha}`);
  const isDeletion = call.params['path'] !== undefined && content === undefined;
  if (isDeletion && !known) throw notFound();
  const after = changed(objects, files, {
    [path]: isDeletion ? null : Buffer.from(content!, 'base64'),
  });
  const who = signatureOf(world, actor);
  const commit = objects.commit(
    objects.writeCommit({
      tree: objects.treeOf(after),
      parents: [parent.sha],
      author: who,
      committer: who,
      message: message ?? '',
    }),
  )!;
  await setRef(world, repository, `refs/heads/${name}`, commit.sha, actor);
  const body = {
    content: isDeletion ? null : { path, name: path.split('/').at(-1), sha: after.get(path)!.sha },
    commit: gitCommitJson(call, commit),
  };
  return { status: known ? 200 : 201, body };
};

const checkPath = (path: string): void => {
  const isBad = path
    .split('/')
    .some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git');
  if (isBad) throw new Refusal(422, `tree.path contains a malformed path component`);
};

interface TreeWish {
  readonly path: string;
  readonly mode?: Mode;
  readonly sha?: string | null;
  readonly content?: string;
}

const createTree = (call: Call) => {
  const { objects } = call.repository;
  const { base_tree: base, tree: wishes } = call.body as {
    readonly base_tree?: string;
    readonly tree: readonly TreeWish[];
  };
  const baseTree = base === undefined ? undefined : (objects.commit(base)?.tree ?? base);
  if (baseTree !== undefined && !objects.has(baseTree, 'tree')) {
    throw new Refusal(404, 'Could not resolve base_tree');
  }
  const files = baseTree === undefined ? new Map<string, FileRow>() : objects.files(baseTree);
  for (const { path, mode, sha, content } of wishes) {
    checkPath(path);
    if (sha === null) {
      if (!files.delete(path)) throw new Refusal(422, 'GitRPC::BadObjectState');
      continue;
    }
    if (mode === undefined) throw new Refusal(422, 'Must supply a valid tree.mode');
    const isGiven = sha !== undefined && content === undefined;
    if (!isGiven && content === undefined) {
      throw new Refusal(422, 'Must supply either tree.sha or tree.content');
    }
    if (isGiven && !objects.has(sha, 'blob')) {
      throw new Refusal(422, `tree.sha ${sha} is not a valid blob`);
    }
    files.set(path, { mode, sha: isGiven ? sha : objects.writeBlob(content!) });
  }
  const sha = objects.treeOf(files);
  const rows = (objects.tree(sha) ?? []).map((row) => ({
    path: row.name,
    mode: row.mode,
    type: typeOf(row.mode),
    sha: row.sha,
  }));
  return {
    status: 201,
    body: { sha, url: url(call, `git/trees/${sha}`), tree: rows, truncated: false },
  };
};

const gitCommitJson = (call: Call, commit: Commit) => ({
  sha: commit.sha,
  node_id: `C_${commit.sha}`,
  url: url(call, `git/commits/${commit.sha}`),
  html_url: `https://github.com/${call.repository.fullName}/commit/${commit.sha}`,
  message: commit.message,
  author: commit.author,
  committer: commit.committer,
  tree: { sha: commit.tree, url: url(call, `git/trees/${commit.tree}`) },
  parents: commit.parents.map((sha) => ({ sha, url: url(call, `git/commits/${sha}`) })),
  verification: { verified: false, reason: 'unsigned', signature: null, payload: null },
});

const createCommit = (call: Call) => {
  const { objects } = call.repository;
  const wish = call.body as {
    readonly message: string;
    readonly tree: string;
    readonly parents?: readonly string[];
    readonly author?: Partial<Signature>;
    readonly committer?: Partial<Signature>;
  };
  if (!objects.has(wish.tree, 'tree')) throw new Refusal(422, 'Tree SHA does not exist');
  for (const sha of wish.parents ?? []) {
    if (!objects.has(sha, 'commit'))
      throw new Refusal(422, 'Parent SHA does not exist or is not a commit object');
  }
  const own = signatureOf(call.world, call.actor);
  const author = { ...own, ...wish.author };
  const sha = objects.writeCommit({
    tree: wish.tree,
    parents: wish.parents ?? [],
    author,
    committer: { ...author, ...wish.committer },
    message: wish.message,
  });
  return { status: 201, body: gitCommitJson(call, objects.commit(sha)!) };
};

export const GIT_ROUTES: readonly Route[] = [
  route(`GET ${REPO}/git/trees/{tree_sha}`, READ, tree),
  route(`POST ${REPO}/git/trees`, WRITE, createTree),
  route(`GET ${REPO}/git/blobs/{file_sha}`, READ, blob),
  route(`POST ${REPO}/git/blobs`, WRITE, (call) => {
    const { content, encoding } = call.body as Readonly<Record<string, string>>;
    const isBase64 = encoding === 'base64';
    const sha = call.repository.objects.writeBlob(
      Buffer.from(content ?? '', isBase64 ? 'base64' : 'utf8'),
    );
    return { status: 201, body: { sha, url: url(call, `git/blobs/${sha}`) } };
  }),
  route(`GET ${REPO}/git/commits/{commit_sha}`, READ, (call) => {
    const commit = call.repository.objects.commit(call.params['commit_sha']!);
    if (!commit) throw notFound();
    return { status: 200, body: gitCommitJson(call, commit) };
  }),
  route(`POST ${REPO}/git/commits`, WRITE, createCommit),
  route(`GET ${REPO}/contents/{path}`, READ, contents),
  route(`PUT ${REPO}/contents/{path}`, WRITE, putContents, { isContent: true }),
  route(`DELETE ${REPO}/contents/{path}`, WRITE, putContents, { isContent: true }),
];
