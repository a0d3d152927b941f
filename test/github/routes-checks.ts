/** Check runs and SARIF uploads of the fake. */
import { gunzipSync } from 'node:zlib';
import { randomUUID } from 'node:crypto';
import {
  type Call,
  invalid,
  notFound,
  numberIn,
  page,
  Refusal,
  route,
  type Route,
} from './http.ts';
import { commitNamed } from './routes-git.ts';
import { checkJson } from './shapes.ts';
import { type Annotation, type CheckRun, timeOf } from './world.ts';

const REPO = '/repos/{owner}/{repo}';
const READ = 'checks:read';
const WRITE = 'checks:write';

/** Of one request; characters of a summary or text. */
const ANNOTATIONS = 50;
const OUTPUT_LIMIT = 65_535;
const SARIF_LIMIT = 10_000_000;

interface CheckWish {
  readonly name?: string;
  readonly head_sha?: string;
  readonly status?: string;
  readonly conclusion?: string;
  readonly external_id?: string;
  readonly details_url?: string;
  readonly started_at?: string;
  readonly completed_at?: string;
  readonly output?: {
    readonly title?: string;
    readonly summary?: string;
    readonly text?: string;
    readonly annotations?: readonly Annotation[];
  };
}

const checkAnnotation = (annotation: Annotation): void => {
  const { start_line: start, end_line: end } = annotation;
  const columns = annotation['start_column'] ?? annotation['end_column'];
  if (end < start) throw invalid('end_line must not be before start_line');
  if (columns !== undefined && start !== end) {
    throw invalid('start_column and end_column are for annotations of one line');
  }
  for (const field of ['message', 'title', 'raw_details']) {
    const value = annotation[field];
    // 64 KB each but for the title.
    const limit = field === 'title' ? 255 : 65_536;
    if (typeof value === 'string' && Buffer.byteLength(value) > limit) {
      throw invalid(`annotation ${field} is too long (maximum is ${limit})`);
    }
  }
};

const checkOutput = ({ output, status, conclusion }: CheckWish): void => {
  if (status === 'completed' && conclusion === undefined) {
    throw invalid('conclusion is required when status is completed');
  }
  if (!output) return;
  if (output.title === undefined || output.summary === undefined) {
    throw invalid('output needs a title and a summary');
  }
  const { annotations = [] } = output;
  if (annotations.length > ANNOTATIONS) {
    throw new Refusal(
      422,
      `Invalid request.\n\nNo more than ${ANNOTATIONS} items are allowed; ${annotations.length} were supplied.`,
    );
  }
  for (const text of [output.summary, output.text ?? '']) {
    if (text.length > OUTPUT_LIMIT) {
      throw new Refusal(
        422,
        `Invalid request.\n\nOnly ${OUTPUT_LIMIT} characters are allowed; ${text.length} were supplied.`,
      );
    }
  }
  annotations.forEach(checkAnnotation);
};

const apply = (call: Call, check: CheckRun, wish: CheckWish): void => {
  if (wish.name !== undefined) check.name = wish.name;
  if (wish.external_id !== undefined) check.externalId = wish.external_id;
  if (wish.details_url !== undefined) check.detailsUrl = wish.details_url;
  if (wish.status !== undefined) check.status = wish.status;
  if (wish.conclusion !== undefined) {
    check.conclusion = wish.conclusion;
    // A conclusion completes it.
    check.status = 'completed';
    check.completedAt = wish.completed_at ?? timeOf(call.world);
  }
  const { output } = wish;
  if (!output) return;
  if (output.title !== undefined) check.title = output.title;
  if (output.summary !== undefined) check.summary = output.summary;
  if (output.text !== undefined) check.text = output.text;
  check.annotations.push(...(output.annotations ?? []));
};

const checkOf = (call: Call): CheckRun => {
  const check = call.repository.checks.get(numberIn(call, 'check_run_id'));
  if (!check) throw notFound();
  return check;
};

const appOf = (call: Call) => {
  const app = call.token?.app;
  if (!app) throw new Refusal(403, 'You must authenticate via a GitHub App.');
  return app;
};

const create = (call: Call) => {
  const app = appOf(call);
  const wish = call.body as CheckWish;
  const sha = wish.head_sha ?? '';
  if (!call.repository.objects.has(sha, 'commit')) {
    throw new Refusal(422, `No commit found for SHA: ${sha}`);
  }
  checkOutput(wish);
  const check: CheckRun = {
    id: call.world.nextId(),
    app,
    headSha: sha,
    name: wish.name ?? '',
    status: 'queued',
    startedAt: wish.started_at ?? timeOf(call.world),
    annotations: [],
  };
  apply(call, check, wish);
  const { checks, checksOf } = call.repository;
  checks.set(check.id, check);
  checksOf.set(sha, [...(checksOf.get(sha) ?? []), check]);
  return { status: 201, body: checkJson(call.world, call.repository, check) };
};

const update = (call: Call) => {
  const app = appOf(call);
  const check = checkOf(call);
  if (check.app !== app) throw new Refusal(403, 'Invalid app_id: it is not the App that made it');
  const wish = call.body as CheckWish;
  checkOutput(wish);
  apply(call, check, wish);
  return { status: 200, body: checkJson(call.world, call.repository, check) };
};

const list = (call: Call) => {
  const commit = commitNamed(call.repository, call.params['ref']!);
  if (!commit) throw new Refusal(422, `No commit found for SHA: ${call.params['ref']!}`);
  const name = call.query.get('check_name');
  const app = call.query.get('app_id');
  const status = call.query.get('status');
  const found = (call.repository.checksOf.get(commit.sha) ?? [])
    .filter(
      (check) =>
        (name === null || check.name === name) &&
        (app === null || String(check.app.id) === app) &&
        (status === null || check.status === status),
    )
    .toReversed();
  // Of each App and name the newest, unless all are asked for.
  const isAll = call.query.get('filter') === 'all';
  const seen = new Set<string>();
  const shown = found.filter((check) => {
    const key = `${check.app.id} ${check.name}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isAll || isNew;
  });
  return page(
    call,
    shown,
    (check) => checkJson(call.world, call.repository, check),
    (rows, total) => ({ total_count: total, check_runs: rows }),
  );
};

interface SarifRun {
  readonly results?: readonly {
    readonly fixes?: readonly { readonly artifactChanges?: readonly unknown[] }[];
  }[];
  readonly tool?: { readonly driver?: { readonly name?: unknown } };
}

/** Code scanning takes SARIF 2.1.0, packed by gzip and written in base64. */
const sarifOf = (packed: string): unknown => {
  let text: string;
  try {
    text = gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');
  } catch {
    throw new Refusal(400, 'The sarif field is not base64 of gzip');
  }
  const log = JSON.parse(text) as { readonly version?: string; readonly runs?: SarifRun[] };
  if (log.version !== '2.1.0') throw new Refusal(400, 'Only SARIF version 2.1.0 is supported');
  for (const run of log.runs ?? []) {
    if (typeof run.tool?.driver?.name !== 'string') {
      throw new Refusal(400, 'A run needs tool.driver.name');
    }
    for (const result of run.results ?? []) {
      const isEmpty = result.fixes?.some((fix) => (fix.artifactChanges ?? []).length === 0);
      if (isEmpty) throw new Refusal(400, 'artifactChanges must not be empty');
    }
  }
  return log;
};

const upload = (call: Call) => {
  const { commit_sha: commit, ref, sarif } = call.body as Readonly<Record<string, string>>;
  if ((sarif ?? '').length > SARIF_LIMIT) throw new Refusal(413, 'The SARIF field is too large');
  if (!commit || !call.repository.objects.has(commit, 'commit')) {
    throw new Refusal(404, `No commit found for SHA: ${commit}`);
  }
  const id = randomUUID();
  call.repository.sarifs.set(id, { id, commit, ref: ref ?? '', sarif: sarifOf(sarif ?? '') });
  const url = `${call.world.url}/repos/${call.repository.fullName}/code-scanning/sarifs/${id}`;
  return { status: 202, body: { id, url } };
};

export const CHECK_ROUTES: readonly Route[] = [
  route(`POST ${REPO}/check-runs`, WRITE, create, { isContent: true }),
  route(`GET ${REPO}/check-runs/{check_run_id}`, READ, (call) => ({
    status: 200,
    body: checkJson(call.world, call.repository, checkOf(call)),
  })),
  route(`PATCH ${REPO}/check-runs/{check_run_id}`, WRITE, update),
  route(`GET ${REPO}/check-runs/{check_run_id}/annotations`, READ, (call) =>
    page(call, checkOf(call).annotations, (annotation) => annotation),
  ),
  // Before `/commits/{ref}`, whose ref may hold slashes.
  route(`GET ${REPO}/commits/{ref}/check-runs`, READ, list),
  route(`POST ${REPO}/code-scanning/sarifs`, 'security_events:write@write', upload),
  route(`GET ${REPO}/code-scanning/sarifs/{sarif_id}`, 'security_events:read', (call) => {
    if (!call.repository.sarifs.has(call.params['sarif_id']!)) throw notFound();
    return { status: 200, body: { processing_status: 'complete', errors: null } };
  }),
];
