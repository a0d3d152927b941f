/** `--write`: what was found out about the files of a run gets into them, one after the other. */
import type { FileReport } from '../report/file-report.ts';
import { readDockerfile, type Seen } from '../sources/read-file.ts';
import { replaceFiles } from '../sources/write-file.ts';
import type { Answer } from './rewrite-file.ts';

export type Done = Extract<Answer, { kind: 'done' }>;

/**
 * @param written by place: texts that this run wrote into ignore files
 * @returns why nothing was written
 */
export function writeFiles(
  path: string,
  { result }: FileReport,
  { seen, ignore }: Done,
  written: ReadonlyMap<string, string>,
): string | undefined {
  const { input, output, files } = result!;
  // First what the Dockerfile counts on: alone it does no harm.
  const others = files.map(({ path: name, before, after }) => ({
    path: ignore!.place,
    name,
    seen: before === undefined ? undefined : seenNow(ignore!.place, before, written, ignore!.seen),
    text: after,
  }));
  const own = { path, name: '', seen, text: output };
  return replaceFiles([...others, ...(input === output ? [] : [own])]);
}

/** What this run wrote itself is no change behind its back. */
function seenNow(
  place: string,
  before: string,
  written: ReadonlyMap<string, string>,
  seen: Seen | undefined,
): Seen | undefined {
  if (!written.has(place)) return seen;
  const now = readDockerfile(place);
  return now.kind === 'text' && now.text === before ? now.seen : seen;
}
