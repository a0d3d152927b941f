/** `dfopt rewrite`: what would change and why, or the change itself. */
import { resolve } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import type { Diagnostic } from '../dockerfile/model.ts';
import type { BuiltImage } from '../estimate/built-image.ts';
import { hasChanged, hasErrors, type FileReport } from '../report/file-report.ts';
import { countOf } from '../report/units.ts';
import { DEFAULT_LEVEL } from '../pass.ts';
import { foldersOnce, type Folders } from '../sources/folders.ts';
import { readDockerfile, readStream } from '../sources/read-file.ts';
import { bugReport, isDebugging } from './bug-report.ts';
import { BUILT_IMAGE_OPTION, builtImageOf } from './built-image.ts';
import { CACHE_OPTIONS, cacheFolderOf } from './cache-options.ts';
import { colorsFor } from './colors.ts';
import type { Arguments, Command } from './command.ts';
import type { Configurations } from './configuration.ts';
import { CONFIGURATION_OPTION } from './configuration-option.ts';
import { contextFolder } from './context-option.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import { JOBS_OPTION, jobsOf } from './jobs.ts';
import { isAsOf, manyFiles, threadsFor, type ManyFiles } from './many-files.ts';
import { onlineOf } from './online-options.ts';
import { asksForFixes, OUTPUT_OPTION, refuseOutputs, writeOutputs } from './outputs.ts';
import { factsWithImages, IMAGES_OPTION, ownRows } from './own-images.ts';
import { progressLine } from './progress-line.ts';
import { optimizeOptionsOf, requestOf, type Request } from './request.ts';
import { resultOf } from './result-record.ts';
import type { Answer, Common, Task } from './rewrite-file.ts';
import type { Source } from './rewrite-online.ts';
import { finish, isShownLater, show, type Showing } from './rewrite-show.ts';
import { writeFiles } from './rewrite-write.ts';
import { CONTEXT_OPTION, ONLINE_OPTIONS, REWRITE_OPTIONS } from './shared-options.ts';
import { asksForSteps, SHOW_OPTION, showsOf } from './show.ts';
import { forTotals, isShownAtOnce, shownBefore, type Shown } from './shown-before.ts';
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
    ...JOBS_OPTION,
    ...CACHE_OPTIONS,
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

/** What a report is made with. */
interface Reporter extends Showing {
  /** Of base images that no registry told of. */
  readonly warningsOf: (text: string) => readonly Diagnostic[];
  readonly diffName: (target: Target) => string;
}

async function rewrite(argv: Arguments, io: Io): Promise<ExitCode> {
  const request = requestOf(argv);
  const jobs = jobsOf(argv);
  const cacheFolder = cacheFolderOf(argv, io);
  const [{ passList: passes }, { configurationsOf, notIgnored }] = await Promise.all([
    import('./pass-list.ts'),
    import('./configuration.ts'),
  ]);
  const folder = contextFolder(request.context, io.cwd);
  const online = onlineOf(argv);
  const { verbose, quiet, color } = request;
  const shows = showsOf(argv, request);
  const options = optimizeOptionsOf(argv, DEFAULT_LEVEL, passes);
  const folders = foldersOnce();
  const { onFound, threads } = threadsFor(io.program?.worker, jobs, cacheFolder);
  const found = await sourcesOf(request, io, folders, onFound);
  const paths = found.map(({ target }) => target.path);
  const configurations = await configurationsOf(argv, passes, paths, io, folders);
  const { level } = configurations;
  const sources = notIgnored(found, configurations, request, io);
  const builtImage = await imageOfOne(sources, argv, io);
  refuseOutputs(
    request.outputs,
    sources.map(({ target }) => target.path),
    io,
  );
  const some = await rowsOfSome(sources, configurations, argv, io);
  const looked =
    online &&
    (await (
      await import('./rewrite-online.ts')
    ).observe(sources, online, argv, { folder, request, io }));
  const isCached = cacheFolder !== undefined && io.program !== undefined && !builtImage;
  const all = ownRows(argv, io);
  const common: Common = {
    folder,
    isFilter: request.stdinName !== undefined && request.write,
    hasFixes: asksForFixes(request.outputs),
    isPriced: areSizesSeen(request),
    // What is cached is for other ways to show it, too: a dry run, and then --write.
    isStepwise: isCached || asksForSteps(request),
    isDebugging: request.debug || isDebugging(io),
    rows: { ...(all !== undefined && { all }), some },
    ...(looked && { observed: looked.observed }),
    ...(builtImage && { builtImage }),
    ...(isCached && { cache: { folder: cacheFolder, identity: io.program.identity } }),
  };
  const today = new Date().toISOString().slice(0, 10);
  const around = { some, today };
  const tasks = sources.map((source) => taskOf(source, configurations, request, around));
  const files = manyFiles(tasks, common, threads(), folders);
  const reporter: Reporter = {
    request,
    io,
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
  const targets = sources.map(({ target }) => target);
  const reports = await reportsOf(targets, files, reporter);
  const run = { reports, level, shows, verbose, quiet, passes, version: manifest.version };
  await finish(run, options, reporter);
  const isWritten = await writeOutputs(request.outputs, run, io);
  return isWritten ? statusOf(reports, request) : EXIT.error;
}

/** Nobody looks at sizes where only names are asked for. */
function areSizesSeen({ quiet, list, verbose, outputs }: Request): boolean {
  return !quiet && (!list || verbose || outputs.files.length > 0);
}

async function sourcesOf(
  request: Request,
  io: Io,
  folders: Folders,
  onFound: (count: number) => void,
): Promise<Source[]> {
  if (request.stdinName !== undefined) {
    const target = { path: resolve(io.cwd, request.stdinName), name: request.stdinName };
    const read = await readStream(io.stdin);
    return [{ target, read: () => read }];
  }
  return targetsOf(request.files, io.cwd, folders, onFound).map((target) => ({
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

/**
 * Rows that configurations add for some files. All rows are looked at before the first file is written.
 *
 * @throws UsageError where rows are wrong
 */
async function rowsOfSome(
  sources: readonly Source[],
  configurations: Configurations,
  argv: Arguments,
  io: Io,
): Promise<readonly unknown[]> {
  const withRows = sources
    .map(({ target }) => configurations.of(target.path))
    .filter(({ rows }) => rows !== undefined);
  if (withRows.length === 0 && argv['images'] === undefined) return [];
  const { loadFacts } = await import('../facts/load.ts');
  const facts = factsWithImages(argv, loadFacts(), io);
  for (const { factsOn } of withRows) factsOn(facts);
  return [...new Set(withRows.map(({ rows }) => rows!()))];
}

function taskOf(
  { target, read }: Source,
  configurations: Configurations,
  { stdinName, stdinIsNamed }: Request,
  { some, today }: { readonly some: readonly unknown[]; readonly today: string },
): Task {
  const { path, failure } = target;
  const { options, rows } = configurations.of(path);
  const given =
    failure !== undefined
      ? ({ kind: 'refused', why: failure } as const)
      : stdinName === undefined
        ? undefined
        : read();
  return {
    path,
    // What comes through a pipe under no name lies nowhere.
    isPlaced: stdinName === undefined || stdinIsNamed,
    ...(given && { given }),
    options: { ...options, today },
    ...(rows && { rows: some.indexOf(rows()) }),
  };
}

/** All files, whatever happens to one of them; each is shown when it is its turn. */
async function reportsOf(
  targets: readonly Target[],
  files: ManyFiles,
  reporter: Reporter,
): Promise<FileReport[]> {
  const { request, io } = reporter;
  const progress = progressLine(io.stderr, request.quiet ? 0 : targets.length);
  const isWriting = request.write && request.stdinName === undefined;
  const edits = new Map<string, string>();
  const answers: Answer[] = [];
  const reports: FileReport[] = [];
  const shown = (report: FileReport): void => {
    progress.clear();
    show(report, reporter);
    reports.push(isShownLater(request) ? report : forTotals(report));
  };
  const cached =
    files.cache && isShownAtOnce(reporter)
      ? shownBefore(files.cache, io.program!.identity, reporter)
      : undefined;
  /** From the cache, or into it. */
  const shownOnce = (target: Target, answer: Answer): Shown | undefined => {
    if (!cached || answer.kind === 'failed') return undefined;
    const names = namesOf(target, answer, reporter);
    return cached.of(answer, names, () => reportOf(target, answer, reporter));
  };
  try {
    for (const [index, target] of targets.entries()) {
      const answer = await files.ask(index, edits);
      if (isWriting) answers.push(answer);
      const known = shownOnce(target, answer);
      const report = known?.report ?? reportOf(target, answer, reporter);
      noteEdits(report, answer, edits);
      if (known) {
        progress.clear();
        if (known.stdout !== '') io.stdout.write(known.stdout);
        if (known.stderr !== '') io.stderr.write(known.stderr);
        reports.push(report);
      } else if (!isWriting) shown(report);
      progress.say(index + 1);
    }
    // What is written changes what the others are read from: nothing is until all are read.
    if (isWriting) {
      const written = new Map<string, string>();
      for (const [index, target] of targets.entries()) {
        const before = answers[index]!;
        const isAsWritten = isAsOf(before, written);
        const answer = isAsWritten ? before : await files.askAgain(index, written);
        shown(write(target, reportOf(target, answer, reporter), answer, written));
      }
    }
  } finally {
    progress.clear();
    await files.end();
  }
  return reports;
}

/** Under which a file is shown, and what else is told of it. */
function namesOf(
  target: Target,
  { input, ignore }: Extract<Answer, { kind: 'done' }>,
  { io, diffName, warningsOf }: Reporter,
): unknown[] {
  const names = (place: Target): unknown[] => [place.name, diffName(place)];
  const others = ignore && names({ path: ignore.place, name: nameOfFile(ignore.place, io.cwd) });
  return [names(target), others, warningsOf(input)];
}

/** Later files of the same build context see what this one does to its ignore file. */
function noteEdits({ result }: FileReport, answer: Answer, edits: Map<string, string>): void {
  if (answer.kind === 'failed' || !answer.ignore) return;
  for (const { after } of result?.files ?? []) edits.set(answer.ignore.place, after);
}

function write(
  { path }: Target,
  report: FileReport,
  answer: Answer,
  written: Map<string, string>,
): FileReport {
  if (answer.kind === 'failed' || report.failure !== undefined || !hasChanged(report))
    return report;
  const refused = writeFiles(path, report, answer, written);
  if (refused !== undefined) return { ...report, failure: refused };
  noteEdits(report, answer, written);
  return { ...report, written: true };
}

function reportOf(target: Target, answer: Answer, reporter: Reporter): FileReport {
  try {
    return madeReport(target, answer, reporter);
  } catch (error) {
    return failed(target, bugReport(error, false), reporter);
  }
}

function madeReport(target: Target, answer: Answer, reporter: Reporter): FileReport {
  const { io, diffName, warningsOf } = reporter;
  if (answer.kind === 'failed') {
    if (answer.trace !== undefined) io.stderr.write(`${answer.trace}\n`);
    return failed(target, answer.failure, reporter);
  }
  const { input, record, diagnostics, ignore } = answer;
  const { result, fixes } = resultOf(record, input, {
    path: ignore?.path ?? '',
    before: ignore?.before,
  });
  const others = (files: typeof result.files): FileReport['others'] =>
    files.map(({ before, after }) => {
      const place = { path: ignore!.place, name: nameOfFile(ignore!.place, io.cwd) };
      return { file: place.name, diffName: diffName(place), before, after };
    });
  const own = { file: target.name, diffName: diffName(target) };
  return {
    ...own,
    result: {
      ...result,
      diagnostics: [...result.diagnostics, ...diagnostics, ...warningsOf(input)],
    },
    others: others(result.files),
    written: false,
    ...(fixes && {
      fixes: new Map(
        [...fixes].map(([id, { output, files }]) => [
          id,
          [
            ...(output === input ? [] : [{ ...own, before: input, after: output }]),
            ...others(files),
          ],
        ]),
      ),
    }),
  };
}

function failed(target: Target, failure: string, { diffName }: Reporter): FileReport {
  return { file: target.name, diffName: diffName(target), others: [], failure, written: false };
}

function statusOf(reports: readonly FileReport[], request: Request): ExitCode {
  if (reports.some(hasErrors)) return EXIT.error;
  return request.check && reports.some(hasChanged) ? EXIT.difference : EXIT.ok;
}
