/**
 * A pull request in memory: what GitHub would refuse is refused, what it would keep is kept. The rules on
 * lines are written here once more, from GitHub's documents and not from the code under test.
 */
import { structuredPatch } from 'diff';
import type {
  Conversation,
  LineComment,
  Operation,
  PullComment,
  PullFile,
  PullReview,
} from '../../src/bot/review.ts';
import type { OptimizeOptions } from '../../src/pipeline.ts';

export interface ModelFile {
  readonly path: string;
  /** `undefined` for a file that the pull request adds. */
  readonly base: string | undefined;
  readonly head: string;
  readonly options?: OptimizeOptions;
  /** GitHub leaves the patch out. */
  readonly isLarge?: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export interface Model {
  files: readonly ModelFile[];
  readonly lineComments: Writable<LineComment>[];
  readonly comments: Writable<PullComment>[];
  readonly reviews: PullReview[];
  /** What was refused, with the status that GitHub has for it. */
  readonly refused: string[];
  /** What was written, by kind. */
  readonly written: string[];
}

export const HEAD = '0123456789abcdef0123456789abcdef01234567';

export function modelOf(...files: readonly ModelFile[]): Model {
  return { files, lineComments: [], comments: [], reviews: [], refused: [], written: [] };
}

function hunks({ base, head }: ModelFile) {
  return structuredPatch('a', 'b', base ?? '', head, undefined, undefined, { context: 3 }).hunks;
}

export function patchOf(file: ModelFile): string | undefined {
  if (file.isLarge) return undefined;
  return hunks(file)
    .map(({ oldStart, oldLines, newStart, newLines, lines }) =>
      [`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@ RUN true`, ...lines].join('\n'),
    )
    .join('\n');
}

export function pullFiles({ files }: Model): PullFile[] {
  return files.map((file) => ({
    path: file.path,
    text: file.head,
    patch: patchOf(file),
    options: file.options ?? {},
  }));
}

export function conversationOf({ lineComments, comments, reviews }: Model): Conversation {
  return structuredClone({ lineComments, comments, reviews });
}

/** Does what a plan says. */
export function deliver(model: Model, operations: readonly Operation[]): void {
  for (const operation of operations) {
    model.written.push(operation.kind);
    const why = refusal(model, operation);
    if (why !== undefined) model.refused.push(why);
    else write(model, operation);
  }
}

function refusal(model: Model, operation: Operation): string | undefined {
  if (operation.kind === 'resolve thread') {
    const found = model.lineComments.some(({ thread }) => thread?.id === operation.thread);
    return found ? undefined : 'NOT_FOUND: no such thread';
  }
  const { body } = operation;
  if (body.trim() === '') return '422: body cannot be blank';
  if (Array.from(body).length > 65_536)
    return '422: body is too long (maximum is 65536 characters)';
  if (operation.kind === 'update comment') {
    return model.comments.some(({ id }) => id === operation.id) ? undefined : '404';
  }
  if (operation.kind === 'update line comment') {
    return model.lineComments.some(({ id }) => id === operation.id) ? undefined : '404';
  }
  if (operation.kind !== 'post review') return undefined;
  if (operation.commit !== HEAD) return '422: commit_id is not part of the pull request';
  if (operation.comments.length > 100) return '422: too many comments';
  for (const comment of operation.comments) {
    const { path, line, startLine, body: text } = comment;
    const file = model.files.find((each) => each.path === path);
    if (!file) return '422: path could not be resolved';
    if (text.trim() === '' || Array.from(text).length > 65_536) return '422: body of a comment';
    if (startLine !== undefined && startLine >= line) {
      return '422: start_line must precede the end line';
    }
    const inHunk = hunks(file).some(
      ({ newStart, newLines }) =>
        newLines > 0 && newStart <= (startLine ?? line) && line < newStart + newLines,
    );
    if (!inHunk) return `422: line must be part of the diff (${path}:${startLine ?? line}-${line})`;
  }
  return undefined;
}

function write(model: Model, operation: Operation): void {
  const id = 1 + model.comments.length + model.lineComments.length + model.reviews.length;
  switch (operation.kind) {
    case 'create comment':
      model.comments.push({ id, isOwn: true, body: operation.body });
      return;
    case 'update comment':
      model.comments.find((each) => each.id === operation.id)!.body = operation.body;
      return;
    case 'update line comment':
      model.lineComments.find((each) => each.id === operation.id)!.body = operation.body;
      return;
    case 'resolve thread': {
      const { thread } = operation;
      const found = model.lineComments.find((each) => each.thread?.id === thread)!;
      found.thread = { id: thread, isResolved: true };
      return;
    }
    case 'post review':
      model.reviews.push({ id, isOwn: true, body: operation.body });
      for (const [at, { path, line, startLine, body }] of operation.comments.entries()) {
        const own = 1000 * id + at;
        model.lineComments.push({
          id: own,
          isOwn: true,
          body,
          path,
          line,
          startLine: startLine ?? null,
          thread: { id: `T${own}`, isResolved: false },
        });
      }
  }
}

/** The last block of this kind in a comment, as CommonMark reads it. */
export function suggestionIn(body: string): readonly string[] | undefined {
  const rows = body.split('\n');
  for (let at = 0; at < rows.length; at++) {
    const fence = /^(`{3,})(.*)$/.exec(rows[at]!);
    if (!fence) continue;
    const end = rows.findIndex(
      (row, below) => below > at && /^`+\s*$/.test(row) && row.trim().length >= fence[1]!.length,
    );
    if (end < 0) return undefined;
    if (fence[2] === 'suggestion') return rows.slice(at + 1, end);
    at = end;
  }
  return undefined;
}

/** The file where somebody takes these suggestions, as GitHub does it: lines for lines, the rest as it was. */
export function accepted(text: string, comments: readonly LineComment[]): string {
  const rows = text.split('\n');
  const taken = comments.filter(({ line }) => line !== null);
  for (const { line, startLine, body } of taken.toSorted((a, b) => b.line! - a.line!)) {
    const from = (startLine ?? line!) - 1;
    rows.splice(from, line! - from, ...suggestionIn(body)!);
  }
  return rows.join('\n');
}

/** Comments with a suggestion that somebody may take: open, and about lines of today. */
export function openSuggestions({ lineComments }: Model, path?: string): LineComment[] {
  return lineComments.filter(
    (each) =>
      each.thread?.isResolved !== true &&
      each.line !== null &&
      (path === undefined || each.path === path) &&
      suggestionIn(each.body) !== undefined,
  );
}
