/** Where the results of a run go: the formats that `--format` names, on standard output or in files. */
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { escapeLine } from '../report/escape.ts';
import { formatOf, FORMATS, type FormatName } from '../report/formats/formats.ts';
import type { RunReport } from '../report/formats/format.ts';
import { replaceOutput, whyNoOutput } from '../sources/write-output.ts';
import { strings, type Arguments } from './command.ts';
import type { Io } from './io.ts';
import { oneOf, UsageError } from './usage.ts';

export interface OutputFile {
  readonly format: FormatName;
  /** As it is named. */
  readonly path: string;
}

export interface Outputs {
  /** `undefined` where only files are asked for. */
  readonly stdout: FormatName | undefined;
  readonly files: readonly OutputFile[];
}

export const FORMAT_NAMES: readonly FormatName[] = FORMATS.map(({ name }) => name);

export const OUTPUT_OPTION = {
  format: {
    type: 'string',
    requiresArg: true,
    defaultDescription: 'text',
    describe: `What comes out: ${FORMAT_NAMES.join(', ')}; name=path writes a file; may be repeated`,
  },
} as const;

/** @throws UsageError for a format that there is not, two on standard output, one file twice */
export function outputsOf(argv: Arguments): Outputs {
  const given = strings(argv['format']);
  const outputs = (given.length === 0 ? ['text'] : given).map(outputOf);
  const onStdout = [
    ...new Set(outputs.flatMap((each) => (each.path === undefined ? [each.format] : []))),
  ];
  if (onStdout.length > 1) {
    const [one, other] = onStdout;
    throw new UsageError(
      `only one format can be on standard output, not ${one} and ${other}; --format ${other}=path writes a file`,
    );
  }
  const files = outputs.flatMap(({ format, path }) =>
    path === undefined ? [] : [{ format, path }],
  );
  const twice = files.find(
    (file, index) => files.findIndex(({ path }) => path === file.path) < index,
  );
  if (twice) throw new UsageError(`--format names the file "${twice.path}" twice`);
  return { stdout: onStdout[0], files };
}

function outputOf(word: string): { readonly format: FormatName; readonly path?: string } {
  const at = word.indexOf('=');
  const format = oneOf('format', at < 0 ? word : word.slice(0, at), FORMAT_NAMES);
  if (at < 0) return { format };
  const path = word.slice(at + 1);
  if (path === '') throw new UsageError(`--format ${format}= lacks the name of a file`);
  return { format, path };
}

export function formatsOf({ stdout, files }: Outputs): readonly FormatName[] {
  return [...(stdout === undefined ? [] : [stdout]), ...files.map(({ format }) => format)];
}

/** Some format says of each edit by itself how to make it. */
export function asksForFixes(outputs: Outputs): boolean {
  return formatsOf(outputs).some((name) => formatOf(name).hasFixes);
}

/**
 * Before any work is done: a report that cannot be written would be lost, and one that took the place
 * of a file of the run would be worse.
 *
 * @param inputs absolute paths of the files that are read
 * @throws UsageError
 */
export function refuseOutputs({ files }: Outputs, inputs: readonly string[], io: Io): void {
  if (files.length === 0) return;
  const taken = new Set(inputs.map(realPath));
  const seen = new Map<string, string>();
  for (const { path } of files) {
    const place = realPath(resolve(io.cwd, path));
    if (taken.has(place))
      throw new UsageError(`--format would write over "${path}", which is read`);
    if (seen.has(place)) throw new UsageError(`--format names the file "${path}" twice`);
    seen.set(place, path);
    const why = whyNoOutput(place);
    if (why !== undefined) throw new UsageError(`--format: ${path} ${why}`);
  }
}

/** Of a file that is not there yet, by its folder. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    try {
      return join(realpathSync(dirname(path)), basename(path));
    } catch {
      return path;
    }
  }
}

/**
 * Each file by itself: one that cannot be written stops none of the others.
 *
 * @returns whether all were written; what was not is said on stderr
 */
export async function writeOutputs({ files }: Outputs, run: RunReport, io: Io): Promise<boolean> {
  let isDone = true;
  for (const { format, path } of files) {
    const render = await formatOf(format).load();
    const why = replaceOutput(resolve(io.cwd, path), render(run));
    if (why === undefined) continue;
    isDone = false;
    io.stderr.write(`dfopt: ${escapeLine(`${path} ${why}`)}\n`);
  }
  return isDone;
}
