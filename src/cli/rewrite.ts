/** `dfopt rewrite`: what would change and why, or the change itself. */
import { resolve } from 'node:path';
import { displayedDiff } from '../report/diff.ts';
import { escapeLine, escapeLines } from '../report/escape.ts';
import { diffOf, hasChanged, hasErrors, type FileReport } from '../report/file-report.ts';
import { jsonReport } from '../report/json.ts';
import { fileLines, summaryLines, type View } from '../report/terminal.ts';
import { DEFAULT_LEVEL } from '../pass.ts';
import type { OptimizeOptions, Result } from '../pipeline.ts';
import { readDockerfile, readStream, type Read } from '../sources/read-file.ts';
import { replaceFile } from '../sources/write-file.ts';
import { bugReport, isDebugging } from './bug-report.ts';
import { colorsFor } from './colors.ts';
import type { Arguments, Command } from './command.ts';
import { EXIT, type ExitCode, type Io, type Output } from './io.ts';
import { optimizeOptionsOf, requestOf, type Request } from './request.ts';
import { FORMAT_OPTION, REWRITE_OPTIONS } from './shared-options.ts';
import { diffNames, targetsOf, type Target } from './targets.ts';

export const rewriteCommand: Command = {
  name: 'rewrite',
  operands: '[files..]',
  summary: 'Show what would change in Dockerfiles, and why; or change them',
  positionals: {
    files: {
      type: 'string',
      array: true,
      describe: 'Files, folders to search, or - for standard input; none: the current folder',
    },
  },
  options: {
    write: { alias: 'w', type: 'boolean', describe: 'Change the files' },
    check: { type: 'boolean', describe: 'Exit with 1 where a file would change' },
    list: {
      alias: 'l',
      type: 'boolean',
      describe: 'Print only the names of files that would change',
    },
    ...REWRITE_OPTIONS,
    'stdin-filepath': {
      type: 'string',
      requiresArg: true,
      describe: 'The name of the file that - reads',
    },
    ...FORMAT_OPTION,
    quiet: { alias: 'q', type: 'boolean', describe: 'No reasons, errors only' },
    verbose: {
      alias: 'v',
      type: 'boolean',
      describe: 'Also what was offered or refused, and the ids of edits',
    },
  },
  examples: [
    ['$0 rewrite', 'What would change in this folder and below'],
    ['$0 rewrite Dockerfile | git apply', 'Look at the reasons, take the change'],
    ['$0 rewrite --write services/', 'Change every Dockerfile in a folder'],
    ['$0 rewrite --check --list', 'In continuous integration: exit with 1 and name the files'],
    ['$0 rewrite --select remove-package-lists', 'One kind of edit only'],
    ['$0 rewrite - --write < Dockerfile', 'As a filter'],
  ],
  job: (argv, io) => () => rewrite(argv, io),
};

/** A rewrite with everything loaded that it needs. */
interface Rewriter {
  readonly request: Request;
  readonly io: Io;
  readonly optimize: (text: string) => Result;
  readonly view: View;
}

async function rewrite(argv: Arguments, io: Io): Promise<ExitCode> {
  const request = requestOf(argv);
  const [{ optimize }, { loadFacts }, { passes }] = await Promise.all([
    import('../pipeline.ts'),
    import('../facts/load.ts'),
    import('../../passes/index.ts'),
  ]);
  const { level = DEFAULT_LEVEL, verbose, quiet, color } = request;
  const options = optimizeOptionsOf(argv, level, passes);
  const facts = loadFacts();
  const rewriter: Rewriter = {
    request: { ...request, debug: request.debug || isDebugging(io) },
    io,
    optimize: (text) => optimize(text, facts, options),
    view: { colors: colorsFor(io.stderr, io, color), level, verbose, quiet },
  };
  const reports = await rewriteAll(rewriter);
  finish(reports, options, rewriter);
  return statusOf(reports, request);
}

async function rewriteAll(rewriter: Rewriter): Promise<FileReport[]> {
  const { request, io } = rewriter;
  const diffName = diffNames(io.cwd);
  if (request.stdinName !== undefined) {
    const target = { path: resolve(io.cwd, request.stdinName), name: request.stdinName };
    const read = await readStream(io.stdin);
    return [shown({ ...target, diffName: diffName(target) }, rewriter, () => read)];
  }
  return targetsOf(request.files, io.cwd).map((target) =>
    shown({ ...target, diffName: diffName(target) }, rewriter, () => readDockerfile(target.path)),
  );
}

type Named = Target & Pick<FileReport, 'diffName'>;

/** Does one file, whatever happens, and shows what became of it. */
function shown(target: Named, rewriter: Rewriter, read: () => Read): FileReport {
  const { request, io } = rewriter;
  let report: FileReport;
  try {
    report = rewriteOne(target, rewriter, read);
  } catch (error) {
    // A bug that one file brings to light does not stop the others.
    if (request.debug) io.stderr.write(`${bugReport(error, true)}\n`);
    report = failed(target, bugReport(error, false));
  }
  show(report, rewriter);
  return report;
}

function rewriteOne(target: Named, { request, optimize }: Rewriter, read: () => Read): FileReport {
  if (target.failure !== undefined) return failed(target, target.failure);
  const found = read();
  if (found.kind === 'refused') return failed(target, found.why);
  const { name, diffName, path } = target;
  const result = optimize(found.text);
  const report = { file: name, diffName, result, written: false };
  if (!request.write || !hasChanged(report)) return report;
  const refused = found.seen && replaceFile(path, found.seen, result.output);
  return refused === undefined ? { ...report, written: true } : { ...report, failure: refused };
}

function failed({ name, diffName }: Named, failure: string): FileReport {
  return { file: name, diffName, failure, written: false };
}

function show(report: FileReport, { request, io, view }: Rewriter): void {
  if (request.json) return;
  const { file, result } = report;
  if (result && request.stdinName !== undefined && request.write) {
    writeText(result.output, io.stdout, request);
  } else if (result && hasChanged(report) && request.list) {
    io.stdout.write(`${isDisplayed(io.stdout, request) ? escapeLine(file) : file}\n`);
  } else if (result && !request.write) {
    writeDiff(diffOf(report), io, request);
  }
  const reasons = request.list && !view.verbose ? { ...report, ...withoutRemarks(result) } : report;
  for (const line of fileLines(reasons, view)) io.stderr.write(`${line}\n`);
}

/** With --list the names are the answer. */
function withoutRemarks(result: Result | undefined): Pick<FileReport, 'result'> {
  return result ? { result: { ...result, remarks: [] } } : {};
}

/** In a pipe every byte must arrive; on a terminal none may do anything to it. */
function isDisplayed(stdout: Output, { color }: Request): boolean {
  return stdout.isTTY === true || color === true;
}

function writeText(text: string, stdout: Output, request: Request): void {
  stdout.write(isDisplayed(stdout, request) ? escapeLines(text) : text);
}

function writeDiff(diff: string, io: Io, request: Request): void {
  if (diff === '') return;
  const displayed = isDisplayed(io.stdout, request);
  const colors = colorsFor(io.stdout, io, request.color);
  io.stdout.write(displayed ? displayedDiff(diff, colors) : diff);
}

function finish(
  reports: readonly FileReport[],
  options: OptimizeOptions,
  rewriter: Rewriter,
): void {
  const { request, io, view } = rewriter;
  if (request.json) {
    io.stdout.write(jsonReport(reports));
    return;
  }
  if (view.quiet) return;
  const known = new Set(reports.flatMap(({ result }) => result?.remarks ?? []).map(({ id }) => id));
  for (const id of options.deny ?? []) {
    if (!known.has(id)) io.stderr.write(`--deny: no edit has the id "${escapeLine(id)}"\n`);
  }
  if (request.list && !view.verbose) return;
  for (const line of summaryLines(reports, view)) io.stderr.write(`${line}\n`);
}

function statusOf(reports: readonly FileReport[], request: Request): ExitCode {
  if (reports.some(hasErrors)) return EXIT.error;
  return request.check && reports.some(hasChanged) ? EXIT.difference : EXIT.ok;
}
