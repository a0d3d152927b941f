/** The files of a review: read anew each time that they are opened, written where nobody changed them. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { BUILDERS } from '../builder.ts';
import type { Diagnostic } from '../dockerfile/model.ts';
import type { Facts } from '../facts/types.ts';
import { LEVELS } from '../pass.ts';
import { optimize } from '../pipeline.ts';
import { readDockerfile, type Seen } from '../sources/read-file.ts';
import { replaceFiles } from '../sources/write-file.ts';
import {
  contextJson,
  optionsOf,
  type Choices,
  type FactChanges,
  type OpenedFile,
  type Refusal,
  type Written,
} from '../web/messages.ts';
import type { Answer, Service } from '../web/server.ts';
import { contextsOf, type Found } from './contexts.ts';
import { nameOfFile, type Target } from './targets.ts';

export interface Review {
  readonly targets: readonly Target[];
  readonly cwd: string;
  /** The folder of the build context, absolute; `undefined`: that of each file. */
  readonly folder: string | undefined;
  readonly facts: Facts;
  /** How they differ from those that dfopt ships. */
  readonly factChanges: FactChanges;
  /** With what the page begins. */
  readonly choices: Choices;
  readonly today: string;
  /** Of base images that no registry told of. */
  readonly warningsOf: (text: string) => readonly Diagnostic[];
}

/** A file as the page has it. */
interface Opened {
  readonly version: string;
  readonly text: string;
  readonly seen: Seen;
  readonly found: Found;
}

export function reviewService(review: Review): Service {
  const { targets, choices, today, factChanges } = review;
  const opened = new Map<number, Opened>();
  return {
    session: () => {
      const files = targets.map(({ name }, id) => ({ id, name }));
      return ok({ files, choices, today, facts: factChanges });
    },
    open: (id) => {
      const target = targets[id];
      if (!target) return refused(404, 'there is no such file in this review');
      const file = read(target, review);
      if (typeof file === 'string') return refused(409, `${target.name} ${file}`);
      opened.set(id, file);
      return ok(openedFile(id, target, file, review));
    },
    write: (id, value) => {
      const target = targets[id];
      const file = opened.get(id);
      if (!target || !file) return refused(404, 'only a file that was opened can be written');
      const request = v.safeParse(writeRequest, value);
      if (!request.success) return refused(400, 'the request is not of the form');
      return write(target, file, request.output, review);
    },
  };
}

const choice = v.object({
  level: v.picklist(LEVELS),
  builder: v.picklist(BUILDERS),
  skip: v.array(v.string()),
  deny: v.array(v.string()),
});

const writeRequest = v.object({
  version: v.string(),
  choices: choice,
  output: v.string(),
  files: v.array(v.object({ path: v.string(), after: v.string() })),
});

/** @returns why it cannot be read */
function read({ path, failure }: Target, review: Review): Opened | string {
  if (failure !== undefined) return failure;
  const source = readDockerfile(path);
  if (source.kind === 'refused') return source.why;
  const { text } = source;
  const seen = source.seen!;
  const found = contextsOf(review.folder, review.facts.manifests).of(path, text);
  return { version: versionOf(seen, found), text, seen, found };
}

function versionOf(seen: Seen, { ignoreSeen }: Found): string {
  const hash = createHash('sha256');
  for (const each of [seen, ignoreSeen]) {
    hash.update(each ? `${each.modified}\n${each.bytes.length}\n` : 'none\n');
    if (each) hash.update(each.bytes);
  }
  return hash.digest('base64url');
}

function openedFile(
  id: number,
  { name }: Target,
  { version, text, found }: Opened,
  { warningsOf }: Review,
): OpenedFile {
  return {
    id,
    name,
    version,
    text,
    ...(found.context && { context: contextJson(found.context) }),
    diagnostics: [...found.diagnostics, ...warningsOf(text)],
  };
}

/**
 * Writes what dfopt itself makes of the file as it was opened: whatever a request holds, nothing else
 * gets into a file.
 */
function write(
  { path, name }: Target,
  { version, text, seen, found }: Opened,
  request: v.InferOutput<typeof writeRequest>,
  { facts, choices, today, cwd }: Review,
): Answer {
  if (request.version !== version) {
    return refused(409, `${name} was read again since this page read it; nothing was written`);
  }
  const options = optionsOf({ ...choices, ...request.choices }, found.context, today);
  const { output, files } = optimize(text, facts, options);
  const isShown =
    output === request.output &&
    files.length === request.files.length &&
    files.every((file, index) => {
      const shown = request.files[index];
      return shown?.path === file.path && shown.after === file.after;
    });
  if (!isShown)
    return refused(409, 'this is not what dfopt makes of the file; nothing was written');
  // First what the Dockerfile counts on: alone it does no harm.
  const others = files.map((file) => ({
    path: found.at(file.path),
    name: nameOfFile(found.at(file.path), cwd),
    seen: file.before === undefined ? undefined : found.ignoreSeen,
    text: file.after,
  }));
  const own = { path, name, seen, text: output };
  const replacements = [...others, ...(output === text ? [] : [own])];
  if (replacements.length === 0) return refused(409, `nothing changes in ${name}`);
  const why = replaceFiles(replacements);
  if (why !== undefined) return refused(409, `${why}; nothing was written`);
  const written: Written = { names: replacements.map((each) => each.name) };
  return ok(written);
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}

function refused(status: Exclude<Answer['status'], 200>, error: string): Answer {
  const body: Refusal = { error };
  return { status, body };
}
