/** The applications of corpus/: what each teaches, and how to tell that it works. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { PROJECT } from './engine.ts';

export const CORPUS = join(PROJECT, 'corpus');

const RequestSchema = v.strictObject({
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  path: v.pipe(v.string(), v.startsWith('/')),
  status: v.pipe(v.number(), v.integer()),
  /** The answer's body contains this. */
  body: v.string(),
});

const RunSchema = v.strictObject({
  /** What follows the image in `docker run`; left out: the image's own command. */
  command: v.optional(v.array(v.string())),
  status: v.pipe(v.number(), v.integer()),
  /** Standard output contains this. */
  stdout: v.optional(v.string()),
});

const CaseSchema = v.pipe(
  v.strictObject({
    /** What a rewrite of this application can get wrong. */
    teaches: v.pipe(v.string(), v.minLength(20)),
    requests: v.optional(v.array(RequestSchema), []),
    runs: v.optional(v.array(RunSchema), []),
    /**
     * A change of one line, as a developer makes many a day; nothing expected changes. Left out
     * where the build copies nothing.
     */
    edit: v.optional(
      v.strictObject({
        /** In the build context. */
        file: v.string(),
        from: v.pipe(v.string(), v.minLength(1)),
        to: v.string(),
      }),
    ),
    /** What it is written in, where the folder does not say. */
    language: v.optional(v.string()),
    /** Added after the corpus was complete, and counted apart. */
    isLater: v.optional(v.boolean(), false),
  }),
  v.check(({ requests, runs }) => requests.length + runs.length > 0, 'expects nothing'),
);

export interface Case extends v.InferOutput<typeof CaseSchema> {
  /** `<ecosystem>/<case>`. */
  readonly name: string;
  readonly folder: string;
}

/** By name. */
export function caseNames(): string[] {
  return readdirSync(CORPUS, { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .flatMap(({ name }) => readdirSync(join(CORPUS, name)).map((each) => `${name}/${each}`))
    .filter((name) => existsSync(join(CORPUS, name, 'case.yaml')))
    .toSorted();
}

/** @throws Error that names the file and what is wrong with it */
export function readCase(name: string): Case {
  const folder = join(CORPUS, name);
  const path = join(folder, 'case.yaml');
  const result = v.safeParse(CaseSchema, parse(readFileSync(path, 'utf8')));
  if (!result.success) {
    const issues = result.issues.map((issue) => `${v.getDotPath(issue) ?? ''} ${issue.message}`);
    throw new Error(`${path}: ${issues.join('; ')}`);
  }
  return { ...result.output, name, folder };
}

export interface EditedFile {
  /** In the build context. */
  readonly path: string;
  /** Its whole text after the edit. */
  readonly text: string;
}

/** @throws Error where the text to be replaced is not there exactly once */
export function editedFile({ folder, edit }: Case): EditedFile | undefined {
  if (!edit) return undefined;
  const text = readFileSync(join(folder, edit.file), 'utf8');
  const parts = text.split(edit.from);
  if (parts.length !== 2) {
    throw new Error(
      `${join(folder, edit.file)}: "${edit.from}" is there ${parts.length - 1} times`,
    );
  }
  return { path: edit.file, text: parts.join(edit.to) };
}
