/** `dfopt rewrite`: what would change and why, or the change itself. */
import { resolve } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { displayedDiff } from '../report/diff.ts';
import { escapeLine, escapeLines } from '../report/escape.ts';
import {
  changedFiles,
  diffsOf,
  hasChanged,
  hasErrors,
  type FileReport,
  type OtherFile,
} from '../report/file-report.ts';
import { countOf } from '../report/units.ts';
import { fixesOf } from '../report/fixes.ts';
import { groupedText } from '../report/grouped.ts';
import { formatOf } from '../report/formats/formats.ts';
import type { RunReport } from '../report/formats/format.ts';
import { fileLines, summaryLines, type View } from '../report/terminal.ts';
import { DEFAULT_LEVEL } from '../pass.ts';
import type { BuildContext } from '../analysis/context.ts';
import type { Diagnostic } from '../dockerfile/model.ts';
import type { Facts } from '../facts/types.ts';
import type { BuiltImage } from '../estimate/built-image.ts';
import type { OptimizeOptions, Result } from '../pipeline.ts';
import { readDockerfile, readStream, type Read } from '../sources/read-file.ts';
import { replaceFiles } from '../sources/write-file.ts';
import { bugReport, isDebugging } from './bug-report.ts';
import { BUILT_IMAGE_OPTION, builtImageOf } from './built-image.ts';
import { colorsFor } from './colors.ts';
import type { Arguments, Command } from './command.ts';
import { CONFIGURATION_OPTION } from './configuration-option.ts';
import type { Contexts, Found } from './contexts.ts';
import { EXIT, type ExitCode, type Io, type Output } from './io.ts';
import type { LookedUp } from './online.ts';
import { asksForFixes, OUTPUT_OPTION, refuseOutputs, writeOutputs } from './outputs.ts';
import { factsWithImages, IMAGES_OPTION } from './own-images.ts';
import { optimizeOptionsOf, requestOf, type Request } from './request.ts';
import { CONTEXT_OPTION, ONLINE_OPTIONS, REWRITE_OPTIONS } from './shared-options.ts';
import { asksForSteps, isGrouped, SHOW_OPTION, showsOf } from './show.ts';
import { diffNames, nameOfFile, targetsOf, type Target } from './targets.ts';
import { UsageError } from './usage.ts';
import { widthFor } from './width.ts';

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
    ...CONTEXT_OPTION,
    ...REWRITE_OPTIONS,
    ...CONFIGURATION_OPTION,
    ...IMAGES_OPTION,
    ...BUILT_IMAGE_OPTION,
    ...ONLINE_OPTIONS,
    'stdin-filepath': {
      type: 'string',
      requiresArg: true,
      describe: 'The name of the file that - reads',
    },
    ...OUTPUT_OPTION,
    ...SHOW_OPTION,
    quiet: { alias: 'q', type: 'boolean', describe: 'No reasons, errors only' },
    verbose: {
      alias: 'v',
      type: 'boolean',
      describe: 'All remarks with the ids of edits, and whole bills',
    },
  },
  examples: [
    ['$0 rewrite', 'What would change in this folder and below'],
    ['$0 rewrite Dockerfile | git apply', 'Look at the reasons, take the change'],
    ['$0 rewrite --write services/', 'Change every Dockerfile in a folder'],
    ['$0 rewrite --check --list', 'In continuous integration: exit with 1 and name the files'],
    ['$0 rewrite --context . services/*/Dockerfile', 'Where they are all built from this folder'],
    ['$0 rewrite --select remove-package-lists', 'One kind of edit only'],
    ['$0 rewrite --online', 'Go by what registries say of the base images'],
    ['$0 rewrite --image acme/app:1', 'With what the layers of an image weigh in Docker'],
    ['$0 rewrite - --write < Dockerfile', 'As a filter'],
    ['$0 rewrite --format sarif=out.sarif --format text', 'For code scanning, and for the log'],
  ],
  job: (argv, io) => () => rewrite(argv, io),
};

/** A rewrite with everything loaded that it needs. */
interface Rewriter {
  readonly request: Request;
  readonly io: Io;
  readonly optimize: (
    text: string,
    context: BuildContext | undefined,
    deny?: readonly string[],
    isPriced?: boolean,
  ) => Result;
  readonly contexts: Contexts;
  /** Of base images that no registry told of. */
  readonly warningsOf: (text: string) => readonly Diagnostic[];
  readonly diffName: (target: Target) => string;
  readonly view: View;
  /** Names that --list has printed: an ignore file may belong to several Dockerfiles. */
  readonly listed: Set<string>;
}

async function rewrite(argv: Arguments, io: Io): Promise<ExitCode> {
  const request = requestOf(argv);
  const [
    { optimize },
    { loadFacts },
    { passes },
    { contextFolder, contextsOf },
    { lookUpBases, onlineOf },
    { configurationsOf, notIgnored },
  ] = await Promise.all([
    import('../pipeline.ts'),
    import('../facts/load.ts'),
    import('../../passes/index.ts'),
    import('./contexts.ts'),
    import('./online.ts'),
    import('./configuration.ts'),
  ]);
  const folder = contextFolder(request.context, io.cwd);
  const online = onlineOf(argv);
  const { verbose, quiet, color } = request;
  const shows = showsOf(argv, request);
  const options = optimizeOptionsOf(argv, DEFAULT_LEVEL, passes);
  const found = await sourcesOf(request, io);
  const paths = found.map(({ target }) => target.path);
  const configurations = await configurationsOf(argv, passes, paths, io);
  const { level } = configurations;
  const sources = notIgnored(found, configurations, request, io);
  const builtImage = await imageOfOne(sources, argv, io);
  refuseOutputs(
    request.outputs,
    sources.map(({ target }) => target.path),
    io,
  );
  const rows = factsWithImages(argv, loadFacts(), io);
  const looked = online && (await lookUpBases(textsOf(sources), online, rows, io));
  if (looked && !quiet) tellOf(looked, request, io);
  const facts = looked ? await withPackages(sources, looked.facts, folder, request, io) : rows;
  const rewriter: Omit<Rewriter, 'optimize'> = {
    request: { ...request, debug: request.debug || isDebugging(io) },
    io,
    contexts: contextsOf(folder, facts.manifests),
    warningsOf: looked?.warningsOf ?? (() => []),
    diffName: diffNames(io.cwd),
    listed: new Set(),
    view: {
      colors: colorsFor(io.stderr, io, color),
      level,
      verbose,
      shows,
      quiet,
      width: widthFor(io.stderr, io),
    },
  };
  const optimizeFor = ({ path }: Target): Rewriter['optimize'] => {
    const { options: own, factsOn } = configurations.of(path);
    const ownFacts = factsOn(facts);
    return (text, context, deny = [], isPriced = areSizesSeen(request)) =>
      optimize(text, ownFacts, {
        ...own,
        ...(context && { context }),
        ...(builtImage && { builtImage }),
        isPriced,
        isStepwise: asksForSteps(request),
        today: new Date().toISOString().slice(0, 10),
        deny: new Set([...(own.deny ?? []), ...deny]),
      });
  };
  // Wrong rows are found before the first file is written.
  const ready = sources.map((source) => ({ ...source, optimize: optimizeFor(source.target) }));
  const reports = ready.map(({ target, read, optimize: own }) =>
    shown({ ...target, diffName: rewriter.diffName(target) }, { ...rewriter, optimize: own }, read),
  );
  const run = { reports, level, shows, verbose, quiet, passes, version: manifest.version };
  await finish(run, options, rewriter);
  const isWritten = await writeOutputs(request.outputs, run, io);
  return isWritten ? statusOf(reports, request) : EXIT.error;
}

/** Nobody looks at sizes where only names are asked for. */
function areSizesSeen({ quiet, list, verbose, outputs }: Request): boolean {
  return !quiet && (!list || verbose || outputs.files.length > 0);
}

/** A file to be rewritten, and how its text is had. */
interface Source {
  readonly target: Target;
  readonly read: () => Read;
}

async function sourcesOf(request: Request, io: Io): Promise<Source[]> {
  if (request.stdinName !== undefined) {
    const target = { path: resolve(io.cwd, request.stdinName), name: request.stdinName };
    const read = await readStream(io.stdin);
    return [{ target, read: () => read }];
  }
  return targetsOf(request.files, io.cwd).map((target) => ({
    target,
    read: () => readDockerfile(target.path),
  }));
}

/** @throws UsageError where it cannot be had, or belongs to one of several files */
function imageOfOne(
  sources: readonly Source[],
  argv: Arguments,
  io: Io,
): Promise<BuiltImage | undefined> {
  if (argv['image'] !== undefined && sources.length !== 1) {
    const files = countOf(sources.length, 'Dockerfile');
    throw new UsageError(`--image is for one Dockerfile: name it, as here are ${files}`);
  }
  return builtImageOf(argv, io);
}

function textsOf(sources: readonly Source[]): string[] {
  return sources.flatMap(({ target, read }) => {
    const source = target.failure === undefined ? read() : undefined;
    return source?.kind === 'text' ? [source.text] : [];
  });
}

/** With the sizes of packages that no row has, where the user wants registries asked. */
async function withPackages(
  sources: readonly Source[],
  facts: Facts,
  folder: string | undefined,
  request: Request,
  io: Io,
): Promise<Facts> {
  const [{ withPackageSizes }, { contextsOf }] = await Promise.all([
    import('./online-packages.ts'),
    import('./contexts.ts'),
  ]);
  const contexts = contextsOf(folder, facts.manifests);
  const found = sources.flatMap(({ target, read }) => {
    const source = target.failure === undefined ? read() : undefined;
    return source?.kind === 'text' ? [contexts.of(target.path, source.text).context] : [];
  });
  const priced = await withPackageSizes(found, facts, io);
  if (!request.quiet) tellOf({ lines: [], problems: priced.problems }, request, io);
  return priced.facts;
}

function tellOf(
  { lines, problems }: Pick<LookedUp, 'lines' | 'problems'>,
  { verbose }: Request,
  io: Io,
): void {
  for (const line of [...problems, ...(verbose ? lines : [])]) {
    io.stderr.write(`--online: ${escapeLine(line)}\n`);
  }
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

function rewriteOne(target: Named, rewriter: Rewriter, read: () => Read): FileReport {
  const { request, contexts } = rewriter;
  if (target.failure !== undefined) return failed(target, target.failure);
  const source = read();
  if (source.kind === 'refused') return failed(target, source.why);
  const { name, diffName, path } = target;
  // What comes through a pipe under no name lies nowhere.
  const isPlaced = source.seen !== undefined || request.stdinIsNamed;
  const found = contexts.of(isPlaced ? path : undefined, source.text);
  const result = withDiagnostics(optimizeOne(source.text, found, rewriter), [
    ...found.diagnostics,
    ...rewriter.warningsOf(source.text),
  ]);
  const others = othersOf(result, found, rewriter);
  const fixes = asksForFixes(request.outputs) && singleFixes(target, result, found, rewriter);
  const report = {
    file: name,
    diffName,
    result,
    others,
    written: false,
    ...(fixes && { fixes }),
  };
  if (!hasChanged(report)) return report;
  if (!request.write || request.stdinName !== undefined) {
    for (const { path: other, after } of result.files)
      contexts.edited(found.at(other), after, false);
    return report;
  }
  const refused = write(target, source, result, found);
  if (refused !== undefined) return { ...report, failure: refused };
  for (const { path: other, after } of result.files) contexts.edited(found.at(other), after, true);
  return { ...report, written: true };
}

/** A filter hands out one text: edits that need another file are not made. */
function optimizeOne(text: string, { context }: Found, { request, optimize }: Rewriter): Result {
  const deny: string[] = [];
  for (;;) {
    const result = optimize(text, context, deny);
    if (request.stdinName === undefined || !request.write || result.files.length === 0) {
      return result;
    }
    const before = deny.length;
    deny.push(
      ...result.remarks.flatMap(({ id, files, outcome }) =>
        files.length > 0 && outcome === 'applied' ? [id] : [],
      ),
    );
    if (deny.length === before) throw new Error('a file changes without a remark');
  }
}

/** Each edit by itself, for formats in which people take one and leave another. */
function singleFixes(
  { name, diffName }: Named,
  result: Result,
  found: Found,
  rewriter: Rewriter,
): FileReport['fixes'] {
  const again = (deny: readonly string[]): Result =>
    rewriter.optimize(result.input, found.context, deny, false);
  return new Map(
    [...fixesOf(result, again)].map(([id, { input, output, files }]) => {
      const own = { file: name, diffName, before: input, after: output };
      const others = othersOf({ files }, found, rewriter);
      return [id, [...(input === output ? [] : [own]), ...others]];
    }),
  );
}

function withDiagnostics(result: Result, diagnostics: readonly Diagnostic[]): Result {
  return { ...result, diagnostics: [...result.diagnostics, ...diagnostics] };
}

function othersOf(
  { files }: Pick<Result, 'files'>,
  found: Found,
  { io, diffName }: Rewriter,
): OtherFile[] {
  return files.map(({ path, before, after }) => {
    const place = found.at(path);
    const name = nameOfFile(place, io.cwd);
    return { file: name, diffName: diffName({ path: place, name }), before, after };
  });
}

/** @returns why nothing was written */
function write(
  { path }: Named,
  source: Extract<Read, { kind: 'text' }>,
  { input, output, files }: Result,
  found: Found,
): string | undefined {
  // First what the Dockerfile counts on: alone it does no harm.
  const others = files.map(({ path: other, before, after }) => ({
    path: found.at(other),
    name: other,
    seen: before === undefined ? undefined : found.ignoreSeen,
    text: after,
  }));
  const own = { path, name: '', seen: source.seen, text: output };
  return replaceFiles([...others, ...(input === output ? [] : [own])]);
}

function failed({ name, diffName }: Named, failure: string): FileReport {
  return { file: name, diffName, others: [], failure, written: false };
}

function show(report: FileReport, { request, io, view, listed }: Rewriter): void {
  const { result } = report;
  const { stdout } = request.outputs;
  if (result && request.stdinName !== undefined && request.write) {
    writeText(result.output, io.stdout, request);
  } else if (request.list) {
    for (const name of changedFiles(report)) {
      if (listed.has(name)) continue;
      listed.add(name);
      io.stdout.write(`${isDisplayed(io.stdout, request) ? escapeLine(name) : name}\n`);
    }
  } else if (isGrouped(request)) {
    const isForEyes = isDisplayed(io.stdout, request);
    // By no variable of the environment do colours get into what git apply reads.
    const colors = colorsFor(io.stdout, io, isForEyes ? request.color : false);
    const width = widthFor(io.stdout, io);
    io.stdout.write(groupedText(report, { ...view, colors, width, isDisplayed: isForEyes }));
  } else if (stdout === 'diff' || (stdout === 'text' && !request.write)) {
    for (const diff of diffsOf(report)) writeDiff(diff, io, request);
  }
  if (isSaid(request)) return;
  const isShort = stdout !== 'text' && !request.list;
  const reasons = request.list && !view.verbose ? { ...report, ...withoutRemarks(result) } : report;
  // Who pipes the edits elsewhere still wants to read the reasons.
  const areReasonsHere =
    !isGrouped(request) || (io.stderr.isTTY === true && !isDisplayed(io.stdout, request));
  const lines = fileLines(reasons, isShort ? { ...view, quiet: true } : view, areReasonsHere);
  for (const line of lines) io.stderr.write(`${line}\n`);
}

/** What is on standard output says it all. */
function isSaid({ outputs: { stdout } }: Request): boolean {
  return stdout !== undefined && stdout !== 'text' && formatOf(stdout).hasErrors;
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
  const displayed = isDisplayed(io.stdout, request);
  const colors = colorsFor(io.stdout, io, request.color);
  io.stdout.write(displayed ? displayedDiff(diff, colors) : diff);
}

async function finish(
  run: RunReport,
  options: OptimizeOptions,
  rewriter: Omit<Rewriter, 'optimize'>,
): Promise<void> {
  const { request, io, view } = rewriter;
  const { reports } = run;
  const { stdout } = request.outputs;
  if (isSaid(request)) {
    const render = await formatOf(stdout!).load();
    io.stdout.write(render(run));
    return;
  }
  if (view.quiet || stdout === 'diff') return;
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
